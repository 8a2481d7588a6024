//! A reader of pcscd: one thread that watches the slot, and one for each card that is talked to.
//!
//! Calls into pcscd may not come back for as long as a card pleases: `SCardTransmit` has no limit
//! and cannot be cancelled. So they are made by threads of their own; a card that is let go while
//! its thread waits is left to that thread, which ends when the call comes back.
//!
//! ```text
//!  watch thread: daemon ──▶ reader ──▶ slot changes ──Heard──▶ terminal ◀── card thread: power,
//!    ▲ error: forget the context, wait,│                                     command by command,
//!    └──── and begin with a new one ◀──┘                                     power off
//! ```
//! After a restart of pcscd every call of the old context fails, although it says that it is valid
//! (measured with 1.9.9): a context is never mended, always made anew.

use std::{
    ffi::{CStr, CString},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc as sync_mpsc,
    },
    thread,
    time::Duration,
};

use device_api::smart_card::Fault;
use kiosk_words::Private;
use pcsc::{
    Card, Context, Disposition, Error, MAX_BUFFER_SIZE_EXTENDED, Protocols, ReaderState, Scope,
    ShareMode, State,
};
use tokio::sync::mpsc;
use zeroize::Zeroize as _;

use crate::smart_card::{
    codec::Protocol,
    core::{Failure, Heard},
    terminal::Terminal,
};

/// Before pcscd is looked for again.
const AGAIN: Duration = Duration::from_millis(500);
/// The watch looks up so often to see whether anybody still listens.
const WATCH: Duration = Duration::from_secs(1);
/// Card threads whose calls have not come back; with more of them no card is tried.
const N_THREADS_MAX: usize = 4;
/// The next command comes only after the answer to the last.
const N_COMMANDS_MAX: usize = 1;
/// What was heard and not yet taken.
const N_HEARD_MAX: usize = 16;

/// One reader, by its name at pcscd.
#[derive(Debug)]
pub struct PcscTerminal {
    reader: Arc<Watched>,
    slot: mpsc::Receiver<Heard>,
    card: Option<CardThread>,
    /// Said without asking anybody.
    at_once: Option<Heard>,
    n_threads: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Watched {
    /// As in machine.toml.
    wanted: String,
    /// As pcscd has it now.
    found: std::sync::Mutex<Option<CString>>,
}

#[derive(Debug)]
struct CardThread {
    commands: sync_mpsc::SyncSender<Private<Vec<u8>>>,
    said: mpsc::Receiver<Heard>,
}

impl PcscTerminal {
    /// Starts the watch.
    #[must_use]
    pub fn start(reader: String) -> Self {
        let (tell, slot) = mpsc::channel(N_HEARD_MAX);
        let reader = Arc::new(Watched { wanted: reader, found: std::sync::Mutex::default() });
        let watched = Arc::clone(&reader);
        let watch = move || Watch { reader: watched, tell, last: None, seen: None }.run();
        let spawned = thread::Builder::new().name("card-slot".to_owned()).spawn(watch);
        if let Err(error) = spawned {
            // The channel is closed then: the reader stays in its first state.
            tracing::error!(%error, "no thread for the card reader");
        }
        Self { reader, slot, card: None, at_once: None, n_threads: Arc::default() }
    }
}

impl Terminal for PcscTerminal {
    async fn hear(&mut self) -> Heard {
        if let Some(heard) = self.at_once.take() {
            return heard;
        }
        tokio::select! { biased;
            Some(heard) = self.slot.recv() => heard,
            said = said(self.card.as_mut()) => {
                if said.is_none() {
                    self.card = None;
                }
                said.unwrap_or(Heard::Failed(Failure::Broken))
            }
        }
    }

    fn connect(&mut self) {
        self.card = None;
        if self.n_threads.load(Ordering::Acquire) >= N_THREADS_MAX {
            tracing::error!(n_threads = N_THREADS_MAX, "calls into pcscd do not come back");
            self.at_once = Some(Heard::Failed(Failure::Stuck));
            return;
        }
        let (commands, at_card) = sync_mpsc::sync_channel(N_COMMANDS_MAX);
        let (tell, said) = mpsc::channel(1);
        let (reader, counted) = (Arc::clone(&self.reader), Counted::new(&self.n_threads));
        let talk = move || {
            let _counted = counted;
            talk(&reader, &at_card, &tell);
        };
        match thread::Builder::new().name("smart-card".to_owned()).spawn(talk) {
            Ok(_) => self.card = Some(CardThread { commands, said }),
            Err(error) => {
                tracing::error!(%error, "no thread for the card");
                self.at_once = Some(Heard::Failed(Failure::Broken));
            }
        }
    }

