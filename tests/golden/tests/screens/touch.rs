//! What a finger does and what is said because of it.

use golden::paper::Paper;
use golden::views;
use kiosk_core::view::{Cap, Control, Intent, Look, Revision, Stage, Typed, View};
use kiosk_ui::headless::Headless;

use crate::hand::{intents, last_edit, showing};

#[test]
fn the_font_has_the_characters_of_rare_names() {
    let _screen = Headless::new(100, 100).unwrap();
    kiosk_ui::check_font().unwrap();
}

#[test]
fn an_intent_carries_the_revision_it_was_made_on() {
    let (screen, mut view) = showing("materials");
    view.revision = Revision(77);
    screen.show(&view, &Paper);
    screen.tap("材料在手，开始办").unwrap();
    assert_eq!(screen.take_intents(), [(Revision(77), Intent::Next)]);
}

#[test]
fn a_touch_anywhere_wakes_the_station_once() {
    let (screen, _) = showing("attract");
    screen.tap_at(540.0, 700.0);
    assert_eq!(intents(&screen), [Intent::Wake]);
    screen.tap("轻触屏幕开始").unwrap();
    assert_eq!(intents(&screen), [Intent::Wake]);
}

#[test]
fn a_tile_and_a_row_say_their_id() {
    let (screen, _) = showing("home");
    screen.tap("办事").unwrap();
    screen.tap("老年人优待证").unwrap();
    let wanted = ["apply", "laonianzheng"].map(|id| Intent::Choose(id.to_owned()));
    assert_eq!(intents(&screen), wanted);
}

#[test]
fn a_grey_tile_cannot_be_pressed() {
    let (screen, mut view) = showing("home");
    if let Stage::Home { verbs, .. } = &mut view.stage {
        verbs[1].enabled = false;
    }
    screen.show(&view, &Paper);
    let refused = screen.tap("取件").unwrap_err();
    assert!(refused.there.iter().any(|label| label == "办事"), "{refused}");
    assert!(intents(&screen).is_empty());
}

#[test]
fn keys_write_at_the_end_of_the_focused_field() {
    let (screen, _) = showing("form");
    screen.tap("7").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "1380013807");
    screen.tap("删除").unwrap();
    screen.tap("删除").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "13800138");
}

#[test]
fn a_finger_types_on_where_the_keys_of_the_keypad_have_the_field() {
    let (screen, view) = showing("form");
    let cap = Cap { types: Typed::Char('5'), row: 1, column: 1 };
    screen.show(&View { ring: Some(Control::Cap(cap)), ..view }, &Paper);
    screen.tap("7").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "1380013807");
    screen.tap("删除").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "13800138");
}

#[test]
fn a_field_takes_no_more_than_its_length() {
    let (screen, _) = showing("form");
    for _ in 0..4 {
        screen.tap("5").unwrap();
    }
    assert_eq!(last_edit(&screen).unwrap(), "13800138055");
}

#[test]
fn showing_the_same_page_again_keeps_what_is_being_typed() {
    let (screen, mut view) = showing("form");
    screen.tap("1").unwrap();
    view.top.clock = "09:35".to_owned();
    view.revision = Revision(13);
    screen.show(&view, &Paper);
    screen.tap("2").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "13800138012");
}

#[test]
fn an_error_comes_down_without_moving_the_caret() {
    let (screen, mut view) = showing("form");
    screen.tap("1").unwrap();
    if let Stage::Form { fields, .. } = &mut view.stage {
        fields[1].error = "还缺 1 位".to_owned();
        fields[1].value = "1380013801".to_owned();
    }
    screen.show(&view, &Paper);
    screen.tap("2").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "13800138012");
}

#[test]
fn leaving_a_page_forgets_what_was_typed() {
    let (screen, view) = showing("form");
    screen.tap("1").unwrap();
    screen.show(&views::one("home", Look::default()), &Paper);
    screen.show(&view, &Paper);
    let _ = screen.take_intents();
    screen.tap("2").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "1380013802");
}

