//! The ways through the station as data, so that a scenario can stop, leave or crash anywhere.
//!
//! The situations themselves are in `tests/`, one file each.

use kiosk_words::{Content, Handling, Outcome, Release};
use testkit::World;

/// One act of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Wakes,
    Touches(&'static str),
    Lays(&'static str),
    Lifts,
    Types(&'static str),
    Photographs(&'static str),
    Signs,
    /// Waits until this can be read.
    Sees(&'static str),
}

use Act::{Lays, Lifts, Photographs, Sees, Signs, Touches, Types, Wakes};

/// A shop owner renews a licence: two papers, a typed number, a phone.
pub const TOBACCO: &[Act] = &[
    Wakes,
    Touches("办事"),
    Touches("烟草专卖零售许可证延续"),
    Touches("还有 30 天以上"),
    Touches("都没变"),
    Touches("开始办理"),
    Touches("知道了，去刷身份证"),
    Lays("wang_wei"),
    Sees("请核对并填写"),
    Lifts,
    Types("230202100123"),
    Touches("下一步"),
    Touches("打我的手机"),
    Types("13800001234"),
    Touches("下一步"),
    Touches("到窗口取"),
    Photographs("old_permit"),
    Photographs("business_licence"),
    Touches("没有错，去签名"),
    Signs,
    Sees("本凭证不代表已受理"),
    Touches("看好了，离开"),
];

/// The shortest way: no paper, no phone.
pub const RECORD: &[Act] = &[
    Wakes,
    Touches("无犯罪记录证明"),
    Touches("给我自己"),
    Touches("找工作"),
    Touches("开始办理"),
    Touches("知道了，去刷身份证"),
    Lays("zhang_san"),
    Sees("请核对并填写"),
    Lifts,
    Touches("下一步"),
    Touches("不用告诉，我自己再来看"),
    Touches("到窗口取"),
    Touches("没有错，去签名"),
    Signs,
    Sees("本凭证不代表已受理"),
    Touches("看好了，离开"),
];

/// An elder: one photograph, letters by post.
pub const SENIOR: &[Act] = &[
    Wakes,
    Touches("办事"),
    Touches("老年人优待证申领"),
    Touches("第一次办"),
    Touches("在本市"),
    Touches("开始办理"),
    Touches("知道了，去刷身份证"),
    Lays("li_xiulan"),
    Sees("请核对并填写"),
    Lifts,
    Touches("下一步"),
    Touches("寄信到身份证上的住址"),
    Touches("邮寄到住址"),
    Photographs("photo"),
    Touches("没有错，去签名"),
    Signs,
    Sees("本凭证不代表已受理"),
    Touches("看好了，离开"),
];

/// A minor with a guardian.
pub const MINOR: &[Act] = &[
    Wakes,
    Touches("无犯罪记录证明"),
    Touches("给我自己"),
    Touches("找工作"),
    Touches("开始办理"),
    Touches("知道了，去刷身份证"),
    Lays("minor"),
    Sees("请监护人放身份证"),
    Lifts,
    Lays("wang_wei"),
    Sees("请核对并填写"),
    Lifts,
    Touches("下一步"),
    Touches("不用告诉，我自己再来看"),
    Touches("到窗口取"),
    Touches("没有错，去签名"),
    Signs,
    Sees("本凭证不代表已受理"),
    Touches("看好了，离开"),
];

/// The acts up to and with the one that shows this.
///
/// # Panics
/// If the way has no such act.
pub fn up_to(way: &[Act], last: Act) -> &[Act] {
    let at = way.iter().position(|act| *act == last);
    let at = at.unwrap_or_else(|| panic!("{last:?} is no act of this way"));
    &way[..=at]
}

/// Somebody does all this.
pub fn walks(world: &mut World, way: &[Act]) {
    for act in way {
        does(world, *act);
    }
}

pub fn does(world: &mut World, act: Act) {
    let citizen = world.citizen();
    match act {
        Wakes => citizen.wakes_it(),
        Touches(label) => citizen.touches(label),
        Lays(card) => citizen.lays_card(card),
        Lifts => citizen.lifts_card(),
        Types(text) => citizen.types(text),
        Photographs(paper) => citizen.photographs(paper),
        Signs => citizen.signs(),
        Sees(text) => citizen.sees(text),
    };
}

/// Walks a way up to its receipt and gives the receipt's 14 digits.
///
/// # Panics
/// If no receipt is shown.
pub fn files(world: &mut World, way: &[Act]) -> String {
    walks(world, up_to(way, Sees("本凭证不代表已受理")));
    world.receipt().expect("a receipt is on the glass")
}

/// Files a case and leaves.
pub fn files_and_leaves(world: &mut World, way: &[Act]) -> String {
    let receipt = files(world, way);
    world.citizen().touches("看好了，离开");
    world.until("sleep", World::sleeps);
    receipt
}

/// Somebody asks how their case stands; ends on the page of the case or the list.
pub fn asks_progress(world: &mut World, card: &'static str) {
    let citizen = world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    citizen.lays_card(card);
    world.until("an answer", |w| {
        w.shows("显示的是") || w.shows("您的办件") || w.shows("这里没有查到")
    });
    world.citizen().lifts_card();
}

/// A shop owner files, puts the old licence into the cell that was kept, and leaves. The receipt's
/// 14 digits.
pub fn files_and_deposits(world: &mut World) -> String {
    let receipt = files(world, TOBACCO);
    world
        .citizen()
        .touches("去放原件")
        .sees("请把原件装进信封")
        .touches("打开格口")
        .sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？").touches("都放进去了").sees("原件已入柜");
    world.citizen().touches("看好了，离开");
    world.until("sleep", World::sleeps);
    receipt
}

/// Staff sign in with their card and see what there is to do.
pub fn staff_sign_in(world: &mut World, staff: &'static str, pin: &str) {
    staff_card_in(world, staff);
    world.citizen().sees("请输入卡的密码").types(pin).touches("登录");
}

/// The same on the page of an alarm.
pub fn signs_in_at_alarm(world: &mut World, staff: &'static str, pin: &str) {
    world.slot().gives_back();
    world.passes(1_000);
    world.citizen().touches("工作人员").sees("请插工作人员卡");
    world.slot().gets_staff_card(staff);
    world.citizen().sees("请输入卡的密码").types(pin).touches("登录");
    world.passes(2_000);
}

/// The card alone; whichever lay in the slot comes out first.
pub fn staff_card_in(world: &mut World, staff: &'static str) {
    asks_for_staff_card(world);
    world.slot().gets_staff_card(staff);
}

/// Up to the page that asks for a staff card, the slot empty.
pub fn asks_for_staff_card(world: &mut World) {
    world.slot().gives_back();
    world.passes(1_000);
    world.citizen().wakes_it().touches("求助").touches("工作人员").sees("请插工作人员卡");
}

/// The courier puts the one envelope for this receipt into the cell that the station chose.
pub fn courier_puts(world: &mut World, receipt: &str, door: u16) {
    courier_puts_order(world, receipt, 1, door);
}

/// Filed, deposited, decided, and the result in cell 2; the receipt's 14 digits.
pub fn result_waits_at(mut world: World) -> (World, String) {
    let receipt = files_and_deposits(&mut world);
    world.comes_to_rest();
    world.hall().clerk_accepts(&receipt, "A-1");
    world.hall().says(&receipt, Handling::InProgress);
    world.hall().clerk_decides(&receipt, Outcome::Granted);
    world.hall().sends(&receipt, Content::Result, Release::Ordinary, &["wang_wei"]);
    world.until("the order", |w| w.store.feed_cursor() == 4);
    courier_puts(&mut world, &receipt, 2);
    (world, receipt)
}

/// The same for the hall's order of this number.
pub fn courier_puts_order(world: &mut World, receipt: &str, order: u64, door: u16) {
    courier_puts_envelope(world, &format!("ND2.{receipt}.result.{order}"), door);
}

/// The same by what the code on the envelope says.
pub fn courier_puts_envelope(world: &mut World, code: &str, door: u16) {
    staff_sign_in(world, "1001", "802461");
    world.locker().slip_under_the_lens(code);
    world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("请放进去");
    world.locker().is_pushed_shut(door);
    world.citizen().touches("都放进去了").sees("已记录").touches("看好了，离开");
    world.citizen().touches("做完了，离开");
    world.until("sleep", World::sleeps);
}

/// The pick-up code of the case with this receipt.
///
/// # Panics
/// If there is no such case.
pub fn code_of(world: &World, receipt: &str) -> String {
    let case = world.store.case_of_receipt(receipt).expect("a case with this receipt");
    case.filed.pickup_code.expose().clone()
}

/// Up to the page that asks for the code.
pub fn wants_to_collect(world: &mut World, card: &'static str) {
    world.citizen().wakes_it().touches("取件").touches("知道了，去刷身份证").lays_card(card);
}
