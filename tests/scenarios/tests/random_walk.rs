//! People who touch anything, and faults at any time: whatever happens, the invariants hold.

use device_sim::trouble::Trouble;
use kiosk_core::view::{FieldView, Stage};
use testkit::{CommitOnCrash, Random, World, glass};

/// Worlds of one run; each is a life of many acts.
const SEEDS: std::ops::Range<u64> = 0x1000..0x1028;
/// To walk one world again: put the seed that failed here and
/// `cargo test -p scenarios random_walk::one_seed_again`.
const ONE_SEED: u64 = 0x1000;
const N_ACTS: u32 = 300;
/// Fingers without a plan still get somewhere: a walk that files nothing tests little.
const N_FILED_MIN: usize = 25;
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
        n_filed += walk(seed);
    }
    assert!(n_filed >= N_FILED_MIN, "{n_filed} cases were filed");
}

#[test]
fn one_seed_again() {
    walk(ONE_SEED);
}

/// Cases that were filed.
fn walk(seed: u64) -> usize {
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
    world.store.cases().count()
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
                return fills(world, &empty);
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
        Stage::Home { services, .. } => services.iter().map(|row| row.title.clone()).collect(),
        Stage::Attract { .. }
        | Stage::Materials { .. }
        | Stage::Notice { .. }
        | Stage::Capture { .. }
        | Stage::Check { .. }
        | Stage::Wait { .. }
        | Stage::Receipt { .. }
        | Stage::CaseDetail { .. }
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
    let wants_keys = view.sheet.is_none()
        && matches!(&view.stage, Stage::Form { fields, .. } if fields.iter().any(|f| f.focused));
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
