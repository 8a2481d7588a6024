//! One house: a throw-away folder with a hall, the device twins and a station in it, each in its
//! own process on free loopback ports. Starts, stops and kills them; decides nothing else.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use device_sim::smart_card::{
    host::DRAWER,
    reader::{READER, SOCKET, SOCKET_VARIABLE},
};
use kiosk_core::staff_card::StaffTrust;
use kiosk_words::CellSize;
use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    clock::{Clock, Limit},
    devices::Devices,
    process::{Program, Service},
    shadow::{CELLS, Fitting, KEPT_FOR_RESULTS},
    wav::can_be_heard,
    xvfb::{HEIGHT, WIDTH},
};

const HALL_READY: Limit = Limit { name: "the hall to serve", ms: 60_000 };
const STAFF_READY: Limit = Limit { name: "the station to know whose cards are good", ms: 60_000 };
/// Folder in which pcscd's socket appears, and the cards lie.
const CARD_SLOT: &str = "card-slot";
const DEVICES_READY: Limit = Limit { name: "the device twins to answer", ms: 30_000 };

/// The station of the house; also in the page model, so that both show the same words.
pub const STATION: u16 = 17;
pub const STATION_NAME_ZH: &str = "龙沙站";
pub const STATION_NAME_EN: &str = "Longsha Station";
/// A number of nobody: seven zeros.
pub const STATION_PHONE: &str = "0452-0000000";
const READER_BAUD: u32 = 115_200;
const PRINTER_BAUD: u32 = 115_200;
const SCANNER_BAUD: u32 = 9_600;
const KEYPAD_BAUD: u32 = 9_600;
/// Words and sound of the newest utterance, in the folder `$0`.
const SPEAKS: &str = r#"cd "$0" && cat >words.new && espeak-ng -v "$1" -a "$2" -f words.new -w said.wav && mv words.new words.txt"#;
const ROOM_BAUD: u32 = 9_600;
/// Doors of the twins' cabinet on each of its two boards.
const DOORS_PER_BOARD: u16 = 12;

/// Somebody who works at the cabinet of a house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    pub id: &'static str,
    /// As `hall staff-card code --role` takes it.
    pub role: &'static str,
}

pub const COURIER: Worker = Worker { id: "1001", role: "courier" };
pub const MANAGER: Worker = Worker { id: "2001", role: "manager" };

/// Where programs and data are.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folder with `hall`, `devsim`, `kiosk` and `cardtool`.
    pub bin_dir: PathBuf,
    /// Folder of the matters.
    pub catalog: PathBuf,
    /// Folder of the layouts of the slips.
    pub slips: PathBuf,
    /// Folder of the templates of documents.
    pub forms: PathBuf,
    /// A disk of the station's own, small enough to be filled. Without one its data lie in the
    /// house's folder.
    pub disk: Option<PathBuf>,
    pub fitting: Fitting,
    /// Station and hall write down everything they can, so that a log can be searched for what
    /// must not stand in it.
    pub tells_all: bool,
    /// What the station's process is started with beside the neutral variables.
    pub station_env: Vec<(String, String)>,
}

impl Places {
    /// Programs beside this one, matters of this checkout.
    pub fn beside_me() -> Result<Self> {
        let me = std::env::current_exe().context("own path")?;
        let mut bin_dir = me.parent().context("own folder")?.to_path_buf();
        // Test executables are one level deeper.
        if bin_dir.ends_with("deps") {
            bin_dir.pop();
        }
        let assets = |name: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(name);
            folder.canonicalize().with_context(|| format!("no assets/{name} in this checkout"))
        };
        Ok(Self {
            bin_dir,
            catalog: assets("catalog")?,
            slips: assets("slips")?,
            forms: assets("forms")?,
            disk: None,
            fitting: Fitting::Plain,
            tells_all: false,
            station_env: vec![],
        })
    }

    /// Programs of [`Places::bin_dir`] that are not there.
    pub fn missing(&self) -> Vec<&'static str> {
        ["hall", "devsim", "kiosk", "cardtool"]
            .into_iter()
            .filter(|name| !self.bin_dir.join(name).is_file())
            .collect()
    }
}

