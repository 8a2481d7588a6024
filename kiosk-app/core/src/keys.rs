//! The keypad: where its keys stand, and what is spoken into its earphones.
//!
//! It decides where a key leads on a page, what is said and when; what a pressed button does is
//! decided by the station, as for a finger. The rules are those of a listener:
//!
//! ```text
//!  page appears ─► its words           keys move ─► the stop's words      typed ─► how much it is
//!  a new utterance ends the one before; without a plug in the jack nothing is said, ever
//! ```
//! A page begins with the keys nowhere: the first key goes to the first stop, so that nothing is
//! pressed which was not heard. A stop is known by what it does and not by its place, for a list may
//! grow under the keys.

use device_api::keypad::{Health, Key, Status};
use kiosk_words::Private;

use crate::{
    focus::{Stop, page_words, stops},
    view::{Cap, Control, Language, View},
    words,
};

/// Louder and softer move by this, in per cent of the program's middle.
const VOLUME_STEP: u8 = 20;
const VOLUME_MIN: u8 = 20;
const VOLUME_MAX: u8 = 200;
/// What whoever plugs in hears at first.
const VOLUME_START: u8 = 100;
/// From so many digits on they are spoken one by one.
const SPELLED_MIN: usize = 5;
/// An id number; its end is enough to know it by.
const ID_NUMBER_LEN: usize = 18;
const ID_NUMBER_END_LEN: usize = 4;

/// Something to be said into the earphones; it ends whatever is said before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    pub text: Private<String>,
    pub language: Language,
    /// 0 to 200.
    pub volume: u8,
}

/// Where the keys stand: at this stop, or at one that does the same and is called the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ring {
    at: usize,
    label: String,
    control: Control,
}

impl Ring {
    fn on(at: usize, stop: &Stop) -> Self {
        Self { at, label: stop.label.clone(), control: stop.control.clone() }
    }

    fn is_on(&self, stop: &Stop) -> bool {
        self.label == stop.label && self.control.does_as(&stop.control)
    }
}

/// What was asked to be said with this step.
#[derive(Debug, Clone)]
enum First {
    /// This alone; what was heard before can still be heard again.
    Aside(Private<String>),
    /// This, and what was heard before.
    AndAgain(String),
    /// This, and the whole page.
    AndPage(String),
    Again,
}

