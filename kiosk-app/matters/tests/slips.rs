//! The shipped layouts: what is on the paper, as pictures of characters, and what a broken file
//! says.
//!
//! `slips/*.txt` are the blessed papers; `UPDATE_GOLDEN=1 cargo test -p kiosk-matters --test slips`
//! writes them anew. A column of the file is a column of the paper, so a double character is
//! followed by its own width in blanks; `*` and `2` in the margin mean bold and double.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path};

use kiosk_matters::slips::{
    Align, BadFill, COLUMNS, Layout, Layouts, Out, Placeholder as P, Scale, Slip, Values,
};
use kiosk_words::{ReceiptNo, StationId, mask};

const NAMES: [&str; 3] = ["receipt.toml", "deposit.toml", "collection.toml"];

fn shipped_texts() -> [String; 3] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/slips");
    NAMES.map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

fn parse(texts: &[String; 3]) -> Result<Layouts, String> {
    let files: Vec<(&str, &str)> =
        NAMES.into_iter().zip(texts.iter().map(String::as_str)).collect();
    Layouts::parse(&files).map_err(|error| error.to_string())
}

fn shipped() -> Layouts {
    parse(&shipped_texts()).unwrap()
}

fn number() -> ReceiptNo {
    ReceiptNo::new(StationId::try_from(17).unwrap(), 1_234).unwrap()
}

fn qr() -> String {
    let (epoch, hash) = ("0123456789abcdef".repeat(2), "00112233".repeat(4));
    format!("ND1.{}.{epoch}.42.{hash}", number().digits())
}

/// A receipt that lacks nothing; the cases below change one thing each.
fn receipt() -> Values {
    Values::default()
        .with(P::Station, "建华区政务大厅 24 小时自助区")
        .with(P::ReceiptNo, number())
        .with(P::Matter, "烟草专卖零售许可证延续")
        .with(P::Applicant, mask::name("张三"))
        .with(P::DepositedAt, "2026-03-05 02:26")
        .with(
            P::Received,
            vec!["申请表 1 份（已签名）".to_owned(), original("烟草专卖零售许可证", 2)],
        )
        .with(P::Electronic, "已存本机，尚未传到大厅")
        .with(P::Originals, "待入柜")
        .with(P::Handling, "待审查")
        .with(P::AnswerBy, "3月12日（周四）")
        .with(P::PickupCode, "409173")
        .with(P::AskPhone, "0452-0000101")
        .with(P::ComplainPhone, "0452-0000100")
        .with(P::Qr, qr())
}

fn original(name: &str, n_pages: u8) -> String {
    format!("{name}：影像 {n_pages} 页，原件待入柜")
}

fn deposit() -> Values {
    Values::default()
        .with(P::Station, "建华区政务大厅 24 小时自助区")
        .with(P::ReceiptNo, number())
        .with(P::Qr, format!("ND2.{}.materials.0", number().digits()))
        .with(P::Cell, "03")
        .with(P::Content, "申请材料")
        .with(P::Date, "2026-03-05")
        .with(P::Matter, "烟草专卖零售许可证延续")
}

fn collection() -> Values {
    Values::default()
        .with(P::Station, "建华区政务大厅 24 小时自助区")
        .with(P::ReceiptNo, number())
        .with(P::Cell, "12")
        .with(P::Content, "办理结果")
        .with(P::Collector, mask::name("张三"))
        .with(P::CollectedAt, "2026-03-11 23:04")
        .with(P::AskPhone, "0452-0000101")
}

/// Columns as the printer counts them: ASCII one, everything else two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn centred(text: &str) -> String {
    [&" ".repeat(COLUMNS.saturating_sub(width(text)) / 2), text].concat()
}

/// The paper, row by row between its edges.
fn raster(slip: &[Out]) -> String {
    let mut out = String::new();
    let mut row = |mark: char, text: &str| {
        let blank = " ".repeat(COLUMNS.checked_sub(width(text)).unwrap());
        out.push_str(&format!("{mark}|{text}{blank}|\n"));
    };
    for part in slip {
        match part {
            Out::Line { text, scale, align, bold } => {
                assert!(width(text.expose()) <= scale.columns(), "too wide: {}", text.expose());
                let wide = |c: char| format!("{c}{}", " ".repeat(width(&c.to_string())));
                let (mark, text) = match scale {
                    Scale::Normal => (if *bold { '*' } else { ' ' }, text.expose().clone()),
                    Scale::Double => ('2', text.expose().chars().map(wide).collect()),
                };
                match align {
                    Align::Left => row(mark, &text),
                    Align::Centre => row(mark, &centred(&text)),
                }
            }
            Out::Rule => row(' ', &"-".repeat(COLUMNS)),
            Out::Gap(n_lines) => (0..*n_lines).for_each(|_| row(' ', "")),
            Out::Qr(text) => {
                let text: Vec<char> = text.expose().chars().collect();
                row('#', &centred("QR"));
                text.chunks(40)
                    .for_each(|part| row('#', &centred(&part.iter().collect::<String>())));
            }
        }
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "the one switch of golden tests")]
fn blessing() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}