/// A process of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    Station,
    Hall,
    Twins,
}

#[derive(Debug, Deserialize)]
struct HallReady {
    console: String,
    first_account_link: Option<String>,
}

#[derive(Debug, Deserialize)]
struct DevicesReady {
    control: String,
}

/// Addresses for people.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub console: String,
    /// Works once.
    pub first_account: String,
    pub device_page: String,
}

/// A running house. Dropping it stops the processes and removes the folder, unless kept.
#[derive(Debug)]
pub struct House {
    // Order matters: the station ends before what it talks to.
    station: Service,
    devices: Service,
    hall: Service,
    addresses: Addresses,
    folder: Folder,
    places: Places,
    clock: Clock,
    hall_ready: PathBuf,
    devices_ready: PathBuf,
}

#[derive(Debug)]
enum Folder {
    Thrown(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Thrown(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

/// What happens with the folder at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    Remove,
    Keep,
}

impl House {
    /// Starts everything on this display; returns when hall and twins answer and the station's
    /// process has begun. The staff may work at its cabinet: each has a card and its PIN.
    pub fn start(
        places: &Places,
        staff: &[(Worker, String)],
        display: &str,
        clock: &Clock,
        at_end: AtEnd,
    ) -> Result<Self> {
        let folder = make_folder(at_end)?;
        let ports = free_ports()?;
        let root = folder.path().to_path_buf();
        let builder = Builder { places, root: &root, display, ports };
        builder.write_machine_file()?;
        let code = builder.hall_enrol_code()?;
        let hall_ready = root.join("hall.ready");
        let mut hall = Service::new(builder.hall(&hall_ready), clock);
        hall.start()?;
        let hall_says: HallReady = wait_ready(clock, HALL_READY, &hall, &hall_ready)?;
        let devices_ready = root.join("devices.ready");
        let mut devices = Service::new(builder.devices(&devices_ready), clock);
        devices.start()?;
        let devices_say: DevicesReady = wait_ready(clock, DEVICES_READY, &devices, &devices_ready)?;
        builder.kiosk(&["enrol"], &["--code", code.trim()]).output()?;
        let hand = Devices::new(&devices_say.control)?;
        for (worker, pin) in staff {
            builder.make_staff_card(&hand, worker, pin)?;
        }
        let mut station = Service::new(builder.kiosk(&["run"], &[]), clock);
        station.start()?;
        let first_account = hall_says.first_account_link.context("the hall made no first link")?;
        let addresses = Addresses {
            console: hall_says.console,
            first_account,
            device_page: devices_say.control,
        };
        let (places, clock) = (places.clone(), clock.clone());
        Ok(Self {
            station,
            devices,
            hall,
            addresses,
            folder,
            places,
            clock,
            hall_ready,
            devices_ready,
        })
    }

    pub const fn hall(&self) -> &Service {
        &self.hall
    }

    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn station(&self) -> &Service {
        &self.station
    }

    /// SIGTERM, as for a restart of the machine it runs on.
    pub fn stop_hall(&mut self) -> Result<()> {
        self.hall.stop();
        match fs::remove_file(&self.hall_ready) {
            Ok(()) => Ok(()),
            Err(error) => Err(error).context("the hall's ready file"),
        }
    }

    /// Same data, same ports.
    pub fn start_hall(&mut self) -> Result<()> {
        self.hall.start()?;
        self.wait_for(Process::Hall)
    }

    /// `kill -9`; returns when the process is gone. It stays so until [`House::revive`].
    pub fn kill(&mut self, process: Process) {
        self.service(process).kill_and_hold();
    }

    /// SIGTERM, and no other life until [`House::revive`].
    pub fn stop_station(&mut self) {
        self.station.stop();
    }

    /// Same data, same ports; does not wait until it answers.
    pub fn revive(&mut self, process: Process) -> Result<()> {
        // What a killed process could not take away itself.
        if let Some(left_over) = self.ready_file(process)
            && let Err(error) = fs::remove_file(left_over)
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error).context("a ready file");
        }
        self.service(process).start()
    }

