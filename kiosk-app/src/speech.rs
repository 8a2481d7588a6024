//! What the station says aloud: text of the core on its way to the program that speaks.
//!
//! It decides when that program begins and ends. One runs at a time and the newest utterance wins:
//! a newer one, a hush and the end of the station end the one before with its whole process group.
//! What is said, how loud and whether anybody listens is decided by the core; how it sounds by the
//! program that `machine.toml` names. Whether it was heard is not known, so nobody is told.
//!
//! ```text
//!          say               text written, or not wanted
//!  Silent ─────► Listening ───────────────────────────────► Speaking
//!    ▲               │                                         │
//!    └───────────────┴──── program ended, or was killed by ────┘
//!                          say, hush, stop or the time limit
//! ```
//! The text goes through a pipe only: `/proc` shows arguments and environment to every process. It
//! is wiped as soon as the program has taken it, and stands in no log and no error.
//!
//! A process that leaves the group of its program, as a daemon does, is not found and speaks on.

use std::{
    convert::Infallible,
    env,
    future::pending,
    io,
    mem::{Discriminant, discriminant},
    os::fd::OwnedFd,
    process::{ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kiosk_core::{keys::Utterance, view::Language};
use kiosk_words::Private;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use tokio::{
    io::{AsyncWriteExt as _, Interest, unix::AsyncFd},
    process::{Child, ChildStdin, Command},
    sync::watch,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{self, Program},
    limits::Timings,
};

/// All that the program gets of the station's environment: where programs are, the folder of the
/// socket of PipeWire or PulseAudio, and that of the settings and the cookie of either and of ALSA.
const ENVIRONMENT: [&str; 3] = ["PATH", "XDG_RUNTIME_DIR", "HOME"];

/// What is wanted and was not begun. The channel counts what is sent through it, so that the same
/// text twice is two utterances; the lock lets the task take the text out of it.
type Wanted = Mutex<Option<Utterance>>;

/// The asking side. Nothing is said any more when its last clone is gone.
#[derive(Debug, Clone)]
pub struct Speech {
    /// `None`: machine.toml has no table for it.
    wanted: Option<watch::Sender<Wanted>>,
}

impl Speech {
    /// Starts its task on the current runtime. Without a config nothing is ever said.
    #[must_use]
    pub fn start(
        config: Option<config::Speech>,
        timings: Timings,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let wanted = config.map(|config| {
            let (wanted, seen) = watch::channel(Wanted::default());
            let voice = Voice { config, timings, running: None, warned: Vec::new() };
            tasks.spawn(run(voice, seen, stop));
            wanted
        });
        Self { wanted }
    }

    /// Never waits; ends what is being said.
    pub fn say(&self, utterance: Utterance) {
        self.want(Some(utterance));
    }

    /// Ends what is being said.
    pub fn hush(&self) {
        self.want(None);
    }

    fn want(&self, utterance: Option<Utterance>) {
        if let Some(wanted) = &self.wanted {
            // Once the task has ended it comes back, and is wiped here.
            drop(wanted.send(Mutex::new(utterance)));
        }
    }
}

async fn run(mut voice: Voice, mut wanted: watch::Receiver<Wanted>, stop: CancellationToken) {
    loop {
        let newest = take(&mut wanted);
        let goes_on = tokio::select! { biased;
            () = stop.cancelled() => false,
            newer = wanted.changed() => newer.is_ok(),
            never = voice.say(newest) => match never {},
        };
        voice.interrupt().await;
        if !goes_on {
            drop(take(&mut wanted));
            return;
        }
    }
}

fn take(wanted: &mut watch::Receiver<Wanted>) -> Option<Utterance> {
    wanted.borrow_and_update().lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Why nothing is heard, for the log. Nothing of the text is in it.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("there is no such program")]
    Missing,
    #[error("the system refused: {0}")]
    Refused(io::Error),
    #[error("it ended with {0}")]
    Failed(ExitStatus),
    #[error("it was not done after {} ms", .0.as_millis())]
    TooLong(Duration),
    #[error("it was killed and not gone after {} ms", .0.as_millis())]
    NotGone(Duration),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Refused(error) }
    }
}

/// The program, and the process of it that runs.
struct Voice {
    config: config::Speech,
    timings: Timings,
    running: Option<Running>,
    /// Since an utterance was last said to its end.
    warned: Vec<Discriminant<Trouble>>,
}

impl Voice {
    /// Stays when all is said, until it is dropped for what comes next. Dropped halfway, it leaves
    /// its process to [`Voice::interrupt`].
    async fn say(&mut self, utterance: Option<Utterance>) -> Infallible {
        if let Some(utterance) = utterance {
            self.try_to_say(utterance).await;
        }
        pending().await
    }

