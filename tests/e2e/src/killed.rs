//! A busy night in which station, hall and device twins are killed again and again.
//!
//! ```text
//!            touch, card, door…          the moment comes
//!  visit ──► deed ──────────────► page seen ──► next deed      hall or twins: the visit goes on
//!             ▲                                                station: what was seen is kept,
//!             └── home, "刚才停电或重启了" ◄── first page seen ◄── its data are copied, it lives again
//! ```
//! After a kill of the station the page model begins anew from a copy of the dead station's data
//! ([`crate::books`]), so that every page after it is looked at as exactly as before. What happens
//! when hall or twins die in the middle of a deed is not always foreseen: then the screen may show
//! another page than the model, and the visit ends with a kill of the station, as that of a person
//! who finds the power gone.
//!
//! A night lasts minutes here. Its hours pass between two lives of the station, by
//! [`OtherClock`]: otherwise the third start within ten minutes would be care mode, which takes
//! nothing new.

mod after;
mod list;
mod visit;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use device_api::locker::DoorNo;
use hall_api::receipt::ReceiptCode;
use image::RgbImage;
use kiosk_core::view::{Choice, Stage, View};
use kiosk_words::ReceiptNo;
use tempfile::TempDir;
use testkit::Random;

use crate::{
    catalogue,
    clock::{Clock, Limit},
    house::{AtEnd, House, MANAGER, Places, Process, STATION_PHONE},
    night::MANAGER_PIN,
    other_clock::OtherClock,
    page::Page,
    picture::{qr_texts, save},
    player::{Player, Sight},
    script::Act,
    shadow::{CELLS, Fitting, Hall, Shadow, config_of_the_house},
    xvfb::Xvfb,
};

pub use list::{Kill, ListOfKills};
use visit::{Deed, Hand, Visit};

/// From a deed to its page while nobody has been killed in this visit.
const PAGE: Limit = Limit { name: "the expected page", ms: 30_000 };
/// The same after a kill: links are opened again, and a page that never comes must not cost much.
const PAGE_AFTER_KILL: Limit = Limit { name: "the expected page, after a kill", ms: 8_000 };
/// Whether the hall's answer was on its way when it was killed shows at once.
const PAGE_WITHOUT_HALL: Limit = Limit { name: "the expected page, without the hall", ms: 1_000 };
/// From the start of the station to its first page.
const FIRST_PAGE: Limit = Limit { name: "the first page after a kill", ms: 30_000 };
const DEVICES: Limit = Limit { name: "the station to have all its devices", ms: 60_000 };
/// A receipt that is being printed.
const SLIP: Limit = Limit { name: "the receipt on paper", ms: 10_000 };
const DRAINED: Limit = Limit { name: "an empty outbox", ms: 180_000 };
/// Between two lives of the station, by its wall clock.
const LIFE_MS: i64 = 11 * 60_000;
const INTERRUPTED: &str = "刚才停电或重启了";
const CUT_OFF: &str = "刚才中断时，这一件已经收下";
/// Of a hundred: another kill while the station is starting.
const DIES_STARTING: u64 = 15;
/// Longest part of the start that such a kill waits for.
const STARTING_MS: u64 = 900;

/// What became of the night.
#[derive(Debug)]
pub struct Outcome {
    /// Receipts that were read from the screen before a kill.
    pub n_receipts: usize,
    pub n_cases: usize,
    pub n_station: usize,
    pub n_hall: usize,
    pub n_twins: usize,
    /// Visits whose page was not foreseen after hall or twins were killed.
    pub n_lost: usize,
    pub n_visits: usize,
    /// First pages that said that somebody was interrupted.
    pub n_told: usize,
    /// Cases filed just before the station died whose page told what became of them.
    pub n_told_of_case: usize,
    /// Cells that were closed off because their door had been authorised when the station died.
    pub n_doubted: usize,
    pub took_ms: u64,
}

impl Outcome {
    pub const fn n_kills(&self) -> usize {
        self.n_station + self.n_hall + self.n_twins
    }
}

/// Processes that were killed in the visit under way.
#[derive(Debug)]
struct Hit {
    hall: bool,
    twins: bool,
    /// False: it was dead when this visit's case was handed in, and has been since.
    hall_may_have_answered: bool,
}

impl Hit {
    const NOBODY: Self = Self { hall: false, twins: false, hall_may_have_answered: true };
}

