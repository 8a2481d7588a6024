//! What was seen so far, for the invariants that speak of the past.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::Write as _,
};

use device_api::locker::DoorNo;
use kiosk_core::view::View;
use kiosk_words::CaseId;

use crate::canary::Net;

/// Lines of the story kept for a failing test.
const STORY_LINES_MAX: usize = 60;
/// Views kept for a finger that is late.
const VIEWS_MAX: usize = 12;

#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    /// 14 digits of every receipt that was on the glass.
    pub(crate) receipts_shown: BTreeSet<String>,
    /// What must never be in a log or on a sleeping screen.
    pub(crate) canaries: Net,
    /// World time of the last touch, or since when the page waits for a person again.
    pub(crate) patience_since_ms: u64,
    /// Doors of the authorisations on the disk, and doors that were asked, each in order.
    pub(crate) authorised: Vec<DoorNo>,
    pub(crate) asked: Vec<DoorNo>,
    /// Locks that a board really pulsed, in order.
    pub(crate) pulsed: Vec<DoorNo>,
    /// Cases of which the station has heard that they are frozen.
    pub(crate) frozen: BTreeSet<CaseId>,
    /// The open session, and the one in which the last slip was written down, by number.
    pub(crate) session: Option<u64>,
    pub(crate) slip_of: Option<u64>,
    pub(crate) people: People,
    /// Every line of the story goes to the error output as it happens.
    pub(crate) tells: bool,
    views: VecDeque<View>,
    story: VecDeque<String>,
}

/// Whose words may be on the glass: what the people of this session brought, and who brought it.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    /// Words of the open session.
    here: BTreeSet<String>,
    /// Id numbers that were read in it.
    read: BTreeSet<String>,
    /// All that was ever brought with this card.
    with: BTreeMap<String, BTreeSet<String>>,
    foreign: BTreeSet<String>,
}

impl People {
    /// A card was read: its words, and what its holder typed before, are theirs to see.
    pub(crate) fn show_card(&mut self, number: &str, words: &[String]) {
        self.read.insert(number.to_owned());
        self.here.extend(words.iter().cloned());
        self.here.extend(self.with.get(number).into_iter().flatten().cloned());
        let here = &self.here;
        self.foreign.retain(|word| !here.contains(word));
    }

    pub(crate) fn type_word(&mut self, word: &str) {
        self.here.insert(word.to_owned());
        self.foreign.remove(word);
    }

    /// They have gone.
    pub(crate) fn leave(&mut self) {
        for number in std::mem::take(&mut self.read) {
            self.with.entry(number).or_default().extend(self.here.iter().cloned());
        }
        self.foreign.append(&mut self.here);
    }

    /// Words of people who are not here.
    pub(crate) const fn foreign(&self) -> &BTreeSet<String> {
        &self.foreign
    }
}

impl Witness {
    pub(crate) fn add_canary(&mut self, text: &str) {
        self.canaries.add(text);
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
        let line = format!("{ms:>9} {short}");
        if self.tells {
            // A closed output has nobody to tell.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
        self.story.push_back(line);
    }

    pub(crate) fn story(&self) -> String {
        self.story.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
