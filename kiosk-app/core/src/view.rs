//! What the screen shows and what a finger may say: the whole contract between core and UI.
//!
//! This module imports nothing else of the core; what the keys can stand on is read from a view by
//! [`crate::focus`]. A [`View`] is complete: the UI keeps no state
//! of its own but the caret of a focused field and the strokes of an unfinished signature.
//! Every text arrives in the language of the view; the UI translates nothing but key caps.

use std::fmt;

/// Counts views; an intent made on an older one is dropped, except `Leave` and `Help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

/// Stands for a picture whose bytes the app holds; valid within one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    #[default]
    Day,
    Night,
    HighContrast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Online,
    Offline,
}

/// Tone of a message: colour, shape and word differ together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Info,
    Good,
    Care,
    Bad,
}

/// How long the screen waits for a touch before it asks, then leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutClass {
    /// Attract, care: never.
    Never,
    /// A page without personal data.
    Short,
    /// A page where people read, type or look for papers.
    Long,
    /// No time-out while a device fault or a pending write is not the person's doing.
    Held,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub revision: Revision,
    pub look: Look,
    pub top: TopBar,
    /// Absent on attract and home.
    pub steps: Option<Steps>,
    pub banner: Option<Banner>,
    pub stage: Stage,
    /// Back or leave.
    pub left: Option<Action>,
    /// The one primary action.
    pub right: Option<Action>,
    /// Asks one thing over the stage.
    pub sheet: Option<Sheet>,
    /// What is spoken when this view appears.
    pub say: String,
    /// Where the keys of the keypad stand.
    pub ring: Option<Control>,
    /// Counts screenfuls that the keys have moved the page by; only its changes mean anything.
    pub screenfuls: i32,
    pub timeout: TimeoutClass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    pub language: Language,
    pub palette: Palette,
    /// Larger type, one column (长辈模式).
    pub elder: bool,
    /// All targets below y = 1000 (低位).
    pub low: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBar {
    /// Station name on attract and home, short matter name within an application.
    pub title: String,
    /// `09:26`, or a mark that the time is not known.
    pub clock: String,
    pub connection: Connection,
    /// `已联网` / `未联网 · 可填表`.
    pub connection_text: String,
    /// `剩余 2:48`, shown near the end of a session's patience.
    pub remaining: Option<String>,
    /// Buttons of the top bar in order; the UI draws them as quiet buttons.
    pub buttons: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// `第 3 步 / 共 6 步`
    pub counted: String,
    /// `填表 2/4`
    pub name: String,
    /// From 1.
    pub at: u8,
    pub of: u8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    pub tone: Tone,
    pub text: String,
}

/// A button: its label is also its accessible label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub label: String,
    pub intent: Intent,
    pub enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub title: String,
    pub body: String,
    pub yes: Action,
    pub no: Action,
}

/// Which picture of a device with an arrow to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DevicePicture {
    IdReader,
    CardSlot,
    DocumentCamera,
    SignaturePad,
    ReceiptPrinter,
    Locker,
}

/// An icon by name; drawn from `assets/icons`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Apply,
    Collect,
    Progress,
    Certificate,
    Document,
    Person,
    Help,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    pub id: String,
    pub icon: Icon,
    pub title: String,
    /// One quiet line under the title; the reason where the tile is grey (R3).
    pub note: String,
    pub enabled: bool,
    /// The most used tile is filled with the accent colour.
    pub primary: bool,
}

/// A row that can be chosen: a matter, an answer, a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub title: String,
    pub note: String,
    /// Right-aligned, quiet: `约 8 分钟`.
    pub aside: String,
    pub chosen: bool,
    pub enabled: bool,
}

/// What has to be done for one material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialMark {
    /// 现场扫
    ScanHere,
    /// 要投原件
    Original,
    /// 联网核验后可免交
    SkippedAfterCheck,
    /// 刷身份证
    FromChip,
    /// 现场填写
    FillHere,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialRow {
    pub mark: MaterialMark,
    pub mark_text: String,
    pub title: String,
    pub note: String,
}

/// Which keys a field needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    Digits,
    /// Digits and X.
    IdNumber,
    /// English letters and digits.
    Letters,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    pub id: String,
    pub label: String,
    pub value: String,
    pub placeholder: String,
    /// Why the value does not do and how to put it right; empty if it does.
    pub error: String,
    pub keys: Keys,
    pub focused: bool,
    /// Shown as dots: a PIN.
    pub secret: bool,
    pub max_chars: u16,
}

