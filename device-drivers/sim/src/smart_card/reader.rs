//! A real pcscd with a virtual reader, in a namespace of its own.
//!
//! vpcd listens on every address, so whoever reaches it may push cards in; and pcscd has its socket
//! at a fixed place. Both are harmless in a namespace with its own network and its own `/run`.
//! [`inside`] makes one; in it, [`Daemon`] starts pcscd.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use super::vpcd::VpcdSlot;

/// Port of the first slot; the network is private, so that it is always free.
pub const PORT: u16 = 35_963;
/// What pcscd calls the first slot.
pub const READER: &str = "Virtual PCD 00 00";
/// Name of pcscd's socket in its folder.
pub const SOCKET: &str = "pcscd.comm";
/// Tells a client of pcscd where the socket is.
pub const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// pcscd is ready within 0.1 s on an idle machine; looked for so often before it is given up.
const N_LOOKS_MAX: u32 = 2_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// In the shell's words: `$0` is the folder that becomes pcscd's own.
const PREPARE: &str = "mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind \"$0\" \
                       /run/pcscd && ip link set lo up && exec \"$@\"";

/// A command that runs what is added to it in such a namespace. `socket_folder` is where the socket
/// can be found from outside. `None`: this user may not make namespaces here.
#[must_use]
pub fn inside(socket_folder: &Path) -> Option<Command> {
    let ways = [&["--mount", "--net"][..], &["--mount", "--net", "--map-root-user"]];
    ways.iter().find_map(|flags| {
        let command = || {
            let mut command = Command::new("unshare");
            command.args(*flags).args(["--propagation", "private"]);
            command.args(["sh", "-c", PREPARE]).arg(socket_folder);
            command
        };
        let tried = command().arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success()).then(command)
    })
}

/// Runs one test of the calling test program again, as a child in such a namespace. `variable` tells
/// it its folder, in which the socket appears as well.
pub fn test_again_inside(test: &str, variable: &str, folder: &Path) -> io::Result<Output> {
    let socket_folder = folder.join("socket");
    fs::create_dir(&socket_folder)?;
    let mut child = inside(&socket_folder).ok_or_else(|| {
        io::Error::other("a private namespace is needed: run as root, or allow user namespaces")
    })?;
    child.arg(std::env::current_exe()?).args(["--exact", test, "--nocapture"]);
    child.env(variable, folder).output()
}

/// pcscd, as a child of this process.
#[derive(Debug)]
pub struct Daemon {
    /// With the reader's settings.
    config: PathBuf,
    running: Option<Child>,
}

impl Daemon {
    /// Starts it; this process is in a namespace of [`inside`]. The settings are written into
    /// `folder`.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let config = folder.join("reader.conf.d");
        fs::create_dir_all(&config)?;
        fs::write(
            config.join("vpcd"),
            format!(
                "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x{PORT:04X}\n\
                 LIBPATH {DRIVER}\nCHANNELID 0x{PORT:04X}\n"
            ),
        )?;
        let mut daemon = Self { config, running: None };
        daemon.start_again()?;
        Ok(daemon)
    }

    /// After [`Daemon::kill`]. What a killed one left behind is taken away, as its supervisor does.
    pub fn start_again(&mut self) -> io::Result<()> {
        self.kill()?;
        let folder = Path::new("/run/pcscd");
        for stale in [SOCKET, "pcscd.pid"] {
            match fs::remove_file(folder.join(stale)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        let child = Command::new("pcscd")
            .args(["--foreground", "--config"])
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let child = self.running.insert(child);
        for _ in 0..N_LOOKS_MAX {
            if folder.join(SOCKET).exists() {
                return Ok(());
            }
            if let Some(status) = child.try_wait()? {
                return Err(io::Error::other(format!("pcscd ended at once: {status}")));
            }
            std::thread::park_timeout(BETWEEN_LOOKS);
        }
        Err(io::Error::other("pcscd made no socket"))
    }

    /// As a crash does: nothing is tidied.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.running.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It ends with its namespace otherwise.
        let _ = self.kill();
    }
}

/// pcscd with a slot, and a hand on both.
#[derive(Debug)]
pub struct VirtualReader {
    pub daemon: Daemon,
    pub slot: VpcdSlot,
}

impl VirtualReader {
    pub fn start(folder: &Path) -> io::Result<Self> {
        Ok(Self { daemon: Daemon::start(folder)?, slot: VpcdSlot::new(PORT) })
    }

    /// A crash of pcscd, and the start of the next one with the same card inside.
    pub fn restart_daemon(&mut self) -> io::Result<()> {
        self.daemon.start_again()?;
        self.slot.connect()
    }
}
