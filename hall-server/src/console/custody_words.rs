//! Words of custody on the pages: what happened to an envelope, where it is, who had it.

use hall_api::wire::{By, CustodyMoved, CustodyStep};
use kiosk_words::CellSize;

use super::words;
use crate::{
    custody::{OrderState, Step, Whereabouts},
    store::{custody::Line, orders::Order},
};

pub(crate) const fn step(step: Step) -> &'static str {
    match step {
        Step::Station(step) => station_step(step),
        Step::AtDesk => "到案台",
        Step::GivenToCourier => "交给流转员",
        Step::HandedOut => "窗口或邮寄交付",
    }
}

const fn station_step(step: CustodyStep) -> &'static str {
    match step {
        CustodyStep::Deposited => "存入格口，本人已确认",
        CustodyStep::TakenBack => "本人取回",
        CustodyStep::TakenByStaff => "流转员取走",
        CustodyStep::Placed => "放进格口",
        CustodyStep::Collected => "领取，本人已确认",
        CustodyStep::Withdrawn => "从柜中撤出",
        CustodyStep::Unconfirmed => "门已关，未确认",
        CustodyStep::Quarantined => "格口已封存（待核实）",
        CustodyStep::NoPlace => "站点没有接下：没有能放的格口",
        CustodyStep::TooLate => "撤回或冻结到得太晚：信封已不在站点",
    }
}

/// What the person who reads an exception should do about it.
pub(crate) const fn what_to_do(line: &Line) -> &'static str {
    match line.step {
        Step::Station(CustodyStep::NoPlace) => {
            "投放单已了结。请换大小再开一张，或从窗口、邮寄交付。"
        }
        Step::Station(CustodyStep::TooLate) => {
            "请看领取记录：已领取的联系领取人；没有记录的，请站点人员找一找。"
        }
        Step::Station(CustodyStep::Unconfirmed) => "请站点人员开格口看一眼：信封在不在。",
        Step::Station(CustodyStep::Quarantined) => "格口停用，请站点人员核实后恢复。",
        Step::AtDesk => "页数或内容不相符，请与流转员和申请人核对。",
        Step::Station(
            CustodyStep::Deposited
            | CustodyStep::TakenBack
            | CustodyStep::TakenByStaff
            | CustodyStep::Placed
            | CustodyStep::Collected
            | CustodyStep::Withdrawn,
        ) => "照实登记，状态没有随之改变，请核对办件状态。",
        Step::GivenToCourier | Step::HandedOut => "请核对。",
    }
}

/// `station`, `citizen` and `staff 07` as people say them; a clerk's name stays.
pub(crate) fn who(who: &str) -> String {
    match who {
        "citizen" => "本人".into(),
        "station" => "站点".into(),
        other => match other.strip_prefix("staff ") {
            Some(id) => format!("站点人员 {id}"),
            None => other.to_owned(),
        },
    }
}

/// A held step of custody in one line.
pub(crate) fn told(moved: &CustodyMoved) -> String {
    let order = moved.order.map(|order| format!("（投放单 {}）", order.0)).unwrap_or_default();
    let door = if moved.door > 0 { format!("，第{}格", moved.door) } else { String::new() };
    let by = match &moved.by {
        By::Citizen => "本人".to_owned(),
        By::Station => "站点".to_owned(),
        By::Staff { id } => format!("站点人员 {id}"),
    };
    let (content, step) = (moved.content.zh(), station_step(moved.step));
    format!("{content}{order}：{step}{door}，{by}，{}", words::short_moment(moved.at))
}

/// Where an order stands, in words that name their proof.
pub(crate) fn order_state(order: &Order, place: Whereabouts, is_known: bool) -> String {
    let recalled = match (&order.recalled, order.closed) {
        (Some((who, at)), None) => {
            format!("{} 由{who}要求撤回，等站点回复 · ", words::short_moment(*at))
        }
        (Some(_) | None, _) => String::new(),
    };
    let state = match order.state {
        OrderState::Ordered | OrderState::Placed if place == Whereabouts::InDoubt => {
            "状态待核：要站点人员看一眼".into()
        }
        OrderState::Ordered if !is_known => "等待站点收到投放单".into(),
        OrderState::Ordered => "站点已收到投放单，等待放入".into(),
        OrderState::NoPlace => "站点没有接下".into(),
        OrderState::Placed => match order.door {
            Some(door) => format!("在柜，第{door}格"),
            None => "在柜".into(),
        },
        OrderState::Collected => "已领取".into(),
        OrderState::Withdrawn => "已撤出".into(),
    };
    format!("{recalled}{state}，{}", whereabouts(place))
}

pub(crate) const fn whereabouts(place: Whereabouts) -> &'static str {
    match place {
        Whereabouts::Desk => "信封在案台",
        Whereabouts::Courier => "信封在流转员手里",
        Whereabouts::Cell => "信封在格口",
        Whereabouts::InDoubt => "信封去向待核",
        Whereabouts::Gone => "信封已交出",
    }
}

pub(crate) const fn short_size(size: CellSize) -> &'static str {
    match size {
        CellSize::A4 => "A4薄",
        CellSize::A4Thick => "A4厚",
        CellSize::A3 => "A3",
    }
}