/// A label and a value that cannot be changed here (from the chip, from the hall).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub title: String,
    pub facts: Vec<Fact>,
    /// `改` button; absent where nothing can be changed.
    pub edit: Option<Action>,
}

/// How a door stands in the picture of the cabinet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorPicture {
    Shut,
    /// Being opened: wait.
    Opening,
    Open,
}

/// One cell in the picture of the cabinet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellDot {
    /// `03`
    pub number: String,
    pub mark: CellMark,
    /// Relative height of the door: 1 for the lowest cells, up to 3.
    pub tall: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellMark {
    /// The cell this page is about.
    This,
    /// Any other; citizens see no more than that.
    Other,
    /// Staff only: something lies there.
    Used,
    /// Staff only: not looked into, or closed off.
    ClosedOff,
}

/// One line of a slip as it is on the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperLine {
    /// At most 48 half-width columns, or 24 if `double`.
    Text {
        text: String,
        double: bool,
        centred: bool,
        bold: bool,
    },
    Rule,
    Qr(String),
    Gap(u8),
}

/// Something found on a captured page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub tone: Tone,
    /// What is wrong.
    pub what: String,
    /// How to fix it.
    pub fix: String,
}

/// One line of the three-line state or of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateLine {
    pub label: String,
    pub value: String,
    pub tone: Tone,
    /// When, or empty.
    pub at: String,
}

/// A point of an unfinished or finished signature, in thousandths of the pad's width and height;
/// strokes are separated by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PadPoint {
    pub x: u16,
    pub y: u16,
}

pub type Stroke = Vec<PadPoint>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The sleeping screen; a touch anywhere wakes it.
    Attract {
        headline: String,
        invitation: String,
        /// What can be done here, in words.
        lines: Vec<String>,
    },
    /// Four verbs and the services that are built.
    Home {
        title: String,
        verbs: Vec<Tile>,
        services_title: String,
        services: Vec<Choice>,
        note: String,
    },
    /// A list with one thing to choose: matters, answers of a situation question, delivery ways,
    /// cases of a person.
    Choose {
        title: String,
        help: String,
        choices: Vec<Choice>,
        note: String,
    },
    Materials {
        title: String,
        rows: Vec<MaterialRow>,
        facts: Vec<Fact>,
        note: String,
    },
    /// Told, then asked (R15).
    Notice {
        title: String,
        paragraphs: Vec<String>,
    },
    /// Waiting for a card; `other` is the no-card way, a button of the same size.
    Card {
        title: String,
        hint: String,
        picture: DevicePicture,
        trouble: Option<Banner>,
        other: Option<Action>,
    },
    Form {
        title: String,
        facts: Vec<Fact>,
        fields: Vec<FieldView>,
        hint: String,
    },
    Capture {
        title: String,
        hint: String,
        /// `第 1 页 / 共 1 页`
        counted: String,
        image: Option<ImageId>,
        findings: Vec<Finding>,
        /// Take the picture, or take it again.
        shutter: Action,
    },
    Check {
        title: String,
        note: String,
        sections: Vec<Section>,
    },
    Sign {
        title: String,
        /// What is signed, with the fingerprint of the page shown.
        statement: String,
        signer: String,
        /// Strokes already made (empty after 重写).
        has_ink: bool,
        clear: Action,
    },
    /// A named pending state: nothing to touch.
    Wait {
        title: String,
        detail: String,
    },
    Receipt {
        title: String,
        number: String,
        /// Text of the QR code.
        qr: String,
        states: Vec<StateLine>,
        facts: Vec<Fact>,
        /// What was received: pages, 原件/复印件.
        received: Vec<String>,
        note: String,
    },
    /// One cell and its door: what to do with it now.
    Door {
        title: String,
        hint: String,
        /// `03`, large.
        number: String,
        /// What fits: `A4，厚3厘米以内`.
        size: String,
        door: DoorPicture,
        map: Vec<CellDot>,
        trouble: Option<Banner>,
        /// 再开一次 and the like; a quiet button of full width.
        other: Option<Action>,
    },
    /// A slip as it is on the paper.
    Paper {
        title: String,
        lines: Vec<PaperLine>,
        note: String,
    },
    /// One case: the three lines, then what happened, newest first.
    CaseDetail {
        title: String,
        number: String,
        states: Vec<StateLine>,
        history: Vec<StateLine>,
        note: String,
        /// What can be done with this case here: take papers back, put them in.
        acts: Vec<Action>,
    },
    /// A sentence for a person who cannot go on this way (R8): no dead end.
    Message {
        tone: Tone,
        title: String,
        body: String,
        /// Rule, what to do, where, phone number.
        facts: Vec<Fact>,
        /// Small, for the phone call; empty if none.
        code: String,
    },
}

