//! Custody as lists of events: what is authorised, what is written, what is closed off.

use device_api::locker::{DoorChanged, DoorNo, DoorState, Refusal};
use kiosk_core::custody::{
    Act, CellPlan, CellState, Change, Custody, Denied, Doubt, End, Envelope, Order, Phase, Step,
    Stored, Unasked, WRONG_CODES_MAX, Who,
};
use kiosk_words::{CaseId, CellSize, Content, Moment, OrderId, Private, Release, ServiceTime};

const NOW: ServiceTime = ServiceTime(1_772_673_960_000);

fn door(number: u16) -> DoorNo {
    DoorNo::new(number).expect("doors are numbered from 1")
}

fn case(n: u8) -> CaseId {
    CaseId::new(1, [n; 10])
}

fn citizen() -> Who {
    Who::Citizen { number: Private::text("230202199001011236") }
}

fn courier() -> Who {
    Who::Staff { id: "1001".to_owned() }
}

fn plan() -> Vec<CellPlan> {
    let size = |n: u16| if n < 3 { CellSize::A4 } else { CellSize::A4Thick };
    (1..=4).map(|n| CellPlan { door: door(n), size: size(n) }).collect()
}

fn stored(cells: &[(u16, CellState)]) -> Stored {
    let cells = (1..=4).map(|n| {
        let known = cells.iter().find(|(at, _)| *at == n);
        (door(n), known.map_or(CellState::Empty, |(_, state)| *state))
    });
    Stored { cells: cells.collect(), ..Stored::default() }
}

/// A cabinet of four with all doors seen shut.
fn cabinet(stored: &Stored, kept: usize) -> Custody {
    let (mut custody, _) = Custody::new(&plan(), stored, kept);
    for n in 1..=4 {
        moves(&mut custody, n, DoorState::Unknown, DoorState::Shut);
    }
    custody
}

fn moves(custody: &mut Custody, n: u16, was: DoorState, is: DoorState) -> Vec<Change> {
    custody.door_changed(DoorChanged { door: door(n), was, is })
}

/// Authorised, written, opened and shut again.
fn opens_and_shuts(custody: &mut Custody, act: Act, by: Who, look: Option<DoorNo>) -> DoorNo {
    custody.authorise(act, by, look).expect("allowed");
    let number = custody.opening().expect("an act is under way").authorisation;
    let asked = custody.written(number).expect("a door to ask");
    custody.opened(asked, Moment(1_000));
    moves(custody, asked.get(), DoorState::Releasing, DoorState::Open);
    moves(custody, asked.get(), DoorState::Open, DoorState::Shut);
    assert_eq!(custody.opening().expect("an act is under way").phase, Phase::Asking);
    asked
}

fn order(n: u8) -> Order {
    Order {
        case: case(n),
        content: Content::Result,
        release: Release::Ordinary,
        size: CellSize::A4,
        recalled: false,
    }
}

fn lies(content: Content, n: u8, id: Option<u64>) -> CellState {
    let order = id.map(OrderId);
    CellState::Holds(Envelope { case: case(n), content, order, since: NOW })
}

fn step_of(changes: &[Change]) -> Option<Step> {
    changes.iter().find_map(|change| match change {
        Change::Moved { step, .. } => Some(*step),
        Change::Authorised { .. } | Change::Ended { .. } | Change::Cell { .. } => None,
    })
}

#[test]
fn originals_go_in_and_come_back_until_staff_take_them() {
    let mut custody = cabinet(&stored(&[]), 0);
    assert_eq!(custody.reserve(case(1), CellSize::A4), Some(door(1)));
    let at = opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
    assert_eq!(custody.cell(at).unwrap().state, CellState::Empty, "nothing lies there unconfirmed");
    assert_eq!(step_of(&custody.confirm(NOW)), Some(Step::Deposited));
    assert_eq!(custody.materials_of(case(1)), Some(at));
    assert_eq!(custody.reserved_for(case(1)), None);
    opens_and_shuts(&mut custody, Act::TakeBack { case: case(1) }, citizen(), None);
    assert_eq!(step_of(&custody.confirm(NOW)), Some(Step::TakenBack));
    let gone = custody.authorise(Act::TakeBack { case: case(1) }, citizen(), None);
    assert_eq!(gone, Err(Denied::NotHere));
}

