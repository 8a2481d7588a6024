//! What Nightdesk costs, beside the limit of the machine it runs on, both from one run.
//!
//! A row compares our time (or memory) with the least that could do the same job here: the same
//! bytes on the same wire, one fdatasync, a window without a toolkit. `ratio` is ours divided by
//! the limit; lower is better, unless the name says `accepts` or `per_second`.
//! Names of rows stay for ever, so that figures of years can be put side by side.
//!
//! Each module measures one part and returns its rows; nothing here judges a figure.

pub mod accepts;
pub mod chip_cards;
pub mod custody;
pub mod disk;
pub mod forms;
pub mod id_reader;
pub mod idle;
pub mod locker;
pub mod nights;
pub mod planted;
pub mod power_cuts;
pub mod receipt;
pub mod recovery;
pub mod screen;
pub mod seat;
pub mod specimen;
mod store;
pub mod submit;

use std::fmt::Write as _;

use serde::Serialize;

/// One figure beside its limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub name: &'static str,
    /// Ours, in `unit`.
    pub value: f64,
    pub unit: &'static str,
    /// What the limit is, with its own figure: `one fdatasync of 4 KiB, 1.9 ms`.
    pub against: String,
    /// Ours divided by the limit.
    pub ratio: f64,
}

impl Row {
    /// `limit` is in the same unit as `value`; `what` names it without the figure.
    pub fn new(name: &'static str, value: f64, unit: &'static str, what: &str, limit: f64) -> Self {
        let against = format!("{what}, {} {unit}", figure(limit));
        Self { name, value, unit, against, ratio: value / limit }
    }
}

/// The middle one of the samples; half of them are not worse.
///
/// # Panics
/// If there are none.
pub fn median(mut samples: Vec<f64>) -> f64 {
    assert!(!samples.is_empty(), "a median of nothing was asked for");
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// The rows as a table for people.
pub fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        writeln!(
            text,
            "{:width$}  {:>10} {:<8}  ratio {:>8}  against {}",
            row.name,
            figure(row.value),
            row.unit,
            figure(row.ratio),
            row.against,
        )
        .expect("a String takes every write");
    }
    text
}

/// Three digits that matter.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_ours_over_the_limit() {
        let row = Row::new("submit_over_fdatasync", 6.0, "ms", "one fdatasync", 2.0);
        assert_eq!((row.ratio, row.against.as_str()), (3.0, "one fdatasync, 2.00 ms"));
    }

    #[test]
    fn one_slow_sample_does_not_move_the_median() {
        assert_eq!(median(vec![1.0, 900.0, 2.0]), 2.0);
    }

    #[test]
    fn the_table_has_one_line_for_each_row() {
        let rows = [Row::new("a", 1.0, "ms", "b", 2.0), Row::new("c", 0.001, "ms", "d", 100.0)];
        assert_eq!(table(&rows).lines().count(), 2);
    }
}
