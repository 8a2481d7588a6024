//! The tables of custody as lists of steps and what they move.

use kiosk_words::{ClockQuality, OrderId, Outcome};

use super::*;

const AT: WallTime = WallTime(1_772_673_960_000);
const HOUR_MS: i64 = 3_600_000;

fn station() -> StationId {
    StationId::try_from(17).unwrap()
}

fn moved(content: Content, step: CustodyStep) -> CustodyMoved {
    let order = (content != Content::Materials).then_some(OrderId(1));
    let quality = ClockQuality::Synced;
    CustodyMoved { door: 3, content, order, step, by: By::Citizen, at: AT, quality }
}

fn decided() -> Handling {
    Handling::Decided { outcome: Outcome::Granted, on: "2026-03-04".into() }
}

fn present(originals: Originals, handling: Handling, order: Option<OrderState>) -> Present {
    Present { originals, handling, decided: Some(decided()), order, is_history: false }
}

fn materials_from(originals: Originals, step: CustodyStep) -> Option<Vec<Originals>> {
    let present = present(originals, Handling::AwaitingReview, None);
    moves(&moved(Content::Materials, step), station(), &present).map(|moves| moves.originals)
}

#[test]
fn originals_go_into_the_cell_and_to_the_hall() {
    use CustodyStep as S;
    use Originals as O;
    for (from, step, expect) in [
        (O::AwaitingCell, S::Deposited, Some(vec![O::InCell])),
        (O::InCell, S::Deposited, Some(vec![])),
        (O::InCell, S::TakenBack, Some(vec![O::AwaitingCell])),
        (O::AwaitingCell, S::TakenBack, Some(vec![])),
        (O::InCell, S::TakenByStaff, Some(vec![O::TakenByHall])),
        (O::TakenByHall, S::TakenByStaff, Some(vec![])),
        (O::AwaitingCell, S::Unconfirmed, Some(vec![])),
        (O::InCell, S::Quarantined, Some(vec![])),
        (O::TakenByHall, S::Deposited, None),
        (O::TakenByHall, S::TakenBack, None),
        (O::NotNeeded, S::Deposited, None),
        (O::NotNeeded, S::TakenByStaff, None),
        (O::Returned, S::TakenByStaff, None),
    ] {
        assert_eq!(materials_from(from, step), expect, "{from:?} {step:?}");
    }
}

/// A deposit that nobody confirmed told no `Deposited`; staff who take it out prove it was there.
#[test]
fn what_staff_take_out_was_in_the_cell() {
    let taken = materials_from(Originals::AwaitingCell, CustodyStep::TakenByStaff);
    assert_eq!(taken, Some(vec![Originals::InCell, Originals::TakenByHall]));
}

#[test]
fn late_news_of_a_trip_that_ended_on_the_desk_moves_nothing() {
    let mut late = present(Originals::TakenByHall, Handling::AwaitingReview, None);
    late.is_history = true;
    let news = moved(Content::Materials, CustodyStep::Deposited);
    assert_eq!(moves(&news, station(), &late), Some(Moves::default()));
}

fn result_from(handling: &Handling, order: OrderState, step: CustodyStep) -> Option<Moves> {
    let present = present(Originals::NotNeeded, handling.clone(), Some(order));
    moves(&moved(Content::Result, step), station(), &present)
}

