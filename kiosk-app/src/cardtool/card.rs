//! A PIV card in its delivery state and the way to a staff card, command by command, through pcscd.
//!
//! Facts: `protocols/id-reader.md`, section 2.6. What the standard does not say (another management
//! key) is known for the families in [`FAMILIES`]; a card of none of them is refused.

use std::{
    ffi::{CStr, CString},
    thread,
    time::Duration,
};

use device_api::smart_card::{Challenge, Pin};
use device_drivers::smart_card::codec::{
    Answer, BadApdu, Command, Exchange, Protocol, StatusWord, Turn, ber,
    piv::{self, KeySlot, P256, PIN_LEN},
};
use kiosk_words::Private;
use pcsc::{
    Context, Disposition, MAX_BUFFER_SIZE_EXTENDED, Protocols, ReaderState, Scope, ShareMode, State,
};

use super::management::{self, Cipher, ManagementKey};

/// What cards are delivered with.
const FACTORY_PIN: &str = "123456";
const FACTORY_PUK: &str = "12345678";

/// A family of cards: the versions that belong to it, and the cipher of its management key.
#[derive(Debug, Clone, Copy)]
struct Family {
    from: (u8, u8),
    below: (u8, u8),
    cipher: Cipher,
}

/// Cards that answer GET VERSION (`00 FD 00 00`) with three bytes, and take another management key
/// by `00 FF FF FF`: YubiKey 4 and 5 and the applets that follow them (from their vendor's manual,
/// not measured).
const FAMILIES: [Family; 2] = [
    Family { from: (4, 0), below: (5, 7), cipher: Cipher::TripleDes },
    Family { from: (5, 7), below: (6, 0), cipher: Cipher::Aes192 },
];
/// Before a card is tried again.
const AGAIN: Duration = Duration::from_millis(200);
/// So often a card that was just pushed in is tried.
const N_TRIES_MAX: u32 = 25;
/// How long a card is waited for, from one change at the reader to the next.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub(super) enum CardError {
    #[error("pcscd")]
    Pcsc(#[from] pcsc::Error),
    #[error("expected a PIV card; this card answers {:04X}", .0.0)]
    NotPiv(StatusWord),
    #[error(
        "this kind of card is not known here: how its management key is replaced is not in the \
         standard. Known are cards that follow the YubiKey in this"
    )]
    UnknownFamily,
    #[error(
        "the card is not as it was delivered ({what}): it was made for somebody before. Give it \
         back its delivery state with its vendor's tool first"
    )]
    NotFactory { what: &'static str },
    #[error("{doing}: the card answers {:04X}", .status.0)]
    Refused { doing: &'static str, status: StatusWord },
    #[error("{doing}: what the card says is not to be understood")]
    Garbled { doing: &'static str },
    #[error("broken answer")]
    Apdu(#[from] BadApdu),
    #[error("the certificate request could not be made")]
    Request(#[source] rcgen::Error),
    #[error("what the hall sent is no certificate")]
    Reply,
    #[error("no randomness")]
    NoRandomness,
}

/// Names of the readers that pcscd knows.
pub(super) fn readers() -> Result<Vec<String>, CardError> {
    let names = match Context::establish(Scope::User)?.list_readers_owned() {
        Ok(names) => names,
        Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// The card in a reader; nobody else talks to it meanwhile.
pub(super) struct Card {
    link: Option<pcsc::Card>,
    protocol: Protocol,
    cipher: Cipher,
}

impl Drop for Card {
    fn drop(&mut self) {
        // What was allowed in this conversation ends with it. A card that is gone cannot be
        // powered off.
        if let Some(link) = self.link.take() {
            let _ = link.disconnect(Disposition::UnpowerCard);
        }
    }
}

impl Card {
    /// Waits for a card; one that was pushed in a moment ago may need several tries.
    pub(super) fn open(reader: &str) -> Result<Self, CardError> {
        let context = Context::establish(Scope::User)?;
        let name = CString::new(reader).map_err(|_| pcsc::Error::UnknownReader)?;
        for _ in 0..N_TRIES_MAX {
            match Self::open_now(&context, &name) {
                Err(CardError::Pcsc(error)) if is_settling(error) => thread::park_timeout(AGAIN),
                done => return done,
            }
        }
        Self::open_now(&context, &name)
    }

    fn open_now(context: &Context, name: &CStr) -> Result<Self, CardError> {
        let link = connect(context, name)?;
        let protocol = match link.status2_owned()?.protocol2() {
            Some(pcsc::Protocol::T0) => Protocol::T0,
            Some(pcsc::Protocol::T1 | pcsc::Protocol::RAW) | None => Protocol::T1,
        };
        let mut card = Self { link: Some(link), protocol, cipher: Cipher::TripleDes };
        let selected = card.ask(piv::select())?;
        if selected.status != StatusWord::OK {
            return Err(CardError::NotPiv(selected.status));
        }
        card.cipher = card.family()?;
        Ok(card)
    }

    fn family(&mut self) -> Result<Cipher, CardError> {
        let version = self.ask(Command::new(Command::GET_VERSION, 0, 0).expecting(0))?;
        let [major, minor, _] = version.data.expose()[..] else {
            return Err(CardError::UnknownFamily);
        };
        let is_of = |family: &&Family| (family.from..family.below).contains(&(major, minor));
        let known = FAMILIES.iter().find(is_of).filter(|_| version.status == StatusWord::OK);
        known.map(|family| family.cipher).ok_or(CardError::UnknownFamily)
    }

    /// Looks before anything is changed: management key and PIN of delivery, and no certificate. A
    /// wrong PIN spends a try.
    pub(super) fn is_as_delivered(&mut self) -> Result<(), CardError> {
        for slot in KeySlot::ALL {
            let found = self.ask(piv::get_data(slot.certificate()))?;
            if found.status == StatusWord::OK {
                return Err(CardError::NotFactory { what: "it holds a certificate" });
            }
        }
        if !self.unlock(&ManagementKey::factory(self.cipher))? {
            return Err(CardError::NotFactory { what: "management key" });
        }
        let pin = Pin::new(&Private::text(FACTORY_PIN)).expect("six digits");
        let answer = self.ask(piv::verify(&pin))?;
        let is_right = answer.status == StatusWord::OK;
        if is_right { Ok(()) } else { Err(CardError::NotFactory { what: "PIN" }) }
    }

    /// Mutual: the card shows that it has the key, too. `false`: it has another.
    fn unlock(&mut self, key: &ManagementKey) -> Result<bool, CardError> {
        let doing = "asking for the management key";
        let begun = self.ask(management::ask_witness(key.cipher))?;
        let begun = ok(begun, doing)?;
        let witness = management::answer_of(&begun, 0x80).ok_or(CardError::Garbled { doing })?;
        let challenge = random(key.cipher.block_len())?;
        let shown = key.decrypted(&witness).ok_or(CardError::Garbled { doing })?;
        let answer = self.ask(management::show(key.cipher, &shown, &challenge))?;
        if answer.status != StatusWord::OK {
            return Ok(false);
        }
        let said = management::answer_of(&answer, 0x82).ok_or(CardError::Garbled { doing })?;
        Ok(key.decrypted(&said).as_deref() == Some(&challenge[..]))
    }

    /// A new key, made on the card; the public half: `04`, x, y.
    pub(super) fn make_key(&mut self, slot: KeySlot) -> Result<Vec<u8>, CardError> {
        let doing = "making a key";
        let control = ber::object(0xAC, ber::object(0x80, &[P256]).expose());
        let command = Command::new(Command::GENERATE_KEY, 0, slot.reference());
        let answer = self.ask(command.with(control.expose()).expecting(0))?;
        let answer = ok(answer, doing)?;
        let template = ber::find(answer.data.expose(), 0x7F49);
        let point = template.and_then(|template| ber::find(template, 0x86));
        point.map(<[u8]>::to_vec).ok_or(CardError::Garbled { doing })
    }

    pub(super) fn sign(&mut self, slot: KeySlot, digest: &Challenge) -> Result<Vec<u8>, CardError> {
        let doing = "signing";
        let answer = self.ask(piv::sign(slot, digest))?;
        piv::signature(&ok(answer, doing)?).ok_or(CardError::Garbled { doing })
    }

    pub(super) fn write_certificate(&mut self, slot: KeySlot, der: &[u8]) -> Result<(), CardError> {
        let mut data = Vec::new();
        ber::put(&mut data, 0x5C, &slot.certificate());
        ber::put(&mut data, 0x53, &piv::certificate_object(der));
        self.ask_long(
            &Command::new(Command::PUT_DATA, 0x3F, 0xFF),
            &data,
            "writing a certificate",
        )?;
        let written = self.ask(piv::get_data(slot.certificate()))?;
        let is_there = piv::certificate(&written).as_deref() == Some(der);
        is_there.then_some(()).ok_or(CardError::Garbled { doing: "reading a certificate back" })
    }

    /// Before the hall certifies the card: with a certificate and the PIN of delivery it could be
    /// used by its finder.
    pub(super) fn replace_pin_and_puk(&mut self, pin: &Pin) -> Result<(), CardError> {
        self.change(piv::PIN_REFERENCE, FACTORY_PIN, &piv::pad(pin.digits()), "PIN")?;
        let puk = random(PIN_LEN)?;
        let puk = Private::new(std::array::from_fn(|at| puk[at]));
        self.change(piv::PUK_REFERENCE, FACTORY_PUK, &puk, "PUK")
    }

    pub(super) fn replace_management_key(&mut self) -> Result<(), CardError> {
        let key = ManagementKey::random(self.cipher).ok_or(CardError::NoRandomness)?;
        let command = Command::new(Command::SET_MANAGEMENT_KEY, 0xFF, 0xFF);
        let answer = self.ask(command.with(key.as_set().expose()))?;
        ok(answer, "replacing the management key")?;
        // It has the new one, and the old one is of no use any more.
        let selected = self.ask(piv::select())?;
        ok(selected, "selecting it again")?;
        let old = ManagementKey::factory(self.cipher);
        if !self.unlock(&key)? || self.unlock(&old)? {
            return Err(CardError::NotFactory { what: "management key, which was not replaced" });
        }
        Ok(())
    }

    fn change(
        &mut self,
        reference: u8,
        old: &str,
        new: &Private<[u8; PIN_LEN]>,
        what: &'static str,
    ) -> Result<(), CardError> {
        let old = piv::pad(&Private::text(old));
        let data = Private::new([&old.expose()[..], &new.expose()[..]].concat());
        let command = Command::new(Command::CHANGE_REFERENCE, 0, reference);
        let answer = self.ask(command.with(data.expose()))?;
        if answer.status == StatusWord::OK { Ok(()) } else { Err(CardError::NotFactory { what }) }
    }

    /// As a station will use it, from the power on: the holder's key signs after the PIN only.
    pub(super) fn check(&mut self, pin: &Pin) -> Result<(), CardError> {
        if let Some(link) = &mut self.link {
            link.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard)?;
        }
        let selected = self.ask(piv::select())?;
        ok(selected, "selecting it again")?;
        self.sign(KeySlot::Card, &Challenge([0x5A; 32]))?;
        let digest = Challenge([0xA5; 32]);
        if self.sign(KeySlot::Holder, &digest).is_ok() {
            return Err(CardError::NotFactory { what: "its key signs without the PIN" });
        }
        let answer = self.ask(piv::verify(pin))?;
        ok(answer, "the new PIN")?;
        self.sign(KeySlot::Holder, &digest).map(drop)
    }

    fn ask_long(
        &mut self,
        command: &Command,
        data: &[u8],
        doing: &'static str,
    ) -> Result<(), CardError> {
        for piece in command.in_pieces(data) {
            let answer = self.ask(piece)?;
            ok(answer, doing)?;
        }
        Ok(())
    }

    fn ask(&mut self, command: Command) -> Result<Answer, CardError> {
        let link = self.link.as_ref().ok_or(pcsc::Error::RemovedCard)?;
        let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
        let (mut exchange, mut bytes) = Exchange::begin(command, self.protocol);
        loop {
            let said = link.transmit(bytes.expose(), &mut buffer)?;
            match exchange.hear(said)? {
                Turn::Send(next) => bytes = next,
                Turn::Done(answer) => return Ok(answer),
            }
        }
    }
}

/// pcscd has not noticed yet that the card before was taken out, or is about to power this one.
fn is_settling(error: pcsc::Error) -> bool {
    use pcsc::Error;
    [
        Error::RemovedCard,
        Error::ResetCard,
        Error::UnpoweredCard,
        Error::NoSmartcard,
        Error::NotTransacted,
        Error::UnresponsiveCard,
    ]
    .contains(&error)
}

/// As soon as a card is in.
fn connect(context: &Context, name: &CStr) -> Result<pcsc::Card, CardError> {
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    loop {
        context.get_status_change(PATIENCE, &mut states)?;
        for state in &mut states {
            state.sync_current_state();
        }
        if states.iter().any(|state| state.event_state().contains(State::PRESENT)) {
            return Ok(context.connect(name, ShareMode::Exclusive, Protocols::ANY)?);
        }
    }
}

fn ok(answer: Answer, doing: &'static str) -> Result<Answer, CardError> {
    if answer.status == StatusWord::OK {
        Ok(answer)
    } else {
        Err(CardError::Refused { doing, status: answer.status })
    }
}

fn random(n_bytes: usize) -> Result<Vec<u8>, CardError> {
    let mut bytes = vec![0; n_bytes];
    getrandom::fill(&mut bytes).map_err(|_| CardError::NoRandomness)?;
    Ok(bytes)
}
