//! Puts the running station together, and takes it apart again.
//!
//! ```text
//!  start: catalogue, slips ► store thread ► hall client ► devices, pages ► core loop ► hall tasks
//!  stop:  core loop takes no more ► devices and hall end ► what is owed is answered ► store closes
//! ```
//! The screen is not part of it: whoever has one follows [`Running::views`] and sends touches.

use std::{path::PathBuf, sync::Arc};

use device_drivers::{camera::FolderSource, receipt_printer::Typeface};
use kiosk_core::{
    Config, Event, Station,
    custody::CellPlan,
    diagnosis::Diagnosis,
    view::{Ink, Intent, Revision, View},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_store::Identity;
use kiosk_words::Epoch;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    answer::Answers,
    camera::{self, Camera},
    catalogue,
    check::Desk,
    chip_slot::{self, ChipSlot},
    clock::Clock,
    config::{Locker as LockerConfig, Machine},
    control,
    exit::{Exit, Failure, with_causes},
    export::Exports,
    fonts,
    hall::{
        client::HallClient,
        link::{self, Connections, Link},
        tls,
        uplink::{Sender, Uplink},
    },
    keypad::{self, Keypad},
    limits::{ANSWERS_QUEUE, INK_QUEUE, Timings, UNASKED_QUEUE},
    locker::{self, Locker},
    pages::{self, Pages, Pictures},
    parts,
    photo_decoder::PhotoDecoder,
    printer::{self, Printer},
    reader::{self, Reader},
    room::{self, Room},
    scanner::{self, Scanner},
    shell::{Ending, Performers, Shell, Unasked},
    slips,
    speech::Speech,
    store_thread::{self, Opened, StoreHandle},
};

/// What a station is started from.
#[derive(Debug, Clone)]
pub struct Setup {
    pub machine: Machine,
    /// File of the store key.
    pub store_key: PathBuf,
    pub timings: Timings,
}

/// Says touches to the core.
#[derive(Debug, Clone)]
pub struct Touch {
    to_core: mpsc::Sender<Unasked>,
}

impl Touch {
    /// Never waits. A touch that finds the queue full is dropped: the person sees that nothing
    /// happened and touches again.
    pub fn send(&self, revision: Revision, intent: Intent) {
        if self.to_core.try_send(Event::Intent { revision, intent }.into()).is_err() {
            tracing::warn!("a touch was dropped");
        }
    }
}

/// A station at work.
#[derive(Debug)]
pub struct Running {
    touch: Touch,
    views: watch::Receiver<Option<Arc<View>>>,
    /// Taken once, by whoever shows the window.
    ink: Option<mpsc::Receiver<Ink>>,
    pictures: Pictures,
    core: JoinHandle<Exit>,
    stop: CancellationToken,
    outer: CancellationToken,
    tasks: TaskTracker,
    store_closed: oneshot::Receiver<()>,
    timings: Timings,
}

