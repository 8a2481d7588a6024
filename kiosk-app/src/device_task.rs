//! The task between the core and one driver, the same for every device.
//!
//! It carries requests to the driver and what the driver says to the core, in the order in which
//! it was said, and starts a driver again that ended by a bug. What the words of one device mean
//! to the core is said by its [`Device`]; it decides nothing itself.
//!
//! ```text
//!  job ──driver takes it──► open ──Done or Refused──► answered
//!    │                        │
//!    │ queue full, task gone  │ driver died, all ends
//!    ▼                        ▼
//!  answered as never asked   answered as in doubt
//! ```

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use device_api::{RequestId, wire};
use device_drivers::{pump::Handle, wire::WireLog};
use kiosk_core::{EffectId, Event};
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{answer::Answer, limits::DEVICE_QUEUE, shell::Unasked};

/// Restarts of a driver within [`RESTART_WINDOW`]; more, and it stays down until the program
/// starts again.
const RESTARTS_MAX: usize = 5;
const RESTART_WINDOW: std::time::Duration = std::time::Duration::from_secs(600);

/// One device: how its driver is started and what its words mean to the core.
pub trait Device: Send + Sync + 'static {
    /// As the driver's log calls it.
    const NAME: &'static str;
    type Ask: Send + Sync + 'static;
    type Said: Send + 'static;

    fn spawn(&self, stop: CancellationToken) -> (Handle<Self::Ask>, mpsc::Receiver<Self::Said>);

    fn sort(&mut self, said: Self::Said) -> Sorted;

    /// The driver ended by itself: what the core must hear.
    fn died(&mut self) -> Vec<Event>;

    /// The answer to a request that the driver took and never answered; `None` if the answer of
    /// a request that was never asked will do.
    fn in_doubt(id: EffectId, ask: &Self::Ask) -> Option<Event>;
}

/// What a word of a driver is.
#[derive(Debug)]
pub enum Sorted {
    Answer(RequestId, Event),
    News(Event),
    /// The answer to a request that nobody waits for.
    Nothing,
}

/// A request on its way to a device.
#[derive(Debug)]
struct Job<Ask> {
    id: EffectId,
    ask: Ask,
    /// `None`: nobody waits for it.
    answer: Option<Answer>,
}

/// The asking side of the task.
#[derive(Debug)]
pub struct Jobs<Ask> {
    device: &'static str,
    to_task: mpsc::Sender<Job<Ask>>,
    wire: NewestWire,
}

/// The wire of the driver that runs now; `None` before the first one does.
type NewestWire = Arc<Mutex<Option<WireLog>>>;

impl<Ask> Clone for Jobs<Ask> {
    fn clone(&self) -> Self {
        let (to_task, wire) = (self.to_task.clone(), Arc::clone(&self.wire));
        Self { device: self.device, to_task, wire }
    }
}

impl<Ask> Jobs<Ask> {
    /// Never waits; a request that is not taken is refused by its answer.
    pub fn ask(&self, id: EffectId, ask: Ask, answer: Option<Answer>) {
        if self.to_task.try_send(Job { id, ask, answer }).is_err() {
            tracing::error!(device = self.device, "the device's task takes no request");
        }
    }

    /// What went over the wire within the last minute, since the driver began.
    pub fn wire(&self) -> Vec<wire::Line> {
        let newest = self.wire.lock().unwrap_or_else(PoisonError::into_inner).clone();
        newest.map_or_else(Vec::new, |log| log.last_minute())
    }
}

