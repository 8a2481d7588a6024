//! A house with one pair of eyes: starts the station in whatever state it is put into, and compares
//! its window with the page that must be there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use device_api::id_reader::IdCard;
use kiosk_core::{
    Recovered,
    out_of_service::{Sign, Why, view},
};
use nightdesk_e2e::{
    books::copy_data,
    catalogue,
    clock::{Clock, GLANCE_MS, Limit, wall},
    devices::Devices,
    house::{AtEnd, House, Places, Process, STATION_NAME_ZH, STATION_PHONE},
    other_clock::OtherClock,
    page::{Expected, Page, Place},
    picture::{Area, SAME_PAGE, Scope, compare, save},
    shadow::{Fitting, Shadow, config_of_the_house},
    specimens,
    x11::Display,
    xvfb::Xvfb,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::built::{out, places};

const PAGE: Limit = Limit { name: "the expected page", ms: 60_000 };
const LOG: Limit = Limit { name: "a line in the log", ms: 10_000 };
const HALL: Limit = Limit { name: "the hall to be reached", ms: 60_000 };
const MIDDLE: (u32, u32) = (540, 900);

pub(crate) struct Watched {
    // Order matters: the house ends before its screen.
    pub(crate) house: House,
    display: Display,
    devices: Devices,
    page: Page,
    clock: Clock,
    other_clock: OtherClock,
    fitting: Fitting,
    /// What the next life of the station was told.
    recovered: Option<Recovered>,
    folder: TempDir,
    copies: Vec<TempDir>,
    out: PathBuf,
    _xvfb: Xvfb,
}

impl Watched {
    pub(crate) fn new(name: &str) -> Self {
        Self::at(name, None)
    }

    /// With its data on this disk.
    pub(crate) fn at(name: &str, disk: Option<PathBuf>) -> Self {
        let (folder, clock, fitting) =
            (tempfile::tempdir().unwrap(), Clock::start(), Fitting::WithLocker);
        let other_clock = OtherClock::build(folder.path()).unwrap();
        let places = Places { disk, fitting, station_env: other_clock.env(), ..places() };
        let xvfb = Xvfb::start(&folder.path().join("xvfb.log")).unwrap();
        let house = House::start(&places, &[], xvfb.display(), &clock, AtEnd::Remove).unwrap();
        let config = config_of_the_house(STATION_PHONE, fitting).unwrap();
        let matters = catalogue::load(&places.catalog).unwrap();
        let out = out(name);
        if out.exists() {
            fs::remove_dir_all(&out).unwrap();
        }
        fs::create_dir_all(&out).unwrap();
        Self {
            display: Display::connect(xvfb.display()).unwrap(),
            devices: Devices::new(&house.addresses().device_page).unwrap(),
            page: Page::new(Shadow::new(config, matters, &clock).unwrap()).unwrap(),
            house,
            clock,
            other_clock,
            fitting,
            recovered: None,
            folder,
            copies: Vec::new(),
            out,
            _xvfb: xvfb,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.house.station_data()
    }

    /// Where something is kept that is taken away.
    pub(crate) fn elsewhere(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    // ---- lives ----

    pub(crate) fn dies_and_lives_again(&mut self) {
        self.house.kill(Process::Station);
        self.lives_again();
    }

    /// A station that is dead and whole starts; the page model reads what it will read.
    pub(crate) fn lives_again(&mut self) {
        let copy = tempfile::tempdir().unwrap();
        copy_data(&self.data(), copy.path()).unwrap();
        self.recovered = Some(self.page.shadow.restart_from_copy(copy.path(), &[]).unwrap());
        self.copies.push(copy);
        self.house.revive(Process::Station).unwrap();
    }

    /// A station that cannot open its store starts all the same.
    pub(crate) fn starts_broken(&mut self) {
        self.house.revive(Process::Station).unwrap();
    }

    /// How often it was started within ten minutes, this life included.
    pub(crate) fn recent_starts(&self) -> u32 {
        self.recovered.as_ref().unwrap().recent_starts
    }

    /// Ends it in order; its exit code.
    pub(crate) fn ends_with(&mut self) -> i32 {
        self.house.stop_station();
        self.house.station().last_code().unwrap()
    }

    /// How often its process was started.
    pub(crate) fn n_starts(&self) -> usize {
        self.house.station().n_starts()
    }

    pub(crate) fn until(&self, limit: Limit, mut is_so: impl FnMut(&Self) -> bool) {
        self.clock.until(limit, || Ok(is_so(self).then_some(()))).unwrap();
    }

    // ---- clocks ----

    /// By the clock of the machine, from the next life on.
    pub(crate) fn hours_pass(&self, ms: i64) {
        self.other_clock.set(ms).unwrap();
        self.clock.set_ahead(ms);
    }

    /// The battery is empty: the next life begins in the first minute of 1970.
    pub(crate) fn clock_dies(&self) {
        self.hours_pass(30_000 - wall().0);
        self.clock.set_believed(false);
    }

    pub(crate) fn clock_is_set(&self) {
        self.hours_pass(0);
        self.clock.set_believed(true);
    }

    // ---- eyes ----

    pub(crate) fn sees_own_page(&mut self, name: &str) {
        self.page.shadow.pass_time().unwrap();
        self.page.refresh().unwrap();
        let expected = self.page.expected().unwrap();
        self.sees(&expected, name);
    }

    pub(crate) fn sees_out_of_service(&mut self, name: &str, why: Why, code: u8) {
        let sign = Sign {
            name: STATION_NAME_ZH.to_owned(),
            phone: STATION_PHONE.to_owned(),
            has_cells: self.fitting == Fitting::WithLocker,
            why,
            code,
        };
        let expected = self.page.expected_of(&view(&sign, self.clock.now())).unwrap();
        self.sees(&expected, name);
    }

    /// Name, clock and connection: nothing there differs between two runs of a dead clock.
    pub(crate) fn sees_top_bar(&mut self, name: &str) {
        let mut expected = self.page.expected().unwrap();
        let (width, height) = (expected.picture.width(), expected.scope.stage.y);
        let stage = Area { x: 0, y: 0, width, height };
        expected.scope = Scope { stage, masks: Vec::new() };
        self.sees(&expected, &format!("{name}-top-bar"));
    }

    /// The picture is kept, of what is there when it never comes too.
    fn sees(&self, expected: &Expected, name: &str) {
        let file = |kind: &str| self.out.join(format!("{name}{kind}.png"));
        let seen = self.clock.until(PAGE, || {
            let shot = self.display.screenshot()?;
            let found = compare(&expected.picture, &shot, &expected.scope, SAME_PAGE)?;
            if found.is_same() {
                save(&shot, &file(""))?;
            }
            Ok(found.is_same().then_some(()))
        });
        if let Err(why) = seen {
            save(&expected.picture, &file(".expected")).unwrap();
            save(&self.display.screenshot().unwrap(), &file(".actual")).unwrap();
            panic!("{name}: {why:#}; see {}", self.out.display());
        }
    }

    /// Everything the expected page says.
    pub(crate) fn words(&self) -> String {
        self.page.words()
    }

    /// A technician reads this in the journal.
    pub(crate) fn log_says(&self, wanted: &str) {
        let log = &self.house.station().program().log;
        self.until(LOG, |_| fs::read_to_string(log).unwrap().contains(wanted));
    }

    pub(crate) fn hall_is_reached(&self) {
        self.until(HALL, |watched| {
            watched.house.ask_station(&["status"]).is_ok_and(|said| said.contains("hall up"))
        });
    }

    // ---- a hand ----

    pub(crate) fn wakes(&mut self) {
        self.touches(MIDDLE);
        self.sees_own_page("awake");
    }

    fn touches(&mut self, (x, y): (u32, u32)) {
        self.clock.rest_until(self.clock.ms() + GLANCE_MS);
        self.display.tap(x, y).unwrap();
        self.page.tap((x, y)).unwrap();
    }

    pub(crate) fn taps(&mut self, label: &str) {
        for _ in 0..Page::scrolls_max() {
            match self.page.place_of(label).unwrap() {
                Place::Here(point) => {
                    self.touches(point);
                    return self.sees_own_page("touched");
                }
                Place::Below(more) => {
                    self.touches(more);
                    self.sees_own_page("touched");
                }
            }
        }
        panic!("{label} does not come into sight");
    }

    fn lays_card(&mut self, whose: &str) {
        let card: IdCard = specimens::card(whose).unwrap();
        self.devices.lay_card(whose).unwrap();
        self.page.shadow.lay_card(card).unwrap();
        self.sees_own_page("touched");
        self.devices.lift_card().unwrap();
        self.page.shadow.lift_card();
    }

    fn signs(&mut self) {
        let window = self.display.full_window().unwrap().unwrap();
        let watch = self.display.watch(window).unwrap();
        for stroke in self.page.signature().unwrap() {
            watch.forget().unwrap();
            let followed = || watch.wait_for_change(1_000).and(watch.forget());
            self.display.drag(&stroke, followed).unwrap();
            self.page.drag(&stroke).unwrap();
        }
        drop(watch);
        self.sees_own_page("touched");
    }

    /// From the sleeping screen to the receipt.
    pub(crate) fn files_a_certificate(&mut self, name: &str) {
        self.wakes();
        for label in ["无犯罪记录证明", "给我自己", "找工作", "开始办理", "知道了，去刷身份证"]
        {
            self.taps(label);
        }
        self.lays_card("zhang_san");
        for label in ["下一步", "不用告诉，我自己再来看", "到这里的文件柜取", "没有错，去签名"]
        {
            self.taps(label);
        }
        self.signs();
        self.taps("签好了，交件");
        self.sees_own_page(name);
    }

    /// Somebody touches the sleeping screen of a station whose disk has failed.
    pub(crate) fn wakes_what_cannot_write(&mut self, name: &str) {
        self.page.shadow.disk_fails();
        self.touches(MIDDLE);
        self.sees_own_page(name);
    }
}

/// What lies in a folder, by name: so that not one byte may change unseen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Files(BTreeMap<PathBuf, [u8; 32]>);

impl Files {
    /// All but what every process that looks leaves behind.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, &mut files);
        files.retain(|path, _| !path.ends_with("lock") && !path.ends_with("station.sock"));
        assert!(!files.is_empty(), "nothing in {}", folder.display());
        Self(files)
    }

    /// Those whose name does not begin so.
    pub(crate) fn beside(mut self, name: &str) -> Self {
        let begins = |path: &Path| {
            path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
        };
        self.0.retain(|path, _| !begins(path));
        self
    }
}

fn collect(folder: &Path, into: &mut BTreeMap<PathBuf, [u8; 32]>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            collect(&path, into);
        } else if kind.is_file() {
            into.insert(path.clone(), Sha256::digest(fs::read(&path).unwrap()).into());
        }
    }
}
