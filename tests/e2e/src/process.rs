//! Child processes kept alive as systemd would keep them: `Restart=always` with a pause, a limit
//! of starts per minute, and exit codes that forbid a restart. Stops its own children only, by
//! pidfd, so a reused process id is never hit. Knows nothing about what the programs do.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::{
        fd::OwnedFd,
        unix::process::{CommandExt, ExitStatusExt},
    },
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::clock::Clock;

/// `RestartSec=`
const RESTART_PAUSE_MS: u64 = 1_000;
/// `StartLimitBurst=` within `StartLimitIntervalSec=`
const STARTS_MAX: usize = 5;
const STARTS_WITHIN_MS: u64 = 60_000;
/// `RestartPreventExitStatus=`: bad configuration, and a second process on one store.
const NEVER_RESTARTED: [i32; 2] = [2, 3];
/// `TimeoutStopSec=`: after this, SIGKILL.
const STOP_LIMIT_MS: u64 = 5_000;
/// Only these pass from the runner to its children; language and time zone are neutral.
const INHERITED: [&str; 6] =
    ["PATH", "HOME", "XAUTHORITY", "RUST_LOG", "RUST_BACKTRACE", "XDG_RUNTIME_DIR"];

/// What to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Name for people and of the log file.
    pub name: &'static str,
    pub path: PathBuf,
    pub args: Vec<String>,
    pub display: Option<String>,
    /// Variables beside the neutral ones.
    pub env: Vec<(String, String)>,
    /// Standard output and error go here, appended.
    pub log: PathBuf,
}

impl Program {
    /// The command with a neutral environment, in a process group of its own.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.args).env_clear().env("LANG", "C.UTF-8").env("TZ", "UTC");
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(display) = &self.display {
            command.env("DISPLAY", display);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).process_group(0);
        command
    }

    fn log_file(&self) -> Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))
    }

    fn spawn(&self) -> Result<Child> {
        let log = self.log_file()?;
        let errors = log.try_clone()?;
        let mut command = self.command();
        command.stdout(log).stderr(errors);
        command.spawn().with_context(|| format!("cannot start {}", self.path.display()))
    }

    /// Runs to its end and returns what it wrote to standard output; its errors go to the log.
    pub fn output(&self) -> Result<String> {
        self.output_of("")
    }

    /// The same with something piped to it; never an argument, which others could read.
    pub fn output_of(&self, input: &str) -> Result<String> {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(self.log_file()?);
        let start = || format!("cannot start {}", self.path.display());
        let mut child = command.spawn().with_context(start)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that reads nothing may have ended already.
            drop(stdin.write_all(input.as_bytes()));
        }
        let output = child.wait_with_output().with_context(start)?;
        if !output.status.success() {
            bail!("{} {:?} ended with {}", self.name, self.args, output.status);
        }
        String::from_utf8(output.stdout).context("the answer is not UTF-8")
    }
}

#[derive(Debug, Default)]
struct Now {
    wanted: bool,
    /// Of the running child; `None` between two lives.
    pidfd: Option<OwnedFd>,
    pid: Option<u32>,
    /// Lives begun so far.
    n_starts: usize,
    /// Of the life that ended last.
    last: Option<ExitStatus>,
    /// Why it will not be started again, once that is so.
    given_up: Option<String>,
}

#[derive(Debug, Default)]
struct Shared {
    now: Mutex<Now>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One supervised program; stopped when dropped.
#[derive(Debug)]
pub struct Service {
    program: Program,
    clock: Clock,
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
}

impl Service {
    /// Prepares; nothing runs until [`Service::start`].
    pub fn new(program: Program, clock: &Clock) -> Self {
        let clock = clock.clone();
        Self { program, clock, shared: Arc::default(), keeper: None }
    }

