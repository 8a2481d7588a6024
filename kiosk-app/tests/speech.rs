//! Speech with real programs: espeak-ng, which writes what would be heard into a file, and small
//! ones that tell who they are and stay.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{self, fs::FileExt as _},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use kiosk_app::{
    config::{self, NotEmpty, Program},
    limits::Timings,
    speech::Speech,
};
use kiosk_core::{
    keys::Utterance,
    view::Language::{self, Chinese, English},
};
use kiosk_words::Private;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{CWD, FileType, Mode, inotify, mknodat},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};
use tempfile::TempDir;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// More than a pipe holds, which is 64 KiB.
const MORE_THAN_A_PIPE: usize = 200_000;

/// `$1` is the pipe that hears it, `$2` the voice and `$3` the volume.
const LISTENS_AND_STAYS: &str = r#"cat >"$1.text"; sleep 3600 & echo "$$ $! $2" >"$1"; wait"#;
const NEVER_LISTENS: &str = r#"sleep 3600 & echo "$$ $! $2" >"$1"; wait"#;
/// The child keeps the pipe of the text and does not read it.
const LEAVES_A_CHILD: &str = r#"exec 3<&0; sleep 3600 & echo "$$ $! $2" >"$1""#;

fn utterance(text: &str, language: Language, volume: u8) -> Utterance {
    Utterance { text: Private::text(text), language, volume }
}

fn too_long_for_a_pipe() -> Utterance {
    utterance(&"a".repeat(MORE_THAN_A_PIPE), English, 100)
}

fn hello() -> Utterance {
    utterance("你好", Chinese, 100)
}

/// Speech with one program.
struct Stage {
    speech: Speech,
    tasks: TaskTracker,
    stop: CancellationToken,
    folder: TempDir,
    _ends: DropGuard,
}

impl Stage {
    fn new(folder: TempDir, program: Vec<String>, timings: Timings) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let voice = |name: &str| NotEmpty(name.to_owned());
        let (voice_zh, voice_en) = (voice("cmn-latn-pinyin"), voice("en-gb"));
        let config = config::Speech { program: Program(program), voice_zh, voice_en };
        let speech = Speech::start(Some(config), timings, &tasks, stop.clone());
        Self { speech, tasks, _ends: stop.clone().drop_guard(), stop, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The station ends, and waits for its tasks.
    async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(LIMIT, self.tasks.wait()).await.unwrap();
    }
}

/// A shell as the program, and a pipe on which its script tells who it is.
struct Shell {
    stage: Stage,
    told: Arc<Mutex<BufReader<File>>>,
}

impl Shell {
    fn with(script: &str) -> Self {
        Self::timed(script, Timings::STATION)
    }

    fn timed(script: &str, timings: Timings) -> Self {
        Self::called("sh".into(), tempfile::tempdir().unwrap(), script, timings)
    }

    fn called(name: PathBuf, folder: TempDir, script: &str, timings: Timings) -> Self {
        let pipe = folder.path().join("told");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        // With a writer of its own it has no end.
        let told = File::options().read(true).write(true).open(&pipe).unwrap();
        let (name, pipe) = (name.to_str().unwrap(), pipe.to_str().unwrap());
        let words = [name, "-c", script, "sh", pipe, "{voice}", "{volume}"];
        let program = words.map(str::to_owned).to_vec();
        let told = Arc::new(Mutex::new(BufReader::new(told)));
        Self { stage: Stage::new(folder, program, timings), told }
    }

    fn say(&self, utterance: Utterance) {
        self.stage.speech.say(utterance);
    }

    /// The next program that has come as far as telling so.
    async fn next(&self) -> Spoken {
        let told = Arc::clone(&self.told);
        let line = off_the_runtime(move || {
            let mut told = told.lock().unwrap();
            wait_for(told.get_ref());
            let mut line = String::new();
            told.read_line(&mut line).unwrap();
            line
        });
        let line = line.await;
        let [leader, child, voice] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("expected two numbers and a voice, got {line:?}");
        };
        Spoken { leader: Process::of(leader), child: Process::of(child), voice: voice.to_owned() }
    }

    /// What it has read, once it told of itself.
    fn heard(&self) -> String {
        fs::read_to_string(self.stage.path("told.text")).unwrap()
    }
}

/// The processes of one utterance.
struct Spoken {
    leader: Process,
    child: Process,
    voice: String,
}

