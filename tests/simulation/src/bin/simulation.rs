//! `simulation --nights N --seed S [--real] [--trace]`: plays N nights, the first from seed S, the others
//! from the seeds after it, shows how far it is, and prints what happened. Ends with 1 if a night
//! broke an invariant; `--real` has the station's real store beside the model; each such night is named by the line that plays it again.

use std::{
    io::{self, IsTerminal as _, Write as _},
    panic,
    process::ExitCode,
    time::Instant,
};

use simulation::{Broken, Disk, Tally, play_on};

const WORDS: &str = "expected --nights N --seed S [--real] [--trace], N from 1, S as 17 or 0x11";
/// Broken nights that are told whole; of the others only the first line.
const TOLD_WHOLE: usize = 3;

#[derive(Debug)]
struct Asked {
    n_nights: u64,
    seed: u64,
    disk: Disk,
    trace: bool,
}

fn main() -> ExitCode {
    match asked(std::env::args().skip(1)) {
        Ok(asked) => run(&asked),
        Err(why) => {
            say(&format!("simulation: {why}; {WORDS}\n"));
            ExitCode::from(2)
        }
    }
}

fn asked(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let (mut n_nights, mut seed) = (None, None);
    let (mut disk, mut trace) = (Disk::Model, false);
    while let Some(word) = words.next() {
        let mut number = || words.next().as_deref().and_then(number_of);
        match word.as_str() {
            "--nights" => n_nights = number(),
            "--seed" => seed = number(),
            "--real" => disk = Disk::Real,
            "--trace" => trace = true,
            other => return Err(format!("got {other}")),
        }
    }
    let n_nights = n_nights.filter(|n| *n > 0).ok_or("--nights is missing or no number")?;
    let seed = seed.ok_or("--seed is missing or no number")?;
    Ok(Asked { n_nights, seed, disk, trace })
}

fn number_of(word: &str) -> Option<u64> {
    match word.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => word.parse().ok(),
    }
}

#[expect(clippy::disallowed_methods, reason = "how fast it is, for people; decides nothing")]
fn run(asked: &Asked) -> ExitCode {
    // A broken night is told below, once, with the line that plays it again.
    panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let (mut sum, mut broken) = (Tally::default(), Vec::new());
    for n in 0..asked.n_nights {
        match play_on(asked.disk, asked.seed.wrapping_add(n), asked.trace) {
            Ok(tally) => sum.add(&tally),
            Err(night) => broken.push(night),
        }
        bar(n + 1, asked.n_nights, broken.len(), began.elapsed().as_secs());
    }
    let wall_s = began.elapsed().as_secs_f64();
    // A closed output has nobody to tell.
    let _ = write!(io::stdout().lock(), "{}", sum.table(wall_s, broken.len()));
    tell(&broken);
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(broken: &[Broken]) {
    for (n, night) in broken.iter().enumerate() {
        if n < TOLD_WHOLE {
            say(&format!("\n{night}\n"));
        } else {
            say(&format!(
                "{} — again: {}\n",
                night.headline(),
                simulation::again(night.disk, night.seed)
            ));
        }
    }
}

/// One line that is written over; nothing where nobody looks.
fn bar(done: u64, all: u64, n_broken: usize, seconds: u64) {
    const WIDTH: u64 = 40;
    if !io::stderr().is_terminal() {
        return;
    }
    let filled = usize::try_from(done * WIDTH / all).unwrap_or(0);
    let empty = usize::try_from(WIDTH).unwrap_or(0) - filled;
    let end = if done == all { "\n" } else { "" };
    let (filled, empty) = ("█".repeat(filled), "░".repeat(empty));
    say(&format!("\r{filled}{empty} {done}/{all} nights, {n_broken} broken, {seconds} s {end}"));
}

fn say(text: &str) {
    // A closed output has nobody to tell.
    let _ = write!(io::stderr().lock(), "{text}");
}