    /// Starts it, and again whenever it ends.
    pub fn start(&mut self) -> Result<()> {
        self.stop();
        let child = self.program.spawn()?;
        let pidfd = watch(&child)?;
        {
            let mut now = self.shared.lock();
            now.wanted = true;
            now.given_up = None;
            now.pid = Some(child.id());
            now.pidfd = Some(pidfd);
            now.n_starts += 1;
        }
        let (program, clock, shared) =
            (self.program.clone(), self.clock.clone(), Arc::clone(&self.shared));
        let keeper = std::thread::Builder::new()
            .name(format!("keep-{}", self.program.name))
            .spawn(move || keep(&program, &clock, &shared, child))?;
        self.keeper = Some(keeper);
        Ok(())
    }

    /// SIGTERM, then SIGKILL after a limit; returns when the process is gone.
    pub fn stop(&mut self) {
        self.end(Signal::TERM);
    }

    /// `kill -9` that nothing follows: returns when the process is gone, and it stays so until
    /// [`Service::start`].
    pub fn kill_and_hold(&mut self) {
        self.end(Signal::KILL);
    }

    fn end(&mut self, signal: Signal) {
        let mut now = self.shared.lock();
        now.wanted = false;
        self.shared.changed.notify_all();
        send(&now, signal);
        let limit = Duration::from_millis(STOP_LIMIT_MS);
        let (now, waited) = self
            .shared
            .changed
            .wait_timeout_while(now, limit, |now| now.pidfd.is_some())
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            send(&now, Signal::KILL);
        }
        drop(now);
        if let Some(keeper) = self.keeper.take() {
            // A keeper that panicked has nothing left to keep.
            let _ended = keeper.join();
        }
    }

    /// `kill -9`, as a power cut would; the keeper starts it again after its pause.
    pub fn kill_hard(&self) {
        send(&self.shared.lock(), Signal::KILL);
    }

    /// It ends as when a library aborts, which would write its memory to a file.
    pub fn crash(&self) {
        send(&self.shared.lock(), Signal::ABORT);
    }

    /// How often it was started.
    pub fn n_starts(&self) -> usize {
        self.shared.lock().n_starts
    }

