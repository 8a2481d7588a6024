//! What stands on the documents of the A4 printer: facts for the templates of `assets/forms`.
//!
//! One type for each template that is filled by now, with the names that the template reads; the examples beside the
//! templates are parsed into these types by a test, so that a member cannot be misspelt on either
//! side. Which facts may stand there is decided by whoever fills them in; how they look, by the
//! template. Paper speaks Chinese.

use kiosk_words::Private;
use serde::{Deserialize, Serialize, Serializer, de::Deserializer};

/// A document that this station may originate, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    Application(Box<Application>),
}

impl Document {
    /// Name of its template.
    #[must_use]
    pub const fn template(&self) -> &'static str {
        match self {
            Self::Application(_) => "application",
        }
    }

    /// What the template reads: JSON.
    #[must_use]
    pub fn data(&self) -> Private<Vec<u8>> {
        let json = match self {
            Self::Application(facts) => serde_json::to_vec(facts),
        };
        Private::new(json.expect("texts, lists and whole numbers are JSON"))
    }
}

/// A text about somebody: written to paper, and to nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said(pub Private<String>);

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self(Private::text(text))
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self(Private::new(text))
    }
}

impl From<Private<String>> for Said {
    fn from(text: Private<String>) -> Self {
        Self(text)
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Strokes of a signature: lists of points, in thousandths of the field's width and height.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strokes(pub Private<Vec<Vec<[u16; 2]>>>);

impl Serialize for Strokes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Strokes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Private::new).map(Self)
    }
}

/// A label and what is said beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub label: String,
    pub value: Said,
}

impl Row {
    pub fn new(label: impl Into<String>, value: impl Into<Said>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A filled application form, of a matter that has no template of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub title: String,
    pub station: String,
    pub office: String,
    /// 补打
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// Absent until it is filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr: Option<String>,
    /// The first bytes of the digest of the page that was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub parties: Vec<Party>,
    pub sections: Vec<Section>,
    pub materials: Vec<Material>,
    pub statements: Vec<String>,
    pub signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    pub role: String,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub title: String,
    pub rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub columns: Vec<String>,
    /// As many in each as there are columns.
    pub rows: Vec<Vec<Said>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub name: String,
    pub form: String,
    pub pages: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub role: String,
    pub name: Said,
    pub at: String,
    pub strokes: Strokes,
}