    /// Returns when the process can be asked; at once for a station, which is looked at.
    pub fn wait_for(&self, process: Process) -> Result<()> {
        let (clock, hall, devices) = (&self.clock, &self.hall, &self.devices);
        match process {
            Process::Station => Ok(()),
            Process::Hall => {
                wait_ready::<HallReady>(clock, HALL_READY, hall, &self.hall_ready).map(drop)
            }
            Process::Twins => {
                let ready = &self.devices_ready;
                wait_ready::<DevicesReady>(clock, DEVICES_READY, devices, ready).map(drop)
            }
        }
    }

    const fn service(&mut self, process: Process) -> &mut Service {
        match process {
            Process::Station => &mut self.station,
            Process::Hall => &mut self.hall,
            Process::Twins => &mut self.devices,
        }
    }

    fn ready_file(&self, process: Process) -> Option<&Path> {
        match process {
            Process::Station => None,
            Process::Hall => Some(&self.hall_ready),
            Process::Twins => Some(&self.devices_ready),
        }
    }

    /// Where the cards lie that remember something.
    pub fn drawer(&self) -> PathBuf {
        self.folder().join(CARD_SLOT).join(DRAWER)
    }

    /// What the hall tells its stations about staff cards; nothing in a house without a slot.
    pub fn staff_trust(&self) -> Result<Option<StaffTrust>> {
        if self.places.fitting == Fitting::Plain {
            return Ok(None);
        }
        let file = self.folder().join("hall").join("staff_ca.pem");
        let anchor = fs::read_to_string(file).context("the hall's staff CA")?;
        Ok(Some(StaffTrust { anchors: vec![anchor], revoked: Vec::new() }))
    }

    /// Returns when the running station knows whose cards are good.
    pub fn wait_for_staff(&self) -> Result<()> {
        let is_told = |said: &str| said.lines().any(|line| line == "staff cards ready");
        // Before the station listens, the tool would take its store from under it.
        let socket = self.station_data().join("station.sock");
        self.clock.until(STAFF_READY, || {
            let said = socket.exists().then(|| self.ask_station(&["status"]));
            Ok(said.is_some_and(|said| said.is_ok_and(|said| is_told(&said))).then_some(()))
        })
    }

    /// The station's data: its store, with the key in it.
    pub fn station_data(&self) -> PathBuf {
        station_data(&self.places, self.folder())
    }

    /// Events that the hall has not answered yet, as the running station says.
    pub fn n_outbox(&self) -> Result<u64> {
        let said = self.ask_station(&["status"])?;
        let line = said.lines().find_map(|line| line.strip_prefix("outbox "));
        line.context("no outbox in the status")?.parse().context("the outbox in the status")
    }

    /// Whether every device of the running station works, as it says.
    pub fn has_all_devices(&self) -> Result<bool> {
        let said = self.ask_station(&["status"])?;
        let is_device = |line: &&str| {
            ["reader ", "printer ", "board ", "scanner ", "card slot ", "room ", "staff cards "]
                .iter()
                .any(|device| line.starts_with(device))
        };
        let mut devices = said.lines().filter(is_device).peekable();
        Ok(devices.peek().is_some() && devices.all(|line| line.ends_with(" ready")))
    }

    pub fn is_running(&self, process: Process) -> bool {
        match process {
            Process::Station => self.station.pid(),
            Process::Hall => self.hall.pid(),
            Process::Twins => self.devices.pid(),
        }
        .is_some()
    }

    /// `kiosk QUESTION`: of the running station, or of its store when none runs.
    pub fn ask_station(&self, question: &[&str]) -> Result<String> {
        let machine = path_text(&self.folder().join("machine.toml"))?;
        with_args(with_args(self.tool("kiosk"), question), &["--machine", &machine]).output()
    }

