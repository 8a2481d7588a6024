//! Hand-over at the desk, both ways (practice.md, point 9), and what is given by hand or by post.
//!
//! Nothing here believes where an envelope should be: the clerk has it in hand and counts. What
//! does not fit with the lines is refused with the place where they have it.

use kiosk_words::{CaseId, Content, Handling, OrderId, Originals, Release, WallTime};
use rusqlite::Connection;

use super::{
    StoreError, WriteContext,
    cases::{self, StepRefused},
    chain,
    custody::{self, NewLine},
    orders::{self, Order},
};
use crate::custody::{self as table, OrderState, Step, Whereabouts};

/// An envelope on the desk: materials, or one of the hall's orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    Materials,
    Order(OrderId),
}

/// What the clerk counted and who stood there.
#[derive(Debug)]
pub struct Counted {
    pub pages: u32,
    /// Whether what is inside is what the slip says.
    pub fits: bool,
    pub note: String,
    pub courier: String,
}

/// Why a hand-over was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskRefused {
    NotFound,
    /// The lines have it here.
    Elsewhere(Whereabouts),
    /// It was counted already.
    Counted,
    /// This case needs no originals, or they went back.
    NotExpected(Originals),
    Frozen,
    /// Recalled, or over for another reason.
    Recalled,
    /// 重要: sealed before two persons.
    NeedsSecond,
    /// An order for the same envelope is under way.
    UnderWay(OrderId),
    Handling(StepRefused),
}

/// Takes an envelope from the courier: counted, on the desk (到案台).
pub fn receive(
    context: &mut WriteContext<'_>,
    case: CaseId,
    envelope: Envelope,
    counted: &Counted,
    who: &str,
    now: WallTime,
) -> Result<Result<i64, DeskRefused>, StoreError> {
    let (content, order) = match envelope {
        Envelope::Materials => {
            if let Some(refused) = receive_materials(context, case, now)? {
                return Ok(Err(refused));
            }
            (Content::Materials, None)
        }
        Envelope::Order(order) => match order_to_receive(context.sql, case, order)? {
            Ok(order) => (order.content, Some(order.id)),
            Err(refused) => return Ok(Err(refused)),
        },
    };
    let new = NewLine {
        order,
        courier: Some(&counted.courier),
        pages: Some(counted.pages),
        fits: Some(counted.fits),
        note: (!counted.note.is_empty()).then_some(&counted.note),
        ..NewLine::default()
    };
    let line = custody::append(context, (case, content), Step::AtDesk, who, &new, now)?;
    let fits = if counted.fits { "fits" } else { "does not fit" };
    let detail = format!("{} {} pages, {fits}", named(content, order), counted.pages);
    chain::append(context, now, who, chain::Kind::DeskReceived, Some(case), &detail)?;
    Ok(Ok(line))
}

/// The paper in the clerk's hand proves that it was in a cell and that the hall has it now, also
/// when the station has not told yet.
fn receive_materials(
    context: &mut WriteContext<'_>,
    case: CaseId,
    now: WallTime,
) -> Result<Option<DeskRefused>, StoreError> {
    let Some(standing) = cases::standing(context.sql, case)? else {
        return Ok(Some(DeskRefused::NotFound));
    };
    let is_on_its_way = orders::materials_away(context.sql, case)?;
    let from = standing.originals;
    if !is_on_its_way && from == Originals::TakenByHall {
        return Ok(Some(DeskRefused::Counted));
    }
    match table::walk_originals(from, &[Originals::InCell, Originals::TakenByHall]) {
        Some(hops) => cases::move_originals(context, case, &hops, None, now)?,
        // A second envelope of the same case, let in aside: its trip ends here and moves nothing.
        None if is_on_its_way => {}
        None => return Ok(Some(DeskRefused::NotExpected(from))),
    }
    Ok(None)
}

fn order_to_receive(
    sql: &Connection,
    case: CaseId,
    order: OrderId,
) -> Result<Result<Order, DeskRefused>, StoreError> {
    let order = orders::get(sql, order)?.filter(|order| order.case == case);
    let Some(order) = order else { return Ok(Err(DeskRefused::NotFound)) };
    Ok(match orders::whereabouts(sql, &order)? {
        // The courier may be faster than the network, so the cell is believed only if it is empty.
        Whereabouts::Courier | Whereabouts::Cell | Whereabouts::InDoubt => Ok(order),
        place @ (Whereabouts::Desk | Whereabouts::Gone) => Err(DeskRefused::Elsewhere(place)),
    })
}

/// Gives an ordered envelope to the courier. `second`: who saw it sealed.
pub fn give(
    context: &mut WriteContext<'_>,
    order: OrderId,
    counted: &Counted,
    second: Option<&str>,
    who: &str,
    now: WallTime,
) -> Result<Result<i64, DeskRefused>, StoreError> {
    let order = match order_to_give(context.sql, order, second.is_some())? {
        Ok(order) => order,
        Err(refused) => return Ok(Err(refused)),
    };
    let new = NewLine {
        order: Some(order.id),
        second,
        courier: Some(&counted.courier),
        pages: Some(counted.pages),
        note: (!counted.note.is_empty()).then_some(&counted.note),
        ..NewLine::default()
    };
    let envelope = (order.case, order.content);
    let line = custody::append(context, envelope, Step::GivenToCourier, who, &new, now)?;
    let second = second.map(|name| format!(", sealed before {name}")).unwrap_or_default();
    let name = named(order.content, Some(order.id));
    let detail = format!("{name} {} pages{second}", counted.pages);
    chain::append(context, now, who, chain::Kind::DeskGave, Some(order.case), &detail)?;
    Ok(Ok(line))
}

