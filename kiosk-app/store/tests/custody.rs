//! Cells, doors and moves: what a restart knows, what the hall is told, what is refused.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use hall_api::wire::{CellUse, EventBody};
use kiosk_core::{
    custody::{
        Act, CellPlan, CellState, Change, Custody, Doubt, End, Envelope, Order, Step, Stored, Who,
    },
    event::Delivery,
    record::{PrintEnd, Record, SlipKind},
};
use kiosk_store::{CellFacts, PersistError, Refused};
use kiosk_words::{
    CaseId, CaseState, CellSize, Content, Electronic, OrderId, Private, Release, Seq, ServiceTime,
    WallTime,
};

use common::{
    CANARY_NUMBER, NOW, Station, applicant, audit, authorised, case_id, courier, custody,
    deposited, door, ended, filing, materials, moved, order, ordered, raw, result,
};

fn cell(number: u16, state: CellState) -> Record {
    custody(Change::Cell { door: door(number), state })
}

#[test]
fn custody_survives_a_restart() {
    let mut station = Station::new();
    for n in 1..=3 {
        station.file(n, 0);
    }
    let doubts = [
        Doubt::Interrupted,
        Doubt::Unconfirmed,
        Doubt::StayedShut,
        Doubt::Forced,
        Doubt::WrongDoor,
        Doubt::Lost,
        Doubt::NotAsWritten,
    ];
    let mut cells = vec![
        (door(1), CellState::Unknown),
        (door(2), CellState::Empty),
        (door(3), CellState::Holds(materials(1))),
        (door(65_535), CellState::Holds(result(2))),
    ];
    let quarantined = |(number, why)| (door(number), CellState::Quarantined { why, held: None });
    cells.extend((10..).zip(doubts).map(quarantined));
    let held = Some(Envelope { content: Content::ReturnedOriginals, ..result(3) });
    cells.push((door(20), CellState::Quarantined { why: Doubt::Forced, held }));
    let known: Vec<Record> = cells
        .iter()
        .map(|(door, state)| custody(Change::Cell { door: *door, state: *state }))
        .collect();
    station.store.persist(&known).unwrap();
    // What is said last holds.
    station.store.persist(&[cell(1, CellState::Holds(materials(3))), cell(1, cells[0].1)]).unwrap();

    let important = Order {
        content: Content::ReturnedOriginals,
        release: Release::Important,
        size: CellSize::A3,
        recalled: true,
        ..order(case_id(3))
    };
    let received =
        Record::OrderReceived { id: OrderId(u64::MAX), order: important, collectors: vec![] };
    let freeze = |n, frozen| Record::Frozen { case: case_id(n), frozen };
    let records = [
        ordered(2, &[]),
        received,
        freeze(1, true),
        freeze(2, true),
        freeze(1, true),
        freeze(2, false),
        freeze(999, true),
        authorised(41, Act::Look, courier()),
        ended(41, End::Again),
    ];
    station.store.persist(&records).unwrap();

    let (_, recovered) = station.restart();
    cells.sort_by_key(|(door, _)| *door);
    let expected = Stored {
        cells,
        orders: vec![(OrderId(u64::MAX), important), (OrderId(2), order(case_id(2)))],
        frozen: vec![case_id(1), case_id(999)],
        wrong_codes: vec![],
        open: None,
        last_authorisation: 41,
    };
    assert_eq!(recovered.custody, expected);
}

#[test]
fn a_door_that_was_open_at_the_end_is_named_at_the_next_start_whatever_it_was_for() {
    let mut station = Station::new();
    let (case, order) = (case_id(1), OrderId(9));
    let acts = [
        Act::Deposit { case },
        Act::TakeBack { case },
        Act::Collect { order },
        Act::TakeOut { case },
        Act::Put { order },
        Act::Withdraw { order },
        Act::Look,
    ];
    for (number, act) in (1..).zip(acts) {
        station.store.persist(&[authorised(number, act, applicant())]).unwrap();
        let (again, recovered) = station.restart();
        station = again;
        assert_eq!(recovered.custody.open, Some((number, door(7), act)));
        assert_eq!(recovered.custody.last_authorisation, number);
        station.store.persist(&[ended(number, End::Doubted(Doubt::Interrupted))]).unwrap();
    }
    assert_eq!(station.restart().1.custody.open, None);
}