/// Starts driver and task on the current runtime.
pub fn start<D: Device>(
    device: D,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Jobs<D::Ask> {
    let (to_task, at_task) = mpsc::channel(DEVICE_QUEUE);
    let wire = NewestWire::default();
    let newest = Arc::clone(&wire);
    tasks.spawn(Task { device, at_task, to_core, stop, open: BTreeMap::new(), newest }.run());
    Jobs { device: D::NAME, to_task, wire }
}

struct Task<D: Device> {
    device: D,
    at_task: mpsc::Receiver<Job<D::Ask>>,
    to_core: mpsc::Sender<Unasked>,
    stop: CancellationToken,
    open: BTreeMap<RequestId, Answer>,
    newest: NewestWire,
}

enum Heard<D: Device> {
    Stop,
    Job(Job<D::Ask>),
    Said(D::Said),
    DriverEnded,
}

impl<D: Device> Task<D> {
    async fn run(mut self) {
        let mut restarts = Vec::new();
        loop {
            let (driver, said) = self.device.spawn(self.stop.child_token());
            let wire = Some(driver.wire().clone());
            *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = wire;
            if !self.carry(&driver, said).await {
                return;
            }
            // Dropped, which answers what was open.
            self.open.clear();
            let now = tokio::time::Instant::now();
            restarts.retain(|at| now.duration_since(*at) < RESTART_WINDOW);
            restarts.push(now);
            tracing::error!(device = D::NAME, n_restarts = restarts.len(), "the driver died");
            for event in self.device.died() {
                self.tell(event).await;
            }
            if restarts.len() > RESTARTS_MAX {
                return self.refuse_all().await;
            }
        }
    }

    /// Carries requests and words until the driver has died (true) or all ends (false).
    async fn carry(&mut self, driver: &Handle<D::Ask>, mut said: mpsc::Receiver<D::Said>) -> bool {
        loop {
            let heard = tokio::select! { biased;
                () = self.stop.cancelled() => Heard::<D>::Stop,
                word = said.recv() => word.map_or(Heard::DriverEnded, Heard::Said),
                job = self.at_task.recv() => job.map_or(Heard::Stop, Heard::Job),
            };
            match heard {
                Heard::Stop => return false,
                Heard::DriverEnded => return true,
                Heard::Job(job) => self.hand_over(driver, job),
                Heard::Said(word) => match self.device.sort(word) {
                    Sorted::Answer(id, event) => self.answer(id, event),
                    Sorted::News(event) => self.tell(event).await,
                    Sorted::Nothing => {}
                },
            }
        }
    }

    fn hand_over(&mut self, driver: &Handle<D::Ask>, job: Job<D::Ask>) {
        let Job { id, ask, answer } = job;
        let in_doubt = D::in_doubt(id, &ask);
        match driver.ask(RequestId(id.0), ask) {
            Ok(()) => {
                let Some(answer) = answer else { return };
                let answer = match in_doubt {
                    Some(event) => answer.otherwise(event),
                    None => answer,
                };
                self.open.insert(RequestId(id.0), answer);
            }
            Err(error) => tracing::error!(device = D::NAME, %error, "request not taken"),
        }
    }

    fn answer(&mut self, id: RequestId, event: Event) {
        let answer = self.open.remove(&id).expect("the driver answers each request once");
        answer.give(event);
    }

    /// Done when the core has handled it: answers come to the core by another queue, and none may
    /// overtake what was said before it.
    async fn tell(&self, event: Event) {
        let (handled, was_handled) = oneshot::channel();
        let told = async {
            if self.to_core.send(Unasked { event, handled: Some(handled) }).await.is_ok() {
                // An error means that the core has ended, and this task with it.
                let _ = was_handled.await;
            }
        };
        tokio::select! { biased;
            () = self.stop.cancelled() => {}
            () = told => {}
        }
    }

    /// The driver does not hold; every further request is refused by its answer.
    async fn refuse_all(mut self) {
        while let Some(job) = tokio::select! { biased;
            () = self.stop.cancelled() => None,
            job = self.at_task.recv() => job,
        } {
            drop(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use device_drivers::{
        clock::Clock as DriverClock,
        link::memory::memory,
        machine::{Input, Machine, Output},
        pump,
    };
    use kiosk_core::effect::Refusal;
    use kiosk_words::Moment;

    use super::*;
    use crate::answer::Answers;

    /// A driver that takes requests, answers none, and has a bug.
    struct Buggy;

    enum Ask {
        Keep,
        Die,
    }

    impl Machine for Buggy {
        type Ask = Ask;
        type Event = RequestId;

        fn handle(&mut self, input: Input<'_, Ask>, _now: Moment) -> Vec<Output<RequestId>> {
            match input {
                Input::Ask(id, Ask::Keep) => vec![Output::Tell(id)],
                Input::Ask(_, Ask::Die) => panic!("the bug of this driver"),
                Input::LinkUp | Input::LinkDown | Input::Chunk(_) | Input::Tick => Vec::new(),
            }
        }

        fn deadline(&self) -> Option<Moment> {
            None
        }

        fn state(&self) -> &'static str {
            "buggy"
        }
    }

    struct Bench;

    const TOOK: Event = Event::RoomAgain;
    const DIED: Event = Event::Woken;

    impl Device for Bench {
        const NAME: &'static str = "buggy";
        type Ask = Ask;
        type Said = RequestId;

        fn spawn(&self, stop: CancellationToken) -> (Handle<Ask>, mpsc::Receiver<RequestId>) {
            let (_, connect) = memory();
            pump::spawn(Self::NAME, Buggy, connect, DriverClock::start(), stop)
        }

        fn sort(&mut self, _said: RequestId) -> Sorted {
            Sorted::News(TOOK)
        }

        fn died(&mut self) -> Vec<Event> {
            vec![DIED]
        }

        fn in_doubt(id: EffectId, _ask: &Ask) -> Option<Event> {
            Some(in_doubt(id))
        }
    }

    const fn in_doubt(id: EffectId) -> Event {
        Event::Refused { id, refusal: Refusal::NoRoom }
    }

    const fn never_asked(id: EffectId) -> Event {
        Event::Refused { id, refusal: Refusal::NoCode }
    }

    async fn next(unasked: &mut mpsc::Receiver<Unasked>) -> Event {
        unasked.recv().await.expect("the task goes on").event
    }

    #[tokio::test]
    async fn what_a_dead_driver_had_is_in_doubt_and_what_it_never_had_is_not() {
        let (to_core, mut unasked) = mpsc::channel(1);
        let (answers, mut at_core) = Answers::channel(8);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let jobs = start(Bench, to_core, &tasks, stop.clone());
        for restart in 0..=RESTARTS_MAX as u64 {
            let id = EffectId(restart);
            jobs.ask(id, Ask::Keep, Some(answers.owe(never_asked(id))));
            assert_eq!(next(&mut unasked).await, TOOK, "restart {restart}");
            jobs.ask(EffectId(100 + restart), Ask::Die, None);
            assert_eq!(at_core.recv().await, Some(in_doubt(id)));
            assert_eq!(next(&mut unasked).await, DIED);
        }
        let id = EffectId(99);
        jobs.ask(id, Ask::Keep, Some(answers.owe(never_asked(id))));
        assert_eq!(at_core.recv().await, Some(never_asked(id)), "it was not started again");
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        jobs.ask(id, Ask::Keep, Some(answers.owe(never_asked(id))));
        assert_eq!(at_core.recv().await, Some(never_asked(id)), "the task is gone");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_said_is_overtaken_on_its_way_to_the_core() {
        let (to_core, mut unasked) = mpsc::channel(8);
        let (answers, mut at_core) = Answers::channel(8);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let jobs = start(Bench, to_core, &tasks, stop.clone());
        let id = EffectId(1);
        jobs.ask(id, Ask::Keep, Some(answers.owe(never_asked(id))));
        jobs.ask(EffectId(2), Ask::Die, None);
        let Unasked { event, handled } = unasked.recv().await.expect("the task goes on");
        assert_eq!(event, TOOK);
        // Time goes on only when nothing else can: the driver is dead by now, and the core has not
        // handled its last word.
        let waits = std::time::Duration::from_millis(50);
        assert!(tokio::time::timeout(waits, at_core.recv()).await.is_err(), "it was overtaken");
        drop(handled);
        assert_eq!(at_core.recv().await, Some(in_doubt(id)));
    }
}
