//! What is typed to be let in, or in place of a scan: the pick-up code of a citizen, the PIN of
//! staff, the number on an envelope.

use kiosk_core::view::*;

use super::{Say, field, page};

fn keyed(say: Say, title: (&str, &str), hint: (&str, &str), field: FieldView) -> View {
    let mut view = page(
        say,
        Stage::Form {
            title: say.s(title.0, title.1),
            facts: Vec::new(),
            fields: vec![field],
            hint: say.s(hint.0, hint.1),
        },
    );
    view.right = say.next("下一步", "Next");
    view
}

pub(super) fn code(say: Say) -> View {
    let mut code = field(say, "code", ("取件码", "Pick-up code"), "4819", Keys::Digits);
    code.focused = true;
    code.max_chars = 6;
    let mut view = keyed(
        say,
        ("请输入取件码", "Please type your pick-up code"),
        ("6 位数字，印在收件凭证上。", "Six digits, printed on your receipt."),
        code,
    );
    view.top.title = say.s("取件", "Collect");
    view
}

pub(super) fn pin(say: Say) -> View {
    let mut pin = field(say, "pin", ("密码", "PIN"), "20588", Keys::Digits);
    pin.focused = true;
    pin.secret = true;
    pin.max_chars = 8;
    pin.error = say.s("密码不对。卡还让试 2 次。", "Wrong PIN. The card allows 2 more.");
    let mut view = keyed(
        say,
        ("请输入卡的密码", "PIN of your card"),
        (
            "密码 6 到 8 位。输错会锁定，时间一次比一次长。",
            "6 to 8 digits. Wrong PINs lock you out.",
        ),
        pin,
    );
    view.top.title = say.s("工作人员", "Staff");
    view
}

/// At a station with a scanner: the longest hint.
pub(super) fn slip(say: Say) -> View {
    let label = ("办件号（14 位）", "Case number (14 digits)");
    let mut slip = field(say, "slip", label, "", Keys::Digits);
    slip.focused = true;
    slip.max_chars = 14;
    let hint = (
        "点“扫码”，再把信封上的码对准扫码窗，或窗口朝上放在镜头下面；扫不了就照着输入号码。",
        "Touch Scan, then hold the code of the envelope before the scanner, or lay the envelope under \
         the lens, window up; or type the number.",
    );
    let mut view = keyed(say, ("请扫要放的信封", "Scan the envelope to put in"), hint, slip);
    view.top.title = say.s("工作人员", "Staff");
    view.right = say.next("扫码", "Scan");
    view
}
