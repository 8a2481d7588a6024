//! `planted`: makes each mistake in turn, says in which night it is found, and then how many of how
//! many were.

use std::{
    io::{self, Write as _},
    panic,
};

use kiosk_words::planted::Bug;
use simulation::planted::nights_to_find;

fn main() -> io::Result<()> {
    // A broken invariant is what is wanted here, and is said below.
    panic::set_hook(Box::new(|_| {}));
    let mut out = io::stdout().lock();
    let mut n_found = 0;
    for bug in Bug::ALL {
        match nights_to_find(bug) {
            Some((n, what)) => {
                n_found += 1;
                writeln!(out, "{bug:?}: found in night {n}: {what}")?;
            }
            None => writeln!(out, "{bug:?}: not found")?,
        }
    }
    writeln!(out, "found {n_found} of {}", Bug::ALL.len())
}
