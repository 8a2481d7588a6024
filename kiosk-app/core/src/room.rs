//! The room around the station: when an alarm begins and ends, when the lobby is lit, whether the
//! mains are there. Knows nothing of pages, records, sessions or the hall.
//!
//! ```text
//!            button pressed, or its wire cut
//!  Calm ──────────────────────────────────────▶ Alarm ◀── found so at the start: pressed, or an
//!    ▲                                            │        alarm that nobody has reset
//!    └── staff reset it, and the button is out ───┤
//!    └── nobody can (no slot for staff cards),    │
//!        and the button is out for `alone_ms` ────┘
//! ```
//! In an alarm the guard's contact is on until the end, and the siren for `siren_ms` at most: who
//! lies there hurt is not helped by a noise without end, and neighbours learn to ignore it. It does
//! not end by itself because somebody let the button go: whoever threatens a person can do that.
//! Only where no staff card can be read at all would it never end, and so it does after long.
//!
//! **What may be said.** "The guard was alarmed" is true while the board says that the contact is
//! on, and not because it was asked for. A board that is down says nothing: then nothing is
//! claimed, an alarm goes on, and the mains are taken to be there.
//!
//! **What is switched** follows from the state alone and is asked once for each change, and once
//! more of a board that comes back; the driver keeps it so. Before anything is known of the room nothing is switched: an output may be on for
//! a reason.

use device_api::room::{Health, Output, Outputs, Status};
use kiosk_words::Moment;

/// How long things last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// The siren of one alarm.
    pub siren_ms: u64,
    /// The lobby stays lit for so long after the door was shut and the last session ended: to put
    /// papers together and find the way out.
    pub light_after_ms: u64,
    /// An alarm that no staff card can end is over when the button was out for so long.
    pub alone_ms: u64,
}

pub const TIMINGS: Timings =
    Timings { siren_ms: 3 * 60_000, light_after_ms: 2 * 60_000, alone_ms: 30 * 60_000 };

/// Something that is worth a line in the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    AlarmRaised,
    /// The guard's contact was read back as on, for the first time in this alarm.
    GuardReached,
    /// Nobody could reset it, and it is over.
    AlarmOver,
    MainsLost,
    MainsBack,
}

/// Why an alarm cannot be reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReset {
    StillPressed,
    /// The board does not say whether the button is out.
    NotKnown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Alarm {
    siren_until: Moment,
    was_guard_reached: bool,
    /// Since when the button is out, as far as is known.
    out_since: Option<Moment>,
}

#[derive(Debug)]
pub struct Room {
    is_fitted: bool,
    /// Staff cards can be read, as the station is built.
    can_be_reset: bool,
    status: Status,
    alarm: Option<Alarm>,
    lit_until: Moment,
    /// What was asked for last, by output.
    asked: [Option<bool>; 3],
}

const UNKNOWN: Status =
    Status { health: Health::Starting, inputs: None, outputs: None, disobeys: None };

impl Room {
    /// `had_alarm`: one was raised before this start and not reset.
    pub fn new(is_fitted: bool, had_alarm: bool, can_be_reset: bool, now: Moment) -> Self {
        let mut room = Self {
            is_fitted,
            can_be_reset,
            status: UNKNOWN,
            alarm: None,
            lit_until: Moment(0),
            asked: [None; 3],
        };
        if is_fitted && had_alarm {
            room.raise(now);
        }
        room
    }

    const fn raise(&mut self, now: Moment) {
        let siren_until = now.plus_ms(TIMINGS.siren_ms);
        self.alarm = Some(Alarm { siren_until, was_guard_reached: false, out_since: None });
    }

