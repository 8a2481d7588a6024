//! `cardtool`: makes a new PIV card a staff card of a hall. Run on an administrator's machine.
//!
//! ```text
//!  code from `hall staff-card code`, a card as delivered (management key, PIN, no certificate)
//!    ─▶ two keys made on the card ─▶ requests signed by the card
//!    ─▶ PIN of its holder, a PUK that nobody knows ─▶ hall signs ─▶ certificates onto the card
//!    ─▶ a management key that nobody knows ─▶ used once, as a station does
//! ```
//! Nothing secret is kept: PUK and management key are random and forgotten, so a card that blocks
//! itself is given back its delivery state by its vendor's tool and made anew, with a new code. A
//! card that is not in its delivery state is refused. What fails on the way says so, and whether
//! the card may be handed out: never.

mod card;
mod management;

use std::io::{self, Write as _};

use clap::{Parser, Subcommand};
use device_api::smart_card::{Challenge, Pin};
use device_drivers::smart_card::codec::piv::KeySlot;
use hall_api::wire::{StaffCardReply, StaffCardRequest};
use kiosk_words::{Private, StaffCardNo};
use rcgen::{CertificateParams, DnType, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

use crate::{
    enrol::OneTimeCode,
    exit::{Exit, Failure, with_causes},
    hall::{
        client::{CallError, HallClient},
        tls::first_contact,
    },
    limits::Timings,
    pin,
};
use card::{Card, CardError};

/// So often the hall is asked when its answer may have been lost.
const N_SENDS_MAX: u32 = 3;

#[derive(Debug, Parser)]
#[command(name = "cardtool", version, about = "Makes staff cards of a hall")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The readers that pcscd knows.
    Readers,
    /// Make the card in the reader a staff card. Asks for its PIN twice, or takes one line of
    /// standard input.
    Make {
        /// Address of the hall's listener for stations, `https://…`.
        #[arg(long)]
        hall: String,
        /// The one-time code that `hall staff-card code` printed.
        #[arg(long)]
        code: String,
        /// Name of the reader, as `cardtool readers` prints it.
        #[arg(long)]
        reader: String,
    },
}

/// The whole program.
pub fn main() -> Exit {
    crate::logging::start();
    if let Err(error) = crate::dumps::forbid() {
        return told(&Failure::new(Exit::Failed, format!("cannot forbid core dumps: {error}")));
    }
    let outcome = match Cli::parse().command {
        Command::Readers => readers(),
        Command::Make { hall, code, reader } => make(&hall, &code, &reader),
    };
    match outcome {
        Ok(sentence) => {
            // A closed standard output changes nothing about the card.
            let _ = writeln!(io::stdout().lock(), "{sentence}");
            Exit::Done
        }
        Err(failure) => told(&failure),
    }
}

fn told(failure: &Failure) -> Exit {
    let _ = writeln!(io::stderr().lock(), "cardtool: {failure}");
    failure.exit
}

fn readers() -> Result<String, Failure> {
    let names = card::readers().map_err(|error| Failure::plain(&error))?;
    Ok(if names.is_empty() { "pcscd knows no reader".to_owned() } else { names.join("\n") })
}

fn make(hall: &str, typed: &str, reader: &str) -> Result<String, Failure> {
    let code = OneTimeCode::of(typed)?;
    let tls = first_contact(code.fingerprint).map_err(|error| Failure::plain(&error))?;
    let client =
        HallClient::new(tls, hall, Timings::STATION).map_err(|error| Failure::plain(&error))?;
    let new_pin = new_pin()?;
    let mut card = Card::open(reader).map_err(|error| told_of(&error, State::AsItWas))?;
    card.is_as_delivered().map_err(|error| told_of(&error, State::AsItWas))?;
    let number = new_number()?;
    let request = ask_for(&mut card, code.text, number, &new_pin);
    let request = request.map_err(|error| told_of(&error, State::Begun))?;
    let reply = send(&client, &request)?;
    finish(&mut card, &reply, &new_pin).map_err(|error| told_of(&error, State::Issued))?;
    let StaffCardReply { staff, role, .. } = reply;
    Ok(format!("this is the card of {staff}, {role}: number {number}"))
}

fn new_pin() -> Result<Pin, Failure> {
    let typed = pin::read()?;
    Pin::new(&typed).filter(|pin| !is_guessed_first(pin.digits())).ok_or_else(|| {
        let sentence = "expected a PIN of 6 to 8 digits that are not all the same and do not count \
                        up or down: nothing changed";
        Failure::new(Exit::Failed, sentence)
    })
}

