//! 交接: envelopes between courier and desk, both ways, found by the code on their slip.
//!
//! The courier stands beside the screen, so nothing here names a citizen.

use askama::Template;
use axum::{
    extract::{
        Form, Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use hall_api::receipt::ReceiptCode;
use kiosk_words::{Content, EnvelopeCode, OrderId, Originals, Private, ReceiptNo, Release};
use rusqlite::Connection;
use serde::Deserialize;

use super::{
    Console,
    account::{Checked, bad_form, check_password, locked_sentence},
    case_page::case_of,
    custody_words, desk_words,
    respond::{Refused, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    custody::{OrderState, Step, Whereabouts},
    store::{
        StoreError,
        cases::{self, CaseLine},
        custody::{self, Line},
        desk::{self, Counted, Envelope},
        feed,
        orders::{self, Order},
    },
};

/// Pages in one envelope; more is a slip of the finger.
const PAGES_MAX: u32 = 2_000;
const NOTE_LEN_MAX: usize = 200;
const COURIER_LEN_MAX: usize = 30;

#[derive(Template)]
#[template(path = "handover.html")]
struct HandoverPage {
    who: String,
    csrf: String,
    /// What was written just now.
    done: String,
    done_is_care: bool,
    /// Why the code found nothing.
    trouble: String,
    found: Option<Found>,
}

struct Found {
    case: String,
    receipt: String,
    matter: String,
    station: String,
    is_frozen: bool,
    cards: Vec<Card>,
}

struct Card {
    title: String,
    state: String,
    /// Number of the order; 0 for materials.
    order: u64,
    may_take: bool,
    may_give: bool,
    is_important: bool,
    /// The staff member the station named.
    courier: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ask {
    #[serde(default)]
    code: String,
    #[serde(default)]
    done: i64,
}

#[derive(Deserialize)]
pub(crate) struct TakeForm {
    csrf: String,
    case: String,
    order: u64,
    #[serde(default)]
    pages: String,
    /// `yes` or `no`
    #[serde(default)]
    fits: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    courier: String,
}

#[derive(Deserialize)]
pub(crate) struct GiveForm {
    csrf: String,
    order: u64,
    #[serde(default)]
    pages: String,
    #[serde(default)]
    courier: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    second_password: String,
}

/// What was typed or scanned: any slip of ours, or the digits under it.
fn read_code(text: &str) -> Option<(ReceiptNo, Option<EnvelopeCode>)> {
    let text = text.trim();
    if text.starts_with("ND2.") {
        return EnvelopeCode::decode(text).map(|code| (code.receipt, Some(code)));
    }
    if text.starts_with("ND1.") {
        return ReceiptCode::decode(text).map(|code| (code.receipt, None));
    }
    text.parse().ok().map(|receipt| (receipt, None))
}

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, Refused> {
    let ask = ask.map_or(Ask { code: String::new(), done: 0 }, |Query(ask)| ask);
    let done = match ask.done {
        0 => None,
        line => console.api.store.read(move |sql| done(sql, line)).await?,
    };
    let (trouble, found) = match (ask.code.trim(), read_code(&ask.code)) {
        ("", _) => (String::new(), None),
        (_, None) => ("这不是信封条或收件编号：请再扫一次，或照着输入14位数字。".into(), None),
        (_, Some((receipt, code))) => {
            let found = console.api.store.read(move |sql| find(sql, receipt, code)).await?;
            let trouble = match &found {
                Some(found) if found.cards.is_empty() => {
                    format!("{receipt} 没有要交接的信封。请核对编号。")
                }
                Some(_) => String::new(),
                None => {
                    format!("大厅还没有收到编号 {receipt} 的办件。请先放在一边，站点联网后再登记。")
                }
            };
            (trouble, found)
        }
    };
    Ok(render(&HandoverPage {
        who: clerk.name(),
        csrf: clerk.csrf,
        done_is_care: done.as_ref().is_some_and(|(_, is_care)| *is_care),
        done: done.map(|(sentence, _)| sentence).unwrap_or_default(),
        trouble,
        found,
    }))
}

/// The sentence about a line that was written just now, and whether somebody must look at it.
fn done(sql: &Connection, line: i64) -> Result<Option<(String, bool)>, StoreError> {
    let Some(line) = custody::get(sql, line)? else { return Ok(None) };
    let Some(case) = cases::standing(sql, line.case)? else { return Ok(None) };
    let pages = line.pages.map(|n| format!("，{n}页")).unwrap_or_default();
    let fits = match line.fits {
        Some(true) => "，相符",
        Some(false) => "，不相符：已列入“流转”页的例外",
        None => "",
    };
    let (content, step) = (line.content.zh(), custody_words::step(line.step));
    let sentence = format!("已登记 {}：{content}，{step}{pages}{fits}。", case.receipt);
    Ok(Some((sentence, line.fits == Some(false))))
}

fn find(
    sql: &Connection,
    receipt: ReceiptNo,
    code: Option<EnvelopeCode>,
) -> Result<Option<Found>, StoreError> {
    let Some(case) = cases::by_receipt(sql, receipt)? else { return Ok(None) };
    let Some(file) = cases::file(sql, case)? else { return Ok(None) };
    let (line, lines) = (file.line, custody::of_case(sql, case)?);
    let mut cards = Vec::new();
    if code.is_none_or(|code| code.content == Content::Materials) {
        cards.extend(materials_card(sql, &line, &lines)?);
    }
    let orders = orders::of_case(sql, case)?.into_iter();
    for order in orders.filter(|order| code.is_none_or(|code| code.order == Some(order.id))) {
        cards.extend(order_card(sql, &line, &order, &lines)?);
    }
    Ok(Some(Found {
        case: case.to_string(),
        receipt: receipt.to_string(),
        matter: if line.is_discreet { words::DISCREET.into() } else { line.matter_name },
        station: line.station.to_string(),
        is_frozen: line.is_frozen,
        cards,
    }))
}

fn materials_card(
    sql: &Connection,
    line: &CaseLine,
    lines: &[Line],
) -> Result<Option<Card>, StoreError> {
    let is_on_its_way = orders::materials_away(sql, line.case)?;
    let may_take = match line.originals {
        Originals::AwaitingCell | Originals::InCell => true,
        Originals::TakenByHall
        | Originals::NotNeeded
        | Originals::AwaitingReturn
        | Originals::Returned => is_on_its_way,
    };
    if !may_take && line.originals != Originals::TakenByHall {
        return Ok(None);
    }
    let place = if may_take { "" } else { "，已在案台登记" };
    Ok(Some(Card {
        title: Content::Materials.zh().into(),
        state: format!("纸质原件：{}{place}", line.originals.zh()),
        order: 0,
        may_take,
        may_give: false,
        is_important: false,
        courier: courier(lines, None),
    }))
}

fn order_card(
    sql: &Connection,
    line: &CaseLine,
    order: &Order,
    lines: &[Line],
) -> Result<Option<Card>, StoreError> {
    let place = orders::whereabouts(sql, order)?;
    if place == Whereabouts::Gone {
        return Ok(None);
    }
    let is_on_the_desk = place == Whereabouts::Desk;
    let is_wanted = order.state == OrderState::Ordered && order.recalled.is_none();
    Ok(Some(Card {
        title: format!("{} · 投放单 {} · {}", order.content.zh(), order.id.0, order.release.zh()),
        state: custody_words::order_state(
            order,
            place,
            feed::read_by(sql, order.station)? >= order.cursor,
        ),
        order: order.id.0,
        may_take: !is_on_the_desk,
        may_give: is_on_the_desk && is_wanted && !line.is_frozen,
        is_important: order.release == Release::Important,
        courier: courier(lines, Some(order.id)),
    }))
}

/// The staff member who, by the station's word, had the envelope last.
fn courier(lines: &[Line], order: Option<OrderId>) -> String {
    let of_envelope = lines.iter().rev().filter(|line| line.order == order);
    let mut told = of_envelope.filter(|line| matches!(line.step, Step::Station(_)));
    told.find_map(|line| line.who.strip_prefix("staff ")).unwrap_or_default().to_owned()
}

pub(crate) async fn take(
    State(console): State<Console>,
    clerk: Clerk,
    form: Result<Form<TakeForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    clerk.check(&form.csrf)?;
    let case = case_of(&form.case)?;
    let back = back_to(&console, &form.case).await?;
    let counted = counted(&form).map_err(|sentence| Refused::incomplete(sentence, &back))?;
    let envelope = match form.order {
        0 => Envelope::Materials,
        order => Envelope::Order(OrderId(order)),
    };
    let (who, now) = (clerk.name(), console.api.clock.now());
    let taken = console
        .api
        .store
        .write(move |context| desk::receive(context, case, envelope, &counted, &who, now))
        .await?;
    taken
        .map(|line| redirect(&format!("/handover?done={line}")))
        .map_err(|refused| desk_words::refuse(refused, &back))
}

fn counted(form: &TakeForm) -> Result<Counted, String> {
    let fits = match form.fits.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err("请选择相符或不相符。".into()),
    };
    let note = form.note.trim();
    if note.chars().count() > NOTE_LEN_MAX || note.chars().any(char::is_control) {
        return Err(format!("说明请写在{NOTE_LEN_MAX}个字以内。"));
    }
    if !fits && note.is_empty() {
        return Err("不相符时，请写明哪里不相符。".into());
    }
    Ok(Counted {
        pages: pages(&form.pages)?,
        fits,
        note: note.to_owned(),
        courier: courier_name(&form.courier)?,
    })
}

fn pages(text: &str) -> Result<u32, String> {
    let n: Option<u32> = text.trim().parse().ok();
    n.filter(|n| (1..=PAGES_MAX).contains(n))
        .ok_or_else(|| format!("请数一数共几页，填1到{PAGES_MAX}之间的数。"))
}

fn courier_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let n_chars = text.chars().count();
    if n_chars == 0 || n_chars > COURIER_LEN_MAX || text.chars().any(char::is_control) {
        return Err("请填写流转员的姓名或工号。".into());
    }
    Ok(text.to_owned())
}

/// The page of the same envelope, to try again.
async fn back_to(console: &Console, case: &str) -> Result<String, Refused> {
    let case = case_of(case)?;
    let standing = console.api.store.read(move |sql| cases::standing(sql, case)).await?;
    let digits = standing.map(|case| case.receipt.digits()).unwrap_or_default();
    Ok(format!("/handover?code={digits}"))
}

pub(crate) async fn give(
    State(console): State<Console>,
    clerk: Clerk,
    form: Result<Form<GiveForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    clerk.check(&form.csrf)?;
    let id = OrderId(form.order);
    let order = console.api.store.read(move |sql| orders::get(sql, id)).await?;
    let order = order.ok_or_else(super::respond::not_found)?;
    let back = back_to(&console, &order.case.to_string()).await?;
    let counted = counted_to_give(&form).map_err(|why| Refused::incomplete(why, &back))?;
    let second = second(&console, &clerk, &form, &back).await?;
    let (who, now) = (clerk.name(), console.api.clock.now());
    let given = console
        .api
        .store
        .write(move |context| desk::give(context, order.id, &counted, second.as_deref(), &who, now))
        .await?;
    given
        .map(|line| redirect(&format!("/handover?done={line}")))
        .map_err(|refused| desk_words::refuse(refused, &back))
}

fn counted_to_give(form: &GiveForm) -> Result<Counted, String> {
    Ok(Counted {
        pages: pages(&form.pages)?,
        fits: true,
        note: String::new(),
        courier: courier_name(&form.courier)?,
    })
}

/// The colleague who saw it sealed, by own name and password; nobody is their own second.
async fn second(
    console: &Console,
    clerk: &Clerk,
    form: &GiveForm,
    back: &str,
) -> Result<Option<String>, Refused> {
    if form.second.trim().is_empty() {
        return Ok(None);
    }
    if form.second.trim() == clerk.session.name {
        return Err(Refused::incomplete("在场的另一人不能是您自己。", back));
    }
    let password = Private::new(form.second_password.clone());
    match check_password(console, &form.second, password).await? {
        Checked::Right(account) => Ok(Some(account.name)),
        Checked::Wrong => Err(Refused::incomplete("在场同事的姓名或口令不对。", back)),
        Checked::Locked { until } => Err(Refused::incomplete(locked_sentence(until), back)),
    }
}
