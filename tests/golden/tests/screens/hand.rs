//! A page under a finger, shared by the tests that touch.

use golden::{paper::Paper, views};
use kiosk_core::view::{Intent, Look, View};
use kiosk_ui::headless::Headless;

pub(crate) fn showing(name: &str) -> (Headless, View) {
    let screen = Headless::new(1080, 1920).unwrap();
    let view = views::one(name, Look::default());
    screen.show(&view, &Paper);
    (screen, view)
}

pub(crate) fn intents(screen: &Headless) -> Vec<Intent> {
    screen.take_intents().into_iter().map(|(_, intent)| intent).collect()
}

/// The text that the last edit sent up.
pub(crate) fn last_edit(screen: &Headless) -> Option<String> {
    intents(screen).into_iter().rev().find_map(|intent| {
        if let Intent::FieldEdited { text, .. } = intent { Some(text) } else { None }
    })
}
