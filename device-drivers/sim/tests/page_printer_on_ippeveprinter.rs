//! The page printer's driver against the reference printer of the IPP working group, as CUPS ships
//! it: another program's understanding of the protocol.
//!
//! It wants some D-Bus as system bus and nothing else of it: each test starts a private one. Paper
//! is loaded over its web form; jams come from its print command, which waits at a named pipe.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, net::TcpListener, path::Path, process::Stdio, time::Duration};

use device_api::{
    RequestId,
    page_printer::{
        Capabilities, Counted, Document, Event, Fault, Format, Health, Loaded, Refusal, Reply,
        Request, Status,
    },
};
use device_drivers::{
    clock::Clock,
    page_printer::{
        Address, Config, PagePrinter, PagePrinterHandle, Timings, spawn, timings::PRODUCTION,
    },
};
use device_sim::page_printer::sample;
use kiosk_words::Private;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Far more than any of it takes.
const LIMIT: Duration = Duration::from_secs(60);
/// Looks often; what a printer is given time for stays as it ships.
const QUICK: Timings = Timings {
    idle_poll_ms: 200,
    down_poll_ms: 100,
    follow_poll_ms: 50,
    clean_poll_ms: 50,
    ..PRODUCTION
};
/// Counts the pages of what arrived. `$1` is the file; the mode lies beside the program.
const PROGRAM: &str = r#"#!/bin/sh
here=$(dirname "$0")
pages=$(grep -a -o -e '/Type /Page /Parent' -e 'PwgRaster' "$1" | wc -l)
case $(cat "$here/mode") in
wait)
    echo > "$here/begun"
    read -r _ < "$here/go" ;;
jam)
    echo 'ATTR: job-impressions-completed=1' >&2
    echo 'STATE: +media-jam' >&2
    read -r _ < "$here/go"
    echo 'STATE: -media-jam' >&2 ;;
fail)
    echo 'ERROR: out of order' >&2
    exit 1 ;;
esac
echo "ATTR: job-impressions-completed=$pages" >&2
"#;

struct Reference {
    folder: tempfile::TempDir,
    port: u16,
    /// Ended with the test, each by its own id.
    _bus: Child,
    _printer: Child,
}

impl Reference {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("print.sh");
        fs::write(&program, PROGRAM).unwrap();
        rustix::fs::chmod(&program, rustix::fs::Mode::RWXU).unwrap();
        for pipe in ["begun", "go"].map(|name| folder.path().join(name)) {
            rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        }
        fs::write(folder.path().join("mode"), "print").unwrap();
        let mut bus = needed("dbus-daemon", "dbus")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon starts: install the package dbus (scripts/packages.txt)");
        let mut address = String::new();
        let mut said = BufReader::new(bus.stdout.take().unwrap());
        timeout(LIMIT, said.read_line(&mut address)).await.unwrap().unwrap();
        // Somebody else may take the free port before it is used.
        for _ in 0..5 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            if let Some(printer) = printer(folder.path(), address.trim(), port).await {
                let reference = Self { folder, port, _bus: bus, _printer: printer };
                reference.load("iso_a4_210x297mm", 250).await;
                return reference;
            }
        }
        panic!("ippeveprinter finds no port");
    }

    fn mode(&self, mode: &str) {
        fs::write(self.folder.path().join("mode"), mode).unwrap();
    }

    /// The print command of mode `wait` is at work.
    async fn begun(&self) {
        let begun = tokio::fs::read(self.folder.path().join("begun"));
        timeout(LIMIT, begun).await.expect("a print command begins").unwrap();
    }

    /// The print command that waits goes on.
    async fn go(&self) {
        let pipe = self.folder.path().join("go");
        let go = tokio::fs::write(pipe, "go\n");
        timeout(LIMIT, go).await.expect("a print command waits").unwrap();
    }

    /// Its web form: main tray, and nothing said of the manual one.
    async fn load(&self, size: &str, level: u32) {
        let path =
            format!("/media?size1={size}&type1=stationery&level1={level}&size3=&type3=&level3=-2");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let host = format!("localhost:{}", self.port);
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        // It keeps the connection although it is asked to close it: the last chunk is empty.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n0\r\n\r\n") {
            let n_read = timeout(LIMIT, stream.read_buf(&mut answer)).await.unwrap().unwrap();
            assert!(n_read > 0, "{}", String::from_utf8_lossy(&answer));
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }

    fn uri(&self) -> String {
        format!("ipp://localhost:{}/ipp/print", self.port)
    }
}

