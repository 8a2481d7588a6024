//! People who touch anything, and faults at any time: whatever happens, the invariants hold.

use device_api::receipt_printer::Fault;
use device_sim::trouble::Trouble;
use kiosk_core::view::{FieldView, Stage, View};
use kiosk_words::{Content, Handling, OrderId, Originals, Outcome, ReceiptNo, Release};
use scenarios::{Act, TOBACCO, up_to};
use testkit::{CommitOnCrash, Habit, Print, Random, World, cabinet, glass};

/// Worlds of one run; each is a life of many acts.
const SEEDS: std::ops::Range<u64> = 0x1000..0x1028;
/// Worlds with a printer and a cabinet.
const AT_THE_CABINET: std::ops::Range<u64> = 0x2000..0x2010;
/// To walk one world again: put the seed that failed here and
/// `cargo test -p scenarios random_walk::one_seed_again`.
const ONE_SEED: u64 = 0x1000;
const N_ACTS: u32 = 300;
const N_VISITS: u32 = 40;
/// What a visit does after the way it knows.
const N_ACTS_OF_VISIT: u32 = 16;
const COLLECTS: [Act; 4] =
    [Act::Wakes, Act::Touches("取件"), Act::Touches("知道了，去刷身份证"), Act::Lays("wang_wei")];
const ASKS: [Act; 4] =
    [Act::Wakes, Act::Touches("查进度"), Act::Touches("知道了，去刷身份证"), Act::Lays("wang_wei")];
const STAFF: [Act; 3] = [Act::Wakes, Act::Touches("求助"), Act::Touches("工作人员")];
/// Fingers without a plan still get somewhere: a walk that files nothing tests little.
const N_FILED_MIN: usize = 25;
/// Doors that opened for somebody in all worlds with a cabinet.
const N_OPENED_MIN: usize = 100;
/// Of a hundred acts, so many lead on; the others are anything.
const LEADS_ON_PERCENT: u64 = 85;

const CARDS: [&str; 8] = [
    "zhang_san",
    "wang_wei",
    "wang_wei",
    "li_xiulan",
    "minor",
    "expired",
    "hmt_permit",
    "rare_name",
];
const PAPERS: [&str; 5] = ["old_permit", "business_licence", "photo", "in_the_dark", "shaken"];
const TEXTS: [&str; 3] = ["230202100123", "13800001234", "12"];

#[test]
fn random_walk() {
    let mut n_filed = 0;
    for seed in SEEDS {
        // Shown only if the walk fails: how to walk it again.
        println!("ONE_SEED = {seed:#x}; cargo test -p scenarios random_walk::one_seed_again");
        n_filed += walk(seed).store.cases().count();
    }
    assert!(n_filed >= N_FILED_MIN, "{n_filed} cases were filed");
}

#[test]
fn random_walk_at_the_cabinet() {
    let (mut n_filed, mut n_opened, mut n_collected) = (0, 0, 0);
    for seed in AT_THE_CABINET {
        println!("ONE_SEED = {seed:#x}; cargo test -p scenarios random_walk::one_seed_again");
        let world = visits(seed);
        n_filed += world.store.cases().count();
        n_opened += world.cabinet.opened().len();
        let taken = |handling: &Handling| matches!(handling, Handling::Collected { .. });
        n_collected += world.store.cases().filter(|case| taken(&case.state.handling)).count();
    }
    println!("{n_filed} filed, {n_opened} doors opened, {n_collected} collected");
    let told = format!("{n_filed} filed, {n_opened} doors opened, {n_collected} collected");
    assert!(n_filed >= N_FILED_MIN && n_opened >= N_OPENED_MIN && n_collected > 0, "{told}");
}

#[test]
fn one_seed_again() {
    if AT_THE_CABINET.contains(&ONE_SEED) {
        visits(ONE_SEED)
    } else {
        walk(ONE_SEED)
    };
}

/// One world from its first to its last act, at rest.
fn walk(seed: u64) -> World {
    let mut world = World::ready(seed);
    let mut random = Random::new(seed ^ 0x00c1_712e);
    for _ in 0..N_ACTS {
        match random.below(100) {
            0..77 if random.chance(LEADS_ON_PERCENT) => leads_on(&mut world, &mut random),
            0..77 => acts(&mut world, &mut random),
            77..97 => world.passes(random.below(1_000)),
            97 => world.passes(random.below(300_000)),
            _ => fails(&mut world, &mut random),
        }
        if world.exit().is_some() {
            world.crashes_and_restarts();
        }
    }
    world.comes_to_rest();
    world
}

