//! One person's time at the screen: who was verified, how it looks, how long it waits.
//!
//! ```text
//!          touch             patience over          grace over
//! Attract ───────► Awake ───────────────► Asked ───────────────► ended (TimedOut)
//!                    ▲                      │ any touch
//!                    └──────────────────────┘
//! ```
//! Deadlines are counted from the last touch; a page of class `Held` (a pending write, a device
//! fault) waits without limit. Knows nothing of matters, devices or the store.

use kiosk_words::{MatterId, Moment};

use crate::{
    event::Staff,
    record::Person,
    view::{Look, TimeoutClass},
};

/// How long the screen waits; doubled in elder mode, trebled for who must hear the page first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// A page without personal data: someone who walked by.
    pub short_ms: u64,
    /// A page where people read, type or look for papers.
    pub long_ms: u64,
    /// Between the question 您还在吗？ and the end.
    pub grace_ms: u64,
    /// The screen says so for this long after an interruption (practice.md, point 16).
    pub interrupted_ms: u64,
    /// After a start, before the first change of keys: longer than a restart loop takes.
    pub first_keys_ms: u64,
    /// Between changes of keys: every night.
    pub keys_ms: u64,
    /// Kept here after the hall has everything (design.md, erasure).
    pub keep_delivered_ms: u64,
    /// Care mode ends when the program ran this long.
    pub care_ms: u64,
}

pub const TIMINGS: Timings = Timings {
    short_ms: 60_000,
    long_ms: 180_000,
    grace_ms: 30_000,
    interrupted_ms: 30 * 60_000,
    first_keys_ms: 15 * 60_000,
    keys_ms: 24 * 3_600_000,
    keep_delivered_ms: 24 * 3_600_000,
    care_ms: 10 * 60_000,
};

/// What a notice before a card is read was about (R15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Name, number and validity, only to find one's own cases.
    OwnCases,
    /// All that the form of this matter takes from the card, for its office.
    Matter(MatterId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Counts sessions of this store's life as far as this run knows; only for records.
    pub id: u64,
    pub look: Look,
    /// Whoever is there has used keys with earphones in: the page is heard and not seen.
    pub listens: bool,
    pub last_touch: Moment,
    /// Everyone verified with their own card in this session, in order.
    pub people: Vec<Person>,
    /// Every notice that was shown and acknowledged.
    pub told: Vec<Told>,
    /// Someone of the station's staff, with their PIN, until somebody shows a card.
    pub staff: Option<Staff>,
}

/// What patience says at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    Fine,
    /// Ask whether somebody is there.
    Ask,
    Over,
}

impl Session {
    pub const fn new(id: u64, look: Look, now: Moment) -> Self {
        Self {
            id,
            look,
            listens: false,
            last_touch: now,
            people: Vec::new(),
            told: Vec::new(),
            staff: None,
        }
    }

    pub const fn touch(&mut self, now: Moment) {
        self.last_touch = now;
    }

    /// Remembers a verified person; the same card twice is one person, who stands there now.
    pub fn verified(&mut self, person: Person) {
        self.people.retain(|known| known.number != person.number);
        self.people.push(person);
        // Who shows a card acts in their own name: staff who went on without leaving are signed out.
        self.staff = None;
    }

    const fn patience_ms(&self, class: TimeoutClass) -> Option<u64> {
        let factor = match (self.listens, self.look.elder) {
            (true, _) => 3,
            (false, true) => 2,
            (false, false) => 1,
        };
        match class {
            TimeoutClass::Never | TimeoutClass::Held => None,
            TimeoutClass::Short => Some(TIMINGS.short_ms * factor),
            TimeoutClass::Long => Some(TIMINGS.long_ms * factor),
        }
    }

    pub fn patience(&self, class: TimeoutClass, now: Moment) -> Patience {
        let Some(patience) = self.patience_ms(class) else { return Patience::Fine };
        let idle = now.ms_since(self.last_touch);
        if idle >= patience + TIMINGS.grace_ms {
            Patience::Over
        } else if idle >= patience {
            Patience::Ask
        } else {
            Patience::Fine
        }
    }

    /// Seconds until the end, once the question is asked.
    pub fn seconds_left(&self, class: TimeoutClass, now: Moment) -> Option<u64> {
        let end = self.patience_ms(class)? + TIMINGS.grace_ms;
        let idle = now.ms_since(self.last_touch);
        (self.patience(class, now) == Patience::Ask).then(|| (end - idle).div_ceil(1_000))
    }

    /// When patience changes next.
    pub fn deadline(&self, class: TimeoutClass, now: Moment) -> Option<Moment> {
        let patience = self.patience_ms(class)?;
        Some(match self.patience(class, now) {
            Patience::Fine => self.last_touch.plus_ms(patience),
            Patience::Ask | Patience::Over => now.plus_ms(1_000),
        })
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::StaffRole;

    use super::*;

    #[test]
    fn who_shows_a_card_signs_staff_out() {
        let mut session = Session::new(1, Look::default(), Moment(0));
        let (role, card) =
            (StaffRole::Manager, "00000000000000000000000000000007".parse().unwrap());
        session.staff = Some(Staff { id: "2001".to_owned(), role, card, is_limited: false });
        session.verified(Person::sample("样本甲", "230202199003070026"));
        assert_eq!((session.staff, session.people.len()), (None, 1));
    }

    #[test]
    fn patience_asks_then_ends_and_a_touch_starts_again() {
        let mut session = Session::new(1, Look::default(), Moment(0));
        let class = TimeoutClass::Short;
        assert_eq!(session.patience(class, Moment(59_999)), Patience::Fine);
        assert_eq!(session.patience(class, Moment(60_000)), Patience::Ask);
        assert_eq!(session.seconds_left(class, Moment(60_000)), Some(30));
        assert_eq!(session.patience(class, Moment(90_000)), Patience::Over);
        session.touch(Moment(80_000));
        assert_eq!(session.patience(class, Moment(90_000)), Patience::Fine);
        assert_eq!(session.patience(TimeoutClass::Held, Moment(9_000_000)), Patience::Fine);
    }

    #[test]
    fn elder_mode_waits_twice_as_long() {
        let look = Look { elder: true, ..Look::default() };
        let session = Session::new(1, look, Moment(0));
        assert_eq!(session.patience(TimeoutClass::Short, Moment(119_999)), Patience::Fine);
    }
}
