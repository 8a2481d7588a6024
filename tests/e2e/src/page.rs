//! The expected page: the page model's view, drawn without a display by the same pages as the
//! window. Positions of what can be touched come from here, never from the window.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use device_api::{locker::DoorNo, receipt_printer::Fault};
use image::{Rgb, RgbImage};
use kiosk_core::view::View;
use kiosk_ui::headless::{Headless, Rect};
use kiosk_words::{CaseId, OrderId, ReceiptNo};

use crate::{
    picture::{Area, Scope},
    script::Act,
    shadow::{Hall, Shadow},
    specimens,
    xvfb::{HEIGHT, WIDTH},
};

/// What differs by nature between two runs: clock, QR code, numbers, times.
const MASKS: [&str; 4] = ["mask-clock", "mask-qr", "mask-id", "mask-time"];
/// A masked number may be a little wider in the other run.
const MASK_MARGIN: u32 = 6;
const STAGE: &str = "stage-region";
const SIGNATURE_PAD: &str = "pad";
/// Before the digits on a receipt.
const PICKUP_CODE: &str = "取件码";
const MORE_BELOW: &str = "往下看";
/// Touches on 往下看 before a label counts as absent.
const SCROLLS_MAX: usize = 8;

/// The page model on its headless screen.
#[derive(Debug)]
pub struct Page {
    headless: Headless,
    pub shadow: Shadow,
    shown: Option<View>,
    /// Where the cards lie that remember something.
    pub drawer: PathBuf,
}

/// What the window must show.
#[derive(Debug)]
pub struct Expected {
    pub picture: RgbImage,
    pub scope: Scope,
}

/// What an act away from the screen brought to light. Where there is no house, it is made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Nothing,
    /// The date (`YYYY-MM-DD`) under which the hall keeps it.
    On(String),
    /// The number of the hall's order.
    Order(OrderId),
    /// The lines of the paper that was taken.
    Paper(String),
}

/// A place on the screen.
pub type Point = (u32, u32);

impl Page {
    pub fn new(shadow: Shadow) -> Result<Self> {
        let headless = Headless::new(WIDTH.into(), HEIGHT.into())?;
        let mut page = Self { headless, shadow, shown: None, drawer: PathBuf::new() };
        page.refresh()?;
        Ok(page)
    }

    /// Shows the page model's view if it is another one than before; says whether it was.
    pub fn refresh(&mut self) -> Result<bool> {
        let view = self.shadow.view()?;
        if self.shown.as_ref() == Some(&view) {
            return Ok(false);
        }
        self.headless.show(&view, &self.shadow);
        self.shown = Some(view);
        Ok(true)
    }

    /// Lets time pass in the page model.
    pub fn pass_time(&mut self) -> Result<bool> {
        self.shadow.pass_time()?;
        self.refresh()
    }

    /// Touches the headless page and carries what it says to the page model.
    pub fn tap(&mut self, (x, y): Point) -> Result<()> {
        self.headless.tap_at(to_f32(x)?, to_f32(y)?);
        self.tell()
    }

    pub fn drag(&mut self, points: &[Point]) -> Result<()> {
        let points: Result<Vec<_>> =
            points.iter().map(|(x, y)| Ok((to_f32(*x)?, to_f32(*y)?))).collect();
        self.headless.drag(&points?);
        self.tell()
    }