/// Visits one after another, each with a plan that mostly works out, and the same faults.
fn visits(seed: u64) -> World {
    let mut world = World::with_locker(seed);
    let mut random = Random::new(seed ^ 0x00c1_712e);
    for _ in 0..N_VISITS {
        let way: &[Act] = match random.below(12) {
            0..3 => up_to(TOBACCO, Act::Sees("本凭证不代表已受理")),
            3..6 => &COLLECTS,
            6 | 7 => &ASKS,
            _ => &STAFF,
        };
        for act in way {
            tries(&mut world, *act);
        }
        for _ in 0..N_ACTS_OF_VISIT {
            if random.chance(4) {
                break; // walks away
            }
            around_the_cabinet(&mut world, &mut random);
            leads_on(&mut world, &mut random);
            world.passes(random.below(1_500));
            if random.chance(2) {
                fails(&mut world, &mut random);
            }
            if world.exit().is_some() {
                world.crashes_and_restarts();
            }
        }
        // Mostly the next person waits until the screen is theirs.
        if random.chance(90) {
            world.passes(200_000);
        }
        if random.chance(60) {
            world.locker().is_mended();
            world.reader().is_mended();
            world.camera().is_mended();
            world.hall().comes_back();
            world.disk().has_room_again();
        }
    }
    world.comes_to_rest();
    world
}

/// An act of a person who goes on whatever happens.
fn tries(world: &mut World, act: Act) {
    let types = wants_keys(world.view());
    let signs = matches!(world.view().stage, Stage::Sign { .. });
    let citizen = world.citizen();
    let citizen = match act {
        Act::Wakes => citizen.touches_if_there("轻触屏幕开始"),
        Act::Touches(label) => citizen.touches_if_there(label),
        Act::Lays(card) => citizen.lifts_card().waits_ms(1_500).lays_card(card).waits_ms(4_000),
        Act::Lifts => citizen.lifts_card(),
        Act::Types(text) if types => citizen.types(text),
        Act::Photographs(paper) => {
            let citizen = citizen.lays_paper(paper).touches_if_there("拍照").waits_ms(1_500);
            citizen.touches_if_there("用这张")
        }
        Act::Signs if signs => citizen.signs(),
        Act::Types(_) | Act::Signs | Act::Sees(_) => citizen,
    };
    citizen.waits_ms(400);
}

fn wants_keys(view: &View) -> bool {
    let focused = |fields: &[FieldView]| fields.iter().any(|field| field.focused);
    view.sheet.is_none() && matches!(&view.stage, Stage::Form { fields, .. } if focused(fields))
}

/// Doors are pushed shut, envelopes lie under the lens, the hall decides, orders and takes back,
/// and the cabinet has its moods.
fn around_the_cabinet(world: &mut World, random: &mut Random) {
    if let Some(door) = world.cabinet.open_door()
        && random.chance(60)
    {
        world.locker().is_pushed_shut(door);
    }
    match random.below(60) {
        0..10 => hall_speaks(world, random),
        10 => cabinet_fails(world, random),
        11 | 12 => world.locker().is_mended(),
        13 => world.paper().will(Print::StopsInTheMiddle(Fault::CoverOpen)),
        14 => world.paper().will(Print::Refuses(Fault::PaperOut)),
        15 | 16 => world.paper().will(Print::Works),
        _ => {}
    }
}

fn some_receipt(world: &World, random: &mut Random) -> Option<String> {
    let receipts: Vec<String> =
        world.store.cases().map(|case| case.filed.receipt.digits()).collect();
    (!receipts.is_empty()).then(|| random.pick(&receipts).clone())
}

