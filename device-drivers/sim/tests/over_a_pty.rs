//! The driver that ships (core, pump, serial link) against the twin on a real pty.
//! Every wait is for an event, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, time::Duration};

use device_api::{
    RequestId,
    id_reader::{
        CardKind, Event, Fault, Health, IdCard, ReadWhat, Refusal, Reply, Request, Status, ValidTo,
    },
};
use device_drivers::{
    clock::Clock,
    id_reader::{self, Baud, Config, IdReaderHandle, timings::PRODUCTION},
};
use device_sim::{
    port::{self, AtStart, ReaderHand},
    reader::{Act, FoundAgain, ModuleHealth},
    specimen,
    trouble::{Planned, Trouble},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, retries and a busy test machine included.
const LIMIT: Duration = Duration::from_secs(40);
const TEXT: ReadWhat = ReadWhat { photo: false, fingerprint: false, new_address: false };

struct Bench {
    _folder: tempfile::TempDir,
    hand: ReaderHand,
    asker: IdReaderHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    next_id: u64,
    stop: CancellationToken,
}

impl Bench {
    fn new(at_start: AtStart) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let path = folder.path().join("id-reader");
        let (hand, _) = port::spawn(path.clone(), at_start, stop.child_token()).unwrap();
        let (asker, events) = driver(&path, &stop);
        let status = id_reader::IdReader::new_status();
        Self { _folder: folder, hand, asker, events, status, next_id: 0, stop }
    }

    async fn ready() -> Self {
        let mut bench = Self::new(AtStart::Plugged);
        bench.until(|status| status.health == Health::Ready).await;
        bench
    }

    async fn event(&mut self) -> Event {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event within the limit");
        let event = event.expect("the driver lives");
        if let Event::StatusChanged(status) = &event {
            self.status = status.clone();
        }
        event
    }

    async fn until(&mut self, is: impl Fn(&Status) -> bool) {
        while !is(&self.status) {
            self.event().await;
        }
    }

    fn ask(&mut self, what: ReadWhat) -> RequestId {
        self.next_id += 1;
        let id = RequestId(self.next_id);
        self.asker.ask(id, Request::Read(what)).unwrap();
        id
    }

    async fn answer(&mut self, wanted: RequestId) -> Result<Box<IdCard>, Refusal> {
        loop {
            match self.event().await {
                Event::Done(id, Reply::Card(card)) if id == wanted => return Ok(card),
                Event::Refused(id, refusal) if id == wanted => return Err(refusal),
                Event::StatusChanged(_) => {}
                other @ (Event::Done(..) | Event::Refused(..)) => {
                    panic!("nobody asked for {other:?}")
                }
            }
        }
    }

    async fn read(&mut self, what: ReadWhat) -> Result<Box<IdCard>, Refusal> {
        let id = self.ask(what);
        self.answer(id).await
    }

    async fn touch(&self, act: Act) {
        self.hand.touch(act).await.unwrap();
    }

    async fn lay(&self, specimen: &str) {
        self.touch(Act::Lay(Box::new(specimen::card(specimen).unwrap()))).await;
    }

    async fn plan(&self, planned: Planned) {
        self.touch(Act::Plan(planned)).await;
    }

    async fn lift_and_lay(&mut self, specimen: &str) {
        self.touch(Act::Lift).await;
        self.until(|status| !status.card_present).await;
        self.lay(specimen).await;
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn driver(port: &Path, stop: &CancellationToken) -> (IdReaderHandle, mpsc::Receiver<Event>) {
    let config = Config { port: port.to_owned(), baud: Baud::B115200, timings: PRODUCTION };
    id_reader::spawn(config, Clock::start(), stop.child_token())
}

#[tokio::test]
async fn a_card_laid_down_is_read_with_what_was_asked_for() {
    let mut bench = Bench::ready().await;
    assert_eq!(bench.status.module_id.as_deref(), Some("05.01-20200101-0001234567-0987654321"));
    bench.lay("zhang_san").await;
    let card = bench.read(TEXT).await.unwrap();
    assert_eq!((card.kind, card.name.expose().as_str()), (CardKind::Citizen, "张三"));
    assert_eq!(card.number.expose(), "110101199003070011");
    assert_eq!(card.address.expose(), "北京市东城区测试路1号");
    assert_eq!((card.ethnicity.as_deref(), &card.valid_to), (Some("汉"), &ValidTo::LongTerm));
    assert_eq!((&card.photo, &card.fingerprint), (&None, &None));

    bench.lift_and_lay("zhang_san").await;
    let all = ReadWhat { photo: true, fingerprint: true, new_address: true };
    let card = bench.read(all).await.unwrap();
    assert_eq!(card.photo.as_ref().unwrap().expose(), &specimen::vendor_photo());
    assert_eq!(card.fingerprint.as_ref().unwrap().expose(), &specimen::fingerprint(1_024));
    assert!(card.new_addresses.is_empty());
}

#[tokio::test]
async fn the_newest_address_comes_with_the_card() {
    let mut bench = Bench::ready().await;
    bench.lay("wang_wei").await;
    let card = bench.read(ReadWhat { new_address: true, ..TEXT }).await.unwrap();
    let newest = card.new_addresses.last().unwrap();
    assert_eq!(newest.expose(), "黑龙江省齐齐哈尔市龙沙区样本大街66号2单元301室");
}

#[tokio::test]
async fn all_four_kinds_of_card_are_read() {
    let mut bench = Bench::ready().await;
    for (specimen, kind) in [
        ("rare_name", CardKind::Citizen),
        ("hmt_permit", CardKind::HmtPermit),
        ("foreign_2017", CardKind::ForeignPr2017),
        ("foreign_2023", CardKind::ForeignPr2023),
    ] {
        bench.lift_and_lay(specimen).await;
        let card = bench.read(TEXT).await.unwrap();
        assert_eq!(card.kind, kind, "{specimen}");
        if kind == CardKind::ForeignPr2023 {
            assert_eq!(card.former_number.as_ref().unwrap().expose(), "USA110190030719");
        }
    }
}

#[tokio::test]
async fn a_read_card_is_not_read_again_before_it_was_lifted_on_either_module() {
    for found_again in [FoundAgain::AfterLift, FoundAgain::Always] {
        let mut bench = Bench::ready().await;
        bench.touch(Act::SetFoundAgain(found_again)).await;
        bench.lay("zhang_san").await;
        bench.read(TEXT).await.unwrap();
        bench.until(|status| status.card_present).await;
        let second = bench.ask(TEXT);
        bench.touch(Act::Lift).await;
        bench.until(|status| !status.card_present).await;
        bench.lay("li_xiulan").await;
        let card = bench.answer(second).await.unwrap();
        assert_eq!(card.name.expose(), "李秀兰", "{found_again:?}");
    }
}

#[tokio::test]
async fn a_card_lifted_while_it_is_read_must_be_laid_again() {
    let mut bench = Bench::ready().await;
    bench.plan(Planned::new(Trouble::LiftMidRead)).await;
    bench.lay("zhang_san").await;
    assert_eq!(bench.read(TEXT).await, Err(Refusal::LayAgain));
    bench.lay("zhang_san").await;
    assert!(bench.read(TEXT).await.is_ok());
}

#[tokio::test]
async fn spoiled_answers_are_asked_for_again() {
    let mut bench = Bench::ready().await;
    for trouble in [
        Trouble::BadChecksum,
        Trouble::Garble,
        Trouble::HalfFrame,
        Trouble::Noise { n_bytes: 300 },
        Trouble::Mute,
        Trouble::Late { ms: 200 },
        Trouble::Status { sw3: 0x10 },
    ] {
        bench.touch(Act::Lift).await;
        bench.until(|status| !status.card_present).await;
        bench.plan(Planned::new(trouble).on("read_base")).await;
        bench.lay("zhang_san").await;
        let card = bench.read(TEXT).await;
        assert!(card.is_ok(), "{trouble:?}: {card:?}");
    }
}

#[tokio::test]
async fn what_the_module_says_of_a_card_becomes_what_the_person_must_do() {
    let mut bench = Bench::ready().await;
    for (sw3, refusal) in [
        (0x41, Refusal::LayAgain),
        (0x40, Refusal::NotAnIdCard),
        (0x33, Refusal::BadCardData),
        (0x32, Refusal::LayAgain),
        (0x32, Refusal::NotTrusted),
    ] {
        bench.plan(Planned::new(Trouble::Status { sw3 }).on("read_base")).await;
        bench.lay("zhang_san").await;
        assert_eq!(bench.read(TEXT).await, Err(refusal), "{sw3:02X}");
    }
}

#[tokio::test]
async fn a_reader_that_is_missing_at_the_start_works_when_it_appears() {
    let mut bench = Bench::new(AtStart::Unplugged);
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    assert_eq!(bench.read(TEXT).await, Err(Refusal::DeviceDown(Fault::Missing)));
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.health == Health::Ready).await;
    bench.lay("zhang_san").await;
    assert!(bench.read(TEXT).await.is_ok());
}

#[tokio::test]
async fn a_reader_unplugged_while_somebody_waits_comes_back() {
    let mut bench = Bench::ready().await;
    let id = bench.ask(TEXT);
    bench.hand.unplug().await.unwrap();
    assert_eq!(bench.answer(id).await, Err(Refusal::DeviceDown(Fault::Missing)));
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.health == Health::Ready).await;
    bench.lay("zhang_san").await;
    assert!(bench.read(TEXT).await.is_ok());
}

