//! Plays a script with pointer, pixels and devices, and believes only what it sees: a step counts
//! when the window's stage is the expected page. Saves a picture of every step.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use hall_api::receipt::ReceiptCode;
use image::RgbImage;
use serde::Serialize;

use crate::{
    clerk::Clerk,
    clock::{Clock, Limit},
    devices::{Devices, Slip},
    house::{COURIER, House},
    page::{Expected, News, Page, Place, Point},
    picture::{SAME_PAGE, code_picture, compare, difference_picture, qr_texts, save},
    script::{Act, Script, ScriptStep},
    shadow::Hall,
    specimens,
    x11::Display,
};

/// From a touch to the page it leads to, a card read and a sealed page included.
const PAGE: Limit = Limit { name: "the expected page", ms: 30_000 };
/// The station hears of its hall by heartbeat (30 s) and backs off up to a minute.
const PAGE_FROM_HALL: Limit = Limit { name: "the expected page, after the hall", ms: 120_000 };
/// A slip is on its way for some seconds.
const SLIP: Limit = Limit { name: "the slip from the printer", ms: 30_000 };
/// A program is started, and writes as fast as it can.
const SPEECH: Limit = Limit { name: "the words in the earphones", ms: 30_000 };
/// The bolt comes out again a moment after the pulse.
const BOLT: Limit = Limit { name: "the door to stand open with its bolt out", ms: 10_000 };
/// From the start of the process to a window that covers the screen.
const WINDOW: Limit = Limit { name: "the station's window", ms: 30_000 };
/// What a code on the slip of an envelope begins with.
const ENVELOPE: &str = "ND2.";
/// A receipt is longer than this.
const PART_OF_A_RECEIPT_MM: u32 = 60;
const ROLL_MM: u32 = 50_000;
/// Longest rest between two looks when no pixel changes.
const LOOK_MS: u64 = 250;
/// A touch on an attract screen may be anywhere; this is its middle.
const MIDDLE: Point = (540, 900);

/// One step as it was seen.
#[derive(Debug, Clone, Serialize)]
pub struct StepSeen {
    pub number: usize,
    pub name: String,
    /// File beside the summary.
    pub picture: String,
    /// Pictures of the slips taken from the printer.
    pub slips: Vec<String>,
    /// Milliseconds since the night began.
    pub began_ms: u64,
    pub took_ms: u64,
    /// Pixels of the stage that were compared, and that differed within the tolerance.
    pub n_compared: u64,
    pub n_differing: u64,
    /// Number of the receipt whose code was read from the screen.
    pub receipt: Option<String>,
    pub hall_holds: Option<usize>,
}

/// The whole night, for `summary.json`.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub all_seen: bool,
    /// Why it ended early.
    pub failure: Option<String>,
    pub n_steps: usize,
    pub took_ms: u64,
    pub steps: Vec<StepSeen>,
    /// What the clerk's console shows at the end.
    pub hall: Vec<String>,
    /// What the tools say of both audit chains.
    pub audit: Vec<String>,
}

/// What a look at the window ended with.
#[derive(Debug)]
pub(crate) enum Sight {
    Expected { shot: RgbImage, n_compared: u64, n_differing: u64 },
    Other(Box<Other>),
}

/// A window that does not show what is expected.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) expected: Expected,
    pub(crate) shot: RgbImage,
    pub(crate) said: String,
}

/// Everything the player has.
#[derive(Debug)]
pub struct Player<'a> {
    pub(crate) house: &'a mut House,
    pub(crate) display: Display,
    pub(crate) devices: Devices,
    pub(crate) clerk: Clerk,
    pub(crate) page: Page,
    pub(crate) clock: Clock,
    pub(crate) out: PathBuf,
    limit: Limit,
    /// The newest envelope of each person as the camera sees it: the slip behind its window.
    envelopes: BTreeMap<String, Vec<u8>>,
    /// The code on the receipt that was on the screen last.
    receipt_code: Option<ReceiptCode>,
    slips: Vec<String>,
    /// When the page that is touched next was first seen whole.
    seen_ms: u64,
}

impl<'a> Player<'a> {
    /// The page model learns of the house's staff cards what the station is told.
    pub fn new(house: &'a mut House, display: &str, mut page: Page, out: &Path) -> Result<Self> {
        page.drawer = house.drawer();
        if let Some(trust) = house.staff_trust()? {
            page.shadow.trusts(trust)?;
            house.wait_for_staff()?;
        }
        let display = Display::connect(display)?;
        let addresses = house.addresses().clone();
        let devices = Devices::new(&addresses.device_page)?;
        let clerk = Clerk::new(&addresses.console, &addresses.first_account)?;
        if out.exists() {
            fs::remove_dir_all(out).context("the folder of the last run")?;
        }
        fs::create_dir_all(out).with_context(|| out.display().to_string())?;
        let (clock, out) = (house.clock().clone(), out.to_path_buf());
        Ok(Self {
            house,
            display,
            devices,
            clerk,
            page,
            clock,
            out,
            limit: PAGE,
            envelopes: BTreeMap::new(),
            receipt_code: None,
            slips: Vec::new(),
            seen_ms: 0,
        })
    }

