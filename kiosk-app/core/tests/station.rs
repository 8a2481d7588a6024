//! The station by lists of events: what goes in, what must come out.

use device_api::id_reader::{CardKind, Health, IdCard, Refusal, Sex, Status, ValidTo};
use kiosk_core::{
    Config, Effect, EffectId, Event, Recovered, Station,
    effect::{Outgoing, Refusal as CoreRefusal, Reply, Request},
    event::{Delivery, FeedItem, HallLink, Interrupted, PersistError, SendError},
    record::{AuditKind, Record, SessionEnd},
    session::TIMINGS,
    station::EXIT_STORE_DEAD,
    view::{Intent, PadPoint, Stage},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Digest32, Epoch, Handling, Moment, Now, Private, Seq,
    ServiceTime, StationId, WallTime,
};

#[test]
fn a_receipt_is_shown_only_when_the_store_has_answered() {
    let mut desk = Desk::ready();
    let seal = desk.up_to_seal();
    assert!(matches!(desk.stage(), Stage::Wait { .. }), "the case is not stored yet");
    desk.tell(Event::Persisted { id: seal, seq: Seq(1), receipt_qr: Some("ND1.x".to_owned()) });
    let Stage::Receipt { qr, .. } = desk.stage() else { panic!("{:?}", desk.stage()) };
    assert_eq!(qr, "ND1.x");
}

#[test]
fn case_event_and_audit_are_one_transaction() {
    let mut desk = Desk::ready();
    let seal = desk.up_to_seal();
    let records = desk.records_of(seal);
    assert!(matches!(records[0], Record::CaseFiled(_)));
    let audited = |r: &Record| matches!(r, Record::Audit { kind: AuditKind::CaseFiled, .. });
    assert!(records.iter().any(audited));
}

#[test]
fn a_full_store_takes_nothing_in_and_gives_the_number_to_the_next() {
    let mut desk = Desk::ready();
    let seal = desk.up_to_seal();
    let Record::CaseFiled(first) = desk.records_of(seal)[0].clone() else { unreachable!() };
    desk.tell(Event::PersistFailed { id: seal, why: PersistError::Full });
    assert!(matches!(desk.stage(), Stage::Message { .. }));
    assert!(desk.asked(|request| *request == Request::Wipe), "pages are dropped at once");
    desk.tap(Intent::Next);
    desk.tell(Event::RoomAgain);
    let seal = desk.up_to_seal();
    let Record::CaseFiled(second) = desk.records_of(seal)[0].clone() else { unreachable!() };
    assert_eq!(first.receipt, second.receipt);
    assert_ne!(first.case, second.case);
}

#[test]
fn a_dead_store_stops_the_program_and_nothing_is_handled_after() {
    for why in [PersistError::Io, PersistError::Closed] {
        let mut desk = Desk::ready();
        let seal = desk.up_to_seal();
        let effects = desk.tell(Event::PersistFailed { id: seal, why });
        assert!(effects.contains(&Effect::Stop { code: EXIT_STORE_DEAD }));
        assert!(!desk.station.holds_personal_data());
        assert_eq!(desk.tell(Event::Woken), []);
    }
}

#[test]
fn an_intent_on_an_older_view_is_dropped_except_leave_and_help() {
    let mut desk = Desk::ready();
    desk.tap(Intent::Wake);
    let old = desk.station.view().unwrap().revision;
    desk.tap(Intent::Choose("apply".to_owned()));
    desk.tell(Event::Intent { revision: old, intent: Intent::Choose("progress".to_owned()) });
    assert!(matches!(desk.stage(), Stage::Choose { .. }), "still the list of matters");
    desk.tell(Event::Intent { revision: old, intent: Intent::Leave });
    assert!(matches!(desk.stage(), Stage::Attract { .. }));
}

#[test]
fn every_effect_has_an_id_of_its_own() {
    let mut desk = Desk::ready();
    desk.up_to_seal();
    let mut ids: Vec<EffectId> = desk.seen.iter().filter_map(id_of).collect();
    let n = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), n);
}

#[test]
#[should_panic(expected = "answered twice")]
fn a_second_answer_to_one_effect_is_a_bug_of_the_shell() {
    let mut desk = Desk::ready();
    let id = desk.seen.iter().find_map(id_of).unwrap();
    desk.tell(Event::Persisted { id, seq: Seq(0), receipt_qr: None });
    desk.tell(Event::Persisted { id, seq: Seq(0), receipt_qr: None });
}