/// What a witness beside the machine knows.
#[derive(Debug, Default)]
struct Witness {
    /// Receipts that were on the screen, by number.
    receipts: BTreeMap<String, ReceiptCode>,
    /// Pick-up codes on the paper, by receipt.
    codes: BTreeMap<ReceiptNo, String>,
    /// Whose envelope lies behind which door.
    inside: BTreeMap<u16, &'static str>,
    /// Pulses that doors got from twins that are dead.
    n_pulses_before: u64,
    /// Doors that were authorised when the station died and that nobody has looked behind since.
    doubted: BTreeSet<DoorNo>,
}

/// Somebody in front of a station that dies.
#[derive(Debug, Clone, Copy)]
struct CutOff {
    who: &'static str,
    /// In that visit.
    filed: Option<ReceiptNo>,
}

struct Night<'a> {
    player: Player<'a>,
    other_clock: OtherClock,
    kills: ListOfKills,
    /// For everything but the list of kills.
    random: Random,
    witness: Witness,
    hit: Hit,
    lives: i64,
    /// Whose card lies or may lie on the reader.
    who: Option<&'static str>,
    /// Who was there when the station died, until they ask or it is forgotten.
    cut_off: Option<CutOff>,
    /// In which the page model has its store.
    copy: Option<TempDir>,
    trace: Vec<String>,
    outcome: Outcome,
}

/// Plays until the list is empty, lets everything come to rest and looks at what is left.
/// `out` gets pictures and, when something is not as it should be, the trace.
pub fn play(places: &Places, kills: ListOfKills, seed: u64, out: &Path) -> Result<Outcome> {
    let (clock, log) = (Clock::start(), tempfile::NamedTempFile::new()?);
    let xvfb = Xvfb::start(log.path())?;
    let folder = tempfile::tempdir()?;
    let other_clock = OtherClock::build(folder.path())?;
    let places =
        Places { fitting: Fitting::WithLocker, station_env: other_clock.env(), ..places.clone() };
    let config = config_of_the_house(STATION_PHONE, places.fitting)?;
    let shadow = Shadow::new(config, catalogue::load(&places.catalog)?, &clock)?;
    let staff = [(MANAGER, MANAGER_PIN.to_owned())];
    let mut house = House::start(&places, &staff, xvfb.display(), &clock, AtEnd::Remove)?;
    let player = Player::new(&mut house, xvfb.display(), Page::new(shadow)?, out)?;
    let mut night = Night {
        player,
        other_clock,
        kills,
        random: Random::new(seed),
        witness: Witness::default(),
        hit: Hit::NOBODY,
        lives: 0,
        who: None,
        cut_off: None,
        copy: None,
        trace: Vec::new(),
        outcome: Outcome {
            n_receipts: 0,
            n_cases: 0,
            n_station: 0,
            n_hall: 0,
            n_twins: 0,
            n_lost: 0,
            n_visits: 0,
            n_told: 0,
            n_told_of_case: 0,
            n_doubted: 0,
            took_ms: 0,
        },
    };
    let played = night.all();
    fs::write(out.join("trace.txt"), night.trace.join("\n")).context("the trace")?;
    if played.is_err() {
        let last = night.player.display.screenshot()?;
        save(&last, &out.join("last.png"))?;
    }
    played.map(|()| Outcome { took_ms: clock.ms(), ..night.outcome })
}

