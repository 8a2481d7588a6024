//! What the screen costs, beside a window without a toolkit on the same Xvfb of 1080 x 1920:
//! `start_to_first_frame`, `resident_mib`, `idle_cpu_percent`, `page_change`, `key_press`.
//!
//! The bare window (`nightdesk-bare`) has its pages ready in the X server: nothing that draws can
//! be faster. Times run from the touch to the last pixel that changes.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
};

use anyhow::{Context as _, Result};
use nightdesk_e2e::{
    bare,
    clock::{Clock, Limit},
    house::{AtEnd, House, Places},
    picture::Area,
    x11::Display,
    xvfb::Xvfb,
};

use crate::{
    Row,
    disk::ms,
    median,
    seat::{Seat, TO_CARD, last_change},
};

/// Houses that are started one after the other: one sample of the start each.
const N_STARTS: usize = 3;
/// Visits from the sleeping screen to the filled form: one page change of each is timed.
const N_VISITS: usize = 7;
/// One ring for every digit of a licence number.
const KEYS: &str = "230200100017";
/// Long enough to see the clock change and every heartbeat of a minute.
const IDLE_MS: u64 = 60_000;
const FIRST_FRAME: Limit = Limit { name: "a first frame", ms: 30_000 };
const IDLE: Limit = Limit { name: "the end of the idle time", ms: IDLE_MS + 5_000 };
/// Looked at to see whether anything was drawn.
const MIDDLE: Area = Area { x: 500, y: 900, width: 80, height: 80 };

/// What one window costs.
#[derive(Debug, Default)]
struct Costs {
    start: Vec<f64>,
    resident_mib: f64,
    idle_percent: f64,
    page: Vec<f64>,
    key: Vec<f64>,
}

pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let log = tempfile::NamedTempFile::new()?;
    let clock = Clock::start();
    let bare = {
        let xvfb = Xvfb::start(log.path())?;
        bare_costs(&xvfb, &clock)?
    };
    let mut ours = Costs::default();
    for round in 0..N_STARTS {
        let xvfb = Xvfb::start(log.path())?;
        station_costs(&xvfb, &clock, round, &mut ours)?;
    }
    let what = "a window without a toolkit";
    let row = |name, ours: Vec<f64>, bare: Vec<f64>| {
        Row::new(name, median(ours), "ms", what, median(bare))
    };
    Ok(vec![
        row("start_to_first_frame", ours.start, bare.start),
        Row::new("resident_mib", ours.resident_mib, "MiB", what, bare.resident_mib),
        Row::new("idle_cpu_percent", ours.idle_percent, "%", what, bare.idle_percent),
        row("page_change", ours.page, bare.page),
        row("key_press", ours.key, bare.key),
    ])
}

fn station_costs(xvfb: &Xvfb, clock: &Clock, round: usize, costs: &mut Costs) -> Result<()> {
    let places = Places::beside_me()?;
    let display = Display::connect(xvfb.display())?;
    let house = House::start(&places, &[], xvfb.display(), clock, AtEnd::Remove)?;
    let pid = house.station().pid().context("the station runs")?;
    wait_for_pixels(&display, clock)?;
    costs.start.push(age_ms(pid)?);
    if round > 0 {
        return Ok(());
    }
    let mut seat = Seat::take(&house, &places, xvfb.display(), clock)?;
    seat.settle()?;
    for visit in 0..N_VISITS {
        seat.wake()?;
        costs.page.push(seat.timed_tap(TO_CARD[0])?);
        seat.tap_all(&TO_CARD[1..])?;
        seat.lay_card("wang_wei")?;
        if visit == 0 {
            for key in KEYS.chars() {
                costs.key.push(seat.timed_tap(&key.to_string())?);
            }
        }
        seat.lift_card()?;
        seat.leave()?;
    }
    costs.resident_mib = resident_mib(pid)?;
    costs.idle_percent = idle_percent(pid, clock)?;
    Ok(())
}

/// The bare window, ended when dropped.
struct Bare(Child);

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself, which a measurement notices.
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn bare_costs(xvfb: &Xvfb, clock: &Clock) -> Result<Costs> {
    let mut costs = Costs::default();
    for round in 0..N_STARTS {
        let display = Display::connect(xvfb.display())?;
        let program = Places::beside_me()?.bin_dir.join("nightdesk-bare");
        let child = Command::new(&program)
            .env("DISPLAY", xvfb.display())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let bare = Bare(child);
        wait_for_pixels(&display, clock)?;
        costs.start.push(age_ms(bare.0.id())?);
        if round + 1 < N_STARTS {
            continue;
        }
        let window = display.full_window()?.context("the bare window")?;
        let keys_y = u32::from(bare::KEYS_Y);
        for (y, times, n) in
            [(keys_y - 400, &mut costs.page, N_VISITS), (keys_y + 100, &mut costs.key, KEYS.len())]
        {
            for _ in 0..n {
                let watch = display.watch(window)?;
                watch.forget()?;
                let began = clock.us();
                display.tap(540, y)?;
                times.push(last_change(&watch, clock, began)?);
            }
        }
        costs.resident_mib = resident_mib(bare.0.id())?;
        costs.idle_percent = idle_percent(bare.0.id(), clock)?;
    }
    Ok(costs)
}

/// Returns when something that is not black stands in the middle of the screen.
pub(crate) fn wait_for_pixels(display: &Display, clock: &Clock) -> Result<()> {
    let end = clock.ms() + FIRST_FRAME.ms;
    // Looks without a rest: the pause of a polite wait is longer than what is measured.
    while display.full_window()?.is_none()
        || display.screenshot_of(MIDDLE)?.pixels().all(|pixel| pixel.0 == [0, 0, 0])
    {
        anyhow::ensure!(clock.ms() < end, "waited {} ms for {}", FIRST_FRAME.ms, FIRST_FRAME.name);
    }
    Ok(())
}

/// Milliseconds since a process was started, in steps of ten as the kernel counts them.
pub(crate) fn age_ms(pid: u32) -> Result<f64> {
    let uptime = fs::read_to_string("/proc/uptime")?;
    let now: f64 = uptime.split(' ').next().context("uptime")?.parse()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in the second field may hold spaces; what follows its bracket may not.
    let rest = stat.rsplit(')').next().context("stat of a process")?;
    let ticks: f64 = rest.split_whitespace().nth(19).context("start time")?.parse()?;
    // Never zero, so that a ratio can be made of it.
    Ok((now * 1_000.0 - ticks * 10.0).max(5.0))
}

fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.split_whitespace().nth(1).context("VmRSS")?.parse()?;
    Ok(kib / 1_024.0)
}

/// Processor time that all threads used while nobody touched the screen.
fn idle_percent(pid: u32, clock: &Clock) -> Result<f64> {
    let before = cpu_ms(pid)?;
    let began = clock.us();
    clock.until(IDLE, || Ok((ms(clock.us() - began) >= ms(IDLE_MS * 1_000)).then_some(())))?;
    Ok((cpu_ms(pid)? - before) * 100.0 / ms(clock.us() - began))
}

fn cpu_ms(pid: u32) -> Result<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the listing and the look.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let ns: f64 = text.split(' ').next().context("schedstat")?.parse()?;
        sum += ns / 1_000_000.0;
    }
    Ok(sum)
}
