//! The virtual reader as a child of `devsim`: pcscd and the slot live in a namespace, the page of
//! buttons does not.
//!
//! Orders go in and looks come back, one line of JSON each. The child ends, and pcscd with it, when
//! its standard input does: also when its parent was killed. Cards that remember what was done to
//! them lie in a drawer, a folder of texts, so that they outlive both.

use std::{
    fs,
    io::{self, BufRead as _, Write as _},
    path::Path,
    process::Stdio,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
};

use super::{
    Chip, Planned, SlotLook,
    piv::PivChip,
    reader::{VirtualReader, inside},
    specimen::chip,
};

/// Folder beside the socket with a file for each card that remembers something.
pub const DRAWER: &str = "cards";

/// What a hand does at the slot, or a crash behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    Look,
    PutIn {
        specimen: String,
    },
    TakeOut,
    Plan {
        planned: Planned,
    },
    ClearPlan,
    /// The card is pulled when it hears its command of this number.
    PullAt {
        n_command: u64,
    },
    /// pcscd dies and the next one starts, the card inside.
    RestartDaemon,
    KillDaemon,
    StartDaemon,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Look(SlotLook),
    Error(String),
}

/// The child's whole life. `folder` is for its settings.
pub fn serve(folder: &Path) -> io::Result<()> {
    let mut reader = VirtualReader::start(folder)?;
    let drawer = folder.join(DRAWER);
    fs::create_dir_all(&drawer)?;
    let mut out = io::stdout().lock();
    let mut say = |reply: &Reply| -> io::Result<()> {
        serde_json::to_writer(&mut out, reply)?;
        out.write_all(b"\n")?;
        out.flush()
    };
    say(&Reply::Look(reader.slot.look()))?;
    for line in io::stdin().lock().lines() {
        let done = serde_json::from_str(&line?)
            .map_err(io::Error::from)
            .and_then(|order| obey(&mut reader, &drawer, order));
        say(&match done {
            Ok(()) => Reply::Look(reader.slot.look()),
            Err(error) => Reply::Error(error.to_string()),
        })?;
    }
    Ok(())
}

fn obey(reader: &mut VirtualReader, drawer: &Path, order: Order) -> io::Result<()> {
    match order {
        Order::Look => {}
        Order::PutIn { specimen } => {
            put_away(reader, drawer)?;
            let chip = remembered(drawer, &specimen).or_else(|| chip(&specimen));
            let chip = chip.ok_or_else(|| io::Error::other("no such chip card"))?;
            reader.slot.put_in(&specimen, chip)?;
        }
        Order::TakeOut => put_away(reader, drawer)?,
        Order::Plan { planned } => reader.slot.plan(planned),
        Order::ClearPlan => reader.slot.clear_plan(),
        Order::PullAt { n_command } => reader.slot.pull_at(n_command),
        Order::RestartDaemon => reader.restart_daemon()?,
        Order::KillDaemon => reader.daemon.kill()?,
        Order::StartDaemon => {
            reader.daemon.start_again()?;
            reader.slot.connect()?;
        }
    }
    Ok(())
}

/// Takes out what is in, and writes down what it remembers.
fn put_away(reader: &mut VirtualReader, drawer: &Path) -> io::Result<()> {
    let Some(name) = reader.slot.look().card else { return Ok(()) };
    let memory = reader.slot.take_out().and_then(|chip| chip.memory());
    let Some(memory) = memory else { return Ok(()) };
    let beside = drawer.join(format!("{name}.new"));
    fs::write(&beside, memory)?;
    fs::rename(beside, drawer.join(name))
}

fn remembered(drawer: &Path, specimen: &str) -> Option<Box<dyn Chip>> {
    let text = fs::read_to_string(drawer.join(specimen)).ok()?;
    PivChip::remembered(&text).map(|chip| Box::new(chip) as Box<dyn Chip>)
}

/// The parent's side.
#[derive(Debug)]
pub struct Host {
    child: Child,
    orders: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

impl Host {
    /// `program` is `devsim` itself; pcscd's socket appears in `socket_folder`. Returns when pcscd
    /// can be reached.
    pub async fn start(program: &Path, socket_folder: &Path) -> io::Result<Self> {
        let command = inside(socket_folder).ok_or_else(|| {
            io::Error::other(
                "this user may make no namespace for pcscd: run as root, or allow user namespaces",
            )
        })?;
        let mut child = tokio::process::Command::from(command)
            .arg(program)
            .arg("--virtual-reader")
            .arg(socket_folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (orders, said) = pipes.ok_or_else(|| io::Error::other("a child without pipes"))?;
        let mut host = Self { child, orders, replies: BufReader::new(said).lines() };
        host.reply().await?;
        Ok(host)
    }

    pub async fn order(&mut self, order: &Order) -> io::Result<SlotLook> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line).await?;
        self.reply().await
    }

    async fn reply(&mut self) -> io::Result<SlotLook> {
        let line = self.replies.next_line().await?;
        let line = line.ok_or_else(|| io::Error::other("the virtual reader has ended"))?;
        match serde_json::from_str(&line)? {
            Reply::Look(look) => Ok(look),
            Reply::Error(error) => Err(io::Error::other(error)),
        }
    }

    /// Returns when the child, and pcscd with it, is gone.
    pub async fn end(self) -> io::Result<()> {
        let Self { mut child, orders, replies } = self;
        drop((orders, replies));
        child.wait().await.map(drop)
    }
}
