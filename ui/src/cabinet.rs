//! Where each door of the cabinet is drawn.
//!
//! A view names the doors in the order of their numbers and says how high each is. Cabinets are
//! numbered down one column after the other, and their columns are equally high; from that follows
//! where a column ends. A list that does not come out even is drawn all the same, with a shorter
//! last column.

use kiosk_core::view::{CellDot, CellMark};

use crate::generated as ui;

/// Height of a column, in units of the lowest door, that looks most like a cabinet.
const UNITS_AIM: i32 = 8;
/// In a higher column the doors are too low for their numbers.
const UNITS_MAX: i32 = 14;

#[derive(Debug, Default)]
pub(crate) struct Cabinet {
    pub(crate) cells: Vec<ui::CellItem>,
    pub(crate) columns: i32,
    /// Height of the highest column in units.
    pub(crate) rows: i32,
}

pub(crate) fn arrange(map: &[CellDot]) -> Cabinet {
    let heights: Vec<i32> = map.iter().map(|cell| i32::from(cell.tall.max(1))).collect();
    let tall = column_height(&heights);
    let mut cabinet = Cabinet::default();
    let (mut column, mut top) = (0, 0);
    for (cell, height) in map.iter().zip(heights) {
        if top > 0 && top + height > tall {
            column += 1;
            top = 0;
        }
        cabinet.cells.push(ui::CellItem {
            number: cell.number.as_str().into(),
            mark: mark(cell.mark),
            column,
            top,
            tall: height,
        });
        top += height;
        cabinet.columns = column + 1;
        cabinet.rows = cabinet.rows.max(top);
    }
    cabinet
}

/// The height at which all columns are full and that is nearest to the aim.
fn column_height(heights: &[i32]) -> i32 {
    let whole: i32 = heights.iter().sum();
    let even = (1..=UNITS_MAX).filter(|tall| fills(heights, *tall));
    even.min_by_key(|tall| (tall - UNITS_AIM).abs()).unwrap_or_else(|| {
        let columns = (whole + UNITS_AIM - 1) / UNITS_AIM;
        (whole + columns - 1) / columns.max(1)
    })
}

/// Whether columns of that height are full to the last.
fn fills(heights: &[i32], tall: i32) -> bool {
    let left = heights.iter().try_fold(0, |top, height| match top + height {
        sum if sum == tall => Some(0),
        sum if sum < tall => Some(sum),
        _ => None,
    });
    left == Some(0)
}

fn mark(mark: CellMark) -> ui::CellMark {
    match mark {
        CellMark::This => ui::CellMark::Here,
        CellMark::Other => ui::CellMark::Other,
        CellMark::Used => ui::CellMark::Used,
        CellMark::ClosedOff => ui::CellMark::ClosedOff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(heights: &[u8]) -> Cabinet {
        let dots: Vec<CellDot> = (1..)
            .zip(heights)
            .map(|(number, tall): (u16, _)| CellDot {
                number: format!("{number:02}"),
                mark: CellMark::Other,
                tall: *tall,
            })
            .collect();
        arrange(&dots)
    }

    #[test]
    fn equal_doors_stand_in_equal_columns() {
        let cabinet = drawn(&[1; 24]);
        assert_eq!((cabinet.columns, cabinet.rows), (3, 8));
        let ninth = &cabinet.cells[8];
        assert_eq!((ninth.column, ninth.top), (1, 0));
    }

    #[test]
    fn high_doors_end_a_column_where_the_sum_comes_out_even() {
        let cabinet = drawn(&[1, 1, 1, 1, 2, 3, 1, 1, 1, 1, 2, 3]);
        assert_eq!((cabinet.columns, cabinet.rows), (2, 9));
        assert_eq!((cabinet.cells[5].top, cabinet.cells[6].column), (6, 1));
    }

    #[test]
    fn no_door_is_lost_and_none_overlaps_another_whatever_the_cabinet() {
        for n in 0..60_u8 {
            let heights: Vec<u8> = (0..n).map(|at| 1 + at % 5 * 2 % 3).collect();
            let cabinet = drawn(&heights);
            assert_eq!(cabinet.cells.len(), usize::from(n));
            for pair in cabinet.cells.windows(2) {
                let below =
                    pair[1].column == pair[0].column && pair[1].top == pair[0].top + pair[0].tall;
                let beside = pair[1].column == pair[0].column + 1 && pair[1].top == 0;
                assert!(below || beside, "{pair:?}");
            }
            assert!(cabinet.cells.iter().all(|cell| cell.top + cell.tall <= cabinet.rows));
        }
    }

    #[test]
    fn a_cabinet_without_doors_is_no_cabinet() {
        let cabinet = drawn(&[]);
        assert_eq!((cabinet.cells.len(), cabinet.columns, cabinet.rows), (0, 0, 0));
    }
}
