//! Specimen views: one for every stage, and the loaded ones twice. All people are invented.
//!
//! They are what the core would show, written by hand, so that a page can be looked at without a
//! session behind it. Each exists in Chinese and English.

use kiosk_core::view::*;

/// The picture of a captured page in the specimens.
pub const PAGE: ImageId = ImageId(7);

#[derive(Debug, Clone)]
pub struct Specimen {
    /// File name of its pictures.
    pub name: &'static str,
    pub view: View,
}

/// Picks the words of one language.
#[derive(Debug, Clone, Copy)]
struct Say(Language);

impl Say {
    fn s(self, zh: &str, en: &str) -> String {
        match self.0 {
            Language::Chinese => zh.to_owned(),
            Language::English => en.to_owned(),
        }
    }

    fn act(self, zh: &str, en: &str, intent: Intent) -> Action {
        Action { label: self.s(zh, en), intent, enabled: true }
    }

    fn fact(self, label: (&str, &str), value: (&str, &str)) -> Fact {
        Fact { label: self.s(label.0, label.1), value: self.s(value.0, value.1) }
    }

    fn leave(self) -> Option<Action> {
        Some(self.act("退出并清除", "Leave and erase", Intent::Leave))
    }

    fn next(self, zh: &str, en: &str) -> Option<Action> {
        Some(self.act(zh, en, Intent::Next))
    }

    fn help(self) -> Action {
        self.act("求助", "Help", Intent::Help)
    }
}

/// Every specimen in that look.
#[must_use]
pub fn all(look: Look) -> Vec<Specimen> {
    let say = Say(look.language);
    let mut list = vec![
        ("attract", attract(say)),
        ("home", home(say)),
        ("choose", choose(say)),
        ("materials", materials(say)),
        ("notice", notice(say)),
        ("card", card(say)),
        ("card_trouble", card_trouble(say)),
        ("form", form(say)),
        ("form_letters", form_letters(say)),
        ("capture_empty", capture_empty(say)),
        ("capture", capture(say)),
        ("check", check(say)),
        ("sign", sign(say)),
        ("wait", wait(say)),
        ("receipt", receipt(say)),
        ("case_detail", case_detail(say)),
        ("message", message(say)),
        ("sheet", sheet(say)),
    ];
    list.iter_mut().for_each(|(_, view)| view.look = look);
    list.into_iter().map(|(name, view)| Specimen { name, view }).collect()
}

/// One specimen by name.
///
/// # Panics
/// No specimen has that name.
#[must_use]
pub fn one(name: &str, look: Look) -> View {
    all(look).into_iter().find(|s| s.name == name).expect("a specimen of that name").view
}

fn page(say: Say, stage: Stage) -> View {
    View {
        revision: Revision(12),
        look: Look::default(),
        top: TopBar {
            title: say.s("烟草证延续", "Tobacco licence renewal"),
            clock: "09:34".to_owned(),
            connection: Connection::Online,
            connection_text: say.s("已联网", "On line"),
            remaining: None,
            buttons: vec![say.act("长辈模式", "Large type", Intent::SetElder(true)), say.help()],
        },
        steps: None,
        banner: None,
        stage,
        left: say.leave(),
        right: None,
        sheet: None,
        say: String::new(),
        focus: Vec::new(),
        timeout: TimeoutClass::Long,
    }
}

fn step(say: Say, at: u8, name: (&str, &str)) -> Option<Steps> {
    Some(Steps {
        counted: say.s(&format!("第 {at} 步 / 共 6 步"), &format!("Step {at} of 6")),
        name: say.s(name.0, name.1),
        at,
        of: 6,
    })
}

fn station_buttons(say: Say) -> Vec<Action> {
    let other = match say.0 {
        Language::Chinese => ("English", Language::English),
        Language::English => ("中文", Language::Chinese),
    };
    vec![
        Action { label: other.0.to_owned(), intent: Intent::SetLanguage(other.1), enabled: true },
        say.act("长辈模式", "Large type", Intent::SetElder(true)),
        say.act("低位", "Low reach", Intent::SetLow(true)),
        say.help(),
    ]
}

fn attract(say: Say) -> View {
    let mut view = page(
        say,
        Stage::Attract {
            headline: say.s("夜里也能办事", "Open at night too"),
            invitation: say.s("轻触屏幕开始", "Touch to begin"),
            lines: vec![
                say.s("不会用也没关系：一次只问一个问题。", "One question at a time."),
                say.s("填表办事、查进度，现在都可以。", "Apply or see how far a case is."),
                say.s("求助电话 0452-0000000", "Help by phone: 0452-0000000"),
            ],
        },
    );
    view.top.title = say.s("政务服务自助站 · 龙沙站", "Self-service station · Longsha");
    view.top.clock = "02:14".to_owned();
    view.top.buttons = station_buttons(say);
    view.left = None;
    view.timeout = TimeoutClass::Never;
    view
}

