//! `nights_per_minute`: how many simulated nights one core plays, on the model of the store, against
//! the same nights with the station's real store beside it.

use std::path::Path;

use anyhow::{Result, anyhow};
use nightdesk_e2e::clock::Clock;
use simulation::{Disk, play_on};

use crate::Row;

const FIRST_SEED: u64 = 0x6000;
const N_NIGHTS: u64 = 20;

pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let what = "the real store beside the model";
    let (model, real) = (nights_per_minute(Disk::Model)?, nights_per_minute(Disk::Real)?);
    Ok(vec![Row::new("nights_per_minute", model, "1/min", what, real)])
}

fn nights_per_minute(disk: Disk) -> Result<f64> {
    let clock = Clock::start();
    for n in 0..N_NIGHTS {
        play_on(disk, FIRST_SEED + n, false).map_err(|broken| anyhow!("{broken}"))?;
    }
    let us = clock.us();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    Ok(N_NIGHTS as f64 * 6e7 / us as f64)
}
