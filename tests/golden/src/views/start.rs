//! Before the card: a question, the materials of a matter, the notice.

use kiosk_core::view::*;

use super::{Say, page, step};

fn choice(say: Say, id: &str, title: (&str, &str)) -> Choice {
    Choice {
        id: id.to_owned(),
        title: say.s(title.0, title.1),
        note: String::new(),
        aside: String::new(),
        chosen: false,
        enabled: true,
    }
}

pub(super) fn choose(say: Say) -> View {
    let mut first = choice(say, "same", ("没有变", "Nothing has changed"));
    first.note =
        say.s("店名、地址、经营者都和许可证上一样", "Name, address and owner are as printed");
    first.chosen = true;
    let mut second = choice(say, "moved", ("地址变了", "The address has changed"));
    second.note = say.s("要先办变更，这里会告诉您去哪里", "A change comes first; we say where");
    let mut view = page(
        say,
        Stage::Choose {
            title: say.s("许可证上的内容有变化吗？", "Has anything on the licence changed?"),
            help: say.s("看一眼许可证正本再选。", "Please look at the licence first."),
            choices: vec![
                first,
                second,
                choice(say, "owner", ("经营者变了", "The owner has changed")),
                choice(say, "unsure", ("说不清楚", "I am not sure")),
            ],
            note: say.s("选错了也没关系，可以退回来改。", "You can come back and change this."),
        },
    );
    view.steps = step(say, 1, ("问几个问题", "A few questions"));
    view.right = say.next("下一步", "Next");
    view
}

fn material(
    say: Say,
    mark: MaterialMark,
    mark_text: (&str, &str),
    title: (&str, &str),
    note: (&str, &str),
) -> MaterialRow {
    MaterialRow {
        mark,
        mark_text: say.s(mark_text.0, mark_text.1),
        title: say.s(title.0, title.1),
        note: say.s(note.0, note.1),
    }
}

pub(super) fn materials(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Materials {
            title: say.s("需要 5 样，3 样不用您准备", "5 things; 3 of them are no work for you"),
            rows: vec![
                material(
                    say,
                    MaterialMark::FillHere,
                    ("现场填写", "Filled in here"),
                    ("延续申请表", "Renewal form"),
                    ("回答几个问题，由本机填好", "You answer, the machine writes"),
                ),
                material(
                    say,
                    MaterialMark::FromChip,
                    ("刷身份证", "Lay the card"),
                    ("经营者身份证", "Owner's ID card"),
                    ("读芯片，不用复印", "Read from the chip, no copy"),
                ),
                material(
                    say,
                    MaterialMark::SkippedAfterCheck,
                    ("联网核验后可免交", "Not needed once checked"),
                    ("营业执照", "Business licence"),
                    ("现在未联网，先拍一张", "Off line now: take one picture"),
                ),
                material(
                    say,
                    MaterialMark::ScanHere,
                    ("现场扫", "Scan here"),
                    ("经营场所证明", "Proof of premises"),
                    ("租赁合同或房产证，全部页", "Lease or title, every page"),
                ),
                material(
                    say,
                    MaterialMark::Original,
                    ("要投原件", "Hand in the original"),
                    ("许可证正本、副本", "The licence, both parts"),
                    ("办好换新证", "Exchanged for the new one"),
                ),
            ],
            facts: vec![
                say.fact(("多久办好", "How long"), ("承诺 5 个工作日", "5 working days")),
                say.fact(("收费", "Fee"), ("不收费", "None")),
                say.fact(
                    ("结果怎么拿", "The result"),
                    ("到窗口取，或邮寄", "At the window or by post"),
                ),
            ],
            note: say.s(
                "要求如有变化，以大厅告知为准。资料更新于 11月21日。",
                "Should anything differ, the hall's word holds. As of 21 November.",
            ),
        },
    );
    view.top.connection = Connection::Offline;
    view.top.connection_text = say.s("未联网 · 可填表", "Off line · forms work");
    view.steps = step(say, 2, ("看看要准备什么", "What to prepare"));
    view.right = say.next("材料在手，开始办", "I have these, begin");
    view
}

pub(super) fn notice(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Notice {
            title: say.s("读身份证以前，请先看这几句", "Before your card is read"),
            paragraphs: vec![
                say.s(
                    "谁在处理：龙沙区政务服务大厅。只用来办“烟草证延续”这一件事。",
                    "Who: the Longsha service hall, for this one matter only.",
                ),
                say.s(
                    "读什么：姓名、性别、民族、出生日期、住址、号码、有效期限。不读指纹，不存照片。",
                    "What: name, sex, nationality, birth date, address, number, validity. No fingerprint, no photo kept.",
                ),
                say.s(
                    "给谁、多久：交给烟草专卖局，按档案规定保存。您没有提交就离开，什么都不留下。",
                    "Who gets it: the tobacco office, kept as records law says. Leave without submitting and nothing stays.",
                ),
                say.s(
                    "您可以查看、更正，也可以不刷卡办。有疑问请打 0452-0000000。",
                    "You may see and correct it, or go on without a card. Questions: 0452-0000000.",
                ),
            ],
        },
    );
    view.steps = step(say, 3, ("刷身份证", "ID card"));
    view.right = say.next("知道了，继续", "I understand, go on");
    view
}
