//! The doors of a cabinet: what is known of each, and the one open that is under way.
//!
//! It decides what a reading means for a door, whether an open may go out, and how it ended. It
//! opens one door at a time, answers each open exactly once, and repeats none. Which door may be
//! opened for whom, and what follows from an alarm, is custody's.
//!
//! ```text
//!            ┌──────────────── board lost (from everywhere) ───────────────┐
//!            ▼                                                             │
//!        Unknown ──seen shut──▶ Shut ──open sent──▶ Releasing ──seen open──▶ Open ──ajar_ms──▶ Ajar
//!         │   │                 │ ▲ ▲                 │                     │                  │
//!         │   │        seen open│ │ └─ StayedShut, ───┘                     │ seen shut twice  │
//!         │   │                 ▼ │    WrongDoor                            │                  │
//!         │   └──seen open──▶ Forced                                        │                  │
//!         │                       └◀─── seen shut twice ──▶ Shut ◀──────────┴──────────────────┘
//!         └── seen open, and it was open as asked when it was lost ──▶ Open
//! ```
//!
//! Open and Releasing keep other doors shut. Ajar and Forced do not: one broken switch would shut
//! the whole locker for good, so what then may still be opened is decided by who was told of it.

mod invariants;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use device_api::{
    RequestId,
    locker::{DoorChanged, DoorNo, DoorState, Event, Refusal, Reply, Request},
};
use kiosk_words::Moment;

use crate::{
    bus::Pulse,
    cabinet::{Cabinet, Place, Polarity},
    codec::{Address, Contacts},
    timings::Timings,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Ask(RequestId, Request),
    /// The open for this request was sent.
    Pulsed(RequestId),
    /// It was not and will not be.
    NotPulsed(RequestId),
    Seen {
        board: Address,
        contacts: Contacts,
    },
    BoardLost(Address),
    Tick,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Send this open, once.
    Pulse(RequestId, Pulse),
    /// Do not send it any more.
    Forget(RequestId),
    Tell(Event),
}

type Effects = Vec<Effect>;

#[derive(Debug)]
pub struct Doors {
    doors: BTreeMap<DoorNo, Door>,
    opening: Option<Opening>,
    timings: Timings,
}

#[derive(Debug)]
struct Door {
    place: Place,
    polarity: Polarity,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// `as_asked`: it was open as asked, or about to be, when it was lost.
    Unknown {
        as_asked: bool,
    },
    Shut,
    Releasing,
    /// `shut_at`: when it was first seen shut again; not believed yet.
    Standing {
        how: How,
        shut_at: Option<Moment>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    AsAsked { since: Moment },
    TooLong,
    Unasked,
}

/// The open under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opening {
    id: RequestId,
    door: DoorNo,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The open waits for the line.
    Queued,
    /// `seen_shut`: its board was read since, and the door was shut.
    Sent { at: Moment, seen_shut: bool },
}

impl State {
    const fn told(self) -> DoorState {
        match self {
            Self::Unknown { .. } => DoorState::Unknown,
            Self::Shut => DoorState::Shut,
            Self::Releasing => DoorState::Releasing,
            Self::Standing { how: How::AsAsked { .. }, .. } => DoorState::Open,
            Self::Standing { how: How::TooLong, .. } => DoorState::Ajar,
            Self::Standing { how: How::Unasked, .. } => DoorState::Forced,
        }
    }

    const fn standing(how: How) -> Self {
        Self::Standing { how, shut_at: None }
    }

    /// What it is after the door was seen like this.
    const fn seen(self, is_open: bool, now: Moment, settle_ms: u64) -> Self {
        match (self, is_open) {
            (Self::Unknown { as_asked: true } | Self::Releasing, true) => {
                Self::standing(How::AsAsked { since: now })
            }
            (Self::Unknown { as_asked: false } | Self::Shut, true) => Self::standing(How::Unasked),
            (Self::Unknown { .. } | Self::Shut, false) => Self::Shut,
            (Self::Releasing, false) => Self::Releasing,
            (Self::Standing { how, .. }, true) => Self::standing(how),
            (Self::Standing { how, shut_at: None }, false) => {
                Self::Standing { how, shut_at: Some(now) }
            }
            (Self::Standing { shut_at: Some(at), .. }, false) if now.ms_since(at) >= settle_ms => {
                Self::Shut
            }
            (Self::Standing { .. }, false) => self,
        }
    }
}