#[test]
fn what_the_core_makes_of_an_interrupted_deposit_is_kept_and_told() {
    let mut station = Station::new();
    let case = station.file(1, 0).case;
    let deposit = authorised(1, Act::Deposit { case }, applicant());
    station.store.persist(&[cell(7, CellState::Empty), deposit]).unwrap();
    let (mut station, recovered) = station.restart();
    let plan = [CellPlan { door: door(7), size: CellSize::A4 }];
    let (_, changes) = Custody::new(&plan, &recovered.custody, 0);
    let records: Vec<Record> = changes.into_iter().map(custody).collect();
    station.store.persist(&records).unwrap();
    let event = station.store.next_batch(Seq(1), 1).unwrap().remove(0);
    assert!(event.body.contains("quarantined"), "{}", event.body);
    let (_, recovered) = station.restart();
    assert_eq!(recovered.custody.open, None);
    let [(_, CellState::Quarantined { why: Doubt::Interrupted, held: Some(held) })] =
        recovered.custody.cells.as_slice()
    else {
        panic!("{:?}", recovered.custody.cells)
    };
    assert_eq!(held.case, case);
    assert_eq!(recovered.outbox, [(Seq(1), case), (Seq(2), case)]);
}

#[test]
fn one_authorisation_one_opening() {
    let mut station = Station::new();
    let look = |number| authorised(number, Act::Look, courier());
    let refused = |station: &mut Station, record: Record| match station.store.persist(&[record]) {
        Err(PersistError::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    station.store.persist(&[look(1)]).unwrap();
    assert_eq!(refused(&mut station, look(2)), Refused::Duplicate, "one door at a time");
    station.store.persist(&[ended(1, End::Again), look(2)]).unwrap();
    assert_eq!(refused(&mut station, ended(1, End::Confirmed)), Refused::NotOpen(1));
    station.store.persist(&[ended(2, End::Confirmed)]).unwrap();
    assert_eq!(refused(&mut station, look(2)), Refused::Duplicate, "a number is given once");
    assert_eq!(refused(&mut station, ended(3, End::NotOpened)), Refused::NotOpen(3));
}

#[test]
fn an_authorisation_names_somebody_and_is_not_edited_or_removed() {
    let mut station = Station::new();
    let records = [
        authorised(1, Act::Collect { order: OrderId(1) }, applicant()),
        ended(1, End::Doubted(Doubt::Unconfirmed)),
        authorised(2, Act::Look, courier()),
    ];
    station.store.persist(&records).unwrap();
    let Station { store, dir, key } = station;
    drop(store);
    let db = raw(dir.path());
    for edit in [
        "DELETE FROM authorisation WHERE number = 1",
        "UPDATE authorisation SET how = 'confirmed', doubt = NULL WHERE number = 1",
        "UPDATE authorisation SET who = 'staff:nobody' WHERE number = 2",
        "INSERT INTO authorisation (number, door, act, who, at, quality)
         VALUES (3, 7, 'look', '', 0, 'held')",
    ] {
        assert!(db.execute(edit, []).is_err(), "{edit}");
    }
    let text = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT who FROM authorisation WHERE number = 2"), "staff:lz-007");
    let citizen = text("SELECT who FROM authorisation WHERE number = 1");
    // The keyed hash is the one by which the person's cases are found.
    let (hash, of) = citizen.split_once(':').map(|(of, hash)| (hash.to_owned(), of)).unwrap();
    assert_eq!((of, hash.len()), ("citizen", 64));
    drop(db);
    let (mut store, _) = common::open(dir.path(), &key, NOW).unwrap();
    store.persist(&filing(&common::case(1))).unwrap();
    drop(store);
    let owner = format!("SELECT count(*) FROM owner WHERE hex(hash) = upper('{hash}')");
    assert_eq!(raw(dir.path()).query_row(&owner, [], |row| row.get(0)), Ok(1));
}

/// Frozen: these bytes are hashed and sent. Do not edit; add a version of the contract.
#[test]
fn the_bytes_of_a_custody_event_are_frozen() {
    let mut station = Station::new();
    station.file(1, 0);
    let no_place = Change::Moved { door: None, envelope: result(1), step: Step::NoPlace, by: None };
    let records = [
        moved(7, materials(1), Step::Deposited, Some(applicant())),
        moved(12, result(1), Step::Placed, Some(courier())),
        moved(7, materials(1), Step::Quarantined, None),
        custody(no_place),
    ];
    station.store.persist(&records).unwrap();
    let bodies: Vec<String> =
        station.store.next_batch(Seq(1), 64).unwrap().into_iter().map(|event| event.body).collect();
    let tail = r#""at":1772673960000,"quality":"synced"}"#;
    let expected = [
        r#"{"kind":"custody","door":7,"content":"materials","order":null,"step":"deposited","by":{"who":"citizen"},"#,
        r#"{"kind":"custody","door":12,"content":"result","order":1,"step":"placed","by":{"who":"staff","id":"lz-007"},"#,
        r#"{"kind":"custody","door":7,"content":"materials","order":null,"step":"quarantined","by":{"who":"station"},"#,
        r#"{"kind":"custody","door":0,"content":"result","order":1,"step":"no_place","by":{"who":"station"},"#,
    ]
    .map(|head| format!("{head}{tail}"));
    assert_eq!(bodies, expected);
}

#[test]
fn every_step_has_its_word_at_the_hall() {
    let mut station = Station::new();
    station.file(1, 0);
    let steps = [
        (Step::Deposited, "deposited"),
        (Step::TakenBack, "taken_back"),
        (Step::TakenByStaff, "taken_by_staff"),
        (Step::Placed, "placed"),
        (Step::Collected, "collected"),
        (Step::Withdrawn, "withdrawn"),
        (Step::Unconfirmed, "unconfirmed"),
        (Step::Quarantined, "quarantined"),
        (Step::NoPlace, "no_place"),
        (Step::TooLate, "too_late"),
    ];
    let records = steps.map(|(step, _)| moved(1, materials(1), step, None));
    station.store.persist(&records).unwrap();
    let events = station.store.next_batch(Seq(1), 64).unwrap();
    let said = events.iter().map(|event| {
        let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
        body["step"].as_str().unwrap().to_owned()
    });
    assert_eq!(said.collect::<Vec<_>>(), steps.map(|(_, word)| word));
}

#[test]
fn filings_and_moves_travel_in_one_stream_in_the_order_they_were_written() {
    let mut station = Station::new();
    let mut seqs = Vec::new();
    let mut persist = |station: &mut Station, records: &[Record]| {
        seqs.push(station.store.persist(records).unwrap());
    };
    persist(&mut station, &filing(&common::case(1)));
    persist(&mut station, &[deposited(1)]);
    persist(&mut station, &filing(&common::case(2)));
    persist(&mut station, &[deposited(2), audit(kiosk_core::record::AuditKind::Started)]);
    let taken = |n| moved(n, materials(n.into()), Step::TakenByStaff, Some(courier()));
    persist(&mut station, &[taken(2), cell(2, CellState::Empty), taken(1)]);
    assert_eq!(seqs, [1, 2, 3, 4, 6].map(Seq), "the last number of each call, without a gap");
    let batch = station.store.next_batch(Seq(0), 64).unwrap();
    let stream: Vec<(Seq, CaseId, bool)> = batch
        .iter()
        .map(|event| {
            let body = serde_json::from_str(&event.body).unwrap();
            (event.seq, event.case, matches!(body, EventBody::CaseFiled(_)))
        })
        .collect();
    let case = case_id;
    let expected = [
        (Seq(1), case(1), true),
        (Seq(2), case(1), false),
        (Seq(3), case(2), true),
        (Seq(4), case(2), false),
        (Seq(5), case(2), false),
        (Seq(6), case(1), false),
    ];
    assert_eq!(stream, expected);
    let (_, recovered) = station.restart();
    assert_eq!(recovered.outbox, expected.map(|(seq, case, _)| (seq, case)));
}

#[test]
fn a_move_of_a_case_that_is_not_here_is_refused_as_a_whole() {
    let mut station = Station::new();
    station.file(1, 0);
    let records = [cell(5, CellState::Holds(materials(2))), deposited(1), deposited(2)];
    let refused = station.store.persist(&records);
    let Err(PersistError::Refused(Refused::UnknownCase(case))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(case, case_id(2));
    let refused = station.store.persist(&[ordered(2, &[CANARY_NUMBER])]);
    assert!(matches!(refused, Err(PersistError::Refused(Refused::UnknownCase(_)))), "{refused:?}");
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.custody, Stored::default());
    assert_eq!(recovered.outbox.len(), 1);
    assert_eq!(station.store.persist(&[deposited(1)]).unwrap(), Seq(2), "no gap in the stream");
}

#[test]
fn received_by_the_hall_is_proved_by_the_filing_alone() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    station.store.persist(&[deposited(1)]).unwrap();
    let state = CaseState { electronic: Electronic::AtHall, ..filed.state };
    let claim = Record::CaseMoved { case: filed.case, state, at: WallTime(NOW.0 + 1) };
    let settled = |seq, delivery| Record::OutboxSettled { answers: vec![(Seq(seq), delivery)] };
    station.store.persist(&[settled(2, Delivery::Accepted)]).unwrap();
    let claimed = station.store.persist(std::slice::from_ref(&claim));
    assert!(matches!(claimed, Err(PersistError::Refused(Refused::NoProof(_)))), "{claimed:?}");
    station.store.persist(&[deposited(1), settled(1, Delivery::Accepted), claim]).unwrap();
}

#[test]
fn a_held_move_does_not_make_a_received_case_unreceived() {
    let mut station = Station::new();
    let [first, second] = [1, 2].map(|n| station.file(n, 0).case);
    station.store.persist(&[deposited(1)]).unwrap();
    let held = || Delivery::Held { code: "bad_move".into() };
    let answers = vec![(Seq(1), Delivery::Accepted), (Seq(2), held()), (Seq(3), held())];
    station.store.persist(&[Record::OutboxSettled { answers }]).unwrap();
    let (_, recovered) = station.restart();
    assert_eq!(recovered.held, [second]);
    assert_ne!(first, second);
}

#[test]
fn the_receipt_code_names_the_filing_whatever_happened_since() {
    let mut station = Station::new();
    let case = station.file(1, 0).case;
    let code = station.store.receipt_code(case).unwrap().unwrap();
    assert_eq!(code.seq, Seq(1));
    station.store.persist(&[deposited(1)]).unwrap();
    let state = moved(1, materials(1), Step::TakenByStaff, Some(courier()));
    station.store.persist(&[state]).unwrap();
    assert_eq!(station.store.receipt_code(case).unwrap(), Some(code));
}

#[test]
fn an_order_is_over_when_its_envelope_left_or_never_comes() {
    for (step, is_over) in [
        (Step::Placed, false),
        (Step::Unconfirmed, false),
        (Step::Quarantined, false),
        (Step::Collected, true),
        (Step::Withdrawn, true),
        (Step::NoPlace, true),
    ] {
        let mut station = Station::new();
        station.file(1, 0);
        station.store.persist(&[ordered(1, &[CANARY_NUMBER])]).unwrap();
        station.store.persist(&[moved(3, result(1), step, None)]).unwrap();
        let (station, recovered) = station.restart();
        assert_eq!(recovered.custody.orders.is_empty(), is_over, "{step:?}");
        let found = common::cases_of(&station.store, CANARY_NUMBER).remove(0);
        assert_eq!(found.collects.is_empty(), is_over, "{step:?}");
    }
}

#[test]
fn wrong_codes_outlive_a_restart_and_a_repeated_order_and_end_with_the_halls_word() {
    let mut station = Station::new();
    station.file(1, 0);
    let recalled = Order { recalled: true, ..order(case_id(1)) };
    let recall = Record::OrderChanged { id: OrderId(1), order: recalled };
    let wrong = |n| Record::WrongCodes { case: case_id(1), n };
    station.store.persist(&[ordered(1, &[]), wrong(1), wrong(2), recall]).unwrap();
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.custody.wrong_codes, [(case_id(1), 2)]);
    assert!(recovered.custody.orders[0].1.recalled);
    station.store.persist(&[ordered(1, &[])]).unwrap();
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.custody.wrong_codes, [(case_id(1), 2)], "nothing is forgiven");
    assert!(!recovered.custody.orders[0].1.recalled, "the newest word");
    station.store.persist(&[wrong(0)]).unwrap();
    assert_eq!(station.restart().1.custody.wrong_codes, []);
}