#[test]
fn without_receipt_numbers_services_are_grey_until_the_hall_hands_some_out() {
    let mut desk = Desk::with(Recovered { receipts: None, ..recovered() });
    desk.tell(Event::Reader(ready()));
    desk.tap(Intent::Wake);
    assert!(!desk.tile("apply") && desk.tile("progress"));
    let effects = desk.tell(Event::Receipts { first: 10, end: 20 });
    assert!(desk.tile("apply"));
    let block = Record::ReceiptBlock { first: 10, end: 20 };
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Persist { records, .. } if records.contains(&block)))
    );
}

#[test]
fn a_number_that_does_not_fit_a_receipt_takes_nothing_in_and_says_why() {
    let mut desk =
        Desk::with(Recovered { receipts: Some((100_000_000, 100_000_001)), ..recovered() });
    desk.tell(Event::Reader(ready()));
    desk.up_to_signature();
    let stage = format!("{:?}", desk.station.view().map(|view| &view.stage));
    assert!(stage.contains("凭证号用完了") && !stage.contains("存满"), "{stage}");
}

#[test]
fn sessions_are_counted_on_after_a_restart() {
    let mut desk = Desk::with(Recovered { last_session: 41, ..recovered() });
    let effects = desk.tap(Intent::Wake);
    let opened = |e: &Effect| {
        matches!(e, Effect::Persist { records, .. }
        if records.iter().any(|r| matches!(r, Record::SessionOpened { session: 42, .. })))
    };
    assert!(effects.iter().any(opened), "{effects:?}");
}

#[test]
fn the_last_number_of_a_block_is_used_and_then_the_next_block() {
    let mut desk = Desk::with(Recovered { receipts: Some((7, 8)), ..recovered() });
    desk.tell(Event::Reader(ready()));
    let seal = desk.up_to_seal();
    desk.tell(Event::Persisted { id: seal, seq: Seq(1), receipt_qr: None });
    desk.tap(Intent::Next);
    desk.tap(Intent::Wake);
    assert!(!desk.tile("apply"), "the block is empty");
    desk.tell(Event::Receipts { first: 50, end: 60 });
    desk.tap(Intent::Leave);
    let seal = desk.up_to_seal();
    let Record::CaseFiled(filed) = desk.records_of(seal)[0].clone() else { unreachable!() };
    assert_eq!(filed.receipt.counter(), 50);
}

#[test]
fn a_card_that_was_read_after_its_page_was_left_is_nobodys() {
    let mut desk = Desk::ready();
    let read = desk.up_to_card();
    desk.tap(Intent::Back);
    assert!(desk.asked(|request| *request == Request::StopReading));
    desk.tell(Event::Done { id: read, reply: Reply::Card(Box::new(card())) });
    assert!(matches!(desk.stage(), Stage::Materials { .. }));
    desk.tap(Intent::Leave);
    assert!(!desk.station.holds_personal_data());
}

#[test]
fn a_way_that_is_not_offered_cannot_be_chosen() {
    let mut desk = Desk::ready();
    let read = desk.up_to_card();
    desk.tell(Event::Done { id: read, reply: Reply::Card(Box::new(card())) });
    desk.tap(Intent::Next);
    desk.tap(Intent::Choose("come_back".to_owned()));
    for id in ["locker", "post"] {
        desk.tap(Intent::Choose(id.to_owned()));
        assert!(matches!(desk.stage(), Stage::Choose { .. }), "there is no {id}");
    }
    desk.tap(Intent::Choose("window".to_owned()));
    assert!(matches!(desk.stage(), Stage::Check { .. }));
}

#[test]
fn a_stopped_read_says_nothing_bad_about_the_card() {
    let mut desk = Desk::ready();
    let read = desk.up_to_card();
    desk.tap(Intent::Back);
    let refusal = CoreRefusal::Card(Refusal::Stopped);
    desk.tell(Event::Refused { id: read, refusal });
    assert!(matches!(desk.stage(), Stage::Materials { .. }));
    let refused = |r: &Record| matches!(r, Record::Audit { kind: AuditKind::CardRefused, .. });
    assert!(!desk.records().any(refused));
}

