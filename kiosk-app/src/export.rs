//! Logs and the table of parts on the stick of a technician. The stick may be pulled out only when
//! all of it was flushed, read back from the stick and found the same (R11).
//!
//! ```text
//!  stick is in ─► folder.unfinished: log, table, SHA256SUMS ─► flushed ─► read back ─► folder
//! ```
//! A folder that still is called unfinished is not to be trusted. Neither log nor table holds
//! anything of a person.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Arc,
    time::Duration,
};

use kiosk_core::{
    EffectId, Event,
    diagnosis::Diagnosis,
    effect::{Exported, NotExported, Refusal, Reply},
};
use kiosk_words::{Digest32, Now, StationId};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Advice, fadvise, syncfs},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::{
    answer::Answer,
    clock::Clock,
    config::{self, Program},
    exit::with_causes,
    limits::{EXPORT_LOG_MAX, EXPORT_LOG_TIME},
    parts,
};

const SUMS: &str = "SHA256SUMS";
const BUFFER_LEN: usize = 64 * 1024;

/// Why a copy is not there, for the log; the screen has words for the kind.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("machine.toml has no [export]")]
    NoPlace,
    #[error("{}: expected the mount point of a stick, it is no other disk than the data folder", .0.display())]
    NoStick(PathBuf),
    #[error("the stick cannot be written")]
    Stick(#[source] io::Error),
    #[error("{name}: what was read back is not what was written")]
    NotTheSame { name: String },
    #[error("the program that says the log: {0}")]
    Log(String),
}

impl Trouble {
    fn kind(&self) -> NotExported {
        match self {
            Self::NoPlace => NotExported::NoPlace,
            Self::NoStick(_) => NotExported::NoStick,
            Self::Stick(error) if error.kind() == io::ErrorKind::StorageFull => NotExported::NoRoom,
            Self::NotTheSame { .. } => NotExported::NotTheSame,
            Self::Stick(_) | Self::Log(_) => NotExported::Failed,
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Stick(error)
    }
}

impl From<Errno> for Trouble {
    fn from(error: Errno) -> Self {
        Self::Stick(error.into())
    }
}

/// Copies, one at a time, on threads of their own.
#[derive(Debug)]
pub struct Exports {
    desk: Arc<Desk>,
    one: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// What every copy of this station is made from.
#[derive(Debug)]
struct Desk {
    station: StationId,
    data: PathBuf,
    /// `None`: machine.toml has no place for a stick.
    place: Option<config::Export>,
}

impl Exports {
    pub fn new(machine: &config::Machine, tasks: TaskTracker) -> Self {
        let (station, data) = (machine.station, machine.data.clone());
        let desk = Arc::new(Desk { station, data, place: machine.export.clone() });
        Self { desk, one: Arc::new(Semaphore::new(1)), tasks }
    }

    /// Begins one; while another one goes on it is refused by its answer.
    pub fn begin(&self, id: EffectId, table: Diagnosis, now: Now, answer: Answer) {
        let Ok(turn) = Arc::clone(&self.one).try_acquire_owned() else { return };
        let desk = Arc::clone(&self.desk);
        self.tasks.spawn_blocking(move || {
            answer.give(match desk.copy(&table, now) {
                Ok(done) => Event::Done { id, reply: Reply::Exported(done) },
                Err(why) => {
                    tracing::warn!(because = with_causes(&why), "the logs were not copied");
                    Event::Refused { id, refusal: Refusal::Export(why.kind()) }
                }
            });
            drop(turn);
        });
    }
}

impl Desk {
    fn copy(&self, table: &Diagnosis, now: Now) -> Result<Exported, Trouble> {
        let place = self.place.as_ref().ok_or(Trouble::NoPlace)?;
        if !is_another_disk(&place.folder, &self.data) {
            return Err(Trouble::NoStick(place.folder.clone()));
        }
        let name = format!("nightdesk-{}-{}", self.station, stamp(now));
        let unfinished = place.folder.join(format!("{name}.unfinished"));
        // Left by a stick that was pulled out too early, by the same clock.
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(&unfinished)?;
        let rows = parts::rows(table);
        let mut copy =
            Copy { folder: unfinished.clone(), sums: String::new(), n_files: 0, n_bytes: 0 };
        copy.text("parts.txt", &parts::text(&rows))?;
        copy.text("parts.json", &parts::json(&rows))?;
        copy.log("log.txt", &place.log)?;
        copy.flush()?;
        read_back(&unfinished)?;
        let finished = place.folder.join(&name);
        fs::rename(&unfinished, &finished)?;
        syncfs(&File::open(&place.folder)?)?;
        Ok(Exported { folder: name, n_files: copy.n_files, n_bytes: copy.n_bytes })
    }
}

/// A folder nothing is mounted on lies on the disk of the station.
fn is_another_disk(folder: &Path, data: &Path) -> bool {
    let disk = |path: &Path| fs::metadata(path).ok().filter(|m| m.is_dir()).map(|m| m.dev());
    disk(folder).zip(disk(data)).is_some_and(|(stick, own)| stick != own)
}

/// By the clock of the station, however wrong it is.
fn stamp(now: Now) -> String {
    let (civil, seconds) = (now.wall.civil(), now.wall.0.div_euclid(1_000).rem_euclid(60));
    format!("{}-{:02}{:02}{seconds:02}", civil.yyyymmdd(), civil.hour, civil.minute)
}

/// What is being written.
struct Copy {
    folder: PathBuf,
    sums: String,
    n_files: u32,
    n_bytes: u64,
}

impl Copy {
    fn text(&mut self, name: &str, text: &str) -> Result<(), Trouble> {
        let mut sink = Sink::new(&self.folder.join(name))?;
        sink.write(text.as_bytes())?;
        self.keep(name, sink)
    }