    async fn try_to_say(&mut self, utterance: Utterance) {
        match self.say_to_the_end(utterance).await {
            Ok(()) => self.praise(),
            Err(trouble) => self.warn(&trouble),
        }
    }

    async fn say_to_the_end(&mut self, utterance: Utterance) -> Result<(), Trouble> {
        let Utterance { text, language, volume } = utterance;
        let limit = self.limit(text.expose());
        let running = Running::start(&mut self.command(language, volume))?;
        let in_time = timeout(limit, self.running.insert(running).hear(text)).await;
        let status = self.end().await?;
        in_time.map_err(|_elapsed| Trouble::TooLong(limit))?;
        match status {
            Some(status) if !status.success() => Err(Trouble::Failed(status)),
            Some(_) | None => Ok(()),
        }
    }

    fn limit(&self, text: &str) -> Duration {
        let n_chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.timings.speech.max(self.timings.speech_per_char.saturating_mul(n_chars))
    }

    async fn interrupt(&mut self) {
        if let Err(trouble) = self.end().await {
            self.warn(&trouble);
        }
    }

    /// What it ended with, if there was something to end. May be dropped and called again.
    async fn end(&mut self) -> Result<Option<ExitStatus>, Trouble> {
        let Some(running) = &mut self.running else { return Ok(None) };
        let ended = timeout(self.timings.speech_ends, running.end()).await;
        self.running = None;
        match ended {
            Ok(status) => Ok(Some(status?)),
            Err(_elapsed) => Err(Trouble::NotGone(self.timings.speech_ends)),
        }
    }

    fn command(&self, language: Language, volume: u8) -> Command {
        let config::Speech { program: Program(words), voice_zh, voice_en } = &self.config;
        let voice = match language {
            Language::Chinese => &voice_zh.0,
            Language::English => &voice_en.0,
        };
        let volume = volume.to_string();
        let (name, arguments) = words.split_first().expect("a program has a name");
        let mut command = Command::new(name);
        let filled = |word: &String| word.replace("{volume}", &volume).replace("{voice}", voice);
        command.args(arguments.iter().map(filled));
        command
            .env_clear()
            .envs(ENVIRONMENT.iter().filter_map(|key| Some((key, env::var_os(key)?))));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir("/").process_group(0).kill_on_drop(true);
        command
    }

    fn praise(&mut self) {
        if !self.warned.is_empty() {
            self.warned.clear();
            tracing::info!("the program that speaks works again");
        }
    }

    /// Once for each kind: a page is spoken every few seconds.
    fn warn(&mut self, trouble: &Trouble) {
        let kind = discriminant(trouble);
        if !self.warned.contains(&kind) {
            self.warned.push(kind);
            let program = self.config.program.0.first();
            tracing::warn!(program, because = %trouble, "the program that speaks does not work");
        }
    }
}

/// A process group. It is killed when this is dropped.
struct Running {
    leader: Child,
    /// Tells that the leader has ended and leaves it unreaped: until then nobody else gets its
    /// number, and the group can be killed by it.
    ended: AsyncFd<OwnedFd>,
}

impl Running {
    #[expect(
        deprecated,
        reason = "what replaces it is unsafe, and an OwnedFd stays open while it is owned"
    )]
    fn start(command: &mut Command) -> io::Result<Self> {
        let leader = command.spawn()?;
        let number = number_of(&leader).expect("nobody has waited for it");
        let ended = pidfd_open(number, PidfdFlags::empty())?;
        Ok(Self { leader, ended: AsyncFd::with_interest(ended, Interest::READABLE)? })
    }

    /// Returns when the leader has ended, whether or not anybody took the text.
    async fn hear(&mut self, text: Private<String>) {
        let stdin = self.leader.stdin.take();
        tokio::select! { biased;
            _ = self.ended.readable() => return,
            () = write(stdin, text) => {}
        }
        drop(self.ended.readable().await);
    }

    /// Kills whoever is left of the group, and reaps its leader.
    async fn end(&mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.leader.wait().await
    }

    fn kill(&self) {
        if let Some(group) = number_of(&self.leader) {
            // Whether it is gone is seen by waiting for it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `None`: it was reaped, and its number may be another's.
fn number_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| Pid::from_raw(id.cast_signed()))
}