#[test]
fn the_next_key_goes_to_the_other_field() {
    let (screen, _) = showing("form");
    screen.tap("下一项").unwrap();
    assert_eq!(intents(&screen), [Intent::FieldFocused("licence".to_owned())]);
    screen.tap("9").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "230200109");
}

#[test]
fn letters_digits_and_signs_can_be_typed() {
    let (screen, _) = showing("form_letters");
    for key in ["a", "大写", "B", "123", "7", "@", "abc", "空格"] {
        screen.tap(key).unwrap();
    }
    assert_eq!(last_edit(&screen).unwrap(), "aB7@ ");
}

#[test]
fn signing_sends_the_strokes_in_thousandths() {
    let (screen, _) = showing("sign");
    let pad = screen.rect_of("pad").unwrap();
    let at = |x: f32, y: f32| (pad.x + pad.width * x, pad.y + pad.height * y);
    screen.drag(&[at(0.2, 0.2), at(0.5, 0.5), at(0.8, 0.2)]);
    screen.drag(&[at(0.5, 0.1), at(0.5, 0.9)]);
    screen.tap("签好了，提交").unwrap();
    let said = intents(&screen);
    let [Intent::Signed(strokes)] = said.as_slice() else { panic!("another intent") };
    assert_eq!(strokes.len(), 2);
    assert_eq!(strokes[0].len(), 3);
    assert!(strokes[0][1].x.abs_diff(500) < 10 && strokes[0][1].y.abs_diff(500) < 20);
}

#[test]
fn writing_again_and_another_statement_begin_with_an_empty_pad() {
    let (screen, mut view) = showing("sign");
    let pad = screen.rect_of("pad").unwrap();
    let (x, y) = pad.centre();
    screen.drag(&[(x, y), (x + 90.0, y)]);
    screen.tap("重写").unwrap();
    screen.tap("签好了，提交").unwrap();
    assert_eq!(intents(&screen), [Intent::ClearSignature, Intent::Signed(Vec::new())]);
    screen.drag(&[(x, y), (x + 90.0, y)]);
    if let Stage::Sign { statement, .. } = &mut view.stage {
        statement.push_str("（改过）");
    }
    screen.show(&view, &Paper);
    screen.tap("签好了，提交").unwrap();
    assert_eq!(intents(&screen), [Intent::Signed(Vec::new())]);
}

#[test]
fn strokes_stay_while_the_clock_ticks() {
    let (screen, mut view) = showing("sign");
    let (x, y) = screen.rect_of("pad").unwrap().centre();
    screen.drag(&[(x, y), (x + 90.0, y)]);
    view.revision = Revision(13);
    view.top.clock = "09:35".to_owned();
    screen.show(&view, &Paper);
    screen.tap("签好了，提交").unwrap();
    assert!(matches!(&intents(&screen)[..], [Intent::Signed(strokes)] if strokes.len() == 1));
}

#[test]
fn under_a_sheet_nothing_can_be_pressed() {
    let (screen, _) = showing("sheet");
    assert!(screen.tap("下一步").is_err());
    assert!(screen.tap("1").is_err());
    screen.tap_at(800.0, 1810.0);
    assert!(intents(&screen).is_empty());
    screen.tap("退出并清除").unwrap();
    assert_eq!(intents(&screen), [Intent::Leave]);
}

#[test]
fn a_long_page_says_that_there_is_more_and_goes_there() {
    let screen = Headless::new(1080, 1920).unwrap();
    screen.show(&views::one("check", Look { elder: true, ..Look::default() }), &Paper);
    assert!(screen.target("改材料").is_none());
    while screen.target("往下看").is_some() {
        screen.tap("往下看").unwrap();
    }
    screen.tap("改材料").unwrap();
    assert_eq!(intents(&screen), [Intent::Edit("material".to_owned())]);
}