    /// The station ends as in a power cut; its keeper starts it again.
    pub fn kill_station(&self) {
        self.station.kill_hard();
    }

    /// Whether these words were said last into the earphones, and can be heard.
    pub fn has_said(&self, words: &str) -> Result<Option<()>> {
        let root = self.folder.path();
        let said = fs::read_to_string(root.join("words.txt")).unwrap_or_default();
        if !said.contains(words) {
            return Ok(None);
        }
        can_be_heard(&fs::read(root.join("said.wav"))?)?;
        Ok(Some(()))
    }

    /// Takes every byte that is left on the station's own disk.
    pub fn fill_disk(&self) -> Result<()> {
        let path = self.filler()?;
        let mut file = fs::File::create(&path).with_context(|| path.display().to_string())?;
        for n_bytes in [1 << 16, 1 << 12, 1] {
            let block = vec![0x55; n_bytes];
            let full = loop {
                if let Err(error) = file.write_all(&block) {
                    break error;
                }
            };
            if full.kind() != ErrorKind::StorageFull {
                return Err(full).context("filling the station's disk");
            }
        }
        Ok(())
    }

    /// Undoes [`House::fill_disk`].
    pub fn empty_disk(&self) -> Result<()> {
        fs::remove_file(self.filler()?).context("what filled the station's disk")
    }

    fn filler(&self) -> Result<PathBuf> {
        let disk = self.places.disk.as_ref().context("the station has no disk of its own")?;
        Ok(disk.join("filler"))
    }

    /// Why a process will not come back, if one has been given up.
    pub fn given_up(&self) -> Option<String> {
        [&self.station, &self.devices, &self.hall].into_iter().find_map(Service::given_up)
    }

    /// Asks both audit chains, the station's through the running program; returns what the tools
    /// said.
    pub fn verify_audit(&self) -> Result<Vec<String>> {
        let station = self.ask_station(&["audit", "verify"])?;
        let data = self.folder().join("hall");
        let hall = with_args(self.tool("hall"), &["audit", "verify", "--data", &path_text(&data)?]);
        Ok(vec![station.trim().into(), hall.output()?.trim().into()])
    }

    fn tool(&self, name: &'static str) -> Program {
        Program {
            name,
            path: self.places.bin_dir.join(name),
            args: vec![],
            display: None,
            env: vec![],
            log: self.folder().join("tools.log"),
        }
    }

    /// Ends the processes in order; the folder goes with the last value.
    pub fn stop(&mut self) {
        self.station.stop();
        self.devices.stop();
        self.hall.stop();
    }
}

fn with_args(mut program: Program, args: &[&str]) -> Program {
    program.args.extend(args.iter().map(|arg| (*arg).to_owned()));
    program
}

fn station_data(places: &Places, root: &Path) -> PathBuf {
    places.disk.as_deref().unwrap_or(root).join("data")
}

fn path_text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).context("a folder whose name is not UTF-8")
}

struct Ports {
    console: u16,
    stations: u16,
    control: u16,
}

struct Builder<'a> {
    places: &'a Places,
    root: &'a Path,
    display: &'a str,
    ports: Ports,
}

