//! A person who sees nothing of the screen: nine keys, earphones, and what is said in them.

use device_api::keypad::{Fault, Health, Key};
use device_sim::keypad::Act;
use kiosk_core::{
    focus::stops,
    view::{Language, Stage},
};
use scenarios::{RECORD, files_and_leaves, up_to};
use testkit::World;

/// Earphones in, and the start page said.
fn listening(seed: u64) -> World {
    let mut world = World::with_keypad(seed);
    world.keypad().plugs_earphones_in();
    world
}

fn last(world: &World) -> String {
    world.keypad.heard().last().unwrap_or_default().to_owned()
}

fn n_said(world: &World) -> usize {
    world.keypad.heard().count()
}

fn hears(world: &mut World, text: &str) {
    world.until(text, |w| w.keypad.heard().last().is_some_and(|said| said.contains(text)));
}

/// Goes to the field and types into it as on a telephone: first the row, then the place in it.
fn types(world: &mut World, field: &str, digits: &str) {
    world.keypad().chooses(field);
    assert!(last(world).ends_with('1'), "the first cap: {}", last(world));
    let (mut row, mut column) = (0, 0);
    for digit in digits.chars() {
        let n = digit.to_digit(10).expect("a digit");
        let (to_row, to_column) = if n == 0 { (3, 1) } else { ((n - 1) / 3, (n - 1) % 3) };
        while row != to_row {
            world.keypad().presses(if to_row > row { Key::Down } else { Key::Up });
            row = if to_row > row { row + 1 } else { row - 1 };
            // 1 and 4 and 7 stand above nothing: 0 is the nearest.
            column = if row == 3 { column.max(1) } else { column };
        }
        while column != to_column {
            world.keypad().presses(if to_column > column { Key::Right } else { Key::Left });
            column = if to_column > column { column + 1 } else { column - 1 };
        }
        if !last(world).contains("位") {
            assert!(last(world).ends_with(digit), "{}", last(world));
        }
        world.keypad().presses(Key::Select);
    }
}

#[test]
fn earphones_wake_the_station_and_are_welcomed() {
    let world = listening(0x6b00);
    assert!(matches!(world.view().stage, Stage::Home { .. }));
    let said = last(&world);
    assert!(said.contains("中间的键是确定") && said.contains("您今天要做什么"), "{said}");
}

#[test]
fn any_key_wakes_the_station_and_nothing_is_spoken_without_earphones() {
    let mut world = World::with_keypad(0x6b01);
    world.keypad().presses(Key::Select);
    assert!(matches!(world.view().stage, Stage::Home { .. }), "{:?}", world.view().stage);
    for _ in 0..4 {
        world.keypad().presses(Key::Down);
    }
    assert!(world.view().ring.is_some());
    assert_eq!(n_said(&world), 0);
    // The last key on a sleeping station wakes it as well.
    world.until("sleep", World::sleeps);
    world.keypad().presses(Key::Louder);
    assert!(!world.sleeps());
}

/// What to do at the cell is heard.
fn puts_originals_in(world: &mut World) {
    world.keypad().chooses("去放原件");
    hears(world, "请把原件装进信封");
    world.keypad().chooses("打开格口");
    hears(world, "请放进去");
    world.locker().is_pushed_shut(1);
    hears(world, "都放进去了吗");
    world.keypad().chooses("都放进去了");
    hears(world, "原件已入柜");
}

