//! What a slip can say of a case: the placeholders, which slip knows which, and their values.

use std::{collections::BTreeMap, fmt};

use kiosk_words::{Private, ReceiptNo};

/// Which slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slip {
    /// 收件凭证
    Receipt,
    /// 存件小票: lies in the envelope, behind its window.
    Deposit,
    /// 领取凭证
    Collection,
}

macro_rules! placeholders {
    ($($(#[$doc:meta])* $name:ident = $text:literal $shape:ident,)*) => {
        /// Something that differs from slip to slip; `{name}` in a layout.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Placeholder {
            $($(#[$doc])* $name,)*
        }

        impl Placeholder {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word between the braces.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            pub(super) const fn shape(self) -> Shape {
                match self {
                    $(Self::$name => Shape::$shape,)*
                }
            }
        }
    };
}

placeholders! {
    /// Name of the station.
    Station = "station" Text,
    /// Number of the case, grouped 4-4-6: a [`ReceiptNo`].
    ReceiptNo = "receipt_no" Text,
    /// Name of the matter. Absent if the matter is discreet (R14).
    Matter = "matter" Text,
    /// The applicant's name, masked. On 领取凭证 only if somebody else collected.
    Applicant = "applicant" Text,
    /// When the station took the case in.
    DepositedAt = "deposited_at" Text,
    /// The clock was not known to be right then.
    ClockUnknown = "clock_unknown" Flag,
    /// What was handed in, an item each: `营业执照：影像 2 页，原件待入柜`. Of a discreet matter
    /// the items name no paper either.
    Received = "received" List,
    /// The three state lines (R1), as they are when the slip is printed.
    Electronic = "electronic" Text,
    Originals = "originals" Text,
    Handling = "handling" Text,
    /// The day by which the hall answers, reckoned without holidays (R13).
    AnswerBy = "answer_by" Text,
    /// Working days within which the hall answers, where the day is not known (R13).
    AnswerDays = "answer_days" Text,
    /// Six digits, if the result or originals may come into a cell.
    PickupCode = "pickup_code" Text,
    /// Questions about this matter.
    AskPhone = "ask_phone" Text,
    ComplainPhone = "complain_phone" Text,
    /// Text of the QR code.
    Qr = "qr" Code,
    /// Number on the door.
    Cell = "cell" Text,
    /// 申请材料, 办理结果 or 退还原件.
    Content = "content" Text,
    /// Day on which the envelope is made up.
    Date = "date" Text,
    /// Masked name of who took it.
    Collector = "collector" Text,
    /// When the person confirmed to have it.
    CollectedAt = "collected_at" Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    List,
    /// There or not there; only for conditions.
    Flag,
    Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Always,
    /// Only under `when`.
    Maybe,
}

const RECEIPT: &[(Placeholder, Need)] = &[
    (Placeholder::Station, Need::Always),
    (Placeholder::ReceiptNo, Need::Always),
    (Placeholder::Matter, Need::Maybe),
    (Placeholder::Applicant, Need::Always),
    (Placeholder::DepositedAt, Need::Always),
    (Placeholder::ClockUnknown, Need::Maybe),
    (Placeholder::Received, Need::Always),
    (Placeholder::Electronic, Need::Always),
    (Placeholder::Originals, Need::Always),
    (Placeholder::Handling, Need::Always),
    (Placeholder::AnswerBy, Need::Maybe),
    (Placeholder::AnswerDays, Need::Maybe),
    (Placeholder::PickupCode, Need::Maybe),
    (Placeholder::AskPhone, Need::Maybe),
    (Placeholder::ComplainPhone, Need::Always),
    (Placeholder::Qr, Need::Always),
];

/// Nobody's name: everybody at the cabinet and on the way reads it.
const DEPOSIT: &[(Placeholder, Need)] = &[
    (Placeholder::Station, Need::Always),
    (Placeholder::ReceiptNo, Need::Always),
    (Placeholder::Qr, Need::Always),
    (Placeholder::Cell, Need::Always),
    (Placeholder::Content, Need::Always),
    (Placeholder::Date, Need::Always),
    (Placeholder::ClockUnknown, Need::Maybe),
    (Placeholder::Matter, Need::Maybe),
];

const COLLECTION: &[(Placeholder, Need)] = &[
    (Placeholder::Station, Need::Always),
    (Placeholder::ReceiptNo, Need::Always),
    (Placeholder::Cell, Need::Always),
    (Placeholder::Content, Need::Always),
    (Placeholder::Collector, Need::Always),
    (Placeholder::Applicant, Need::Maybe),
    (Placeholder::CollectedAt, Need::Always),
    (Placeholder::ClockUnknown, Need::Maybe),
    (Placeholder::AskPhone, Need::Always),
];

impl Slip {
    pub(super) const ALL: [Self; 3] = [Self::Receipt, Self::Deposit, Self::Collection];

    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Receipt => "receipt.toml",
            Self::Deposit => "deposit.toml",
            Self::Collection => "collection.toml",
        }
    }

    pub(super) const fn known(self) -> &'static [(Placeholder, Need)] {
        match self {
            Self::Receipt => RECEIPT,
            Self::Deposit => DEPOSIT,
            Self::Collection => COLLECTION,
        }
    }

    pub(super) fn need(self, placeholder: Placeholder) -> Option<Need> {
        self.known().iter().find(|(known, _)| *known == placeholder).map(|(_, need)| *need)
    }

    /// The placeholder of this slip with that name.
    pub(super) fn find(self, name: &str) -> Option<Placeholder> {
        self.known().iter().map(|(known, _)| *known).find(|known| known.name() == name)
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file())
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.name())
    }
}