#[test]
fn nothing_about_the_chip_is_asked_that_is_not_needed() {
    let mut desk = Desk::ready();
    desk.up_to_card();
    let needless = |request: &Request| matches!(request, Request::ReadCard(what) if what.photo || what.fingerprint);
    assert!(!desk.asked(needless), "no photo, no fingerprint (R15)");
}

#[test]
fn the_third_start_within_ten_minutes_is_care_mode_and_is_written_down() {
    let mut desk = Desk::with(Recovered { recent_starts: 3, ..recovered() });
    assert!(matches!(desk.stage(), Stage::Message { .. }));
    let entered = |r: &Record| matches!(r, Record::Audit { kind: AuditKind::CareModeEntered, .. });
    assert!(desk.records().any(entered));
    desk.tap(Intent::Wake);
    assert!(matches!(desk.stage(), Stage::Message { .. }), "nobody is let in");
    desk.now.moment = Moment(TIMINGS.care_ms);
    desk.tell(Event::Woken);
    assert!(matches!(desk.stage(), Stage::Attract { .. }));
}

#[test]
fn a_session_found_open_at_the_start_is_closed_as_interrupted() {
    let interrupted = Some(Interrupted { session: 9, filed: None });
    let desk = Desk::with(Recovered { interrupted, ..recovered() });
    let closed = Record::SessionClosed { session: 9, why: SessionEnd::Interrupted };
    assert!(desk.records().any(|record| *record == closed));
    assert!(desk.station.view().unwrap().banner.is_some());
}

#[test]
fn the_feeds_cursor_is_stored_with_what_it_brought() {
    let case = CaseId::new(1, [1; 10]);
    let open_cases = vec![(case, CaseState::filed(false))];
    let mut desk = Desk::with(Recovered { open_cases, ..recovered() });
    let handling = Handling::Accepted { number: "A-1".into(), on: "2026-03-05".into() };
    let item = FeedItem::Handling { case, handling };
    let effects = desk.tell(Event::Feed { cursor: 5, item: item.clone() });
    let [Effect::Persist { records, .. }, ..] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(records.contains(&Record::FeedCursor(5)));
    assert!(records.iter().any(|r| matches!(r, Record::CaseMoved { .. })));
    let again = desk.tell(Event::Feed { cursor: 6, item });
    let [Effect::Persist { records, .. }, ..] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(*records, [Record::FeedCursor(6)], "the same news twice moves nothing");
}

#[test]
fn a_case_is_at_the_hall_only_with_record_and_pages() {
    let case = CaseId::new(1, [1; 10]);
    let mut desk = Desk::with(Recovered {
        outbox: vec![(Seq(1), case)],
        scans: vec![case],
        open_cases: vec![(case, CaseState::filed(false))],
        ..recovered()
    });
    let up = HallLink::Up { hall_time: ServiceTime(0) };
    let effects = desk.tell(Event::Hall(up));
    let id = sent(&effects, Outgoing::Events { after: Seq(0) });
    let effects = desk.tell(Event::Acked { id, answers: vec![(Seq(1), Delivery::Accepted)] });
    let at_hall = |r: &Record| matches!(r, Record::CaseMoved { .. });
    assert!(!desk.records().any(&at_hall));
    let id = sent(&effects, Outgoing::Scans { case });
    let effects = desk.tell(Event::SendFailed { id, why: SendError::Later { after_ms: 700 } });
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send { .. })));
    desk.now.moment = desk.now.moment.plus_ms(700);
    let effects = desk.tell(Event::Woken);
    let id = sent(&effects, Outgoing::Scans { case });
    desk.tell(Event::ScansDelivered { id, case });
    assert!(desk.records().any(at_hall));
}

#[test]
fn keys_are_changed_between_two_people_and_not_while_one_is_there() {
    let mut desk = Desk::ready();
    desk.tap(Intent::Wake);
    desk.now.moment = Moment(TIMINGS.first_keys_ms - 1);
    desk.tap(Intent::Choose("apply".to_owned()));
    desk.now.moment = Moment(TIMINGS.first_keys_ms + 1);
    desk.tell(Event::Woken);
    let changes = |request: &Request| matches!(request, Request::ChangeKeys { .. });
    assert!(!desk.asked(changes));
    desk.tap(Intent::Leave);
    desk.tell(Event::Woken);
    assert!(desk.asked(changes));
    let id = desk.last_asked(changes);
    desk.tell(Event::Refused { id, refusal: CoreRefusal::KeysNotChanged });
    assert!(matches!(desk.stage(), Stage::Attract { .. }), "the old keys go on working");
}

