//! The locker of `machine.toml`: boards, cells, and whether they fit together.
//!
//! What a cabinet can be is the locker's own knowledge ([`Cabinet`]); this says which line of the
//! file is at fault.

use std::path::PathBuf;

use device_api::locker::DoorNo;
use kiosk_core::custody::CellPlan;
use kiosk_words::CellSize;
use locker_controller::{BAUD, BadCabinet, BoardProfile, ByteOrder, Cabinet, Polarity};
use serde::Deserialize;
use toml::Spanned;

use super::{Baud, Misfit};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locker {
    pub port: PathBuf,
    #[serde(default = "rate_of_boards")]
    pub baud: Baud,
    /// Cells that stay free for results, however many people bring originals.
    kept_for_results: Spanned<usize>,
    boards: Spanned<Vec<Spanned<Board>>>,
    cells: Spanned<Vec<Spanned<Cell>>>,
}

const fn rate_of_boards() -> Baud {
    Baud(BAUD)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Board {
    address: u8,
    channels: u8,
    polarity: Contact,
    byte_order: Order,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    number: CellNo,
    /// Address of its board.
    board: u8,
    lock: u8,
    size: Size,
}

/// As it stands on the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
struct CellNo(DoorNo);

impl TryFrom<u16> for CellNo {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        let door = DoorNo::new(number);
        door.map(Self).ok_or_else(|| format!("expected a cell number from 1, got {number}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Contact {
    ShortWhenLocked,
    ShortWhenOpen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    HighFirst,
    LowFirst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Size {
    A4,
    A4Thick,
    A3,
}

impl Locker {
    /// What the driver is told. The file was checked when it was read.
    pub fn cabinet(&self) -> Cabinet {
        self.fits().expect("a locker that does not fit together is refused with its file")
    }

    /// What custody is told.
    pub fn plan(&self) -> Vec<CellPlan> {
        let plan = |cell: &Spanned<Cell>| {
            let Cell { number, size, .. } = cell.get_ref();
            CellPlan { door: number.0, size: (*size).into() }
        };
        self.cells.get_ref().iter().map(plan).collect()
    }

    pub fn kept_for_results(&self) -> usize {
        *self.kept_for_results.get_ref()
    }

    /// Board by board and cell by cell, so that the first one that does not fit is known.
    pub(super) fn fits(&self) -> Result<Cabinet, Misfit> {
        let mut boards = Vec::new();
        for board in self.boards.get_ref() {
            let misfit = |bad| Misfit::of(bad, board.span().start);
            boards.push(BoardProfile::try_from(board.get_ref()).map_err(misfit)?);
            Cabinet::in_order(boards.clone()).map_err(misfit)?;
        }
        let mut doors = Vec::new();
        for cell in self.cells.get_ref() {
            let Cell { number, board, lock, .. } = cell.get_ref();
            doors.push((number.0, *board, *lock));
            if let Err(bad) = Cabinet::new(boards.clone(), &doors)
                && bad != BadCabinet::NoBoard
            {
                return Err(Misfit::of(bad, cell.span().start));
            }
        }
        let table = if boards.is_empty() { self.boards.span() } else { self.cells.span() };
        let cabinet = Cabinet::new(boards, &doors).map_err(|bad| Misfit::of(bad, table.start))?;
        let (n_kept, n_cells) = (self.kept_for_results(), doors.len());
        if n_kept > n_cells {
            return Err(Misfit {
                at: self.kept_for_results.span().start,
                field: "locker.kept_for_results",
                expected: format!(
                    "expected at most the {n_cells} cells of the cabinet, got {n_kept}"
                ),
            });
        }
        Ok(cabinet)
    }
}

impl Misfit {
    fn of(bad: BadCabinet, at: usize) -> Self {
        let field = match bad {
            BadCabinet::Address { .. } | BadCabinet::AddressTwice { .. } => "locker.boards.address",
            BadCabinet::Channels { .. } => "locker.boards.channels",
            BadCabinet::NoBoard => "locker.boards",
            BadCabinet::NoDoor => "locker.cells",
            BadCabinet::DoorTwice { .. } => "locker.cells.number",
            BadCabinet::NoSuchBoard { .. } => "locker.cells.board",
            BadCabinet::NoSuchLock { .. } | BadCabinet::LockTwice { .. } => "locker.cells.lock",
        };
        Self { at, field, expected: format!("expected that {bad}") }
    }
}

impl TryFrom<&Board> for BoardProfile {
    type Error = BadCabinet;

    fn try_from(board: &Board) -> Result<Self, BadCabinet> {
        let polarity = match board.polarity {
            Contact::ShortWhenLocked => Polarity::ShortWhenLocked,
            Contact::ShortWhenOpen => Polarity::ShortWhenOpen,
        };
        let byte_order = match board.byte_order {
            Order::HighFirst => ByteOrder::HighFirst,
            Order::LowFirst => ByteOrder::LowFirst,
        };
        Self::new(board.address, board.channels, polarity, byte_order)
    }
}

impl From<Size> for CellSize {
    fn from(size: Size) -> Self {
        match size {
            Size::A4 => Self::A4,
            Size::A4Thick => Self::A4Thick,
            Size::A3 => Self::A3,
        }
    }
}
