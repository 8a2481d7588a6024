//! Between the core's questions and the id reader's driver.
//!
//! One task carries requests to the driver and its events to the core, and restarts a driver that
//! ended by a bug. It decides nothing about cards.

use std::collections::BTreeMap;

use device_api::{
    RequestId,
    id_reader::{self, Fault, Health, ReadWhat, Refusal, Request, Status},
};
use device_drivers::{
    clock::Clock as DriverClock,
    id_reader::{Baud, Config, IdReaderHandle, spawn, timings},
};
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply},
};
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{answer::Answer, config, limits::READER_QUEUE, shell::Unasked};

/// Restarts of the driver within [`RESTART_WINDOW`]; more, and it stays down until the program
/// starts again.
const RESTARTS_MAX: usize = 5;
const RESTART_WINDOW: std::time::Duration = std::time::Duration::from_secs(600);

#[derive(Debug)]
pub enum ReaderJob {
    Read { id: EffectId, what: ReadWhat, answer: Answer },
    Stop { id: EffectId, answer: Answer },
}

/// The asking side, and what is known of the reader.
#[derive(Debug, Clone)]
pub struct Reader {
    jobs: mpsc::Sender<ReaderJob>,
    status: watch::Receiver<Status>,
}

impl Reader {
    /// Never waits; a job that is not taken is refused by its answer.
    pub fn hand_over(&self, job: ReaderJob) {
        if self.jobs.try_send(job).is_err() {
            tracing::error!(device = "id-reader", "the reader's task takes no job");
        }
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::IdReader,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Reader {
    let baud = Baud::from_rate(config.baud.0).expect("machine.toml allows the module's rates only");
    let config = Config { port: config.port.clone(), baud, timings: timings::PRODUCTION };
    let (jobs, at_task) = mpsc::channel(READER_QUEUE);
    let (status, seen) = watch::channel(down(Health::Starting));
    let task = Task { config, at_task, to_core, status, stop, open: BTreeMap::new() };
    tasks.spawn(task.run());
    Reader { jobs, status: seen }
}

const fn down(health: Health) -> Status {
    Status { health, card_present: false, module_id: None }
}

struct Task {
    config: Config,
    at_task: mpsc::Receiver<ReaderJob>,
    to_core: mpsc::Sender<Unasked>,
    status: watch::Sender<Status>,
    stop: CancellationToken,
    open: BTreeMap<RequestId, Answer>,
}

enum Heard {
    Stop,
    Job(ReaderJob),
    Event(id_reader::Event),
    DriverEnded,
}

impl Task {
    async fn run(mut self) {
        let mut restarts = Vec::new();
        loop {
            let clock = DriverClock::start();
            let (handle, events) = spawn(self.config.clone(), clock, self.stop.child_token());
            if !self.carry(&handle, events).await {
                return;
            }
            self.open.clear();
            let now = tokio::time::Instant::now();
            restarts.retain(|at| now.duration_since(*at) < RESTART_WINDOW);
            restarts.push(now);
            tracing::error!(device = "id-reader", n_restarts = restarts.len(), "the driver died");
            self.publish(down(Health::Down(Fault::Silent))).await;
            if restarts.len() > RESTARTS_MAX {
                return self.refuse_all().await;
            }
        }
    }

    /// Carries jobs and events until the driver has died (true) or all ends (false).
    async fn carry(
        &mut self,
        driver: &IdReaderHandle,
        mut events: mpsc::Receiver<id_reader::Event>,
    ) -> bool {
        loop {
            let heard = tokio::select! { biased;
                () = self.stop.cancelled() => Heard::Stop,
                event = events.recv() => event.map_or(Heard::DriverEnded, Heard::Event),
                job = self.at_task.recv() => job.map_or(Heard::Stop, Heard::Job),
            };
            match heard {
                Heard::Stop => return false,
                Heard::DriverEnded => return true,
                Heard::Job(job) => self.ask(driver, job),
                Heard::Event(id_reader::Event::StatusChanged(status)) => self.publish(status).await,
                Heard::Event(id_reader::Event::Done(id, reply)) => self.done(id, reply),
                Heard::Event(id_reader::Event::Refused(id, why)) => self.refused(id, why),
            }
        }
    }

    fn ask(&mut self, driver: &IdReaderHandle, job: ReaderJob) {
        let (id, request, answer) = match job {
            ReaderJob::Read { id, what, answer } => (id, Request::Read(what), answer),
            ReaderJob::Stop { id, answer } => (id, Request::Stop, answer),
        };
        let id = RequestId(id.0);
        match driver.ask(id, request) {
            Ok(()) => drop(self.open.insert(id, answer)),
            Err(error) => tracing::error!(device = "id-reader", %error, "request not taken"),
        }
    }

    fn done(&mut self, id: RequestId, reply: id_reader::Reply) {
        let reply = match reply {
            id_reader::Reply::Card(card) => Reply::Card(card),
            id_reader::Reply::Stopped => Reply::Stopped,
        };
        let answer = self.open.remove(&id).expect("the driver answers each request once");
        answer.give(Event::Done { id: EffectId(id.0), reply });
    }

    fn refused(&mut self, id: RequestId, why: Refusal) {
        let answer = self.open.remove(&id).expect("the driver answers each request once");
        answer.give(Event::Refused { id: EffectId(id.0), refusal: CoreRefusal::Card(why) });
    }

    async fn publish(&self, status: Status) {
        self.status.send_replace(status.clone());
        tokio::select! { biased;
            () = self.stop.cancelled() => {}
            // The core loop outlives this task; a closed channel means that all ends.
            _ = self.to_core.send(Event::Reader(status).into()) => {}
        }
    }

    /// The driver does not hold; every further job is refused by its answer.
    async fn refuse_all(mut self) {
        while let Some(job) = tokio::select! { biased;
            () = self.stop.cancelled() => None,
            job = self.at_task.recv() => job,
        } {
            drop(job);
        }
    }
}
