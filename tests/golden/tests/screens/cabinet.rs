//! Doors, slips, codes and PINs: what is said about a touch, what is kept from the screen.

use golden::paper::Paper;
use golden::views;
use kiosk_core::view::{FieldView, Intent, Look, Palette, PaperLine, Revision, Stage, View};
use kiosk_ui::headless::{Headless, Shot};

use crate::hand::{intents, last_edit, showing};

fn field(view: &mut View) -> &mut FieldView {
    let Stage::Form { fields, .. } = &mut view.stage else { panic!("no form") };
    &mut fields[0]
}

#[test]
fn a_shut_door_is_confirmed_or_opened_once_more() {
    let (screen, _) = showing("door_asked");
    screen.tap("再开一次").unwrap();
    screen.tap("都放进去了").unwrap();
    assert_eq!(intents(&screen), [Intent::No, Intent::Yes]);
}

#[test]
fn a_door_in_the_picture_is_no_button() {
    let (screen, _) = showing("door_collect");
    assert!(screen.targets().iter().all(|t| t.label != "03"), "{:?}", screen.targets());
}

#[test]
fn what_can_be_done_with_a_case_is_chosen_by_its_id() {
    let (screen, _) = showing("case_detail_acts");
    screen.tap("现在放原件").unwrap();
    screen.tap("补打收件凭证").unwrap();
    let wanted = ["deposit", "reprint"].map(|id| Intent::Choose(id.to_owned()));
    assert_eq!(intents(&screen), wanted);
}

#[test]
fn every_line_of_a_slip_is_read_out_in_its_order() {
    let (screen, view) = showing("paper_deposit");
    let Stage::Paper { lines, .. } = &view.stage else { panic!("no slip") };
    let on_paper = lines.iter().filter_map(|line| {
        if let PaperLine::Text { text, .. } = line { Some(text.as_str()) } else { None }
    });
    let on_paper: Vec<&str> = on_paper.collect();
    let tree = screen.tree();
    let told: Vec<&str> = tree.lines().filter_map(|line| line.strip_prefix("Text ")).collect();
    assert!(told.windows(on_paper.len()).any(|part| part == on_paper), "{told:?}");
    assert!(screen.rect_of("mask-qr").is_some());
}

/// 44 digits are as wide as 22 Chinese characters, in columns of 14 pixels.
#[test]
fn half_width_letters_are_half_as_wide_as_chinese_characters() {
    let ink = |text: &str| {
        let (screen, mut view) = showing("paper_deposit");
        if let Stage::Paper { lines, title, note } = &mut view.stage {
            let text = text.to_owned();
            *lines = vec![PaperLine::Text { text, double: false, centred: false, bold: false }];
            title.clear();
            note.clear();
        }
        (view.left, view.right) = (None, None);
        view.look.palette = Palette::Night;
        screen.show(&view, &Paper);
        let stage = screen.rect_of("stage-region").unwrap();
        let shot = screen.snapshot().unwrap();
        black_columns(&shot, stage.y)
    };
    let (digits, characters) = (ink(&"8".repeat(44)), ink(&"口".repeat(22)));
    let apart = (digits.0.abs_diff(characters.0), digits.1.abs_diff(characters.1));
    assert!(apart.0 <= 4 && apart.1 <= 4, "{digits:?} {characters:?}");
    assert!(digits.1 - digits.0 > 44 * 14 - 14, "{digits:?}");
}

/// The first and the last column with black ink below that line; the night palette has no black.
fn black_columns(shot: &Shot, from_y: f32) -> (usize, usize) {
    let width = usize::try_from(shot.width_px).unwrap();
    let rows = shot.rgba.chunks_exact(width * 4).enumerate();
    let inked = rows
        .filter(|(y, _)| f32::from(u16::try_from(*y).unwrap()) > from_y)
        .flat_map(|(_, row)| row.chunks_exact(4).enumerate().filter(|(_, p)| p[..3] == [0, 0, 0]))
        .map(|(x, _)| x)
        .collect::<Vec<_>>();
    (*inked.iter().min().unwrap(), *inked.iter().max().unwrap())
}

#[test]
fn a_pin_is_typed_and_erased_but_neither_shown_nor_read_out() {
    let (screen, _) = showing("pin");
    screen.tap("7").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "205887");
    screen.tap("删除").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "20588");
    let tree = screen.tree();
    assert!(tree.contains("密码") && !tree.contains("20588"), "{tree}");
}

#[test]
fn another_pin_of_the_same_length_looks_the_same() {
    let (screen, mut view) = showing("pin");
    let first = screen.snapshot().unwrap();
    screen.show(&views::one("home", Look::default()), &Paper);
    field(&mut view).value = "91734".to_owned();
    screen.show(&view, &Paper);
    assert!(screen.snapshot().unwrap() == first);
}

#[test]
fn a_wrong_code_is_taken_back_and_the_next_begins_with_an_empty_field() {
    let (screen, mut view) = showing("code");
    for round in 0..2 {
        screen.tap("0").unwrap();
        field(&mut view).value = "48190".to_owned();
        field(&mut view).error.clear();
        screen.show(&view, &Paper);
        field(&mut view).value.clear();
        field(&mut view).error = "取件码不对。".to_owned();
        view.revision = Revision(20 + round);
        screen.show(&view, &Paper);
        screen.tap("5").unwrap();
        assert_eq!(last_edit(&screen).unwrap(), "5");
    }
}

#[test]
fn an_older_view_without_the_last_digit_does_not_erase_it() {
    let (screen, mut view) = showing("code");
    field(&mut view).error = "取件码不对。".to_owned();
    for known in ["4", ""] {
        field(&mut view).value = known.to_owned();
        screen.show(&view, &Paper);
    }
    screen.tap("5").unwrap();
    assert_eq!(last_edit(&screen).unwrap(), "48195");
}

#[test]
fn a_focused_field_and_what_is_wrong_with_it_are_in_sight_on_a_lying_screen() {
    for elder in [false, true] {
        let look = Look { elder, ..Look::default() };
        let screen = Headless::new(1920, 1080).unwrap();
        if !elder {
            // In elder type only the field itself is in sight after another form.
            screen.show(&views::one("form", look), &Paper);
        }
        screen.show(&views::one("pin", look), &Paper);
        let field = screen.rect_of("input").unwrap();
        let trouble = screen.words("密码不对。卡还让试 2 次。").unwrap();
        let stage = screen.rect_of("stage-region").unwrap();
        let in_sight = field.y >= stage.y && trouble.bottom() <= stage.bottom();
        assert!(in_sight, "{field:?} and {trouble:?} in {stage:?}");
    }
}
