//! The chip card driver against the real pcscd with a virtual reader, in a namespace of its own.
//!
//! The test runs again as a child inside the namespace; the child does everything, on real time,
//! and says so at its end.

use std::time::Duration;

use device_api::{
    RequestId,
    smart_card::{Challenge, Event, Fault, Health, Pin, Refusal, Reply, Request, Slot, Status},
};
use device_drivers::{
    clock::Clock,
    smart_card::{Config, SmartCardHandle, spawn, timings::PRODUCTION},
};
use device_sim::smart_card::{
    Planned, Trouble,
    piv::PivChip,
    reader::{READER, VirtualReader, test_again_inside},
    specimen::chip,
};
use kiosk_words::Private;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Set for the child only: its folder.
const FOLDER: &str = "NIGHTDESK_PCSCD_FOLDER";
const DONE: &str = "all was played on the real pcscd";
const READ: Request = Request::Read { challenge: Challenge([7; 32]) };
/// Far more than any of it takes; the driver itself has shorter limits.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_driver_reads_cards_through_the_real_pcscd() {
    let folder = tempfile::tempdir().unwrap();
    let output = test_again_inside("child_plays_in_a_namespace", FOLDER, folder.path());
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(DONE), "{said}\n{errors}");
}

#[test]
fn child_plays_in_a_namespace() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play(folder.as_ref()));
    println!("{DONE}");
}

struct Driver {
    handle: SmartCardHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    n_asked: u64,
}

impl Driver {
    fn start(reader: &str, stop: &CancellationToken) -> Self {
        let config = Config { reader: reader.to_owned(), timings: PRODUCTION };
        let (handle, events) = spawn(config, Clock::start(), stop.child_token());
        let status = Status { health: Health::Starting, slot: Slot::Empty };
        Self { handle, events, status, n_asked: 0 }
    }

    async fn next(&mut self, awaited: &str) -> Event {
        let event = tokio::time::timeout(LIMIT, self.events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("{awaited} does not come: {:?}", self.status));
        let event = event.expect("the driver goes on");
        if let Event::StatusChanged(status) = event {
            self.status = status;
        }
        event
    }

    async fn until(&mut self, what: &str, is_it: impl Fn(Status) -> bool) {
        while !is_it(self.status) {
            self.next(what).await;
        }
    }

    fn ask(&mut self, request: Request) -> RequestId {
        self.n_asked += 1;
        let id = RequestId(self.n_asked);
        self.handle.ask(id, request).expect("the driver takes it");
        id
    }

    /// The name on the card, or why there is none.
    async fn outcome(&mut self, wanted: RequestId) -> Result<String, Refusal> {
        match self.reply(wanted).await? {
            Reply::SocialCard(card) => Ok(card.name.expose().clone()),
            other @ (Reply::StaffCard(_) | Reply::Proof(_) | Reply::Stopped) => {
                panic!("another answer than a social security card: {other:?}")
            }
        }
    }

    async fn reply(&mut self, wanted: RequestId) -> Result<Reply, Refusal> {
        loop {
            match self.next("the answer").await {
                Event::Done(id, reply) if id == wanted => return Ok(reply),
                Event::Refused(id, why) if id == wanted => return Err(why),
                Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => {}
            }
        }
    }

    async fn slot_is(&mut self, slot: Slot) {
        self.until("the slot", |status| status.slot == slot && status.health == Health::Ready)
            .await;
    }
}

async fn play(folder: &std::path::Path) {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    // The driver is there before the daemon, as after a power cut.
    let mut driver = Driver::start(READER, &stop);
    driver.until("no daemon", |s| s.health == Health::Down(Fault::NoService)).await;
    let mut reader = VirtualReader::start(folder).expect("pcscd starts");
    driver.slot_is(Slot::Empty).await;

    for (specimen, expected) in [
        ("social_zhang_san", Ok("张三")),
        ("social_li_xiulan", Ok("李秀兰")),
        ("social_wang_wei", Ok("王伟")),
        ("social_protected", Err(Refusal::Protected)),
        ("other_card", Err(Refusal::UnknownCard)),
    ] {
        let read = read(&mut driver, &mut reader, specimen).await;
        assert_eq!(read, expected.map(str::to_owned), "{specimen}");
    }
    staff_card_proves(&mut driver, &mut reader).await;
    pulled_at_every_command(&mut driver, &mut reader).await;
    stalls(&mut driver, &mut reader).await;
    daemon_dies(&mut driver, &mut reader).await;
    another_program_holds_it(&mut driver, &mut reader, &stop).await;
    names_of_readers(&stop).await;
}