#[test]
fn the_door_is_asked_only_when_the_authorisation_is_written_and_only_once() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    let changes = custody.authorise(Act::Deposit { case: case(1) }, citizen(), None).unwrap();
    assert!(matches!(changes.as_slice(), [Change::Authorised { number: 1, .. }]));
    assert_eq!(custody.written(7), None, "another authorisation");
    assert_eq!(custody.written(1), Some(door(1)));
    assert_eq!(custody.written(1), None, "one_authorisation_one_opening");
}

#[test]
fn one_door_at_a_time() {
    let there =
        stored(&[(1, lies(Content::Materials, 1, None)), (2, lies(Content::Materials, 2, None))]);
    let mut custody = cabinet(&there, 0);
    custody.authorise(Act::TakeOut { case: case(1) }, courier(), None).unwrap();
    let second = custody.authorise(Act::TakeOut { case: case(2) }, courier(), None);
    assert_eq!(second, Err(Denied::Busy(door(1))));
}

#[test]
fn a_door_that_stands_open_stops_every_other() {
    let there = stored(&[(1, lies(Content::Materials, 1, None))]);
    let mut custody = cabinet(&there, 0);
    moves(&mut custody, 3, DoorState::Shut, DoorState::Forced);
    let denied = custody.authorise(Act::TakeOut { case: case(1) }, courier(), None);
    assert_eq!(denied, Err(Denied::Busy(door(3))));
    assert_eq!(custody.open_door(), Some(door(3)));
}

#[test]
fn again_is_a_new_authorisation_at_most_twice_and_within_three_minutes() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
    for number in [2, 3] {
        let changes = custody.again(Moment(2_000)).unwrap();
        assert_eq!(changes[0], Change::Ended { number: number - 1, how: End::Again });
        assert!(matches!(changes[1], Change::Authorised { number: n, .. } if n == number));
        custody.written(number).unwrap();
        custody.opened(door(1), Moment(2_000));
        moves(&mut custody, 1, DoorState::Open, DoorState::Shut);
    }
    assert_eq!(custody.again(Moment(2_000)), Err(Denied::NoMore), "twice");

    let mut late = cabinet(&stored(&[]), 0);
    late.reserve(case(1), CellSize::A4);
    opens_and_shuts(&mut late, Act::Deposit { case: case(1) }, citizen(), None);
    assert!(late.may_open_again(Moment(181_000)));
    assert!(!late.may_open_again(Moment(181_001)));
}

#[test]
fn walking_away_unconfirmed_closes_the_cell_off() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    let at = opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
    let changes = custody.session_over(Moment(9_000));
    assert_eq!(step_of(&changes), Some(Step::Unconfirmed));
    let state = custody.cell(at).unwrap().state;
    let CellState::Quarantined { why: Doubt::Unconfirmed, held: Some(envelope) } = state else {
        panic!("{state:?}")
    };
    assert_eq!(envelope.case, case(1));
}

#[test]
fn walking_away_with_the_door_open_is_watched_to_its_end() {
    let mut custody = cabinet(&stored(&[(1, lies(Content::Result, 1, Some(5)))]), 0);
    custody.place(OrderId(5), order(1));
    custody.authorise(Act::Collect { order: OrderId(5) }, citizen(), None).unwrap();
    custody.written(1).unwrap();
    custody.opened(door(1), Moment(1));
    moves(&mut custody, 1, DoorState::Releasing, DoorState::Open);
    assert!(custody.session_over(Moment(2)).is_empty(), "the door is still open");
    let other = custody.authorise(Act::Look, courier(), Some(door(2)));
    assert_eq!(other, Err(Denied::Busy(door(1))));
    let changes = moves(&mut custody, 1, DoorState::Ajar, DoorState::Shut);
    assert_eq!(step_of(&changes), Some(Step::Unconfirmed));
    assert_eq!(custody.opening(), None);
}

#[test]
fn leaving_before_the_door_was_asked_opens_nothing() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    custody.authorise(Act::Deposit { case: case(1) }, citizen(), None).unwrap();
    custody.session_over(Moment(5));
    assert_eq!(custody.written(1), None);
    let (ended, why) = custody.drop_unasked(1);
    assert_eq!(ended, [Change::Ended { number: 1, how: End::NotOpened }]);
    assert_eq!(why, Some(Unasked::Left));
    assert_eq!(custody.cell(door(1)).unwrap().state, CellState::Empty);
}