#[tokio::test]
async fn a_module_that_fails_its_self_test_is_down_until_it_is_well() {
    let mut bench = Bench::new(AtStart::Plugged);
    bench.touch(Act::SetModule(ModuleHealth::SelfTestFailed)).await;
    bench.until(|status| status.health == Health::Down(Fault::SelfTestFailed)).await;
    bench.touch(Act::SetModule(ModuleHealth::Healthy)).await;
    bench.until(|status| status.health == Health::Ready).await;
}

#[tokio::test]
async fn a_module_set_to_another_rate_is_found_there() {
    let mut bench = Bench::new(AtStart::Unplugged);
    bench.touch(Act::SetBaud(Baud::B9600)).await;
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.health == Health::Ready).await;
    bench.lay("zhang_san").await;
    assert!(bench.read(TEXT).await.is_ok());
}

#[tokio::test]
async fn a_stopped_read_is_refused_and_the_stop_is_answered() {
    let mut bench = Bench::ready().await;
    let id = bench.ask(TEXT);
    bench.asker.ask(RequestId(900), Request::Stop).unwrap();
    assert_eq!(bench.answer(id).await, Err(Refusal::Stopped));
    assert_eq!(bench.event().await, Event::Done(RequestId(900), Reply::Stopped));
}

#[tokio::test]
async fn a_reader_that_comes_back_under_another_number_is_found_by_its_name() {
    let mut bench = Bench::ready().await;
    let port = bench.hand.port().to_owned();
    let before = std::fs::read_link(&port).unwrap();
    bench.hand.unplug().await.unwrap();
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    // Whatever was plugged in meanwhile has the number that was free.
    let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
    let _other = rustix::pty::openpt(flags).unwrap();
    bench.hand.plug().await.unwrap();
    assert_ne!(std::fs::read_link(&port).unwrap(), before, "another number");
    bench.until(|status| status.health == Health::Ready).await;
    bench.lay("zhang_san").await;
    assert!(bench.read(TEXT).await.is_ok());
}

