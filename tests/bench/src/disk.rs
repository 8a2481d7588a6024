//! The limit of everything that promises to be durable: one small append and one fdatasync.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use nightdesk_e2e::clock::Clock;

use crate::median;

/// One page of a database.
const APPEND_BYTES: usize = 4_096;
const N_SYNCS: usize = 200;

/// Milliseconds of one append with fdatasync on the disk that holds this folder.
pub fn fdatasync_ms(folder: &Path) -> Result<f64> {
    let clock = Clock::start();
    let path = folder.join("fdatasync");
    let mut file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("a file in {}", folder.display()))?;
    let page = [0x5a; APPEND_BYTES];
    let mut samples = Vec::with_capacity(N_SYNCS);
    for _ in 0..N_SYNCS {
        let before = clock.us();
        file.write_all(&page)?;
        file.sync_data()?;
        samples.push(ms(clock.us() - before));
    }
    std::fs::remove_file(path)?;
    Ok(median(samples))
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a bench does not run for 285 years")]
pub fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}
