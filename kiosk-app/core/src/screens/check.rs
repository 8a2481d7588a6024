//! The check page: every value that is signed.
//!
//! A test goes through [`Application::page_text`] line by line and finds each value here. The only
//! lines without one are the names that machines use: format, matter and version, case, digests.

use kiosk_matters::ChipFact;
use kiosk_words::{ClockQuality, Now, Private, mask};

use super::{Body, apply, back, date, day, fact, next, spoken};
use crate::{
    application::Application,
    record::{Mandate, Party, Role},
    station::Station,
    view::{Action, Fact, Intent, Language, Section, Stage},
    words::{self, Say},
};

pub(super) fn check(station: &Station, language: Language, now: Now) -> Body {
    let stage = Stage::Check {
        title: words::CHECK_TITLE.in_(language),
        note: words::CHECK_NOTE.in_(language),
        sections: sections(apply::application(station), language, now),
    };
    Body {
        left: back(language),
        right: next(words::CHECK_NEXT, language),
        step: Some((5, words::STEP_SIGN)),
        ..Body::new(stage, spoken(&[words::CHECK_TITLE, words::CHECK_NOTE], language))
    }
}

fn sections(application: &Application, language: Language, now: Now) -> Vec<Section> {
    let parties = application.parties.iter().map(|party| party_section(party, language));
    let rest = [
        answers_section(application, language),
        Some(form_section(application, language, now)),
        Some(contact_section(application, language)),
        collectors_section(application, language),
        papers_section(application, language),
    ];
    parties.chain(rest.into_iter().flatten()).collect()
}

fn edit(step: &str, what: Say, language: Language) -> Option<Action> {
    let label = format!("{} · {}", words::EDIT.str(language), what.str(language));
    Some(Action { label, intent: Intent::Edit(step.to_owned()), enabled: true })
}

fn person_facts(name: &Private<String>, number: &Private<String>, language: Language) -> Vec<Fact> {
    vec![
        fact(words::NAME, name.expose().clone(), language),
        fact(words::NUMBER, mask::id_number(number.expose()), language),
    ]
}

fn mandate_facts(mandate: &Mandate, language: Language) -> [Fact; 2] {
    [
        fact(words::MANDATE_BY, mask::id_number(mandate.given_by.expose()), language),
        fact(words::MANDATE_UNTIL, date(&mandate.until), language),
    ]
}

fn party_section(party: &Party, language: Language) -> Section {
    let title = match party.role {
        Role::Applicant => words::CHECK_PERSON,
        Role::Agent => words::CHECK_AGENT,
        Role::Guardian => words::CHECK_GUARDIAN,
    };
    let mut facts = person_facts(&party.person.name, &party.person.number, language);
    facts.extend(party.mandate.iter().flat_map(|mandate| mandate_facts(mandate, language)));
    Section { title: title.in_(language), facts, edit: None }
}

fn answers_section(application: &Application, language: Language) -> Option<Section> {
    let answered = application.matter.situations.iter().filter_map(|situation| {
        let answer = application.answers.get(&situation.id)?;
        let chosen = situation.options.iter().find(|option| &option.id == answer)?;
        let (label, value) = (&situation.ask, &chosen.label);
        Some(Fact { label: words::of(label, language), value: words::of(value, language) })
    });
    let facts: Vec<Fact> = answered.collect();
    (!facts.is_empty()).then(|| Section {
        title: words::CHECK_ANSWERS.in_(language),
        facts,
        edit: edit("answers", words::CHECK_ANSWERS, language),
    })
}

/// Name and number of the applicant stand in a section of their own.
fn form_section(application: &Application, language: Language, now: Now) -> Section {
    let matter = words::of(&application.matter.name, language);
    let today = day(now.wall, language);
    let today = match now.quality {
        ClockQuality::Unknown => words::RECEIPT_AT_UNKNOWN.with(language, &[&today]),
        ClockQuality::Held | ClockQuality::Synced => today,
    };
    let mut facts =
        vec![fact(words::MATTER_LABEL, matter, language), fact(words::DATE_LABEL, today, language)];
    let plan = application.matter.plan(&application.answers);
    let fields = plan.fields.into_iter().filter(|field| match field.chip {
        Some(ChipFact::Name | ChipFact::Number) => false,
        Some(ChipFact::Sex | ChipFact::Birth | ChipFact::Address) | None => true,
    });
    facts.extend(fields.map(|field| apply::field_fact(application, field, language)));
    let is_typed = !application.typed_fields().is_empty();
    Section {
        title: words::CHECK_FORM.in_(language),
        facts,
        edit: is_typed.then(|| edit("form", words::CHECK_FORM, language)).flatten(),
    }
}

fn contact_section(application: &Application, language: Language) -> Section {
    let way = apply::CONTACT_WAYS.iter().find(|(_, way, _)| application.way == Some(*way));
    let mut contact = way.map(|(_, _, text)| text.in_(language)).unwrap_or_default();
    if application.needs_mobile() {
        contact = format!("{contact} {}", application.mobile.expose());
    }
    let delivery = application.delivery.map(|way| apply::delivery_text(way).1.in_(language));
    Section {
        title: words::CHECK_CONTACT.in_(language),
        facts: vec![
            fact(words::CONTACT_LABEL, contact, language),
            fact(words::DELIVERY_LABEL, delivery.unwrap_or_default(), language),
        ],
        edit: edit("contact", words::CHECK_CONTACT, language),
    }
}

fn collectors_section(application: &Application, language: Language) -> Option<Section> {
    let named = application.collectors.iter();
    let facts: Vec<Fact> = named
        .flat_map(|collector| person_facts(&collector.name, &collector.number, language))
        .collect();
    (!facts.is_empty()).then(|| Section {
        title: words::CHECK_COLLECTORS.in_(language),
        facts,
        edit: None,
    })
}

fn papers_section(application: &Application, language: Language) -> Option<Section> {
    let materials = application.captured_materials();
    if materials.is_empty() {
        return None;
    }
    let facts = materials.iter().map(|material| Fact {
        label: words::of(&material.name, language),
        value: words::CHECK_PAGES.with(language, &[&material.pages.to_string()]),
    });
    Some(Section {
        title: words::CHECK_PAPERS.in_(language),
        facts: facts.collect(),
        edit: edit("papers", words::CHECK_PAPERS, language),
    })
}

#[cfg(test)]
mod tests;