#[test]
fn each_way_not_to_open_has_its_consequence() {
    let cases = [
        (Refusal::NotKnown, None),
        (Refusal::AnotherDoor(door(3)), None),
        (Refusal::StayedShut, Some(Doubt::StayedShut)),
        (Refusal::Lost, Some(Doubt::Lost)),
        (Refusal::WrongDoor(door(4)), Some(Doubt::WrongDoor)),
    ];
    for (refusal, doubt) in cases {
        let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
        let mut custody = cabinet(&there, 0);
        custody.place(OrderId(5), order(1));
        custody.authorise(Act::Collect { order: OrderId(5) }, citizen(), None).unwrap();
        custody.written(1).unwrap();
        custody.not_opened(refusal);
        assert_eq!(custody.opening(), None, "{refusal:?}");
        let state = custody.cell(door(1)).unwrap().state;
        match (state, doubt) {
            (CellState::Holds(_), None) => {}
            (CellState::Quarantined { why, held: Some(_) }, Some(doubt)) => assert_eq!(why, doubt),
            (state, doubt) => panic!("{refusal:?}: {state:?}, expected {doubt:?}"),
        }
        let other = custody.cell(door(4)).unwrap().state;
        let wrong = matches!(refusal, Refusal::WrongDoor(_));
        assert_eq!(matches!(other, CellState::Quarantined { .. }), wrong, "{refusal:?}");
    }
}

#[test]
fn papers_that_met_a_jammed_door_are_still_in_the_hand_and_take_another_cell() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    custody.authorise(Act::Deposit { case: case(1) }, citizen(), None).unwrap();
    custody.written(1).unwrap();
    let changes = custody.not_opened(Refusal::StayedShut);
    assert_eq!(step_of(&changes), None, "nothing of the case moved");
    assert_eq!(custody.reserve(case(1), CellSize::A4), Some(door(2)));
}

#[test]
fn a_forced_door_closes_its_cell_off_and_names_what_was_inside() {
    let there = stored(&[(2, lies(Content::Result, 1, Some(5)))]);
    let mut custody = cabinet(&there, 0);
    let changes = moves(&mut custody, 2, DoorState::Shut, DoorState::Forced);
    assert_eq!(step_of(&changes), Some(Step::Quarantined));
    assert_eq!(custody.may_collect(OrderId(5)), Err(Denied::NotHere), "no order of the hall");
    custody.place(OrderId(5), order(1));
    assert_eq!(custody.may_collect(OrderId(5)), Err(Denied::InDoubt(door(2))));
}

#[test]
fn an_opening_found_at_the_start_is_void_and_in_doubt() {
    let mut there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
    there.open = Some((41, door(1), Act::Collect { order: OrderId(5) }));
    there.orders = vec![(OrderId(5), order(1))];
    there.last_authorisation = 41;
    let (custody, changes) = Custody::new(&plan(), &there, 0);
    let doubt = End::Doubted(Doubt::Interrupted);
    assert_eq!(changes[0], Change::Ended { number: 41, how: doubt });
    assert_eq!(step_of(&changes), Some(Step::Quarantined));
    assert_eq!(custody.opening(), None);
    assert_eq!(custody.to_look(), [door(1)]);
}

#[test]
fn a_new_store_trusts_no_cell_until_somebody_looked() {
    let (mut custody, _) = Custody::new(&plan(), &Stored::default(), 0);
    for n in 1..=4 {
        moves(&mut custody, n, DoorState::Unknown, DoorState::Shut);
    }
    assert_eq!(custody.reserve(case(1), CellSize::A4), None);
    assert_eq!(custody.to_look().len(), 4);
    opens_and_shuts(&mut custody, Act::Look, courier(), Some(door(1)));
    custody.found(true);
    assert_eq!(custody.reserve(case(1), CellSize::A4), Some(door(1)));
    opens_and_shuts(&mut custody, Act::Look, courier(), Some(door(2)));
    let changes = custody.found(false);
    assert!(changes.iter().any(|change| matches!(
        change,
        Change::Cell { state: CellState::Quarantined { why: Doubt::NotAsWritten, .. }, .. }
    )));
}