    /// What the board says.
    pub fn see(&mut self, status: Status, now: Moment) -> Vec<News> {
        let had_mains = self.on_mains();
        if status.health == Health::Ready && self.status.health != Health::Ready {
            // A driver that died with the board knows nothing of what was asked.
            self.asked = [None; 3];
        }
        self.status = status;
        let mut news = Vec::new();
        if let Some(inputs) = status.inputs {
            if inputs.emergency && self.alarm.is_none() {
                self.raise(now);
                news.push(News::AlarmRaised);
            }
            if let Some(alarm) = &mut self.alarm {
                let out_since = alarm.out_since.unwrap_or(now);
                alarm.out_since = (!inputs.emergency).then_some(out_since);
            }
            match (had_mains, inputs.on_mains) {
                (true, false) => news.push(News::MainsLost),
                (false, true) => news.push(News::MainsBack),
                (true, true) | (false, false) => {}
            }
        }
        let is_called = self.is_guard_called();
        if let Some(alarm) = self.alarm.as_mut().filter(|alarm| !alarm.was_guard_reached) {
            alarm.was_guard_reached = is_called;
            news.extend(is_called.then_some(News::GuardReached));
        }
        news
    }

    /// Time has passed.
    pub fn expire(&mut self, now: Moment) -> Option<News> {
        let is_over = !self.can_be_reset && self.over_at().is_some_and(|at| now >= at);
        if is_over {
            self.alarm = None;
        }
        is_over.then_some(News::AlarmOver)
    }

    /// Somebody who may ends the alarm.
    pub fn reset(&mut self) -> Result<(), NotReset> {
        match self.is_pressed() {
            Some(true) => Err(NotReset::StillPressed),
            None => Err(NotReset::NotKnown),
            Some(false) => {
                self.alarm = None;
                Ok(())
            }
        }
    }

    fn over_at(&self) -> Option<Moment> {
        let out_since = self.alarm?.out_since.filter(|_| self.is_pressed() == Some(false))?;
        Some(out_since.plus_ms(TIMINGS.alone_ms))
    }

    /// What has to be asked for now. `is_busy`: somebody is at the screen.
    pub fn to_switch(&mut self, is_busy: bool, now: Moment) -> Vec<(Output, bool)> {
        if !self.is_fitted || (self.status.inputs.is_none() && self.alarm.is_none()) {
            return Vec::new();
        }
        if is_busy || self.is_alarm() || self.is_lobby_open() {
            self.lit_until = now.plus_ms(TIMINGS.light_after_ms);
        }
        let alarm = self.alarm;
        let wanted = Outputs {
            light: now < self.lit_until,
            siren: alarm.is_some_and(|alarm| now < alarm.siren_until),
            guard: alarm.is_some(),
        };
        // The guard first: it is what brings help.
        let order = [Output::Guard, Output::Siren, Output::Light];
        let mut changes = Vec::new();
        for (output, asked) in order.into_iter().zip(&mut self.asked) {
            let on = wanted.get(output);
            if asked.replace(on) != Some(on) {
                changes.push((output, on));
            }
        }
        changes
    }

    /// When something ends by itself.
    pub fn deadline(&self, now: Moment) -> Option<Moment> {
        let siren = self.alarm.map(|alarm| alarm.siren_until);
        let over = self.over_at().filter(|_| !self.can_be_reset);
        let light = Some(self.lit_until);
        [siren, over, light].into_iter().flatten().filter(|at| *at > now).min()
    }

    // ---- what is so ----

    pub const fn is_fitted(&self) -> bool {
        self.is_fitted
    }

    pub const fn status(&self) -> Status {
        self.status
    }

    pub const fn is_alarm(&self) -> bool {
        self.alarm.is_some()
    }

    /// In this alarm the guard's contact is on, as read back.
    pub fn is_guard_called(&self) -> bool {
        self.is_alarm() && self.status.outputs.is_some_and(|outputs| outputs.guard)
    }

    /// `None`: nobody knows.
    pub fn is_pressed(&self) -> Option<bool> {
        self.status.inputs.map(|inputs| inputs.emergency)
    }

    pub fn on_mains(&self) -> bool {
        self.status.inputs.is_none_or(|inputs| inputs.on_mains)
    }

    fn is_lobby_open(&self) -> bool {
        self.status.inputs.is_some_and(|inputs| inputs.lobby_open)
    }
}

#[cfg(test)]
mod tests;
