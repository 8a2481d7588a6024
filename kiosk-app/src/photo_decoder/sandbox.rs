//! Where a decoder runs: alone, without files, network and time, and with nothing of the station's.
//!
//! ```text
//!  kiosk ─► kiosk become ─► bwrap ══► env -i prlimit ─► the program
//!           closes files    new user, process, network and mount namespaces;
//!                           sees /usr, its own folder and an empty /dev, all read-only
//! ```
//! bubblewrap makes the namespaces and lets go of every privilege, prlimit sets the limits inside
//! them. The first process of the namespace dies with bubblewrap and takes all others along, so
//! that no child of the program outlives it, whatever it did to its process group.
//!
//! Where one of these steps is not possible nothing is run. There is no way around.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use device_api::chip_photo::Refusal;
use kiosk_words::Private;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, Command},
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    become_command,
    limits::{PHOTO_BYTES_MAX, PHOTO_CPU_S, PHOTO_FILES, PHOTO_MEMORY_BYTES, PHOTO_PROCESSES},
};

const BUBBLEWRAP: &str = "/usr/bin/bwrap";
/// Ends with 0 wherever the sandbox can be made.
const PROBE: &str = "/usr/bin/true";
/// A shell's way to say that a signal ended a program.
const SIGNALLED: i32 = 128;

/// bubblewrap's words but the program's own folder. `/proc` is not in it: a process needs none,
/// and a station's unit hides parts of it, which makes a new one impossible.
const WALLS: [&str; 32] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
    "--ro-bind",
    "/usr",
    "/usr",
    "--ro-bind-try",
    "/bin",
    "/bin",
    "--ro-bind-try",
    "/lib",
    "/lib",
    "--ro-bind-try",
    "/lib64",
    "/lib64",
    "--ro-bind-try",
    "/etc/ld.so.cache",
    "/etc/ld.so.cache",
    "--dev",
    "/dev",
    "--remount-ro",
    "/dev",
    "--chdir",
    "/",
    "--",
];

/// What the program wrote, wiped when dropped.
#[derive(Debug)]
pub(super) struct Written {
    buffer: Private<Vec<u8>>,
    len: usize,
}

impl Written {
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.expose().get(..self.len).expect("no more was read than fits")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Sandbox {
    program: PathBuf,
    arguments: Vec<String>,
    kiosk: PathBuf,
}

impl Sandbox {
    pub(super) fn new(program: &Path, arguments: &[String], kiosk: PathBuf) -> Self {
        Self { program: program.to_owned(), arguments: arguments.to_vec(), kiosk }
    }

    /// What the program writes when it is given these bytes, if it ends with 0 in time.
    pub(super) async fn run(
        &self,
        input: &Private<Vec<u8>>,
        limit: Duration,
    ) -> Result<Written, Refusal> {
        self.is_there()?;
        let words: Vec<&OsStr> = std::iter::once(self.program.as_os_str())
            .chain(self.arguments.iter().map(OsStr::new))
            .collect();
        let (status, written) = self.run_inside(&words, input, limit).await?;
        let Err(refusal) = ended_well(status) else { return Ok(written) };
        // bubblewrap's own failure looks like the program's.
        let nothing = Private::new(Vec::new());
        match self.run_inside(&[OsStr::new(PROBE)], &nothing, limit).await {
            Ok((probed, _)) if !probed.success() => Err(Refusal::NoSandbox),
            Err(Refusal::NoSandbox) => Err(Refusal::NoSandbox),
            Ok(_) | Err(_) => Err(refusal),
        }
    }

    fn is_there(&self) -> Result<(), Refusal> {
        let file = self.program.metadata().map_err(|_error| Refusal::NoProgram)?;
        let is_executable = file.is_file() && file.permissions().mode() & 0o111 != 0;
        if is_executable { Ok(()) } else { Err(Refusal::NotExecutable) }
    }