/// Starts everything but the screen, on the current runtime.
#[expect(clippy::too_many_lines, reason = "one line for each part of the station")]
pub async fn start(setup: Setup) -> Result<Running, Failure> {
    let Setup { machine, store_key, timings } = setup;
    let (catalogue, layouts, typeface) = read_files(&machine)?;
    let clock = Arc::new(Clock::start());
    let started_at = clock.now().wall;
    let Opened { handle: store, recovered, epoch, identity, closed } =
        store_thread::open(&machine.data, &store_key, started_at, timings.store).await?;
    clock.knows_passed(recovered.service_time);
    let identity = identity.ok_or_else(not_enrolled)?;
    let client = client_of(&machine, &identity, &clock, timings)?;
    let sender = Sender { station: machine.station, epoch };
    let config = config_of(&machine, epoch, layouts)?;

    let (stop, outer, tasks) =
        (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
    let (to_core, unasked) = mpsc::channel(UNASKED_QUEUE);
    let (answers, at_core) = Answers::channel(ANSWERS_QUEUE);
    let (views, mut seen) = watch::channel(None);
    let (ink, inks) = mpsc::channel(INK_QUEUE);
    let speech = Speech::start(machine.speech.clone(), timings, &tasks, outer.clone());
    let camera = start_camera(&machine, timings, &to_core, &tasks, &outer)?;
    let devices = Devices::start(&machine, typeface, &to_core, &tasks, &outer);
    let scanner = devices.scanner.clone();
    let pages = pages::start(camera, scanner, store.clone(), &tasks, outer.clone());
    let pictures = pages.pictures();

    let cursor = recovered.feed_cursor;
    let (station, first) = Station::new(config, catalogue, recovered, clock.now());
    let (diagnosis, table) = watch::channel(station.diagnosis().clone());
    let uplink = Uplink {
        client: client.clone(),
        store: store.clone(),
        sender,
        tasks: tasks.clone(),
        stop: outer.clone(),
    };
    let shell = Shell {
        station,
        clock: Arc::clone(&clock),
        answers,
        at_core,
        unasked,
        performers: devices.performers(Others {
            store: store.clone(),
            pages,
            uplink,
            exports: Exports::new(&machine, tasks.clone()),
            speech,
            ink,
            views,
            diagnosis,
        }),
        ending: Ending { stop: stop.clone(), outer: outer.clone(), limit: timings.shutdown },
    };
    let core = tokio::spawn(shell.run(first));
    // The first effects hold a view; an error means that the core died, which `ended` tells.
    let _ = seen.wait_for(Option::is_some).await;
    tracing::info!(station = %machine.station, %epoch, "station started");

    let connections = Connections {
        client,
        store: store.clone(),
        sender,
        reader: devices.reader.clone(),
        locker: devices.locker.clone(),
        cabinet: cabinet_of(&machine),
        clock,
        to_core: to_core.clone(),
        timings,
        stop: outer.clone(),
    };
    let link = link::start(connections, cursor, &tasks);
    tasks.spawn(keep_house(store.clone(), to_core.clone(), timings, outer.clone()));
    serve_tools(devices.desk(machine, store, link, table, timings), timings, &tasks, &outer)?;
    let touch = Touch { to_core };
    let store_closed = closed;
    let (views, ink) = (seen, Some(inks));
    Ok(Running { touch, views, ink, pictures, core, stop, outer, tasks, store_closed, timings })
}

/// Its thread, and a task that tells the core whether it is there.
fn start_camera(
    machine: &Machine,
    timings: Timings,
    to_core: &mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Camera, Failure> {
    let source = FolderSource::new(machine.camera.folder.clone());
    let camera = camera::start(source, timings.frame).map_err(|error| Failure::plain(&error))?;
    tasks.spawn(camera.clone().watch(to_core.clone(), stop.clone()));
    Ok(camera)
}

/// The station's socket for `check`, `status` and the like.
fn serve_tools(
    desk: Desk,
    timings: Timings,
    tasks: &TaskTracker,
    outer: &CancellationToken,
) -> Result<(), Failure> {
    let data = desk.machine.data.clone();
    control::serve(&data, desk, timings, tasks, outer.clone())
        .map_err(|error| Failure::new(Exit::Failed, format!("the station's socket: {error}")))
}

/// What the station reads once; the font only where there is a printer.
fn read_files(machine: &Machine) -> Result<(Catalogue, Layouts, Option<Typeface>), Failure> {
    let catalogue = catalogue::load(&machine.catalog)
        .map_err(|error| Failure::new(Exit::BadConfig, with_causes(&error)))?;
    let layouts = slips::load(&machine.slips)
        .map_err(|error| Failure::new(Exit::BadConfig, with_causes(&error)))?;
    let typeface = machine.receipt_printer.as_ref().map(|_| fonts::of_slips()).transpose()?;
    Ok((catalogue, layouts, typeface))
}

/// The devices with a task of their own.
struct Devices {
    reader: Reader,
    printer: Option<Printer>,
    locker: Option<Locker>,
    scanner: Option<Scanner>,
    chip_slot: Option<ChipSlot>,
    room: Option<Room>,
    keypad: Option<Keypad>,
}

impl Devices {
    fn start(
        machine: &Machine,
        typeface: Option<Typeface>,
        to_core: &mpsc::Sender<Unasked>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let (to_core, stop) = (|| to_core.clone(), || stop.clone());
        let printer = machine.receipt_printer.as_ref().zip(typeface);
        Self {
            reader: reader::start(&machine.id_reader, to_core(), tasks, stop()),
            printer: printer.map(|(config, typeface)| {
                printer::start(config, typeface, to_core(), tasks, stop())
            }),
            locker: machine
                .locker
                .as_ref()
                .map(|config| locker::start(config, to_core(), tasks, stop())),
            scanner: machine
                .code_scanner
                .as_ref()
                .map(|config| scanner::start(config, to_core(), tasks, stop())),
            chip_slot: machine
                .chip_cards
                .as_ref()
                .map(|config| chip_slot::start(config, to_core(), tasks, stop())),
            room: machine.room.as_ref().map(|config| room::start(config, to_core(), tasks, stop())),
            keypad: machine
                .keypad
                .as_ref()
                .map(|config| keypad::start(config, to_core(), tasks, stop())),
        }
    }

    fn performers(&self, others: Others) -> Performers {
        let Others { store, pages, uplink, exports, speech, ink, views, diagnosis } = others;
        Performers {
            store,
            reader: self.reader.clone(),
            printer: self.printer.clone(),
            locker: self.locker.clone(),
            scanner: self.scanner.clone(),
            chip_slot: self.chip_slot.clone(),
            room: self.room.clone(),
            keypad: self.keypad.clone(),
            pages,
            uplink,
            exports,
            speech,
            ink,
            views,
            diagnosis,
        }
    }

    fn desk(
        &self,
        machine: Machine,
        store: StoreHandle,
        link: watch::Receiver<Link>,
        table: watch::Receiver<Diagnosis>,
        timings: Timings,
    ) -> Desk {
        let photo_decoder = PhotoDecoder::of(&machine, timings);
        Desk {
            machine,
            store,
            reader: self.reader.status(),
            printer: self.printer.as_ref().map(Printer::status),
            locker: self.locker.as_ref().map(Locker::seen),
            scanner: self.scanner.as_ref().map(Scanner::status),
            chip_slot: self.chip_slot.as_ref().map(ChipSlot::status),
            photo_decoder,
            room: self.room.as_ref().map(Room::status),
            keypad: self.keypad.as_ref().map(Keypad::status),
            link,
            table,
        }
    }
}

/// Performers that are no devices.
struct Others {
    store: StoreHandle,
    pages: Pages,
    uplink: Uplink,
    exports: Exports,
    speech: Speech,
    ink: mpsc::Sender<Ink>,
    views: watch::Sender<Option<Arc<View>>>,
    diagnosis: watch::Sender<Diagnosis>,
}

fn not_enrolled() -> Failure {
    let sentence = "this machine is not enrolled: run `kiosk enrol` with the code from the hall";
    Failure::new(Exit::BadConfig, sentence)
}

/// A client that believes the stored CA only.
pub fn client_of(
    machine: &Machine,
    identity: &Identity,
    clock: &Arc<Clock>,
    timings: Timings,
) -> Result<HallClient, Failure> {
    let key = identity.key_pem.expose();
    let clock = Arc::clone(clock);
    let tls = tls::enrolled(&identity.ca_pem, &identity.certificate_pem, key, clock)
        .map_err(|error| Failure::new(Exit::BadConfig, with_causes(&error)))?;
    HallClient::new(tls, &machine.hall.url.0, timings).map_err(|error| Failure::plain(&error))
}

/// The cells of machine.toml; none without a locker.
pub fn cabinet_of(machine: &Machine) -> Vec<CellPlan> {
    machine.locker.as_ref().map_or_else(Vec::new, LockerConfig::plan)
}

fn config_of(machine: &Machine, epoch: Epoch, slips: Layouts) -> Result<Config, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| Failure::new(Exit::Failed, "no random bytes from the system"))?;
    Ok(Config {
        station: machine.station,
        name_zh: machine.name.zh.0.clone(),
        name_en: machine.name.en.0.clone(),
        phone: machine.phone.0.clone(),
        epoch,
        cabinet: cabinet_of(machine),
        kept_for_results: machine.locker.as_ref().map_or(0, LockerConfig::kept_for_results),
        has_printer: machine.receipt_printer.is_some(),
        has_scanner: machine.code_scanner.is_some(),
        has_chip_slot: machine.chip_cards.is_some(),
        links: parts::links(machine),
        has_room: machine.room.is_some(),
        has_keypad: machine.keypad.is_some(),
        slips,
        seed,
    })
}