impl Doors {
    #[must_use]
    pub fn new(cabinet: &Cabinet, timings: Timings) -> Self {
        let door = |(no, place): (&DoorNo, &Place)| {
            let board = cabinet.board(place.board).expect("a door hangs on a board of its cabinet");
            let state = State::Unknown { as_asked: false };
            (*no, Door { place: *place, polarity: board.polarity(), state })
        };
        Self { doors: cabinet.doors().iter().map(door).collect(), opening: None, timings }
    }

    #[must_use]
    pub fn state(&self, no: DoorNo) -> Option<DoorState> {
        self.doors.get(&no).map(|door| door.state.told())
    }

    /// The board a person waits for.
    #[must_use]
    pub fn watched(&self) -> Option<Address> {
        let opening = self.opening.map(|opening| opening.door);
        let no = opening.or_else(|| self.door_in_use())?;
        self.doors.get(&no).map(|door| door.place.board)
    }

    #[must_use]
    pub fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    pub fn handle(&mut self, input: Input, now: Moment) -> Effects {
        let was_open = self.opening.map(|opening| opening.id);
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::Pulsed(_)
            | Input::NotPulsed(_)
            | Input::Seen { .. }
            | Input::BoardLost(_)
            | Input::Tick => None,
        };
        let mut out = Effects::new();
        match input {
            Input::Ask(id, Request::Open(no)) => self.on_ask(id, no, &mut out),
            Input::Pulsed(id) => self.on_pulsed(id, now, &mut out),
            Input::NotPulsed(id) => self.on_not_pulsed(id, &mut out),
            Input::Seen { board, contacts } => self.on_seen(board, contacts, now, &mut out),
            Input::BoardLost(board) => self.on_board_lost(board, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    /// When `Input::Tick` must come next, if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let release_at = match self.opening.map(|opening| opening.stage) {
            Some(Stage::Sent { at, .. }) => Some(at.plus_ms(self.timings.release_ms)),
            Some(Stage::Queued) | None => None,
        };
        let ajar_at = self.doors.values().filter_map(|door| match door.state {
            State::Standing { how: How::AsAsked { since }, .. } => {
                Some(since.plus_ms(self.timings.ajar_ms))
            }
            State::Standing { how: How::TooLong | How::Unasked, .. }
            | State::Unknown { .. }
            | State::Shut
            | State::Releasing => None,
        });
        ajar_at.chain(release_at).min()
    }

    fn on_ask(&mut self, id: RequestId, no: DoorNo, out: &mut Effects) {
        match self.may_open(no) {
            Ok(pulse) => {
                self.opening = Some(Opening { id, door: no, stage: Stage::Queued });
                out.push(Effect::Pulse(id, pulse));
            }
            Err(refusal) => out.push(Effect::Tell(Event::Refused(id, refusal))),
        }
    }

    fn may_open(&self, no: DoorNo) -> Result<Pulse, Refusal> {
        let door = self.doors.get(&no).ok_or(Refusal::NoSuchDoor)?;
        if let Some(opening) = self.opening {
            return Err(Refusal::AnotherDoor(opening.door));
        }
        match door.state {
            State::Unknown { .. } => Err(Refusal::NotKnown),
            State::Standing { .. } => Err(Refusal::AlreadyOpen),
            State::Shut | State::Releasing => match self.door_in_use() {
                Some(other) => Err(Refusal::AnotherDoor(other)),
                None => Ok(Pulse { board: door.place.board, lock: door.place.lock }),
            },
        }
    }

    /// The door that is open as asked.
    fn door_in_use(&self) -> Option<DoorNo> {
        let is_open = |door: &Door| door.state.told() == DoorState::Open;
        self.doors.iter().find(|(_, door)| is_open(door)).map(|(no, _)| *no)
    }

    fn on_pulsed(&mut self, id: RequestId, now: Moment, out: &mut Effects) {
        let Some(opening) = self.opening.filter(|opening| opening.id == id) else { return };
        let stage = Stage::Sent { at: now, seen_shut: false };
        self.opening = Some(Opening { stage, ..opening });
        self.set(opening.door, State::Releasing, out);
    }

    fn on_not_pulsed(&mut self, id: RequestId, out: &mut Effects) {
        if self.opening.is_some_and(|opening| opening.id == id) {
            self.refuse(Refusal::NotKnown, out);
        }
    }

