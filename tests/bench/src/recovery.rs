//! `recovery_ms`: from `kill -9` of a station with a visitor in the middle of a form to the first
//! pixels of its next life, which say that somebody was interrupted. Beside it: the first start of
//! the same station, from its process to its first pixels.
//!
//! What lies between is the pause of the supervisor, a store whose log has to be read, and every
//! page of it checked. One kill per house: the third start within ten minutes is care mode.

use std::path::Path;

use anyhow::{Context as _, Result};
use nightdesk_e2e::{
    clock::{Clock, Limit},
    house::{AtEnd, House, Places},
    x11::Display,
    xvfb::Xvfb,
};

use crate::{
    Row,
    disk::ms,
    median,
    screen::{age_ms, wait_for_pixels},
    seat::{Seat, TO_CARD},
};

const N_HOUSES: usize = 5;
const GONE: Limit = Limit { name: "the end of a killed window", ms: 10_000 };

pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let (log, clock) = (tempfile::NamedTempFile::new()?, Clock::start());
    let (mut starts, mut recoveries) = (Vec::new(), Vec::new());
    for _ in 0..N_HOUSES {
        let xvfb = Xvfb::start(log.path())?;
        let (start, recovery) = one_house(xvfb.display(), &clock)?;
        starts.push(start);
        recoveries.push(recovery);
    }
    let what = "the first start of the same station";
    Ok(vec![Row::new("recovery_ms", median(recoveries), "ms", what, median(starts))])
}

fn one_house(screen: &str, clock: &Clock) -> Result<(f64, f64)> {
    let (places, display) = (Places::beside_me()?, Display::connect(screen)?);
    let house = House::start(&places, &[], screen, clock, AtEnd::Remove)?;
    let pid = house.station().pid().context("the station runs")?;
    wait_for_pixels(&display, clock)?;
    let start = age_ms(pid)?;
    let mut seat = Seat::take(&house, &places, screen, clock)?;
    seat.settle()?;
    seat.wake()?;
    seat.tap_all(&TO_CARD)?;
    seat.lay_card("wang_wei")?;
    let began = clock.us();
    house.kill_station();
    // The pause of the supervisor is longer than the look of a window that goes away.
    clock.until(GONE, || Ok(display.full_window()?.is_none().then_some(())))?;
    wait_for_pixels(&display, clock)?;
    let recovery = ms(clock.us() - began);
    seat.sees_next_life()?;
    Ok((start, recovery))
}
