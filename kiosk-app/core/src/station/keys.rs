//! What a key of the keypad does on the page that is shown.
//!
//! A pressed button goes the way of a touched one. What is typed is put into the field here, and
//! the screen shows it: while the keys stand somewhere, no field of the screen has the caret.

use device_api::keypad::{Event, Key, Status};
use kiosk_words::Now;

use super::{
    Station,
    pages::{Page, Sheet},
    service::Tested,
};
use crate::{
    diagnosis::Part,
    effect::Effect,
    focus::is_code,
    view::{Control, FieldView, Ink, Intent, Revision, Stage, Typed, View},
    words,
};

impl Station {
    pub(super) fn on_keypad(&mut self, said: Event, now: Now) {
        match said {
            Event::Pressed(key) => self.on_key(key, now),
            Event::Plugged => self.on_plugged(now),
            Event::StatusChanged(status) => self.on_keypad_status(status),
            Event::Identified(what) => {
                let identity = format!("{} {}", what.model, what.firmware);
                self.on_identity(Part::Keypad, &identity, now);
            }
        }
    }

    /// A plug that is pulled ends the sentence and takes no time away: whoever listened goes on.
    fn on_keypad_status(&mut self, status: Status) {
        let was_speaking = self.keys.speaks();
        self.keys.see(status);
        if was_speaking && !self.keys.speaks() {
            self.out.push(Effect::Hush);
        }
    }

    /// No touch of an open session: a plug that has no good contact would keep it open for ever.
    fn on_plugged(&mut self, now: Now) {
        if !self.is_covered() {
            self.wake_up(now);
        }
        self.keys.greet();
        self.listened();
    }

    /// Who uses keys with earphones in must hear the page before anything else.
    const fn listened(&mut self) {
        if let Some(session) = &mut self.session {
            session.listens = session.listens || self.keys.speaks();
        }
    }

    fn on_key(&mut self, key: Key, now: Now) {
        self.touched(now);
        self.listened();
        self.keys.pressed(key);
        // Whoever presses a key is still there; what the key would do was not heard yet.
        if matches!(self.sheet, Some(Sheet::StillThere)) {
            return self.close_sheet();
        }
        let Some(view) = self.shown.clone() else { return };
        let language = view.look.language;
        let sleeps = matches!(self.page, Page::Attract) && !self.is_covered();
        match key {
            _ if sleeps => {
                self.wake_up(now);
                self.listened();
            }
            Key::Louder | Key::Softer => self.keys.change_volume(key == Key::Louder, language),
            Key::Repeat => self.keys.say_again(),
            // A question is answered first.
            Key::Help if self.sheet.is_some() => self.keys.say_again(),
            Key::Help => self.on_intent(Revision(self.turn), Intent::Help, now),
            Key::Left | Key::Right if !self.keys.is_at_caps(&view) => {
                self.keys.turn_page(key == Key::Right, language);
            }
            Key::Up | Key::Down | Key::Left | Key::Right => self.keys.go(key, &view),
            Key::Select => self.select(&view, now),
        }
    }

    /// A finger: what it does on its own account leaves the keys where they stand.
    pub(super) fn on_touch(&mut self, revision: Revision, intent: Intent, now: Now) {
        // A signature may come from the screen because a key asked for it.
        if !matches!(intent, Intent::FieldFocused(_) | Intent::Signed(_)) {
            self.keys.step_off();
            if let Some(session) = &mut self.session {
                session.listens = false;
            }
        }
        self.on_intent(revision, intent, now);
    }

    /// Runs at the end of every step.
    pub(super) fn speak(&mut self) {
        let Some(view) = &self.shown else { return };
        self.out.extend(self.keys.next_words(view).map(Effect::Speak));
    }

    /// What a technician is told: whether a plug is in, and the key that was pressed last.
    pub(super) fn keypad_test(&self) -> Tested {
        if !self.keys.health().works() {
            return Tested::Bad(words::TEST_NO_ANSWER);
        }
        let key = self.keys.last_key().map_or("-", Key::name);
        Tested::Good(
            words::keypad::TEST_KEYPAD,
            format!("{} / {key}", u8::from(self.keys.speaks())),
        )
    }

    fn touched(&mut self, now: Now) {
        if let Some(session) = &mut self.session {
            session.touch(now.moment);
        }
    }

    fn select(&mut self, view: &View, now: Now) {
        let Some((_, stop)) = self.keys.stop(view) else {
            // Nothing was heard yet that could be meant.
            return self.keys.say_before_page(words::keypad::HOW.in_(view.look.language));
        };
        match stop.control {
            Control::Button { intent, enabled: true } => self.press(intent, now),
            Control::Button { enabled: false, .. } => self.keys.say_first(stop.say),
            Control::Field(field) => {
                self.on_intent(Revision(self.turn), Intent::FieldFocused(field), now);
                self.keys.want_caps();
            }
            Control::Cap(cap) => self.type_cap(view, cap.types, now),
        }
    }

    /// What was written with a finger lies with the screen: it sends or drops it when asked.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are as if touched")]
    fn press(&mut self, intent: Intent, now: Now) {
        match intent {
            Intent::Signed(_) => self.out.push(Effect::Ink(Ink::Send)),
            Intent::ClearSignature => {
                self.out.push(Effect::Ink(Ink::Drop));
                self.on_intent(Revision(self.turn), Intent::ClearSignature, now);
            }
            other => self.on_intent(Revision(self.turn), other, now),
        }
    }

    fn type_cap(&mut self, view: &View, types: Typed, now: Now) {
        let Stage::Form { fields, .. } = &view.stage else { return };
        let Some(field) = fields.iter().find(|field| field.focused) else { return };
        let mut text = field.value.clone();
        let language = view.look.language;
        let before = text.chars().count();
        match types {
            Typed::Erase => drop(text.pop()),
            Typed::Char(char) if before < usize::from(field.max_chars) => text.push(char),
            Typed::Char(_) => {}
        }
        let n = text.chars().count();
        let counted = n.to_string();
        self.keys.say_first(match types {
            Typed::Erase => words::keypad::ERASED.with(language, &[&counted]),
            Typed::Char(_) if n == before => words::keypad::FULL.with(language, &[&counted]),
            Typed::Char(char) => {
                echo(field, char, &words::keypad::TYPED.with(language, &[&counted]))
            }
        });
        let edited = Intent::FieldEdited { field: field.id.clone(), text };
        self.on_intent(Revision(self.turn), edited, now);
    }
}

fn echo(field: &FieldView, char: char, counted: &str) -> String {
    if is_code(field) { counted.to_owned() } else { format!("{char} {counted}") }
}
