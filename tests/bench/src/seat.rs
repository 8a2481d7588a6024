//! A hand in front of a running house: touches by label, and knows when the page has come.
//!
//! Touches go to the window and to the page model of `nightdesk_e2e` alike, so that a label is
//! always where the real page has it.

use anyhow::{Context as _, Result, bail, ensure};
use nightdesk_e2e::{
    catalogue,
    clock::{Clock, GLANCE_MS},
    devices::Devices,
    house::{House, Places, STATION_PHONE},
    page::{Page, Place, Point},
    picture::{SAME_PAGE, compare},
    shadow::{Shadow, config_of_the_house},
    specimens,
    x11::{Display, Watch},
};

use crate::disk::ms;

/// Longest a page may take; more means that it never comes.
const PAGE_MS: u64 = 30_000;
/// No pixel changed for so long: the page is finished. Longer than any transition, shorter than
/// the blinking of a caret.
const QUIET_MS: u64 = 250;
/// Anywhere on the sleeping screen.
const MIDDLE: Point = (540, 900);

/// From the home screen to the page that asks for the card.
pub const TO_CARD: [&str; 6] = [
    "办事",
    "烟草专卖零售许可证延续",
    "还有 30 天以上",
    "都没变",
    "开始办理",
    "知道了，去刷身份证",
];

/// One card, from the hand that lays it down to the last pixel of the page with its fields.
#[derive(Debug, Clone, Copy)]
pub struct CardRead {
    pub took_ms: f64,
    /// Of these, until the search that found it: the module must not be asked more often.
    pub waited_ms: u64,
    /// That went over the wire meanwhile, both directions.
    pub n_bytes: u64,
}

pub struct Seat {
    display: Display,
    devices: Devices,
    page: Page,
    clock: Clock,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

impl Seat {
    pub fn take(house: &House, places: &Places, display: &str, clock: &Clock) -> Result<Self> {
        let matters = catalogue::load(&places.catalog)?;
        let shadow =
            Shadow::new(config_of_the_house(STATION_PHONE, places.fitting)?, matters, clock)?;
        Ok(Self {
            display: Display::connect(display)?,
            devices: Devices::new(&house.addresses().device_page)?,
            page: Page::new(shadow)?,
            clock: clock.clone(),
        })
    }

    pub fn wake(&mut self) -> Result<()> {
        self.glance();
        self.display.tap(MIDDLE.0, MIDDLE.1)?;
        self.page.tap(MIDDLE)?;
        self.settle()
    }

    pub fn tap(&mut self, label: &str) -> Result<()> {
        let (x, y) = self.find(label)?;
        self.glance();
        self.display.tap(x, y)?;
        self.page.tap((x, y))?;
        self.settle()
    }

    /// The window takes no touch on a page that has just appeared.
    fn glance(&self) {
        self.clock.rest_until(self.clock.ms() + GLANCE_MS);
    }

    pub fn tap_all(&mut self, labels: &[&str]) -> Result<()> {
        labels.iter().try_for_each(|label| self.tap(label))
    }

    /// Touches and says after how many milliseconds the last pixel changed.
    pub fn timed_tap(&mut self, label: &str) -> Result<f64> {
        let (x, y) = self.find(label)?;
        self.glance();
        let watch = self.watch()?;
        let began = self.clock.us();
        self.display.tap(x, y)?;
        let took = last_change(&watch, &self.clock, began)?;
        drop(watch);
        self.page.tap((x, y))?;
        self.settle()?;
        Ok(took)
    }

    pub fn lay_card(&mut self, specimen: &str) -> Result<()> {
        self.timed_card(specimen).map(drop)
    }

    /// Lays a card down and says what it took until its fields stood on the screen.
    pub fn timed_card(&mut self, specimen: &str) -> Result<CardRead> {
        let watch = self.watch()?;
        let began = self.clock.us();
        let before = self.devices.lay_card(specimen)?;
        let took_ms = last_change(&watch, &self.clock, began)?;
        // The next look whether it still lies there comes half a second after the read.
        let after = self.devices.reader()?;
        drop(watch);
        self.page.shadow.lay_card(specimens::card(specimen)?)?;
        self.settle()?;
        let n_bytes =
            after.n_bytes_heard + after.n_bytes_said - before.n_bytes_heard - before.n_bytes_said;
        let waited_ms = after.ms_to_find.context("the card was not found")?;
        Ok(CardRead { took_ms, waited_ms, n_bytes })
    }

    pub fn lift_card(&mut self) -> Result<()> {
        self.page.shadow.lift_card();
        self.devices.lift_card()?;
        self.settle()
    }

    /// The station died and starts again: its first page says that somebody was interrupted.
    pub fn sees_next_life(&mut self) -> Result<()> {
        self.page.shadow.restart()?;
        self.settle()?;
        ensure!(self.page.words().contains("刚才停电或重启了"), "{}", self.page.words());
        Ok(())
    }

    /// From a page with a form to the sleeping screen.
    pub fn leave(&mut self) -> Result<()> {
        // The button, then the same words on the sheet that asks.
        self.tap_all(&["退出并清除", "退出并清除"])
    }

    /// Where the label is; scrolls to it as a person would.
    fn find(&mut self, label: &str) -> Result<Point> {
        for _ in 0..Page::scrolls_max() {
            match self.page.place_of(label)? {
                Place::Here(point) => return Ok(point),
                Place::Below(more) => {
                    self.display.tap(more.0, more.1)?;
                    self.page.tap(more)?;
                    self.settle()?;
                }
            }
        }
        bail!("{label:?} does not come into sight")
    }

    fn watch(&self) -> Result<Watch<'_>> {
        let window = self.display.full_window()?.context("the station's window")?;
        let watch = self.display.watch(window)?;
        watch.forget()?;
        Ok(watch)
    }

    /// Waits until the window shows the page of the model.
    pub fn settle(&mut self) -> Result<()> {
        let end = self.clock.ms() + PAGE_MS;
        loop {
            self.page.pass_time()?;
            let expected = self.page.expected()?;
            let shot = self.display.screenshot()?;
            if compare(&expected.picture, &shot, &expected.scope, SAME_PAGE)?.is_same() {
                return Ok(());
            }
            ensure!(self.clock.ms() < end, "waited {PAGE_MS} ms for {}", self.page.words());
        }
    }
}

/// Milliseconds from `began` to the last change before the window is quiet.
pub fn last_change(watch: &Watch<'_>, clock: &Clock, began: u64) -> Result<f64> {
    ensure!(watch.wait_for_change(PAGE_MS)?.is_some(), "no pixel changed within {PAGE_MS} ms");
    let mut last = clock.us();
    while watch.wait_for_change(QUIET_MS)?.is_some() {
        last = clock.us();
    }
    Ok(ms(last - began))
}
