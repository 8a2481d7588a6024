//! What holds after every step of the bus, checked in every build.

use device_api::{RequestId, locker::Health};
use device_drivers::machine::Output;
use kiosk_words::Moment;

use super::{Bus, Echo, Event, Job, Outputs, Phase};
use crate::timings::gap_ms;

impl Bus {
    pub(super) fn check_invariants(
        &self,
        was_waiting: Option<RequestId>,
        asked: Option<RequestId>,
        heard_at: Moment,
        now: Moment,
        out: &Outputs,
    ) {
        let is_up = |health: Health| health == Health::Ready;
        if self.phase == Phase::Offline || self.echo == Echo::Unknown {
            let none_is_up = self.boards.iter().all(|board| !is_up(board.health));
            assert!(none_is_up, "a board is ready on a line that is not known");
        }
        if let Some((id, pulse)) = self.pulse {
            let board = &self.boards[self.idx(pulse.board)];
            assert!(is_up(board.health), "{id:?} waits for board {}, which is down", pulse.board);
        }
        let n_writes = out.iter().filter(|o| matches!(o, Output::Write(_))).count();
        assert!(n_writes <= 1, "{n_writes} commands sent in one step");
        let n_pulsed = out.iter().filter(|o| matches!(o, Output::Tell(Event::Pulsed(_)))).count();
        if n_writes == 1 {
            let Phase::Waiting(exchange) = self.phase else { panic!("sent and not waiting") };
            let is_pulse = matches!(exchange.job, Job::Pulse(_));
            assert_eq!(n_pulsed, usize::from(is_pulse), "an open is told once, and nothing else");
            let quiet_ms = now.ms_since(heard_at);
            assert!(quiet_ms >= gap_ms(self.baud), "sent after {quiet_ms} ms of silence");
        } else {
            assert_eq!(n_pulsed, 0, "an open was told and not sent");
        }
        self.check_answers(was_waiting, asked, out);
    }

    /// Each pulse that waited or came in waits still or was answered once in this step.
    fn check_answers(
        &self,
        was_waiting: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        let waits = self.pulse.map(|(id, _)| id);
        for id in [was_waiting, asked].into_iter().flatten() {
            let answers = |output: &&Output<Event>| match output {
                Output::Tell(Event::Pulsed(of) | Event::NotPulsed(of)) => *of == id,
                Output::Tell(Event::Seen { .. } | Event::Health { .. })
                | Output::Write(_)
                | Output::SetLineBaud(_)
                | Output::CloseLink(_) => false,
            };
            let n_answers = out.iter().filter(answers).count();
            let n_open = usize::from(waits == Some(id));
            assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
        }
    }
}
