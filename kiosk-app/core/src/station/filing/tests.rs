//! Several people sign one page; what comes between the last signature and the receipt.

use device_api::{
    id_reader::Health,
    room::{self, Inputs, Output, Outputs, Status},
};
use kiosk_matters::{Catalogue, parse_matter, slips::Layouts};
use kiosk_words::{CaseId, ClockQuality, Epoch, Moment, StationId, WallTime};

use super::*;
use crate::{
    Config, Effect, Event, Recovered,
    record::{ContactWay, DeliveryWay, Person, Role},
    session::Session,
    view::{Intent, Look, PadPoint, Revision, Stage, View},
};

const NOW: Now =
    Now { moment: Moment(0), wall: WallTime(1_772_673_960_000), quality: ClockQuality::Synced };

#[test]
fn two_applicants_sign_one_after_the_other_and_each_signature_names_one() {
    let mut station = at_the_pad(&["甲样本", "乙样本"]);
    let shown = signer(station.view());
    assert!(shown.contains("甲样本") && shown.contains("第 1 位，共 2 位"), "{shown}");
    let effects = signs(&mut station, 100);
    assert!(filed(&effects).is_none(), "the second has not signed");
    let shown = signer(station.view());
    assert!(shown.contains("乙样本") && shown.contains("第 2 位，共 2 位"), "{shown}");
    let effects = signs(&mut station, 200);
    let filed = filed(&effects).expect("the last signature files the case");
    let made: Vec<(&str, u16)> = filed
        .signatures
        .iter()
        .map(|one| (one.signer.expose().as_str(), one.strokes.expose().0[0][0].x))
        .collect();
    assert_eq!(made, [("0", 100), ("1", 200)], "nobody's strokes stand under another's name");
}

#[test]
fn going_back_to_the_page_begins_the_signatures_anew() {
    let mut station = at_the_pad(&["甲样本", "乙样本"]);
    signs(&mut station, 100);
    says(&mut station, Intent::Back);
    assert!(matches!(station.page, Page::Check));
    says(&mut station, Intent::Next);
    station.on_hashed(1, Digest32([8; 32]));
    assert_eq!(station.page, sign_page(Digest32([8; 32])));
}

#[test]
fn writing_again_keeps_who_signed_before() {
    let mut station = at_the_pad(&["甲样本", "乙样本"]);
    signs(&mut station, 100);
    says(&mut station, Intent::ClearSignature);
    says(&mut station, Intent::Signed(Vec::new()));
    assert!(signer(station.view()).contains("乙样本"));
    assert!(filed(&signs(&mut station, 200)).is_some());
}

#[test]
fn a_case_that_is_written_while_an_alarm_begins_is_kept_and_its_receipt_shown_to_nobody() {
    let mut station = at_the_pad(&["甲样本"]);
    let effects = signs(&mut station, 100);
    let seal = effects.iter().find_map(|effect| {
        let Effect::Persist { id, .. } = effect else { return None };
        filed(std::slice::from_ref(effect)).map(|_| *id)
    });
    let effects = station.handle(Event::Room(pressed()), NOW);
    let guard = Request::SwitchRoom { output: Output::Guard, on: true };
    let first = effects.iter().find(|effect| !matches!(effect, Effect::Show(_)));
    assert!(
        matches!(first, Some(Effect::Ask { request, .. }) if *request == guard),
        "help before any record: {effects:?}"
    );
    says(&mut station, Intent::Leave);
    assert_eq!(station.page, Page::Sealing);
    assert!(station.is_covered() && station.session.is_some());
    let (id, qr) = (seal.unwrap(), Some("ND1.x".to_owned()));
    station.handle(Event::Persisted { id, seq: Seq(1), receipt_qr: qr }, NOW);
    assert!(station.is_covered() && !station.holds_personal_data());
    assert_eq!(station.open_cases.len(), 1);
}

fn pressed() -> Status {
    let inputs = Some(Inputs { emergency: true, lobby_open: false, on_mains: true });
    let (health, outputs) = (room::Health::Ready, Some(Outputs::default()));
    Status { health, inputs, outputs, disobeys: None }
}

fn sign_page(page: Digest32) -> Page {
    Page::Sign { page, signed: Vec::new(), asked_again: false }
}

fn says(station: &mut Station, intent: Intent) -> Vec<Effect> {
    let revision = Revision(station.turn);
    station.handle(Event::Intent { revision, intent }, NOW)
}

fn signs(station: &mut Station, x: u16) -> Vec<Effect> {
    says(station, Intent::Signed(vec![vec![PadPoint { x, y: 1 }; 20]]))
}

fn filed(effects: &[Effect]) -> Option<&FiledCase> {
    let written = effects.iter().filter_map(|effect| {
        if let Effect::Persist { records, .. } = effect { Some(records) } else { None }
    });
    written.flatten().find_map(|record| {
        if let Record::CaseFiled(filed) = record { Some(filed.as_ref()) } else { None }
    })
}

fn signer(view: Option<&View>) -> String {
    match view.map(|view| &view.stage) {
        Some(Stage::Sign { signer, .. }) => signer.clone(),
        _ => String::new(),
    }
}

/// A station on whose pad these applicants are to sign.
fn at_the_pad(names: &[&str]) -> Station {
    let text = include_str!("../../../../../assets/catalog/wufanzui/matter.toml");
    let matter = parse_matter("wufanzui", text).unwrap();
    let catalogue = Catalogue::load(vec![("wufanzui".to_owned(), text.to_owned())]).unwrap();
    let (mut station, _) = Station::new(config(), catalogue, recovered(), NOW);
    let mut application = Application::new(CaseId::new(1, [1; 10]), matter);
    for (number, name) in names.iter().enumerate() {
        application.add_party(Role::Applicant, Person::sample(name, &number.to_string()), None);
    }
    application.way = Some(ContactWay::ComeBack);
    application.delivery = Some(DeliveryWay::Window);
    station.application = Some(application);
    station.session = Some(Session::new(1, Look::default(), NOW.moment));
    station.readiness.reader = Health::Ready;
    station.go(sign_page(Digest32([7; 32])));
    station.handle(Event::Woken, NOW);
    station
}

fn config() -> Config {
    let slips = [
        ("receipt.toml", include_str!("../../../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../../../assets/slips/collection.toml")),
    ];
    Config {
        station: StationId::try_from(17).unwrap(),
        name_zh: "龙沙站".to_owned(),
        name_en: "Longsha Station".to_owned(),
        phone: "0452-0000000".to_owned(),
        epoch: Epoch(CaseId::new(1, [1; 10]).0),
        cabinet: Vec::new(),
        kept_for_results: 0,
        has_printer: false,
        has_scanner: false,
        has_chip_slot: false,
        links: Vec::new(),
        has_room: true,
        has_keypad: true,
        slips: Layouts::parse(&slips).unwrap(),
        seed: [3; 32],
    }
}

fn recovered() -> Recovered {
    Recovered { recent_starts: 1, receipts: Some((1, 100)), ..Recovered::default() }
}