impl Spoken {
    fn is_running(&self) -> bool {
        self.leader.is_running() && self.child.is_running()
    }

    async fn until_gone(self) {
        self.leader.until_gone().await;
        self.child.until_gone().await;
    }
}

struct Process {
    folder: PathBuf,
    /// `None`: it was gone before this was made.
    ended: Option<OwnedFd>,
}

impl Process {
    fn of(number: &str) -> Self {
        let folder = Path::new("/proc").join(number);
        let number = Pid::from_raw(number.parse().unwrap()).unwrap();
        let ended = match pidfd_open(number, PidfdFlags::empty()) {
            Ok(ended) => Some(ended),
            Err(Errno::SRCH) => None,
            Err(error) => panic!("{error}"),
        };
        Self { folder, ended }
    }

    fn is_running(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| !is_ready(ended, Duration::ZERO))
    }

    async fn until_gone(self) {
        if let Some(ended) = self.ended {
            off_the_runtime(move || wait_for(&ended)).await;
        }
    }

    fn is_reaped(&self) -> bool {
        !self.folder.exists()
    }

    fn shown(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.folder.join(name)).unwrap()).unwrap()
    }
}

fn is_ready(file: &impl AsFd, limit: Duration) -> bool {
    let limit = Timespec::try_from(limit).unwrap();
    poll(&mut [PollFd::from_borrowed_fd(file.as_fd(), PollFlags::IN)], Some(&limit)).unwrap() > 0
}

fn wait_for(file: &impl AsFd) {
    assert!(is_ready(file, LIMIT), "not within {} s", LIMIT.as_secs());
}

async fn off_the_runtime<T: Send + 'static>(wait: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(wait).await.unwrap()
}

#[tokio::test]
async fn the_program_hears_the_text_to_its_end_in_the_voice_of_its_language() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    let long = "请把身份证放在读卡器上。".repeat(MORE_THAN_A_PIPE / 30);
    for (text, language, voice) in [
        ("你好", Chinese, "cmn-latn-pinyin"),
        ("Hello", English, "en-gb"),
        (&long, Chinese, "cmn-latn-pinyin"),
    ] {
        shell.say(utterance(text, language, 100));
        assert_eq!(shell.next().await.voice, voice);
        assert_eq!(shell.heard(), text);
    }
}

#[tokio::test]
async fn a_new_utterance_ends_the_one_before_and_all_it_has_started() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    shell.say(hello());
    let mut before = shell.next().await;
    for _ in 0..3 {
        assert!(before.is_running());
        // The same text twice is two utterances.
        shell.say(hello());
        let newer = shell.next().await;
        assert!(before.leader.is_reaped(), "it was gone before the next one began");
        before.until_gone().await;
        before = newer;
    }
    assert!(before.is_running());
}

#[tokio::test]
async fn of_many_at_once_only_the_newest_is_said() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    for text in ["一", "二", "三"] {
        shell.say(utterance(text, Chinese, 100));
    }
    let said = shell.next().await;
    assert_eq!(shell.heard(), "三");
    shell.stage.end().await;
    said.until_gone().await;
    assert!(!is_ready(shell.told.lock().unwrap().get_ref(), Duration::ZERO), "only one began");
}

#[tokio::test]
async fn hush_ends_what_is_said_and_the_next_one_is_said() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    shell.stage.speech.hush();
    shell.say(hello());
    let said = shell.next().await;
    assert!(said.is_running());
    shell.stage.speech.hush();
    said.until_gone().await;
    shell.say(hello());
    assert!(shell.next().await.is_running());
}

#[tokio::test]
async fn the_end_of_the_station_ends_what_is_said() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    shell.say(hello());
    let said = shell.next().await;
    shell.stage.end().await;
    assert!(said.leader.is_reaped(), "the task waited for it");
    said.until_gone().await;
    shell.say(hello());
}

#[tokio::test]
async fn the_last_handle_takes_what_is_said_along() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    shell.say(hello());
    let said = shell.next().await;
    let Shell { stage: Stage { speech, tasks, stop, _ends, .. }, .. } = shell;
    drop(speech.clone());
    assert!(said.is_running());
    drop(speech);
    tasks.close();
    tokio::time::timeout(LIMIT, tasks.wait()).await.unwrap();
    said.until_gone().await;
    assert!(!stop.is_cancelled());
}