    fn log(&mut self, name: &str, program: &Program) -> Result<(), Trouble> {
        let mut sink = Sink::new(&self.folder.join(name))?;
        let mut command = program.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn();
        let mut child = child.map_err(|error| Trouble::Log(format!("{:?}: {error}", program.0)))?;
        let said = drain(&mut child, &mut sink);
        // One that has ended is not hurt by this, one that has not is ended.
        let _ = child.kill();
        let status = child.wait()?;
        match said? {
            Said::All if status.success() => {}
            Said::All => return Err(Trouble::Log(format!("{:?}: {status}", program.0))),
            Said::TooMuch => sink.write(b"\n(cut off here: there is more)\n")?,
            Said::TooLate => {
                let limit = EXPORT_LOG_TIME.as_secs();
                return Err(Trouble::Log(format!("{:?}: not done in {limit} s", program.0)));
            }
        }
        self.keep(name, sink)
    }

    fn keep(&mut self, name: &str, sink: Sink) -> Result<(), Trouble> {
        let Sink { mut file, sum, n_bytes } = sink;
        file.flush()?;
        file.sync_all()?;
        self.sums.push_str(&format!("{}  {name}\n", Digest32(sum.finalize().into())));
        self.n_files += 1;
        self.n_bytes += n_bytes;
        Ok(())
    }

