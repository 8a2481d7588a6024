//! The slot on the virtual reader of vsmartcard: the card is a TCP client of vpcd.
//!
//! Every message is a length (two bytes, big endian) and so many bytes. One byte is an order to the
//! card (off, on, reset, say your ATR), more are a command. Connecting is putting a card in,
//! closing is pulling it out. `protocols/id-reader.md`, section 3.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rustix::net::sockopt::set_tcp_quickack;

use super::{CardSlot, Chip, Planned, Said, SlotLook};

/// Longest message that is taken: an extended command is not spoken here.
const MESSAGE_LEN_MAX: usize = 1_024;

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// The slot, shared by the hand that pushes cards in and the thread that speaks for them.
#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<CardSlot>,
    /// A card was pulled.
    pulled: Condvar,
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, CardSlot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot at the address of a virtual reader.
#[derive(Debug)]
pub struct VpcdSlot {
    address: SocketAddr,
    shared: Arc<Shared>,
    link: Option<TcpStream>,
}

impl VpcdSlot {
    #[must_use]
    pub fn new(port: u16) -> Self {
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Self { address, shared: Arc::default(), link: None }
    }

    /// Pushes a card in; what was in comes out first.
    pub fn put_in(&mut self, specimen: &str, chip: Box<dyn Chip>) -> io::Result<()> {
        self.take_out();
        self.shared.slot().put_in(specimen, chip);
        self.connect()
    }

    /// The same card once more, after the daemon was started anew.
    pub fn connect(&mut self) -> io::Result<()> {
        if self.shared.slot().atr().is_none() {
            return Ok(());
        }
        let link = TcpStream::connect(self.address)?;
        let (shared, at_card) = (Arc::clone(&self.shared), link.try_clone()?);
        thread::Builder::new().name("chip".to_owned()).spawn(move || {
            // An end of the line is the end of the card's power, however it comes.
            let _ = speak(&at_card, &shared);
            let _ = at_card.shutdown(Shutdown::Both);
        })?;
        self.link = Some(link);
        Ok(())
    }

    pub fn take_out(&mut self) -> Option<Box<dyn Chip>> {
        let chip = self.shared.slot().take_out();
        self.shared.pulled.notify_all();
        if let Some(link) = self.link.take() {
            // Already closed if the card was pulled by plan.
            let _ = link.shutdown(Shutdown::Both);
        }
        chip
    }

    pub fn plan(&self, planned: Planned) {
        self.shared.slot().plan(planned);
    }

    pub fn clear_plan(&self) {
        self.shared.slot().clear_plan();
    }

    pub fn pull_at(&self, n_command: u64) {
        self.shared.slot().pull_at(n_command);
    }

    #[must_use]
    pub fn look(&self) -> SlotLook {
        self.shared.slot().look()
    }
}

fn speak(link: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut link_in = link;
    loop {
        let Some(message) = message(link, &mut link_in)? else { return Ok(()) };
        let answer = match message.as_slice() {
            [POWER_OFF | POWER_ON | RESET] => {
                shared.slot().reset();
                continue;
            }
            [GET_ATR] => match shared.slot().atr() {
                Some(atr) => atr,
                None => return Ok(()),
            },
            command => {
                let said = shared.slot().hear(command);
                match said {
                    None | Some(Said::Pulled) => return Ok(()),
                    Some(Said::Answer { bytes, after_ms }) => {
                        if !is_still_in(shared, after_ms) {
                            return Ok(());
                        }
                        bytes
                    }
                }
            }
        };
        let len = u16::try_from(answer.len()).map_err(io::Error::other)?;
        // In one piece, or the reader waits for the second.
        link_in.write_all(&[&len.to_be_bytes()[..], &answer].concat())?;
    }
}

/// Waits as a slow card does; false if it was pulled meanwhile.
fn is_still_in(shared: &Shared, after_ms: u64) -> bool {
    let (wait, slot) = (Duration::from_millis(after_ms), shared.slot());
    let waited = shared.pulled.wait_timeout_while(slot, wait, |slot| slot.atr().is_some());
    waited.unwrap_or_else(PoisonError::into_inner).0.atr().is_some()
}

/// `None`: the line was closed.
fn message(link: &TcpStream, link_in: &mut &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 2];
    if !read_all(link, link_in, &mut len)? {
        return Ok(None);
    }
    let len = usize::from(u16::from_be_bytes(len));
    if len == 0 || len > MESSAGE_LEN_MAX {
        return Err(io::Error::other(format!("a message of {len} bytes")));
    }
    let mut message = vec![0; len];
    Ok(read_all(link, link_in, &mut message)?.then_some(message))
}

/// vpcd sends a message in two pieces and waits for the acknowledgement of the first (Nagle), which
/// Linux holds back for 40 ms unless told otherwise before each read.
fn read_all(link: &TcpStream, link_in: &mut &TcpStream, bytes: &mut [u8]) -> io::Result<bool> {
    let mut n_read = 0;
    while n_read < bytes.len() {
        set_tcp_quickack(link, true)?;
        match link_in.read(&mut bytes[n_read..]) {
            Ok(0) => return Ok(false),
            Ok(n) => n_read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}