    /// Carries an act away from the screen to the page model, with what came of it.
    pub fn hear(&mut self, act: &Act, news: News) -> Result<()> {
        let shadow = &mut self.shadow;
        match (act, news) {
            (Act::PutInCard(card), _) => {
                shadow.put_in_card(specimens::chip_card(card, &self.drawer)?)?;
            }
            (Act::TakeOutCard, _) => shadow.take_out_card()?,
            // The card in the slot was used before, or there is none: nothing changes on the page.
            (Act::CardDaemonRestarts, _) => {}
            (Act::LayCard(card), _) => shadow.lay_card(specimens::card(card)?)?,
            (Act::LiftCard, _) => shadow.lift_card(),
            (Act::LayPaper(paper), _) => shadow.lay_paper(specimens::paper(paper)?),
            (Act::TakePaper, _) => shadow.take_paper(),
            (Act::HallStops, _) => shadow.set_hall(Hall::Down)?,
            (Act::HallStarts, _) => shadow.set_hall(Hall::Up)?,
            (Act::StationDies, _) => shadow.restart()?,
            (Act::DiskFills, _) => shadow.fill_disk()?,
            (Act::DiskHasRoom, _) => shadow.empty_disk()?,
            (Act::PushShut(door), _) => {
                shadow.push_shut(DoorNo::new(*door).context("doors are numbered from 1")?)?;
            }
            (Act::PaperEnds, _) => shadow.printer_stops(Fault::PaperOut)?,
            (Act::CoverOpens, _) => shadow.printer_stops(Fault::CoverOpen)?,
            (Act::PaperIn | Act::CoverCloses, _) => shadow.printer_works()?,
            (Act::LockerCut, _) => shadow.locker_falls_silent()?,
            (Act::LockerBack, _) => shadow.locker_speaks_again()?,
            (Act::Press(key), _) => shadow.press(specimens::key(key)?)?,
            (Act::EarphonesIn, _) => shadow.plug_earphones(true)?,
            (Act::EarphonesOut, _) => shadow.plug_earphones(false)?,
            (Act::TakeEnvelopeAway, _) => self.shadow.take_paper(),
            (Act::LayEnvelope(whose) | Act::HoldEnvelope(whose), _) => {
                let (case, receipt) = self.case_of(whose)?;
                self.shadow.lay_envelope(case, receipt);
            }
            (Act::DeskTakes(_) | Act::DeskGives(_), _) => {}
            (Act::ClerkAccepts { whose, number }, News::On(on)) => {
                let (case, _) = self.case_of(whose)?;
                self.shadow.accepted(case, number, &on)?;
            }
            (Act::ClerkGrants(whose), News::On(on)) => {
                let (case, _) = self.case_of(whose)?;
                self.shadow.granted(case, &on)?;
            }
            (Act::ClerkOrders(whose), News::Order(id)) => {
                let (case, _) = self.case_of(whose)?;
                self.shadow.ordered(case, id)?;
            }
            (Act::TakeSlip(title), News::Paper(text)) => self.take_slip(title, &text)?,
            (act, news) => bail!("{act:?} has no {news:?}"),
        }
        Ok(())
    }

    /// The house's paper must say what the page model's says: the same lines, though a clock or a
    /// code may have other digits. A pick-up code on it is remembered.
    fn take_slip(&mut self, title: &str, text: &str) -> Result<()> {
        let (ours, theirs) = (shape(&self.shadow.last_paper()), shape(text));
        if ours != theirs {
            bail!("the paper does not say what it should:\n{text}\nexpected:\n{ours:?}");
        }
        if !text.contains(title) {
            bail!("the paper is no {title}: {text}");
        }
        if let Some((_, after)) = text.split_once(PICKUP_CODE) {
            let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
            let code: String = digits.chars().take_while(char::is_ascii_digit).collect();
            let case = self.shadow.case_on_paper(text)?;
            self.shadow.learn_code(case, &code);
        }
        Ok(())
    }

    /// The case that this person (a specimen card) filed last.
    pub fn case_of(&self, whose: &str) -> Result<(CaseId, ReceiptNo)> {
        self.shadow.case_of(&specimens::card(whose)?.number)
    }

    fn tell(&mut self) -> Result<()> {
        for (revision, intent) in self.headless.take_intents() {
            self.shadow.touch(revision, intent)?;
        }
        self.refresh()?;
        // Showing a page may say something itself: a field took the focus.
        for (revision, intent) in self.headless.take_intents() {
            self.shadow.touch(revision, intent)?;
        }
        self.refresh()?;
        Ok(())
    }