#[test]
fn some_cells_stay_free_for_results_and_a_bigger_one_takes_a_small_envelope() {
    let mut custody = cabinet(&stored(&[]), 2);
    assert_eq!(custody.reserve(case(1), CellSize::A4Thick), Some(door(3)));
    assert_eq!(custody.reserve(case(2), CellSize::A4), Some(door(1)));
    assert_eq!(custody.reserve(case(3), CellSize::A4), None, "two are kept");
    custody.place(OrderId(5), order(9));
    opens_and_shuts(&mut custody, Act::Put { order: OrderId(5) }, courier(), None);
    assert_eq!(step_of(&custody.confirm(NOW)), Some(Step::Placed));
    assert_eq!(custody.place_of(OrderId(5)), Some(door(2)));
}

#[test]
fn a_reservation_outlives_its_session_by_ten_minutes() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    custody.session_over(Moment(1_000));
    custody.tick(Moment(600_999));
    assert_eq!(custody.reserved_for(case(1)), Some(door(1)));
    custody.tick(Moment(601_000));
    assert_eq!(custody.reserved_for(case(1)), None);
}

#[test]
fn a_frozen_recalled_or_locked_result_is_not_given_out() {
    let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
    let mut custody = cabinet(&there, 0);
    custody.place(OrderId(5), order(1));
    assert_eq!(custody.may_collect(OrderId(5)), Ok(door(1)));
    custody.set_frozen(case(1), true);
    assert_eq!(custody.may_collect(OrderId(5)), Err(Denied::Frozen));
    let late = custody.authorise(Act::Collect { order: OrderId(5) }, citizen(), None);
    assert_eq!(late, Err(Denied::Frozen), "frozen at the last second");
    custody.set_frozen(case(1), false);
    for n in 1..=WRONG_CODES_MAX {
        assert_eq!(custody.wrong_code(case(1)), n);
    }
    assert_eq!(custody.may_collect(OrderId(5)), Err(Denied::Locked));
    custody.place(OrderId(5), order(1));
    assert_eq!(
        custody.may_collect(OrderId(5)),
        Err(Denied::Locked),
        "a repeated order forgives nothing"
    );
    assert!(custody.recall(OrderId(5), case(1)).unwrap().recalled);
    assert_eq!(custody.to_withdraw(), [(door(1), OrderId(5))]);
}

#[test]
fn what_could_never_be_given_out_here_is_not_taken() {
    let mut custody = cabinet(&stored(&[]), 0);
    for release in [Release::Important, Release::NotInLocker] {
        let changes = custody.place(OrderId(6), Order { release, ..order(1) });
        assert_eq!(step_of(&changes), Some(Step::NoPlace));
        assert!(custody.to_place().is_empty());
    }
    let too_late = custody.recall(OrderId(6), case(1)).unwrap_err();
    assert_eq!(step_of(&[too_late]), Some(Step::TooLate));
}

#[test]
fn nothing_opens_behind_a_silent_board() {
    let there = stored(&[(1, lies(Content::Materials, 1, None))]);
    let (mut custody, _) = Custody::new(&plan(), &there, 0);
    let denied = custody.authorise(Act::TakeOut { case: case(1) }, courier(), None);
    assert_eq!(denied, Err(Denied::DoorUnknown));
    assert_eq!(custody.reserve(case(2), CellSize::A4), None);
}

// ---- what may lie in a cell that is closed off ----

/// Put in, walked away: the envelope may be in cell 1.
fn deposit_in_doubt(custody: &mut Custody) {
    custody.reserve(case(1), CellSize::A4).expect("a free cell");
    opens_and_shuts(custody, Act::Deposit { case: case(1) }, citizen(), None);
    custody.session_over(Moment(9_000));
}

/// Closed-off cell 1 is looked into.
fn looks(custody: &mut Custody, is_empty: bool) -> Vec<Change> {
    opens_and_shuts(custody, Act::Look, courier(), Some(door(1)));
    custody.found(is_empty)
}

