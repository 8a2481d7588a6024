//! The station's own socket: store and ports are exclusive, so a second process asks the running
//! one.
//!
//! One question per connection, as a line of JSON; the answer is lines of JSON: `{"line": …}` for
//! each line to print and `{"exit": …}` at the end. Only the station's own user can open it.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    limits::{CONTROL_CLIENTS, CONTROL_LINE_MAX, Timings},
    report::Report,
};

/// What a tool may ask a running station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    Status,
    Check {
        #[serde(default)]
        json: bool,
    },
    AuditVerify,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Text { line: String },
    End { exit: u8 },
}

/// Answers questions; made by whoever knows the station.
pub trait Answerer: Send + Sync + 'static {
    fn answer(&self, question: Question) -> impl Future<Output = Report> + Send;
}

pub fn socket_of(data: &Path) -> PathBuf {
    data.join("station.sock")
}

/// Listens in the data folder; call only while holding the store, which is what makes it ours.
pub fn serve(
    data: &Path,
    answerer: impl Answerer,
    timings: Timings,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> io::Result<()> {
    let path = socket_of(data);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // The data folder is 0700, so nobody else can come in between.
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let (answerer, clients) = (Arc::new(answerer), Arc::new(Semaphore::new(CONTROL_CLIENTS)));
    tasks.spawn(async move {
        while let Some(stream) = tokio::select! { biased;
            () = stop.cancelled() => None,
            accepted = listener.accept() => accepted.ok().map(|(stream, _)| stream),
        } {
            let Ok(place) = Arc::clone(&clients).try_acquire_owned() else { continue };
            let answerer = Arc::clone(&answerer);
            tokio::spawn(async move {
                let talk = talk(stream, answerer.as_ref());
                if !matches!(tokio::time::timeout(timings.control, talk).await, Ok(Ok(()))) {
                    tracing::info!("a question over the socket was broken off");
                }
                drop(place);
            });
        }
        // The next start removes it too; a stale file only makes a tool open the store itself.
        let _ = fs::remove_file(&path);
    });
    Ok(())
}

async fn talk(stream: UnixStream, answerer: &impl Answerer) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(CONTROL_LINE_MAX)).read_line(&mut line).await?;
    let report = match serde_json::from_str(&line) {
        Ok(question) => answerer.answer(question).await,
        Err(_) => Report::failed("expected a line such as {\"ask\":\"status\"}"),
    };
    let mut out = String::new();
    let lines = report.lines.into_iter().map(|line| Line::Text { line });
    for line in lines.chain([Line::End { exit: report.exit.code() }]) {
        out.push_str(&serde_json::to_string(&line).map_err(io::Error::other)?);
        out.push('\n');
    }
    write.write_all(out.as_bytes()).await?;
    write.shutdown().await
}

/// Asks the station that runs on this folder; `None` if none does.
pub async fn ask(data: &Path, question: &Question, timings: Timings) -> Option<Report> {
    let stream = UnixStream::connect(socket_of(data)).await.ok()?;
    let heard = tokio::time::timeout(timings.control, exchange(stream, question)).await;
    Some(match heard {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => Report::failed(format!("the running station broke off: {error}")),
        Err(_) => Report::failed("the running station does not answer"),
    })
}

async fn exchange(stream: UnixStream, question: &Question) -> io::Result<Report> {
    let (read, mut write) = stream.into_split();
    let mut text = serde_json::to_string(question).map_err(io::Error::other)?;
    text.push('\n');
    write.write_all(text.as_bytes()).await?;
    let mut report = Report::default();
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line).map_err(io::Error::other)? {
            Line::Text { line } => report.lines.push(line),
            Line::End { exit } => {
                report.exit = crate::exit::Exit::Core(exit);
                return Ok(report);
            }
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
