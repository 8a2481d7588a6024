//! Attract, home, the list of matters, help, care mode, a dead store.

use kiosk_words::Now;

use super::{Body, action, back, fact, leave, message, phone_fact, spoken};
use crate::{
    services::Verb,
    station::Station,
    view::{Banner, Choice, Icon, Intent, Language, Palette, Stage, Tile, TimeoutClass, Tone},
    words::{self, Say},
};

fn interrupted(station: &Station, language: Language) -> Option<Banner> {
    station
        .interrupted
        .as_ref()
        .map(|_| Banner { tone: Tone::Care, text: words::INTERRUPTED.in_(language) })
}

/// A door that somebody left open: whoever comes next can push it shut.
fn open_door(station: &Station, language: Language) -> Option<Banner> {
    let door = station.custody.open_door()?;
    let text = words::DOOR_STANDS_OPEN.with(language, &[&door.to_string()]);
    Some(Banner { tone: Tone::Care, text })
}

pub(super) fn attract(station: &Station, language: Language) -> Body {
    let stage = Stage::Attract {
        headline: words::ATTRACT_HEADLINE.in_(language),
        invitation: words::ATTRACT_TOUCH.in_(language),
        lines: attract_lines(station).map(|line| line.in_(language)).collect(),
    };
    Body {
        timeout: TimeoutClass::Never,
        banner: first_word(station, language),
        ..Body::new(stage, words::ATTRACT_TOUCH.in_(language))
    }
}

fn attract_lines(station: &Station) -> impl Iterator<Item = Say> {
    let collect = station.custody.has_cells().then_some(words::ATTRACT_COLLECT);
    let before = std::iter::once(words::ATTRACT_APPLY).chain(collect);
    before.chain([words::ATTRACT_PROGRESS, words::ATTRACT_NO_PHONE])
}

/// A door that stands open comes before everything: whoever reads this can push it shut.
fn first_word(station: &Station, language: Language) -> Option<Banner> {
    open_door(station, language)
        .or_else(|| card_in_slot(station, language))
        .or_else(|| interrupted(station, language))
}

/// Somebody's card is still in the slot (R4).
pub(super) fn card_in_slot(station: &Station, language: Language) -> Option<Banner> {
    let stays = station.card_stays_in_slot();
    stays.then(|| Banner { tone: Tone::Care, text: words::CHIP_CARD_STAYS.in_(language) })
}

pub(super) fn care(station: &Station, language: Language) -> Body {
    let n = station.sync.n_undelivered().to_string();
    let facts = vec![
        phone_fact(station, language),
        fact(words::INSTEAD, words::DOWN_INSTEAD.in_(language), language),
        fact(words::CARE_SAVED, words::CARE_COUNT.with(language, &[&n]), language),
    ];
    let title = words::CARE_TITLE.in_(language);
    let body = message(Tone::Care, title, words::CARE_BODY.in_(language), facts);
    Body { timeout: TimeoutClass::Never, ..body }
}

pub(super) fn dead(station: &Station, language: Language) -> Body {
    let facts = vec![
        phone_fact(station, language),
        fact(words::INSTEAD, words::DOWN_INSTEAD.in_(language), language),
    ];
    let title = words::DEAD_TITLE.in_(language);
    let body = message(Tone::Bad, title, words::DEAD_BODY.in_(language), facts);
    Body { timeout: TimeoutClass::Never, ..body }
}

const fn icon(verb: Verb) -> Icon {
    match verb {
        Verb::Apply => Icon::Apply,
        Verb::Collect => Icon::Collect,
        Verb::Progress => Icon::Progress,
        Verb::Certificate => Icon::Certificate,
    }
}

fn tile(station: &Station, verb: Verb, language: Language) -> Tile {
    let blocked = match verb {
        Verb::Apply | Verb::Certificate => station.readiness.apply_blocked(),
        Verb::Collect => station.collect_blocked(),
        Verb::Progress => station.readiness.progress_blocked(),
    };
    Tile {
        id: verb.id().to_owned(),
        icon: icon(verb),
        title: verb.title().in_(language),
        note: blocked.unwrap_or_else(|| verb.note()).in_(language),
        enabled: blocked.is_none(),
        primary: verb == Verb::Apply && blocked.is_none(),
    }
}

fn matters(station: &Station, language: Language) -> Vec<Choice> {
    let enabled = station.readiness.apply_blocked().is_none();
    let choice = |matter: &kiosk_matters::Matter| Choice {
        id: matter.id.0.clone(),
        title: words::of(&matter.short, language),
        note: String::new(),
        aside: words::ABOUT_MINUTES.with(language, &[&matter.minutes.to_string()]),
        chosen: false,
        enabled,
    };
    station.catalogue.iter().map(choice).collect()
}

pub(super) fn home(station: &Station, language: Language) -> Body {
    let has_cells = station.custody.has_cells();
    let fitted = |verb: &Verb| verb.is_built() && (*verb != Verb::Collect || has_cells);
    let verbs = Verb::ALL.into_iter().filter(fitted);
    let stage = Stage::Home {
        title: words::HOME_TITLE.in_(language),
        verbs: verbs.map(|verb| tile(station, verb, language)).collect(),
        services_title: words::HOME_OFTEN.in_(language),
        services: matters(station, language),
        note: words::HOME_NOTE.in_(language),
    };
    Body {
        left: leave(language),
        timeout: TimeoutClass::Short,
        banner: first_word(station, language),
        ..Body::new(stage, words::HOME_TITLE.in_(language))
    }
}

pub(super) fn pick(station: &Station, language: Language) -> Body {
    let mut choices = matters(station, language);
    for choice in &mut choices {
        let id = kiosk_words::MatterId(choice.id.clone());
        if let Some(matter) = station.catalogue.get(&id) {
            choice.title = words::of(&matter.name, language);
            choice.note = words::of(&matter.office.name, language);
        }
    }
    let stage = Stage::Choose {
        title: words::PICK_TITLE.in_(language),
        help: words::PICK_HELP.in_(language),
        choices,
        note: String::new(),
    };
    Body {
        left: back(language),
        timeout: TimeoutClass::Short,
        ..Body::new(stage, spoken(&[words::PICK_TITLE, words::PICK_HELP], language))
    }
}

pub(super) fn help(station: &Station, language: Language, now: Now) -> Body {
    let look = station.look(now);
    let low = if look.low { words::HELP_HIGH } else { words::HELP_LOW };
    let elder = if look.elder { words::TO_STANDARD } else { words::TO_ELDER };
    let contrast = match look.palette {
        Palette::HighContrast => words::HELP_COLOURS,
        Palette::Day | Palette::Night => words::HELP_CONTRAST,
    };
    let choice = |id: &str, text: words::Say| Choice {
        id: id.to_owned(),
        title: text.in_(language),
        note: String::new(),
        aside: String::new(),
        chosen: false,
        enabled: true,
    };
    let choices = [choice("elder", elder), choice("low", low), choice("contrast", contrast)];
    let staff = station.config.has_chip_slot.then(|| choice("staff", words::STAFF_ENTRY));
    let body = words::HELP_BODY.with(language, &[station.phone()]);
    let stage = Stage::Choose {
        title: words::HELP_TITLE.in_(language),
        help: body.clone(),
        choices: choices.into_iter().chain(staff).collect(),
        note: String::new(),
    };
    Body {
        left: Some(action(words::BACK, language, Intent::Back)),
        ..Body::new(stage, format!("{} {body}", words::HELP_TITLE.str(language)))
    }
}
