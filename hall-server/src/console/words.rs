//! Words of the pages that are not in `kiosk-words`: dates, days of review, reasons of holding.

use hall_api::wire::held;
use kiosk_words::{ClockQuality, WallTime};

use crate::workdays::{REVIEW_DAYS, Review};

/// A matter marked discreet, everywhere outside the clerk's page of the case (rule R14).
pub(crate) const DISCREET: &str = "政务服务办件";

/// `2026年3月5日（周四）09:26`.
pub(crate) fn moment(at: WallTime) -> String {
    let civil = at.civil();
    format!("{}年{} {}", civil.year, civil.date_zh(), civil.clock())
}

/// `3月5日（周四）09:26`.
pub(crate) fn short_moment(at: WallTime) -> String {
    let civil = at.civil();
    format!("{} {}", civil.date_zh(), civil.clock())
}

/// When and by what somebody's card was read.
pub(crate) fn verified(at: WallTime, reader: Option<&str>) -> String {
    let at = moment(at);
    match reader {
        Some(reader) => format!("{at}，读卡核验（{reader}）"),
        None => format!("{at}，未读卡：身份待核"),
    }
}

/// `YYYY-MM-DD`, the form that date fields use.
pub(crate) fn iso_day(at: WallTime) -> String {
    let civil = at.civil();
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// `20260312` as `3月12日`.
pub(crate) fn day_zh(yyyymmdd: &str) -> String {
    let number: u32 = yyyymmdd.parse().unwrap_or_default();
    format!("{}月{}日", number / 100 % 100, number % 100)
}

/// What the five days say about a case that has had no notice yet. `约` where no calendar says
/// which days are worked.
pub(crate) fn review(review: &Review) -> String {
    let about = if review.is_certain { "" } else { "约" };
    let last_day = format!("{about}{}", day_zh(&review.last_day));
    if review.is_over() {
        let check = if review.is_certain { "" } else { "请核对放假安排；" };
        return format!(
            "第{REVIEW_DAYS}个工作日（{last_day}）已过，未告知。{check}逾期不告知依法视为受理"
        );
    }
    match review.day {
        0 => format!("今天收件，{last_day}前告知"),
        REVIEW_DAYS => format!("最后一天：第{REVIEW_DAYS}个工作日，今天必须告知"),
        day => format!("第{day}个工作日，{last_day}前告知"),
    }
}

pub(crate) const fn quality(quality: ClockQuality) -> &'static str {
    match quality {
        ClockQuality::Unknown => "站点时钟未校准，期限从大厅收到时起算",
        ClockQuality::Held => "站点时钟走时，24小时内未与大厅对时",
        ClockQuality::Synced => "",
    }
}

pub(crate) fn held_reason(code: &str) -> &'static str {
    match code {
        held::OTHER_BODY => "同一流水号或同一办件号，大厅已经有一份内容不同的",
        held::BAD_HASH => "内容与校验值不符，可能已损坏",
        held::BAD_BODY => "内容不是本版本能读的办件",
        held::BAD_SEAL => "密封的申请记录打不开",
        held::BAD_RECEIPT => "收件编号不属于该站点，或已被使用",
        held::BEHIND_HELD => "同一办件前面还有一条在等人核实，按顺序等候",
        held::NO_CASE => "大厅没有这件办件，或不是该站点收的",
        held::BAD_ORDER => "投放单与办件、内容或站点对不上",
        held::BAD_MOVE => "与大厅记录的状态接不上，例如漏了前一步",
        _ => "原因未知",
    }
}

pub(crate) fn audit(kind: &str) -> &str {
    match kind {
        "case_handled" => "办理",
        "case_viewed" => "查看办件",
        "scan_viewed" => "查看材料",
        "event_held" => "暂存待核",
        "held_admitted" => "核实后收下",
        "held_set_aside" => "存档不收",
        "custody_moved" => "站点报告去向",
        "order_made" => "开投放单",
        "order_recalled" => "撤回投放",
        "case_frozen" => "领取冻结",
        "case_unfrozen" => "解除冻结",
        "desk_received" => "案台收下",
        "desk_gave" => "交给流转员",
        "handed_out" => "窗口或邮寄交付",
        "exception_seen" => "知悉例外",
        other => other,
    }
}

pub(crate) fn party_role(role: &str) -> &str {
    match role {
        "applicant" => "申请人",
        "agent" => "代办人",
        "guardian" => "监护人",
        other => other,
    }
}

pub(crate) fn contact_way(way: &str) -> &str {
    match way {
        "own_mobile" => "本人手机",
        "other_mobile" => "他人手机",
        "post" => "邮寄",
        "come_back" => "自己再来看",
        other => other,
    }
}

pub(crate) fn delivery(way: &str) -> &str {
    match way {
        "locker" => "柜取",
        "window" => "窗口",
        "post" => "邮寄",
        other => other,
    }
}
