//! How the room is wired to the board: which input, which relay, and what current means.
//!
//! An input is named by what is normal: nobody presses the button, the lobby door is shut, the
//! mains are there. A contact that is closed then lets current flow, and a cut wire says the
//! opposite of normal: an emergency button is wired so.

use device_api::room::{Inputs, Output, Outputs};

use super::codec::{Bits, Channel};

/// A contact in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// Current flows when something is the matter.
    NormallyOpen,
    /// Current flows while all is as it should be; a cut wire says that something is the matter.
    NormallyClosed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputWire {
    pub input: Channel,
    pub contact: Contact,
}

impl InputWire {
    /// Whether something is the matter.
    const fn is_disturbed(self, bits: Bits) -> bool {
        match self.contact {
            Contact::NormallyOpen => bits.get(self.input),
            Contact::NormallyClosed => !bits.get(self.input),
        }
    }
}

/// When an output is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnWhen {
    /// While the relay pulls.
    Pulled,
    /// While it does not: then a board without power has it on. A guard's panel that watches its
    /// line is wired so.
    Released,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputWire {
    pub relay: Channel,
    pub on_when: OnWhen,
}

impl OutputWire {
    /// What the relay must do for this.
    #[must_use]
    pub fn pulls_for(self, on: bool) -> bool {
        on == (self.on_when == OnWhen::Pulled)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wiring {
    pub emergency: InputWire,
    pub lobby: InputWire,
    pub mains: InputWire,
    pub light: OutputWire,
    pub siren: OutputWire,
    pub guard: OutputWire,
}

impl Wiring {
    /// What the inputs say at this moment.
    #[must_use]
    pub const fn inputs(&self, bits: Bits) -> Inputs {
        Inputs {
            emergency: self.emergency.is_disturbed(bits),
            lobby_open: self.lobby.is_disturbed(bits),
            on_mains: !self.mains.is_disturbed(bits),
        }
    }

    #[must_use]
    pub const fn output(&self, output: Output) -> OutputWire {
        match output {
            Output::Light => self.light,
            Output::Siren => self.siren,
            Output::Guard => self.guard,
        }
    }

    /// What these relays switch.
    #[must_use]
    pub fn outputs(&self, relays: Bits) -> Outputs {
        Output::ALL.into_iter().fold(Outputs::default(), |outputs, output| {
            let wire = self.output(output);
            outputs.with(output, wire.pulls_for(true) == relays.get(wire.relay))
        })
    }
}
