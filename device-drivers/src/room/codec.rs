//! Bytes of a room board, a Modbus-RTU board with eight inputs and eight relays, for both ends of
//! the wire (protocols/devices.md 1.4).
//!
//! ```text
//!  host -> board   ADDR 01 00 00 00 08 CRC(2)      how are the relays?
//!                  ADDR 02 00 00 00 08 CRC(2)      how are the inputs?
//!                  ADDR 05 00 nn FF 00 CRC(2)      relay nn on; 00 00 in place of FF 00: off
//!  board -> host   ADDR 01 01 BITS CRC(2)          lowest bit: relay 0
//!                  ADDR 02 01 BITS CRC(2)
//!                  ADDR 05 .. as it was heard ..
//!                  ADDR 8x CODE CRC(2)             refused: 1 function, 2 address, 3 value, 4 failed
//! ```
//! CRC-16/Modbus over all before it, low byte first. The commands that pulse a relay, switch all of
//! them or set the address are not known here: a pulse is no state, and the others concern what
//! belongs to nobody.
//!
//! This module decides what is a frame; it decides nothing about when to ask. That a relay was
//! switched is never told from the answer to 05: it is the request itself, and an echo of the line
//! looks the same.

mod deframer;

pub use deframer::{Deframer, Garbage, Item};

/// Inputs and relays of a board.
pub const N_CHANNELS: u8 = 8;
/// Every command has this length, and no answer is longer.
pub const FRAME_LEN_MAX: usize = 8;
const READ_RELAYS: u8 = 0x01;
const READ_INPUTS: u8 = 0x02;
const SET_RELAY: u8 = 0x05;
/// Marks a refusal of the function beside it.
const REFUSED: u8 = 0x80;
const ON: [u8; 2] = [0xFF, 0x00];
const OFF: [u8; 2] = [0x00, 0x00];

/// Address of a board on its line: 1 to 247. 0 is every board at once and has no value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(u8);

impl Address {
    #[must_use]
    pub fn new(no: u8) -> Option<Self> {
        (1..=247).contains(&no).then_some(Self(no))
    }

    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// One of the inputs or relays, from 0 as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Channel(u8);

impl Channel {
    #[must_use]
    pub fn new(no: u8) -> Option<Self> {
        (no < N_CHANNELS).then_some(Self(no))
    }

    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// One bit for each channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits(pub u8);

impl Bits {
    #[must_use]
    pub const fn get(self, channel: Channel) -> bool {
        self.0 & (1 << channel.0) != 0
    }

    #[must_use]
    pub const fn with(self, channel: Channel, on: bool) -> Self {
        let bit = 1 << channel.0;
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }
}

/// What the host sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    ReadRelays,
    ReadInputs,
    SetRelay { relay: Channel, on: bool },
}

impl Command {
    #[must_use]
    pub fn encode(self, address: Address) -> Vec<u8> {
        let all = [0, 0, 0, N_CHANNELS];
        let (function, body) = match self {
            Self::ReadRelays => (READ_RELAYS, all),
            Self::ReadInputs => (READ_INPUTS, all),
            Self::SetRelay { relay, on } => {
                let [high, low] = if on { ON } else { OFF };
                (SET_RELAY, [0, relay.0, high, low])
            }
        };
        sealed(&[&[address.0, function], &body[..]].concat())
    }

    const fn function(self) -> u8 {
        match self {
            Self::ReadRelays => READ_RELAYS,
            Self::ReadInputs => READ_INPUTS,
            Self::SetRelay { .. } => SET_RELAY,
        }
    }

    /// For people and plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadRelays => "read_relays",
            Self::ReadInputs => "read_inputs",
            Self::SetRelay { .. } => "set_relay",
        }
    }
}

/// What a board heard that was meant for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Command(Command),
    /// It has to refuse it, for this reason.
    Refuse {
        function: u8,
        why: Exception,
    },
}

/// The board's end: what was heard at the front of these bytes and its length. `Err`: so many bytes
/// are nothing for this board. `None`: more are needed.
#[must_use]
pub fn hear(address: Address, bytes: &[u8]) -> Option<Result<(Heard, usize), usize>> {
    let n_noise = bytes.iter().take_while(|byte| **byte != address.0).count();
    if n_noise > 0 {
        return Some(Err(n_noise));
    }
    let (frame, _) = bytes.split_first_chunk::<FRAME_LEN_MAX>()?;
    let [_, function, at_high, at_low, high, low, ..] = *frame;
    if !is_sealed(frame) {
        return Some(Err(1));
    }
    let refuse = |why| Heard::Refuse { function, why };
    let heard = match (function, u16::from_be_bytes([at_high, at_low]), [high, low]) {
        (READ_RELAYS | READ_INPUTS, 0, [0, N_CHANNELS]) => Heard::Command(match function {
            READ_RELAYS => Command::ReadRelays,
            _ => Command::ReadInputs,
        }),
        (READ_RELAYS | READ_INPUTS, ..) => refuse(Exception::Address),
        (SET_RELAY, at, value) => match (u8::try_from(at).ok().and_then(Channel::new), value) {
            (Some(relay), ON) => Heard::Command(Command::SetRelay { relay, on: true }),
            (Some(relay), OFF) => Heard::Command(Command::SetRelay { relay, on: false }),
            (Some(_), _) => refuse(Exception::Value),
            (None, _) => refuse(Exception::Address),
        },
        _ => refuse(Exception::Function),
    };
    Some(Ok((heard, FRAME_LEN_MAX)))
}