#[tokio::test]
async fn a_task_that_is_given_up_leaves_nobody_behind() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shell = {
        let _inside = runtime.enter();
        Shell::with(LISTENS_AND_STAYS)
    };
    shell.say(hello());
    let said = shell.next().await;
    assert!(said.is_running());
    runtime.shutdown_background();
    said.until_gone().await;
}

#[tokio::test]
async fn who_is_left_of_the_group_when_its_leader_has_ended_is_ended() {
    let shell = Shell::with(LEAVES_A_CHILD);
    shell.say(too_long_for_a_pipe());
    shell.next().await.until_gone().await;
}

#[tokio::test]
async fn a_program_that_never_listens_blocks_nobody() {
    let shell = Shell::with(NEVER_LISTENS);
    shell.say(too_long_for_a_pipe());
    let first = shell.next().await;
    assert!(first.is_running());
    shell.say(too_long_for_a_pipe());
    let second = shell.next().await;
    first.until_gone().await;
    assert!(second.is_running());
    shell.stage.speech.hush();
    second.until_gone().await;
}

#[tokio::test]
async fn the_time_limit_ends_one_that_does_not_end() {
    let (speech, speech_per_char) = (Duration::from_millis(100), Duration::ZERO);
    let timings = Timings { speech, speech_per_char, ..Timings::STATION };
    for script in [LISTENS_AND_STAYS, NEVER_LISTENS] {
        let shell = Shell::timed(script, timings);
        for _ in 0..2 {
            shell.say(too_long_for_a_pipe());
            shell.next().await.until_gone().await;
        }
    }
}

#[tokio::test]
async fn no_other_process_can_read_the_text() {
    const NAMES: [&str; 3] = ["HOME", "PATH", "XDG_RUNTIME_DIR"];
    let shell = Shell::with(LISTENS_AND_STAYS);
    shell.say(utterance("张三 zhangsan", Chinese, 100));
    let said = shell.next().await;
    assert_eq!(shell.heard(), "张三 zhangsan");
    for process in [&said.leader, &said.child] {
        for name in ["cmdline", "environ", "comm"] {
            let shown = process.shown(name);
            assert!(!shown.contains("张三") && !shown.contains("zhangsan"), "{name}: {shown}");
        }
    }
    let environment = said.leader.shown("environ");
    let names = environment.split_terminator('\0').filter_map(|it| Some(it.split_once('=')?.0));
    let others: Vec<_> = names.filter(|name| !NAMES.contains(name)).collect();
    assert!(environment.contains("PATH=") && others.is_empty(), "{others:?}");
    assert!(said.is_running());
}

#[tokio::test]
async fn a_missing_program_disturbs_nothing_and_is_used_when_it_is_there() {
    let (folder, log) = (tempfile::tempdir().unwrap(), Log::default());
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let program = folder.path().join("speaks");
    let shell = Shell::called(program.clone(), folder, LISTENS_AND_STAYS, Timings::STATION);
    shell.say(hello());
    log.until("there is no such program").await;
    shell.stage.speech.hush();
    unix::fs::symlink("/bin/sh", program).unwrap();
    shell.say(hello());
    assert!(shell.next().await.is_running());
}

#[tokio::test]
async fn without_a_program_nothing_is_started() {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let speech = Speech::start(None, Timings::STATION, &tasks, stop);
    speech.say(hello());
    speech.hush();
    assert!(tasks.is_empty());
}

/// A log that can be waited for.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<String>, tokio::sync::Notify)>);

impl Log {
    fn keep(&self, more: &str) {
        let (text, grown) = &*self.0;
        text.lock().unwrap().push_str(more);
        grown.notify_one();
    }