impl Builder<'_> {
    fn program(&self, name: &'static str, log: &str) -> Program {
        Program {
            name,
            path: self.places.bin_dir.join(name),
            args: vec![],
            display: None,
            env: vec![],
            log: self.root.join(log),
        }
    }

    fn path(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    fn write_machine_file(&self) -> Result<()> {
        let text = format!(
            "station = {STATION}\n\
             name = {{ zh = \"{STATION_NAME_ZH}\", en = \"{STATION_NAME_EN}\" }}\n\
             phone = \"{STATION_PHONE}\"\n\
             data = {data:?}\n\
             catalog = {catalog:?}\n\
             slips = {slips:?}\n\
             \n[hall]\nurl = \"https://127.0.0.1:{port}\"\n\
             \n[id_reader]\nport = \"sim/id-reader\"\nbaud = {READER_BAUD}\n\
             \n[camera]\nfolder = \"sim/camera\"\n\
             \n[screen]\nwidth = {WIDTH}\nheight = {HEIGHT}\n{fitted}",
            data = station_data(self.places, self.root).display().to_string(),
            catalog = self.places.catalog.display().to_string(),
            slips = self.places.slips.display().to_string(),
            port = self.ports.stations,
            fitted = fitted(self.places.fitting, self.root),
        );
        fs::write(self.root.join("machine.toml"), text).context("machine.toml")
    }

    fn hall_enrol_code(&self) -> Result<String> {
        let data = self.path("hall");
        let station = STATION.to_string();
        let args =
            ["enrol-code", "--data", &data, "--station", &station, "--name", STATION_NAME_ZH];
        with_args(self.program("hall", "hall.log"), &args).output()
    }

    fn hall(&self, ready: &Path) -> Program {
        let console = format!("127.0.0.1:{}", self.ports.console);
        let stations = format!("127.0.0.1:{}", self.ports.stations);
        let (data, catalog) = (self.path("hall"), self.places.catalog.display().to_string());
        let forms = self.places.forms.display().to_string();
        let ready = ready.display().to_string();
        let args = [
            "serve",
            "--data",
            &data,
            "--console",
            &console,
            "--stations",
            &stations,
            "--catalog",
            &catalog,
            "--forms",
            &forms,
            "--ready-file",
            &ready,
        ];
        let log = if self.places.tells_all { &["--log", "trace"][..] } else { &[] };
        with_args(with_args(self.program("hall", "hall.log"), &args), log)
    }

    fn devices(&self, ready: &Path) -> Program {
        let control = format!("127.0.0.1:{}", self.ports.control);
        let (folder, ready) = (self.path("sim"), ready.display().to_string());
        let args = ["--folder", &folder, "--control", &control, "--ready-file", &ready];
        let program = with_args(self.program("devsim", "devices.log"), &args);
        match self.places.fitting {
            Fitting::Plain => program,
            Fitting::WithLocker => with_args(program, &["--card-slot", &self.card_slot()]),
        }
    }

    /// Folder in which pcscd's socket appears.
    fn card_slot(&self) -> String {
        self.path(CARD_SLOT)
    }

    fn card_socket(&self) -> (String, String) {
        let socket = Path::new(&self.card_slot()).join(SOCKET);
        (SOCKET_VARIABLE.into(), socket.display().to_string())
    }

    /// Code from the hall, a card as delivered, its certificates and its holder's PIN.
    fn make_staff_card(&self, hand: &Devices, worker: &Worker, pin: &str) -> Result<()> {
        let data = self.path("hall");
        let args = ["staff-card", "code", "--data", &data, "--staff", worker.id];
        let asked = with_args(self.program("hall", "hall.log"), &args);
        let code = with_args(asked, &["--role", worker.role]).output()?;
        let hall = format!("https://127.0.0.1:{}", self.ports.stations);
        let args = ["make", "--hall", &hall, "--code", code.trim(), "--reader", READER];
        let tool = with_args(self.program("cardtool", "tools.log"), &args);
        let tool = Program { env: vec![self.card_socket()], ..tool };
        hand.put_in_card(&format!("staff_{}", worker.id))?;
        tool.output_of(&format!("{pin}\n"))?;
        hand.take_out_card()
    }

    /// `kiosk COMMAND --machine … REST`
    fn kiosk(&self, command: &[&str], rest: &[&str]) -> Program {
        let machine = self.path("machine.toml");
        let program = with_args(self.program("kiosk", "station.log"), command);
        let program = with_args(with_args(program, &["--machine", &machine]), rest);
        let mut env = self.places.station_env.clone();
        env.push(self.card_socket());
        if self.places.tells_all {
            env.push(("NIGHTDESK_LOG".into(), "trace".into()));
        }
        Program { display: Some(self.display.into()), env, ..program }
    }
}

