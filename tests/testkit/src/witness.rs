//! What was seen so far, for the invariants that speak of the past.

use std::collections::{BTreeSet, VecDeque};

use device_api::locker::DoorNo;
use kiosk_core::view::View;
use kiosk_words::CaseId;

/// Lines of the story kept for a failing test.
const STORY_LINES_MAX: usize = 60;
/// Views kept for a finger that is late.
const VIEWS_MAX: usize = 12;

#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    /// 14 digits of every receipt that was on the glass.
    pub(crate) receipts_shown: BTreeSet<String>,
    /// What must never be in a log or on a sleeping screen.
    pub(crate) canaries: Vec<String>,
    /// World time of the last touch, or since when the page waits for a person again.
    pub(crate) patience_since_ms: u64,
    /// Doors of the authorisations on the disk, and doors that were asked, each in order.
    pub(crate) authorised: Vec<DoorNo>,
    pub(crate) asked: Vec<DoorNo>,
    /// Cases of which the station has heard that they are frozen.
    pub(crate) frozen: BTreeSet<CaseId>,
    views: VecDeque<View>,
    story: VecDeque<String>,
}

impl Witness {
    pub(crate) fn add_canary(&mut self, text: &str) {
        if text.chars().count() >= 2 && !self.canaries.iter().any(|known| known == text) {
            self.canaries.push(text.to_owned());
        }
    }

    pub(crate) fn saw(&mut self, view: &View) {
        if self.views.len() == VIEWS_MAX {
            self.views.pop_front();
        }
        self.views.push_back(view.clone());
    }

    /// Views from the newest to the oldest.
    pub(crate) fn views(&self) -> impl Iterator<Item = &View> {
        self.views.iter().rev()
    }

    pub(crate) fn note(&mut self, ms: u64, line: &str) {
        if self.story.len() == STORY_LINES_MAX {
            self.story.pop_front();
        }
        let short: String = line.chars().take(180).collect();
        self.story.push_back(format!("{ms:>9} {short}"));
    }

    pub(crate) fn story(&self) -> String {
        self.story.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