fn needed(program: &str, package: &str) -> Command {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file());
    let found = found.unwrap_or_else(|| {
        panic!("{program} is missing: install the package {package} (scripts/packages.txt)")
    });
    let mut command = Command::new(found);
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// `None`: it ended before it listened.
async fn printer(folder: &Path, bus: &str, port: u16) -> Option<Child> {
    let spool = folder.join("spool");
    fs::create_dir_all(&spool).unwrap();
    let mut child = needed("ippeveprinter", "cups-ipp-utils")
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
        .args(["-v", "-r", "off", "-n", "localhost", "-p", &port.to_string(), "-d"])
        .arg(spool)
        .args(["-f", "application/pdf,image/pwg-raster", "-c"])
        .arg(folder.join("print.sh"))
        .arg("Mock A4")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = async {
        // It says its name when it listens.
        while let Some(line) = log.next_line().await.unwrap() {
            if line.starts_with("printer-uuid") {
                return true;
            }
        }
        false
    };
    if !timeout(LIMIT, listening).await.expect("ippeveprinter says what it does") {
        return None;
    }
    // Its log is read to the end, or it would stand still.
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    Some(child)
}

struct Rig {
    printer: Reference,
    handle: PagePrinterHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    identified: Option<Capabilities>,
    progress: Vec<u16>,
    n_asked: u64,
    stop: CancellationToken,
}

impl Rig {
    async fn new(timings: Timings) -> Self {
        let printer = Reference::start().await;
        let stop = CancellationToken::new();
        let address = Address::parse(&printer.uri()).unwrap();
        let config = Config { address, timings };
        let (handle, events) = spawn(config, Clock::start(), stop.child_token()).unwrap();
        let (status, identified) = (PagePrinter::new_status(), None);
        let progress = Vec::new();
        Self { printer, handle, events, status, identified, progress, n_asked: 0, stop }
    }

    async fn ready() -> Self {
        let mut rig = Self::new(QUICK).await;
        rig.until(Health::Ready).await;
        rig
    }

    async fn next(&mut self) -> Event {
        let event = timeout(LIMIT, self.events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("nothing comes: {:?}", self.status));
        let event = event.expect("the driver goes on");
        match &event {
            Event::StatusChanged(status) => self.status = *status,
            Event::Identified(it) => self.identified = Some(it.clone()),
            Event::Progress { n_pages_out, .. } => self.progress.push(*n_pages_out),
            Event::Done(..) | Event::Refused(..) => {}
        }
        event
    }

    async fn until(&mut self, health: Health) {
        while self.status.health != health {
            self.next().await;
        }
    }

    async fn until_paper_low(&mut self, wanted: bool) {
        while self.status.paper_low != wanted {
            self.next().await;
        }
    }

    fn ask(&mut self, request: Request) -> RequestId {
        self.n_asked += 1;
        let id = RequestId(self.n_asked);
        self.handle.ask(id, request).unwrap();
        id
    }

    fn print(&mut self, format: Format, n_pages: u16) -> RequestId {
        let bytes = match format {
            Format::Pdf => sample::pdf(n_pages),
            Format::PwgRaster => sample::raster(n_pages),
        };
        self.ask(Request::Print(Document { format, bytes: Private::new(bytes), n_pages }))
    }

    async fn outcome(&mut self, wanted: RequestId) -> Result<Counted, Refusal> {
        loop {
            match self.next().await {
                Event::Done(id, Reply::Printed { counted }) if id == wanted => return Ok(counted),
                Event::Refused(id, why) if id == wanted => return Err(why),
                Event::Done(..)
                | Event::Refused(..)
                | Event::StatusChanged(_)
                | Event::Identified(_)
                | Event::Progress { .. } => {}
            }
        }
    }

    fn n_sent(&self, name: &str) -> usize {
        self.handle.wire().last_minute().iter().filter(|line| line.shown.starts_with(name)).count()
    }

    /// The driver has sent so many of these; what it says meanwhile is listened to.
    async fn until_sent(&mut self, name: &str, n: usize) {
        let sent = async {
            while self.n_sent(name) < n {
                let look_again = Duration::from_millis(5);
                if let Ok(Some(Event::StatusChanged(status))) =
                    timeout(look_again, self.events.recv()).await
                {
                    self.status = status;
                }
            }
        };
        timeout(LIMIT, sent).await.expect("it is sent");
    }

    /// One exchange follows another: the next question is asked after the answer.
    async fn until_cancel_answered(&mut self) {
        self.until_sent("Cancel-Job", 1).await;
        let n_asked = self.n_sent("Get-Job-Attributes");
        self.until_sent("Get-Job-Attributes", n_asked + 1).await;
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn three_pages_of_either_kind_are_printed_and_counted() {
    let mut rig = Rig::ready().await;
    assert_eq!(rig.status.a4, Loaded::Yes);
    for (format, n_pages) in [(Format::Pdf, 3), (Format::PwgRaster, 2)] {
        let id = rig.print(format, n_pages);
        assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter), "{format:?}");
    }
    let identified = rig.identified.clone().unwrap();
    assert_eq!(identified.formats, [Format::Pdf, Format::PwgRaster]);
    assert_eq!(identified.resolution_dpi, Some(600));
    assert!(!identified.two_sided && !identified.counts_pages);
    // A count that does not fit is seen on a real printer, too.
    let bytes = Private::new(sample::pdf(2));
    let id = rig.ask(Request::Print(Document { format: Format::Pdf, bytes, n_pages: 3 }));
    let miscounted = Refusal::Uncertain { fault: Fault::Miscounted, n_pages_out: Some(2) };
    assert_eq!(rig.outcome(id).await, Err(miscounted));
}