/// Text and pipe end here. A program that does not listen has its reasons.
async fn write(stdin: Option<ChildStdin>, text: Private<String>) {
    if let Some(mut stdin) = stdin {
        drop(stdin.write_all(text.expose().as_bytes()).await);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, MutexGuard},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::config::NotEmpty;

    /// What the log of one test says.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap()
        }

        /// Everything since the last time, down to the smallest event.
        fn new_lines(&self) -> Vec<String> {
            let text = String::from_utf8(std::mem::take(&mut self.bytes())).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Write::write(&mut *self.bytes(), bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn log() -> (Log, tracing::subscriber::DefaultGuard) {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    fn voice(program: &[&str]) -> Voice {
        let program = Program(program.iter().map(|word| (*word).to_owned()).collect());
        let voice_zh = NotEmpty("mandarin".to_owned());
        let voice_en = NotEmpty("english".to_owned());
        let config = config::Speech { program, voice_zh, voice_en };
        Voice { config, timings: Timings::STATION, running: None, warned: Vec::new() }
    }

    /// A program that is not ended by the code fails the test.
    async fn try_to_say(voice: &mut Voice, utterance: Utterance) {
        timeout(Duration::from_secs(60), voice.try_to_say(utterance)).await.unwrap();
    }

    fn utterance(volume: u8) -> Utterance {
        Utterance { text: Private::text("张三，请取卡"), language: Language::Chinese, volume }
    }

    #[test]
    fn voice_and_volume_are_filled_in_anywhere_in_an_argument() {
        let voice = voice(&["a{voice}", "-v{voice}", "{volume}:{volume}", "--stdin"]);
        let check = |language, volume, expect: [&str; 3]| {
            let command = voice.command(language, volume);
            assert_eq!(command.as_std().get_program(), "a{voice}");
            assert!(command.as_std().get_args().eq(expect));
        };
        check(Language::Chinese, 0, ["-vmandarin", "0:0", "--stdin"]);
        check(Language::English, 200, ["-venglish", "200:200", "--stdin"]);
    }

    #[tokio::test]
    async fn each_kind_of_failure_is_one_warning_until_it_works_again() {
        let (log, _guard) = log();
        // Ends with its volume.
        let mut voice = voice(&["sh", "-c", "exit {volume}"]);
        let name = voice.config.program.0[0].clone();
        for (volume, missing, expect) in [
            (1, false, Some("it ended with exit status: 1")),
            (2, false, None),
            (0, true, Some("there is no such program")),
            (0, true, None),
            (1, false, None),
            (0, false, Some("works again")),
            (0, false, None),
            (0, true, Some("there is no such program")),
        ] {
            voice.config.program.0[0] = if missing { "/nowhere/sh".into() } else { name.clone() };
            try_to_say(&mut voice, utterance(volume)).await;
            let ours = log.new_lines();
            let ours: Vec<_> = ours.iter().filter(|line| line.contains("speech")).collect();
            assert_eq!(ours.len(), usize::from(expect.is_some()), "{ours:?}");
            assert!(ours.iter().all(|line| line.contains(expect.unwrap())), "{ours:?}");
        }
    }

    #[tokio::test]
    async fn neither_log_nor_debug_shows_the_text() {
        let (log, _guard) = log();
        for program in [["sh", "-c", "exit 1"].as_slice(), &["/nowhere/sh"], &["cat"]] {
            try_to_say(&mut voice(program), utterance(1)).await;
        }
        let seen = log.new_lines().join("\n");
        assert!(seen.contains("there is no such program"), "{seen}");
        assert!(!seen.contains("张三") && !format!("{:?}", utterance(1)).contains("张三"));
        let (wanted, _seen) = watch::channel(Mutex::new(Some(utterance(1))));
        assert!(!format!("{:?}", Speech { wanted: Some(wanted) }).contains("张三"));
    }

    #[tokio::test]
    async fn one_that_reached_the_time_limit_is_a_failure_of_its_own_kind() {
        let (log, _guard) = log();
        let mut voice = voice(&["sh", "-c", "while :; do sleep 1; done"]);
        voice.timings.speech = Duration::from_millis(50);
        voice.timings.speech_per_char = Duration::ZERO;
        try_to_say(&mut voice, utterance(1)).await;
        assert!(voice.running.is_none());
        assert!(log.new_lines().iter().any(|line| line.contains("it was not done after 50 ms")));
    }

    #[test]
    fn an_utterance_for_a_task_that_has_ended_is_not_kept() {
        let (wanted, seen) = watch::channel(Wanted::default());
        let speech = Speech { wanted: Some(wanted.clone()) };
        drop(seen);
        speech.say(utterance(1));
        assert!(wanted.borrow().lock().unwrap().is_none());
    }
}