    fn transmit(&mut self, command: &Private<Vec<u8>>) {
        let sent = self.card.as_ref().is_some_and(|card| {
            let command = command.map(Clone::clone);
            card.commands.try_send(command).is_ok()
        });
        if !sent {
            self.at_once = Some(Heard::Failed(Failure::Broken));
        }
    }

    fn let_go(&mut self) {
        // The thread sees that nobody commands it, and takes the power away.
        self.card = None;
        self.at_once = None;
    }
}

async fn said(card: Option<&mut CardThread>) -> Option<Heard> {
    match card {
        Some(card) => card.said.recv().await,
        None => std::future::pending().await,
    }
}

/// Counts a thread for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

// ---- the card thread ----

fn talk(
    reader: &Watched,
    commands: &sync_mpsc::Receiver<Private<Vec<u8>>>,
    tell: &mpsc::Sender<Heard>,
) {
    let card = match connect(reader) {
        Ok(card) => card,
        Err(error) => return say(tell, Heard::Failed(failure(error))),
    };
    // What is said has room for one, and the next is asked for only when it was taken.
    match card.status2_owned().map(|status| status.protocol2()) {
        Ok(Some(pcsc::Protocol::T0)) => say(tell, Heard::Connected(Protocol::T0)),
        Ok(_) => say(tell, Heard::Connected(Protocol::T1)),
        Err(error) => say(tell, Heard::Failed(failure(error))),
    }
    let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
    while let Ok(command) = commands.recv() {
        let heard = match card.transmit(command.expose(), &mut buffer) {
            Ok(answer) => Heard::Answer(Private::new(answer.to_vec())),
            Err(error) => Heard::Failed(failure(error)),
        };
        // The slice: a vector would lose its length.
        buffer.as_mut_slice().zeroize();
        say(tell, heard);
    }
    // Whatever the card was allowed in this conversation ends with it. A card that is gone cannot
    // be powered off.
    let _ = card.disconnect(Disposition::UnpowerCard);
}

fn say(tell: &mpsc::Sender<Heard>, heard: Heard) {
    // Let go meanwhile: nobody wants to hear it.
    let _ = tell.blocking_send(heard);
}

fn connect(reader: &Watched) -> Result<Card, Error> {
    let found = reader.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let name = found.ok_or(Error::UnknownReader)?;
    // A context of its own: a call that does not come back would hold up the watch.
    Context::establish(Scope::User)?.connect(&name, ShareMode::Exclusive, Protocols::ANY)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "sixty errors, of which these are told apart")]
fn failure(error: Error) -> Failure {
    tracing::debug!(%error, "the card does not answer");
    match error {
        Error::RemovedCard | Error::NoSmartcard | Error::NotTransacted => Failure::Removed,
        Error::SharingViolation => Failure::InUse,
        _ => Failure::Broken,
    }
}

// ---- the watch ----

struct Watch {
    reader: Arc<Watched>,
    tell: mpsc::Sender<Heard>,
    /// Said last, so that nothing is said twice.
    last: Option<Heard>,
    /// The slot at the last look: whether a card was in, and how often one came or went.
    seen: Option<(bool, u32)>,
}

/// Why a context is given up.
enum End {
    NobodyListens,
    Daemon(Error),
}

impl Watch {
    fn run(mut self) {
        loop {
            let end = match Context::establish(Scope::User) {
                Ok(context) => self.watch(&context),
                Err(error) => End::Daemon(error),
            };
            match end {
                End::NobodyListens => return,
                End::Daemon(error) => {
                    tracing::debug!(%error, "pcscd does not answer");
                    self.set_found(None);
                    if !self.say(Heard::Down(Fault::NoService)) {
                        return;
                    }
                    // This thread waits for nothing else meanwhile.
                    thread::park_timeout(AGAIN);
                }
            }
        }
    }

