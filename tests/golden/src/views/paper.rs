//! Slips as they are on the paper: a receipt and the slip that goes into the envelope.

use kiosk_core::view::*;

use super::{Say, page};

const RULE: PaperLine = PaperLine::Rule;

fn line(text: &str) -> PaperLine {
    PaperLine::Text { text: text.to_owned(), double: false, centred: false, bold: false }
}

fn bold(text: &str) -> PaperLine {
    PaperLine::Text { text: text.to_owned(), double: false, centred: false, bold: true }
}

fn centred(text: &str) -> PaperLine {
    PaperLine::Text { text: text.to_owned(), double: false, centred: true, bold: false }
}

fn headline(text: &str) -> PaperLine {
    PaperLine::Text { text: text.to_owned(), double: true, centred: true, bold: true }
}

/// Slips are Chinese in either language of the screen, as the hall's are.
fn receipt_lines() -> Vec<PaperLine> {
    vec![
        headline("收件凭证"),
        centred("龙沙区政务服务大厅 · 龙沙站"),
        RULE,
        line("收件号  0017-00000042-861729"),
        line("事项    烟草专卖零售许可证延续"),
        line("申请人  *立国"),
        line("收件    11月23日（周一）09:46"),
        RULE,
        bold("收到的材料"),
        line("  延续申请表              1份  原件"),
        line("  经营场所证明            1页  复印件"),
        line("  营业执照                1页  复印件"),
        RULE,
        bold("取件码  481906"),
        line("取结果时和身份证一起用，请不要给别人看。"),
        PaperLine::Gap(1),
        PaperLine::Qr("NIGHTDESK:0017-00000042-861729:8F3A20C177E0".to_owned()),
        centred("扫一扫，或凭身份证在任一站点查进度"),
        RULE,
        line("电子材料已存本机，尚未传到大厅。"),
        line("本凭证不代表已受理，最迟11月30日答复。"),
        line("电话    0452-0000000"),
        line("………………………………………………………………"),
        line("一二三四五六七八九十一二三四五六七八九十一二三四"),
        line("123456789012345678901234567890123456789012345678"),
    ]
}

fn paper(say: Say, title: (&str, &str), note: (&str, &str), lines: Vec<PaperLine>) -> View {
    let title = say.s(title.0, title.1);
    let mut view = page(say, Stage::Paper { title, lines, note: say.s(note.0, note.1) });
    view.left = Some(say.act("再印一张", "Print another", Intent::No));
    view.right = Some(say.act("完成并清除屏幕", "Done, clear the screen", Intent::Leave));
    view
}

pub(super) fn receipt(say: Say) -> View {
    paper(
        say,
        ("凭证印好了", "Your slip is printed"),
        (
            "请从屏幕右下方的出票口取走。内容和下面一样。",
            "Please take it from the slot below the screen on the right. It reads as below.",
        ),
        receipt_lines(),
    )
}

pub(super) fn deposit(say: Say) -> View {
    let lines = vec![
        headline("交件单"),
        centred("请放进信封，和材料一起"),
        RULE,
        headline("03 格"),
        RULE,
        line("收件号  0017-00000042-861729"),
        line("事项    烟草专卖零售许可证延续"),
        line("原件    许可证正本、副本"),
        PaperLine::Gap(2),
        PaperLine::Qr("NIGHTDESK:D:0017-00000042".to_owned()),
    ];
    let mut view = paper(
        say,
        ("正在打印交件单", "Printing the slip for your envelope"),
        ("大约 3 秒，请从出票口取走。", "About three seconds; it comes out of the slot."),
        lines,
    );
    view.left = say.leave();
    view.right = say.next("装好了，开格口", "Packed: open the cell");
    view
}