/// The tables of machine.toml for what stands beside the screen.
fn fitted(fitting: Fitting, root: &Path) -> String {
    if fitting == Fitting::Plain {
        return String::new();
    }
    let board = |address: u8| {
        format!(
            "{{ address = {address}, channels = {DOORS_PER_BOARD}, \
             polarity = \"short_when_locked\", byte_order = \"high_first\" }}"
        )
    };
    let cell = |(door, size): (u16, CellSize)| {
        let (board, lock) = ((door - 1) / DOORS_PER_BOARD + 1, (door - 1) % DOORS_PER_BOARD + 1);
        format!("{{ number = {door}, board = {board}, lock = {lock}, size = \"{size:?}\" }}")
    };
    format!(
        "\n[receipt_printer]\nport = \"sim/printer\"\nbaud = {PRINTER_BAUD}\n\
         \n[locker]\nport = \"sim/locker\"\nkept_for_results = {KEPT_FOR_RESULTS}\n\
         boards = [{}, {}]\ncells = [{}]\n\
         \n[code_scanner]\nport = \"sim/code-scanner\"\nbaud = {SCANNER_BAUD}\n\
         trigger = \"command\"\nending = \"line\"\ncharset = \"utf8\"\n\
         \n[chip_cards]\nreader = \"{READER}\"\n{}{}",
        board(1),
        board(2),
        CELLS.map(cell).join(", "),
        room(),
        keypad(root),
    )
}

/// Without a sound card: what would be heard is written beside the words.
fn keypad(root: &Path) -> String {
    format!(
        "\n[keypad]\nport = \"sim/keypad\"\nbaud = {KEYPAD_BAUD}\n\
         [speech]\nprogram = [\"sh\", \"-c\", '{SPEAKS}', {root:?}, \"{{voice}}\", \"{{volume}}\"]\n\
         voice_zh = \"cmn-latn-pinyin\"\nvoice_en = \"en-gb\"\n",
        root = root.display().to_string(),
    )
}

/// As the twin of the room board is wired.
fn room() -> String {
    let input = |(name, no): (&str, u8)| {
        format!("{name} = {{ input = {no}, contact = \"normally_closed\" }}\n")
    };
    let output =
        |(name, no): (&str, u8)| format!("{name} = {{ relay = {no}, on_when = \"pulled\" }}\n");
    format!(
        "\n[room]\nport = \"sim/room\"\nbaud = {ROOM_BAUD}\naddress = 1\n\
         [room.inputs]\n{}[room.outputs]\n{}",
        [("emergency", 1), ("lobby", 2), ("mains", 3)].map(input).concat(),
        [("light", 1), ("siren", 2), ("guard", 3)].map(output).concat(),
    )
}

fn make_folder(at_end: AtEnd) -> Result<Folder> {
    let folder = tempfile::Builder::new().prefix("nightdesk-").tempdir()?;
    fs::create_dir(folder.path().join("sim"))?;
    Ok(match at_end {
        AtEnd::Remove => Folder::Thrown(folder),
        AtEnd::Keep => Folder::Kept(folder.keep()),
    })
}

/// Ports that are free at this moment; all are held until all are found, so they differ.
fn free_ports() -> Result<Ports> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port");
    let (console, stations, control) = (listen()?, listen()?, listen()?);
    Ok(Ports {
        console: console.local_addr()?.port(),
        stations: stations.local_addr()?.port(),
        control: control.local_addr()?.port(),
    })
}

/// Reads a ready file once it is there; the programs write it atomically.
fn wait_ready<T: for<'a> Deserialize<'a>>(
    clock: &Clock,
    limit: Limit,
    service: &Service,
    file: &Path,
) -> Result<T> {
    let text = clock.until(limit, || {
        if let Some(why) = service.given_up() {
            bail!("{why}; see {}", service.program().log.display());
        }
        Ok(fs::read_to_string(file).ok())
    })?;
    serde_json::from_str(&text).with_context(|| format!("{}: {text}", file.display()))
}