    fn watch(&mut self, context: &Context) -> End {
        let mut states = vec![ReaderState::new(pcsc::PNP_NOTIFICATION(), State::UNAWARE)];
        loop {
            if let Err(error) = self.look_for_reader(context, &mut states) {
                return End::Daemon(error);
            }
            match context.get_status_change(WATCH, &mut states) {
                Ok(()) => {}
                Err(Error::Timeout) if self.tell.is_closed() => return End::NobodyListens,
                Err(Error::Timeout) => continue,
                Err(error) => return End::Daemon(error),
            }
            if let Some(reader) = states.get(1)
                && !self.on_slot(reader)
            {
                return End::NobodyListens;
            }
            for state in &mut states {
                state.sync_current_state();
            }
        }
    }

    /// Readers come and go; with each change pcscd's list is looked through by name.
    fn look_for_reader(
        &mut self,
        context: &Context,
        states: &mut Vec<ReaderState>,
    ) -> Result<(), Error> {
        let names = match context.list_readers_owned() {
            Ok(names) => names,
            Err(Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(error),
        };
        let found = pick(&self.reader.wanted, &names);
        let same = states.get(1).is_some_and(|state| found.as_ref() == Ok(&state.name()));
        if same {
            return Ok(());
        }
        states.truncate(1);
        match found {
            Ok(name) => {
                self.set_found(Some(name.to_owned()));
                self.last = None;
                self.seen = None;
                states.push(ReaderState::new(name, State::UNAWARE));
            }
            Err(fault) => {
                self.set_found(None);
                self.say(Heard::Down(fault));
            }
        }
        Ok(())
    }

    fn set_found(&self, name: Option<CString>) {
        *self.reader.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = name;
    }

    /// False: nobody listens any more.
    fn on_slot(&mut self, reader: &ReaderState) -> bool {
        let state = reader.event_state();
        if state.intersects(State::UNKNOWN | State::IGNORE | State::UNAVAILABLE) {
            return self.say(Heard::Down(Fault::Missing));
        }
        let now = (state.contains(State::PRESENT), reader.event_count());
        let before = self.seen.replace(now);
        // The count tells a card that was changed for another between two looks.
        match (before, now) {
            (_, (false, _)) => self.say(Heard::Empty),
            (None, (true, _)) => self.say(Heard::FoundInside),
            (Some((false, _)), (true, _)) => self.say(Heard::Inserted),
            (Some((true, before)), (true, now)) if before != now => {
                self.say(Heard::Empty) && self.say(Heard::Inserted)
            }
            (Some((true, _)), (true, _)) => !self.tell.is_closed(),
        }
    }

    fn say(&mut self, heard: Heard) -> bool {
        if self.last.as_ref() == Some(&heard) {
            return !self.tell.is_closed();
        }
        self.last = Some(heard.clone());
        self.tell.blocking_send(heard).is_ok()
    }
}

/// The reader of this name: with its two numbers at the end, or without, as long as one has it.
fn pick<'a>(wanted: &str, names: &'a [CString]) -> Result<&'a CStr, Fault> {
    let with_numbers = names.iter().find(|name| name.as_bytes() == wanted.as_bytes());
    if let Some(name) = with_numbers {
        return Ok(name);
    }
    let mut of_kind = names.iter().filter(|name| is_of_kind(wanted, name));
    match (of_kind.next(), of_kind.next()) {
        (None, _) => Err(Fault::Missing),
        (Some(name), None) => Ok(name),
        (Some(_), Some(_)) => Err(Fault::Several),
    }
}

/// pcscd adds the number of the reader and of its slot, each of two hex digits.
fn is_of_kind(wanted: &str, name: &CStr) -> bool {
    let rest = name.to_str().ok().and_then(|name| name.strip_prefix(wanted));
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    rest.and_then(|rest| rest.strip_prefix(' '))
        .and_then(|rest| rest.split_once(' '))
        .is_some_and(|(reader, slot)| is_number(reader) && is_number(slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_found_by_its_name_wherever_it_was_plugged_in() {
        let names = ["ACS ACR39U 00 00", "Virtual PCD 00 00", "Virtual PCD 00 01", "Virtual 01 00"]
            .map(|name| CString::new(name).unwrap());
        let found = |wanted: &str| pick(wanted, &names).map(|name| name.to_str().unwrap());
        assert_eq!(found("Virtual PCD 00 01"), Ok("Virtual PCD 00 01"));
        assert_eq!(found("ACS ACR39U"), Ok("ACS ACR39U 00 00"));
        assert_eq!(found("Virtual"), Ok("Virtual 01 00"));
        assert_eq!(found("Virtual PCD"), Err(Fault::Several));
        assert_eq!(found("ACS"), Err(Fault::Missing));
    }
}
