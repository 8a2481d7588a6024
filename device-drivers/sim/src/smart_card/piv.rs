//! The chip of a staff card: a PIV application with two keys, as it comes from a shop or as the
//! hall made it.
//!
//! ```text
//!  factory: no keys, factory PIN, PUK and management key
//!     │ management key ▶ key made on the card, certificate written, everything factory replaced
//!     ▼
//!  staff card: 9E signs for anybody, 9A after the PIN
//! ```
//! It does what the standard says for the commands that a station and the tool that makes cards
//! use, and refuses the rest. Its keys follow from its name, so that a test is the same each time;
//! a real card makes them from noise.

use std::collections::BTreeMap;

use device_drivers::smart_card::codec::{
    Answer, Command, StatusWord, ber,
    exchange::Waiting,
    piv::{self, AID, KeySlot, P256},
};
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Chip, atr_t0, atr_t1, protocol_of};

mod management;
mod memory;

pub use management::FACTORY_KEY;
use management::Management;

/// What cards are delivered with (protocols, section 2.6).
pub const FACTORY_PIN: &str = "123456";
pub const FACTORY_PUK: &str = "12345678";
/// Wrong PINs until the card blocks itself.
const N_TRIES: u8 = 3;
/// Tag of the object with a certificate's owner and number.
const OBJECT: ber::Tag = 0x53;

/// A secret of eight bytes with its tries.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Secret {
    value: [u8; piv::PIN_LEN],
    n_left: u8,
}

impl Secret {
    fn new(digits: &str) -> Self {
        let mut value = [0xFF; piv::PIN_LEN];
        for (to, from) in value.iter_mut().zip(digits.bytes()) {
            *to = from;
        }
        Self { value, n_left: N_TRIES }
    }

    /// Spends a try if it is wrong.
    fn check(&mut self, tried: &[u8]) -> StatusWord {
        if self.n_left == 0 {
            return StatusWord::PIN_BLOCKED;
        }
        if tried == self.value {
            self.n_left = N_TRIES;
            return StatusWord::OK;
        }
        self.n_left -= 1;
        self.left()
    }

    const fn left(&self) -> StatusWord {
        match self.n_left {
            0 => StatusWord::PIN_BLOCKED,
            n => StatusWord::wrong_pin(n),
        }
    }
}

/// A card for staff.
#[derive(Debug, Clone)]
pub struct PivChip {
    name: String,
    atr: Vec<u8>,
    /// Each with the number of keys that had been made then.
    keys: BTreeMap<KeySlot, (u32, SigningKey)>,
    /// Keys made so far: each is another one.
    n_keys: u32,
    objects: BTreeMap<Vec<u8>, Vec<u8>>,
    pin: Secret,
    puk: Secret,
    management: Management,
    is_selected: bool,
    is_pin_right: bool,
    waiting: Waiting,
    /// Data of a command that comes in several.
    chained: Vec<u8>,
}

