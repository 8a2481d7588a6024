//! `id_read_over_wire`: how much longer a person waits than the bytes of their card take on the wire.
//!
//! The whole station on Xvfb, with the twin on a real pty at 115200: from the card that is laid
//! down to the last pixel of the form with its fields. The wait for the next search is taken off,
//! because the module demands the interval. The limit is the bare time on the wire of all bytes
//! that went over it meanwhile, both directions, ten bits each.

//!
//! [`fingerprint`] has the longest read of the card, without a screen.

mod fingerprint;

use std::path::Path;

use anyhow::Result;
use device_drivers::id_reader::Baud;
use nightdesk_e2e::{
    clock::Clock,
    house::{AtEnd, House, Places},
    xvfb::Xvfb,
};

use crate::{
    Row,
    disk::ms,
    median,
    seat::{Seat, TO_CARD},
};

const N_READS: usize = 9;
const RATE: Baud = Baud::B115200;
/// A start bit, eight of data, a stop bit.
const BITS_PER_BYTE: u64 = 10;

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let log = tempfile::NamedTempFile::new()?;
    let clock = Clock::start();
    let xvfb = Xvfb::start(log.path())?;
    let places = Places::beside_me()?;
    let house = House::start(&places, &[], xvfb.display(), &clock, AtEnd::Remove)?;
    let mut seat = Seat::take(&house, &places, xvfb.display(), &clock)?;
    seat.settle()?;
    let (mut took_ms, mut wire_ms) = (Vec::new(), Vec::new());
    for _ in 0..N_READS {
        seat.wake()?;
        seat.tap_all(&TO_CARD)?;
        let read = seat.timed_card("wang_wei")?;
        took_ms.push(read.took_ms - ms(read.waited_ms * 1_000));
        wire_ms.push(ms(read.n_bytes * BITS_PER_BYTE * 1_000_000 / u64::from(RATE.rate())));
        seat.lift_card()?;
        seat.leave()?;
    }
    let what = "the bare wire time of the bytes at 115200";
    Ok(vec![
        Row::new("id_read_over_wire", median(took_ms), "ms", what, median(wire_ms)),
        fingerprint::row(folder)?,
    ])
}