#[test]
fn a_slot_whose_driver_has_ended_is_not_asked_for_ever() {
    use device_api::smart_card::{Health, Refusal, Slot, Status};
    let slot = |health| Event::ChipSlot(Status { health, slot: Slot::Empty });
    let reads = |desk: &Desk| {
        desk.asks().filter(|(_, r)| matches!(r, Request::ReadChipCard { .. })).count()
    };
    let mut desk = Desk::ready();
    desk.tell(slot(Health::Ready));
    desk.tap(Intent::Wake);
    desk.tap(Intent::Choose("progress".to_owned()));
    desk.tap(Intent::Next);
    let id = desk.last_asked(|request| matches!(request, Request::ReadChipCard { .. }));
    assert_eq!(reads(&desk), 1);
    // What the shell answers for a driver that is gone.
    desk.tell(Event::Refused { id, refusal: CoreRefusal::Chip(Refusal::Stopped) });
    assert_eq!(reads(&desk), 1, "not before it is said to be there again");
    desk.tell(slot(Health::Ready));
    assert_eq!(reads(&desk), 2);
}

#[test]
fn a_reader_whose_driver_has_ended_is_not_asked_for_ever() {
    let mut desk = Desk::ready();
    let read = desk.up_to_card();
    desk.tell(Event::Done { id: read, reply: Reply::Card(Box::new(card())) });
    let reads =
        |desk: &Desk| desk.asks().filter(|(_, r)| matches!(r, Request::ReadCard(_))).count();
    let (n_before, id) = (reads(&desk), desk.last_asked(|r| matches!(r, Request::ReadCard(_))));
    desk.tell(Event::Refused { id, refusal: CoreRefusal::Card(Refusal::Stopped) });
    assert_eq!(reads(&desk), n_before, "not before it is said to be there again");
    desk.tell(Event::Reader(ready()));
    assert_eq!(reads(&desk), n_before + 1);
}

// ---- helpers ----

/// A station whose shell answers only what a test answers.
struct Desk {
    station: Station,
    now: Now,
    seen: Vec<Effect>,
}

impl Desk {
    fn with(recovered: Recovered) -> Self {
        let wall = WallTime(1_772_673_960_000);
        let now = Now { moment: Moment(0), wall, quality: ClockQuality::Synced };
        let (station, seen) = Station::new(config(), catalogue(), recovered, now);
        Self { station, now, seen }
    }

    fn ready() -> Self {
        let mut desk = Self::with(recovered());
        desk.tell(Event::Reader(ready()));
        desk
    }

    fn tell(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.station.handle(event, self.now);
        self.seen.extend(effects.iter().cloned());
        effects
    }

    fn tap(&mut self, intent: Intent) -> Vec<Effect> {
        let revision = self.station.view().expect("a view is shown").revision;
        self.tell(Event::Intent { revision, intent })
    }

    fn stage(&self) -> &Stage {
        &self.station.view().expect("a view is shown").stage
    }

    /// Is this tile of the home page to be touched?
    fn tile(&self, id: &str) -> bool {
        let Stage::Home { verbs, .. } = self.stage() else { panic!("not at home") };
        verbs.iter().any(|tile| tile.id == id && tile.enabled)
    }

    /// Goes to the card page; the id of the open read.
    fn up_to_card(&mut self) -> EffectId {
        for id in ["wufanzui", "self", "work"] {
            if matches!(self.stage(), Stage::Attract { .. }) {
                self.tap(Intent::Wake);
            }
            self.tap(Intent::Choose(id.to_owned()));
        }
        self.tap(Intent::Next);
        self.tap(Intent::Next);
        self.last_asked(|request| matches!(request, Request::ReadCard(_)))
    }

    /// Goes on to the signed application; the id of the write.
    fn up_to_signature(&mut self) {
        let read = self.up_to_card();
        self.tell(Event::Done { id: read, reply: Reply::Card(Box::new(card())) });
        self.tap(Intent::Next);
        self.tap(Intent::Choose("come_back".to_owned()));
        self.tap(Intent::Choose("window".to_owned()));
        self.tap(Intent::Next);
        let hash = self.last_asked(|request| matches!(request, Request::Hash { .. }));
        self.tell(Event::Done { id: hash, reply: Reply::Hashed(Digest32([9; 32])) });
        self.tap(Intent::Signed(vec![vec![PadPoint { x: 1, y: 1 }; 20]]));
    }