#[test]
fn a_change_of_an_unknown_order_is_refused() {
    let mut station = Station::new();
    station.file(1, 0);
    let change = Record::OrderChanged { id: OrderId(4), order: order(case_id(1)) };
    let refused = station.store.persist(&[change]);
    assert!(
        matches!(refused, Err(PersistError::Refused(Refused::UnknownOrder(OrderId(4))))),
        "{refused:?}"
    );
}

#[test]
fn the_heartbeat_says_what_the_record_says_of_every_cell() {
    let mut station = Station::new();
    assert_eq!(station.store.heartbeat().unwrap().cells, []);
    let held = Some(materials(1));
    let records = [
        cell(9, CellState::Unknown),
        cell(2, CellState::Empty),
        cell(3, CellState::Holds(result(2))),
        cell(4, CellState::Quarantined { why: Doubt::Lost, held: None }),
        cell(5, CellState::Quarantined { why: Doubt::Forced, held }),
    ];
    station.store.persist(&records).unwrap();
    let fact = |door, state, case| CellFacts { door, state, case };
    let expected = [
        fact(2, CellUse::Empty, None),
        fact(3, CellUse::Holds(Content::Result), Some(case_id(2))),
        fact(4, CellUse::Quarantined, None),
        fact(5, CellUse::Quarantined, Some(case_id(1))),
        fact(9, CellUse::Unknown, None),
    ];
    assert_eq!(station.store.heartbeat().unwrap().cells, expected);
}

