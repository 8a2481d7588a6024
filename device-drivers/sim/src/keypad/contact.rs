//! Contacts under the keys, and the sampling that makes presses of them.
//!
//! A contact that moves chatters for a while. The firmware looks at all of them every `SAMPLE_US`
//! and believes a level that it saw `N_SAMPLES` times running; with worn contacts and no debouncing
//! it believes every edge.

use std::collections::BTreeMap;

use device_api::keypad::Key;

/// Between two looks at the contacts.
const SAMPLE_US: u64 = 5_000;
/// So many equal looks are believed.
const N_SAMPLES: u8 = 4;
/// A chattering contact changes its level this often.
const CHATTER_US: u64 = 7_000;
/// Moves of fingers that have not happened yet; more are refused.
const N_MOVES_MAX: usize = 64;

#[derive(Debug, Clone, Copy, Default)]
struct Contact {
    /// Where the finger has it.
    level: bool,
    moved_us: Option<u64>,
    /// What the firmware believes.
    believed: bool,
    /// How many looks have differed from that.
    n_other: u8,
}

impl Contact {
    /// What a look sees.
    fn raw(&self, at_us: u64, bounce_us: u64) -> bool {
        let since = self.moved_us.map(|moved| at_us.saturating_sub(moved));
        let is_off = since.is_some_and(|us| us < bounce_us && (us / CHATTER_US) % 2 == 1);
        self.level != is_off
    }
}

#[derive(Debug)]
pub(super) struct Contacts {
    all: BTreeMap<Key, Contact>,
    /// In the order of time.
    moves: Vec<(u64, Key, bool)>,
    bounce_us: u64,
    debounced: bool,
    sample_us: u64,
}

impl Contacts {
    pub(super) fn new() -> Self {
        let all = Key::ALL.into_iter().map(|key| (key, Contact::default())).collect();
        Self { all, moves: Vec::new(), bounce_us: 0, debounced: true, sample_us: 0 }
    }

    pub(super) fn goes(&mut self, key: Key, down: bool, at_us: u64) {
        if self.moves.len() < N_MOVES_MAX {
            self.moves.push((at_us, key, down));
            self.moves.sort_by_key(|(at_us, ..)| *at_us);
        }
    }

    pub(super) const fn set_bounce(&mut self, ms: u64) {
        self.bounce_us = ms.saturating_mul(1_000);
    }

    pub(super) const fn bounce_ms(&self) -> u64 {
        self.bounce_us / 1_000
    }

    pub(super) const fn set_debounce(&mut self, on: bool) {
        self.debounced = on;
    }

    pub(super) const fn is_debounced(&self) -> bool {
        self.debounced
    }

    /// The keys that the firmware believes to be down.
    pub(super) fn down(&self) -> impl Iterator<Item = Key> {
        self.all.iter().filter(|(_, contact)| contact.believed).map(|(key, _)| *key)
    }

    /// When the firmware looks next, if there is anything to see.
    pub(super) fn due_us(&self) -> Option<u64> {
        let is_moving = self.all.values().any(|contact| {
            let chatters = contact.moved_us.is_some_and(|us| self.sample_us < us + self.bounce_us);
            contact.level != contact.believed || contact.n_other > 0 || chatters
        });
        if is_moving {
            return Some(self.sample_us + SAMPLE_US);
        }
        self.moves.first().map(|(at_us, ..)| (*at_us).max(self.sample_us))
    }

    /// The keys that moved, as far as the firmware can tell.
    pub(super) fn sample(&mut self, at_us: u64) -> Vec<(Key, bool)> {
        self.sample_us = at_us;
        while let Some((moved_us, key, down)) = self.moves.first().copied()
            && moved_us <= at_us
        {
            self.moves.remove(0);
            if let Some(contact) = self.all.get_mut(&key) {
                (contact.level, contact.moved_us) = (down, Some(moved_us));
            }
        }
        let needed = if self.debounced { N_SAMPLES } else { 1 };
        let mut moved = Vec::new();
        for (key, contact) in &mut self.all {
            if contact.raw(at_us, self.bounce_us) == contact.believed {
                contact.n_other = 0;
                continue;
            }
            contact.n_other += 1;
            if contact.n_other >= needed {
                contact.n_other = 0;
                contact.believed = !contact.believed;
                moved.push((*key, contact.believed));
            }
        }
        moved
    }
}
