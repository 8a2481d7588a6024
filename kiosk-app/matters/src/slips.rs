//! Slips of thermal paper as data: which lines stand on 收件凭证, 存件小票 and 领取凭证.
//!
//! A layout is one file under `assets/slips`: elements from top to bottom, with `{placeholders}`
//! for what differs from case to case. This module parses and checks the three files and fills
//! them: out come lines that fit the paper, for the printer and for the preview on the screen.
//! It decides which sentences are on the paper and where a line breaks. It does not decide whether
//! a sentence is true (the core gives a value only when it is), masks no name, prints nothing and
//! reads no file.
//!
//! What keeps a slip right when its file is edited:
//!
//! * A layout can only name the placeholders of its slip. None of them holds an id number, and
//!   those of the slip for the envelope hold no name: practice of halls, points 12 and 13 (R14).
//! * What may be absent stands under `when`, so a sentence that promises something (R13) is there
//!   only with its value.
//! * No placeholder may be left out: number, clock quality and the three state lines (R1, R2)
//!   cannot be lost by an edit.
//! * 补打 is not here: only the driver knows that a slip is printed again.
//!
//! Sources. What a 收件凭证 must say: practice of halls, point 4, after 行政许可法 §32 (receiving
//! is not accepting); 取件码: point 1 (R7); contents of a cell: point 7. Where a line may break:
//! GB/T 15834-2011, 5.1 (position of punctuation marks). Width of the paper: 576 dots, the
//! printer's font 12 dots a column, ASCII one column and everything else two (protocols page,
//! receipt printers).

mod fill;
mod format;
mod placeholder;
mod template;
mod wrap;

use kiosk_words::Private;
use serde::Deserialize;

pub use fill::BadFill;
pub use format::BadLayout;
pub use placeholder::{Placeholder, Slip, Value, Values};

use crate::Text;
use template::Words;

/// Half-width columns of a line at [`Scale::Normal`]; half as many at [`Scale::Double`].
pub const COLUMNS: usize = 48;

/// The layouts of a station, all three there and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layouts {
    pub receipt: Layout,
    pub deposit: Layout,
    pub collection: Layout,
}

impl Layouts {
    /// `files` are pairs of a name that ends in `receipt.toml`, `deposit.toml` or
    /// `collection.toml` and the text; each of the three once.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, BadLayout> {
        format::parse(files)
    }
}

/// How one slip looks; [`Layout::fill`] makes its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    slip: Slip,
    /// Column in which the value of a labelled line begins.
    label_columns: usize,
    elements: Vec<Element>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Element {
    /// In the file, from 1, for messages.
    line: usize,
    condition: Condition,
    body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Always,
    When(Placeholder),
    Unless(Placeholder),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Body {
    Text {
        words: Words,
        style: Style,
    },
    /// `label：value`; what wraps stays under the value. Without a label it goes on with the
    /// value of the line above.
    Labelled {
        label: Text,
        value: Words,
        bold: bool,
    },
    /// One line per item; what wraps stays under the item.
    List(Placeholder),
    Qr(Placeholder),
    Rule,
    Gap(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Style {
    scale: Scale,
    align: Align,
    bold: bool,
}

impl Style {
    const fn plain(bold: bool) -> Self {
        Self { scale: Scale::Normal, align: Align::Left, bold }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    Normal,
    /// Twice as wide and as high.
    Double,
}

impl Scale {
    /// Columns of a whole line.
    pub const fn columns(self) -> usize {
        match self {
            Self::Normal => COLUMNS,
            Self::Double => COLUMNS / 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Left,
    Centre,
}

/// One part of a filled slip, part for part what the receipt printer takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// It fits: at most [`Scale::columns`] wide.
    Line {
        text: Private<String>,
        scale: Scale,
        align: Align,
        bold: bool,
    },
    Rule,
    /// Visible ASCII.
    Qr(Private<String>),
    /// So many empty lines.
    Gap(u8),
}
