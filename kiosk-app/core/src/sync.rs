//! When to send what to the hall: the outbox's patience, not its bytes.
//!
//! ```text
//!            pending and link up            answered
//!  Resting ─────────────────────► InFlight ─────────► Resting (next at once)
//!     ▲                              │ failed
//!     │      backoff over            ▼
//!     └─────────────────────────── Waiting
//! ```
//! Records go first, scans after: bandwidth is the limit. One request is in flight at most; its
//! bytes are in the store, so the same bytes go again after any doubt (R12).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kiosk_words::{CaseId, Moment, Seq};

use crate::{
    effect::Outgoing,
    event::{Delivery, SendError},
};

/// First pause after a failure; doubles up to the maximum.
const BACKOFF_MS: u64 = 1_000;
/// A hall that is down all night is asked once a minute: 10,000 stations are 167 requests a second.
const BACKOFF_MS_MAX: u64 = 60_000;
/// A hall older than this station will not change within minutes.
const TOO_OLD_MS: u64 = 600_000;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Resting,
    InFlight(Outgoing),
    Waiting { until: Moment },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    phase: Phase,
    link_up: bool,
    failures: u32,
    /// Events without an answer, by seq.
    events: BTreeMap<Seq, CaseId>,
    /// Cases with scans to deliver, oldest first.
    scans: VecDeque<CaseId>,
    /// Cases the hall keeps aside for a person: their pages travel, but they are not received yet.
    held: BTreeSet<CaseId>,
}

impl Sync {
    pub fn new(events: &[(Seq, CaseId)], scans: &[CaseId], held: &[CaseId]) -> Self {
        Self {
            phase: Phase::Resting,
            link_up: false,
            failures: 0,
            events: events.iter().copied().collect(),
            scans: scans.iter().copied().collect(),
            held: held.iter().copied().collect(),
        }
    }

    pub const fn is_online(&self) -> bool {
        self.link_up
    }

    /// Cases of which the hall does not have everything yet.
    pub fn n_undelivered(&self) -> usize {
        let mut cases: Vec<CaseId> = self.events.values().chain(&self.scans).copied().collect();
        cases.sort_unstable();
        cases.dedup();
        cases.len()
    }

    pub fn filed(&mut self, seq: Seq, case: CaseId, n_scans: usize) {
        self.events.insert(seq, case);
        if n_scans > 0 {
            self.scans.push_back(case);
        }
    }

    pub fn link(&mut self, up: bool) {
        let came_up = up && !self.link_up;
        self.link_up = up;
        if came_up && matches!(self.phase, Phase::Waiting { .. }) {
            self.failures = 0;
            self.phase = Phase::Resting;
        }
    }

    /// What to send now, if anything; the caller sends it and reports back exactly once.
    pub fn next(&mut self, now: Moment) -> Option<Outgoing> {
        if let Phase::Waiting { until } = self.phase {
            if now < until {
                return None;
            }
            self.phase = Phase::Resting;
        }
        if self.phase != Phase::Resting || !self.link_up {
            return None;
        }
        let what = match (self.events.keys().next(), self.scans.front()) {
            (Some(first), _) => Outgoing::Events { after: Seq(first.0.saturating_sub(1)) },
            (None, Some(case)) => Outgoing::Scans { case: *case },
            (None, None) => return None,
        };
        self.phase = Phase::InFlight(what);
        Some(what)
    }

    /// Takes the hall's answers; returns what they mean case by case. An answer that settles
    /// nothing is no better than none: the same bytes go again, after a pause.
    pub fn answered(
        &mut self,
        answers: &[(Seq, Delivery)],
        now: Moment,
    ) -> Vec<(CaseId, Delivery)> {
        assert!(matches!(self.phase, Phase::InFlight(_)), "an answer without a request");
        let mut seen = Vec::new();
        for (seq, delivery) in answers {
            let Some(case) = self.events.remove(seq) else { continue };
            if matches!(delivery, Delivery::Held { .. }) {
                self.held.insert(case);
            }
            seen.push((case, delivery.clone()));
        }
        if seen.is_empty() {
            let pause = self.next_pause();
            self.phase = Phase::Waiting { until: now.plus_ms(pause) };
        } else {
            self.settle();
        }
        seen
    }

    pub fn scans_delivered(&mut self, case: CaseId) {
        self.settle();
        self.scans.retain(|waiting| *waiting != case);
    }

    /// The hall holds the record and every page of it.
    pub fn is_complete(&self, case: CaseId) -> bool {
        let waits = self.scans.contains(&case) || self.held.contains(&case);
        !waits && !self.events.values().any(|waiting| *waiting == case)
    }

