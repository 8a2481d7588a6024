//! PIV (NIST SP 800-73-4): the commands and objects that a staff card needs, for both sides.
//!
//! A staff card has two keys of P-256 and a certificate for each: one that anybody may challenge
//! (slot 9E: this is a card that the hall made), and one that works only after the right PIN (slot
//! 9A: and this is its holder). `protocols/id-reader.md`, sections 2.3, 2.4 and 2.6.

use device_api::smart_card::{Challenge, Pin};
use kiosk_words::Private;

use super::{
    apdu::{Answer, Command},
    ber,
};

/// The PIV application with the version at its end.
pub const AID: [u8; 11] = [0xA0, 0, 0, 0x03, 0x08, 0, 0, 0x10, 0, 0x01, 0];

/// P-256 in GENERAL AUTHENTICATE and in key generation.
pub const P256: u8 = 0x11;
/// Reference of the PIN that opens the key of the holder.
pub const PIN_REFERENCE: u8 = 0x80;
pub const PUK_REFERENCE: u8 = 0x81;
/// Bytes of a PIN or PUK on the wire.
pub const PIN_LEN: usize = 8;

/// The two slots that a staff card uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeySlot {
    /// 9A: needs the PIN.
    Holder,
    /// 9E: needs none.
    Card,
}

impl KeySlot {
    pub const ALL: [Self; 2] = [Self::Holder, Self::Card];

    #[must_use]
    pub const fn reference(self) -> u8 {
        match self {
            Self::Holder => 0x9A,
            Self::Card => 0x9E,
        }
    }

    #[must_use]
    pub fn of(reference: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.reference() == reference)
    }

    /// Object with the certificate of this slot.
    #[must_use]
    pub const fn certificate(self) -> [u8; 3] {
        match self {
            Self::Holder => [0x5F, 0xC1, 0x05],
            Self::Card => [0x5F, 0xC1, 0x01],
        }
    }
}

#[must_use]
pub fn select() -> Command {
    Command::select_application(&AID).expecting(0)
}

#[must_use]
pub fn get_data(object: [u8; 3]) -> Command {
    let wanted = ber::object(0x5C, &object);
    Command::new(Command::GET_DATA, 0x3F, 0xFF).with(wanted.expose()).expecting(0)
}

/// How many tries are left, asked without spending one: the answer is 63Cx.
#[must_use]
pub const fn ask_tries() -> Command {
    Command::new(Command::VERIFY, 0x00, PIN_REFERENCE)
}

/// Spends a try if the PIN is wrong; sent once, whatever becomes of it.
#[must_use]
pub fn verify(pin: &Pin) -> Command {
    let padded = pad(pin.digits());
    Command::new(Command::VERIFY, 0x00, PIN_REFERENCE).with(padded.expose())
}

/// To eight bytes, with FF.
#[must_use]
pub fn pad(digits: &Private<String>) -> Private<[u8; PIN_LEN]> {
    digits.map(|digits| {
        let mut padded = [0xFF; PIN_LEN];
        for (to, from) in padded.iter_mut().zip(digits.bytes()) {
            *to = from;
        }
        padded
    })
}

/// A signature over this digest by the key of the slot.
#[must_use]
pub fn sign(slot: KeySlot, Challenge(digest): &Challenge) -> Command {
    let mut asked = vec![0x82, 0x00];
    ber::put(&mut asked, 0x81, digest);
    let template = ber::object(0x7C, &asked);
    let command = Command::new(Command::GENERAL_AUTHENTICATE, P256, slot.reference());
    command.with(template.expose()).expecting(0)
}

/// ECDSA signature in DER, out of the answer to [`sign`].
#[must_use]
pub fn signature(answer: &Answer) -> Option<Vec<u8>> {
    let template = ber::find(answer.data.expose(), 0x7C)?;
    ber::find(template, 0x82).filter(|signature| !signature.is_empty()).map(<[u8]>::to_vec)
}

/// Certificate in DER, out of the answer to [`get_data`]. `None` also for one that was compressed:
/// ours are short and are not.
#[must_use]
pub fn certificate(answer: &Answer) -> Option<Vec<u8>> {
    let object = ber::find(answer.data.expose(), 0x53)?;
    let is_plain = ber::find(object, 0x71).is_none_or(|info| info == [0]);
    ber::find(object, 0x70).filter(|der| is_plain && !der.is_empty()).map(<[u8]>::to_vec)
}

/// The object that holds this certificate.
#[must_use]
pub fn certificate_object(der: &[u8]) -> Vec<u8> {
    let mut inside = Vec::new();
    ber::put(&mut inside, 0x70, der);
    ber::put(&mut inside, 0x71, &[0]);
    ber::put(&mut inside, 0xFE, &[]);
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smart_card::codec::StatusWord;

    #[test]
    fn commands_are_as_they_stand_in_the_protocol_notes() {
        let bytes = |command: &Command| hex::encode_upper(command.encode().expose());
        assert_eq!(bytes(&select()), "00A404000BA000000308000010000100".to_owned() + "00");
        assert_eq!(bytes(&get_data(KeySlot::Holder.certificate())), "00CB3FFF055C035FC10500");
        assert_eq!(bytes(&get_data(KeySlot::Card.certificate())), "00CB3FFF055C035FC10100");
        assert_eq!(bytes(&ask_tries()), "00200080");
        let pin = Pin::new(&Private::text("271828")).unwrap();
        assert_eq!(bytes(&verify(&pin)), "0020008008323731383238FFFF");
        let signed = bytes(&sign(KeySlot::Card, &Challenge([0xAB; 32])));
        assert_eq!(signed, format!("0087119E267C2482008120{}00", "AB".repeat(32)));
    }

    #[test]
    fn a_certificate_is_read_out_of_its_object() {
        let der = vec![0x30; 300];
        let object = ber::object(0x53, &certificate_object(&der));
        assert_eq!(object.expose()[..4], [0x53, 0x82, 0x01, 0x35]);
        let answer = Answer::ok(object.expose().clone());
        assert_eq!(certificate(&answer), Some(der));
    }

    #[test]
    fn what_is_no_plain_certificate_is_none() {
        let none =
            |inside: &[u8]| certificate(&Answer::ok(ber::object(0x53, inside).expose().clone()));
        assert_eq!(none(&[0x70, 1, 9, 0x71, 1, 1, 0xFE, 0]), None, "compressed");
        assert_eq!(none(&[0x70, 0, 0x71, 1, 0]), None, "empty");
        assert_eq!(none(&[]), None);
        assert_eq!(certificate(&Answer::ok(vec![0x53, 4, 0x70])), None, "cut off");
        assert_eq!(none(&[0x70, 1, 9]), Some(vec![9]), "without what is said about it");
    }

    #[test]
    fn a_signature_is_read_out_of_its_template() {
        let answer = Answer::ok(vec![0x7C, 4, 0x82, 2, 0x30, 0]);
        assert_eq!(signature(&answer), Some(vec![0x30, 0]));
        assert_eq!(signature(&Answer::ok(vec![0x7C, 2, 0x82, 0])), None);
        assert_eq!(signature(&Answer::bare(StatusWord::OK)), None);
    }
}
