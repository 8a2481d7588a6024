//! The outside of the process: starts it, asks it, and ends it when it takes too long.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use kiosk_words::Private;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use zeroize::Zeroizing;

use super::wire::{Answer, Job, LENGTHS_LEN, Refusal, Reply, lengths, read_lengths};

/// What to start: a program that calls [`serve`](super::serve).
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
}

#[derive(Debug, Clone, Copy)]
pub struct Timings {
    /// From start to ready: fonts are found and opened in some tens of milliseconds; a busy disk
    /// after a power cut takes longer.
    pub start: Duration,
    /// One job. A page of raster takes 60 ms at 300 dots an inch and four times as long at 600; a
    /// document of forty pages for a printer of 600 that takes no PDF may not be done in time.
    pub job: Duration,
}

impl Timings {
    pub const PRODUCTION: Self =
        Self { start: Duration::from_secs(15), job: Duration::from_secs(10) };
}

#[derive(Debug, Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An endless loop in a template, or a PDF that is hard to draw.
    #[error("it took longer than {} ms and was ended", .0.as_millis())]
    TimeOver(Duration),
    /// It took too much memory, or met a mistake of ours.
    #[error("the worker ended in the middle of the job: {0}")]
    Died(ExitStatus),
    /// Fonts or templates are not as they should be.
    #[error("{0}")]
    Unfit(String),
    #[error("the worker cannot be started")]
    NotStarted(#[source] io::Error),
    #[error("the worker said something that is no reply")]
    Garbled(#[source] io::Error),
}

/// A thread for each core, and a heap for each thread, would fill the address space that a worker
/// may have before a page is set.
const FEW_THREADS: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "2"), ("MALLOC_ARENA_MAX", "2")];

#[derive(Debug)]
pub struct Worker {
    program: Program,
    timings: Timings,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    is_ready: bool,
}

impl Worker {
    #[must_use]
    pub const fn new(program: Program, timings: Timings) -> Self {
        Self { program, timings, running: None }
    }

    /// Starts it if it does not run, so that the first job need not wait.
    ///
    /// # Errors
    /// It cannot be started, or has nothing to work with.
    pub async fn warm(&mut self) -> Result<(), Failure> {
        let mut running = self.take()?;
        let limit = self.timings.start;
        let got_ready = timeout(limit, running.get_ready()).await;
        match got_ready.unwrap_or(Err(Failure::TimeOver(limit))) {
            Ok(()) => {
                self.running = Some(running);
                Ok(())
            }
            Err(failure) => Err(running.end(failure).await),
        }
    }

    /// One job, done once.
    ///
    /// # Errors
    /// Why it was not done; the worker is ended unless it refused.
    pub async fn ask(&mut self, job: &Job, payload: &Private<Vec<u8>>) -> Result<Answer, Failure> {
        self.warm().await?;
        let mut running = self.take()?;
        let limit = self.timings.job;
        let answered = timeout(limit, running.ask(job, payload)).await;
        match answered.unwrap_or(Err(Failure::TimeOver(limit))) {
            Err(failure) if !matches!(failure, Failure::Refused(_)) => {
                Err(running.end(failure).await)
            }
            answered => {
                self.running = Some(running);
                answered
            }
        }
    }

    /// Ends the process, and with it whatever it knows of anybody.
    pub async fn forget(&mut self) {
        if let Some(mut running) = self.running.take() {
            drop(running.child.kill().await);
        }
    }

    /// For measurements; `None` while none runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.running.as_ref().and_then(|running| running.child.id())
    }

    fn take(&mut self) -> Result<Running, Failure> {
        // One that died while nobody asked it anything is no reason to refuse a job.
        let alive = self.running.take().and_then(|mut running| {
            matches!(running.child.try_wait(), Ok(None)).then_some(running)
        });
        match alive {
            Some(running) => Ok(running),
            None => Running::start(&self.program).map_err(Failure::NotStarted),
        }
    }
}

impl Running {
    fn start(program: &Program) -> io::Result<Self> {
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).current_dir("/").kill_on_drop(true);
        command.env_clear().envs(FEW_THREADS);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = pipes else { unreachable!("both were asked for") };
        Ok(Self { child, stdin, stdout, is_ready: false })
    }

    async fn get_ready(&mut self) -> Result<(), Failure> {
        if self.is_ready {
            return Ok(());
        }
        match self.hear().await? {
            (Reply::Ready, _) => {
                self.is_ready = true;
                Ok(())
            }
            (Reply::Unfit(sentence), _) => Err(Failure::Unfit(sentence)),
            (Reply::Done { .. } | Reply::Refused(_), _) => Err(out_of_turn()),
        }
    }

    async fn ask(&mut self, job: &Job, payload: &Private<Vec<u8>>) -> Result<Answer, Failure> {
        let head = serde_json::to_vec(job).map_err(|error| Failure::Garbled(error.into()))?;
        let payload = payload.expose();
        let said: io::Result<()> = async {
            self.stdin.write_all(&lengths(&head, payload)).await?;
            self.stdin.write_all(&head).await?;
            self.stdin.write_all(payload).await?;
            self.stdin.flush().await
        }
        .await;
        // One that no longer listens has ended: hearing tells how.
        drop(said);
        match self.hear().await? {
            (Reply::Done { n_pages, made, warnings }, bytes) => {
                Ok(Answer { n_pages, made, bytes, warnings })
            }
            (Reply::Refused(refusal), _) => Err(Failure::Refused(refusal)),
            (Reply::Ready | Reply::Unfit(_), _) => Err(out_of_turn()),
        }
    }

    async fn hear(&mut self) -> Result<(Reply, Private<Vec<u8>>), Failure> {
        match hear(&mut self.stdout).await {
            Ok(heard) => Ok(heard),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let status = self.child.wait().await.map_err(Failure::Garbled)?;
                Err(Failure::Died(status))
            }
            Err(error) => Err(Failure::Garbled(error)),
        }
    }

    /// Ends it because of this.
    async fn end(mut self, failure: Failure) -> Failure {
        drop(self.child.kill().await);
        failure
    }
}

fn out_of_turn() -> Failure {
    Failure::Garbled(io::Error::new(io::ErrorKind::InvalidData, "a reply out of turn"))
}

async fn hear<T: DeserializeOwned>(from: &mut ChildStdout) -> io::Result<(T, Private<Vec<u8>>)> {
    let mut lengths = [0; LENGTHS_LEN];
    from.read_exact(&mut lengths).await?;
    let (head_len, payload_len) = read_lengths(lengths)?;
    let mut head = Zeroizing::new(vec![0; head_len]);
    from.read_exact(&mut head).await?;
    let mut payload = Zeroizing::new(vec![0; payload_len]);
    from.read_exact(&mut payload).await?;
    Ok((serde_json::from_slice(&head)?, Private::new(std::mem::take(&mut *payload))))
}
