//! The page printer's driver that ships against its twin over HTTP on loopback, in real time.
//! What a printer says is played on virtual time; here it is how connections fare.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{net::SocketAddr, time::Duration};

use device_api::{
    RequestId,
    page_printer::{
        Capabilities, Counted, Document, Event, Fault, Format, Health, Refusal, Reply, Request,
    },
};
use device_drivers::{
    clock::Clock,
    page_printer::{Address, Config, PagePrinterHandle, Timings, spawn, timings::PRODUCTION},
};
use device_sim::page_printer::{
    Act, MODEL, Network, PagePrinterTwin, Power, sample,
    server::PagePrinterHand,
    trouble::{Planned, Trouble},
};
use kiosk_words::Private;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// Far more than any of it takes.
const LIMIT: Duration = Duration::from_secs(60);
/// So that a test is over in a second.
const QUICK: Timings = Timings {
    connect_ms: 500,
    answer_ms: 1_000,
    print_answer_ms: 2_000,
    idle_poll_ms: 100,
    down_poll_ms: 50,
    follow_poll_ms: 20,
    clean_poll_ms: 20,
    lost_ms: 2_500,
    settle_ms: 100,
    ..PRODUCTION
};

struct Rig {
    hand: PagePrinterHand,
    serving: JoinHandle<()>,
    handle: PagePrinterHandle,
    events: mpsc::Receiver<Event>,
    health: Health,
    identified: Option<Capabilities>,
    stop: CancellationToken,
    n_asked: u64,
}

impl Rig {
    async fn with(timings: Timings) -> Self {
        let stop = CancellationToken::new();
        let mut twin = PagePrinterTwin::new();
        let quick = Act::SetSpeed { first_page_ms: 60, page_ms: 40 };
        twin.touch(quick, kiosk_words::Moment(0));
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (hand, serving) =
            PagePrinterHand::start(twin, anywhere, stop.child_token()).await.unwrap();
        let address = Address::parse(&hand.uri()).unwrap();
        let config = Config { address, timings };
        let (handle, events) = spawn(config, Clock::start(), stop.child_token()).unwrap();
        let (health, identified) = (Health::Starting, None);
        Self { hand, serving, handle, events, health, identified, stop, n_asked: 0 }
    }

    async fn ready() -> Self {
        Self::ready_with(QUICK).await
    }

    async fn ready_with(timings: Timings) -> Self {
        let mut rig = Self::with(timings).await;
        rig.until(Health::Ready).await;
        rig
    }

    async fn next(&mut self) -> Event {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event within the limit");
        let event = event.expect("the driver goes on");
        match &event {
            Event::StatusChanged(status) => self.health = status.health,
            Event::Identified(it) => self.identified = Some(it.clone()),
            Event::Done(..) | Event::Refused(..) | Event::Progress { .. } => {}
        }
        event
    }

    async fn until(&mut self, health: Health) {
        while self.health != health {
            self.next().await;
        }
    }

    /// The fault behind an answer is told after it.
    async fn until_no_more(&mut self, health: Health) {
        while self.health == health {
            self.next().await;
        }
    }

    fn ask(&mut self, request: Request) -> RequestId {
        self.n_asked += 1;
        let id = RequestId(self.n_asked);
        self.handle.ask(id, request).unwrap();
        id
    }

