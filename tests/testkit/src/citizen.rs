//! A person at the station: fingers, a card, papers.

use device_sim::{reader::Act, specimen};
use kiosk_core::view::{Intent, PadPoint, Revision, Stage, Stroke, View};

use crate::{
    glass::{self, Target},
    people,
    world::World,
};

/// A label that a person looks for is there within this.
const LOOKS_FOR_MS: u64 = 15_000;
/// From seeing to touching.
const FINGER_MS: u64 = 200;
/// Between two keys of somebody who types fast.
const KEY_MS: u64 = 60;

/// What somebody types is a word of theirs from this length on.
const WORD_MIN: usize = 8;

#[derive(Debug)]
pub struct Citizen<'w> {
    world: &'w mut World,
}

impl<'w> Citizen<'w> {
    pub(crate) const fn new(world: &'w mut World) -> Self {
        Self { world }
    }

    /// Touches what bears this label, as soon as it is there and can be touched.
    pub fn touches(self, label: &str) -> Self {
        let what = format!("a button 「{label}」");
        self.world.until_within(LOOKS_FOR_MS, &what, |w| find(w.view(), label).is_some());
        self.world.passes(FINGER_MS);
        let view = self.world.view();
        // What was there a moment ago may have gone: then the finger lands on nothing.
        if let Some(target) = find(view, label) {
            let revision = view.revision;
            self.world.touch(revision, target.intent);
        }
        self
    }

    /// Touches what bears this label if it is there at this moment.
    pub fn touches_if_there(self, label: &str) -> Self {
        let view = self.world.view();
        if let Some(target) = find(view, label) {
            let revision = view.revision;
            self.world.touch(revision, target.intent);
        }
        self
    }

    /// Touches several labels one after another.
    pub fn touches_all(mut self, labels: &[&str]) -> Self {
        for label in labels {
            self = self.touches(label);
        }
        self
    }

    /// Two touches on the same place before the screen can change.
    pub fn double_taps(self, label: &str) -> Self {
        let what = format!("a button 「{label}」");
        self.world.until_within(LOOKS_FOR_MS, &what, |w| find(w.view(), label).is_some());
        let view = self.world.view();
        let (revision, target) = (view.revision, find(view, label));
        if let Some(target) = target {
            self.world.touch(revision, target.intent.clone());
            self.world.touch(revision, target.intent);
        }
        self
    }

    /// A touch that was on its way when the screen changed: the newest older view with this label.
    pub fn taps_stale(self, label: &str) -> Self {
        if self.world.is_over() {
            return self;
        }
        let now = self.world.view().revision;
        let found = {
            let mut older = self.world.witness.views().filter(|view| view.revision < now);
            older.find_map(|view| find(view, label).map(|t| (view.revision, t.intent)))
        };
        let Some((revision, intent)) = found else {
            self.world.fail(&format!("no older view has 「{label}」"))
        };
        self.world.touch(revision, intent);
        self
    }

    pub fn lays_card(self, name: &str) -> Self {
        if !self.world.is_over() {
            let card = specimen::card(name);
            let card = card.unwrap_or_else(|| panic!("no specimen {name:?}"));
            for word in people::canaries(name) {
                self.world.witness.add_canary(&word);
            }
            let now = self.world.now_ms();
            self.world.reader.touch(Act::Lay(Box::new(card)), now);
        }
        self
    }

    pub fn lifts_card(self) -> Self {
        if !self.world.is_over() {
            let now = self.world.now_ms();
            self.world.reader.touch(Act::Lift, now);
            self.world.passes(FINGER_MS);
        }
        self
    }