#[test]
fn what_may_lie_in_one_cell_is_not_put_into_another() {
    let mut custody = cabinet(&stored(&[]), 0);
    deposit_in_doubt(&mut custody);
    assert_eq!(custody.materials_in_doubt(case(1)), Some(door(1)));
    custody.reserve(case(1), CellSize::A4).unwrap();
    let again = custody.authorise(Act::Deposit { case: case(1) }, citizen(), None);
    assert_eq!(again, Err(Denied::InDoubt(door(1))));
    custody.place(OrderId(5), order(2));
    opens_and_shuts(&mut custody, Act::Put { order: OrderId(5) }, courier(), None);
    custody.session_over(Moment(20_000));
    let again = custody.authorise(Act::Put { order: OrderId(5) }, courier(), None);
    assert!(matches!(again, Err(Denied::InDoubt(_))), "{again:?}");
    assert!(custody.to_place().is_empty(), "nobody is sent to put in what may be there");
}

#[test]
fn a_start_with_two_doubts_about_one_envelope_is_a_start() {
    let mut there = stored(&[]);
    let envelope = Envelope { case: case(1), content: Content::Materials, order: None, since: NOW };
    let state = CellState::Quarantined { why: Doubt::Unconfirmed, held: Some(envelope) };
    there.cells[0] = (door(1), state);
    there.open = Some((41, door(2), Act::Deposit { case: case(1) }));
    let (custody, changes) = Custody::new(&plan(), &there, 0);
    let second = custody.cell(door(2)).unwrap().state;
    assert_eq!(second, CellState::Quarantined { why: Doubt::Interrupted, held: None });
    assert_eq!(step_of(&changes), None, "the hall knows of it already");
}

#[test]
fn papers_are_in_the_hand_when_another_door_opened_first() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    custody.authorise(Act::Deposit { case: case(1) }, citizen(), None).unwrap();
    custody.written(1).unwrap();
    custody.not_opened(Refusal::WrongDoor(door(4)));
    assert_eq!(custody.materials_in_doubt(case(1)), None);
    assert_eq!(custody.reserve(case(1), CellSize::A4), Some(door(2)));
    opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
    assert_eq!(step_of(&custody.confirm(NOW)), Some(Step::Deposited));
}

#[test]
fn a_second_opening_that_fails_does_not_forget_what_the_first_let_in() {
    for refusal in [
        Refusal::StayedShut,
        Refusal::Lost,
        Refusal::NotKnown,
        Refusal::AnotherDoor(door(3)),
        Refusal::WrongDoor(door(4)),
    ] {
        let mut custody = cabinet(&stored(&[]), 0);
        custody.reserve(case(1), CellSize::A4);
        opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
        custody.again(Moment(2_000)).unwrap();
        custody.written(2).unwrap();
        custody.not_opened(refusal);
        assert_eq!(custody.materials_in_doubt(case(1)), Some(door(1)), "{refusal:?}");
    }
}

#[test]
fn a_second_opening_that_was_never_asked_is_in_doubt_too() {
    let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
    let mut custody = cabinet(&there, 0);
    custody.place(OrderId(5), order(1));
    opens_and_shuts(&mut custody, Act::Collect { order: OrderId(5) }, citizen(), None);
    custody.again(Moment(2_000)).unwrap();
    custody.session_over(Moment(2_001));
    assert_eq!(custody.written(2), None);
    let (changes, _) = custody.drop_unasked(2);
    assert_eq!(step_of(&changes), Some(Step::Unconfirmed));
}

#[test]
fn a_freeze_or_recall_after_the_authorisation_was_asked_for_keeps_the_door_shut() {
    for freezes in [true, false] {
        let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
        let mut custody = cabinet(&there, 0);
        custody.place(OrderId(5), order(1));
        custody.authorise(Act::Collect { order: OrderId(5) }, citizen(), None).unwrap();
        let expected = if freezes {
            custody.set_frozen(case(1), true);
            Denied::Frozen
        } else {
            custody.recall(OrderId(5), case(1)).unwrap();
            Denied::Recalled
        };
        assert_eq!(custody.written(1), None);
        let (changes, why) = custody.drop_unasked(1);
        assert_eq!(changes, [Change::Ended { number: 1, how: End::NotOpened }]);
        assert_eq!(why, Some(Unasked::Denied(expected)));
        assert_eq!(custody.place_of(OrderId(5)), Some(door(1)), "it still lies there");
    }
}

#[test]
fn frozen_while_the_door_was_open_it_does_not_open_again() {
    let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
    let mut custody = cabinet(&there, 0);
    custody.place(OrderId(5), order(1));
    opens_and_shuts(&mut custody, Act::Collect { order: OrderId(5) }, citizen(), None);
    assert!(custody.may_open_again(Moment(2_000)));
    custody.set_frozen(case(1), true);
    assert!(!custody.may_open_again(Moment(2_000)));
    assert_eq!(step_of(&custody.confirm(NOW)), Some(Step::Collected), "it was taken before");
}