    fn print(&mut self, n_pages: u16) -> RequestId {
        let bytes = Private::new(sample::pdf(n_pages));
        self.ask(Request::Print(Document { format: Format::Pdf, bytes, n_pages }))
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

    fn plan(&self, trouble: Trouble, on: &str, times: u32) {
        self.hand.touch(Act::Plan(Planned::new(trouble).on(on).times(times)));
    }

    fn n_sheets(&self) -> usize {
        self.hand.look().sheets.len()
    }

    async fn prints_again(&mut self) {
        self.until(Health::Ready).await;
        let n_before = self.n_sheets();
        let id = self.print(1);
        assert_eq!(self.outcome(id).await, Ok(Counted::ByPrinter));
        assert_eq!(self.n_sheets(), n_before + 1, "one page and no other with it");
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn a_document_of_many_bytes_comes_out_whole() {
    // A twin that was not built for speed draws forty pages while it takes them.
    let print_answer_ms = PRODUCTION.print_answer_ms;
    let mut rig = Rig::ready_with(Timings { print_answer_ms, ..QUICK }).await;
    let identified = rig.identified.clone().unwrap();
    assert_eq!((identified.model.as_str(), identified.resolution_dpi), (MODEL, Some(600)));
    assert!(identified.two_sided && identified.counts_pages);
    let bytes = sample::raster(40);
    assert!(bytes.len() > 300_000, "{}", bytes.len());
    let bytes = Private::new(bytes);
    let id = rig.ask(Request::Print(Document { format: Format::PwgRaster, bytes, n_pages: 40 }));
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
    let sheets = rig.hand.look().sheets;
    assert_eq!(sheets.len(), 40);
    assert_eq!(sample::n_squares(&sheets[16].picture().unwrap()), 17);
    let wire: Vec<_> = rig.handle.wire().last_minute().into_iter().map(|l| l.shown).collect();
    assert!(wire.iter().any(|line| line.starts_with("Print-Job ·")), "{wire:?}");
    rig.stop.cancel();
    timeout(LIMIT, &mut rig.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn nobody_listens_and_then_somebody_does() {
    let mut rig = Rig::ready().await;
    rig.hand.touch(Act::SetNetwork(Network::Unplugged));
    rig.until(Health::Down(Fault::Missing)).await;
    let id = rig.print(1);
    assert_eq!(rig.outcome(id).await, Err(Refusal::NotStarted(Fault::Missing)));
    rig.hand.touch(Act::SetNetwork(Network::Plugged));
    rig.prints_again().await;
}

#[tokio::test]
async fn connections_are_taken_and_nothing_is_said() {
    let mut rig = Rig::ready().await;
    rig.hand.touch(Act::SetNetwork(Network::Hung));
    let id = rig.print(1);
    assert_eq!(rig.outcome(id).await, Err(Refusal::NotStarted(Fault::Silent)));
    rig.until(Health::Down(Fault::Silent)).await;
    rig.hand.touch(Act::SetNetwork(Network::Plugged));
    rig.prints_again().await;
}

#[tokio::test]
async fn the_answer_to_a_document_does_not_come_in_every_way_there_is() {
    for (trouble, fault) in [
        (Trouble::Mute, Fault::Silent),
        (Trouble::Cut, Fault::Silent),
        (Trouble::Drop, Fault::Silent),
        (Trouble::Truncate, Fault::Garbage),
        (Trouble::Garble, Fault::Garbage),
        (Trouble::WebPage, Fault::Garbage),
    ] {
        let mut rig = Rig::ready().await;
        rig.plan(trouble, "print_job", 1);
        let id = rig.print(9);
        let expected = Err(Refusal::Uncertain { fault, n_pages_out: None });
        assert_eq!(rig.outcome(id).await, expected, "{trouble:?}");
        rig.until_no_more(Health::Ready).await;
        rig.prints_again().await;
        let n_prints = rig.hand.look().requests.iter().filter(|r| **r == "print_job").count();
        assert!(n_prints <= 2, "{trouble:?}: the document was sent again");
    }
}

#[tokio::test]
async fn garbage_twice_is_a_fault_and_once_is_none() {
    let mut rig = Rig::ready().await;
    for trouble in [Trouble::Truncate, Trouble::Garble, Trouble::WebPage] {
        rig.plan(trouble, "get_printer_attributes", 1);
        rig.prints_again().await;
        rig.plan(trouble, "get_printer_attributes", 3);
        rig.until(Health::Down(Fault::Garbage)).await;
        rig.prints_again().await;
    }
}

#[tokio::test]
async fn power_that_goes_in_the_middle_and_comes_back_soon() {
    let mut rig = Rig::ready().await;
    rig.hand.touch(Act::SetSpeed { first_page_ms: 60, page_ms: 200 });
    let id = rig.print(3);
    timeout(LIMIT, rig.hand.until(|look| look.sheets.len() == 1)).await.unwrap();
    rig.hand.touch(Act::SetPower(Power::Off));
    rig.until(Health::Down(Fault::Missing)).await;
    rig.hand.touch(Act::SetPower(Power::On));
    assert_eq!(rig.outcome(id).await, Ok(Counted::ByPrinter));
    rig.prints_again().await;
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_stops_the_paper() {
    let mut rig = Rig::ready().await;
    rig.hand.touch(Act::SetSpeed { first_page_ms: 20, page_ms: 100 });
    let id = rig.print(50);
    timeout(LIMIT, rig.hand.until(|look| look.sheets.len() == 2)).await.unwrap();
    rig.ask(Request::Cancel);
    let outcome = rig.outcome(id).await;
    let Err(Refusal::Uncertain { fault: Fault::Aborted, n_pages_out: Some(n_out) }) = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(rig.n_sheets(), usize::from(n_out));
    assert!(n_out < 50);
    rig.prints_again().await;
}

#[tokio::test]
async fn another_path_at_the_address_is_no_printer() {
    let rig = Rig::ready().await;
    let address = Address::parse(&rig.hand.uri().replace("/ipp/print", "/")).unwrap();
    let config = Config { address, timings: QUICK };
    let (_handle, mut events) = spawn(config, Clock::start(), rig.stop.child_token()).unwrap();
    let event = timeout(LIMIT, events.recv()).await.unwrap().unwrap();
    assert!(
        matches!(event, Event::StatusChanged(s) if s.health == Health::Down(Fault::Garbage)),
        "{event:?}"
    );
}
