//! Why a hand-over was not written, as a sentence with what to do.

use super::respond::{Refused, not_found};
use crate::{
    console::custody_words,
    store::{cases::StepRefused, desk::DeskRefused},
};

pub(crate) fn refuse(refused: DeskRefused, back: &str) -> Refused {
    let sentence = match refused {
        DeskRefused::NotFound | DeskRefused::Handling(StepRefused::NotFound) => {
            return not_found();
        }
        DeskRefused::Elsewhere(place) => {
            format!(
                "按记录{}，这一步不能登记。请先核对信封上的编号。",
                custody_words::whereabouts(place)
            )
        }
        DeskRefused::Counted => "这件材料已经在案台登记过了，没有再记一次。".into(),
        DeskRefused::NotExpected(originals) => {
            format!("纸质原件现在是“{}”，这一步不能登记。", originals.zh())
        }
        DeskRefused::Frozen => "领取冻结中：这件办件现在不能交出任何东西。".into(),
        DeskRefused::Recalled => "这张投放单已经撤回或了结，信封不再交给流转员。".into(),
        DeskRefused::NeedsSecond => {
            "重要的结果要两人在场封口：请另一位同事填写自己的姓名和口令。".into()
        }
        DeskRefused::UnderWay(order) => {
            format!("投放单 {} 还没有了结。请先撤回，等信封回到案台，再从窗口或邮寄交付。", order.0)
        }
        DeskRefused::Handling(StepRefused::Stale { present }) => {
            format!("这件办件刚刚被改动，现在是“{}”。请回到办件页看过以后再决定。", present.zh())
        }
        DeskRefused::Handling(StepRefused::Illegal { from }) => {
            format!("这件办件现在是“{}”，不能转窗口或邮寄。", from.zh())
        }
    };
    Refused::conflict(sentence, back)
}