#[test]
fn a_door_that_falls_open_while_the_person_is_asked_ends_in_doubt() {
    let mut custody = cabinet(&stored(&[]), 0);
    custody.reserve(case(1), CellSize::A4);
    opens_and_shuts(&mut custody, Act::Deposit { case: case(1) }, citizen(), None);
    let changes = moves(&mut custody, 1, DoorState::Shut, DoorState::Forced);
    assert_eq!(step_of(&changes), Some(Step::Quarantined));
    assert!(custody.confirm(NOW).is_empty(), "no word after it takes the doubt away");
    assert_eq!(custody.materials_in_doubt(case(1)), Some(door(1)));
}

#[test]
fn what_was_in_doubt_and_is_there_is_told_as_lying_there() {
    let mut custody = cabinet(&stored(&[]), 0);
    deposit_in_doubt(&mut custody);
    assert_eq!(step_of(&looks(&mut custody, false)), Some(Step::Deposited));
    assert_eq!(custody.materials_of(case(1)), Some(door(1)));
}

#[test]
fn a_cell_found_empty_twice_is_empty_and_can_be_used() {
    let mut custody = cabinet(&stored(&[]), 0);
    deposit_in_doubt(&mut custody);
    assert_eq!(step_of(&looks(&mut custody, true)), Some(Step::Quarantined), "the hall is told");
    assert_eq!(custody.to_look(), [door(1)]);
    assert_eq!(step_of(&looks(&mut custody, true)), None);
    assert_eq!(custody.cell(door(1)).unwrap().state, CellState::Empty);
    assert_eq!(custody.materials_in_doubt(case(1)), None);
}

#[test]
fn a_recall_of_what_may_be_in_a_cell_does_not_say_that_it_is_out() {
    let there = stored(&[(1, lies(Content::Result, 1, Some(5)))]);
    let mut custody = cabinet(&there, 0);
    custody.place(OrderId(5), order(1));
    moves(&mut custody, 1, DoorState::Shut, DoorState::Forced);
    moves(&mut custody, 1, DoorState::Forced, DoorState::Shut);
    assert!(custody.recall(OrderId(5), case(1)).unwrap().recalled);
    looks(&mut custody, false);
    assert_eq!(custody.to_withdraw(), [(door(1), OrderId(5))]);
}

#[test]
fn taking_back_needs_what_collecting_needs() {
    let there = stored(&[(1, lies(Content::Materials, 1, None))]);
    let mut custody = cabinet(&there, 0);
    let back = Act::TakeBack { case: case(1) };
    assert_eq!(custody.may_give(back), Ok(door(1)));
    custody.set_frozen(case(1), true);
    assert_eq!(custody.authorise(back, citizen(), None), Err(Denied::Frozen));
    custody.set_frozen(case(1), false);
    for _ in 0..WRONG_CODES_MAX {
        custody.wrong_code(case(1));
    }
    assert_eq!(custody.may_give(back), Err(Denied::Locked));
}

#[test]
fn one_broken_switch_does_not_shut_staff_out() {
    let mut custody = cabinet(&stored(&[(2, lies(Content::Materials, 1, None))]), 0);
    moves(&mut custody, 1, DoorState::Shut, DoorState::Forced);
    custody.reserve(case(2), CellSize::A4).unwrap();
    let citizens = custody.authorise(Act::Deposit { case: case(2) }, citizen(), None);
    assert_eq!(citizens, Err(Denied::Busy(door(1))));
    assert!(custody.authorise(Act::Look, courier(), Some(door(4))).is_ok());
}

#[test]
fn a_silent_board_does_not_make_the_cabinet_full() {
    let mut custody = cabinet(&stored(&[]), 0);
    for n in 1..=4 {
        moves(&mut custody, n, DoorState::Shut, DoorState::Unknown);
    }
    assert_eq!(custody.reserve(case(1), CellSize::A4), None);
    assert_eq!(custody.why_no_cell(CellSize::A4), Denied::DoorUnknown);
    assert_eq!(custody.why_no_cell(CellSize::A3), Denied::NoFreeCell, "there is none of this size");
}
