//! What holds after every step of the doors, checked in every build.

use device_api::{
    RequestId,
    locker::{DoorState, Event},
};

use super::{Doors, Effect, Effects, Stage, State};

impl Doors {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Effects,
    ) {
        let releasing: Vec<_> = self
            .doors
            .iter()
            .filter(|(_, door)| door.state == State::Releasing)
            .map(|(no, _)| *no)
            .collect();
        match self.opening.map(|opening| (opening.door, opening.stage)) {
            Some((door, Stage::Sent { .. })) => {
                assert_eq!(releasing, [door], "the door whose open was sent is being released");
            }
            Some((door, Stage::Queued)) => {
                assert_eq!(self.doors[&door].state, State::Shut, "only a shut door is opened");
                assert!(releasing.is_empty(), "{releasing:?} are released by nobody");
            }
            None => assert!(releasing.is_empty(), "{releasing:?} are released by nobody"),
        }
        let n_pulses = out.iter().filter(|e| matches!(e, Effect::Pulse(..))).count();
        assert!(n_pulses <= 1, "{n_pulses} opens at once");
        if n_pulses == 1 {
            assert!(asked.is_some(), "an open nobody asked for");
            let in_use = self.doors.values().any(|door| door.state.told() == DoorState::Open);
            assert!(!in_use, "an open while another door is in use");
        }
        self.check_answers(was_open, asked, out);
    }

    /// Each open that was under way or came in is under way or was answered once in this step.
    fn check_answers(&self, was_open: Option<RequestId>, asked: Option<RequestId>, out: &Effects) {
        let is_open = self.opening.map(|opening| opening.id);
        for id in [was_open, asked].into_iter().flatten() {
            let answers = |effect: &&Effect| match effect {
                Effect::Tell(Event::Done(of, _) | Event::Refused(of, _)) => *of == id,
                Effect::Tell(Event::Door(_) | Event::Board(_))
                | Effect::Pulse(..)
                | Effect::Forget(_) => false,
            };
            let n_answers = out.iter().filter(answers).count();
            let n_open = usize::from(is_open == Some(id));
            assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
        }
    }
}