/// What stands in for one placeholder. Made by `into()` from what is at hand: a text, a list, a
/// `bool` for a flag, an `Option` of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Flag,
    Text(Private<String>),
    List(Vec<Private<String>>),
}

impl From<Private<String>> for Value {
    fn from(text: Private<String>) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Private::new(text))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Private::text(text))
    }
}

impl From<ReceiptNo> for Value {
    fn from(number: ReceiptNo) -> Self {
        Self::from(number.to_string())
    }
}

impl From<Vec<Private<String>>> for Value {
    fn from(items: Vec<Private<String>>) -> Self {
        Self::List(items)
    }
}

impl From<Vec<String>> for Value {
    fn from(items: Vec<String>) -> Self {
        Self::List(items.into_iter().map(Private::new).collect())
    }
}

impl From<bool> for Value {
    fn from(is_set: bool) -> Self {
        if is_set { Self::Flag } else { Self::Nothing }
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// What is known of one case. What is blank or an empty list counts as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values(BTreeMap<Placeholder, Value>);

impl Values {
    #[must_use]
    pub fn with(mut self, placeholder: Placeholder, value: impl Into<Value>) -> Self {
        let value = value.into();
        if is_blank(&value) {
            self.0.remove(&placeholder);
        } else {
            self.0.insert(placeholder, value);
        }
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Placeholder, &Value)> {
        self.0.iter().map(|(placeholder, value)| (*placeholder, value))
    }

    pub(super) fn has(&self, placeholder: Placeholder) -> bool {
        self.0.contains_key(&placeholder)
    }

    pub(super) fn text(&self, placeholder: Placeholder) -> Option<&Private<String>> {
        match self.0.get(&placeholder) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Nothing | Value::Flag | Value::List(_)) | None => None,
        }
    }

    pub(super) fn items(&self, placeholder: Placeholder) -> Option<&[Private<String>]> {
        match self.0.get(&placeholder) {
            Some(Value::List(items)) => Some(items),
            Some(Value::Nothing | Value::Flag | Value::Text(_)) | None => None,
        }
    }
}

fn is_blank(value: &Value) -> bool {
    let blank = |text: &Private<String>| text.expose().trim().is_empty();
    match value {
        Value::Nothing => true,
        Value::Flag => false,
        Value::Text(text) => blank(text),
        Value::List(items) => items.iter().all(blank),
    }
}

impl Value {
    pub(super) const fn fits(&self, shape: Shape) -> bool {
        matches!(
            (self, shape),
            (Self::Text(_), Shape::Text | Shape::Code)
                | (Self::List(_), Shape::List)
                | (Self::Flag, Shape::Flag)
        )
    }
}
