//! What happened in a night, and the sum over many.

use std::{collections::BTreeMap, fmt::Write as _};

use kiosk_words::Handling;
use testkit::World;

use crate::fault::Fault;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub n_nights: u64,
    pub n_virtual_ms: u64,
    pub n_steps: u64,
    pub n_visits: u64,
    pub n_filed: u64,
    pub n_at_hall: u64,
    pub n_deposited: u64,
    pub n_collected: u64,
    pub n_openings: u64,
    pub n_slips: u64,
    pub faults: BTreeMap<Fault, u64>,
}

impl Tally {
    pub(crate) fn count(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// What a world holds in the morning.
    pub(crate) fn read(&mut self, world: &World) {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.n_nights += 1;
        self.n_virtual_ms += world.now_ms();
        self.n_steps += world.n_station_steps();
        let cases = || world.store.cases().map(|case| &case.state);
        let is_collected = |handling: &Handling| matches!(handling, Handling::Collected { .. });
        let handlings = || cases().map(|state| &state.handling);
        self.n_filed += count(cases().count());
        self.n_collected += count(handlings().filter(|h| is_collected(h)).count());
        self.n_at_hall += count(world.hall.accepted().len());
        self.n_deposited += count(world.n_deposited());
        self.n_openings += count(world.n_openings());
        self.n_slips += count(world.store.prints().len());
    }

    pub fn add(&mut self, other: &Self) {
        self.n_nights += other.n_nights;
        self.n_virtual_ms += other.n_virtual_ms;
        self.n_steps += other.n_steps;
        self.n_visits += other.n_visits;
        self.n_filed += other.n_filed;
        self.n_at_hall += other.n_at_hall;
        self.n_deposited += other.n_deposited;
        self.n_collected += other.n_collected;
        self.n_openings += other.n_openings;
        self.n_slips += other.n_slips;
        for (fault, n) in &other.faults {
            *self.faults.entry(*fault).or_default() += n;
        }
    }

    pub fn n_faults(&self) -> u64 {
        self.faults.values().sum()
    }

    /// As `make nights` prints it after `wall_s` seconds with so many broken nights.
    pub fn table(&self, wall_s: f64, n_broken: usize) -> String {
        let mut text = String::new();
        let mut row = |name: &str, value: String| {
            let _infallible = writeln!(text, "{name:<32} {value:>14}");
        };
        // Counts stay below 2^52 for any run that ends.
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let hours = self.n_virtual_ms as f64 / 3_600_000.0;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let per_minute = self.n_nights as f64 * 60.0 / wall_s;
        row("nights", self.n_nights.to_string());
        row("nights per minute", format!("{per_minute:.0}"));
        row("hours simulated", format!("{hours:.0}"));
        row("hours simulated per second", format!("{:.1}", hours / wall_s));
        row("steps of the station", self.n_steps.to_string());
        row("visits", self.n_visits.to_string());
        row("cases filed", self.n_filed.to_string());
        row("cases at the hall", self.n_at_hall.to_string());
        row("originals put into a cell", self.n_deposited.to_string());
        row("results collected", self.n_collected.to_string());
        row("doors opened", self.n_openings.to_string());
        row("slips printed", self.n_slips.to_string());
        row("faults", self.n_faults().to_string());
        for (fault, n) in &self.faults {
            row(&format!("  {}", fault.name()), n.to_string());
        }
        row("violations", n_broken.to_string());
        text
    }
}