    fn settle(&mut self) {
        assert!(matches!(self.phase, Phase::InFlight(_)), "an answer without a request");
        self.failures = 0;
        self.phase = Phase::Resting;
    }

    fn next_pause(&mut self) -> u64 {
        let pause = BACKOFF_MS << self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        pause.min(BACKOFF_MS_MAX)
    }

    pub fn failed(&mut self, why: &SendError, now: Moment) {
        let Phase::InFlight(what) = self.phase else { unreachable!("a failure without a request") };
        let pause = match why {
            SendError::Unreachable => self.next_pause(),
            SendError::Later { after_ms } => *after_ms,
            SendError::HallTooOld => TOO_OLD_MS,
            SendError::Empty => {
                self.forget(what);
                0
            }
        };
        // A case whose scans fail lets the next one go first.
        if let (Outgoing::Scans { case }, true) = (what, self.scans.len() > 1) {
            self.scans.retain(|waiting| *waiting != case);
            self.scans.push_back(case);
        }
        self.phase = Phase::Waiting { until: now.plus_ms(pause) };
    }

    /// The store has nothing under this name: what the core remembered was settled before.
    fn forget(&mut self, what: Outgoing) {
        match what {
            Outgoing::Events { .. } => self.events.clear(),
            Outgoing::Scans { case } => self.scans.retain(|waiting| *waiting != case),
        }
    }

    pub const fn deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Resting | Phase::InFlight(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(n: u8) -> CaseId {
        CaseId::new(u64::from(n), [n; 10])
    }

    fn online(events: &[(Seq, CaseId)], scans: &[CaseId]) -> Sync {
        let mut sync = Sync::new(events, scans, &[]);
        sync.link(true);
        sync
    }

    #[test]
    fn nothing_is_sent_while_the_link_is_down() {
        let mut sync = Sync::new(&[(Seq(1), case(1))], &[], &[]);
        assert_eq!(sync.next(Moment(0)), None);
        sync.link(true);
        assert_eq!(sync.next(Moment(0)), Some(Outgoing::Events { after: Seq(0) }));
        assert_eq!(sync.next(Moment(0)), None, "one request at a time");
    }

    #[test]
    fn records_go_before_scans() {
        let mut sync = online(&[(Seq(4), case(1))], &[case(1)]);
        assert_eq!(sync.next(Moment(0)), Some(Outgoing::Events { after: Seq(3) }));
        sync.answered(&[(Seq(4), Delivery::Accepted)], Moment(0));
        assert_eq!(sync.next(Moment(0)), Some(Outgoing::Scans { case: case(1) }));
        sync.scans_delivered(case(1));
        assert_eq!(sync.next(Moment(0)), None);
        assert_eq!(sync.n_undelivered(), 0);
    }

    #[test]
    fn a_failure_backs_off_with_a_limit_and_a_new_link_tries_at_once() {
        let mut sync = online(&[(Seq(1), case(1))], &[]);
        let mut now = Moment(0);
        for expected in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            assert!(sync.next(now).is_some());
            sync.failed(&SendError::Unreachable, now);
            let until = sync.deadline().unwrap();
            assert_eq!(now.ms_until(until), expected);
            assert_eq!(sync.next(Moment(until.0 - 1)), None);
            now = until;
        }
        sync.next(now);
        sync.failed(&SendError::Unreachable, now);
        sync.link(false);
        sync.link(true);
        assert!(sync.next(now).is_some());
    }

    #[test]
    fn a_held_event_does_not_block_the_next() {
        let mut sync = online(&[(Seq(1), case(1)), (Seq(2), case(2))], &[]);
        sync.next(Moment(0));
        let held = Delivery::Held { code: "other_body".into() };
        let seen =
            sync.answered(&[(Seq(1), held.clone()), (Seq(2), Delivery::Accepted)], Moment(0));
        assert_eq!(seen, [(case(1), held), (case(2), Delivery::Accepted)]);
        assert_eq!(sync.next(Moment(0)), None);
    }

    #[test]
    fn an_answer_about_nothing_is_not_asked_for_at_once_again() {
        let mut sync = online(&[(Seq(1), case(1))], &[]);
        assert!(sync.next(Moment(0)).is_some());
        assert_eq!(sync.answered(&[(Seq(9), Delivery::Accepted)], Moment(0)), []);
        assert_eq!(sync.next(Moment(0)), None);
        assert_eq!(sync.deadline(), Some(Moment(BACKOFF_MS)));
        assert_eq!(sync.next(Moment(BACKOFF_MS)), Some(Outgoing::Events { after: Seq(0) }));
    }
}
