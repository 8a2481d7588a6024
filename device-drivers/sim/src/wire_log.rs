//! The last frames that went over the wire of a twin.
//!
//! These are the twin's own bytes, of people who do not exist; no real device is heard here.
//! Bounded in frames and in the bytes kept of each. It knows no protocol: a frame ends when the
//! other side speaks or the line falls silent.

use std::{collections::VecDeque, fmt::Write as _};

use kiosk_words::Moment;
use serde::Serialize;

/// Enough for the last reading of a card beside the searches around it.
pub const N_FRAMES_MAX: usize = 40;
/// Bytes kept of a frame: what it is stands at its front.
pub const HEAD_LEN_MAX: usize = 64;
/// Longer than a twin pauses between two pieces of one answer, shorter than a host between two
/// questions.
const SILENCE_MS: u64 = 20;

/// Seen from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From the station.
    Heard,
    Said,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// Counted from 1 since the start of the twin. The newest may still grow.
    pub no: u64,
    /// Since the start of the twin.
    pub at_ms: u64,
    pub way: Way,
    pub n_bytes: u64,
    /// The first bytes, at most [`HEAD_LEN_MAX`].
    #[serde(rename = "hex", serialize_with = "as_hex")]
    pub head: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct WireLog {
    frames: VecDeque<Frame>,
    n_frames: u64,
    last: Moment,
}

impl WireLog {
    #[must_use]
    pub const fn new() -> Self {
        Self { frames: VecDeque::new(), n_frames: 0, last: Moment(0) }
    }

    pub fn note(&mut self, way: Way, bytes: &[u8], now: Moment) {
        if bytes.is_empty() {
            return;
        }
        let is_same = self.last.ms_until(now) < SILENCE_MS;
        self.last = now;
        let open = self.frames.back_mut().filter(|frame| is_same && frame.way == way);
        let Some(frame) = open else {
            self.n_frames += 1;
            if self.frames.len() == N_FRAMES_MAX {
                self.frames.pop_front();
            }
            let mut frame =
                Frame { no: self.n_frames, at_ms: now.0, way, n_bytes: 0, head: Vec::new() };
            frame.add(bytes);
            self.frames.push_back(frame);
            return;
        };
        frame.add(bytes);
    }

    /// Oldest first.
    #[must_use]
    pub fn frames(&self) -> Vec<Frame> {
        self.frames.iter().cloned().collect()
    }
}

impl Frame {
    fn add(&mut self, bytes: &[u8]) {
        self.n_bytes += bytes.len() as u64;
        let n_kept = bytes.len().min(HEAD_LEN_MAX - self.head.len());
        self.head.extend_from_slice(&bytes[..n_kept]);
    }
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    let mut hex = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        let gap = if hex.is_empty() { "" } else { " " };
        write!(hex, "{gap}{byte:02X}").map_err(serde::ser::Error::custom)?;
    }
    to.serialize_str(&hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_one_side_without_a_silence_are_one_frame() {
        let mut log = WireLog::new();
        log.note(Way::Heard, &[0xAA, 1], Moment(100));
        log.note(Way::Heard, &[], Moment(101));
        log.note(Way::Said, &[2], Moment(102));
        log.note(Way::Said, &[3], Moment(103));
        log.note(Way::Said, &[4], Moment(103 + SILENCE_MS));
        let frames = log.frames();
        let short: Vec<_> = frames.iter().map(|f| (f.no, f.at_ms, f.way, &f.head[..])).collect();
        assert_eq!(
            short,
            [
                (1, 100, Way::Heard, &[0xAA, 1][..]),
                (2, 102, Way::Said, &[2, 3][..]),
                (3, 123, Way::Said, &[4][..]),
            ]
        );
        let json = serde_json::to_value(&frames[0]).unwrap();
        assert_eq!((&json["hex"], &json["way"]), (&"AA 01".into(), &"heard".into()));
    }

    #[test]
    fn old_frames_go_and_long_ones_are_counted_and_cut() {
        let mut log = WireLog::new();
        for at in 1..=50 {
            log.note(Way::Heard, &[0; 100], Moment(at * 1_000));
        }
        let frames = log.frames();
        assert_eq!((frames.len(), frames[0].no), (N_FRAMES_MAX, 11));
        assert_eq!((frames[0].n_bytes, frames[0].head.len()), (100, HEAD_LEN_MAX));
    }
}