    /// Types into the focused field, key by key, and fast.
    pub fn types(mut self, text: &str) -> Self {
        self.world.until_within(LOOKS_FOR_MS, "a focused field", |w| focused(w.view()).is_some());
        if self.world.is_over() {
            return self;
        }
        let (field, mut value) = focused(self.world.view()).expect("waited for it");
        // Fewer digits stand in any number of milliseconds.
        if text.chars().count() >= WORD_MIN {
            self.world.witness.add_canary(text);
            self.world.witness.people.type_word(text);
        }
        // A finger does not wait for the screen: all keys are pressed on the view that was there.
        let revision = self.world.view().revision;
        for key in text.chars() {
            value.push(key);
            self.edits(revision, &field, &value);
            self.world.passes(KEY_MS);
        }
        self
    }

    /// Empties the focused field.
    pub fn rubs_out(mut self) -> Self {
        if let Some((field, _)) = focused(self.world.view()) {
            let revision = self.world.view().revision;
            self.edits(revision, &field, "");
        }
        self
    }

    fn edits(&mut self, revision: Revision, field: &str, text: &str) {
        let intent = Intent::FieldEdited { field: field.to_owned(), text: text.to_owned() };
        self.world.touch(revision, intent);
    }

    pub fn lays_paper(self, name: &str) -> Self {
        if !self.world.is_over() {
            self.world.lens.lay(name);
        }
        self
    }

    pub fn lifts_paper(self) -> Self {
        if !self.world.is_over() {
            self.world.lens.clear();
        }
        self
    }

    /// Lays this paper, takes its picture and uses it.
    pub fn photographs(self, name: &str) -> Self {
        self.lays_paper(name).touches("拍照").touches("用这张").lifts_paper()
    }

    /// Writes a name into the box and hands in.
    pub fn signs(self) -> Self {
        self.signs_with(&strokes())
    }

    /// Writes a name into the box and touches nothing else.
    pub fn writes(self) -> Self {
        self.world.pad = strokes();
        self
    }

    /// Hands in with these strokes.
    pub fn signs_with(self, strokes: &[Stroke]) -> Self {
        let what = "the box for the signature";
        let on_pad = |view: &View| matches!(view.stage, Stage::Sign { .. }) && view.sheet.is_none();
        self.world.until_within(LOOKS_FOR_MS, what, |w| on_pad(w.view()));
        self.world.passes(FINGER_MS);
        if !self.world.is_over() && on_pad(self.world.view()) {
            let revision = self.world.view().revision;
            self.world.touch(revision, Intent::Signed(strokes.to_vec()));
        }
        self
    }

    /// Wakes the station if it sleeps.
    pub fn wakes_it(self) -> Self {
        self.touches("轻触屏幕开始")
    }

    /// Goes away with card and papers, without a word.
    pub fn walks_away(self) -> Self {
        self.takes_everything_along()
    }

    pub fn takes_everything_along(self) -> Self {
        if !self.world.is_over() {
            let now = self.world.now_ms();
            self.world.reader.touch(Act::Lift, now);
            self.world.lens.clear();
        }
        self
    }

    /// Looks for something on the glass.
    pub fn sees(self, text: &str) -> Self {
        self.world.until_within(LOOKS_FOR_MS, &format!("「{text}」"), |w| w.shows(text));
        self
    }

    /// Lets time pass.
    pub fn waits_ms(self, ms: u64) -> Self {
        self.world.passes(ms);
        self
    }
}

fn find(view: &View, label: &str) -> Option<Target> {
    let same = |target: &Target| target.enabled && target.label == label;
    glass::targets(view).into_iter().find(same)
}

/// Id and value of the field that keys go to.
fn focused(view: &View) -> Option<(String, String)> {
    let Stage::Form { fields, .. } = &view.stage else { return None };
    let free = view.sheet.is_none();
    let field = fields.iter().find(|field| field.focused).filter(|_| free)?;
    Some((field.id.clone(), field.value.clone()))
}

/// A signature of three strokes.
fn strokes() -> Vec<Stroke> {
    let stroke = |y: u16| (0..10).map(|n| PadPoint { x: 100 + n * 40, y: y + n * 3 }).collect();
    vec![stroke(200), stroke(400), stroke(600)]
}