#[test]
fn a_result_waits_where_it_lies_and_is_collected_once() {
    use CustodyStep as S;
    use OrderState as O;
    let waiting = Handling::AwaitingCollection { station: 17 };
    let collected = Handling::Collected { on: "2026-03-05".into() };
    let expect = |handling: &[&Handling], order| {
        let handling = handling.iter().map(|one| (*one).clone()).collect();
        Some(Moves { originals: Vec::new(), handling, order: Some(order) })
    };
    for (from, order, step, expect) in [
        (&decided(), O::Ordered, S::Placed, expect(&[&waiting], O::Placed)),
        (&waiting, O::Placed, S::Placed, expect(&[], O::Placed)),
        (&waiting, O::Placed, S::Collected, expect(&[&collected], O::Collected)),
        (&waiting, O::Placed, S::Withdrawn, expect(&[&decided()], O::Withdrawn)),
        (&decided(), O::Ordered, S::Withdrawn, expect(&[], O::Withdrawn)),
        (&decided(), O::Ordered, S::NoPlace, expect(&[], O::NoPlace)),
        (&waiting, O::Placed, S::Unconfirmed, expect(&[], O::Placed)),
        (&collected, O::Collected, S::TooLate, expect(&[], O::Collected)),
        // The door that staff put it behind closed unconfirmed.
        (&decided(), O::Ordered, S::Collected, expect(&[&waiting, &collected], O::Collected)),
        (&collected, O::Collected, S::Collected, None),
        (&collected, O::Collected, S::Withdrawn, None),
        (&decided(), O::Withdrawn, S::Placed, None),
        (&decided(), O::NoPlace, S::Placed, None),
        (&waiting, O::Placed, S::NoPlace, None),
        (&Handling::InProgress, O::Ordered, S::Placed, None),
    ] {
        assert_eq!(result_from(from, order, step), expect, "{from:?} {order:?} {step:?}");
    }
}

/// A recalled envelope was given at the window before the station answered.
#[test]
fn a_late_answer_to_a_recall_leaves_what_was_handed_over_alone() {
    let handed_over = Handling::HandedOver { how: "窗口".into() };
    let moves = result_from(&handed_over, OrderState::Ordered, CustodyStep::Withdrawn).unwrap();
    assert_eq!(moves.handling, []);
}

#[test]
fn returned_originals_wait_and_come_back_or_stay() {
    use CustodyStep as S;
    use Originals as O;
    let from = |originals, order, step| {
        let present = present(originals, decided(), Some(order));
        moves(&moved(Content::ReturnedOriginals, step), station(), &present)
            .map(|moves| moves.originals)
    };
    use OrderState::{Ordered, Placed};
    assert_eq!(from(O::TakenByHall, Ordered, S::Placed), Some(vec![O::AwaitingReturn]));
    assert_eq!(from(O::AwaitingReturn, Placed, S::Collected), Some(vec![O::Returned]));
    assert_eq!(from(O::AwaitingReturn, Placed, S::Withdrawn), Some(vec![O::TakenByHall]));
    assert_eq!(from(O::TakenByHall, Ordered, S::Withdrawn), Some(vec![]));
    assert_eq!(from(O::Returned, Ordered, S::Withdrawn), Some(vec![]));
    assert_eq!(from(O::InCell, Ordered, S::Placed), None);
}

#[test]
fn an_event_that_contradicts_itself_does_not_fit() {
    use CustodyStep as S;
    assert!(fits(&moved(Content::Materials, S::Deposited)));
    assert!(fits(&moved(Content::Result, S::Placed)));
    let no_order = CustodyMoved { order: None, ..moved(Content::Result, S::Placed) };
    let with_order =
        CustodyMoved { order: Some(OrderId(1)), ..moved(Content::Materials, S::Deposited) };
    let nobody = By::Staff { id: String::new() };
    let door = CustodyMoved { door: 10_000, ..moved(Content::Result, S::Placed) };
    let nameless = CustodyMoved { by: nobody, ..moved(Content::Result, S::Placed) };
    let never = CustodyMoved { at: WallTime(i64::MAX), ..moved(Content::Result, S::Placed) };
    for wrong in [
        no_order,
        with_order,
        door,
        nameless,
        never,
        moved(Content::Materials, S::Placed),
        moved(Content::Result, S::Deposited),
    ] {
        assert!(!fits(&wrong), "{wrong:?}");
    }
}

const fn told(step: CustodyStep) -> Step {
    Step::Station(step)
}

fn numbered(steps: &[Step]) -> Vec<(i64, Step)> {
    (1..).zip(steps.iter().copied()).collect()
}

