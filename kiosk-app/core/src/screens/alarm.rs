//! An alarm: what stands before everything for whoever is there, and what staff see who may end it.

use device_api::room::Output;

use super::{Body, action, fact, leave, message, next, phone_fact};
use crate::{
    station::{Station, room::STAFF},
    view::{Intent, Language, TimeoutClass, Tone},
    words::{self, Say},
};

/// Said only of what was read back (R13): the guard is called while the contact is on. The phone
/// number stands there in any case.
pub(super) fn cover(station: &Station, language: Language) -> Body {
    let (tone, title, text) = if station.room.is_guard_called() {
        (Tone::Care, words::ALARM_CALLED, words::ALARM_CALLED_BODY)
    } else {
        (Tone::Bad, words::ALARM_NOT_CALLED, words::ALARM_NOT_CALLED_BODY)
    };
    let facts = vec![
        phone_fact(station, language),
        fact(words::ALARM_NUMBERS, words::ALARM_NUMBERS_ARE.in_(language), language),
    ];
    let body = message(tone, title.in_(language), text.in_(language), facts);
    let say = format!("{} {} {}", body.say, words::PHONE.str(language), station.phone());
    let staff = || action(words::STAFF_ENTRY, language, Intent::Choose(STAFF.to_owned()));
    // A case that is being written is not the person's doing.
    let is_busy = station.session.is_some();
    Body {
        say,
        left: (station.config.has_chip_slot && !is_busy).then(staff),
        timeout: if is_busy { TimeoutClass::Held } else { TimeoutClass::Never },
        ..body
    }
}

/// For staff who may end it.
pub(super) fn alarm(station: &Station, language: Language) -> Body {
    let (button, help) = match station.room.is_pressed() {
        Some(false) => (words::BUTTON_OUT, words::ALARM_RESET_HELP),
        Some(true) => (words::BUTTON_IN, words::ALARM_STILL_PRESSED),
        None => (words::BUTTON_UNKNOWN, words::ALARM_NOT_KNOWN),
    };
    let is_on = |output| station.room.status().outputs.map(|outputs| outputs.get(output));
    let switched = |output| match is_on(output) {
        Some(true) => words::OUTPUT_ON,
        Some(false) => words::OUTPUT_OFF,
        None => words::BUTTON_UNKNOWN,
    };
    let row = |label, value: Say| fact(label, value.in_(language), language);
    let facts = vec![
        row(words::BUTTON, button),
        row(words::GUARD_CONTACT, switched(Output::Guard)),
        row(words::SIREN, switched(Output::Siren)),
        phone_fact(station, language),
    ];
    let body = message(Tone::Care, words::ALARM_TITLE.in_(language), help.in_(language), facts);
    let reset = next(words::ALARM_RESET, language).map(|mut reset| {
        reset.enabled = station.room.is_pressed() == Some(false);
        reset
    });
    Body { left: leave(language), right: reset, ..body }
}
