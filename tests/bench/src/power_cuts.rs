//! `sqlite_cuts_per_second`: how many power cuts the test of the stores goes through in a second.
//!
//! One cut is a life: the real store opens, everything acknowledged is looked for, it works, and
//! the power goes. Plain SQLite is the hall's store, SQLCipher the station's; on one thread, as one
//! disk is one run.
//!
//! The limit is the same with two tables instead of a product, on the same SQLite, disk and seeds,
//! in the same run: what a row says is how much of the time the products' own work takes.

use std::path::Path;

use anyhow::{Result, ensure};
use nightdesk_e2e::clock::Clock;
use power_cuts::{Which, disk::Flush, run};

use crate::Row;

const SEED: u64 = 1;
const N_CUTS: u64 = 500;

pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let pairs = [
        ("sqlite_cuts_per_second_plain", Which::Hall, Which::BarePlain),
        ("sqlite_cuts_per_second_sqlcipher", Which::Station, Which::BareCipher),
    ];
    pairs
        .into_iter()
        .map(|(name, ours, bare)| {
            let what = "two tables and no product";
            Ok(Row::new(name, cuts_per_second(ours)?, "1/s", what, cuts_per_second(bare)?))
        })
        .collect()
}

fn cuts_per_second(which: Which) -> Result<f64> {
    let clock = Clock::start();
    let tally = run(which, Flush::Honest, SEED, N_CUTS)?;
    let us = clock.us();
    ensure!(tally.n_found() == 0, "{} lost something:\n{tally}", which.word());
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    Ok(tally.n_cuts as f64 * 1e6 / us as f64)
}