fn hall_speaks(world: &mut World, random: &mut Random) {
    let Some(receipt) = some_receipt(world, random) else { return };
    let Some(case) = world.store.case_of_receipt(&receipt) else { return };
    if world.hall.case(case.filed.case).is_none() {
        return;
    }
    let id = OrderId(1 + random.below(8));
    let owner = owner_of(case.filed.matter.0.as_str());
    match (&case.state.handling, random.below(10)) {
        (Handling::AwaitingReview, _) => world.hall().clerk_accepts(&receipt, "A-1"),
        (Handling::Accepted { .. }, _) => world.hall().clerk_decides(&receipt, Outcome::Granted),
        (_, 0) => world.hall().freezes(&receipt, true),
        (_, 1 | 2) => world.hall().freezes(&receipt, false),
        (_, 3) => world.hall().recalls(&receipt, id),
        (_, 4) if case.state.originals == Originals::TakenByHall => {
            let what = Content::ReturnedOriginals;
            world.hall().sends(&receipt, what, Release::Ordinary, &[owner]);
        }
        (Handling::Decided { .. }, _) => {
            world.hall().sends(&receipt, Content::Result, Release::Ordinary, &[owner]);
        }
        _ => {}
    }
}

/// Whose card files this matter most often in these walks.
fn owner_of(matter: &str) -> &'static str {
    match matter {
        "laonianzheng" => "li_xiulan",
        _ => "wang_wei",
    }
}

fn cabinet_fails(world: &mut World, random: &mut Random) {
    let number = u16::try_from(1 + random.below(8)).unwrap_or(1);
    let other = cabinet::door(u16::try_from(1 + random.below(8)).unwrap_or(1));
    match random.below(6) {
        0 => world.locker().will(number, Habit::Jams),
        1 => world.locker().will(number, Habit::GetsLost),
        2 => world.locker().will(number, Habit::OpensInstead(other)),
        3 => world.locker().is_forced(number),
        4 => world.locker().falls_silent(),
        _ => {
            if let Some(open) = world.cabinet.open_door() {
                world.locker().stands_ajar(open);
            }
        }
    }
}

/// A code that lies under the lens or is typed: mostly one that fits.
fn some_envelope(world: &World, random: &mut Random) -> Option<String> {
    let receipt = some_receipt(world, random)?;
    let n = random.below(8);
    let last = match n {
        0..4 => "materials.0".to_owned(),
        4..7 => format!("result.{}", 1 + random.below(8)),
        _ => format!("returned.{}", 1 + random.below(8)),
    };
    let orders = &world.store.custody().orders;
    let wanted = (!orders.is_empty() && random.chance(70)).then(|| random.pick(orders));
    let Some((id, order)) = wanted else { return Some(format!("ND2.{receipt}.{last}")) };
    let case = world.store.cases().find(|case| case.filed.case == order.case)?;
    let content = if order.content == Content::Result { "result" } else { "returned" };
    Some(format!("ND2.{}.{content}.{}", case.filed.receipt.digits(), id.0))
}

/// The code, the number or the PIN that this field wants.
fn fills_at_the_cabinet(world: &mut World, random: &mut Random, field: &FieldView) {
    let text = match field.id.as_str() {
        "code" => {
            // The one on the receipt of this case, unless somebody guesses.
            let is_ours = |receipt: ReceiptNo| world.shows(&receipt.to_string());
            let ours = world.store.cases().find(|case| is_ours(case.filed.receipt));
            let known = ours.filter(|_| random.chance(85));
            // Six zeros stand in every receipt number.
            known
                .map_or_else(|| "975310".to_owned(), |case| case.filed.pickup_code.expose().clone())
        }
        "staff" if random.chance(50) => "1001".to_owned(),
        "staff" => "2001".to_owned(),
        "pin" => (*random.pick(&["802461", "753951", "111111"])).to_owned(),
        "slip" => {
            if let Some(code) = some_envelope(world, random) {
                world.locker().slip_under_the_lens(&code);
            }
            world.citizen().touches_if_there("扫码").waits_ms(800);
            return;
        }
        _ => return fills(world, field),
    };
    world.citizen().touches_if_there(&field.label).types(&text);
}