#[derive(Debug, Clone)]
pub(crate) struct Keys {
    status: Status,
    volume: u8,
    ring: Option<Ring>,
    /// Screenfuls that the keys have asked the page to move on by, since the start.
    screenfuls: i32,
    page_said: Option<Private<String>>,
    stop_said: Option<Private<String>>,
    /// Said with this step, in place of a page or stop that changed by it.
    first: Option<First>,
    /// The last key was 再说一遍: once more, and the whole page is said.
    said_again: bool,
    last: Option<Private<String>>,
    /// Said before the next page.
    greets: bool,
    /// A field was chosen: to its first cap, once the page has it.
    wants_caps: bool,
    /// For a technician.
    last_key: Option<Key>,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            status: Status::STARTING,
            volume: VOLUME_START,
            ring: None,
            screenfuls: 0,
            page_said: None,
            stop_said: None,
            first: None,
            said_again: false,
            last: None,
            greets: false,
            wants_caps: false,
            last_key: None,
        }
    }

    pub(crate) const fn health(&self) -> Health {
        self.status.health
    }

    /// Earphones are in: whoever wears them hears the pages.
    pub(crate) const fn speaks(&self) -> bool {
        self.status.jack
    }

    /// What the keypad says of itself.
    pub(crate) fn see(&mut self, status: Status) {
        let before = std::mem::replace(&mut self.status, status);
        if before.jack != status.jack {
            self.forget();
        }
    }

    /// Somebody has plugged earphones in.
    pub(crate) const fn greet(&mut self) {
        self.greets = true;
    }

    pub(crate) const fn pressed(&mut self, key: Key) {
        self.said_again = self.said_again && matches!(key, Key::Repeat);
        self.last_key = Some(key);
    }

    pub(crate) const fn last_key(&self) -> Option<Key> {
        self.last_key
    }

    /// Nothing that was said belongs to anybody any more.
    pub(crate) fn forget(&mut self) {
        self.ring = None;
        self.page_said = None;
        self.stop_said = None;
        self.first = None;
        self.said_again = false;
        self.last = None;
        self.greets = false;
        self.wants_caps = false;
        self.last_key = None;
        self.volume = VOLUME_START;
    }

    /// Another page, or a finger: the keys stand nowhere.
    pub(crate) fn step_off(&mut self) {
        self.ring = None;
        self.stop_said = None;
        self.wants_caps = false;
    }

    // ---- moving ----

    /// The stop where the keys stand on this view.
    pub(crate) fn stop(&self, view: &View) -> Option<(usize, Stop)> {
        let ring = self.ring.as_ref()?;
        let stops = stops(view);
        let is_here = |stop: &Stop| ring.is_on(stop);
        let is_switch = |stop: &Stop| stop.control.switches_as(&ring.control);
        let at = stops.get(ring.at).filter(|stop| is_here(stop) || is_switch(stop));
        let at = if at.is_some() { ring.at } else { stops.iter().position(is_here)? };
        stops.into_iter().nth(at).map(|stop| (at, stop))
    }

    /// For the view: the stop under the keys, and how far they have moved the page.
    pub(crate) fn place(&mut self, view: &View) -> (Option<Control>, i32) {
        if std::mem::take(&mut self.wants_caps) {
            let stops = stops(view);
            if let Some(at) = stops.iter().position(|stop| stop.control.is_cap()) {
                self.stand(&stops, at);
                let how = words::keypad::CAPS.str(view.look.language);
                self.say_first(format!("{how} {}", stops[at].say));
            }
        }
        let stop = self.stop(view);
        self.ring = stop.as_ref().map(|(at, stop)| Ring::on(*at, stop));
        (stop.map(|(_, stop)| stop.control), self.screenfuls)
    }

    /// Up, down, left and right.
    pub(crate) fn go(&mut self, key: Key, view: &View) {
        let stops = stops(view);
        let at = self.stop(view).map_or(0, |(at, _)| moved(&stops, at, key));
        self.stand(&stops, at);
    }

    pub(crate) const fn want_caps(&mut self) {
        self.wants_caps = true;
    }

    /// Among the caps left and right lead to the neighbour.
    pub(crate) fn is_at_caps(&self, view: &View) -> bool {
        self.stop(view).is_some_and(|(_, stop)| stop.control.is_cap())
    }

    fn stand(&mut self, stops: &[Stop], at: usize) {
        self.ring = stops.get(at).map(|stop| Ring::on(at, stop));
    }

    /// Where a page has text alone, the keys move it.
    pub(crate) fn turn_page(&mut self, forward: bool, language: Language) {
        self.screenfuls = self.screenfuls.saturating_add(if forward { 1 } else { -1 });
        let say = if forward { words::keypad::PAGE_ON } else { words::keypad::PAGE_BACK };
        self.say_first(say.in_(language));
    }

    // ---- speaking ----

    pub(crate) fn say_first(&mut self, text: String) {
        self.first = Some(First::Aside(Private::new(text)));
    }

    /// For whoever pressed before they heard what there is.
    pub(crate) fn say_before_page(&mut self, text: String) {
        self.first = Some(First::AndPage(text));
    }

    /// What was heard last; pressed twice, or with the keys nowhere, the whole page.
    pub(crate) fn say_again(&mut self) {
        let whole = self.ring.is_none() || self.said_again;
        self.first = Some(if whole { First::AndPage(String::new()) } else { First::Again });
        self.said_again = !whole;
    }

    pub(crate) fn change_volume(&mut self, louder: bool, language: Language) {
        let volume = if louder {
            self.volume.saturating_add(VOLUME_STEP)
        } else {
            self.volume.saturating_sub(VOLUME_STEP)
        };
        self.volume = volume.clamp(VOLUME_MIN, VOLUME_MAX);
        let step = (self.volume / VOLUME_STEP).to_string();
        self.first = Some(First::AndAgain(words::keypad::VOLUME.with(language, &[&step])));
    }

    /// What is to be said now that this view is on the screen, if anything.
    pub(crate) fn next_words(&mut self, view: &View) -> Option<Utterance> {
        if !self.status.jack {
            return None;
        }
        let language = view.look.language;
        let page = Private::new(page_words(view));
        let stop = self.stop(view).map(|(_, stop)| Private::new(stop.say));
        let is_other_page = self.page_said.as_ref() != Some(&page);
        let is_other_stop = stop.is_some() && self.stop_said != stop;
        let greets = std::mem::take(&mut self.greets);
        let first = match self.first.take() {
            None if greets => Some(First::AndPage(words::keypad::WELCOME.in_(language))),
            first => first,
        };
        let both = |text: &str, more: &Private<String>| {
            Private::new(format!("{text}\n{}", more.expose()).trim_start().to_owned())
        };
        let last = self.last.as_ref().unwrap_or(&page);
        let (text, is_heard) = match first {
            Some(First::Aside(text)) => (text, false),
            Some(First::AndAgain(text)) => (both(&text, last), false),
            Some(First::AndPage(text)) => (both(&text, &page), true),
            Some(First::Again) => (last.clone(), true),
            None if is_other_page => (page.clone(), true),
            None if is_other_stop => (stop.clone().unwrap_or_default(), true),
            None => return None,
        };
        (self.page_said, self.stop_said) = (Some(page), stop);
        if is_heard {
            self.last = Some(text.clone());
        }
        let spoken = Private::new(spelled(text.expose()));
        Some(Utterance { text: spoken, language, volume: self.volume })
    }
}

