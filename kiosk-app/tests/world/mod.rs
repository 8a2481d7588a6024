//! A real hall, real device twins and a real station in one throw-away folder, and a person who
//! touches what is on the screen. Only the window is missing: views are read from the channel
//! that the window reads.

mod fitted;
mod log;
mod person;
mod proxy;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use device_sim::{
    desk::Desk,
    port::{self, AtStart, ReaderHand},
};
use hall_api::wire::CellReport;
use hall_server::{Clock, Options, RunningHall, enrol_code};
use kiosk_app::{
    config::Machine,
    enrol::enrol,
    exit::Failure,
    hall::client::HallClient,
    limits::Timings,
    run::{Running, Setup, client_of, start},
    store_thread::{NOT_A_START, open_now},
};
use kiosk_words::StationId;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) use fitted::{FITTED, Fitted};
pub(crate) use person::{Person, banner, form_errors, receipt_says};
pub(crate) use proxy::{Proxy, Way};

/// Real time is waited for, never longer than this for one thing.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Short waits where the station waits for itself; the core's own deadlines stay as they ship.
pub(crate) const QUICK: Timings = Timings {
    retry_first: Duration::from_millis(50),
    retry_cap: Duration::from_millis(200),
    feed_wait: Duration::from_secs(2),
    heartbeat_every: Duration::from_millis(500),
    room_every: Duration::from_millis(200),
    last_view: Duration::from_millis(1),
    ..Timings::STATION
};

pub(crate) struct World {
    pub(crate) reader: ReaderHand,
    pub(crate) desk: Desk,
    pub(crate) proxy: Proxy,
    hall: Option<RunningHall>,
    stations: SocketAddr,
    folder: TempDir,
    pub(crate) stop: CancellationToken,
    _ends_twins: DropGuard,
}

impl World {
    /// Hall and twins; no station yet.
    pub(crate) async fn new() -> Self {
        log::capture();
        let folder = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let hall = serve(folder.path(), any).await;
        let stations = hall.stations_addr;
        let stop = CancellationToken::new();
        let sim = folder.path().join("sim");
        fs::create_dir(&sim).unwrap();
        let desk = Desk::new(sim.join("camera")).unwrap();
        let (reader, _) =
            port::spawn(sim.join("id-reader"), AtStart::Plugged, stop.clone()).unwrap();
        let proxy = Proxy::start(stations).await;
        let (hall, _ends_twins) = (Some(hall), stop.clone().drop_guard());
        let world = Self { reader, desk, proxy, hall, stations, folder, stop, _ends_twins };
        world.write_machine(&world.machine_text());
        world
    }

