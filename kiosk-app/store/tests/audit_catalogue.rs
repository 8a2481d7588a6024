//! One catalogue of audit events: the enum, `assets/audit-events.toml` and `docs/audit-events.md`.
//!
//! After a change of the catalogue, `UPDATE_AUDIT_DOCS=1` writes the page anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use kiosk_core::{
    custody::{Act, Doubt, End},
    event::Delivery,
    record::{AuditKind, Record},
};
use kiosk_words::{ClockQuality, Seq};

use common::{NOW, Station, authorised, courier, deposited, ended};

const CLASSES: [&str; 4] = ["operation", "session", "case", "security"];
const FIELDS: [&str; 3] = ["session", "case", "payload"];

struct Entry {
    id: String,
    class: String,
    zh: String,
    en: String,
    fields: BTreeSet<String>,
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn catalogue() -> Vec<Entry> {
    let text = fs::read_to_string(repository().join("assets/audit-events.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let events = table["event"].as_array().unwrap();
    let word = |event: &toml::Value, name: &str| event[name].as_str().unwrap().to_owned();
    events
        .iter()
        .map(|event| {
            assert_eq!(event.as_table().unwrap().len(), 5, "id, class, zh, en, fields: {event:?}");
            let fields = event["fields"].as_array().unwrap();
            Entry {
                id: word(event, "id"),
                class: word(event, "class"),
                zh: word(event, "zh"),
                en: word(event, "en"),
                fields: fields.iter().map(|field| field.as_str().unwrap().to_owned()).collect(),
            }
        })
        .collect()
}

fn page(events: &[Entry]) -> String {
    let mut page = String::from(
        "# Audit events\n\n\
         Made from assets/audit-events.toml; change that file, not this page.\n\
         Every line of the chain carries its number, the hash of the line before, its event and \
         the time with the clock's quality.\n\
         The last column says what else a line may carry; nothing in a line names a person.\n\
         `payload` is the hash of the event that the line is about, as sent to the hall; of an \
         opening of a door it is the keyed hash of its authorisation or of its end.\n\n\
         | event | class | 中文 | English | may carry |\n|---|---|---|---|---|\n",
    );
    for event in events {
        let fields: Vec<&str> =
            FIELDS.into_iter().filter(|field| event.fields.contains(*field)).collect();
        let fields = if fields.is_empty() { "nothing".to_owned() } else { fields.join(", ") };
        let Entry { id, class, zh, en, .. } = event;
        writeln!(page, "| `{id}` | {class} | {zh} | {en} | {fields} |").unwrap();
    }
    page
}

#[test]
fn the_enum_and_the_catalogue_name_the_same_events_in_the_same_order() {
    let events = catalogue();
    let in_catalogue: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(in_catalogue, AuditKind::ALL.map(AuditKind::id));
    for event in &events {
        assert!(CLASSES.contains(&event.class.as_str()), "{}: {}", event.id, event.class);
        assert!(event.fields.iter().all(|field| FIELDS.contains(&field.as_str())), "{}", event.id);
        assert!(event.zh.ends_with('。') && event.en.ends_with('.'), "{}", event.id);
    }
}

#[test]
fn the_page_is_made_from_the_catalogue() {
    let path = repository().join("docs/audit-events.md");
    let expected = page(&catalogue());
    if std::env::var_os("UPDATE_AUDIT_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "run with UPDATE_AUDIT_DOCS=1");
}

#[test]
fn a_line_carries_a_payload_exactly_where_the_catalogue_allows_it() {
    let mut station = Station::new();
    let case = Some(station.file(1, 0).case);
    let first = station.store.audit_head().unwrap().1;
    let line =
        |kind| Record::Audit { kind, case, session: Some(1), at: NOW, quality: ClockQuality::Held };
    let held = Delivery::Held { code: "bad_seal".into() };
    let mut records = vec![Record::OutboxSettled { answers: vec![(Seq(1), held)] }, deposited(1)];
    for (number, how) in [(1, End::Confirmed), (2, End::Doubted(Doubt::Lost))] {
        records.extend([authorised(number, Act::Look, courier()), ended(number, how)]);
    }
    records.extend(AuditKind::ALL.map(line));
    station.store.persist(&records).unwrap();
    let lines = station.store.audit_lines(first, AuditKind::ALL.len()).unwrap();
    for (line, event) in lines.iter().zip(catalogue()) {
        assert_eq!(line.kind, event.id);
        assert_eq!(line.payload.is_some(), event.fields.contains("payload"), "{}", event.id);
    }
}
