//! The signed text and the page beside it, value by value.

use device_api::camera::Quality;
use kiosk_matters::{FieldKind, Matter, NextQuestion, parse_matter};
use kiosk_words::{CaseId, Digest32, Moment, WallTime};

use super::*;
use crate::{
    effect::Scan,
    record::{Collector, ContactWay, DeliveryWay, FiledScan, Person},
    view::ImageId,
};

const NOW: Now =
    Now { moment: Moment(0), wall: WallTime(1_772_673_960_000), quality: ClockQuality::Synced };

#[test]
fn every_value_that_is_signed_is_on_the_page_that_is_checked() {
    for matter in matters() {
        for way in [ContactWay::OwnMobile, ContactWay::ComeBack] {
            let application = with_everything(matter.clone(), way);
            let page = application.page_text(NOW);
            assert!(page.expose().lines().count() > 15, "{}", matter.id);
            for language in [Language::Chinese, Language::English] {
                let shown = shown(&application, language);
                for line in page.expose().lines() {
                    for value in values(&application, line, language) {
                        assert!(shown.contains(&value), "{line}: {value} is not in {shown:#?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_number_that_is_not_used_any_more_is_neither_shown_nor_signed() {
    let mut application = with_everything(matters().remove(0), ContactWay::OwnMobile);
    application.way = Some(ContactWay::Post);
    assert!(!application.page_text(NOW).expose().contains("13800001234"));
    assert!(!shown(&application, Language::Chinese).contains("13800001234"));
}

#[test]
fn a_picture_of_a_paper_that_is_not_asked_for_any_more_is_not_signed() {
    let mut application = with_everything(matters().remove(0), ContactWay::ComeBack);
    let n_lines = application.page_text(NOW).expose().lines().count();
    application.captures.insert(("elsewhere".to_owned(), 1), scan("elsewhere", 1));
    assert_eq!(application.page_text(NOW).expose().lines().count(), n_lines);
}

#[test]
fn no_number_of_the_card_is_shown_whole() {
    for matter in matters() {
        let application = with_everything(matter, ContactWay::ComeBack);
        let shown = shown(&application, Language::Chinese);
        for party in &application.parties {
            assert!(!shown.contains(party.person.number.expose()), "{shown}");
        }
    }
}

/// All texts of the page, in one.
fn shown(application: &Application, language: Language) -> String {
    let sections = sections(application, language, NOW);
    let facts = sections.iter().flat_map(|section| &section.facts);
    facts.map(|fact| format!("{}: {}\n", fact.label, fact.value)).collect()
}

/// What of a signed line must be on the page, in the words of the page.
fn values(application: &Application, line: &str, language: Language) -> Vec<String> {
    let matter = &application.matter;
    let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
    let parts: Vec<&str> = rest.split(' ').collect();
    match what {
        // Names that machines use; the matter's own name is for people.
        "nightdesk" | "case" => Vec::new(),
        id if id == matter.id.0 => vec![words::of(&matter.name, language)],
        "date" => vec![day(NOW.wall, language)],
        "party" => vec![parts[1].to_owned(), mask::id_number(parts[2])],
        "collector" => vec![parts[0].to_owned(), mask::id_number(parts[1])],
        "mandate" => vec![mask::id_number(parts[1]), date(parts[3])],
        "answer" => {
            let (question, answer) = rest.split_once('=').unwrap();
            let asked = matter.situations.iter().find(|s| s.id == question).unwrap();
            let chosen = asked.options.iter().find(|option| option.id == answer).unwrap();
            let (ask, label) =
                (words::of(&asked.ask, language), words::of(&chosen.label, language));
            vec![format!("{ask}: {label}")]
        }
        "field" => {
            let (label, value) = rest.split_once(": ").unwrap();
            let field = matter.fields.iter().find(|field| field.label.zh == label).unwrap();
            vec![match field.chip {
                Some(ChipFact::Number) => mask::id_number(value),
                Some(ChipFact::Birth) => date(value),
                _ => value.to_owned(),
            }]
        }
        "contact" => {
            let mut said: Vec<String> = parts[1..].iter().map(|part| (*part).to_owned()).collect();
            let way = apply::CONTACT_WAYS.iter().find(|(_, way, _)| Some(*way) == application.way);
            said.push(way.unwrap().2.in_(language));
            said
        }
        "delivery" => {
            vec![apply::delivery_text(application.delivery.unwrap()).1.in_(language)]
        }
        "page" => {
            let paper = matter.materials.iter().find(|material| material.id == parts[0]).unwrap();
            let pages = words::CHECK_PAGES.with(language, &[&paper.pages.to_string()]);
            assert!(parts[1].parse::<u16>().unwrap() <= paper.pages);
            vec![format!("{}: {pages}", words::of(&paper.name, language))]
        }
        other => panic!("{other} is signed and nobody has said where it is shown"),
    }
}

fn with_everything(matter: Matter, way: ContactWay) -> Application {
    let mut application = Application::new(CaseId::new(1, [1; 10]), matter.clone());
    while let NextQuestion::Ask(situation) = matter.next_question(&application.answers) {
        let open = situation.options.iter().find(|option| option.stop.is_none()).unwrap();
        application.answers.insert(situation.id.clone(), open.id.clone());
    }
    application.add_party(Role::Applicant, Person::sample("章样本", "110101199003070011"), None);
    application.add_party(Role::Applicant, Person::sample("合伙人", "110101199003070038"), None);
    application.add_party(Role::Guardian, Person::sample("监样本", "110101198003070033"), None);
    let mandate = Mandate {
        given_by: Private::text("110101199003070011"),
        matter: matter.id.clone(),
        until: "20991231".to_owned(),
        revoked: false,
    };
    let agent = Person::sample("代样本", "110101198503070031");
    application.add_party(Role::Agent, agent, Some(mandate));
    application.add_collector(Collector {
        name: Private::text("取样本"),
        number: Private::text("110101198603070037"),
    });
    for field in &matter.fields {
        if field.kind == Some(FieldKind::Digits) {
            application.edit(&field.id, &"7".repeat(field.max.into()));
        }
    }
    application.way = Some(way);
    application.mobile = Private::text("13800001234");
    application.delivery = Some(DeliveryWay::Window);
    while let Some((at, page)) = application.next_capture() {
        let slot = application.captured_materials()[at].id.clone();
        application.captures.insert((slot.clone(), page), scan(&slot, page));
    }
    assert_eq!(application.check_form(), None, "every field is filled");
    application
}

fn scan(slot: &str, page: u16) -> FiledScan {
    let quality = Quality { brightness: 150, sharpness: 300, covered_percent: 70 };
    let scan = Scan { digest: Digest32([3; 32]), n_bytes: 1, width_px: 1, height_px: 1, quality };
    let title = slot.to_owned();
    FiledScan { slot: slot.to_owned(), title, page, image: ImageId(1), scan }
}

fn matters() -> Vec<Matter> {
    [
        include_str!("../../../../../assets/catalog/yancao_yanxu/matter.toml"),
        include_str!("../../../../../assets/catalog/laonianzheng/matter.toml"),
        include_str!("../../../../../assets/catalog/wufanzui/matter.toml"),
    ]
    .map(|text| parse_matter("matter", text).unwrap())
    .to_vec()
}