impl PivChip {
    /// As delivered. `name` tells it from other cards.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            atr: atr_t1(),
            keys: BTreeMap::new(),
            n_keys: 0,
            objects: BTreeMap::new(),
            pin: Secret::new(FACTORY_PIN),
            puk: Secret::new(FACTORY_PUK),
            management: Management::factory(),
            is_selected: false,
            is_pin_right: false,
            waiting: Waiting::default(),
            chained: Vec::new(),
        }
    }

    /// A contact card that speaks by bytes.
    #[must_use]
    pub fn speaking_t0(mut self) -> Self {
        self.atr = atr_t0();
        self
    }

    /// Makes a key in the slot and returns the public one: `04`, x, y.
    pub fn make_key(&mut self, slot: KeySlot) -> Vec<u8> {
        self.n_keys += 1;
        let key = self.key_of(slot, self.n_keys);
        let public = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        self.keys.insert(slot, (self.n_keys, key));
        public
    }

    fn key_of(&self, slot: KeySlot, n: u32) -> SigningKey {
        let seed = Sha256::new()
            .chain_update(&self.name)
            .chain_update([slot.reference()])
            .chain_update(n.to_be_bytes())
            .finalize();
        SigningKey::from_slice(&seed).expect("a SHA-256 is below the order of P-256")
    }

    pub fn install(&mut self, slot: KeySlot, certificate: &[u8]) {
        self.objects.insert(slot.certificate().to_vec(), piv::certificate_object(certificate));
    }

    pub fn set_pin(&mut self, pin: &str) {
        self.pin = Secret::new(pin);
    }

    /// With keys and this PIN, and the bare public keys where certificates belong: enough for the
    /// driver, which reads no certificate.
    #[must_use]
    pub fn with_bare_keys(name: &str, pin: &str) -> Self {
        let mut chip = Self::new(name);
        for slot in KeySlot::ALL {
            let public = chip.make_key(slot);
            chip.install(slot, &public);
        }
        chip.set_pin(pin);
        chip
    }

    /// A copy of all that can be read, on another card.
    #[must_use]
    pub fn copied(&self) -> Self {
        let mut copy = Self::new(&format!("a copy of {}", self.name));
        for slot in KeySlot::ALL {
            copy.make_key(slot);
        }
        copy.objects.clone_from(&self.objects);
        copy.pin = self.pin.clone();
        copy
    }

    fn run(&mut self, command: &Command) -> Answer {
        let data = command.data.expose();
        let bare = Answer::bare;
        match (command.instruction, command.p1, command.p2) {
            (Command::SELECT, 0x04, _) => self.select(data),
            _ if !self.is_selected => bare(StatusWord::FILE_NOT_FOUND),
            (Command::GET_DATA, 0x3F, 0xFF) => self.get_data(data),
            (Command::VERIFY, 0, piv::PIN_REFERENCE) => bare(self.verify(data)),
            (Command::GENERAL_AUTHENTICATE, P256, slot) => self.sign(slot, data),
            (Command::GENERAL_AUTHENTICATE, algorithm, management::REFERENCE) => {
                self.management.authenticate(algorithm, data)
            }
            (Command::GENERATE_KEY, 0, slot) => self.generate(slot, data),
            (Command::PUT_DATA, 0x3F, 0xFF) => bare(self.put_data(data)),
            (Command::CHANGE_REFERENCE, 0, reference) => bare(self.change(reference, data)),
            (Command::GET_VERSION, 0, 0) => Answer::ok(vec![5, 4, 3]),
            (Command::SET_MANAGEMENT_KEY, 0xFF, 0xFF) => bare(self.management.replace(data)),
            _ => bare(StatusWord::INSTRUCTION),
        }
    }

    fn select(&mut self, aid: &[u8]) -> Answer {
        // The name without its version will do, as the standard says.
        self.is_selected = aid.len() >= 5 && AID.starts_with(aid);
        self.is_pin_right = false;
        self.management.forget();
        if self.is_selected {
            let mut template = Vec::new();
            ber::put(&mut template, 0x4F, &AID[5..]);
            Answer::ok(ber::object(0x61, &template).expose().clone())
        } else {
            Answer::bare(StatusWord::FILE_NOT_FOUND)
        }
    }

    fn get_data(&self, asked: &[u8]) -> Answer {
        let object = ber::find(asked, 0x5C).and_then(|name| self.objects.get(name));
        object.map_or(Answer::bare(StatusWord::FILE_NOT_FOUND), |inside| {
            Answer::ok(ber::object(OBJECT, inside).expose().clone())
        })
    }

    fn verify(&mut self, tried: &[u8]) -> StatusWord {
        match tried {
            [] if self.is_pin_right => StatusWord::OK,
            [] => self.pin.left(),
            tried if tried.len() != piv::PIN_LEN => StatusWord::BAD_DATA,
            tried => {
                let status = self.pin.check(tried);
                self.is_pin_right = status == StatusWord::OK;
                status
            }
        }
    }

    fn sign(&self, slot: u8, data: &[u8]) -> Answer {
        let slot = KeySlot::of(slot);
        let key = slot.and_then(|slot| self.keys.get(&slot));
        let digest = ber::find(data, 0x7C).and_then(|asked| ber::find(asked, 0x81));
        match (key, digest) {
            (None, _) => Answer::bare(StatusWord::DATA_NOT_FOUND),
            _ if slot == Some(KeySlot::Holder) && !self.is_pin_right => {
                Answer::bare(StatusWord::SECURITY)
            }
            (Some((_, key)), Some(digest)) if digest.len() == 32 => {
                let signature: Result<Signature, _> = key.sign_prehash(digest);
                signature.map_or(Answer::bare(StatusWord::BAD_DATA), |signature| {
                    let mut inside = Vec::new();
                    ber::put(&mut inside, 0x82, signature.to_der().as_bytes());
                    Answer::ok(ber::object(0x7C, &inside).expose().clone())
                })
            }
            _ => Answer::bare(StatusWord::BAD_DATA),
        }
    }

    fn generate(&mut self, slot: u8, data: &[u8]) -> Answer {
        let algorithm = ber::find(data, 0xAC).and_then(|control| ber::find(control, 0x80));
        match (KeySlot::of(slot), algorithm) {
            _ if !self.management.is_open() => Answer::bare(StatusWord::SECURITY),
            (Some(slot), Some([P256])) => {
                let mut inside = Vec::new();
                ber::put(&mut inside, 0x86, &self.make_key(slot));
                Answer::ok(ber::object(0x7F49, &inside).expose().clone())
            }
            _ => Answer::bare(StatusWord::BAD_DATA),
        }
    }

    fn put_data(&mut self, data: &[u8]) -> StatusWord {
        if !self.management.is_open() {
            return StatusWord::SECURITY;
        }
        let object = ber::take(data).filter(|(tag, name, _)| *tag == 0x5C && !name.is_empty());
        match object.and_then(|(_, name, rest)| Some((name, ber::find(rest, OBJECT)?))) {
            Some((name, inside)) => {
                self.objects.insert(name.to_vec(), inside.to_vec());
                StatusWord::OK
            }
            None => StatusWord::BAD_DATA,
        }
    }

    /// Old and new value, eight bytes each.
    fn change(&mut self, reference: u8, data: &[u8]) -> StatusWord {
        let secret = match reference {
            piv::PIN_REFERENCE => &mut self.pin,
            piv::PUK_REFERENCE => &mut self.puk,
            _ => return StatusWord::DATA_NOT_FOUND,
        };
        let halves = data.split_at_checked(piv::PIN_LEN);
        let Some((old, new)) = halves.and_then(|(old, new)| Some((old, new.try_into().ok()?)))
        else {
            return StatusWord::BAD_DATA;
        };
        let status = secret.check(old);
        if status == StatusWord::OK {
            secret.value = new;
        }
        status
    }
}

impl Chip for PivChip {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn memory(&self) -> Option<String> {
        Some(self.written())
    }

    fn reset(&mut self) {
        (self.is_selected, self.is_pin_right) = (false, false);
        self.management.forget();
        self.waiting = Waiting::default();
        self.chained.clear();
    }

    fn answer(&mut self, command: &Command) -> Vec<u8> {
        match command.class {
            Command::CHAINED => {
                self.chained.extend(command.data.expose());
                return Answer::bare(StatusWord::OK).encode();
            }
            0 => {}
            _ => return Answer::bare(StatusWord::CLASS).encode(),
        }
        if command.instruction == Command::GET_RESPONSE {
            return self.waiting.fetch(command.expected.unwrap_or(0));
        }
        let mut whole = command.clone();
        if !self.chained.is_empty() {
            self.chained.extend(command.data.expose());
            whole.data = kiosk_words::Private::new(std::mem::take(&mut self.chained));
        }
        let answer = self.run(&whole);
        self.waiting.answer(&answer, protocol_of(&self.atr), command)
    }
}
