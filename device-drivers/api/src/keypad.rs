//! The keypad: keys that can be felt, and the jack for earphones beside them.
//!
//! Which control a key moves to and what is spoken is not known here. A key is told once for each
//! time that a finger pressed it, however long it lies there.

/// A key by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Up,
    Down,
    Left,
    Right,
    /// Presses what has the focus.
    Select,
    Help,
    /// What was spoken last, once more.
    Repeat,
    Louder,
    Softer,
}

impl Key {
    /// In the order of their codes on the wire.
    pub const ALL: [Self; 9] = [
        Self::Up,
        Self::Down,
        Self::Left,
        Self::Right,
        Self::Select,
        Self::Help,
        Self::Repeat,
        Self::Louder,
        Self::Softer,
    ];

    /// For people and plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::Select => "select",
            Self::Help => "help",
            Self::Repeat => "repeat",
            Self::Louder => "louder",
            Self::Softer => "softer",
        }
    }
}

/// A keypad is asked nothing: it says what happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {}

/// What is wrong with the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, nothing answers.
    Silent,
    /// Answers that are none of this protocol.
    Garbage,
    /// It speaks this version of the protocol, which is not ours.
    OtherVersion(u8),
    /// A key lies pressed, or chatters, longer than any finger would: it counts for nothing until
    /// it is released. The other keys work.
    KeyStuck(Key),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being opened and asked.
    Starting,
    Ready,
    /// Works but for this.
    Hampered(Fault),
    Down(Fault),
}

impl Health {
    /// Keys and jack are known.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Ready | Self::Hampered(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    /// Earphones are plugged in. Never so while the keypad does not work.
    pub jack: bool,
}

impl Status {
    /// Before anything is known.
    pub const STARTING: Self = Self { health: Health::Starting, jack: false };
}

/// What it says of itself when it is greeted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub model: String,
    /// `2.1`
    pub firmware: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Pressed(Key),
    /// A hand put a plug in: it was seen to be out before. A plug that was there when the keypad
    /// was greeted is told by the status alone.
    Plugged,
    Identified(Capabilities),
    StatusChanged(Status),
}