fn check(name: &str, layout: &Layout, values: &Values) {
    let paper = raster(&layout.fill(values).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/slips/{name}.txt"));
    if blessing() {
        fs::write(&file, &paper).unwrap();
    }
    let blessed = fs::read_to_string(&file).unwrap_or_default();
    assert!(paper == blessed, "{name}: UPDATE_GOLDEN=1 blesses it; got\n{paper}");
}

#[test]
fn a_receipt_says_what_was_received_and_how_far_it_is() {
    check("receipt", &shipped().receipt, &receipt());
}

#[test]
fn a_long_name_wraps_under_itself() {
    let values = receipt()
        .with(P::Station, "齐齐哈尔市建华区民航路街道便民服务中心一楼东侧 24 小时自助政务服务区（建设大街入口）")
        .with(P::Matter, "事业单位工作人员因公牺牲、病故后遗属一次性抚恤金和丧葬补助费申领（含“新业态”从业人员）")
        .with(P::Applicant, mask::name("阿卜杜勒买买提·吐尔逊江·阿不都热合曼·古丽巴哈尔·麦麦提敏"))
        .with(P::Handling, "已受理（齐建审受〔2026〕0001234号，2026-03-06）");
    check("receipt_long_name", &shipped().receipt, &values);
}

#[test]
fn a_discreet_matter_is_a_case_and_a_number() {
    let received = vec!["申请表 1 份（已签名）".to_owned(), "材料 1：影像 2 页".to_owned()];
    let values = receipt().with(P::Matter, None::<String>).with(P::Received, received);
    check("receipt_discreet", &shipped().receipt, &values);
    check("deposit_discreet", &shipped().deposit, &deposit().with(P::Matter, None::<String>));
}

#[test]
fn a_clock_that_is_not_known_is_said_on_every_slip() {
    // Without a date there is no day to answer by; nothing comes into a cell, so there is no code.
    let values = receipt()
        .with(P::ClockUnknown, true)
        .with(P::AnswerBy, None::<String>)
        .with(P::AnswerDays, "5")
        .with(P::PickupCode, None::<String>)
        .with(P::Received, vec!["申请表 1 份（已签名）".to_owned(), "照片：影像 1 页".to_owned()])
        .with(P::Originals, "不需要");
    check("receipt_no_clock", &shipped().receipt, &values);
    check("deposit_no_clock", &shipped().deposit, &deposit().with(P::ClockUnknown, true));
    check("collection_no_clock", &shipped().collection, &collection().with(P::ClockUnknown, true));
}

#[test]
fn many_materials_keep_their_indent() {
    let mut received = vec!["申请表 1 份（已签名）".to_owned()];
    received.extend(
        (1..=12)
            .map(|n| original(&format!("第{n}位共有人的不动产权属证明或购房合同（含附件）"), n)),
    );
    check("receipt_many_materials", &shipped().receipt, &receipt().with(P::Received, received));
}

#[test]
fn a_rare_name_is_two_columns_a_character() {
    let rare = mask::name("㛃䶮");
    check("receipt_rare_name", &shipped().receipt, &receipt().with(P::Applicant, rare.clone()));
    let values = collection().with(P::Collector, mask::name("欧阳㛃䶮")).with(P::Applicant, rare);
    check("collection_for_another", &shipped().collection, &values);
}

#[test]
fn the_envelope_shows_its_case_and_the_collector_gets_a_proof() {
    check("deposit", &shipped().deposit, &deposit());
    check("collection", &shipped().collection, &collection());
}

#[test]
fn every_slip_says_what_it_must() {
    let texts = shipped_texts();
    for (at, must) in [
        (0, "本凭证不代表已受理"),
        (0, "热敏纸会褪色，请拍照或复印留存"),
        (1, "请把这一面朝窗口放进信封"),
        (2, "门已关好并由领取人确认取到"),
    ] {
        assert!(texts[at].contains(must), "{}: {must}", NAMES[at]);
    }
}

/// Rule R13: no value, no promise.
#[test]
fn a_promise_is_printed_only_with_its_date() {
    let values = receipt().with(P::AnswerBy, None::<String>);
    let paper = raster(&shipped().receipt.fill(&values).unwrap());
    for mark in ["答复", "最迟", "工作日"] {
        assert!(!paper.contains(mark), "{paper}");
    }
}

#[test]
fn a_value_that_is_missing_foreign_or_of_another_kind_is_an_error() {
    let layouts = shipped();
    let (slip, fill) = (Slip::Receipt, |values: Values| layouts.receipt.fill(&values).unwrap_err());
    let missing = |placeholder| BadFill::Missing { slip, placeholder };
    assert_eq!(fill(receipt().with(P::Handling, "")), missing(P::Handling));
    assert_eq!(fill(receipt().with(P::Received, Vec::<String>::new())), missing(P::Received));
    for code in ["码", "ND1.\u{1b}@"] {
        let not_ascii = BadFill::NotAscii { slip, placeholder: P::Qr };
        assert_eq!(fill(receipt().with(P::Qr, code)), not_ascii);
    }
    let foreign = BadFill::Foreign { slip, placeholder: P::Cell };
    assert_eq!(fill(receipt().with(P::Cell, "03")), foreign);
    let shape = BadFill::Shape { slip, placeholder: P::Matter };
    assert_eq!(fill(receipt().with(P::Matter, true)), shape);
    let wide = fill(receipt().with(P::PickupCode, "1".repeat(25)));
    assert!(
        matches!(wide, BadFill::TooWide { slip: Slip::Receipt, line: _, columns: 24 }),
        "{wide}"
    );

    // The slip for the envelope has no place for a name.
    let name = layouts.deposit.fill(&deposit().with(P::Applicant, "*三")).unwrap_err();
    assert_eq!(name, BadFill::Foreign { slip: Slip::Deposit, placeholder: P::Applicant });
}

#[test]
fn no_message_shows_a_value() {
    let values = receipt().with(P::PickupCode, "4".repeat(30));
    let error = shipped().receipt.fill(&values).unwrap_err();
    for text in [format!("{error} {error:?}"), format!("{values:?}")] {
        assert!(!text.contains("44") && !text.contains("*三"), "{text}");
    }
    let paper = format!("{:?}", shipped().receipt.fill(&receipt()).unwrap());
    assert!(!paper.contains("*三") && !paper.contains("ND1"), "{paper}");
}

#[test]
fn a_broken_layout_names_file_line_and_field() {
    let good = shipped_texts();
    let check = |at: usize, from: &str, to: &str, expect: &str| {
        let mut texts = good.clone();
        assert!(texts[at].contains(from), "{from}");
        texts[at] = texts[at].replacen(from, to, 1);
        let error = parse(&texts).unwrap_err();
        assert!(error.starts_with(expect), "expected {expect}\ngot      {error}");
    };
    check(0, "bold = true", "blod = true", "receipt.toml:9: blod: unknown field `blod`");
    check(0, "\"double\"", "\"triple\"", "receipt.toml:7: scale: unknown variant `triple`");
    check(0, "\"{station}\"", "\"{staton}\"", "receipt.toml:11: text: zh: expected a text of this");
    check(0, "\"{station}\"", "\"{station\"", "receipt.toml:11: text: zh: expected a } behind");
    check(0, "\"{station}\"", "\"station}\"", "receipt.toml:11: text: zh: expected a { before");
    check(0, "\"{station}\"", "\"{qr}\"", "receipt.toml:11: text: zh: expected a text of this");
    check(0, "\"{station}\"", "\"站\"", "receipt.toml:11: text: zh and en: expected the same");
    check(0, "\"收件凭证\"", "\"\"", "receipt.toml:6: text: zh: expected a text, got none");
    check(0, "when = \"matter\"\n", "", "receipt.toml:23: when: {matter} may be absent");
    check(0, "\"matter\"", "\"station\"", "receipt.toml:24: when: expected what may be absent");
    check(0, "gap = 1", "gap = 9", "receipt.toml:14: gap: expected 1 to 5 lines, got 9");
    check(0, "rule = true", "rule = false", "receipt.toml:21: rule: expected true");
    check(0, "gap = 1", "gap = 1\nrule = true", "receipt.toml:13: element: expected exactly one");
    check(0, "gap = 1", "gap = 1\nbold = true", "receipt.toml:15: bold: expected only with text");
    check(0, "label_columns = 10", "label_columns = 9", "receipt.toml:36: label: expected a label");
    check(
        0,
        "list = \"received\"",
        "gap = 1",
        "receipt.toml:1: element: expected an element with {rec",
    );
    check(0, "list = \"received\"", "list = \"matter\"", "receipt.toml:48: list: expected a list");
    check(0, "qr = \"qr\"", "qr = \"receipt_no\"", "receipt.toml:109: qr: expected a code");
    check(1, "{content}", "{applicant}", "deposit.toml:19: text: zh: expected a text of this slip");
}

#[test]
fn each_of_the_three_files_is_there_once() {
    let texts = shipped_texts();
    let files: Vec<(&str, &str)> =
        NAMES.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let error = |files: &[(&str, &str)]| Layouts::parse(files).unwrap_err().to_string();
    assert!(error(&files[..2]).starts_with("collection.toml:0: file: expected this file"));
    let twice = [files.as_slice(), &[("old/receipt.toml", files[0].1)]].concat();
    assert!(error(&twice).starts_with("old/receipt.toml:0: file: expected one receipt.toml"));
    let other = [files.as_slice(), &[("label.toml", "")]].concat();
    assert!(error(&other).starts_with("label.toml:0: file: expected one of receipt.toml"));
}