#[test]
fn materials_are_away_from_the_cell_to_the_desk() {
    let taken = told(CustodyStep::TakenByStaff);
    let deposited = told(CustodyStep::Deposited);
    for (steps, expect) in [
        (vec![], None),
        (vec![deposited], None),
        (vec![deposited, taken], Some((2, Way::ToDesk))),
        (vec![deposited, taken, Step::AtDesk], None),
        (vec![Step::AtDesk], Some((1, Way::Unreported))),
        (vec![Step::AtDesk, deposited, taken], None),
        (vec![deposited, taken, Step::AtDesk, deposited, taken], Some((5, Way::ToDesk))),
    ] {
        assert_eq!(away(None, &numbered(&steps)), expect, "{steps:?}");
    }
}

#[test]
fn an_ordered_envelope_is_away_with_the_courier_only() {
    use OrderState as O;
    let given = Step::GivenToCourier;
    let (placed, withdrawn) = (told(CustodyStep::Placed), told(CustodyStep::Withdrawn));
    let unconfirmed = told(CustodyStep::Unconfirmed);
    for (order, steps, expect, place) in [
        (O::Ordered, vec![], None, Whereabouts::Desk),
        (O::Ordered, vec![given], Some((1, Way::ToCell)), Whereabouts::Courier),
        (
            O::NoPlace,
            vec![given, told(CustodyStep::NoPlace)],
            Some((1, Way::ToDesk)),
            Whereabouts::Courier,
        ),
        (O::NoPlace, vec![told(CustodyStep::NoPlace)], None, Whereabouts::Desk),
        (O::NoPlace, vec![given, Step::AtDesk], None, Whereabouts::Desk),
        (O::Placed, vec![given, placed], None, Whereabouts::Cell),
        (O::Collected, vec![given, placed], None, Whereabouts::Gone),
        (
            O::Withdrawn,
            vec![given, placed, withdrawn],
            Some((3, Way::ToDesk)),
            Whereabouts::Courier,
        ),
        (O::Withdrawn, vec![placed, withdrawn], Some((2, Way::ToDesk)), Whereabouts::Courier),
        (O::Withdrawn, vec![given, placed, withdrawn, Step::AtDesk], None, Whereabouts::Desk),
        // The courier was faster than the network.
        (O::Withdrawn, vec![given, Step::AtDesk, placed, withdrawn], None, Whereabouts::Desk),
        // Recalled on the way, and recalled before it left.
        (O::Withdrawn, vec![given, withdrawn], Some((1, Way::ToDesk)), Whereabouts::Courier),
        (O::Withdrawn, vec![withdrawn], None, Whereabouts::Desk),
        (O::Withdrawn, vec![withdrawn, Step::HandedOut], None, Whereabouts::Gone),
        // The door closed and nobody said whether it was put in.
        (O::Ordered, vec![unconfirmed], None, Whereabouts::InDoubt),
        (O::Placed, vec![placed, unconfirmed], None, Whereabouts::InDoubt),
        (O::Placed, vec![placed, unconfirmed, placed], None, Whereabouts::Cell),
        (O::Withdrawn, vec![unconfirmed, withdrawn], Some((2, Way::ToDesk)), Whereabouts::Courier),
    ] {
        let steps = numbered(&steps);
        assert_eq!(away(Some(order), &steps), expect, "{order:?} {steps:?}");
        assert_eq!(whereabouts(order, &steps), place, "{order:?} {steps:?}");
    }
}

#[test]
fn four_hours_are_amber_and_the_end_of_the_day_is_red() {
    // 09:26
    assert_eq!(lateness(AT, WallTime(AT.0 + 4 * HOUR_MS - 1)), Lateness::InTime);
    assert_eq!(lateness(AT, WallTime(AT.0 + 4 * HOUR_MS)), Lateness::Amber);
    assert_eq!(lateness(AT, WallTime(AT.0 + 14 * HOUR_MS)), Lateness::Amber);
    assert_eq!(lateness(AT, WallTime(AT.0 + 15 * HOUR_MS)), Lateness::Red);
    // Taken at 23:26: midnight alone is not late.
    let night = WallTime(AT.0 + 14 * HOUR_MS);
    assert_eq!(lateness(night, WallTime(night.0 + HOUR_MS)), Lateness::InTime);
    assert_eq!(lateness(night, WallTime(night.0 + 5 * HOUR_MS)), Lateness::Red);
}