#[test]
fn a_print_that_never_ended_is_named_at_the_next_start() {
    let mut station = Station::new();
    let started = |number, slip| {
        let (case, at) = (case_id(1), NOW);
        Record::PrintStarted { number, case, slip, reprint: number == 3, at }
    };
    let ended = |number, how| Record::PrintEnded { number, how };
    let records = [
        started(1, SlipKind::Receipt),
        ended(1, PrintEnd::CameOut),
        started(2, SlipKind::Deposit),
        started(3, SlipKind::Receipt),
        started(4, SlipKind::Collection),
        ended(3, PrintEnd::NotStarted),
    ];
    station.store.persist(&records).unwrap();
    let (mut station, recovered) = station.restart();
    let unsettled = [(2, case_id(1), SlipKind::Deposit), (4, case_id(1), SlipKind::Collection)];
    assert_eq!(recovered.prints.unsettled, unsettled);
    assert_eq!(recovered.prints.last, 4);
    station.store.persist(&[ended(2, PrintEnd::Uncertain), ended(4, PrintEnd::Uncertain)]).unwrap();
    let twice = station.store.persist(&[ended(4, PrintEnd::CameOut)]);
    assert!(matches!(twice, Err(PersistError::Refused(Refused::NotPrinting(4)))), "{twice:?}");
    let again = station.store.persist(&[started(4, SlipKind::Receipt)]);
    assert!(matches!(again, Err(PersistError::Refused(Refused::Duplicate))), "{again:?}");
    let prints = station.restart().1.prints;
    assert_eq!((prints.unsettled, prints.last), (vec![], 4));
}