fn order_to_give(
    sql: &Connection,
    order: OrderId,
    has_second: bool,
) -> Result<Result<Order, DeskRefused>, StoreError> {
    let Some(order) = orders::get(sql, order)? else { return Ok(Err(DeskRefused::NotFound)) };
    let Some(case) = cases::standing(sql, order.case)? else {
        return Ok(Err(DeskRefused::NotFound));
    };
    let place = orders::whereabouts(sql, &order)?;
    Ok(match () {
        () if place != Whereabouts::Desk => Err(DeskRefused::Elsewhere(place)),
        () if order.recalled.is_some() || order.state != OrderState::Ordered => {
            Err(DeskRefused::Recalled)
        }
        () if case.is_frozen => Err(DeskRefused::Frozen),
        () if order.release == Release::Important && !has_second => Err(DeskRefused::NeedsSecond),
        () => Ok(order),
    })
}

/// Why something may not be given by hand, if so.
fn not_by_hand(
    sql: &Connection,
    case: CaseId,
    standing: &cases::Standing,
    content: Content,
) -> Result<Option<DeskRefused>, StoreError> {
    if standing.is_frozen {
        return Ok(Some(DeskRefused::Frozen));
    }
    let order = orders::under_way(sql, case, content)?;
    Ok(order.map(|order| DeskRefused::UnderWay(order.id)))
}

/// A result given at a window or by post: handling ends as 已转窗口 or 已转邮寄. `sealed`: to whom
/// and why, sealed to the hall's own key.
pub fn hand_out_result(
    context: &mut WriteContext<'_>,
    case: CaseId,
    seen_revision: i64,
    how: &str,
    sealed: &[u8],
    who: &str,
    now: WallTime,
) -> Result<Result<(), DeskRefused>, StoreError> {
    let Some(standing) = cases::standing(context.sql, case)? else {
        return Ok(Err(DeskRefused::NotFound));
    };
    if let Some(refused) = not_by_hand(context.sql, case, &standing, Content::Result)? {
        return Ok(Err(refused));
    }
    let next = Handling::HandedOver { how: how.to_owned() };
    if let Err(refused) = cases::step(context, case, seen_revision, &next, who, now)? {
        return Ok(Err(DeskRefused::Handling(refused)));
    }
    write_hand_out(context, case, Content::Result, how, sealed, who, now)
}

/// Originals given back at a window or by post.
pub fn hand_out_originals(
    context: &mut WriteContext<'_>,
    case: CaseId,
    how: &str,
    sealed: &[u8],
    who: &str,
    now: WallTime,
) -> Result<Result<(), DeskRefused>, StoreError> {
    let Some(standing) = cases::standing(context.sql, case)? else {
        return Ok(Err(DeskRefused::NotFound));
    };
    if let Some(refused) = not_by_hand(context.sql, case, &standing, Content::ReturnedOriginals)? {
        return Ok(Err(refused));
    }
    if !table::may_return(&standing.handling, standing.originals) {
        return Ok(Err(DeskRefused::NotExpected(standing.originals)));
    }
    if orders::materials_away(context.sql, case)? {
        return Ok(Err(DeskRefused::Elsewhere(Whereabouts::Courier)));
    }
    let hops = [Originals::AwaitingReturn, Originals::Returned];
    cases::move_originals(context, case, &hops, Some(standing.station), now)?;
    write_hand_out(context, case, Content::ReturnedOriginals, how, sealed, who, now)
}

fn write_hand_out(
    context: &WriteContext<'_>,
    case: CaseId,
    content: Content,
    how: &str,
    sealed: &[u8],
    who: &str,
    now: WallTime,
) -> Result<Result<(), DeskRefused>, StoreError> {
    // An envelope that was labelled for a cell and came back is this envelope.
    let orders = orders::of_case(context.sql, case)?;
    let order = orders.iter().find(|order| order.content == content).map(|order| order.id);
    let new = NewLine { order, note: Some(how), hand_out: Some(sealed), ..NewLine::default() };
    custody::append(context, (case, content), Step::HandedOut, who, &new, now)?;
    let by = if how == "邮寄" { "by post" } else { "at a window" };
    let detail = format!("{} {by}", named(content, order));
    chain::append(context, now, who, chain::Kind::HandedOut, Some(case), &detail)?;
    Ok(Ok(()))
}

fn named(content: Content, order: Option<OrderId>) -> String {
    let order = order.map(|order| format!(" order {}", order.0)).unwrap_or_default();
    format!("{}{order}", cases::word(&content))
}
