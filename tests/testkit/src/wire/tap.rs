//! What a technician would see of the wire, as the pump keeps it.

use std::{collections::VecDeque, fmt};

use device_api::wire::{From, KEPT_MS, Line, N_LINES_MAX};
use device_drivers::wire::Shown;

pub(super) struct Tap {
    shown: Box<dyn Shown>,
    lines: VecDeque<(u64, From, String)>,
}

impl Tap {
    pub(super) fn new(shown: Box<dyn Shown>) -> Self {
        Self { shown, lines: VecDeque::new() }
    }

    pub(super) fn sent(&mut self, bytes: &[u8], now: u64) {
        let lines = self.shown.sent(bytes);
        self.keep(From::Station, lines, now);
    }

    pub(super) fn heard(&mut self, bytes: &[u8], now: u64) {
        let lines = self.shown.heard(bytes);
        self.keep(From::Device, lines, now);
    }

    fn keep(&mut self, from: From, lines: Vec<String>, now: u64) {
        self.lines.extend(lines.into_iter().map(|line| (now, from, line)));
        while self.lines.len() > N_LINES_MAX {
            self.lines.pop_front();
        }
    }

    pub(super) fn last_minute(&self, now: u64) -> Vec<Line> {
        let line = |(at, from, shown): &(u64, From, String)| Line {
            ago_ms: now.saturating_sub(*at),
            from: *from,
            shown: shown.clone(),
        };
        self.lines.iter().map(line).filter(|line| line.ago_ms <= KEPT_MS).collect()
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("n_lines", &self.lines.len()).finish_non_exhaustive()
    }
}
