//! What the audit chain says of an opening: a keyed hash of what was written of it.
//!
//! The line of an authorisation holds the hash of its number, door, act, what it is about, who and
//! when; the line of its end that of how it ended and when. Keyed, because doors, acts and staff
//! ids are few enough to be tried out by whoever sees a line. The bytes never change: lines written
//! years ago are compared with their rows by `trail`.

use hmac::{Hmac, Mac as _};
use kiosk_words::Digest32;
use sha2::Sha256;

use crate::keyed::{self, Key};

/// Each keeps its hashes from ever being those of something else under the owner key.
const AUTHORISED_DOMAIN: &[u8] = b"nightdesk door authorised 1";
const ENDED_DOMAIN: &[u8] = b"nightdesk door ended 1";

/// The columns of an authorisation that never change.
#[derive(Debug)]
pub(crate) struct Authorised<'a> {
    pub(crate) number: i64,
    pub(crate) door: u16,
    pub(crate) act: &'a str,
    pub(crate) case: Option<[u8; 16]>,
    pub(crate) order: Option<i64>,
    pub(crate) who: &'a str,
    pub(crate) at: i64,
    pub(crate) quality: &'a str,
}

/// The columns that its end fills.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) number: i64,
    pub(crate) how: &'a str,
    pub(crate) doubt: Option<&'a str>,
    pub(crate) at: i64,
}

impl Authorised<'_> {
    pub(crate) fn proof(&self, key: &Key) -> Digest32 {
        let mut bytes = Bytes::new(key, AUTHORISED_DOMAIN);
        bytes.push(&self.number.to_be_bytes());
        bytes.push(&self.door.to_be_bytes());
        bytes.push_text(self.act);
        bytes.push_optional(self.case.as_ref().map(<[u8; 16]>::as_slice));
        bytes.push_optional(self.order.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        bytes.push_text(self.who);
        bytes.push(&self.at.to_be_bytes());
        bytes.push_text(self.quality);
        bytes.hash()
    }
}

impl Ended<'_> {
    pub(crate) fn proof(&self, key: &Key) -> Digest32 {
        let mut bytes = Bytes::new(key, ENDED_DOMAIN);
        bytes.push(&self.number.to_be_bytes());
        bytes.push_text(self.how);
        bytes.push(&[u8::from(self.doubt.is_some())]);
        bytes.push_text(self.doubt.unwrap_or_default());
        bytes.push(&self.at.to_be_bytes());
        bytes.hash()
    }
}

/// Every optional part has a mark and every text its length, so that no two rows have the same
/// bytes.
struct Bytes(Hmac<Sha256>);

impl Bytes {
    fn new(key: &Key, domain: &[u8]) -> Self {
        Self(keyed::mac(key).chain_update(domain))
    }

    fn push(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn push_text(&mut self, text: &str) {
        self.push(&(text.len() as u64).to_be_bytes());
        self.push(text.as_bytes());
    }

    fn push_optional(&mut self, part: Option<&[u8]>) {
        self.push(&[u8::from(part.is_some())]);
        self.push(part.unwrap_or_default());
    }

    fn hash(self) -> Digest32 {
        keyed::hash(self.0)
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::Private;

    use super::{Authorised, Ended};

    /// Frozen: do not edit. A change of these bytes makes every chain in the field look edited.
    #[test]
    fn the_bytes_of_a_proof_never_change() {
        let key = Private::new([0x42; 32]);
        let deposit = Authorised {
            number: 7,
            door: 12,
            act: "deposit",
            case: Some([0x3c; 16]),
            order: None,
            who: "citizen:ab",
            at: 1_772_673_960_000,
            quality: "synced",
        };
        let collect = Authorised {
            act: "collect",
            case: None,
            order: Some(-1),
            who: "staff:lz-007",
            quality: "held",
            ..deposit
        };
        let doubted = Ended { number: 7, how: "doubted", doubt: Some("lost"), at: 5 };
        let confirmed = Ended { how: "confirmed", doubt: None, ..doubted };
        let proofs =
            [deposit.proof(&key), collect.proof(&key), doubted.proof(&key), confirmed.proof(&key)];
        let expected = [
            "3d14e6aeaf813e634a6d85c95ecf7ec04c81c6fff989176088de786006ea400d",
            "0a47a01cc878f61c164983653af34d8c05c35f6ab8d5e11349567fc54c24e6d9",
            "ea5ffc66fa88715b336c32445769fb712717d9ad3fd57e1031bf8e82c7dd4f2b",
            "72e6c39fb4ad7af703deea149afcefd7e6c140c5b912b699d72b3d4769d84463",
        ];
        assert_eq!(proofs.map(|proof| proof.to_string()), expected);
    }
}