/// Why a board refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    Function,
    Address,
    Value,
    Failed,
    /// Any other code.
    Other(u8),
}

impl Exception {
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Function,
            2 => Self::Address,
            3 => Self::Value,
            4 => Self::Failed,
            other => Self::Other(other),
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Function => 1,
            Self::Address => 2,
            Self::Value => 3,
            Self::Failed => 4,
            Self::Other(code) => code,
        }
    }
}

/// What a board says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    Relays(Bits),
    /// A bit is set while current flows through that input.
    Inputs(Bits),
    /// It heard the command to set this relay; or its line echoes.
    Heard {
        relay: Channel,
        on: bool,
    },
    /// `function`: what was refused.
    Refused {
        function: u8,
        why: Exception,
    },
}

impl Report {
    #[must_use]
    pub fn encode(self, address: Address) -> Vec<u8> {
        match self {
            Self::Relays(Bits(bits)) => sealed(&[address.0, READ_RELAYS, 1, bits]),
            Self::Inputs(Bits(bits)) => sealed(&[address.0, READ_INPUTS, 1, bits]),
            Self::Heard { relay, on } => Command::SetRelay { relay, on }.encode(address),
            Self::Refused { function, why } => sealed(&[address.0, function | REFUSED, why.code()]),
        }
    }

    /// Whether a board says this to that command, well or badly.
    #[must_use]
    pub fn answers(self, command: Command) -> bool {
        match (self, command) {
            (Self::Relays(_), Command::ReadRelays) | (Self::Inputs(_), Command::ReadInputs) => true,
            (Self::Heard { relay, on }, Command::SetRelay { relay: to, on: wanted }) => {
                (relay, on) == (to, wanted)
            }
            (Self::Refused { function, .. }, command) => function == command.function(),
            (Self::Relays(_) | Self::Inputs(_) | Self::Heard { .. }, _) => false,
        }
    }
}

fn sealed(body: &[u8]) -> Vec<u8> {
    [body, &crc(body).to_le_bytes()].concat()
}

fn is_sealed(frame: &[u8]) -> bool {
    frame.split_last_chunk().is_some_and(|(body, seal)| crc(body).to_le_bytes() == *seal)
}

/// CRC-16/Modbus: polynomial 8005 reflected, begins with FFFF.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum: u16, _| {
            let shifted = sum >> 1;
            if sum & 1 == 0 { shifted } else { shifted ^ 0xA001 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: Address = Address(1);

    #[test]
    fn addresses_and_channels_that_cannot_be_have_no_value() {
        assert_eq!([0, 248].map(Address::new), [None, None]);
        assert_eq!((Channel::new(8), Channel::new(7).map(Channel::get)), (None, Some(7)));
    }

    #[test]
    fn a_board_hears_its_commands_through_noise_and_not_those_of_others() {
        for command in [
            Command::ReadRelays,
            Command::ReadInputs,
            Command::SetRelay { relay: Channel(3), on: true },
            Command::SetRelay { relay: Channel(0), on: false },
        ] {
            let bytes = [&[0x13, 0x7E][..], &command.encode(BOARD)].concat();
            assert_eq!(hear(BOARD, &bytes), Some(Err(2)));
            assert_eq!(hear(BOARD, &bytes[2..]), Some(Ok((Heard::Command(command), 8))));
            assert_eq!(hear(BOARD, &bytes[2..9]), None, "one byte is missing");
            let mut wrong = command.encode(BOARD);
            wrong[7] ^= 1;
            assert_eq!(hear(BOARD, &wrong), Some(Err(1)), "a wrong checksum");
        }
        let of_another = Command::ReadInputs.encode(Address(2));
        assert!(matches!(hear(BOARD, &of_another), Some(Err(_))));
    }

    #[test]
    fn what_a_board_does_not_have_it_refuses_with_the_reason() {
        for (body, why) in [
            ([1, 0x01, 0, 0, 0, 16], Exception::Address),
            ([1, 0x02, 0, 8, 0, 8], Exception::Address),
            ([1, 0x05, 0, 8, 0xFF, 0], Exception::Address),
            ([1, 0x05, 0, 0, 0x12, 0x34], Exception::Value),
            ([1, 0x05, 2, 0, 0, 7], Exception::Address),
            ([1, 0x06, 0x40, 0, 0, 2], Exception::Function),
        ] {
            let heard = Heard::Refuse { function: body[1], why };
            assert_eq!(hear(BOARD, &sealed(&body)), Some(Ok((heard, 8))), "{body:02x?}");
        }
    }
}
