//! At the desk: the card, the form, the papers under the camera.

use kiosk_core::view::*;

use super::{PAGE, Say, field, page, step};

pub(super) fn card(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Card {
            title: say.s("请把身份证放在读卡区", "Please lay your ID card on the reader"),
            hint: say.s(
                "在屏幕右下方。放平、不要动，大约 2 秒。",
                "Below the screen on the right. Lay it flat for two seconds.",
            ),
            picture: DevicePicture::IdReader,
            trouble: None,
            other: Some(say.act(
                "没带身份证，看看能办什么",
                "No card: what can I do?",
                Intent::NoCard,
            )),
        },
    );
    view.steps = step(say, 3, ("刷身份证", "ID card"));
    view
}

pub(super) fn card_trouble(say: Say) -> View {
    let mut view = card(say);
    view.banner = Some(Banner {
        tone: Tone::Care,
        text: say.s(
            "未联网：可以填表、提交，联网后自动传到大厅。",
            "Off line: you can fill in and submit; it is sent to the hall later.",
        ),
    });
    if let Stage::Card { trouble, .. } = &mut view.stage {
        *trouble = Some(Banner {
            tone: Tone::Bad,
            text: say.s(
                "身份证拿开太早了，没有读完。请再放一次，等听到“嘀”一声。",
                "The card was lifted too early. Please lay it down again and wait for the tone.",
            ),
        });
    }
    view
}

pub(super) fn form(say: Say) -> View {
    let mut mobile =
        field(say, "mobile", ("您的手机号", "Your mobile number"), "138001380", Keys::Digits);
    mobile.focused = true;
    mobile.max_chars = 11;
    let mut licence =
        field(say, "licence", ("许可证号", "Licence number"), "23020010", Keys::Digits);
    licence.error = say.s(
        "还缺 4 位。号码印在许可证正本右上角，一共 12 位。",
        "4 digits are missing. The number is at the top right of the licence, 12 digits.",
    );
    let mut view = page(
        say,
        Stage::Form {
            title: say.s("怎么联系您？", "How can we reach you?"),
            facts: vec![
                say.fact(("姓名", "Name"), ("*立国", "*Liguo")),
                say.fact(
                    ("身份证号", "ID number"),
                    ("230202 ******** 001*", "230202 ******** 001*"),
                ),
            ],
            fields: vec![licence, mobile],
            hint: String::new(),
        },
    );
    view.steps = step(say, 4, ("填表 2/4", "Form 2 of 4"));
    view.top.remaining = Some(say.s("剩余 2:48", "2:48 left"));
    view.top.buttons =
        vec![say.act("我还需要时间", "I need more time", Intent::MoreTime), say.help()];
    view.left = Some(say.act("上一步", "Back", Intent::Back));
    view.right = say.next("下一步", "Next");
    view
}

pub(super) fn form_letters(say: Say) -> View {
    let mut view = form(say);
    let mut mail =
        field(say, "mail", ("电子邮箱（可以不填）", "E-mail (optional)"), "", Keys::Letters);
    mail.placeholder = say.s("例如 name@example.cn", "for example name@example.cn");
    mail.focused = true;
    mail.max_chars = 60;
    if let Stage::Form { fields, title, .. } = &mut view.stage {
        *title = say.s("还可以留邮箱", "You may leave an e-mail address");
        *fields = vec![mail];
    }
    view.top.remaining = None;
    view
}

pub(super) fn capture_empty(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Capture {
            title: say.s("拍经营场所证明", "Proof of premises"),
            hint: say.s(
                "把这一页放在拍材料的镜头下，字朝上，四角都放平。",
                "Lay the page under the camera, print upwards, all corners flat.",
            ),
            counted: say.s("第 1 页 / 共 1 页", "Page 1 of 1"),
            image: None,
            findings: Vec::new(),
            shutter: say.act("拍这一页", "Take the picture", Intent::Shoot),
        },
    );
    view.steps = step(say, 5, ("拍材料", "Photographs"));
    view
}

pub(super) fn capture(say: Say) -> View {
    let mut view = capture_empty(say);
    if let Stage::Capture { image, findings, shutter, .. } = &mut view.stage {
        *image = Some(PAGE);
        *shutter = say.act("再拍一次", "Take it again", Intent::Shoot);
        findings.push(Finding {
            tone: Tone::Care,
            what: say.s("右边被切掉了一点", "The right edge is cut off"),
            fix: say.s(
                "把纸往左移一点，再拍一次。看得清也可以直接用。",
                "Move the paper a little to the left. If it can be read, you may keep it.",
            ),
        });
    }
    view.right = say.next("看得清，用这张", "It can be read, use it");
    view
}
