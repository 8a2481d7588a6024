//! The room around the station, wired to one room board: emergency button, lobby door and mains
//! are read; lamp, siren and the contact to the guard's panel are switched.
//!
//! What an input or an output means for people is not known here. What is said of a contact is
//! what was read back from the board, never what it was told to do.

use crate::RequestId;

/// A contact that the board switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// Lights the lobby.
    Light,
    Siren,
    /// Says "alarm" to the guard's panel.
    Guard,
}

impl Output {
    pub const ALL: [Self; 3] = [Self::Light, Self::Siren, Self::Guard];
}

/// What is read, free of bounces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs {
    /// The button is pressed in, or its wire is cut.
    pub emergency: bool,
    pub lobby_open: bool,
    /// The mains are there; otherwise the station lives on its battery.
    pub on_mains: bool,
}

/// What is switched, as read back from the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outputs {
    pub light: bool,
    pub siren: bool,
    pub guard: bool,
}

impl Outputs {
    #[must_use]
    pub const fn get(self, output: Output) -> bool {
        match output {
            Output::Light => self.light,
            Output::Siren => self.siren,
            Output::Guard => self.guard,
        }
    }

    #[must_use]
    pub const fn with(mut self, output: Output, on: bool) -> Self {
        match output {
            Output::Light => self.light = on,
            Output::Siren => self.siren = on,
            Output::Guard => self.guard = on,
        }
        self
    }
}

/// A state, not an act: it is wanted from now on, also of a board that comes back later, until
/// something else is asked for this output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    Set { output: Output, on: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The relay was read back as it was asked for.
    IsSet,
}

/// Why an output was not read back as it was asked for. It stays wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The board answers, and the relay is read back as it was before.
    StaysAsItWas,
    /// Something newer was asked for this output.
    Superseded,
    /// The board itself cannot work.
    DeviceDown(Fault),
}

/// What is wrong with the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, nothing answers.
    Silent,
    /// Answers that are none of a board.
    Garbage,
    /// It says that it has no such inputs or relays: not the board that machine.toml describes.
    Unfit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being opened and asked.
    Starting,
    Ready,
    Down(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    /// Absent while they are not known: before the first reading, and while the board is down.
    pub inputs: Option<Inputs>,
    pub outputs: Option<Outputs>,
    /// An output that is not as it was asked for, after every try.
    pub disobeys: Option<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub n_inputs: u8,
    pub n_relays: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    StatusChanged(Status),
}

impl Event {
    /// The request that this answers, if it does.
    #[must_use]
    pub const fn answers(&self) -> Option<RequestId> {
        match self {
            Self::Done(id, _) | Self::Refused(id, _) => Some(*id),
            Self::StatusChanged(_) => None,
        }
    }
}
