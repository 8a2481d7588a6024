//! The shape shared by the cores of all byte devices: inputs, outputs, deadline.
//!
//! A machine holds every rule of its device and neither clock nor port.
//! The pump brings bytes and time in, and carries bytes and events out.

use device_api::RequestId;
use kiosk_words::Moment;

use crate::wire::{Lengths, Shown};

/// What can happen to a core. `Ask` is the request type of the device class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<'a, Ask> {
    LinkUp,
    LinkDown,
    Chunk(&'a [u8]),
    Ask(RequestId, Ask),
    /// The deadline is reached (an early or late tick does no harm).
    Tick,
}

/// What a core wants done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<Event> {
    Write(Vec<u8>),
    /// Change the rate of the open line.
    SetLineBaud(u32),
    /// Close the link; the pump opens it again after its backoff. No `LinkDown` follows.
    CloseLink(CloseReason),
    Tell(Event),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    Silent,
    Garbage,
}

impl<Event> Output<Event> {
    /// What the app is told.
    pub const fn told(&self) -> Option<&Event> {
        match self {
            Self::Tell(event) => Some(event),
            Self::Write(_) | Self::SetLineBaud(_) | Self::CloseLink(_) => None,
        }
    }
}

/// Holds after every step of every driver: a request that was open or came in is open still or was
/// answered once in this step.
///
/// # Panics
/// If it does not hold.
pub(crate) fn check_answered_once(
    before: [Option<RequestId>; 2],
    is_open: Option<RequestId>,
    answered: impl Iterator<Item = RequestId> + Clone,
) {
    for id in before.into_iter().flatten() {
        let n_answers = answered.clone().filter(|answer| *answer == id).count();
        let n_open = usize::from(is_open == Some(id));
        assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
    }
}

/// A sans-IO core.
pub trait Machine: Send + 'static {
    type Ask: Send + 'static;
    type Event: Send + 'static;

    fn handle(&mut self, input: Input<'_, Self::Ask>, now: Moment) -> Vec<Output<Self::Event>>;

    /// When `Input::Tick` must come next, if ever.
    fn deadline(&self) -> Option<Moment>;

    /// One word for the log: never personal data.
    fn state(&self) -> &'static str;

    /// How a technician sees the wire; lengths alone where a driver does not say.
    fn wire(&self) -> Box<dyn Shown> {
        Box::new(Lengths)
    }
}
