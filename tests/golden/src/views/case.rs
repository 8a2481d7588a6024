//! A case that is filed: its receipt, its progress.

use kiosk_core::view::*;

use super::{Say, page};

fn state(
    say: Say,
    label: (&str, &str),
    value: (&str, &str),
    tone: Tone,
    at: (&str, &str),
) -> StateLine {
    StateLine {
        label: say.s(label.0, label.1),
        value: say.s(value.0, value.1),
        tone,
        at: say.s(at.0, at.1),
    }
}

fn three_lines(say: Say) -> Vec<StateLine> {
    vec![
        state(
            say,
            ("电子材料", "Electronic"),
            ("已存本机，尚未传到大厅", "Stored here, not yet at the hall"),
            Tone::Care,
            ("11月23日 09:46 起计；联网后自动上传", "Counts from 23 Nov 09:46; sent when on line"),
        ),
        state(
            say,
            ("纸质原件", "Originals"),
            ("待您交到窗口", "To be handed in at the window"),
            Tone::Info,
            ("带上许可证正本、副本", "Bring both parts of the licence"),
        ),
        state(
            say,
            ("办理", "Decision"),
            ("待审查", "To be examined"),
            Tone::Info,
            ("大厅最迟 11月30日（周一）答复", "Answer by Monday 30 November"),
        ),
    ]
}

pub(super) fn receipt(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Receipt {
            title: say.s("您的申请已经收下", "Your application was taken in"),
            number: "0017-00000042-7".to_owned(),
            qr: "NIGHTDESK:0017-00000042-7:8F3A20C177E0".to_owned(),
            states: three_lines(say),
            facts: vec![
                say.fact(
                    ("收件时间", "Taken in"),
                    ("11月23日（周一）09:46", "Monday 23 Nov 09:46"),
                ),
                say.fact(
                    ("怎么告诉您", "We tell you by"),
                    ("自己再来看，11月30日", "you come back, 30 Nov"),
                ),
                say.fact(("咨询电话", "Phone"), ("0452-0000000", "0452-0000000")),
            ],
            received: vec![
                say.s("延续申请表 1 份，已签名", "Renewal form, signed"),
                say.s("经营场所证明 1 页，复印件", "Proof of premises, 1 page, copy"),
                say.s("营业执照 1 页，复印件", "Business licence, 1 page, copy"),
            ],
            note: say.s(
                "这是收件凭证号，请用手机拍下。本凭证不代表已受理。",
                "Your receipt number: photograph it. It does not mean accepted.",
            ),
        },
    );
    view.top.title = say.s("已经收下", "Taken in");
    view.top.connection = Connection::Offline;
    view.top.connection_text = say.s("未联网", "Off line");
    view.left = None;
    view.right = Some(say.act("完成并清除屏幕", "Done, clear the screen", Intent::Leave));
    view
}

pub(super) fn case_detail(say: Say) -> View {
    let mut states = three_lines(say);
    states[0] = state(
        say,
        ("电子材料", "Electronic"),
        ("大厅已收到", "Received by the hall"),
        Tone::Good,
        ("11月23日 10:02", "23 Nov 10:02"),
    );
    states[2] = state(
        say,
        ("办理", "Decision"),
        ("需补正（11月28日前）", "To be corrected by 28 Nov"),
        Tone::Care,
        ("缺租赁合同第 2 页", "Page 2 of the lease is missing"),
    );
    let mut view = page(
        say,
        Stage::CaseDetail {
            title: say.s("烟草证延续", "Tobacco licence renewal"),
            number: "0017-00000042-7".to_owned(),
            states,
            history: vec![
                state(
                    say,
                    ("大厅请您补正", "The hall asks for a correction"),
                    ("缺租赁合同第 2 页", "Page 2 of the lease"),
                    Tone::Care,
                    ("11月24日 15:20", "24 Nov 15:20"),
                ),
                state(
                    say,
                    ("大厅已收到", "Received by the hall"),
                    ("", ""),
                    Tone::Good,
                    ("11月23日 10:02", "23 Nov 10:02"),
                ),
                state(
                    say,
                    ("在本机提交", "Submitted here"),
                    ("", ""),
                    Tone::Info,
                    ("11月23日 09:46", "23 Nov 09:46"),
                ),
            ],
            note: say.s("有疑问请打 0452-0000000。", "Questions: 0452-0000000."),
            acts: Vec::new(),
        },
    );
    view.top.title = say.s("查进度", "Progress");
    view.left = Some(say.act("返回", "Back", Intent::Back));
    view.right = Some(say.act("完成并清除屏幕", "Done, clear the screen", Intent::Leave));
    view
}

/// The case lies in a cell: its papers can be put in or taken back here.
pub(super) fn case_detail_acts(say: Say) -> View {
    let mut view = case_detail(say);
    let act = |id: &str, zh, en| say.act(zh, en, Intent::Choose(id.to_owned()));
    if let Stage::CaseDetail { acts, states, .. } = &mut view.stage {
        states[1] = state(
            say,
            ("纸质原件", "Originals"),
            ("待入柜", "To be put into the cabinet"),
            Tone::Care,
            ("03 格给您留到 11月24日", "Cell 03 is kept until 24 Nov"),
        );
        acts.push(act("deposit", "现在放原件", "Put the originals in now"));
        acts.push(act("reprint", "补打收件凭证", "Print the receipt again"));
    }
    view
}

/// The visit was cut off at an open door after it was filed: the longest that is told.
pub(super) fn cut_off(say: Say) -> View {
    let mut view = case_detail_acts(say);
    let text = say.s(
        "刚才中断时，这一件已经收下。收件凭证可能打出来了，请看出纸口；没有的，请抄下凭证号。\
         01 格已封存（待核实）。您的信封可能在这一格里，有人看过以前不能再放、也不能取。\
         请打电话：0452-0000000。",
        "This case was taken in before the interruption. Its receipt may have been printed, please \
         look at the slot; if not, please copy the number. Cell 01 is closed off until it has been \
         looked into. Your envelope may be in this cell. Until somebody has looked nothing can be \
         put in or taken. Please phone 0452-0000000.",
    );
    view.banner = Some(Banner { tone: Tone::Care, text });
    view
}