    async fn until(&self, part: &str) {
        let (text, grown) = &*self.0;
        while !text.lock().unwrap().contains(part) {
            tokio::time::timeout(LIMIT, grown.notified()).await.unwrap();
        }
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keep(str::from_utf8(bytes).map_err(io::Error::other)?);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A text with one bit of each letter turned over: itself it is found only where it was made.
const MASKED: [u8; 24] = *b"~canary of spoken words~";

#[tokio::test]
async fn the_text_is_wiped_from_memory_once_the_program_has_taken_it() {
    let shell = Shell::with(LISTENS_AND_STAYS);
    let mut text = String::with_capacity(MASKED.len());
    text.extend(MASKED.map(|byte| char::from(byte ^ 1)));
    let text = Private::new(text);
    assert!(is_in_memory(), "it is found while it is there");
    shell.say(Utterance { text, language: English, volume: 100 });
    let said = shell.next().await;
    let heard = fs::metadata(shell.stage.path("told.text")).unwrap();
    assert_eq!(heard.len(), MASKED.len() as u64);
    assert!(said.is_running());
    assert!(!is_in_memory());
}

/// Whether the text stands anywhere in what this process can write.
fn is_in_memory() -> bool {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(" rw")).any(|line| {
        let (begin, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [begin, end] = [begin, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - begin).unwrap()];
        let was_read = memory.read_at(&mut bytes, begin).is_ok();
        // This copy is wiped too, or the next search finds it.
        let bytes = Private::new(bytes);
        was_read && holds_text(bytes.expose())
    })
}

fn holds_text(bytes: &[u8]) -> bool {
    const PAGE_LEN: usize = 4096;
    let is_text = |it: &[u8]| it.iter().zip(MASKED).all(|(byte, masked)| *byte == masked ^ 1);
    // Most pages have not even its first letter, and are passed over quickly.
    (0..bytes.len()).step_by(PAGE_LEN).any(|begin| {
        let end = bytes.len().min(begin + PAGE_LEN + MASKED.len() - 1);
        let page = &bytes[begin..end];
        page.contains(&(MASKED[0] ^ 1)) && page.windows(MASKED.len()).any(is_text)
    })
}

/// What espeak-ng has written: 16 bit, one channel.
struct Sound {
    rate_hz: u32,
    samples: Vec<i16>,
}

impl Sound {
    fn of(bytes: &[u8]) -> Self {
        let (header, sound) = bytes.split_at(44);
        assert_eq!((&header[..4], &header[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
        assert_eq!((header[22], header[34], &header[36..40]), (1, 16, &b"data"[..]));
        let rate_hz = u32::from_le_bytes(header[24..28].try_into().unwrap());
        let len = u32::from_le_bytes(header[40..44].try_into().unwrap());
        assert_eq!(usize::try_from(len).unwrap(), sound.len(), "it was written to its end");
        let samples = sound.as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two));
        Self { rate_hz, samples: samples.collect() }
    }

    fn peak(&self) -> u16 {
        self.samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap()
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.samples.len() as u64) / self.rate_hz
    }
}

/// What the real program makes of it.
async fn sound_of(utterance: Utterance) -> Sound {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("said.wav");
    let written = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    inotify::add_watch(&written, folder.path(), inotify::WatchFlags::CLOSE_WRITE).unwrap();
    let file_word = file.to_str().unwrap();
    let words = ["espeak-ng", "-v", "{voice}", "-a", "{volume}", "-w", file_word, "--stdin"];
    let program = words.map(str::to_owned).to_vec();
    let stage = Stage::new(folder, program, Timings::STATION);
    stage.speech.say(utterance);
    off_the_runtime(move || wait_for(&written)).await;
    Sound::of(&fs::read(file).unwrap())
}

#[tokio::test]
async fn sentences_of_both_languages_are_sound() {
    for (text, language) in
        [("你好，请按帮助键。", Chinese), ("Hello. Please press the help key.", English)]
    {
        let sound = sound_of(utterance(text, language, 100)).await;
        assert!(sound.duration() > Duration::from_millis(500), "{:?}", sound.duration());
        let n_loud = sound.samples.iter().filter(|sample| sample.unsigned_abs() > 1_000).count();
        assert!(n_loud > sound.samples.len() / 20, "{n_loud} of {}", sound.samples.len());
    }
}

#[tokio::test]
async fn chinese_is_not_spelled_in_english() {
    // The English voice says of each character that it is a Chinese letter, or its number.
    let text = "请把身份证放在读卡器上";
    let (chinese, english) = (
        sound_of(utterance(text, Chinese, 100)).await,
        sound_of(utterance(text, English, 100)).await,
    );
    assert!(chinese.duration() * 2 < english.duration(), "{:?}", english.duration());
}

#[tokio::test]
async fn a_greater_volume_is_louder_and_none_is_silence() {
    let peak = async |volume| sound_of(utterance("请取卡", Chinese, volume)).await.peak();
    let (none, soft, loud) = (peak(0).await, peak(50).await, peak(150).await);
    assert!(none == 0 && soft > 0 && loud > soft * 2, "{none} {soft} {loud}");
}
