//! What is known of each key: whether a press counts, and whether the key is stuck.
//!
//! A key is stuck while it lies pressed longer than a finger would, and while it chatters: more
//! presses than a finger makes. A stuck key counts for nothing, or it would press for ever and keep
//! a session open that nobody is at.

use device_api::keypad::Key;
use kiosk_words::Moment;

use crate::keypad::{codec::Held, timings::Timings};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Course {
    /// Since when it lies pressed, as the reports say.
    down_since: Option<Moment>,
    /// When it was pressed, or released after a press that was heard.
    last_move: Option<Moment>,
    /// When a press was heard last.
    heard: Option<Moment>,
    /// When counting began, and how many presses since.
    counted: Option<(Moment, u32)>,
    /// It chattered: no press counts before this moment.
    quiet_until: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Presses {
    courses: [Course; Key::ALL.len()],
    /// What was due by then has been seen.
    looked_at: Option<Moment>,
}

impl Presses {
    /// Whether this press is a finger's.
    pub(super) fn counts(&mut self, key: Key, timings: Timings, now: Moment) -> bool {
        let Some((_, course)) = self.all_mut().find(|(one, _)| *one == key) else { return false };
        let last = course.last_move.replace(now);
        course.heard = Some(now);
        let window_ms = timings.chatter_window_ms;
        let (since, n_before) = course
            .counted
            .filter(|(since, _)| now.ms_since(*since) < window_ms)
            .unwrap_or((now, 0));
        course.counted = Some((since, n_before + 1));
        let chatters = n_before + 1 > timings.n_presses_max;
        if chatters || course.quiet_until.is_some_and(|until| now < until) {
            course.quiet_until = Some(now.plus_ms(window_ms));
            return false;
        }
        let bounces = last.is_some_and(|last| now.ms_since(last) < timings.bounce_ms);
        !bounces && !course.lies_too_long(timings, now)
    }

    /// A report says which keys are down.
    pub(super) fn lie(&mut self, held: Held, timings: Timings, now: Moment) {
        for (key, course) in self.all_mut() {
            if !held.has(key) && course.was_heard_of(timings) {
                course.last_move = Some(now);
            }
            course.down_since = held.has(key).then(|| course.down_since.unwrap_or(now));
        }
    }

    /// The first key that is stuck.
    pub(super) fn stuck(&mut self, timings: Timings, now: Moment) -> Option<Key> {
        self.looked_at = Some(now);
        self.all().find(|(_, course)| course.is_stuck(timings, now)).map(|(key, _)| key)
    }

    /// When a key may become stuck or free again.
    pub(super) fn deadline(&self, timings: Timings) -> Option<Moment> {
        let due = self.all().flat_map(|(_, course)| {
            let stuck = course.down_since.map(|since| since.plus_ms(timings.stuck_ms));
            [stuck, course.quiet_until]
        });
        due.flatten().filter(|at| self.looked_at.is_none_or(|looked| *at > looked)).min()
    }

    fn all(&self) -> impl Iterator<Item = (Key, &Course)> {
        Key::ALL.into_iter().zip(&self.courses)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = (Key, &mut Course)> {
        Key::ALL.into_iter().zip(&mut self.courses)
    }
}

impl Course {
    /// It lies pressed, and that press was heard. One that the line lost at first comes late, maybe
    /// together with the report of its own release, and is no bounce of it.
    fn was_heard_of(&self, timings: Timings) -> bool {
        let pair = self.heard.zip(self.down_since);
        pair.is_some_and(|(heard, down)| heard.plus_ms(timings.bounce_ms) >= down)
    }

    fn lies_too_long(&self, timings: Timings, now: Moment) -> bool {
        self.down_since.is_some_and(|since| now.ms_since(since) >= timings.stuck_ms)
    }

    fn is_stuck(&self, timings: Timings, now: Moment) -> bool {
        self.lies_too_long(timings, now) || self.quiet_until.is_some_and(|until| now < until)
    }
}