/// What the keys of the keypad can stand on; see [`crate::focus`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    Button {
        intent: Intent,
        enabled: bool,
    },
    /// A field, by its id: pressed, it is typed into.
    Field(String),
    Cap(Cap),
}

impl Control {
    /// The same control, whether it can be pressed or not.
    pub(crate) fn does_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Button { intent, .. }, Self::Button { intent: other, .. }) => intent == other,
            (Self::Field(id), Self::Field(other)) => id == other,
            (Self::Cap(cap), Self::Cap(other)) => cap == other,
            (Self::Button { .. } | Self::Field(_) | Self::Cap(_), _) => false,
        }
    }

    /// A switch of the look: pressed, it does the opposite and is the same switch.
    pub(crate) fn switches_as(&self, other: &Self) -> bool {
        let (Self::Button { intent, .. }, Self::Button { intent: other, .. }) = (self, other)
        else {
            return false;
        };
        matches!(
            (intent, other),
            (Intent::SetLanguage(_), Intent::SetLanguage(_))
                | (Intent::SetElder(_), Intent::SetElder(_))
                | (Intent::SetLow(_), Intent::SetLow(_))
                | (Intent::SetPalette(_), Intent::SetPalette(_))
        )
    }

    pub(crate) const fn is_cap(&self) -> bool {
        matches!(self, Self::Cap(_))
    }
}

/// A key cap of the screen and its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    pub types: Typed,
    pub row: u8,
    pub column: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    Char(char),
    Erase,
}

/// What the screen does with a signature when a key, and no finger, pressed the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Say `Signed` with what is there.
    Send,
    Drop,
}

/// What a finger, a key or the time-out sheet says. Its Debug text holds nothing that was typed or
/// written.
#[derive(Clone, PartialEq, Eq)]
pub enum Intent {
    /// Touch on the attract screen.
    Wake,
    /// A tile or a row, by its id.
    Choose(String),
    Next,
    Back,
    /// 退出并清除. Never dropped as stale.
    Leave,
    /// Never dropped as stale.
    Help,
    MoreTime,
    SetLanguage(Language),
    SetElder(bool),
    SetLow(bool),
    SetPalette(Palette),
    FieldFocused(String),
    FieldEdited {
        field: String,
        text: String,
    },
    /// The no-card way.
    NoCard,
    /// Take the picture, or take it again.
    Shoot,
    ClearSignature,
    Signed(Vec<Stroke>),
    /// Go back to a step of the application from the check page, by its id.
    Edit(String),
    /// Answer to a sheet.
    Yes,
    No,
}

impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wake => f.write_str("Wake"),
            Self::Choose(id) => f.debug_tuple("Choose").field(id).finish(),
            Self::Next => f.write_str("Next"),
            Self::Back => f.write_str("Back"),
            Self::Leave => f.write_str("Leave"),
            Self::Help => f.write_str("Help"),
            Self::MoreTime => f.write_str("MoreTime"),
            Self::SetLanguage(language) => f.debug_tuple("SetLanguage").field(language).finish(),
            Self::SetElder(elder) => f.debug_tuple("SetElder").field(elder).finish(),
            Self::SetLow(low) => f.debug_tuple("SetLow").field(low).finish(),
            Self::SetPalette(palette) => f.debug_tuple("SetPalette").field(palette).finish(),
            Self::FieldFocused(field) => f.debug_tuple("FieldFocused").field(field).finish(),
            Self::FieldEdited { field, text: _ } => {
                f.debug_struct("FieldEdited").field("field", field).finish_non_exhaustive()
            }
            Self::NoCard => f.write_str("NoCard"),
            Self::Shoot => f.write_str("Shoot"),
            Self::ClearSignature => f.write_str("ClearSignature"),
            Self::Signed(strokes) => write!(f, "Signed({} strokes)", strokes.len()),
            Self::Edit(step) => f.debug_tuple("Edit").field(step).finish(),
            Self::Yes => f.write_str("Yes"),
            Self::No => f.write_str("No"),
        }
    }
}