    /// Everything down to the stick, names included.
    fn flush(&self) -> Result<(), Trouble> {
        let mut sums = File::create_new(self.folder.join(SUMS))?;
        sums.write_all(self.sums.as_bytes())?;
        sums.sync_all()?;
        syncfs(&File::open(&self.folder)?)?;
        Ok(())
    }
}

/// A file that is hashed while it is written.
struct Sink {
    file: File,
    sum: Sha256,
    n_bytes: u64,
}

impl Sink {
    fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create_new(path)?, sum: Sha256::new(), n_bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.sum.update(bytes);
        self.n_bytes += bytes.len() as u64;
        Ok(())
    }
}

enum Said {
    All,
    TooMuch,
    TooLate,
}

/// Copies what the program says, as long as it may and as much as it may.
fn drain(child: &mut Child, sink: &mut Sink) -> Result<Said, Trouble> {
    let mut out = child.stdout.take().expect("the output is piped");
    let clock = Clock::start();
    let left = || EXPORT_LOG_TIME.saturating_sub(Duration::from_millis(clock.now().moment.0));
    let mut buffer = vec![0; BUFFER_LEN];
    loop {
        if !is_readable(&out, left())? {
            return Ok(Said::TooLate);
        }
        let n = out.read(&mut buffer)?;
        if n == 0 {
            // It has nothing more to say, and may still need a moment to end.
            let ends = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
            let has_ended = is_readable(&ends, left())?;
            return Ok(if has_ended { Said::All } else { Said::TooLate });
        }
        sink.write(&buffer[..n])?;
        if sink.n_bytes >= EXPORT_LOG_MAX {
            return Ok(Said::TooMuch);
        }
    }
}

fn is_readable(out: &impl std::os::fd::AsFd, within: Duration) -> Result<bool, Trouble> {
    let limit = Timespec::try_from(within).map_err(|_| Errno::INVAL)?;
    let mut waits = [PollFd::from_borrowed_fd(out.as_fd(), PollFlags::IN)];
    Ok(poll(&mut waits, Some(&limit))? > 0)
}

/// Every file of the list as the stick gives it, not as memory still has it.
fn read_back(folder: &Path) -> Result<(), Trouble> {
    let sums = fs::read_to_string(folder.join(SUMS))?;
    for line in sums.lines() {
        let (expected, name) =
            line.split_once("  ").ok_or(io::ErrorKind::InvalidData).map_err(io::Error::from)?;
        let mut file = File::open(folder.join(name))?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        let mut sum = Sha256::new();
        let mut buffer = vec![0; BUFFER_LEN];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                n => sum.update(&buffer[..n]),
            }
        }
        if Digest32(sum.finalize().into()).to_string() != expected {
            return Err(Trouble::NotTheSame { name: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kiosk_core::diagnosis::Part;
    use kiosk_words::{ClockQuality, Moment, WallTime};

    use super::*;

    const NOON: Now =
        Now { moment: Moment(0), wall: WallTime(1_772_683_200_000), quality: ClockQuality::Held };

    /// Memory of the system, mounted everywhere: another disk than that of the folders of tests.
    fn stick() -> tempfile::TempDir {
        tempfile::tempdir_in("/dev/shm").unwrap()
    }

    fn desk(stick: &Path, data: &Path, log: &[&str]) -> Desk {
        let log = Program(log.iter().map(|word| (*word).to_owned()).collect());
        let place = config::Export { folder: stick.to_owned(), log };
        Desk {
            station: StationId::try_from(17).unwrap(),
            data: data.to_owned(),
            place: Some(place),
        }
    }

    fn table() -> Diagnosis {
        Diagnosis::new(&[(Part::Reader, "by-id/reader".to_owned())], &[], NOON.wall)
    }

    #[test]
    fn what_lies_on_the_stick_is_whole_and_says_so_itself() {
        let (stick, data) = (stick(), tempfile::tempdir().unwrap());
        let desk = desk(stick.path(), data.path(), &["printf", "a line\\nanother\\n"]);
        let done = desk.copy(&table(), NOON).unwrap();
        assert_eq!(done.n_files, 3);
        let folder = stick.path().join(&done.folder);
        assert_eq!(fs::read_to_string(folder.join("log.txt")).unwrap(), "a line\nanother\n");
        assert!(fs::read_to_string(folder.join("parts.txt")).unwrap().contains("by-id/reader"));
        read_back(&folder).unwrap();
        assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 1, "nothing unfinished is left");
        let mut common = std::process::Command::new("sha256sum");
        let checked = common.arg("-c").arg(SUMS).current_dir(&folder).output().unwrap();
        assert!(checked.status.success(), "the common tool agrees");
    }

    #[test]
    fn one_changed_byte_is_seen() {
        let (stick, data) = (stick(), tempfile::tempdir().unwrap());
        let desk = desk(stick.path(), data.path(), &["printf", "a line"]);
        let done = desk.copy(&table(), NOON).unwrap();
        let folder = stick.path().join(&done.folder);
        fs::write(folder.join("log.txt"), "a lime").unwrap();
        let why = read_back(&folder).unwrap_err();
        assert_eq!(why.kind(), NotExported::NotTheSame, "{why}");
    }

    #[test]
    fn without_a_stick_nothing_is_written() {
        let (place, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let desk = desk(place.path(), data.path(), &["true"]);
        assert_eq!(desk.copy(&table(), NOON).unwrap_err().kind(), NotExported::NoStick);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        let none = Desk { place: None, ..desk };
        assert_eq!(none.copy(&table(), NOON).unwrap_err().kind(), NotExported::NoPlace);
    }

    #[test]
    fn a_log_that_cannot_be_said_is_no_copy() {
        let data = tempfile::tempdir().unwrap();
        for program in [["false"].as_slice(), &["/nowhere/such-program"]] {
            let stick = stick();
            let why = desk(stick.path(), data.path(), program).copy(&table(), NOON).unwrap_err();
            assert_eq!(why.kind(), NotExported::Failed);
            assert!(why.to_string().contains(program[0]), "{why}");
            let left: Vec<_> = fs::read_dir(stick.path()).unwrap().collect();
            let name = left[0].as_ref().unwrap().file_name();
            assert!(name.to_string_lossy().ends_with(".unfinished"));
        }
    }

    #[test]
    fn a_full_stick_is_told_from_a_broken_one() {
        let full = Trouble::from(Errno::NOSPC);
        assert_eq!(full.kind(), NotExported::NoRoom);
        assert_eq!(Trouble::from(Errno::IO).kind(), NotExported::Failed);
    }
}
