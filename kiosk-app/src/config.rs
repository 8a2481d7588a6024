//! `machine.toml`: what commissioning knows about this one machine.
//!
//! A wrong file is refused whole, with file, line, field and what was expected; nothing is
//! guessed and nothing has a default. Paths are relative to the file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kiosk_words::StationId;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    pub station: StationId,
    pub name: Name,
    pub phone: Phone,
    /// Folder of store, keys, scans and the station's socket.
    pub data: PathBuf,
    /// Folder with one folder per matter.
    pub catalog: PathBuf,
    pub hall: Hall,
    pub id_reader: IdReader,
    pub camera: Camera,
    pub screen: Screen,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub zh: NotEmpty,
    pub en: NotEmpty,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    pub url: HallUrl,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdReader {
    pub port: PathBuf,
    pub baud: Baud,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    pub folder: PathBuf,
}

/// Pixels of the panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    pub width: Side,
    pub height: Side,
}

/// Makes a text or number that is checked while it is read, so that the error knows its line.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident($inner:ty), $from:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = $from)]
        pub struct $name(pub $inner);

        impl TryFrom<$inner> for $name {
            type Error = String;

            fn try_from(value: $inner) -> Result<Self, String> {
                let check: fn(&$inner) -> Result<(), String> = $check;
                check(&value).map(|()| Self(value))
            }
        }
    };
}

checked!(
    /// A text that must say something.
    NotEmpty(String), "String",
    |text| if text.trim().is_empty() { Err("expected a text, got an empty one".into()) } else { Ok(()) }
);
checked!(
    /// Shown on every screen that cannot help: digits and hyphens.
    Phone(String), "String",
    |text| {
        let is_phone = text.len() >= 3 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if is_phone { Ok(()) } else { Err(format!("expected a phone number of digits and hyphens, got {text:?}")) }
    }
);
checked!(
    /// `https://host:port`, no path: mutual TLS always.
    HallUrl(String), "String",
    |text| match reqwest::Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.path() == "/" && url.has_host() => Ok(()),
        Ok(_) | Err(_) => Err(format!("expected an address such as https://127.0.0.1:8443, got {text:?}")),
    }
);
checked!(
    /// One of the speeds of a SAM_V module.
    Baud(u32), "u32",
    |baud| match baud {
        9_600 | 19_200 | 38_400 | 57_600 | 115_200 => Ok(()),
        other => Err(format!("expected 9600, 19200, 38400, 57600 or 115200, got {other}")),
    }
);
checked!(
    /// One side of the panel in pixels.
    Side(u32), "u32",
    |side| if (480..=4_096).contains(side) {
        Ok(())
    } else {
        Err(format!("expected 480 to 4096 pixels, got {side}"))
    }
);

/// Why a `machine.toml` is not one.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}:{line}: {field}: {expected}", file.display())]
    Wrong { file: PathBuf, line: usize, field: String, expected: String },
}

impl Machine {
    /// Reads and checks the file; paths in the result no longer depend on where the file lies.
    pub fn load(file: &Path) -> Result<Self, BadConfig> {
        let text = fs::read_to_string(file)
            .map_err(|source| BadConfig::Unreadable { file: file.to_owned(), source })?;
        let mut machine = Self::parse(file, &text)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for path in [
            &mut machine.data,
            &mut machine.catalog,
            &mut machine.id_reader.port,
            &mut machine.camera.folder,
        ] {
            *path = folder.join(path.as_path());
        }
        Ok(machine)
    }

    fn parse(file: &Path, text: &str) -> Result<Self, BadConfig> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let (line, place) = place_of(text, start);
            BadConfig::Wrong {
                file: file.to_owned(),
                line,
                field: field_of(error.message(), &place),
                expected: error.message().trim().replace('\n', ", "),
            }
        })
    }
}

/// Where in the file: the table and, if the line has one, the key.
struct Place {
    table: Option<String>,
    key: Option<String>,
}

fn place_of(text: &str, start: usize) -> (usize, Place) {
    let before = text.as_bytes().get(..start).unwrap_or_default();
    let line_idx = before.iter().filter(|byte| **byte == b'\n').count();
    let mut place = Place { table: None, key: None };
    for (idx, line) in text.lines().enumerate().take(line_idx + 1) {
        let line = line.trim();
        if let Some(table) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            place.table = Some(table.trim().to_owned());
        } else if idx == line_idx {
            place.key = line.split_once('=').map(|(key, _)| key.trim().to_owned());
        }
    }
    (line_idx + 1, place)
}

/// `hall.url`; a missing field stands in the message only, not on a line.
fn field_of(message: &str, place: &Place) -> String {
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
        .map(str::to_owned);
    let is_missing = missing.is_some();
    let field = missing.or_else(|| place.key.clone());
    match (&place.table, field) {
        (Some(table), Some(field)) => format!("{table}.{field}"),
        // An inline table such as `name = { zh = … }`.
        (None, Some(field)) if is_missing => match &place.key {
            Some(key) => format!("{key}.{field}"),
            None => field,
        },
        (None, Some(field)) => field,
        (Some(table), None) => table.clone(),
        (None, None) => "file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"station = 17
name = { zh = "龙沙站", en = "Longsha Station" }
phone = "0452-0000000"
data = "data"
catalog = "assets/catalog"
[hall]
url = "https://127.0.0.1:8443"
[id_reader]
port = "sim/id-reader"
baud = 115200
[camera]
folder = "sim/camera"
[screen]
width = 1080
height = 1920
"#;

    fn error_of(text: &str) -> String {
        Machine::parse(Path::new("machine.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn the_documented_file_is_read() {
        let machine = Machine::parse(Path::new("machine.toml"), GOOD).unwrap();
        assert_eq!(machine.name.zh.0, "龙沙站");
        assert_eq!(machine.screen.height.0, 1920);
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("machine.toml");
        fs::write(&file, GOOD).unwrap();
        let machine = Machine::load(&file).unwrap();
        assert_eq!(machine.data, folder.path().join("data"));
        assert_eq!(machine.id_reader.port, folder.path().join("sim/id-reader"));
    }

    #[test]
    fn every_kind_of_mistake_names_file_line_field_and_what_was_expected() {
        let cases = [
            ("baud = 115200", "baud = 115201", "machine.toml:10: id_reader.baud: expected 9600,"),
            (
                "baud = 115200",
                "baud = \"fast\"",
                "machine.toml:10: id_reader.baud: invalid type: string",
            ),
            ("station = 17", "station = 0", "machine.toml:1: station: expected a station number"),
            (
                "url = \"https:",
                "url = \"http:",
                "machine.toml:7: hall.url: expected an address such as https",
            ),
            (
                "width = 1080",
                "widht = 1080",
                "machine.toml:14: screen.widht: unknown field `widht`, expected",
            ),
            (
                "folder = \"sim/camera\"\n",
                "",
                "machine.toml:11: camera.folder: missing field `folder`",
            ),
            (", en = \"Longsha Station\"", "", "machine.toml:2: name.en: missing field `en`"),
            (
                "phone = \"0452-0000000\"",
                "phone = \"\"",
                "machine.toml:3: phone: expected a phone number",
            ),
            ("[hall]", "[hall", "machine.toml:6: hall: "),
            ("width = 1080", "width = 10", "machine.toml:14: screen.width: expected 480 to 4096"),
        ];
        for (right, wrong, expected) in cases {
            let text = GOOD.replacen(right, wrong, 1);
            let error = error_of(&text);
            assert!(error.starts_with(expected), "{wrong}: {error}");
        }
    }
}
