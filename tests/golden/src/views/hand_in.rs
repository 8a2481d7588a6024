//! Handing in: the check, the signature, the wait.

use kiosk_core::view::*;

use super::{Say, page, step};

pub(super) fn check(say: Say) -> View {
    let edit = |to: &str, zh: &str, en: &str| Some(say.act(zh, en, Intent::Edit(to.to_owned())));
    let mut view = page(
        say,
        Stage::Check {
            title: say.s("请从头看一遍", "Please read it once more"),
            note: say.s(
                "这是本机的检查，是否受理以大厅通知为准。",
                "This machine checked it; whether it is accepted, the hall decides.",
            ),
            sections: vec![
                Section {
                    title: say.s("申请人", "Applicant"),
                    facts: vec![
                        say.fact(("姓名", "Name"), ("章立国", "Zhang Liguo")),
                        say.fact(
                            ("身份证号", "ID number"),
                            ("230202 19580304 001X", "230202 19580304 001X"),
                        ),
                        say.fact(
                            ("住址", "Address"),
                            (
                                "黑龙江省齐齐哈尔市龙沙区永安大街 12 号 3 单元 401 室",
                                "Room 401, Unit 3, 12 Yong'an Street, Longsha District, Qiqihar",
                            ),
                        ),
                    ],
                    edit: None,
                },
                Section {
                    title: say.s("联系和结果", "Contact and result"),
                    facts: vec![
                        say.fact(("手机号", "Mobile"), ("138 0013 8000", "138 0013 8000")),
                        say.fact(("结果怎么拿", "The result"), ("到窗口取", "At the window")),
                    ],
                    edit: edit("contact", "改联系和结果", "Change contact"),
                },
                Section {
                    title: say.s("材料", "Material"),
                    facts: vec![
                        say.fact(
                            ("经营场所证明", "Proof of premises"),
                            ("已拍 1 页，复印件", "1 page, copy"),
                        ),
                        say.fact(
                            ("营业执照", "Business licence"),
                            ("已拍 1 页，待核验", "1 page, to be checked"),
                        ),
                    ],
                    edit: edit("material", "改材料", "Change material"),
                },
            ],
        },
    );
    view.steps = step(say, 5, ("看一遍", "Check"));
    view.right = say.next("都对，去签名", "All correct, sign");
    view
}

pub(super) fn sign(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Sign {
            title: say.s("请在下面签名", "Please sign below"),
            statement: say.s(
                "我申请延续烟草专卖零售许可证，以上内容真实。页面指纹 8F3A-20C1-77E0。",
                "I apply to renew the licence; what I stated is true. Page fingerprint 8F3A-20C1-77E0.",
            ),
            signer: say.s("签名人：章立国", "Signed by: Zhang Liguo"),
            has_ink: false,
            clear: say.act("重写", "Write again", Intent::ClearSignature),
        },
    );
    view.steps = step(say, 6, ("签名提交", "Sign and submit"));
    view.right = say.next("签好了，提交", "Signed, submit");
    view
}

pub(super) fn wait(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Wait {
            title: say.s("正在保存您的申请", "Saving your application"),
            detail: say.s("大约 2 秒，请不要离开。", "About two seconds; please stay."),
        },
    );
    view.left = None;
    view.timeout = TimeoutClass::Held;
    view
}