    /// Plays all steps; the summary is written in every case.
    pub fn play(&mut self, script: &Script) -> Result<Summary> {
        let began = self.clock.ms();
        let mut steps = Vec::new();
        let mut failure = None;
        for (at, step) in script.steps.iter().enumerate() {
            let number = at + 1;
            match self.step(number, step, began) {
                Ok(seen) => steps.push(seen),
                Err(why) => {
                    failure = Some(format!("step {number} ({}): {why:#}", step.name));
                    break;
                }
            }
        }
        let (hall, audit) = match self.after(&mut failure) {
            Ok(found) => found,
            Err(why) => {
                failure.get_or_insert(format!("after the last step: {why:#}"));
                Default::default()
            }
        };
        let all_seen = failure.is_none() && steps.len() == script.steps.len();
        let took_ms = self.clock.ms() - began;
        let n_steps = script.steps.len();
        let summary = Summary { all_seen, failure, n_steps, took_ms, steps, hall, audit };
        let file = self.out.join("summary.json");
        fs::write(&file, serde_json::to_vec_pretty(&summary)?).context("summary.json")?;
        Ok(summary)
    }

    /// What the hall holds and whether both chains are whole.
    fn after(&mut self, failure: &mut Option<String>) -> Result<(Vec<String>, Vec<String>)> {
        if failure.is_some() {
            return Ok((Vec::new(), Vec::new()));
        }
        Ok((self.clerk.all_cases()?, self.house.verify_audit()?))
    }

