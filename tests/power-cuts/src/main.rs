//! `power-cuts --store station|hall|bare-plain|bare-cipher --cuts N --seed S`: cuts, prints the sum,
//! and for the first thing found the line that repeats it. Ends with 1 if anything was found.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use clap::Parser;
use power_cuts::{CUTS_PER_DISK, Tally, Which, disk::Flush, run};

/// Cuts the power under the real stores and looks whether what they acknowledged is there.
#[derive(Debug, Parser)]
struct Arguments {
    /// Whose store.
    #[arg(long)]
    store: Which,
    /// How many cuts; every 25 a new disk with the next seed.
    #[arg(long, default_value_t = 1_000)]
    cuts: u64,
    /// Seed of the first disk.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The disk answers every flush and keeps nothing.
    #[arg(long)]
    lying: bool,
}

fn main() -> ExitCode {
    match cut(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // A closed stderr leaves nobody to tell.
            let _ = writeln!(io::stderr().lock(), "power-cuts: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn cut(given: &Arguments) -> Result<ExitCode> {
    let flush = if given.lying { Flush::Lying } else { Flush::Honest };
    let (tally, took) = timed(|| run(given.store, flush, given.seed, given.cuts))?;
    let mut out = io::stdout().lock();
    write!(out, "{tally}")?;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = tally.n_cuts as f64 / took.as_secs_f64();
    writeln!(out, "{:34} {rate:>10.0}", "cuts per second")?;
    Ok(match again(given, &tally) {
        None => ExitCode::SUCCESS,
        Some(line) => {
            writeln!(out, "\n{line}")?;
            ExitCode::FAILURE
        }
    })
}

/// The line that repeats the first finding.
fn again(given: &Arguments, tally: &Tally) -> Option<String> {
    let first = tally.first.as_ref()?;
    let lying = if given.lying { " --lying" } else { "" };
    Some(format!(
        "after cut {} of the disk with seed {}: {}\nagain: cargo run -p power-cuts -- --store {} \
         --seed {} --cuts {CUTS_PER_DISK}{lying}",
        first.cut,
        first.seed,
        first.found,
        given.store.word(),
        first.seed,
    ))
}

#[expect(clippy::disallowed_methods, reason = "a rate is printed; nothing is decided by it")]
fn timed<T>(run: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let before = std::time::Instant::now();
    let value = run()?;
    Ok((value, before.elapsed()))
}