    /// Process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.shared.lock().pid
    }

    /// With which code its last life ended; `None` before, and after a signal.
    pub fn last_code(&self) -> Option<i32> {
        self.shared.lock().last.and_then(|ended| ended.code())
    }

    /// Whether the kernel wrote the memory of its last life to a disk.
    pub fn left_a_dump(&self) -> bool {
        self.shared.lock().last.is_some_and(|ended| ended.core_dumped())
    }

    /// Why it will not run again; `None` while it runs or will be started again.
    pub fn given_up(&self) -> Option<String> {
        self.shared.lock().given_up.clone()
    }

    pub fn program(&self) -> &Program {
        &self.program
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

fn watch(child: &Child) -> Result<OwnedFd> {
    let pid = Pid::from_child(child);
    pidfd_open(pid, PidfdFlags::empty()).context("pidfd_open (Linux 5.3 or later)")
}

fn send(now: &Now, signal: Signal) {
    if let Some(pidfd) = &now.pidfd {
        // It may have ended by itself a moment ago, which is what was wanted.
        let _gone = pidfd_send_signal(pidfd, signal);
    }
}

/// Waits for the child's end and begins its next life, until not wanted or given up.
fn keep(program: &Program, clock: &Clock, shared: &Shared, first: Child) {
    let mut starts = vec![clock.ms()];
    let mut child = first;
    loop {
        let ended = child.wait();
        let mut now = shared.lock();
        now.pidfd = None;
        now.pid = None;
        now.last = ended.as_ref().ok().copied();
        shared.changed.notify_all();
        if !now.wanted {
            return;
        }
        if let Some(why) = reason_to_give_up(program, ended, &starts, clock.ms()) {
            now.given_up = Some(why);
            return;
        }
        let pause = Duration::from_millis(RESTART_PAUSE_MS);
        let (now, _) = shared
            .changed
            .wait_timeout_while(now, pause, |now| now.wanted)
            .unwrap_or_else(PoisonError::into_inner);
        if !now.wanted {
            return;
        }
        drop(now);
        match program.spawn().and_then(|child| Ok((watch(&child)?, child))) {
            Ok((pidfd, next)) => {
                starts.push(clock.ms());
                let mut now = shared.lock();
                now.pid = Some(next.id());
                now.pidfd = Some(pidfd);
                now.n_starts += 1;
                if !now.wanted {
                    send(&now, Signal::TERM);
                }
                child = next;
            }
            Err(error) => {
                shared.lock().given_up = Some(format!("{error:#}"));
                return;
            }
        }
    }
}

fn reason_to_give_up(
    program: &Program,
    ended: std::io::Result<ExitStatus>,
    starts: &[u64],
    now_ms: u64,
) -> Option<String> {
    let status = match ended {
        Ok(status) => status,
        Err(error) => return Some(format!("{}: {error}", program.name)),
    };
    if let Some(code) = status.code().filter(|code| NEVER_RESTARTED.contains(code)) {
        return Some(format!("{} ended with code {code}: not started again", program.name));
    }
    let recent = starts.iter().filter(|at| now_ms.saturating_sub(**at) < STARTS_WITHIN_MS).count();
    let last =
        status.signal().map_or_else(|| status.to_string(), |signal| format!("signal {signal}"));
    (recent >= STARTS_MAX)
        .then(|| format!("{} was started {recent} times within a minute ({last})", program.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Limit;

    const RESTART: Limit = Limit { name: "the second life of a shell", ms: 20_000 };

    /// Opens a pipe that nobody writes to.
    const WAITS: &str = "mkfifo pipe 2>&-; read line < pipe";

    fn shell(script: &str, folder: &std::path::Path) -> Service {
        let script = format!("cd {}; {script}", folder.display());
        let program = Program {
            name: "shell",
            path: "/bin/sh".into(),
            args: vec!["-c".into(), script],
            display: None,
            env: vec![],
            log: folder.join("shell.log"),
        };
        Service::new(program, &Clock::start())
    }

    #[test]
    fn a_killed_program_lives_again_and_a_stopped_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut service = shell(WAITS, folder.path());
        service.start().unwrap();
        service.kill_hard();
        let clock = Clock::start();
        clock
            .until(RESTART, || {
                Ok((service.n_starts() == 2 && service.pid().is_some()).then_some(()))
            })
            .unwrap();
        service.stop();
        assert_eq!(service.pid(), None);
        assert_eq!(service.given_up(), None);
    }

    #[test]
    fn a_killed_program_that_is_held_stays_dead_until_it_is_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut service = shell(&format!("trap '' TERM; {WAITS}"), folder.path());
        service.start().unwrap();
        service.kill_and_hold();
        assert_eq!((service.pid(), service.n_starts()), (None, 1));
        service.start().unwrap();
        assert!(service.pid().is_some());
    }

    #[test]
    fn a_bad_configuration_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut service = shell("exit 2", folder.path());
        service.start().unwrap();
        let clock = Clock::start();
        let why = clock.until(RESTART, || Ok(service.given_up())).unwrap();
        assert!(why.contains("code 2"), "{why}");
        assert_eq!(service.n_starts(), 1);
    }

    #[test]
    fn a_program_that_ignores_sigterm_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut service = shell(&format!("trap '' TERM; while :; do {WAITS}; done"), folder.path());
        service.start().unwrap();
        service.stop();
        assert_eq!(service.pid(), None);
    }

    #[test]
    fn output_of_a_failed_program_is_not_taken_for_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let service = shell("echo code; exit 1", folder.path());
        assert!(service.program().output().is_err());
        let service = shell("echo code", folder.path());
        assert_eq!(service.program().output().unwrap(), "code\n");
    }
}