/// Tells the core when a full disk has room again.
async fn keep_house(
    store: StoreHandle,
    to_core: mpsc::Sender<Unasked>,
    timings: Timings,
    stop: CancellationToken,
) {
    while tokio::time::timeout(timings.room_every, stop.cancelled()).await.is_err() {
        if store.has_room_again().await && to_core.send(Event::RoomAgain.into()).await.is_err() {
            return;
        }
    }
}

impl Running {
    pub fn touch(&self) -> Touch {
        self.touch.clone()
    }

    /// The newest view; the sender is gone when the core has ended.
    pub fn views(&self) -> watch::Receiver<Option<Arc<View>>> {
        self.views.clone()
    }

    /// What the core asks of the window for a signature; once.
    pub const fn take_ink(&mut self) -> Option<mpsc::Receiver<Ink>> {
        self.ink.take()
    }

    pub fn pictures(&self) -> Pictures {
        self.pictures.clone()
    }

    /// Asks the station to end; [`Running::ended`] tells when it has.
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Waits until the core gave up or was asked to stop and has nothing owed any more.
    pub async fn ended(&mut self) -> Exit {
        let exit = (&mut self.core).await.unwrap_or_else(|error| {
            // The panic itself was printed by the hook; its messages hold ids only.
            tracing::error!(is_panic = error.is_panic(), "the core died");
            Exit::Failed
        });
        self.outer.cancel();
        exit
    }

    /// Closes the store; call after [`Running::ended`].
    /// Whether the store was closed in time.
    pub async fn close(self) -> bool {
        self.tasks.close();
        let closed = async {
            self.tasks.wait().await;
            // An error means that the thread died, and the store with it.
            let _ = self.store_closed.await;
        };
        let is_closed = tokio::time::timeout(self.timings.shutdown, closed).await.is_ok();
        if !is_closed {
            tracing::warn!("the store was not closed in time");
        }
        is_closed
    }

    /// Asks to stop and waits for the end of it all.
    pub async fn stop(mut self) -> Exit {
        self.stop.cancel();
        let exit = self.ended().await;
        self.close().await;
        exit
    }
}
