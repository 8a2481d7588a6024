//! What a finger finds to do on the page that is shown: what leads on, or anything at all.

use kiosk_core::view::{DevicePicture, FieldView, Stage, View};
use kiosk_words::{Content, ReceiptNo};
use testkit::{Random, World, glass, staff_cards::STAFF};

pub const CARDS: [&str; 8] = [
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
/// A pick-up code is typed right so many times in a hundred.
const RIGHT_CODE_PERCENT: u64 = 85;

/// What this person types, so that nobody else has typed it before.
#[derive(Debug, Clone)]
pub struct Texts {
    pub licence: String,
    pub phone: String,
}

impl Texts {
    /// Of the `n`th visit; `salt` keeps nights apart.
    pub fn of(n: u64, salt: u64) -> Self {
        let n = (salt % 900 + 100) * 100 + n % 100;
        Self { licence: format!("2302021{n:05}"), phone: format!("138{:08}", 10_000_000 + n) }
    }
}

pub fn wants_keys(view: &View) -> bool {
    let focused = |fields: &[FieldView]| fields.iter().any(|field| field.focused);
    view.sheet.is_none() && matches!(&view.stage, Stage::Form { fields, .. } if focused(fields))
}

/// What ends the night for everybody: a technician means it, and the scenarios tell what comes of
/// it. By chance nobody would come back to open the station again.
const ENDS_THE_NIGHT: [&str; 4] =
    ["维护中：暂停服务", "Close for maintenance", "关机", "Switch off"];

/// Labels that can be touched.
pub fn enabled(world: &World) -> Vec<String> {
    let targets = glass::targets(world.view()).into_iter();
    let labels = targets.filter(|target| target.enabled).map(|target| target.label);
    labels.filter(|label| goes_on(label)).collect()
}

fn goes_on(label: &str) -> bool {
    !ENDS_THE_NIGHT.contains(&label)
}

/// What somebody does who wants to get on.
pub fn leads_on(world: &mut World, random: &mut Random, texts: &Texts) {
    let view = world.view();
    if let Some(sheet) = &view.sheet {
        let answer = random.pick(&[sheet.yes.label.clone(), sheet.no.label.clone()]).clone();
        world.citizen().touches_if_there(&answer);
        return;
    }
    let choices: Vec<String> = match &view.stage {
        Stage::Card { picture: DevicePicture::CardSlot, .. } => {
            let (staff, ..) = *random.pick(&STAFF);
            world.slot().gives_back();
            world.citizen().waits_ms(1_000);
            world.slot().gets_staff_card(staff);
            world.citizen().waits_ms(1_000);
            return;
        }
        Stage::Card { .. } => {
            let card = *random.pick(&CARDS);
            world.citizen().lifts_card().waits_ms(1_500).lays_card(card).waits_ms(4_000);
            return;
        }
        Stage::Form { fields, .. } => {
            if let Some(empty) = fields.iter().find(|field| field.value.is_empty()).cloned() {
                return fills(world, random, &empty, texts);
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
        Stage::Choose { choices, .. } => {
            let titles = choices.iter().map(|row| row.title.clone());
            titles.filter(|title| goes_on(title)).collect()
        }
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

/// The code, the number, the PIN or the text that this field wants.
fn fills(world: &mut World, random: &mut Random, field: &FieldView, texts: &Texts) {
    let text = match field.id.as_str() {
        "code" => some_code(world, random),
        "pin" => some_pin(world, random),
        "slip" => {
            if let Some(code) = some_envelope(world, random) {
                world.locker().slip_under_the_lens(&code);
            }
            world.citizen().touches_if_there("扫码").waits_ms(800);
            return;
        }
        "mobile" => texts.phone.clone(),
        _ => texts.licence.clone(),
    };
    world.citizen().touches_if_there(&field.label).types(&text);
}

/// The one of the card in the slot, unless somebody guesses.
fn some_pin(world: &World, random: &mut Random) -> String {
    let card = world.slot.slot.look().card;
    let known = STAFF.iter().find(|(staff, ..)| card.as_deref() == Some(*staff));
    let right = known.map(|(_, _, pin)| *pin).filter(|_| random.chance(RIGHT_CODE_PERCENT));
    right.unwrap_or("111111").to_owned()
}

/// The one on the receipt of the case on the page, unless somebody guesses.
fn some_code(world: &World, random: &mut Random) -> String {
    let is_ours = |receipt: ReceiptNo| world.shows(&receipt.to_string());
    let ours = world.store.cases().find(|case| is_ours(case.filed.receipt));
    let known = ours.filter(|_| random.chance(RIGHT_CODE_PERCENT));
    known.map_or_else(|| "000000".to_owned(), |case| case.filed.pickup_code.expose().clone())
}

/// A code that lies under the lens or is typed: mostly one that fits.
fn some_envelope(world: &World, random: &mut Random) -> Option<String> {
    let receipt = some_receipt(world, random)?;
    let last = match random.below(8) {
        0..4 => "materials.0".to_owned(),
        n @ 4..7 => format!("result.{n}"),
        n => format!("returned.{n}"),
    };
    let orders = &world.store.custody().orders;
    let wanted = (!orders.is_empty() && random.chance(70)).then(|| random.pick(orders));
    let Some((id, order)) = wanted else { return Some(format!("ND2.{receipt}.{last}")) };
    let case = world.store.cases().find(|case| case.filed.case == order.case)?;
    let content = if order.content == Content::Result { "result" } else { "returned" };
    Some(format!("ND2.{}.{content}.{}", case.filed.receipt.digits(), id.0))
}

/// The 14 digits of some case of this store.
pub fn some_receipt(world: &World, random: &mut Random) -> Option<String> {
    let receipts: Vec<String> =
        world.store.cases().map(|case| case.filed.receipt.digits()).collect();
    (!receipts.is_empty()).then(|| random.pick(&receipts).clone())
}

/// One act of somebody without a plan.
pub fn anything(world: &mut World, random: &mut Random, texts: &Texts) {
    let types = wants_keys(world.view());
    let labels = enabled(world);
    let (card, paper) = (*random.pick(&CARDS), *random.pick(&PAPERS));
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
        4 if types => {
            world.citizen().rubs_out().types(&texts.licence);
        }
        5 | 6 if !labels.is_empty() => {
            let label = random.pick(&labels).clone();
            world.citizen().double_taps(&label);
        }
        _ => touches_one(world, random, &labels),
    }
}

fn touches_one(world: &mut World, random: &mut Random, labels: &[String]) {
    let labels = if labels.is_empty() { enabled(world) } else { labels.to_vec() };
    if labels.is_empty() {
        return world.passes(500);
    }
    let label = random.pick(&labels).clone();
    world.citizen().touches_if_there(&label).waits_ms(100);
}