/// One digit repeated, or counting; after nine comes zero, as on a row of keys.
fn is_guessed_first(digits: &Private<String>) -> bool {
    let bytes = digits.expose().as_bytes();
    let every_step_is = |step: u8| {
        bytes
            .iter()
            .zip(bytes.iter().skip(1))
            .all(|(digit, next)| (digit - b'0' + step) % 10 == next - b'0')
    };
    every_step_is(0) || every_step_is(1) || every_step_is(9)
}

fn new_number() -> Result<StaffCardNo, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(Exit::Failed, format!("no randomness: {error}")))?;
    Ok(StaffCardNo(uuid::Builder::from_random_bytes(random).into_uuid()))
}

/// How far a card came, for the person at the machine when something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AsItWas,
    /// Keys and PIN are new; no certificate was asked for, or none was given.
    Begun,
    /// The hall has made its certificates, or may have.
    Issued,
}

impl State {
    const fn words(self) -> &'static str {
        match self {
            Self::AsItWas => "",
            Self::Begun => {
                "; do not hand this card out: give it back its delivery state with its vendor's \
                 tool and begin anew"
            }
            Self::Issued => {
                "; do not hand this card out, and at the hall end what was made for it: \
                 `hall staff-card revoke`"
            }
        }
    }
}

fn told_of(error: &CardError, state: State) -> Failure {
    Failure::new(Exit::Failed, format!("{}{}", with_causes(error), state.words()))
}

/// New keys, and a request signed by each; then PIN and PUK, before anybody certifies the card.
fn ask_for(
    card: &mut Card,
    code: String,
    number: StaffCardNo,
    pin: &Pin,
) -> Result<StaffCardRequest, CardError> {
    let holder = card.make_key(KeySlot::Holder)?;
    let own = card.make_key(KeySlot::Card)?;
    let locked = std::sync::Mutex::new(card);
    let request = |slot, point| {
        let key = OnCard { card: &locked, slot, point };
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, number.to_string());
        let made = params.serialize_request(&key).and_then(|made| made.pem());
        made.map_err(CardError::Request)
    };
    let holder_csr_pem = request(KeySlot::Holder, holder)?;
    let card_csr_pem = request(KeySlot::Card, own)?;
    if let Ok(card) = locked.into_inner() {
        card.replace_pin_and_puk(pin)?;
    }
    Ok(StaffCardRequest { code, card: number, holder_csr_pem, card_csr_pem })
}

/// The same bytes again while it is not known what came of them: the hall answers as it did.
fn send(client: &HallClient, request: &StaffCardRequest) -> Result<StaffCardReply, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::plain(&error))?;
    let mut last = None;
    for _ in 0..N_SENDS_MAX {
        match runtime.block_on(client.staff_card(request)) {
            Ok(reply) => return Ok(reply),
            Err(error @ CallError::Refused { .. }) => {
                let sentence = format!("{}{}", with_causes(&error), State::Begun.words());
                return Err(Failure::new(Exit::Failed, sentence));
            }
            Err(error) => last = Some(error),
        }
    }
    let why = last.map(|error| with_causes(&error)).unwrap_or_default();
    Err(Failure::new(Exit::Failed, format!("{why}{}", State::Issued.words())))
}

/// Certificates, and a management key that nobody knows.
fn finish(card: &mut Card, reply: &StaffCardReply, pin: &Pin) -> Result<(), CardError> {
    for (slot, pem) in [
        (KeySlot::Holder, &reply.holder_certificate_pem),
        (KeySlot::Card, &reply.card_certificate_pem),
    ] {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| CardError::Reply)?;
        card.write_certificate(slot, &der)?;
    }
    card.replace_management_key()?;
    card.check(pin)
}

/// A key on the card, as the maker of a request sees it.
struct OnCard<'a, 'c> {
    card: &'a std::sync::Mutex<&'c mut Card>,
    slot: KeySlot,
    point: Vec<u8>,
}

impl PublicKeyData for OnCard<'_, '_> {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for OnCard<'_, '_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let digest = Challenge(Sha256::digest(message).into());
        let mut card = self.card.lock().map_err(|_| rcgen::Error::RemoteKeyError)?;
        card.sign(self.slot, &digest).map_err(|error| {
            tracing::error!(because = with_causes(&error), "the card does not sign");
            rcgen::Error::RemoteKeyError
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_is_guessed_first_is_refused() {
        let refused = |digits: &str| is_guessed_first(&Private::text(digits));
        for good in ["271828", "100000", "135791", "123455", "98765012"] {
            assert!(!refused(good), "{good}");
        }
        for bad in ["000000", "77777777", "123456", "567890", "890123", "987654"] {
            assert!(refused(bad), "{bad}");
        }
    }
}
