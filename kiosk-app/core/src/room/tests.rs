use device_api::room::{Fault, Inputs};

use super::*;

const CALM: Inputs = Inputs { emergency: false, lobby_open: false, on_mains: true };
const PRESSED: Inputs = Inputs { emergency: true, ..CALM };

fn says(inputs: Inputs, outputs: Outputs) -> Status {
    let (inputs, outputs) = (Some(inputs), Some(outputs));
    Status { health: Health::Ready, inputs, outputs, disobeys: None }
}

fn board(inputs: Inputs) -> Status {
    says(inputs, Outputs::default())
}

fn down() -> Status {
    Status { health: Health::Down(Fault::Silent), ..UNKNOWN }
}

/// A room of a station with a slot for staff cards.
fn room() -> Room {
    let mut room = Room::new(true, false, true, Moment(0));
    assert_eq!(room.see(board(CALM), Moment(0)), []);
    room.to_switch(false, Moment(0));
    room
}

#[test]
fn nothing_is_switched_before_the_room_is_known() {
    let mut room = Room::new(true, false, true, Moment(0));
    assert_eq!(room.to_switch(true, Moment(0)), []);
    room.see(board(CALM), Moment(10));
    let all_off = [(Output::Guard, false), (Output::Siren, false), (Output::Light, false)];
    assert_eq!(room.to_switch(false, Moment(10)), all_off);
    assert_eq!(room.to_switch(false, Moment(20)), [], "once for each change");
}

#[test]
fn a_press_calls_the_guard_and_sounds_the_siren_and_help_is_claimed_when_it_is_so() {
    let mut room = room();
    assert_eq!(room.see(board(PRESSED), Moment(100)), [News::AlarmRaised]);
    let on = [(Output::Guard, true), (Output::Siren, true), (Output::Light, true)];
    assert_eq!(room.to_switch(false, Moment(100)), on);
    assert!(!room.is_guard_called(), "it was only asked for");
    let called = Outputs { guard: true, siren: true, light: true };
    assert_eq!(room.see(says(PRESSED, called), Moment(200)), [News::GuardReached]);
    assert!(room.is_guard_called());
    room.see(down(), Moment(300));
    assert!(room.is_alarm() && !room.is_guard_called(), "nobody knows any more");
    assert_eq!(room.see(says(PRESSED, called), Moment(400)), [], "told once in an alarm");
}

#[test]
fn the_siren_ends_and_the_guards_contact_does_not() {
    let mut room = room();
    room.see(board(PRESSED), Moment(100));
    room.to_switch(false, Moment(100));
    assert_eq!(room.deadline(Moment(100)), Some(Moment(100 + TIMINGS.light_after_ms)));
    let end = Moment(100 + TIMINGS.siren_ms);
    assert_eq!(room.to_switch(false, end), [(Output::Siren, false)]);
    let much_later = end.plus_ms(24 * 3_600_000);
    assert_eq!((room.to_switch(false, much_later), room.is_alarm()), (vec![], true));
}

#[test]
fn letting_the_button_go_ends_nothing_and_staff_can_reset_it_then() {
    let mut room = room();
    room.see(board(PRESSED), Moment(100));
    room.to_switch(false, Moment(100));
    assert_eq!(room.reset(), Err(NotReset::StillPressed));
    room.see(down(), Moment(150));
    assert_eq!(room.reset(), Err(NotReset::NotKnown));
    room.see(board(CALM), Moment(200));
    let later = Moment(200 + 10 * TIMINGS.alone_ms);
    assert_eq!((room.expire(later), room.is_alarm()), (None, true));
    assert_eq!((room.reset(), room.is_alarm()), (Ok(()), false));
    // The board was away: all of it is asked once more.
    let off = [(Output::Guard, false), (Output::Siren, false), (Output::Light, true)];
    assert_eq!(room.to_switch(false, Moment(300)), off);
    assert_eq!(room.see(board(PRESSED), Moment(400)), [News::AlarmRaised], "and anew");
}

#[test]
fn where_no_staff_card_can_be_read_it_is_over_long_after_the_button_came_out() {
    let mut room = Room::new(true, false, false, Moment(0));
    room.see(board(PRESSED), Moment(0));
    let pressed_long = Moment(10 * TIMINGS.alone_ms);
    assert_eq!((room.expire(pressed_long), room.deadline(pressed_long)), (None, None));
    room.see(board(CALM), pressed_long);
    // Pressed again: the time begins anew.
    room.see(board(PRESSED), pressed_long.plus_ms(1_000));
    let out = pressed_long.plus_ms(2_000);
    room.see(board(CALM), out);
    let over = out.plus_ms(TIMINGS.alone_ms);
    assert_eq!(room.deadline(out), Some(over));
    assert_eq!(room.expire(Moment(over.0 - 1)), None);
    assert_eq!((room.expire(over), room.is_alarm()), (Some(News::AlarmOver), false));
}

#[test]
fn an_alarm_that_nobody_reset_is_there_after_a_start_and_so_is_a_pressed_button() {
    let mut room = Room::new(true, true, true, Moment(0));
    let calls = [(Output::Guard, true), (Output::Siren, true), (Output::Light, true)];
    assert_eq!(room.to_switch(false, Moment(0)), calls, "whatever the board says");
    assert_eq!(room.see(board(CALM), Moment(10)), []);
    assert!(room.is_alarm());
    let mut room = Room::new(true, false, true, Moment(0));
    assert_eq!(room.see(board(PRESSED), Moment(10)), [News::AlarmRaised]);
    let mut without_a_board = Room::new(false, true, true, Moment(0));
    assert!(!without_a_board.is_alarm());
    assert_eq!(without_a_board.to_switch(true, Moment(0)), []);
}

#[test]
fn the_lobby_is_lit_while_it_is_open_or_somebody_is_there_and_a_little_longer() {
    let mut room = room();
    let open = Inputs { lobby_open: true, ..CALM };
    room.see(board(open), Moment(1_000));
    assert_eq!(room.to_switch(false, Moment(1_000)), [(Output::Light, true)]);
    room.see(board(CALM), Moment(5_000));
    assert_eq!(room.to_switch(true, Moment(5_000)), []);
    assert_eq!(room.to_switch(true, Moment(900_000)), [], "a long session");
    let off = Moment(900_000 + TIMINGS.light_after_ms);
    assert_eq!(room.to_switch(false, Moment(off.0 - 1)), []);
    assert_eq!(room.deadline(Moment(off.0 - 1)), Some(off));
    assert_eq!(room.to_switch(false, off), [(Output::Light, false)]);
}

#[test]
fn the_mains_are_told_once_and_a_board_that_is_down_is_no_power_cut() {
    let mut room = room();
    let dark = Inputs { on_mains: false, ..CALM };
    assert_eq!(room.see(board(dark), Moment(1)), [News::MainsLost]);
    assert_eq!(room.see(board(dark), Moment(2)), []);
    assert!(!room.on_mains());
    room.see(down(), Moment(3));
    assert!(room.on_mains());
    assert_eq!(room.see(board(dark), Moment(4)), [News::MainsLost]);
    assert_eq!(room.see(board(CALM), Moment(5)), [News::MainsBack]);
}