/// Where a key leads from a stop. Among caps, which stand in rows, up and down change the row.
fn moved(stops: &[Stop], at: usize, key: Key) -> usize {
    let forward = matches!(key, Key::Down | Key::Right);
    let here = cap_at(stops, at).filter(|_| matches!(key, Key::Up | Key::Down));
    match here {
        Some(here) => row_moved(stops, at, here, forward),
        None if forward => (at + 1) % stops.len().max(1),
        None => at.checked_sub(1).unwrap_or(stops.len().saturating_sub(1)),
    }
}

fn cap_at(stops: &[Stop], at: usize) -> Option<Cap> {
    match stops.get(at)?.control {
        Control::Cap(cap) => Some(cap),
        Control::Button { .. } | Control::Field(_) => None,
    }
}

/// The cap nearest in the row above or below; beyond the last row, the stop beyond all caps.
fn row_moved(stops: &[Stop], at: usize, here: Cap, forward: bool) -> usize {
    let caps = (0..stops.len()).filter_map(|n| cap_at(stops, n).map(|cap| (n, cap)));
    let row = if forward { here.row.checked_add(1) } else { here.row.checked_sub(1) };
    let in_row = caps.clone().filter(|(_, cap)| Some(cap.row) == row);
    let nearest = in_row.min_by_key(|(_, cap)| cap.column.abs_diff(here.column));
    let beyond = || {
        let is_cap = |n: &usize| cap_at(stops, *n).is_some();
        if forward {
            (at..stops.len()).find(|n| !is_cap(n)).unwrap_or(0)
        } else {
            (0..at).rev().find(|n| !is_cap(n)).unwrap_or(at)
        }
    };
    nearest.map_or_else(beyond, |(n, _)| n)
}

/// Digits one by one, as numbers of phones and receipts are said; of an id number the end alone.
fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|char: char| char.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let is_over = |char: char| !(char.is_ascii_digit() || char == '-' || char == 'X');
        let (run, after) = from.split_at(from.find(is_over).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(&spelled_run(run));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn spelled_run(run: &str) -> String {
    let groups: Vec<&str> = run.split('-').collect();
    let is_date = groups.iter().map(|group| group.len()).eq([4, 2, 2]);
    let n = groups.iter().map(|group| group.len()).sum::<usize>();
    if n < SPELLED_MIN || is_date {
        return run.to_owned();
    }
    let skipped = if run.len() == ID_NUMBER_LEN { run.len() - ID_NUMBER_END_LEN } else { 0 };
    let spaced =
        |group: &str| group.chars().map(|char| char.to_string()).collect::<Vec<_>>().join(" ");
    let (_, end) = run.split_at(skipped);
    end.split('-').map(spaced).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Intent, Typed};

    /// Number pad of three rows and 0, between a field and a button.
    fn page() -> Vec<Stop> {
        let stop = |control| Stop { label: String::new(), say: String::new(), control };
        let cap =
            |n: u8| Cap { types: Typed::Char(char::from(b'1' + n)), row: n / 3, column: n % 3 };
        let zero = Cap { types: Typed::Char('0'), row: 3, column: 1 };
        let caps = (0..9).map(cap).chain([zero]).map(Control::Cap);
        let field = Control::Field("number".to_owned());
        let button = Control::Button { intent: Intent::Next, enabled: true };
        [field].into_iter().chain(caps).chain([button]).map(stop).collect()
    }

    fn goes(from: usize, keys: &[Key]) -> usize {
        let stops = page();
        keys.iter().fold(from, |at, key| moved(&stops, at, *key))
    }

    #[test]
    fn among_caps_up_and_down_change_the_row_as_on_a_telephone() {
        // Stop n is the cap with digit n.
        assert_eq!(goes(1, &[Key::Down]), 4);
        assert_eq!(goes(5, &[Key::Up, Key::Right]), 3);
        assert_eq!(goes(7, &[Key::Down]), 10, "0 is the nearest below 7");
        assert_eq!(goes(10, &[Key::Up]), 8);
    }

    #[test]
    fn beyond_the_first_and_the_last_row_are_the_other_stops_and_the_page_is_a_ring() {
        assert_eq!(goes(2, &[Key::Up]), 0);
        assert_eq!(goes(10, &[Key::Down]), 11);
        assert_eq!(goes(11, &[Key::Down]), 0);
        assert_eq!(goes(0, &[Key::Up]), 11);
        assert_eq!(goes(0, &[Key::Down]), 1);
    }

    #[test]
    fn numbers_are_said_digit_by_digit_and_dates_are_not() {
        assert_eq!(spelled("电话 0452-12345。"), "电话 0 4 5 2, 1 2 3 4 5。");
        assert_eq!(spelled("收件编号 0017-0000-000138"), "收件编号 0 0 1 7, 0 0 0 0, 0 0 0 1 3 8");
        assert_eq!(spelled("2026-03-05 09:26"), "2026-03-05 09:26");
        assert_eq!(spelled("3月5日（周四）02:00，第 3 步"), "3月5日（周四）02:00，第 3 步");
    }

    #[test]
    fn of_an_id_number_only_the_end_is_said() {
        assert_eq!(spelled("号码 23020219900101123X，"), "号码 1 2 3 X，");
    }
}