/// What somebody does who wants to get on.
fn leads_on(world: &mut World, random: &mut Random) {
    let view = world.view();
    if let Some(sheet) = &view.sheet {
        let answer = random.pick(&[sheet.yes.label.clone(), sheet.no.label.clone()]).clone();
        world.citizen().touches_if_there(&answer);
        return;
    }
    let choices: Vec<String> = match &view.stage {
        Stage::Card { .. } => {
            let card = *random.pick(&CARDS);
            world.citizen().lifts_card().waits_ms(1_500).lays_card(card).waits_ms(4_000);
            return;
        }
        Stage::Form { fields, .. } => {
            if let Some(empty) = fields.iter().find(|field| field.value.is_empty()).cloned() {
                return fills_at_the_cabinet(world, random, &empty);
            }
            Vec::new()
        }
        Stage::Capture { image: None, .. } => {
            let paper = *random.pick(&PAPERS);
            world.citizen().lays_paper(paper).touches_if_there("拍照").waits_ms(1_000);
            return;
        }
        Stage::Sign { .. } => {
            world.citizen().signs();
            return;
        }
        Stage::Choose { choices, .. } => choices.iter().map(|row| row.title.clone()).collect(),
        Stage::CaseDetail { acts, .. } => acts.iter().map(|act| act.label.clone()).collect(),
        Stage::Home { services, .. } => services.iter().map(|row| row.title.clone()).collect(),
        Stage::Attract { .. }
        | Stage::Materials { .. }
        | Stage::Notice { .. }
        | Stage::Capture { .. }
        | Stage::Check { .. }
        | Stage::Wait { .. }
        | Stage::Receipt { .. }
        | Stage::Door { .. }
        | Stage::Paper { .. }
        | Stage::Message { .. } => Vec::new(),
    };
    let next = view.right.as_ref().map(|action| action.label.clone());
    let labels = if choices.is_empty() { next.into_iter().collect() } else { choices };
    touches_one(world, random, &labels);
}

fn fills(world: &mut World, field: &FieldView) {
    let text = if field.id == "mobile" { "13800001234" } else { "230202100123" };
    world.citizen().touches_if_there(&field.label).types(text);
}

fn touches_one(world: &mut World, random: &mut Random, labels: &[String]) {
    let labels = if labels.is_empty() { enabled(world) } else { labels.to_vec() };
    if labels.is_empty() {
        return world.passes(500);
    }
    let label = random.pick(&labels).clone();
    world.citizen().touches_if_there(&label).waits_ms(100);
}

fn enabled(world: &World) -> Vec<String> {
    let targets = glass::targets(world.view()).into_iter();
    targets.filter(|target| target.enabled).map(|target| target.label).collect()
}

/// One act of somebody without a plan.
fn acts(world: &mut World, random: &mut Random) {
    let view = world.view();
    let wants_keys = wants_keys(view);
    let labels = enabled(world);
    let (card, paper, text) = (*random.pick(&CARDS), *random.pick(&PAPERS), *random.pick(&TEXTS));
    match random.below(10) {
        0 => {
            world.citizen().lays_card(card);
        }
        1 => {
            world.citizen().lifts_card();
        }
        2 => {
            world.citizen().lays_paper(paper);
        }
        3 => {
            world.citizen().lifts_paper();
        }
        4 if wants_keys => {
            world.citizen().rubs_out().types(text);
        }
        5 | 6 if !labels.is_empty() => {
            let label = random.pick(&labels).clone();
            world.citizen().double_taps(&label);
        }
        _ => touches_one(world, random, &labels),
    }
}

fn fails(world: &mut World, random: &mut Random) {
    match random.below(22) {
        0 => world.reader().is_unplugged(),
        1..=4 => world.reader().is_mended(),
        5 => world.hall().goes_dark(),
        6 => world.hall().hides_behind_a_captive_portal(),
        7..=9 => world.hall().comes_back(),
        10 => world.hall().loses_replies(2),
        11 => world.disk().is_full(),
        12..=14 => world.disk().has_room_again(),
        15 => world.disk().breaks(),
        16 => {
            let ms = i64::try_from(random.below(172_800_000)).unwrap_or(0);
            world.clock().jumps(ms - 86_400_000);
        }
        17 => world.reader().will(Trouble::Garble, "read_base", 1),
        18 => world.camera().is_unplugged(),
        19 | 20 => world.camera().is_mended(),
        _ => {
            let commit = if random.chance(50) { CommitOnCrash::Yes } else { CommitOnCrash::No };
            world.crashes_and_restarts_with(commit);
        }
    }
}