/// Certificates, signature, a wrong PIN and the right one, by bytes and by blocks.
async fn staff_card_proves(driver: &mut Driver, reader: &mut VirtualReader) {
    let chip = PivChip::with_bare_keys("staff", "271828");
    for chip in [chip.clone(), chip.speaking_t0()] {
        driver.slot_is(Slot::Empty).await;
        let id = driver.ask(READ);
        reader.slot.put_in("staff", Box::new(chip)).expect("vpcd listens");
        let reply = driver.reply(id).await.expect("a staff card");
        assert!(matches!(reply, Reply::StaffCard(card) if card.n_tries_left == 3));
        for (digits, expected) in
            [("314159", Err(Refusal::WrongPin { n_left: 2 })), ("271828", Ok(()))]
        {
            let pin = Pin::new(&Private::text(digits)).expect("digits");
            let id = driver.ask(Request::Prove { pin, challenge: Challenge([8; 32]) });
            let said = driver.reply(id).await;
            assert_eq!(said.map(|reply| assert!(matches!(reply, Reply::Proof(_)))), expected);
        }
        take_out(driver, reader).await;
    }
}

async fn put_in(driver: &mut Driver, reader: &mut VirtualReader, specimen: &str) {
    driver.slot_is(Slot::Empty).await;
    reader.slot.put_in(specimen, chip(specimen).expect("a listed card")).expect("vpcd listens");
}

async fn take_out(driver: &mut Driver, reader: &mut VirtualReader) {
    reader.slot.take_out();
    driver.slot_is(Slot::Empty).await;
}

async fn read(
    driver: &mut Driver,
    reader: &mut VirtualReader,
    specimen: &str,
) -> Result<String, Refusal> {
    let id = driver.ask(READ);
    put_in(driver, reader, specimen).await;
    let outcome = driver.outcome(id).await;
    take_out(driver, reader).await;
    outcome
}

async fn pulled_at_every_command(driver: &mut Driver, reader: &mut VirtualReader) {
    let mut n = 1;
    loop {
        reader.slot.pull_at(n);
        match read(driver, reader, "social_zhang_san").await {
            Err(Refusal::TakenOut) => n += 1,
            Ok(name) => {
                assert_eq!(name, "张三");
                break;
            }
            Err(other) => panic!("pulled at command {n}: {other:?}"),
        }
    }
    assert!(n > 10, "the read ended after {n} commands");
    reader.slot.clear_plan();
}

/// `SCardTransmit` itself waits for six seconds; the driver does not, and reads the next card.
async fn stalls(driver: &mut Driver, reader: &mut VirtualReader) {
    reader.slot.plan(Planned::new(Trouble::Stall { ms: 6_000 }).on("read_record"));
    let id = driver.ask(READ);
    put_in(driver, reader, "social_zhang_san").await;
    assert_eq!(driver.outcome(id).await, Err(Refusal::Stalled));
    reader.slot.take_out();
    let id = driver.ask(READ);
    driver.slot_is(Slot::Empty).await;
    put_in(driver, reader, "social_zhang_san").await;
    assert_eq!(driver.outcome(id).await, Ok("张三".to_owned()));
    take_out(driver, reader).await;
}

async fn daemon_dies(driver: &mut Driver, reader: &mut VirtualReader) {
    let id = driver.ask(READ);
    reader.daemon.kill().expect("pcscd can be ended");
    assert_eq!(driver.outcome(id).await, Err(Refusal::DeviceDown(Fault::NoService)));
    driver.until("no daemon", |s| s.health == Health::Down(Fault::NoService)).await;
    reader.daemon.start_again().expect("pcscd starts");
    driver.slot_is(Slot::Empty).await;
    assert_eq!(read(driver, reader, "social_zhang_san").await, Ok("张三".to_owned()));

    // With a card inside: nobody knows whose it is by then.
    put_in(driver, reader, "social_zhang_san").await;
    driver.slot_is(Slot::Card).await;
    reader.restart_daemon().expect("pcscd starts");
    driver.slot_is(Slot::Used).await;
    take_out(driver, reader).await;
}

async fn another_program_holds_it(
    driver: &mut Driver,
    reader: &mut VirtualReader,
    stop: &CancellationToken,
) {
    put_in(driver, reader, "social_zhang_san").await;
    driver.slot_is(Slot::Card).await;
    let name = std::ffi::CString::new(READER).expect("no zero in a name");
    let other = pcsc::Context::establish(pcsc::Scope::User).expect("pcscd answers");
    let held = other
        .connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY)
        .expect("nobody has it yet");
    let id = driver.ask(READ);
    assert_eq!(driver.outcome(id).await, Err(Refusal::InUse));
    drop(held);
    take_out(driver, reader).await;
    assert!(!stop.is_cancelled());
}

async fn names_of_readers(stop: &CancellationToken) {
    let mut both = Driver::start("Virtual PCD", stop);
    both.until("two of the name", |s| s.health == Health::Down(Fault::Several)).await;
    let mut none = Driver::start("ACS ACR39U", stop);
    none.until("none of the name", |s| s.health == Health::Down(Fault::Missing)).await;
}