    async fn run_inside(
        &self,
        words: &[&OsStr],
        input: &Private<Vec<u8>>,
        limit: Duration,
    ) -> Result<(ExitStatus, Written), Refusal> {
        let mut child = self.command(words).spawn().map_err(|_error| Refusal::NoSandbox)?;
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let heard = timeout(limit, converse(&mut child, input)).await;
        let heard = heard.unwrap_or(Err(Refusal::TimeOver { limit_ms }));
        if heard.is_err() {
            kill(&mut child).await;
        }
        heard
    }

    fn command(&self, words: &[&OsStr]) -> Command {
        let folder = self.program.parent().unwrap_or(Path::new("/"));
        let (last, walls) = WALLS.split_last().expect("the walls have an end");
        let mut command = Command::new(&self.kiosk);
        command.args([become_command::NAME, "--", BUBBLEWRAP]).args(walls);
        command.arg("--ro-bind").arg(folder).arg(folder).args(["--remount-ro", "/", last]);
        command.args(["/usr/bin/env", "-i", "/usr/bin/prlimit"]).args(limits()).arg("--");
        command.args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_clear().current_dir("/").process_group(0).kill_on_drop(true);
        command
    }
}

fn limits() -> [OsString; 6] {
    [
        format!("--as={PHOTO_MEMORY_BYTES}"),
        format!("--cpu={PHOTO_CPU_S}"),
        format!("--nofile={PHOTO_FILES}"),
        format!("--nproc={PHOTO_PROCESSES}"),
        "--fsize=0".to_owned(),
        "--core=0".to_owned(),
    ]
    .map(OsString::from)
}

async fn converse(
    child: &mut Child,
    input: &Private<Vec<u8>>,
) -> Result<(ExitStatus, Written), Refusal> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        unreachable!("all three were asked for");
    };
    let (_, written, n_complaint_bytes) =
        tokio::try_join!(say(stdin, input), hear(stdout), drain(stderr))?;
    let status = child.wait().await.map_err(|_error| Refusal::NoSandbox)?;
    if n_complaint_bytes > 0 {
        // Their number only: a decoder may complain with what it read.
        tracing::info!(n_complaint_bytes, "the photo decoder complained");
    }
    Ok((status, written))
}

/// A program that does not listen has its reasons.
async fn say(mut stdin: ChildStdin, input: &Private<Vec<u8>>) -> Result<(), Refusal> {
    drop(stdin.write_all(input.expose()).await);
    Ok(())
}

async fn hear(mut stdout: impl AsyncRead + Unpin) -> Result<Written, Refusal> {
    // One byte more than may come. Never moved while it grows: every copy would have to be wiped.
    let mut buffer = Zeroizing::new(vec![0; PHOTO_BYTES_MAX + 1]);
    let mut len = 0;
    while let Some(room) = buffer.get_mut(len..).filter(|room| !room.is_empty()) {
        match stdout.read(room).await {
            Ok(0) | Err(_) => {
                let buffer = Private::new(std::mem::take(&mut *buffer));
                return Ok(Written { buffer, len });
            }
            Ok(n_read) => len += n_read,
        }
    }
    Err(Refusal::TooMuch { len_max: PHOTO_BYTES_MAX })
}

async fn drain(mut stderr: impl AsyncRead + Unpin) -> Result<u64, Refusal> {
    let counted = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    Ok(counted.unwrap_or_default())
}

fn ended_well(status: ExitStatus) -> Result<(), Refusal> {
    let code = status.code().unwrap_or(SIGNALLED);
    let small = |code: i32| u8::try_from(code).unwrap_or(u8::MAX);
    match code {
        0 => Ok(()),
        code if code > SIGNALLED => Err(Refusal::Killed { signal: small(code - SIGNALLED) }),
        code => Err(Refusal::Exited { code: small(code) }),
    }
}

/// bubblewrap, what led to it, and with it everything inside.
async fn kill(child: &mut Child) {
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let killed = group.map_or(Ok(()), |group| kill_process_group(group, Signal::KILL));
    let ended: io::Result<()> = match killed {
        Ok(()) | Err(rustix::io::Errno::SRCH) => child.kill().await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = ended {
        tracing::error!(%error, "the photo decoder was not killed");
    }
}