impl Night<'_> {
    fn all(&mut self) -> Result<()> {
        self.look_for_page(PAGE)?;
        self.devices_ready()?;
        let doors = CELLS.map(|(door, _)| door).to_vec();
        self.visit(&Visit::LookInto(doors), Vec::new())?;
        // Whoever is lost costs a kill that was not drawn.
        let n_drawn = self.kills.len();
        while self.outcome.n_kills() < n_drawn && !self.kills.is_empty() {
            // Whoever was cut off after filing asks in peace, and is told.
            let (visit, kills) = match self.cut_off {
                Some(CutOff { who, filed: Some(_) }) => (Visit::Asks(who), Vec::new()),
                Some(CutOff { filed: None, .. }) | None => {
                    (self.choose()?, self.kills.of_next_visit())
                }
            };
            self.visit(&visit, kills)
                .with_context(|| format!("visit {}: {visit:?}", self.outcome.n_visits))?;
        }
        self.comes_to_rest()?;
        self.look_at_what_is_left()
    }

    fn say(&mut self, what: impl Into<String>) {
        let at = self.player.clock.ms();
        self.trace.push(format!("{at:>7} {}", what.into()));
    }

    // ---- one visit ----

    fn visit(&mut self, visit: &Visit, kills: Vec<Kill>) -> Result<()> {
        self.outcome.n_visits += 1;
        self.hit = Hit::NOBODY;
        self.who = visit.who();
        self.say(format!("visit {} {visit:?}", self.outcome.n_visits));
        let deeds = visit.deeds();
        let place = |kill: Kill| (visit::place_of(kill.place, &deeds), kill);
        let mut moments: Vec<(usize, Kill)> = kills.into_iter().map(place).collect();
        // The next one is the last; a station's is the last of its deed.
        moments.sort_by_key(|(at, kill)| Reverse((*at, kill.victim == Process::Station)));
        let played = self.deeds(visit, &deeds, &mut moments);
        self.kills.take_back(moments.into_iter().map(|(_, kill)| kill));
        played
    }

    /// Takes from `moments` what has come to pass.
    fn deeds(
        &mut self,
        visit: &Visit,
        deeds: &[Deed],
        moments: &mut Vec<(usize, Kill)>,
    ) -> Result<()> {
        for (at, deed) in deeds.iter().enumerate() {
            let done = self.does(visit, deed);
            while let Some((_, kill)) = moments.pop_if(|(place, _)| *place == at) {
                if self.kill_at(kill, deed)? {
                    return Ok(());
                }
            }
            if let Err(why) = done.and_then(|()| self.sees_page_of(deed)) {
                ensure!(self.hit.hall || self.hit.twins, "{deed:?}: {why:#}");
                self.say(format!("lost at {deed:?}: {why:#}"));
                self.outcome.n_lost += 1;
                return self.station_dies();
            }
            self.sees_receipt(deed)?;
        }
        self.visit_over()
    }

    /// True: the visit is over.
    fn kill_at(&mut self, kill: Kill, deed: &Deed) -> Result<bool> {
        let Kill { victim, after_ms, .. } = kill;
        self.player.clock.rest_until(self.player.clock.ms() + after_ms);
        self.say(format!("{victim:?} dies {after_ms} ms after {deed:?}"));
        match victim {
            Process::Station => {
                self.station_dies()?;
                return Ok(true);
            }
            Process::Hall => {
                self.player.house.kill(Process::Hall);
                self.outcome.n_hall += 1;
                self.hit.hall = true;
                self.player.page.shadow.set_hall(Hall::Down)?;
                if kill.comes_back {
                    self.player.house.revive(Process::Hall)?;
                    self.hit.hall_may_have_answered = true;
                }
            }
            Process::Twins => {
                self.twins_die()?;
                self.player.house.revive(Process::Twins)?;
            }
        }
        Ok(false)
    }

    fn twins_die(&mut self) -> Result<()> {
        let pulses: u64 = self.doors()?.iter().map(|door| u64::from(door.n_pulses)).sum();
        self.player.house.kill(Process::Twins);
        self.witness.n_pulses_before += pulses;
        self.outcome.n_twins += 1;
        self.hit.twins = true;
        // A card that was in the slot is out of it when they are back.
        self.player.page.shadow.take_out_card()
    }

    fn doors(&self) -> Result<Vec<crate::devices::DoorLook>> {
        self.player.house.wait_for(Process::Twins)?;
        self.player.devices.doors()
    }

    fn does(&mut self, visit: &Visit, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Act(act) => {
                if self.hit.twins {
                    self.player.house.wait_for(Process::Twins)?;
                }
                if matches!(act, Act::Tap(label) if label == visit::HAND_IN) {
                    // Answers until the kill; after it only if it came back.
                    self.hit.hall_may_have_answered = !self.hit.hall || self.is_hall_back();
                }
                self.player.act(act, "visit")
            }
            Deed::ChooseCase => match self.list()?.is_empty() {
                true => Ok(()),
                false => self.tap(visit::PERMIT),
            },
            Deed::ChooseNewest => match self.list()?.first() {
                Some(newest) => self.tap(&newest.title),
                None => Ok(()),
            },
            Deed::Shut(hand) => self.shuts(visit, *hand),
            Deed::SaysWhatIsInside => {
                let door = self.door_on_page()?;
                let is_empty = !self.witness.inside.contains_key(&door);
                self.witness.doubted.remove(&DoorNo::new(door).context("door 0")?);
                self.tap(if is_empty { "是空的" } else { "里面有东西" })
            }
            Deed::Code => {
                let code = self.code_on_paper(visit.who().context("a code of somebody")?)?;
                self.player.act(&Act::Keys(code), "visit")
            }
            Deed::IsTold => self.is_told(),
            Deed::Leave => {
                let label = ["看好了，离开", "退出并清除"]
                    .into_iter()
                    .find(|label| self.player.page.place_of(label).is_ok());
                self.tap(label.context("no way to leave")?)
            }
        }
    }

    /// Cases to choose from; none when the page is that of a case.
    fn list(&self) -> Result<Vec<Choice>> {
        if let Stage::Choose { choices, .. } = self.player.page.shadow.view()?.stage {
            return Ok(choices);
        }
        Ok(Vec::new())
    }

    /// The page of the case says what became of it (practice.md 16).
    fn is_told(&mut self) -> Result<()> {
        let Some(CutOff { filed: Some(receipt), .. }) = self.cut_off.take() else { return Ok(()) };
        let words = self.player.page.words();
        ensure!(words.contains(&receipt.to_string()), "not the page of {receipt}: {words}");
        ensure!(words.contains(CUT_OFF), "the page of {receipt} does not tell: {words}");
        self.outcome.n_told_of_case += 1;
        Ok(())
    }

    fn is_hall_back(&self) -> bool {
        self.player.house.is_running(Process::Hall)
    }

    fn tap(&mut self, label: &str) -> Result<()> {
        self.player.act(&Act::Tap(label.to_owned()), "visit")
    }

    /// The door on the page, as soon as it stands open.
    fn shuts(&mut self, visit: &Visit, hand: Hand) -> Result<()> {
        let door = self.door_on_page()?;
        self.player.push_shut(door)?;
        self.moves_envelope(visit.who(), door, hand);
        let door = DoorNo::new(door).context("doors are numbered from 1")?;
        self.player.page.shadow.push_shut(door)
    }

    fn moves_envelope(&mut self, who: Option<&'static str>, door: u16, hand: Hand) {
        match (hand, who) {
            (Hand::PutsIn, Some(who)) => drop(self.witness.inside.insert(door, who)),
            (Hand::TakesOut, _) => drop(self.witness.inside.remove(&door)),
            (Hand::Looks, _) | (Hand::PutsIn, None) => {}
        }
    }

    fn door_on_page(&self) -> Result<u16> {
        match &self.player.page.shadow.view()? {
            View { stage: Stage::Door { number, .. }, .. } => Ok(number.parse()?),
            View { stage, .. } => bail!("no door on this page: {stage:?}"),
        }
    }

    // ---- what is seen ----

    fn sees_page_of(&mut self, deed: &Deed) -> Result<()> {
        if self.hit.twins {
            self.lays_down_again(deed)?;
        }
        if !self.hit.hall {
            let limit = if self.hit.twins { PAGE_AFTER_KILL } else { PAGE };
            return self.look_for_page(limit);
        }
        // The hall's answer may have come before it died, or after it came back: both are true.
        if self.look_for_page(PAGE_WITHOUT_HALL).is_ok() {
            return Ok(());
        }
        ensure!(self.hit.hall_may_have_answered, "a page without the hall, which is dead");
        self.player.page.shadow.set_hall(Hall::Up)?;
        self.look_for_page(PAGE_AFTER_KILL)
    }

    fn look_for_page(&mut self, limit: Limit) -> Result<()> {
        match self.player.look(limit)? {
            Sight::Expected { .. } => Ok(()),
            Sight::Other(other) => {
                self.player.save_failure("not-seen", &other.expected, &other.shot)?;
                bail!("waited {} ms for {}: {}", limit.ms, limit.name, other.said)
            }
        }
    }

    /// Twins that were killed have forgotten what lay on them.
    fn lays_down_again(&mut self, deed: &Deed) -> Result<()> {
        self.player.house.wait_for(Process::Twins)?;
        if let Deed::Act(Act::LayCard(card)) = deed {
            self.player.devices.lay_card(card)?;
        } else if let Deed::Act(Act::LayPaper(paper)) = deed {
            self.player.devices.lay_paper(paper)?;
        }
        Ok(())
    }

    /// The receipt on the screen is read as a phone would, and the paper is taken.
    fn sees_receipt(&mut self, deed: &Deed) -> Result<()> {
        let Deed::Act(Act::Tap(label)) = deed else { return Ok(()) };
        if label != visit::HAND_IN {
            return Ok(());
        }
        let shot = self.player.display.screenshot()?;
        let n_read = self.reads(&shot)?;
        ensure!(n_read == 1, "{n_read} receipts on the screen");
        let receipt = self.player.page.shadow.last_receipt().context("no receipt was given")?;
        ensure!(self.witness.receipts.contains_key(&receipt.digits()), "another number");
        if !self.hit.twins {
            let (devices, clock) = (&self.player.devices, &self.player.clock);
            let slip = clock.until(SLIP, || devices.slip("收件凭证"))?;
            devices.take_slips()?;
            self.witness.codes.extend(visit::code_in(&slip.text).map(|code| (receipt, code)));
        }
        Ok(())
    }

    /// Every code on the screen is a receipt's; how many there were.
    fn reads(&mut self, shot: &RgbImage) -> Result<usize> {
        let texts = qr_texts(shot);
        for text in &texts {
            let code = ReceiptCode::decode(text).context("the QR code is not a receipt's")?;
            self.witness.receipts.insert(code.receipt.digits(), code);
        }
        Ok(texts.len())
    }

    fn code_on_paper(&self, who: &str) -> Result<String> {
        let receipt = self.permit_of(who)?.context("no permit of this person")?.receipt;
        self.witness.codes.get(&receipt).cloned().context("nobody has this receipt on paper")
    }

    /// At the end of a visit everybody is there again.
    fn visit_over(&mut self) -> Result<()> {
        if !self.is_hall_back() {
            self.player.house.revive(Process::Hall)?;
        }
        self.player.page.shadow.set_hall(Hall::Up)?;
        if self.hit.twins {
            self.devices_ready()?;
        }
        self.player.devices.take_slips()?;
        self.look_for_page(PAGE)
    }

    fn devices_ready(&self) -> Result<()> {
        let house = &self.player.house;
        house.wait_for(Process::Twins)?;
        self.player.clock.until(DEVICES, || Ok(house.has_all_devices()?.then_some(())))
    }

    // ---- the station dies ----

    fn station_dies(&mut self) -> Result<()> {
        let shot = self.player.display.screenshot()?;
        self.player.house.kill(Process::Station);
        self.outcome.n_station += 1;
        let was_at = self.player.page.shadow.view()?;
        self.reads(&shot)?;
        if !self.is_hall_back() {
            self.player.house.revive(Process::Hall)?;
        }
        self.hand_at_open_door(&was_at)?;
        self.takes_everything_away()?;
        let mut open = self.open_doors()?;
        let recovered = loop {
            let recovered = self.live_again(&open)?;
            if !self.random.chance(DIES_STARTING) {
                break recovered;
            }
            let after_ms = self.random.below(STARTING_MS);
            self.player.clock.rest_until(self.player.clock.ms() + after_ms);
            self.say(format!("Station dies {after_ms} ms after its start"));
            self.player.house.kill(Process::Station);
            self.outcome.n_station += 1;
            open = self.open_doors()?;
        };
        let filed = recovered.interrupted.as_ref().and_then(|cut_off| cut_off.filed);
        self.cut_off = self.who.map(|who| CutOff { who, filed });
        self.player.page.shadow.set_hall(Hall::Up)?;
        self.look_for_page(FIRST_PAGE)?;
        let told = self.player.page.words().contains(INTERRUPTED);
        if recovered.interrupted.is_some() && open.is_empty() {
            ensure!(told, "the first page does not say that somebody was interrupted");
            self.outcome.n_told += 1;
        }
        for door in open {
            // Whoever comes next reads that a door stands open, and pushes it shut.
            let words = self.player.page.words();
            ensure!(words.contains("的门没关好"), "nobody is told of the open door: {words}");
            self.player.push_shut(door.get())?;
            self.player.page.shadow.push_shut(door)?;
            self.look_for_page(PAGE)?;
        }
        self.devices_ready()
    }

    /// Whoever stands at an open door in the dark has moved the envelope already, or goes with it
    /// as it was.
    fn hand_at_open_door(&mut self, was_at: &View) -> Result<()> {
        let Stage::Door { number, .. } = &was_at.stage else { return Ok(()) };
        let door: u16 = number.parse()?;
        let stands_open = self.doors()?.iter().any(|look| look.door == door && look.is_open);
        if stands_open && self.random.chance(50) {
            let who = self.who;
            let hand = match (self.witness.inside.get(&door), who) {
                (None, Some(_)) => Hand::PutsIn,
                (Some(inside), Some(who)) if *inside == who => Hand::TakesOut,
                _ => Hand::Looks,
            };
            self.moves_envelope(who, door, hand);
        }
        Ok(())
    }

    fn takes_everything_away(&mut self) -> Result<()> {
        self.player.house.wait_for(Process::Twins)?;
        self.player.devices.lift_card()?;
        self.player.devices.take_paper()?;
        self.player.devices.take_slips()?;
        self.player.devices.take_out_card()?;
        self.player.page.shadow.take_out_card()?;
        self.player.page.shadow.lift_card();
        self.player.page.shadow.take_paper();
        Ok(())
    }

    fn open_doors(&self) -> Result<Vec<DoorNo>> {
        let open = self.doors()?.into_iter().filter(|look| look.is_open);
        Ok(open.filter_map(|look| DoorNo::new(look.door)).collect())
    }
}