#[test]
fn a_licence_is_renewed_by_keys_alone_up_to_the_papers_in_the_cell() {
    let mut world = listening(0x6b02);
    for label in ["办事", "烟草专卖零售许可证延续", "还有 30 天以上", "都没变", "开始办理"]
    {
        world.keypad().chooses(label);
    }
    hears(&mut world, "身份证");
    world.keypad().chooses("知道了，去刷身份证");
    world.citizen().lays_card("wang_wei").sees("请核对并填写").lifts_card();
    types(&mut world, "许可证号", "230202100123");
    assert_eq!(last(&world), "3 第12位");
    for label in ["下一步", "打我的手机"] {
        world.keypad().chooses(label);
    }
    types(&mut world, "手机号", "13800001234");
    for label in ["下一步", "到窗口取"] {
        world.keypad().chooses(label);
    }
    for paper in ["old_permit", "business_licence"] {
        world.citizen().lays_paper(paper);
        world.keypad().chooses("拍照");
        world.citizen().sees("用这张");
        world.keypad().chooses("用这张");
        world.citizen().lifts_paper();
    }
    hears(&mut world, "1 3 8 0 0 0 0 1 2 3 4");
    assert!(!last(&world).contains("230202199001011238"), "an id number is not spoken in full");
    world.keypad().chooses("没有错，去签名");
    world.citizen().sees("签名").writes();
    world.keypad().chooses("签好了，交件");
    world.citizen().sees("本凭证不代表已受理");
    hears(&mut world, "本凭证不代表已受理");
    assert!(world.receipt().is_some());
    puts_originals_in(&mut world);
    world.keypad().chooses("看好了，离开");
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn a_signature_is_dropped_and_asked_for_again_by_keys() {
    let mut world = listening(0x6b03);
    scenarios::walks(&mut world, &up_to(RECORD, scenarios::Act::Touches("没有错，去签名"))[1..]);
    world.citizen().sees("签名").writes();
    world.keypad().chooses("重写");
    world.keypad().chooses("签好了，交件");
    hears(&mut world, "还没有签名");
    assert!(world.receipt().is_none());
    world.citizen().writes();
    world.keypad().chooses("签好了，交件");
    world.citizen().sees("本凭证不代表已受理");
}

#[test]
fn how_a_case_stands_is_heard_by_keys_alone() {
    let mut world = World::with_keypad(0x6b04);
    let receipt = files_and_leaves(&mut world, RECORD);
    world.keypad().plugs_earphones_in();
    world.keypad().chooses("查进度");
    world.keypad().chooses("知道了，去刷身份证");
    world.citizen().lays_card("zhang_san").sees("看好了，离开").lifts_card();
    let digits: String = last(&world).chars().filter(char::is_ascii_digit).collect();
    assert!(digits.contains(&receipt), "{receipt} in {}", last(&world));
}

#[test]
fn a_code_is_spoken_by_its_length_alone() {
    let (mut world, receipt) = scenarios::result_waits_at(World::with_keypad(0x6b05));
    let code = scenarios::code_of(&world, &receipt);
    world.keypad().plugs_earphones_in();
    world.keypad().chooses("取件");
    world.keypad().chooses("知道了，去刷身份证");
    world.citizen().lays_card("wang_wei").sees("请输入取件码").lifts_card();
    let n_before = n_said(&world);
    types(&mut world, "取件码", &code);
    assert_eq!(last(&world), "第6位");
    let said: Vec<&str> = world.keypad.heard().skip(n_before).collect();
    assert!(!said.concat().replace(' ', "").contains(&code), "{said:?}");
    world.keypad().chooses("打开格口");
    world.citizen().sees("请取出来");
    hears(&mut world, "请取出来");
}

#[test]
fn nothing_is_pressed_that_was_not_heard() {
    let mut world = listening(0x6b06);
    let revision = world.view().revision;
    world.keypad().presses(Key::Select);
    assert_eq!(world.view().revision, revision);
    assert!(last(&world).contains("请先按下键"));
}

#[test]
fn a_page_that_stands_still_is_said_once() {
    let mut world = listening(0x6b07);
    let before = n_said(&world);
    world.passes(150_000);
    assert_eq!(n_said(&world), before, "{:?}", world.keypad.heard().last());
    // One minute of a start page, three times as long for who must listen first.
    world.passes(40_000);
    hears(&mut world, "您还在");
    world.passes(60_000);
    assert!(world.sleeps());
    hears(&mut world, "按任意一个键开始");
}

#[test]
fn pulling_the_earphones_ends_the_sentence_and_not_the_session() {
    let mut world = listening(0x6b08);
    world.keypad().finds("办事");
    world.keypad().pulls_earphones_out();
    assert!(world.keypad.is_hushed());
    let before = n_said(&world);
    world.keypad().presses(Key::Down);
    world.keypad().presses(Key::Repeat);
    assert_eq!(n_said(&world), before);
    assert!(matches!(world.view().stage, Stage::Home { .. }));
    world.keypad().plugs_earphones_in();
    hears(&mut world, "您今天要做什么");
}

#[test]
fn an_unplugged_keypad_is_silent_and_comes_back_without_a_restart() {
    let mut world = listening(0x6b09);
    world.keypad().finds("办事");
    world.keypad().is_unplugged();
    assert!(world.keypad.is_hushed());
    assert_eq!(world.keypad.status().health, Health::Down(Fault::Missing));
    world.citizen().touches("办事").sees("您要办哪一件");
    world.keypad().is_plugged();
    world.until("the keypad", |w| w.keypad.status().jack);
    hears(&mut world, "您要办哪一件");
}

#[test]
fn a_stuck_key_holds_no_session_open() {
    let mut world = listening(0x6b0a);
    world.keypad().touch(Act::Hold(Key::Down));
    world.passes(25_000);
    let stuck = Health::Hampered(Fault::KeyStuck(Key::Down));
    assert_eq!(world.keypad.status().health, stuck);
    world.until("sleep", World::sleeps);
    world.keypad().is_mended();
    world.comes_to_rest();
}

#[test]
fn noise_on_the_line_neither_loses_nor_doubles_a_key() {
    let mut world = World::with_keypad(0x6b0b);
    world.keypad().presses(Key::Down);
    world.keypad().has_noise(10);
    for at in 0..6 {
        world.keypad().presses(Key::Down);
        world.passes(600);
        let stop = stops(world.view()).into_iter().nth(at).expect("the page has more stops");
        assert_eq!(world.view().ring, Some(stop.control), "press {at}");
    }
    world.keypad().is_mended();
    world.comes_to_rest();
}

#[test]
fn english_is_chosen_by_ear_and_spoken_with_an_english_voice() {
    let mut world = listening(0x6b0c);
    world.keypad().chooses("English");
    assert_eq!(world.keypad.last().map(|said| said.language), Some(Language::English));
    assert!(last(&world).starts_with("What"), "{}", last(&world));
    // The keys stand where they stood, on what is now the way back.
    world.keypad().presses(Key::Repeat);
    assert!(last(&world).starts_with("What"));
}

#[test]
fn louder_and_softer_are_kept_until_the_earphones_go() {
    let mut world = listening(0x6b0d);
    let volume = |world: &World| world.keypad.last().map(|said| said.volume);
    for _ in 0..9 {
        world.keypad().presses(Key::Louder);
    }
    assert_eq!(volume(&world), Some(200));
    world.keypad().presses(Key::Softer);
    world.keypad().presses(Key::Repeat);
    assert_eq!(volume(&world), Some(180));
    world.keypad().pulls_earphones_out();
    world.keypad().plugs_earphones_in();
    assert_eq!(volume(&world), Some(100));
}

#[test]
fn a_finger_takes_over_from_the_keys() {
    let mut world = listening(0x6b0e);
    world.keypad().finds("办事");
    assert!(world.view().ring.is_some());
    world.citizen().touches("办事").sees("您要办哪一件");
    assert_eq!(world.view().ring, None);
}

#[test]
fn a_plug_that_was_left_behind_wakes_nobody_and_gives_no_finger_more_time() {
    let mut world = listening(0x6b0f);
    world.until("sleep", World::sleeps);
    world.keypad().is_unplugged();
    world.keypad().is_plugged();
    world.until("the plug", |w| w.keypad.status().jack);
    world.crashes_and_restarts();
    world.until("devices", World::has_devices);
    world.until("the plug", |w| w.keypad.status().jack);
    world.passes(5_000);
    assert!(world.sleeps(), "it was put in by nobody");
    world.citizen().wakes_it();
    world.passes(61_000);
    assert!(world.shows("您还在吗"));
    world.passes(31_000);
    assert!(world.sleeps());
}

#[test]
fn a_plug_that_slips_out_takes_no_time_away() {
    let mut world = listening(0x6b10);
    world.keypad().finds("办事");
    world.passes(150_000);
    world.keypad().pulls_earphones_out();
    assert!(!world.sleeps() && !world.shows("您还在吗"));
}

#[test]
fn a_page_can_be_heard_again_whatever_was_said_since() {
    let mut world = listening(0x6b11);
    world.keypad().presses(Key::Louder);
    assert!(last(&world).starts_with("音量6") && last(&world).contains("您今天要做什么"));
    world.keypad().presses(Key::Repeat);
    assert!(last(&world).starts_with("您今天要做什么"), "{}", last(&world));
    world.keypad().finds("办事");
    world.keypad().presses(Key::Repeat);
    assert!(last(&world).starts_with("办事"));
    world.keypad().presses(Key::Repeat);
    assert!(last(&world).starts_with("您今天要做什么"));
}

#[test]
fn any_key_says_that_somebody_is_still_there_and_does_nothing_else() {
    let mut world = listening(0x6b12);
    world.keypad().finds("办事");
    world.until("the question", |w| w.shows("您还在吗"));
    world.keypad().presses(Key::Select);
    assert!(!world.shows("您还在吗"));
    assert!(matches!(world.view().stage, Stage::Home { .. }), "nothing was chosen");
}