#[tokio::test]
async fn another_paper_is_refused_and_an_empty_tray_holds_the_document_until_it_is_filled() {
    let mut rig = Rig::ready().await;
    rig.printer.load("na_letter_8.5x11in", 250).await;
    let id = rig.print(Format::Pdf, 1);
    assert_eq!(rig.outcome(id).await, Err(Refusal::NotStarted(Fault::WrongPaper)));
    rig.until(Health::Down(Fault::WrongPaper)).await;
    // It lists the paper of an empty tray as ready, and calls the tray's state a report.
    rig.printer.load("iso_a4_210x297mm", 0).await;
    rig.until(Health::Ready).await;
    rig.until_paper_low(true).await;
    let id = rig.print(Format::Pdf, 2);
    rig.until(Health::Down(Fault::PaperOut)).await;
    rig.printer.load("iso_a4_210x297mm", 250).await;
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
    rig.until(Health::Ready).await;
}

#[tokio::test]
async fn a_jam_is_told_with_its_pages_and_the_document_goes_on_when_it_is_freed() {
    let mut rig = Rig::ready().await;
    rig.printer.mode("jam");
    let id = rig.print(Format::Pdf, 3);
    while rig.status.health != Health::Down(Fault::PaperJam) || rig.progress.is_empty() {
        rig.next().await;
    }
    rig.printer.go().await;
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
    assert_eq!(rig.progress, [1, 3]);
    rig.until(Health::Ready).await;
}

#[tokio::test]
async fn a_jam_that_nobody_frees_is_cancelled_and_uncertain() {
    let mut rig = Rig::new(Timings { hold_ms: 500, ..QUICK }).await;
    rig.until(Health::Ready).await;
    rig.printer.mode("jam");
    let id = rig.print(Format::Pdf, 3);
    rig.until_cancel_answered().await;
    assert_eq!(rig.status.health, Health::Down(Fault::PaperJam));
    rig.printer.mode("print");
    rig.printer.go().await;
    let outcome = rig.outcome(id).await;
    assert!(
        matches!(
            outcome,
            Err(Refusal::Uncertain { fault: Fault::PaperJam, n_pages_out: Some(1..) })
        ),
        "{outcome:?}"
    );
    rig.until(Health::Ready).await;
}

#[tokio::test]
async fn a_session_that_ends_cancels_its_document() {
    let mut rig = Rig::ready().await;
    rig.printer.mode("wait");
    let id = rig.print(Format::Pdf, 3);
    rig.printer.begun().await;
    rig.ask(Request::Cancel);
    rig.until_cancel_answered().await;
    rig.printer.mode("print");
    rig.printer.go().await;
    let outcome = rig.outcome(id).await;
    assert!(
        matches!(outcome, Err(Refusal::Uncertain { fault: Fault::Aborted, .. })),
        "it had begun: {outcome:?}"
    );
    let id = rig.print(Format::Pdf, 1);
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
}

#[tokio::test]
async fn a_print_command_that_fails_leaves_a_doubt() {
    let mut rig = Rig::ready().await;
    rig.printer.mode("fail");
    let id = rig.print(Format::Pdf, 1);
    let aborted = Refusal::Uncertain { fault: Fault::Aborted, n_pages_out: Some(0) };
    assert_eq!(rig.outcome(id).await, Err(aborted));
}

#[tokio::test]
async fn somebody_elses_document_is_removed_before_ours_and_cannot_always_be() {
    let mut rig = Rig::new(Timings { clean_ms: 1_000, ..QUICK }).await;
    rig.until(Health::Ready).await;
    rig.printer.mode("wait");
    let stranger = rig.printer.folder.path().join("holiday.pdf");
    fs::write(&stranger, sample::pdf(5)).unwrap();
    let sent = needed("ipptool", "cups-ipp-utils")
        .args(["-q", "-f"])
        .args([&*stranger.to_string_lossy(), &rig.printer.uri(), "print-job.test"])
        .status();
    assert!(timeout(LIMIT, sent).await.unwrap().unwrap().success());
    rig.printer.begun().await;
    // Its command is not ended by a cancel: the printer goes on with the page that it is at.
    let id = rig.print(Format::Pdf, 1);
    assert_eq!(rig.outcome(id).await, Err(Refusal::NotStarted(Fault::Occupied)));
    rig.until(Health::Down(Fault::Occupied)).await;
    assert_eq!(rig.n_sent("Print-Job"), 0);
    rig.printer.mode("print");
    rig.printer.go().await;
    rig.until(Health::Ready).await;
    let id = rig.print(Format::Pdf, 1);
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
}