#[test]
fn a_found_case_says_which_of_its_slips_may_have_come_out() {
    let mut station = Station::new();
    for n in 1..=2 {
        station.file(n, 0);
    }
    let started = |number, n, slip| {
        let (case, at) = (case_id(n), NOW);
        Record::PrintStarted { number, case, slip, reprint: false, at }
    };
    let ended = |number, how| Record::PrintEnded { number, how };
    let records = [
        started(1, 1, SlipKind::Receipt),
        ended(1, PrintEnd::CameOut),
        started(2, 1, SlipKind::Receipt),
        ended(2, PrintEnd::Uncertain),
        started(3, 1, SlipKind::Collection),
        ended(3, PrintEnd::NotStarted),
        started(4, 2, SlipKind::Receipt),
        ended(4, PrintEnd::NotStarted),
        started(5, 1, SlipKind::Deposit),
    ];
    station.store.persist(&records).unwrap();
    let printed = |station: &Station| -> Vec<Vec<SlipKind>> {
        let found = common::cases_of(&station.store, CANARY_NUMBER);
        found.into_iter().map(|case| case.printed).collect()
    };
    let expected = [vec![], vec![SlipKind::Deposit, SlipKind::Receipt]];
    assert_eq!(printed(&station), expected, "newest case first");
    let (mut station, _) = station.restart();
    assert_eq!(printed(&station), expected);
    station.store.persist(&[ended(5, PrintEnd::NotStarted)]).unwrap();
    assert_eq!(printed(&station), [vec![], vec![SlipKind::Receipt]]);
}

#[test]
fn custody_goes_on_when_a_citizen_is_unknown_to_every_case() {
    // A collector whom only the hall named has no row but that of the order.
    let mut station = Station::new();
    station.file(1, 0);
    let by = Who::Citizen { number: Private::text("230202198809090011") };
    station
        .store
        .persist(&[authorised(1, Act::Collect { order: OrderId(1) }, by.clone())])
        .unwrap();
    let since = ServiceTime(9);
    let envelope = Envelope { since, ..result(1) };
    let taken = moved(7, envelope, Step::Collected, Some(by));
    station.store.persist(&[ended(1, End::Confirmed), cell(7, CellState::Empty), taken]).unwrap();
    assert_eq!(station.store.next_batch(Seq(1), 64).unwrap().len(), 1);
}