    fn up_to_seal(&mut self) -> EffectId {
        self.up_to_signature();
        let seal = self.seen.iter().rev().find_map(|effect| match effect {
            Effect::Persist { id, records }
                if records.iter().any(|r| matches!(r, Record::CaseFiled(_))) =>
            {
                Some(*id)
            }
            Effect::Persist { .. }
            | Effect::Ask { .. }
            | Effect::Find { .. }
            | Effect::Send { .. }
            | Effect::Show(_)
            | Effect::Wake(_)
            | Effect::Speak(_)
            | Effect::Hush
            | Effect::Ink(_)
            | Effect::Stop { .. } => None,
        });
        seal.expect("the case is written")
    }

    fn asks(&self) -> impl Iterator<Item = (EffectId, &Request)> {
        self.seen.iter().filter_map(|effect| match effect {
            Effect::Ask { id, request } => Some((*id, request)),
            Effect::Persist { .. }
            | Effect::Find { .. }
            | Effect::Send { .. }
            | Effect::Show(_)
            | Effect::Wake(_)
            | Effect::Speak(_)
            | Effect::Hush
            | Effect::Ink(_)
            | Effect::Stop { .. } => None,
        })
    }

    fn asked(&self, what: impl Fn(&Request) -> bool) -> bool {
        self.asks().any(|(_, request)| what(request))
    }

    fn last_asked(&self, what: impl Fn(&Request) -> bool) -> EffectId {
        let all = self.asks().filter(|(_, request)| what(request));
        all.last().expect("it was asked").0
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.seen.iter().flat_map(records_in)
    }

    fn records_of(&self, id: EffectId) -> Vec<Record> {
        let effect = self.seen.iter().find(|effect| id_of(effect) == Some(id));
        effect.map(records_in).expect("the write was seen").to_vec()
    }
}

fn records_in(effect: &Effect) -> &[Record] {
    if let Effect::Persist { records, .. } = effect { records } else { &[] }
}

fn id_of(effect: &Effect) -> Option<EffectId> {
    match effect {
        Effect::Persist { id, .. }
        | Effect::Ask { id, .. }
        | Effect::Find { id, .. }
        | Effect::Send { id, .. } => Some(*id),
        Effect::Show(_)
        | Effect::Wake(_)
        | Effect::Speak(_)
        | Effect::Hush
        | Effect::Ink(_)
        | Effect::Stop { .. } => None,
    }
}

fn sent(effects: &[Effect], wanted: Outgoing) -> EffectId {
    let found = effects.iter().find(|e| matches!(e, Effect::Send { what, .. } if *what == wanted));
    found.and_then(id_of).unwrap_or_else(|| panic!("{wanted:?} was not sent: {effects:?}"))
}

fn ready() -> Status {
    Status { health: Health::Ready, card_present: false, module_id: None }
}

fn recovered() -> Recovered {
    Recovered {
        service_time: ServiceTime(1_772_673_960_000),
        recent_starts: 1,
        receipts: Some((1, 100)),
        ..Recovered::default()
    }
}

fn config() -> Config {
    Config {
        station: StationId::try_from(17).expect("17 is a station number"),
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
        has_room: false,
        has_keypad: true,
        slips: slips(),
        seed: [3; 32],
    }
}

fn slips() -> Layouts {
    Layouts::parse(&[
        ("receipt.toml", include_str!("../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../assets/slips/collection.toml")),
    ])
    .expect("good layouts")
}

fn catalogue() -> Catalogue {
    let text = include_str!("../../../assets/catalog/wufanzui/matter.toml");
    Catalogue::load(vec![("wufanzui".to_owned(), text.to_owned())]).expect("a good matter")
}

/// An invented person.
fn card() -> IdCard {
    IdCard {
        kind: CardKind::Citizen,
        name: Private::text("样本"),
        english_name: None,
        sex: Sex::Female,
        ethnicity_code: None,
        ethnicity: None,
        nationality: None,
        birth: Private::text("19900307"),
        address: Private::text("样本路 1 号"),
        new_addresses: Vec::new(),
        number: Private::text("11010119900307001X"),
        issuer: None,
        valid_from: "20200101".to_owned(),
        valid_to: ValidTo::LongTerm,
        travel_permit: None,
        former_number: None,
        photo: None,
        fingerprint: None,
    }
}
