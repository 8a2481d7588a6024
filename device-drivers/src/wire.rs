//! What went over a wire within the last minute, for a technician.
//!
//! A driver shows its own frames: bytes that may belong to a person are replaced by their number
//! before anything is kept. Whatever a driver says nothing about is shown by its length alone, so
//! that a new one leaks nothing. Kept in memory only.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use device_api::wire::{From, KEPT_MS, Line, N_LINES_MAX};
use kiosk_words::Moment;

use crate::clock::Clock;

/// Turns the bytes of one wire into lines without what is personal. Bytes come in pieces as the
/// line gives them: whoever shows frames puts them together first.
pub trait Shown: Send + 'static {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String>;
    fn heard(&mut self, bytes: &[u8]) -> Vec<String>;
}

/// Nothing but lengths.
#[derive(Debug)]
pub struct Lengths;

impl Shown for Lengths {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hidden(bytes.len())]
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hidden(bytes.len())]
    }
}

/// A wire on which nothing of a person ever goes: every piece as it is.
#[derive(Debug)]
pub struct Plain;

impl Shown for Plain {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }
}

/// `10 04 02`
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let space = if text.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{space}{byte:02X}");
    }
    text
}

/// So many bytes that are not shown.
#[must_use]
pub fn hidden(n_bytes: usize) -> String {
    format!("·{n_bytes}·")
}

/// The lines of one device; clones are the same log.
#[derive(Debug, Clone)]
pub struct WireLog {
    lines: Arc<Mutex<VecDeque<(Moment, From, String)>>>,
    clock: Clock,
}

impl WireLog {
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { lines: Arc::default(), clock }
    }

    pub(crate) fn keep(&self, from: From, shown: Vec<String>) {
        let now = self.clock.now();
        let mut lines = self.lines();
        for line in shown {
            if lines.len() == N_LINES_MAX {
                lines.pop_front();
            }
            lines.push_back((now, from, line));
        }
    }

    /// The last minute, oldest first.
    #[must_use]
    pub fn last_minute(&self) -> Vec<Line> {
        let now = self.clock.now();
        let ago = |(at, from, shown): &(Moment, From, String)| Line {
            ago_ms: now.ms_since(*at),
            from: *from,
            shown: shown.clone(),
        };
        self.lines().iter().map(ago).filter(|line| line.ago_ms <= KEPT_MS).collect()
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<(Moment, From, String)>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_minute_is_kept_and_no_more_lines_than_fit() {
        let log = WireLog::new(Clock::start());
        log.keep(From::Station, vec![hex(&[0x10, 0x04])]);
        tokio::time::advance(std::time::Duration::from_millis(KEPT_MS)).await;
        log.keep(From::Device, vec![hidden(7)]);
        let shown = |log: &WireLog| -> Vec<(u64, String)> {
            log.last_minute().into_iter().map(|line| (line.ago_ms, line.shown)).collect()
        };
        assert_eq!(shown(&log), [(KEPT_MS, "10 04".to_owned()), (0, "·7·".to_owned())]);
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        assert_eq!(shown(&log), [(1, "·7·".to_owned())]);
        log.keep(From::Device, vec![String::new(); 2 * N_LINES_MAX]);
        assert_eq!(log.last_minute().len(), N_LINES_MAX);
    }
}