    /// Where to touch for this label. `Err` names what could be touched instead.
    pub fn place_of(&self, label: &str) -> Result<Place> {
        if let Some(rect) = self.headless.target(label) {
            return Ok(Place::Here(centre(&rect)?));
        }
        let targets = self.headless.targets();
        let hidden = targets.iter().any(|target| target.label == label && target.enabled);
        match self.headless.target(MORE_BELOW).filter(|_| hidden) {
            Some(rect) => Ok(Place::Below(centre(&rect)?)),
            None => {
                let there: Vec<_> =
                    targets.iter().filter(|t| t.enabled).map(|t| t.label.as_str()).collect();
                bail!("no button {label:?} on this page; there are {there:?}")
            }
        }
    }

    /// The middle of the first element with this id.
    pub fn area_of(&self, id: &str) -> Result<Area> {
        let rect = self.headless.rect_of(id).with_context(|| format!("no {id} on this page"))?;
        area(&rect)
    }

    /// Two strokes over the middle of the signature pad.
    pub fn signature(&self) -> Result<[[Point; 5]; 2]> {
        let pad = self.area_of(SIGNATURE_PAD)?;
        let at = |x: u32, y: u32| (pad.x + pad.width * x / 100, pad.y + pad.height * y / 100);
        Ok([
            [at(20, 30), at(35, 28), at(50, 32), at(45, 50), at(40, 70)],
            [at(58, 25), at(62, 45), at(70, 60), at(78, 50), at(85, 65)],
        ])
    }

    /// All words on the page that is expected; what is only spoken is not on it.
    pub fn words(&self) -> String {
        let seen = self.shown.clone().map(|view| View { say: String::new(), ..view });
        format!("{seen:?}")
    }

    /// Draws the page.
    pub fn expected(&self) -> Result<Expected> {
        let shot = self.headless.snapshot()?;
        let picture = RgbImage::from_fn(shot.width_px, shot.height_px, |x, y| {
            let at = (y as usize * shot.width_px as usize + x as usize) * 4;
            Rgb([shot.rgba[at], shot.rgba[at + 1], shot.rgba[at + 2]])
        });
        // What can be touched next counts too: everything from the stage down to the edge.
        let stage = self.area_of(STAGE)?;
        let (width, height) = (picture.width(), picture.height().saturating_sub(stage.y));
        let stage = Area { x: 0, width, height, ..stage };
        let rects = MASKS.iter().flat_map(|id| self.headless.rects_of(id));
        let masks: Result<Vec<_>> = rects.map(|rect| Ok(area(&rect)?.grown(MASK_MARGIN))).collect();
        Ok(Expected { picture, scope: Scope { stage, masks: masks? } })
    }

    /// Draws a page that is not the page model's.
    pub fn expected_of(&mut self, view: &View) -> Result<Expected> {
        self.headless.show(view, &self.shadow);
        self.shown = Some(view.clone());
        self.expected()
    }

    pub const fn scrolls_max() -> usize {
        SCROLLS_MAX
    }
}

/// The words of a paper line by line, every digit a `#`; empty lines, rules and codes left out.
fn shape(text: &str) -> Vec<String> {
    let words = |line: &str| line.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let digits = |line: String| line.replace(|c: char| c.is_ascii_digit(), "#");
    let lines = text.lines().map(words).filter(|line| !line.chars().all(|c| c == '-'));
    lines.filter(|line| !line.starts_with('[')).map(digits).collect()
}

/// Where a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Here(Point),
    /// Scrolled away; touch here to bring more into sight.
    Below(Point),
}

fn to_f32(pixels: u32) -> Result<f32> {
    Ok(f32::from(u16::try_from(pixels)?))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen")]
fn whole(pixels: f32) -> u32 {
    pixels.max(0.0).round() as u32
}

fn area(rect: &Rect) -> Result<Area> {
    let found = Area {
        x: whole(rect.x),
        y: whole(rect.y),
        width: whole(rect.width),
        height: whole(rect.height),
    };
    if found.width == 0 || found.height == 0 {
        bail!("an element without an area: {rect:?}");
    }
    Ok(found)
}

fn centre(rect: &Rect) -> Result<Point> {
    let found = area(rect)?;
    Ok((found.x + found.width / 2, found.y + found.height / 2))
}
