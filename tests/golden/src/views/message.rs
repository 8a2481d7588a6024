//! A page with one message, and a sheet over a page.

use kiosk_core::view::*;

use super::{Say, desk::form, page};

pub(super) fn message(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Message {
            tone: Tone::Care,
            title: say.s("这张身份证过期了，这里不能用", "This ID card has expired"),
            body: say.s(
                "请先换领新证。办延续可以带新证再来，也可以到窗口说明情况。",
                "Please renew it first. Then come back, or speak to a clerk at the window.",
            ),
            facts: vec![
                say.fact(
                    ("为什么", "Why"),
                    ("居民身份证有效期到 2026年11月1日", "Valid until 1 November 2026"),
                ),
                say.fact(
                    ("到哪里", "Where"),
                    (
                        "龙沙区政务大厅 3 号窗口，工作日 8:30–17:00",
                        "Window 3, Longsha hall, working days 8:30–17:00",
                    ),
                ),
                say.fact(("电话", "Phone"), ("0452-0000000", "0452-0000000")),
            ],
            code: say.s("打电话时请说：K-12", "On the phone, say: K-12"),
        },
    );
    view.right = Some(say.act("回到首页", "To the first page", Intent::Back));
    view
}

pub(super) fn sheet(say: Say) -> View {
    let mut view = form(say);
    view.sheet = Some(Sheet {
        title: say.s("您还在吗？", "Are you still there?"),
        body: say.s(
            "30 秒后回到首页，您填的内容会清除。",
            "In 30 seconds we return to the first page and erase what you wrote.",
        ),
        yes: say.act("我还需要时间", "I need more time", Intent::MoreTime),
        no: say.act("退出并清除", "Leave and erase", Intent::Leave),
    });
    view
}