fn tile(say: Say, id: &str, icon: Icon, title: (&str, &str), note: (&str, &str)) -> Tile {
    Tile {
        id: id.to_owned(),
        icon,
        title: say.s(title.0, title.1),
        note: say.s(note.0, note.1),
        enabled: true,
        primary: false,
    }
}

fn choice(say: Say, id: &str, title: (&str, &str), aside: (&str, &str)) -> Choice {
    Choice {
        id: id.to_owned(),
        title: say.s(title.0, title.1),
        note: String::new(),
        aside: say.s(aside.0, aside.1),
        chosen: false,
        enabled: true,
    }
}

fn home(say: Say) -> View {
    let mut verbs = vec![
        tile(
            say,
            "apply",
            Icon::Apply,
            ("办事", "Apply"),
            ("填表、拍材料、交原件", "Fill in, photograph, hand in"),
        ),
        tile(
            say,
            "collect",
            Icon::Collect,
            ("取件", "Collect"),
            ("文件柜还没有装好，请到窗口取", "No cabinet here yet; please go to the window"),
        ),
        tile(
            say,
            "progress",
            Icon::Progress,
            ("查进度", "See progress"),
            ("放上身份证就能看", "Your ID card is enough"),
        ),
        tile(
            say,
            "certificate",
            Icon::Certificate,
            ("打证明", "Print a certificate"),
            ("打印机还没有装好，请到窗口打", "No printer here yet; please go to the window"),
        ),
    ];
    verbs[0].primary = true;
    verbs[1].enabled = false;
    verbs[3].enabled = false;
    let mut view = page(
        say,
        Stage::Home {
            title: say.s("您今天要做什么？", "What would you like to do?"),
            verbs,
            services_title: say.s("这里常办", "Often done here"),
            services: vec![
                choice(
                    say,
                    "yancao_yanxu",
                    ("烟草证延续", "Tobacco licence renewal"),
                    ("约 8 分钟", "8 min"),
                ),
                choice(say, "laonianzheng", ("老年人优待证", "Senior card"), ("约 5 分钟", "5 min")),
                choice(
                    say,
                    "wufanzui",
                    ("无犯罪记录证明", "Record certificate"),
                    ("约 4 分钟", "4 min"),
                ),
            ],
            note: say.s(
                "我们只问办这件事必须知道的。离开时，屏幕和机器里不留下您的信息。",
                "We ask only what the matter needs. Nothing of you stays on this screen when you leave.",
            ),
        },
    );
    view.top.title = say.s("龙沙站", "Longsha Station");
    view.top.clock = "09:26".to_owned();
    view.top.buttons = station_buttons(say);
    view.left = None;
    view.timeout = TimeoutClass::Short;
    view
}

fn choose(say: Say) -> View {
    let mut first = choice(say, "same", ("没有变", "Nothing has changed"), ("", ""));
    first.note =
        say.s("店名、地址、经营者都和许可证上一样", "Name, address and owner are as printed");
    first.chosen = true;
    let mut second = choice(say, "moved", ("地址变了", "The address has changed"), ("", ""));
    second.note = say.s("要先办变更，这里会告诉您去哪里", "A change comes first; we say where");
    let mut view = page(
        say,
        Stage::Choose {
            title: say.s("许可证上的内容有变化吗？", "Has anything on the licence changed?"),
            help: say.s("看一眼许可证正本再选。", "Please look at the licence first."),
            choices: vec![
                first,
                second,
                choice(say, "owner", ("经营者变了", "The owner has changed"), ("", "")),
                choice(say, "unsure", ("说不清楚", "I am not sure"), ("", "")),
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

fn materials(say: Say) -> View {
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

fn notice(say: Say) -> View {
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

fn card(say: Say) -> View {
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
            other: say.act("没带身份证，看看能办什么", "No card: what can I do?", Intent::NoCard),
        },
    );
    view.steps = step(say, 3, ("刷身份证", "ID card"));
    view
}

fn card_trouble(say: Say) -> View {
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

fn field(say: Say, id: &str, label: (&str, &str), value: &str, keys: Keys) -> FieldView {
    FieldView {
        id: id.to_owned(),
        label: say.s(label.0, label.1),
        value: value.to_owned(),
        placeholder: String::new(),
        error: String::new(),
        keys,
        focused: false,
        max_chars: 20,
    }
}

fn form(say: Say) -> View {
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

fn form_letters(say: Say) -> View {
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

fn capture_empty(say: Say) -> View {
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

fn capture(say: Say) -> View {
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

fn check(say: Say) -> View {
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

fn sign(say: Say) -> View {
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

fn wait(say: Say) -> View {
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

fn receipt(say: Say) -> View {
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

fn case_detail(say: Say) -> View {
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
        },
    );
    view.top.title = say.s("查进度", "Progress");
    view.left = Some(say.act("返回", "Back", Intent::Back));
    view.right = Some(say.act("完成并清除屏幕", "Done, clear the screen", Intent::Leave));
    view
}

fn message(say: Say) -> View {
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

fn sheet(say: Say) -> View {
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