    /// The same with an enrolled station.
    pub(crate) async fn enrolled() -> Self {
        let world = Self::new().await;
        let code = world.code();
        world.enrol(&code).await.unwrap();
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn machine_file(&self) -> PathBuf {
        self.path().join("machine.toml")
    }

    pub(crate) fn write_machine(&self, text: &str) {
        fs::write(self.machine_file(), text).unwrap();
    }

    pub(crate) fn machine_text(&self) -> String {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets");
        format!(
            r#"station = 17
name = {{ zh = "龙沙站", en = "Longsha Station" }}
phone = "0452-0000000"
data = "data"
catalog = "{}"
slips = "{}"
[hall]
url = "https://{}"
[id_reader]
port = "sim/id-reader"
baud = 115200
[camera]
folder = "sim/camera"
[screen]
width = 1080
height = 1920
"#,
            assets.join("catalog").display(),
            assets.join("slips").display(),
            self.proxy.address()
        )
    }

    pub(crate) fn setup(&self, timings: Timings) -> Setup {
        let machine = Machine::load(&self.machine_file()).unwrap();
        let store_key = machine.data.join(kiosk_store::STORE_KEY_FILE);
        Setup { machine, store_key, timings }
    }

    /// A one-time code for station 17.
    pub(crate) fn code(&self) -> String {
        let station = StationId::try_from(17).unwrap();
        enrol_code(&self.hall_data(), station, Some("龙沙站"), &Clock::system()).unwrap()
    }

    pub(crate) async fn enrol(&self, code: &str) -> Result<String, Failure> {
        let Setup { machine, store_key, timings } = self.setup(QUICK);
        enrol(&machine, &store_key, code, timings).await
    }

    pub(crate) async fn station(&self) -> Running {
        self.station_with(QUICK).await
    }

    pub(crate) async fn station_with(&self, timings: Timings) -> Running {
        start(self.setup(timings)).await.unwrap()
    }

    /// Where the hall listens for stations.
    pub(crate) const fn stations(&self) -> SocketAddr {
        self.stations
    }

    pub(crate) fn hall_data(&self) -> PathBuf {
        self.path().join("hall")
    }

    pub(crate) fn station_data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(crate) async fn hall_goes_down(&mut self) {
        self.hall.take().unwrap().shutdown().await;
    }

    /// On the same address and folder.
    pub(crate) async fn hall_comes_back(&mut self) {
        self.hall = Some(serve(self.path(), self.stations).await);
    }

    /// Cases at the hall, and how many of them have every page.
    pub(crate) async fn hall_holds(&self) -> (u64, u64) {
        use hall_server::store::{cases, held, scans};
        let store = self.hall.as_ref().unwrap().store();
        let counted = store.read(|sql| {
            assert_eq!(held::n_open(sql)?, 0, "an event is held");
            let cases = cases::n_on_shelf(sql, cases::Shelf::AwaitingReview)?;
            Ok((cases, scans::n_complete(sql)?))
        });
        counted.await.unwrap()
    }
}

impl World {
    /// Waits until the hall has so many cases with every page; asks it with each of its commits.
    pub(crate) async fn hall_has(&self, n: u64) {
        let station = StationId::try_from(17).unwrap();
        let mut bell = self.hall.as_ref().unwrap().store().bells().listen(station);
        let complete = async {
            while self.hall_holds().await != (n, n) {
                // The bell rings for feed entries only; a short limit asks again without one.
                let _ = tokio::time::timeout(Duration::from_millis(50), bell.changed()).await;
            }
        };
        tokio::time::timeout(LIMIT, complete).await.unwrap();
    }

    /// The cells of station 17 as the hall's map shows them, once they are as wished.
    pub(crate) async fn hall_sees_cells(&self, is_it: impl Fn(&[CellReport]) -> bool) {
        use hall_server::store::stations;
        let station = StationId::try_from(17).unwrap();
        let store = self.hall.as_ref().unwrap().store();
        let seen = async {
            loop {
                let map = store.read(move |sql| stations::cells(sql, station)).await.unwrap();
                if map.is_some_and(|map| is_it(&map.cells)) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, seen).await.unwrap();
    }

    /// A server with the hall's own certificate that says the same to everything; the network
    /// leads there from now on.
    pub(crate) async fn parrot(&self, status: &str, headers: &str, body: &str) {
        let folder = hall_server::folder::Folder::open(&self.hall_data()).unwrap();
        let now = Clock::system().now();
        let keys = hall_server::ca::Keys::open_or_create(&folder, now).unwrap();
        let identity = keys.ca.server_identity(&[], now).unwrap();
        let tls = hall_server::tls::server_config(&keys.ca, identity).unwrap();
        let n_bytes = body.len();
        let says = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {n_bytes}\r\n\r\n{body}");
        let address = proxy::parrot(tls, &says).await;
        self.proxy.leads(Way::To(address));
    }

    /// The station's own client, as it was enrolled.
    pub(crate) fn client(&self) -> HallClient {
        let Setup { machine, store_key, timings } = self.setup(QUICK);
        let (store, _) = open_now(&machine.data, &store_key, NOT_A_START).unwrap();
        let clock = Arc::new(kiosk_app::clock::Clock::start());
        client_of(&machine, store.identity().unwrap(), &clock, timings).unwrap()
    }
}

async fn serve(folder: &Path, stations: SocketAddr) -> RunningHall {
    let options = Options {
        data: folder.join("hall"),
        console: SocketAddr::from(([127, 0, 0, 1], 0)),
        stations,
        hosts: Vec::new(),
        ready_file: None,
        forms: None,
        clock: Clock::system(),
    };
    hall_server::serve(options).await.unwrap()
}

/// Everything that was logged in this process so far.
pub(crate) fn logged() -> String {
    log::captured()
}
