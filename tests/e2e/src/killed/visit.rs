//! What people come for at night, deed by deed.

use crate::{house::MANAGER, night::MANAGER_PIN, script::Act};

/// The touch that files a case.
pub(super) const HAND_IN: &str = "签好了，交件";
/// The matter whose original goes into a cell.
pub(super) const PERMIT: &str = "烟草专卖零售许可证延续";
pub(super) const PERMIT_ID: &str = "yancao_yanxu";
/// Before the digits on a receipt.
const PICKUP_CODE: &str = "取件码";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visit {
    /// 无犯罪记录证明: nothing to photograph, nothing to put in.
    Certificate(&'static str),
    /// 烟草证延续, and the old permit into a cell.
    Permit(&'static str),
    /// The old permit of a case that was filed before.
    Deposit(&'static str),
    TakeBack(&'static str),
    /// 查进度: what became of what was interrupted.
    Asks(&'static str),
    /// The manager looks into these cells.
    LookInto(Vec<u16>),
}

/// What a hand does behind an open door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    PutsIn,
    TakesOut,
    Looks,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Act(Act),
    /// Touches the permit if there is a list of cases.
    ChooseCase,
    /// Touches the newest case if there is a list of cases.
    ChooseNewest,
    /// Reads what became of a case that was filed when the station died.
    IsTold,
    /// The hand does its work and pushes the door on the page shut.
    Shut(Hand),
    /// The manager says truly what lies there.
    SaysWhatIsInside,
    /// Types the pick-up code of the case.
    Code,
    /// 看好了，离开 or 退出并清除
    Leave,
}

fn tap(label: &str) -> Deed {
    Deed::Act(Act::Tap(label.to_owned()))
}

fn taps<const N: usize>(labels: [&str; N]) -> impl Iterator<Item = Deed> {
    labels.map(tap).into_iter()
}

fn keys(keys: &str) -> Deed {
    Deed::Act(Act::Keys(keys.to_owned()))
}

fn lay_card(who: &str) -> Deed {
    Deed::Act(Act::LayCard(who.to_owned()))
}

fn lay_paper(paper: &str) -> Deed {
    Deed::Act(Act::LayPaper(paper.to_owned()))
}

const WAKE: Deed = Deed::Act(Act::Wake);
const LIFT_CARD: Deed = Deed::Act(Act::LiftCard);
const TO_CARD: [&str; 2] = ["开始办理", "知道了，去刷身份证"];

impl Visit {
    pub(super) const fn who(&self) -> Option<&'static str> {
        match self {
            Self::Certificate(who)
            | Self::Permit(who)
            | Self::Deposit(who)
            | Self::TakeBack(who)
            | Self::Asks(who) => Some(*who),
            Self::LookInto(_) => None,
        }
    }

    pub(super) fn deeds(&self) -> Vec<Deed> {
        match self {
            Self::Certificate(who) => certificate(who),
            Self::Permit(who) => permit(who),
            Self::Deposit(who) => {
                let cell = put_in();
                own_cases(who).chain([Deed::ChooseCase]).chain(cell).collect()
            }
            Self::TakeBack(who) => {
                let out = [Deed::Code, tap("打开格口"), Deed::Shut(Hand::TakesOut)];
                let case = own_cases(who).chain([Deed::ChooseCase, tap("取回原件")]);
                case.chain(out).chain(taps(["取到了", "看好了，离开"])).collect()
            }
            Self::Asks(who) => {
                own_cases(who).chain([Deed::ChooseNewest, Deed::IsTold, Deed::Leave]).collect()
            }
            Self::LookInto(doors) => round(doors),
        }
    }
}

fn certificate(who: &str) -> Vec<Deed> {
    let matter = taps(["无犯罪记录证明", "给我自己", "找工作"]);
    let end = taps(["下一步", "不用告诉，我自己再来看", "到这里的文件柜取", "没有错，去签名"]);
    let filed = [Deed::Act(Act::Sign), tap(HAND_IN), tap("看好了，离开")];
    let begin = std::iter::once(WAKE).chain(matter).chain(taps(TO_CARD));
    begin.chain([lay_card(who), LIFT_CARD]).chain(end).chain(filed).collect()
}

fn permit(who: &str) -> Vec<Deed> {
    let matter = taps(["烟草证延续", "还有 30 天以上", "都没变"]);
    let begin = std::iter::once(WAKE).chain(matter).chain(taps(TO_CARD));
    let form = [lay_card(who), keys("230200100017"), LIFT_CARD];
    let ways = taps(["下一步", "不用告诉，我自己再来看", "到这里的文件柜取"]);
    let papers = [
        lay_paper("old_permit"),
        tap("拍照"),
        tap("用这张"),
        lay_paper("business_licence"),
        tap("拍照"),
        Deed::Act(Act::TakePaper),
        tap("用这张"),
    ];
    let filed = [tap("没有错，去签名"), Deed::Act(Act::Sign), tap(HAND_IN)];
    begin.chain(form).chain(ways).chain(papers).chain(filed).chain(put_in()).collect()
}

fn put_in() -> impl Iterator<Item = Deed> {
    let cell = [tap("去放原件"), tap("打开格口"), Deed::Shut(Hand::PutsIn)];
    cell.into_iter().chain(taps(["都放进去了", "看好了，离开"]))
}

fn own_cases(who: &str) -> impl Iterator<Item = Deed> {
    let begin = [WAKE, tap("查进度"), tap("知道了，去刷身份证"), lay_card(who), LIFT_CARD];
    begin.into_iter()
}

fn round(doors: &[u16]) -> Vec<Deed> {
    let sign_in = [
        WAKE,
        tap("求助"),
        tap("工作人员"),
        Deed::Act(Act::PutInCard(format!("staff_{}", MANAGER.id))),
        keys(MANAGER_PIN),
        tap("登录"),
    ];
    let looks = doors.iter().flat_map(|door| {
        [tap(&format!("查看：{door:02} 格")), Deed::Shut(Hand::Looks), Deed::SaysWhatIsInside]
    });
    let end = [tap("做完了，离开"), Deed::Act(Act::TakeOutCard)];
    sign_in.into_iter().chain(looks).chain(end).collect()
}

/// How much a kill at this deed finds out: where something is written down and done in the world,
/// most.
fn weight(deed: &Deed) -> u64 {
    match deed {
        Deed::Act(Act::Tap(label)) => match label.as_str() {
            HAND_IN => 12,
            "打开格口" | "都放进去了" | "取到了" => 8,
            "去放原件" => 5,
            "拍照" | "登录" | "没有错，去签名" => 3,
            label if label.starts_with("查看") => 8,
            _ => 1,
        },
        Deed::Shut(_) | Deed::SaysWhatIsInside => 8,
        Deed::Act(Act::LayCard(_) | Act::PutInCard(_) | Act::Wake) => 2,
        Deed::Act(_)
        | Deed::ChooseCase
        | Deed::ChooseNewest
        | Deed::IsTold
        | Deed::Code
        | Deed::Leave => 1,
    }
}

/// The deed at this place, in thousandths of all weight.
pub(super) fn place_of(thousandths: u64, deeds: &[Deed]) -> usize {
    let all: u64 = deeds.iter().map(weight).sum();
    let mut left = all * thousandths / 1_000;
    for (at, deed) in deeds.iter().enumerate() {
        match left.checked_sub(weight(deed)) {
            Some(rest) => left = rest,
            None => return at,
        }
    }
    deeds.len() - 1
}

/// The pick-up code in the text of a receipt.
pub(super) fn code_in(text: &str) -> Option<String> {
    let (_, after) = text.split_once(PICKUP_CODE)?;
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    Some(digits.chars().take_while(char::is_ascii_digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_its_place_and_filing_the_widest() {
        let deeds = Visit::Certificate("zhang_san").deeds();
        let mut n_at = vec![0; deeds.len()];
        for thousandths in 0..1_000 {
            n_at[place_of(thousandths, &deeds)] += 1;
        }
        assert!(n_at.iter().all(|n| *n > 0), "{n_at:?}");
        let filing = deeds.iter().position(|deed| *deed == tap(HAND_IN)).unwrap();
        assert_eq!(n_at.iter().max(), Some(&n_at[filing]));
    }

    #[test]
    fn the_code_is_read_as_a_person_reads_it() {
        assert_eq!(code_in("凭证号 1\n取件码  482 913"), Some("482".into()));
        assert_eq!(code_in("取件码\n482913\n请"), Some("482913".into()));
        assert_eq!(code_in("没有"), None);
    }
}
