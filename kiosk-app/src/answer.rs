//! The promise that every effect gets exactly one answer.
//!
//! An [`Answer`] travels with the effect to whoever performs it. Giving it uses it up; dropping
//! it, because a task was cancelled or a thread died, gives the refusal it was made with. Its
//! place in the core's queue is reserved when it is made, so giving never waits and never fails.

use kiosk_core::Event;
use tokio::sync::mpsc;

/// Where answers are made; the other end is the core loop.
#[derive(Debug, Clone)]
pub struct Answers {
    to_core: mpsc::Sender<Event>,
}

impl Answers {
    pub fn channel(capacity: usize) -> (Self, mpsc::Receiver<Event>) {
        let (to_core, at_core) = mpsc::channel(capacity);
        (Self { to_core }, at_core)
    }

    /// An answer owed to the core, which is `otherwise` if nobody gives a better one.
    pub fn owe(&self, otherwise: Event) -> Answer {
        let place = self.to_core.clone().try_reserve_owned();
        let place = place.expect("the core owes fewer answers than its queue has places");
        Answer { owed: Some((place, otherwise)) }
    }
}

/// One answer, owed.
#[derive(Debug)]
#[must_use = "dropping an answer refuses the effect"]
pub struct Answer {
    owed: Option<(mpsc::OwnedPermit<Event>, Event)>,
}

impl Answer {
    /// The same answer, which is `otherwise` from here on if nobody gives a better one.
    pub fn otherwise(mut self, otherwise: Event) -> Self {
        if let Some((_, said)) = &mut self.owed {
            *said = otherwise;
        }
        self
    }

    pub fn give(mut self, event: Event) {
        if let Some((place, _)) = self.owed.take() {
            place.send(event);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some((place, otherwise)) = self.owed.take() {
            place.send(otherwise);
        }
    }
}

#[cfg(test)]
mod tests {
    use kiosk_core::{EffectId, event::SendError};

    use super::*;

    #[test]
    fn an_answer_is_given_once_or_refused_once() {
        let (answers, mut at_core) = Answers::channel(3);
        let failed = |n| Event::SendFailed { id: EffectId(n), why: SendError::Unreachable };
        answers.owe(failed(1)).give(Event::Woken);
        drop(answers.owe(failed(2)));
        drop(answers.owe(failed(3)).otherwise(failed(4)));
        drop(answers);
        assert_eq!(at_core.blocking_recv(), Some(Event::Woken));
        assert_eq!(at_core.blocking_recv(), Some(failed(2)));
        assert_eq!(at_core.blocking_recv(), Some(failed(4)), "said later, so truer");
        assert_eq!(at_core.blocking_recv(), None);
    }
}