    fn on_seen(&mut self, board: Address, contacts: Contacts, now: Moment, out: &mut Effects) {
        let mut forced = None;
        for no in self.doors_on(board) {
            let door = &self.doors[&no];
            let is_open = door.polarity.is_open(contacts.get(door.place.lock));
            let (before, after) =
                (door.state, door.state.seen(is_open, now, self.timings.settle_ms));
            if before == State::Shut && after != State::Shut {
                forced = forced.or(Some(no));
            }
            self.set(no, after, out);
        }
        self.settle_opening(board, forced, out);
    }

    /// What a reading means for the open under way; `forced` is a door it showed newly open.
    fn settle_opening(&mut self, board: Address, forced: Option<DoorNo>, out: &mut Effects) {
        let Some(opening) = self.opening else { return };
        let door = &self.doors[&opening.door];
        match (opening.stage, door.state) {
            (Stage::Queued, State::Standing { .. }) => {
                out.push(Effect::Forget(opening.id));
                self.refuse(Refusal::AlreadyOpen, out);
            }
            (Stage::Queued, _) => {}
            (Stage::Sent { .. }, State::Standing { .. }) => {
                self.opening = None;
                let reply = Reply::Opened(opening.door);
                out.push(Effect::Tell(Event::Done(opening.id, reply)));
            }
            (Stage::Sent { at, seen_shut }, _) => {
                if let Some(wrong) = forced {
                    self.set(opening.door, State::Shut, out);
                    return self.refuse(Refusal::WrongDoor(wrong), out);
                }
                let seen_shut = seen_shut || door.place.board == board;
                self.opening = Some(Opening { stage: Stage::Sent { at, seen_shut }, ..opening });
            }
        }
    }

    fn on_board_lost(&mut self, board: Address, out: &mut Effects) {
        for no in self.doors_on(board) {
            let as_asked = match self.doors[&no].state {
                State::Releasing => true,
                State::Standing { how, .. } => how != How::Unasked,
                State::Unknown { as_asked } => as_asked,
                State::Shut => false,
            };
            self.set(no, State::Unknown { as_asked }, out);
        }
        let Some(opening) = self.opening else { return };
        if self.doors[&opening.door].place.board == board {
            match opening.stage {
                Stage::Sent { .. } => self.refuse(Refusal::Lost, out),
                Stage::Queued => {
                    out.push(Effect::Forget(opening.id));
                    self.refuse(Refusal::NotKnown, out);
                }
            }
        }
    }

    fn on_tick(&mut self, now: Moment, out: &mut Effects) {
        if let Some(Opening { door, stage: Stage::Sent { at, seen_shut }, .. }) = self.opening
            && now.ms_since(at) >= self.timings.release_ms
        {
            if seen_shut {
                self.set(door, State::Shut, out);
                self.refuse(Refusal::StayedShut, out);
            } else {
                self.set(door, State::Unknown { as_asked: true }, out);
                self.refuse(Refusal::Lost, out);
            }
        }
        let ajar_ms = self.timings.ajar_ms;
        let too_long = |door: &Door| match door.state {
            State::Standing { how: How::AsAsked { since }, shut_at } => (now.ms_since(since)
                >= ajar_ms)
                .then_some(State::Standing { how: How::TooLong, shut_at }),
            State::Standing { how: How::TooLong | How::Unasked, .. }
            | State::Unknown { .. }
            | State::Shut
            | State::Releasing => None,
        };
        let ajar: Vec<(DoorNo, State)> =
            self.doors.iter().filter_map(|(no, door)| Some((*no, too_long(door)?))).collect();
        for (no, state) in ajar {
            self.set(no, state, out);
        }
    }

    /// Ends the open under way without a door.
    fn refuse(&mut self, refusal: Refusal, out: &mut Effects) {
        if let Some(opening) = self.opening.take() {
            out.push(Effect::Tell(Event::Refused(opening.id, refusal)));
        }
    }

    fn set(&mut self, no: DoorNo, state: State, out: &mut Effects) {
        let door = self.doors.get_mut(&no).expect("only doors of the cabinet are set");
        let (was, is) = (door.state.told(), state.told());
        door.state = state;
        if was != is {
            out.push(Effect::Tell(Event::Door(DoorChanged { door: no, was, is })));
        }
    }

    fn doors_on(&self, board: Address) -> Vec<DoorNo> {
        let on = |door: &Door| door.place.board == board;
        self.doors.iter().filter(|(_, door)| on(door)).map(|(no, _)| *no).collect()
    }
}
