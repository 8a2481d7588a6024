//! The table `[room]`: what hangs on which terminal of the room board, and which way round.

use std::path::PathBuf;

use device_drivers::room;
use serde::Deserialize;
use toml::Spanned;

use super::{Baud, Misfit};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    pub port: PathBuf,
    pub baud: Baud,
    address: Address,
    inputs: Spanned<Inputs>,
    outputs: Spanned<Outputs>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    emergency: InputWire,
    lobby: InputWire,
    mains: InputWire,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outputs {
    light: OutputWire,
    siren: OutputWire,
    guard: OutputWire,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputWire {
    input: Terminal,
    contact: Contact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputWire {
    relay: Terminal,
    on_when: OnWhen,
}

/// What current means: see `device_drivers::room::wiring`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Contact {
    NormallyOpen,
    NormallyClosed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnWhen {
    Pulled,
    Released,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
struct Address(room::Address);

impl TryFrom<u8> for Address {
    type Error = String;

    fn try_from(no: u8) -> Result<Self, String> {
        let address = room::Address::new(no);
        address.map(Self).ok_or_else(|| format!("expected a board address from 1 to 247, got {no}"))
    }
}

/// From 1, as printed on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
struct Terminal(room::Channel);

impl TryFrom<u8> for Terminal {
    type Error = String;

    fn try_from(no: u8) -> Result<Self, String> {
        let channel = no.checked_sub(1).and_then(room::Channel::new);
        channel.map(Self).ok_or_else(|| format!("expected a terminal from 1 to 8, got {no}"))
    }
}

impl Room {
    pub fn settings(&self) -> room::Settings {
        let Inputs { emergency, lobby, mains } = *self.inputs.get_ref();
        let Outputs { light, siren, guard } = *self.outputs.get_ref();
        let wiring = room::Wiring {
            emergency: emergency.into(),
            lobby: lobby.into(),
            mains: mains.into(),
            light: light.into(),
            siren: siren.into(),
            guard: guard.into(),
        };
        room::Settings { address: self.address.0, wiring }
    }

    /// A cut wire of the emergency button raises the alarm.
    pub fn notices_cut_button(&self) -> bool {
        self.inputs.get_ref().emergency.contact == Contact::NormallyClosed
    }

    /// Every terminal has one wire.
    pub(super) fn fits(&self) -> Result<(), Misfit> {
        let Inputs { emergency, lobby, mains } = self.inputs.get_ref();
        let inputs = [emergency, lobby, mains].map(|wire| wire.input);
        let Outputs { light, siren, guard } = self.outputs.get_ref();
        let relays = [light, siren, guard].map(|wire| wire.relay);
        let rows = [
            (inputs, self.inputs.span().start, "room.inputs", "input"),
            (relays, self.outputs.span().start, "room.outputs", "relay"),
        ];
        for (terminals, at, field, what) in rows {
            let [first, second, third] = terminals;
            let twice = [(first, second), (first, third), (second, third)];
            if let Some((terminal, _)) = twice.into_iter().find(|(one, other)| one == other) {
                let no = terminal.0.get() + 1;
                let expected =
                    format!("expected that every {what} has one wire, got {what} {no} twice");
                return Err(Misfit { at, field, expected });
            }
        }
        Ok(())
    }
}

impl From<InputWire> for room::InputWire {
    fn from(wire: InputWire) -> Self {
        let contact = match wire.contact {
            Contact::NormallyOpen => room::Contact::NormallyOpen,
            Contact::NormallyClosed => room::Contact::NormallyClosed,
        };
        Self { input: wire.input.0, contact }
    }
}

impl From<OutputWire> for room::OutputWire {
    fn from(wire: OutputWire) -> Self {
        let on_when = match wire.on_when {
            OnWhen::Pulled => room::OnWhen::Pulled,
            OnWhen::Released => room::OnWhen::Released,
        };
        Self { relay: wire.relay.0, on_when }
    }
}