#[tokio::test]
async fn another_module_in_the_place_of_one_says_its_own_number() {
    let mut bench = Bench::ready().await;
    let before = bench.status.module_id.clone();
    bench.hand.unplug().await.unwrap();
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    bench.touch(Act::SetNumber(7)).await;
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.health == Health::Ready).await;
    assert!(before.is_some() && bench.status.module_id != before, "{:?}", bench.status.module_id);
}

#[tokio::test]
async fn the_wire_that_a_technician_sees_has_no_byte_of_a_card() {
    let mut bench = Bench::ready().await;
    bench.lay("zhang_san").await;
    let card = bench.read(TEXT).await.unwrap();
    let lines = bench.asker.wire().last_minute();
    let said = |from| lines.iter().filter(move |line| line.from == from);
    assert!(said(device_api::wire::From::Station).any(|line| line.shown.contains("30 01")));
    let answer = said(device_api::wire::From::Device).find(|line| line.shown.contains("·"));
    let answer = &answer.expect("the answer with the card").shown;
    let name = card.name.expose().encode_utf16().flat_map(u16::to_le_bytes);
    let name = device_drivers::wire::hex(&name.collect::<Vec<_>>());
    let all: String = lines.iter().map(|line| format!("{}\n", line.shown)).collect();
    assert!(!all.contains(&name), "{answer}");
    assert!(lines.iter().all(|line| line.shown.len() < 100), "{all}");
}