    fn step(&mut self, number: usize, step: &ScriptStep, night: u64) -> Result<StepSeen> {
        let name = format!("{number:02}-{}", step.name);
        let began = self.clock.ms();
        let mut seen = None;
        for act in &step.acts {
            self.act(act, &name)?;
            seen = Some(self.see(&name)?);
        }
        let (shot, n_compared, n_differing) = match seen {
            Some(seen) => seen,
            None => self.see(&name)?,
        };
        let picture = format!("{name}.png");
        save(&shot, &self.out.join(&picture))?;
        let words = self.page.words();
        if let Some(missing) = step.sees.iter().find(|word| !words.contains(word.as_str())) {
            bail!("the page does not say {missing:?}");
        }
        if let Some(words) = &step.hears {
            self.clock.until(SPEECH, || self.house.has_said(words))?;
        }
        let receipt = if step.code { Some(self.read_code(&shot)?) } else { None };
        if let Some(wanted) = step.hall_holds {
            self.hall_holds(wanted)?;
        }
        Ok(StepSeen {
            number,
            name: step.name.clone(),
            picture,
            slips: std::mem::take(&mut self.slips),
            began_ms: began - night,
            took_ms: self.clock.ms() - began,
            n_compared,
            n_differing,
            receipt,
            hall_holds: step.hall_holds,
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is the next function's")]
    pub(crate) fn act(&mut self, act: &Act, name: &str) -> Result<()> {
        self.limit = PAGE;
        match act {
            Act::Wake => self.touch(MIDDLE),
            Act::Tap(label) => self.tap(label, name),
            Act::Keys(keys) => self.keys(keys, name),
            Act::KeysCode(whose) => {
                let (case, _) = self.page.case_of(whose)?;
                let code = self.page.shadow.code(case)?.to_owned();
                self.keys(&code, name)
            }
            Act::Sign => self.sign(),
            away => {
                let news = self.away(away, name)?;
                self.page.hear(away, news)
            }
        }
    }

    /// What happens away from the screen: at devices, at the hall, to the machine itself.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is the next function's")]
    fn away(&mut self, act: &Act, name: &str) -> Result<News> {
        match act {
            Act::PutInCard(card) => self.devices.put_in_card(card)?,
            Act::TakeOutCard => self.devices.take_out_card()?,
            Act::CardDaemonRestarts => self.devices.restart_card_daemon()?,
            Act::LayCard(card) => self.devices.lay_card(card).map(drop)?,
            Act::LiftCard => self.devices.lift_card()?,
            Act::LayPaper(paper) => self.devices.lay_paper(paper)?,
            Act::TakePaper => self.devices.take_paper()?,
            Act::LayEnvelope(whose) => {
                let slip = self.envelopes.get(whose).context("this person has no envelope")?;
                self.devices.lay_picture(slip.clone())?;
            }
            Act::HoldEnvelope(whose) => {
                let slip = self.envelopes.get(whose).context("this person has no envelope")?;
                let picture = image::load_from_memory(slip)?.into_rgb8();
                let codes = qr_texts(&picture);
                let [code] = codes.as_slice() else { bail!("{} codes on it", codes.len()) };
                self.devices.hold_code(code)?;
            }
            Act::TakeEnvelopeAway => self.devices.take_code_away()?,
            Act::PushShut(door) => self.push_shut(*door)?,
            Act::PaperEnds => self.devices.set_paper(PART_OF_A_RECEIPT_MM)?,
            Act::PaperIn => self.devices.set_paper(ROLL_MM)?,
            Act::CoverOpens => self.devices.open_cover_after(PART_OF_A_RECEIPT_MM)?,
            Act::CoverCloses => self.devices.close_cover()?,
            Act::LockerCut => self.devices.unplug_locker()?,
            Act::LockerBack => self.devices.plug_locker()?,
            Act::Press(key) => self.devices.press_key(key)?,
            Act::EarphonesIn => self.devices.plug_earphones(true)?,
            Act::EarphonesOut => self.devices.plug_earphones(false)?,
            Act::TakeSlip(title) => return self.take_slip(title, name),
            Act::HallStops => self.house.stop_hall()?,
            Act::HallStarts => {
                self.limit = PAGE_FROM_HALL;
                self.house.start_hall()?;
            }
            Act::StationDies => self.house.kill_station(),
            Act::DiskFills => self.house.fill_disk()?,
            Act::DiskHasRoom => self.house.empty_disk()?,
            at_the_hall => {
                self.limit = PAGE_FROM_HALL;
                return self.clerk_does(at_the_hall);
            }
        }
        Ok(News::Nothing)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others were done before")]
    fn clerk_does(&mut self, act: &Act) -> Result<News> {
        let receipt = |whose: &String| {
            let (_, receipt) = self.page.case_of(whose)?;
            anyhow::Ok(receipt.to_string())
        };
        match act {
            Act::ClerkAccepts { whose, number } => {
                self.clerk.accept(&receipt(whose)?, number, &self.clock).map(News::On)
            }
            Act::ClerkGrants(whose) => self.clerk.grant(&receipt(whose)?).map(News::On),
            Act::ClerkOrders(whose) => {
                let ordered = self.clerk.order_result(&receipt(whose)?)?;
                self.envelopes.insert(whose.clone(), code_picture(&ordered.code)?);
                Ok(News::Order(ordered.id))
            }
            Act::DeskTakes(whose) => {
                self.clerk.take_originals(&receipt(whose)?, COURIER.id, &self.clock)?;
                Ok(News::Nothing)
            }
            Act::DeskGives(whose) => {
                self.clerk.give_result(&receipt(whose)?, COURIER.id, &self.clock)?;
                Ok(News::Nothing)
            }
            other => bail!("nobody away from the screen can {other:?}"),
        }
    }

    /// Takes the one slip that came out. A receipt on it must be the one that was on the screen,
    /// and the hall says so too; a slip for an envelope goes into the window of its envelope.
    fn take_slip(&mut self, title: &str, name: &str) -> Result<News> {
        let slip = self.clock.until(SLIP, || self.devices.slip(title))?;
        self.devices.take_slips()?;
        let picture = format!("{name}-slip-{}.png", self.slips.len() + 1);
        fs::write(self.out.join(&picture), &slip.png).context("picture of the slip")?;
        self.slips.push(picture);
        let codes = qr_texts(&image::load_from_memory(&slip.png)?.into_rgb8());
        match codes.as_slice() {
            [] => {}
            [text] if text.starts_with(ENVELOPE) => self.fill_envelope(&slip)?,
            [text] => self.check_receipt(text)?,
            many => bail!("{} codes on a {title}", many.len()),
        }
        Ok(News::Paper(slip.text))
    }

    fn check_receipt(&self, text: &str) -> Result<()> {
        let code = ReceiptCode::decode(text).context("the code is not a receipt's")?;
        if self.receipt_code.as_ref() != Some(&code) {
            bail!("the code on the paper is not the one on the screen");
        }
        match self.page.shadow.hall() {
            Hall::Up => self.clerk.check_receipt(text, &code.receipt.to_string(), &self.clock),
            Hall::Down => Ok(()),
        }
    }

    fn fill_envelope(&mut self, slip: &Slip) -> Result<()> {
        let case = self.page.shadow.case_on_paper(&slip.text)?;
        for whose in specimens::PEOPLE {
            if self.page.case_of(whose).is_ok_and(|(theirs, _)| theirs == case) {
                self.envelopes.insert(whose.to_owned(), slip.png.clone());
            }
        }
        Ok(())
    }

    /// As soon as it stands open and would stay shut.
    pub(crate) fn push_shut(&self, door: u16) -> Result<()> {
        self.clock.until(BOLT, || {
            let doors = self.devices.doors()?;
            let mut ours = doors.into_iter().filter(|look| look.door == door);
            Ok(ours.next().filter(|look| look.is_open && !look.is_unbolted))
        })?;
        self.devices.push_shut(door)
    }

    fn keys(&mut self, keys: &str, name: &str) -> Result<()> {
        keys.chars().try_for_each(|key| self.tap(&key.to_string(), name))
    }

    /// Touches window and page model at the same place.
    fn touch(&mut self, (x, y): Point) -> Result<()> {
        self.clock.rest_until(self.seen_ms + crate::clock::GLANCE_MS);
        self.display.tap(x, y)?;
        self.page.tap((x, y))
    }

    /// Finds the label on the expected page, scrolling as a person would.
    fn tap(&mut self, label: &str, name: &str) -> Result<()> {
        for _ in 0..Page::scrolls_max() {
            match self.page.place_of(label)? {
                Place::Here(point) => return self.touch(point),
                Place::Below(more) => {
                    self.touch(more)?;
                    self.see(name)?;
                }
            }
        }
        bail!("{label:?} does not come into sight")
    }

    fn sign(&mut self) -> Result<()> {
        let window = self.clock.until(WINDOW, || self.display.full_window())?;
        let watch = self.display.watch(window)?;
        for stroke in self.page.signature()? {
            watch.forget()?;
            self.display.drag(&stroke, || watch.wait_for_change(LOOK_MS).and(watch.forget()))?;
            self.page.drag(&stroke)?;
        }
        Ok(())
    }

    /// Looks until the window shows the expected page.
    fn see(&mut self, name: &str) -> Result<(RgbImage, u64, u64)> {
        match self.look(self.limit)? {
            Sight::Expected { shot, n_compared, n_differing } => {
                Ok((shot, n_compared, n_differing))
            }
            Sight::Other(other) => {
                let Other { expected, shot, said } = *other;
                self.save_failure(name, &expected, &shot)?;
                let limit = self.limit;
                bail!("waited {} ms for {}: {said}; see {name}.*.png", limit.ms, limit.name);
            }
        }
    }

    /// Looks until the window shows the expected page, or the limit is over.
    pub(crate) fn look(&mut self, limit: Limit) -> Result<Sight> {
        self.page.pass_time()?;
        self.page.refresh()?;
        let mut expected = self.page.expected()?;
        let window = self.clock.until(WINDOW, || self.display.full_window())?;
        let watch = self.display.watch(window).ok();
        let end = self.clock.ms() + limit.ms;
        loop {
            let shot = self.display.screenshot()?;
            let found = compare(&expected.picture, &shot, &expected.scope, SAME_PAGE)?;
            if found.is_same() {
                self.seen_ms = self.clock.ms();
                let (n_compared, n_differing) = (found.n_compared, found.n_pixels);
                return Ok(Sight::Expected { shot, n_compared, n_differing });
            }
            if let Some(why) = self.house.given_up() {
                bail!("{why}");
            }
            if self.clock.asked_to_stop() {
                bail!("asked to stop");
            }
            if self.clock.ms() > end {
                let said = found.say();
                return Ok(Sight::Other(Box::new(Other { expected, shot, said })));
            }
            match &watch {
                Some(watch) => {
                    watch.wait_for_change(LOOK_MS)?;
                    watch.forget()?;
                }
                None => crate::clock::pause(crate::clock::LOOK_AGAIN_MS),
            }
            if self.page.pass_time()? {
                expected = self.page.expected()?;
            }
        }
    }

    pub(crate) fn save_failure(
        &self,
        name: &str,
        expected: &Expected,
        actual: &RgbImage,
    ) -> Result<()> {
        let file = |kind: &str| self.out.join(format!("{name}.{kind}.png"));
        save(&expected.picture, &file("expected"))?;
        save(actual, &file("actual"))?;
        let seen = difference_picture(&expected.picture, actual, &expected.scope, SAME_PAGE);
        save(&seen, &file("diff"))
    }

    /// The one receipt code on the screen, as a phone would read it.
    fn read_code(&mut self, shot: &RgbImage) -> Result<String> {
        let texts = qr_texts(shot);
        let [text] = texts.as_slice() else { bail!("{} QR codes on the screen", texts.len()) };
        let code = ReceiptCode::decode(text).context("the QR code is not a receipt's")?;
        let receipt = code.receipt;
        if self.page.shadow.last_receipt() != Some(receipt) {
            bail!("the receipt number {receipt} is not the next one");
        }
        self.receipt_code = Some(code);
        Ok(receipt.to_string())
    }

    fn hall_holds(&self, wanted: usize) -> Result<()> {
        let held = self.clerk.all_cases()?.len();
        if held != wanted {
            bail!("the hall holds {held} cases, not {wanted}");
        }
        Ok(())
    }
}
