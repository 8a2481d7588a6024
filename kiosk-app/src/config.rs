//! `machine.toml`: what commissioning knows about this one machine.
//!
//! A wrong file is refused whole, with file, line, field and what was expected; nothing is
//! guessed and nothing has a default but the rate of lock boards. Paths are relative to the file.
//! A device whose table is not there is not fitted.

mod chip_cards;
mod desk;
mod keypad;
mod locker;
mod photo_decoder;
mod place;
mod room;
mod scanner;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kiosk_words::StationId;
use serde::Deserialize;

pub use chip_cards::ChipCards;
pub use desk::{Export, Power, Program};
pub use keypad::{Keypad, Speech};
pub use locker::Locker;
pub use photo_decoder::PhotoDecoder;
pub use room::Room;
pub use scanner::CodeScanner;

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
    /// Folder with the layouts of the slips.
    pub slips: PathBuf,
    pub hall: Hall,
    pub id_reader: IdReader,
    pub camera: Camera,
    pub receipt_printer: Option<ReceiptPrinter>,
    pub locker: Option<Locker>,
    pub code_scanner: Option<CodeScanner>,
    pub chip_cards: Option<ChipCards>,
    pub room: Option<Room>,
    pub keypad: Option<Keypad>,
    pub speech: Option<Speech>,
    pub screen: Screen,
    pub export: Option<Export>,
    pub power: Option<Power>,
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
    pub photo_decoder: Option<PhotoDecoder>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    pub folder: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptPrinter {
    pub port: PathBuf,
    pub baud: Baud,
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
    /// One of the speeds that every driver of a serial line speaks.
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

/// What does not fit together, and where.
#[derive(Debug)]
struct Misfit {
    /// Offset in the file.
    at: usize,
    field: &'static str,
    expected: String,
}

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
        let fixed = [
            &mut machine.data,
            &mut machine.catalog,
            &mut machine.slips,
            &mut machine.id_reader.port,
            &mut machine.camera.folder,
        ];
        let printer = machine.receipt_printer.as_mut().map(|printer| &mut printer.port);
        let locker = machine.locker.as_mut().map(|locker| &mut locker.port);
        let scanner = machine.code_scanner.as_mut().map(|scanner| &mut scanner.port);
        let room = machine.room.as_mut().map(|room| &mut room.port);
        let keypad = machine.keypad.as_mut().map(|keypad| &mut keypad.port);
        let export = machine.export.as_mut().map(|export| &mut export.folder);
        let fitted = [printer, locker, scanner, room, keypad, export].into_iter().flatten();
        for path in fixed.into_iter().chain(fitted) {
            *path = folder.join(path.as_path());
        }
        if let Some(decoder) = &mut machine.id_reader.photo_decoder {
            decoder.is_relative_to(folder);
            decoder.lies_apart_from(&machine.data).map_err(|(at, expected)| BadConfig::Wrong {
                file: file.to_owned(),
                line: place::line_of(&text, at),
                field: "id_reader.photo_decoder.program".to_owned(),
                expected,
            })?;
        }
        Ok(machine)
    }

    fn parse(file: &Path, text: &str) -> Result<Self, BadConfig> {
        let wrong = |line, field, expected| {
            let file = file.to_owned();
            BadConfig::Wrong { file, line, field, expected }
        };
        let machine: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let field = place::field_of(text, start, error.message());
            let expected = error.message().trim().replace('\n', ", ");
            wrong(place::line_of(text, start), field, expected)
        })?;
        let misfit = |misfit: Misfit| {
            let line = place::line_of(text, misfit.at);
            wrong(line, misfit.field.to_owned(), misfit.expected)
        };
        if let Some(locker) = &machine.locker {
            locker.fits().map_err(misfit)?;
        }
        if let Some(room) = &machine.room {
            room.fits().map_err(misfit)?;
        }
        if machine.keypad.is_none()
            && let Some(at) = text.find("[speech]")
            && machine.speech.is_some()
        {
            let expected = "expected a [keypad] too: nothing is spoken without its jack";
            let line = place::line_of(text, at);
            return Err(wrong(line, "speech".to_owned(), expected.to_owned()));
        }
        Ok(machine)
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
slips = "assets/slips"
[hall]
url = "https://127.0.0.1:8443"
[id_reader]
port = "sim/id-reader"
baud = 115200
[id_reader.photo_decoder]
program = "decoder/decoder"
arguments = ["--quiet"]
reads = ["WL"]
[camera]
folder = "sim/camera"
[receipt_printer]
port = "sim/receipt-printer"
baud = 115200
[locker]
port = "sim/locker"
baud = 9600
kept_for_results = 1
boards = [
    { address = 1, channels = 12, polarity = "short_when_locked", byte_order = "high_first" },
]
cells = [
    { number = 1, board = 1, lock = 1, size = "A4" },
    { number = 2, board = 1, lock = 2, size = "A4Thick" },
    { number = 3, board = 1, lock = 12, size = "A3" },
]
[code_scanner]
port = "sim/code-scanner"
baud = 9600
trigger = "command"
ending = "line"
charset = "utf8"
[chip_cards]
reader = "ACS ACR39U ICC Reader"
[room]
port = "sim/room"
baud = 9600
address = 1
[room.inputs]
emergency = { input = 1, contact = "normally_closed" }
lobby = { input = 2, contact = "normally_open" }
mains = { input = 3, contact = "normally_closed" }
[room.outputs]
light = { relay = 1, on_when = "pulled" }
siren = { relay = 2, on_when = "pulled" }
guard = { relay = 8, on_when = "released" }
[screen]
width = 1080
height = 1920
[export]
folder = "stick"
log = ["journalctl", "--unit=kiosk"]
[power]
off = ["systemctl", "poweroff"]
[keypad]
port = "sim/keypad"
baud = 9600
[speech]
program = ["espeak-ng", "-v", "{voice}", "-a", "{volume}", "--stdin"]
voice_zh = "cmn-latn-pinyin"
voice_en = "en-gb"
"#;

    fn error_of(text: &str) -> String {
        Machine::parse(Path::new("machine.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn the_documented_file_is_read() {
        let machine = Machine::parse(Path::new("machine.toml"), GOOD).unwrap();
        assert_eq!(machine.name.zh.0, "龙沙站");
        assert_eq!(machine.screen.height.0, 1920);
        assert_eq!(machine.receipt_printer.unwrap().baud.0, 115_200);
        assert_eq!(machine.locker.unwrap().cabinet().doors().len(), 3);
        assert_eq!(machine.code_scanner.unwrap().baud.0, 9_600);
        assert_eq!(machine.chip_cards.unwrap().reader.0, "ACS ACR39U ICC Reader");
        assert_eq!(machine.export.unwrap().log.0, ["journalctl", "--unit=kiosk"]);
        assert_eq!(machine.power.unwrap().off.0, ["systemctl", "poweroff"]);
        assert_eq!(machine.speech.unwrap().voice_en.0, "en-gb");
        let decoder = machine.id_reader.photo_decoder.unwrap().program();
        assert_eq!(
            (decoder.path, decoder.reads),
            (PathBuf::from("decoder/decoder"), vec!["WL".into()])
        );
        assert_eq!(decoder.arguments, ["--quiet"]);
        let room = machine.room.unwrap();
        assert!(room.notices_cut_button());
        let wiring = room.settings().wiring;
        assert_eq!((wiring.emergency.input.get(), wiring.guard.relay.get()), (0, 7));
    }

    #[test]
    fn all_but_reader_and_camera_may_be_missing() {
        let (start, _) = GOOD.split_once("[receipt_printer]").unwrap();
        let (_, rest) = GOOD.split_once("[screen]").unwrap();
        let (screen, _) = rest.split_once("[export]").unwrap();
        let (reader, camera) = start.split_once("[id_reader.photo_decoder]").unwrap();
        let (_, camera) = camera.split_once("[camera]").unwrap();
        let text = format!("{reader}[camera]{camera}[screen]{screen}");
        let machine = Machine::parse(Path::new("machine.toml"), &text).unwrap();
        assert_eq!((machine.receipt_printer, machine.locker), (None, None));
        assert_eq!((machine.code_scanner, machine.chip_cards, machine.room), (None, None, None));
        assert_eq!((machine.export, machine.power), (None, None));
        assert_eq!((machine.keypad, machine.speech), (None, None));
        assert_eq!(machine.id_reader.photo_decoder, None);
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("machine.toml");
        fs::write(&file, GOOD).unwrap();
        let machine = Machine::load(&file).unwrap();
        let here = |name: &str| folder.path().join(name);
        assert_eq!(machine.data, here("data"));
        assert_eq!(machine.slips, here("assets/slips"));
        assert_eq!(machine.id_reader.port, here("sim/id-reader"));
        assert_eq!(machine.receipt_printer.unwrap().port, here("sim/receipt-printer"));
        assert_eq!(machine.locker.unwrap().port, here("sim/locker"));
        assert_eq!(machine.code_scanner.unwrap().port, here("sim/code-scanner"));
        assert_eq!(machine.room.unwrap().port, here("sim/room"));
        assert_eq!(machine.keypad.unwrap().port, here("sim/keypad"));
        assert_eq!(machine.export.unwrap().folder, here("stick"));
        let decoder = machine.id_reader.photo_decoder.unwrap().program();
        assert_eq!(decoder.path, here("decoder/decoder"));
    }

    #[test]
    fn a_decoder_that_could_read_the_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("machine.toml");
        for program in ["data/decoder", "data/tools/decoder", "decoder", "/decoder"] {
            fs::write(&file, GOOD.replace("decoder/decoder", program)).unwrap();
            let error = Machine::load(&file).unwrap_err().to_string();
            let (_, what) = error.split_once("machine.toml:").unwrap();
            let expected = "13: id_reader.photo_decoder.program: expected a program in a folder";
            assert!(what.starts_with(expected), "{program}: {error}");
        }
    }

    /// `expected` is what the message begins with, after the name of the file.
    fn refused(right: &str, wrong: &str, expected: &str) {
        let text = GOOD.replacen(right, wrong, 1);
        assert_ne!(text, GOOD, "{right} is not in the file");
        let error = error_of(&text);
        assert!(error.starts_with(&format!("machine.toml:{expected}")), "{wrong}: {error}");
    }

    #[test]
    fn every_kind_of_mistake_names_file_line_field_and_what_was_expected() {
        refused("baud = 115200", "baud = 115201", "11: id_reader.baud: expected 9600,");
        refused("baud = 115200", "baud = \"fast\"", "11: id_reader.baud: invalid type: string");
        refused("station = 17", "station = 0", "1: station: expected a station number");
        refused(
            "url = \"https:",
            "url = \"http:",
            "8: hall.url: expected an address such as https",
        );
        refused(
            "width = 1080",
            "widht = 1080",
            "54: screen.widht: unknown field `widht`, expected",
        );
        refused("folder = \"sim/camera\"\n", "", "16: camera.folder: missing field `folder`");
        refused(", en = \"Longsha Station\"", "", "2: name.en: missing field `en`");
        refused("phone = \"0452-0000000\"", "phone = \"\"", "3: phone: expected a phone number");
        refused("[hall]", "[hall", "7: hall: ");
        refused("width = 1080", "width = 10", "54: screen.width: expected 480 to 4096");
        refused("slips = \"assets/slips\"\n", "", "1: slips: missing field `slips`");
        refused("ACS ACR39U ICC Reader", " ", "40: chip_cards.reader: expected a text");
        refused(
            "[\"WL\"]",
            "[\"\"]",
            "15: id_reader.photo_decoder.reads: expected the 1 to 4 letters",
        );
        refused("[\"WL\"]", "\"WL\"", "15: id_reader.photo_decoder.reads: invalid type: string");
        refused("\"journalctl\", \"--unit=kiosk\"", "", "58: export.log: expected a program");
        refused("off = [", "on = [", "60: power.on: unknown field `on`");
        refused(
            "[keypad]\nport = \"sim/keypad\"\nbaud = 9600\n",
            "",
            "61: speech: expected a [keypad]",
        );
        refused("voice_en = \"en-gb\"\n", "", "64: speech.voice_en: missing field `voice_en`");
        refused("\"utf8\"", "\"big5\"", "38: code_scanner.charset: unknown variant `big5`,");
    }

    #[test]
    fn a_room_that_cannot_be_names_its_line() {
        refused("address = 1\n", "address = 0\n", "44: room.address: expected a board address");
        refused("input = 1", "input = 9", "46: room.inputs.input: expected a terminal from 1");
        refused(
            "input = 2",
            "input = 1",
            "45: room.inputs: expected that every input has one wire, got input 1 twice",
        );
        refused(
            "relay = 8",
            "relay = 2",
            "49: room.outputs: expected that every relay has one wire, got relay 2 twice",
        );
        refused("\"released\"", "\"off\"", "52: room.outputs.on_when: unknown variant `off`,");
        refused(
            "\"normally_open\"",
            "\"open\"",
            "47: room.inputs.contact: unknown variant `open`,",
        );
    }

    #[test]
    fn a_locker_that_cannot_be_names_the_line_of_the_board_or_cell() {
        let twice = "{ number = 1, board = 1, lock = 2";
        refused(
            "{ number = 2, board = 1, lock = 2",
            twice,
            "30: locker.cells.number: expected that every door stands once, got door 01 twice",
        );
        refused(
            "lock = 2",
            "lock = 1",
            "30: locker.cells.lock: expected that every lock holds one door, got doors 01 and 02 on lock 1 of board 1",
        );
        refused(
            "lock = 12",
            "lock = 13",
            "31: locker.cells.lock: expected that door 03 hangs on lock 1 to 12 of board 1, got lock 13",
        );
        refused(
            "board = 1, lock = 12",
            "board = 2, lock = 12",
            "31: locker.cells.board: expected that door 03 hangs on a board of the cabinet, got board 2",
        );
        refused(
            "number = 1,",
            "number = 0,",
            "29: locker.cells.number: expected a cell number from 1, got 0",
        );
        refused(
            "\"A4Thick\"",
            "\"A5\"",
            "30: locker.cells.size: unknown variant `A5`, expected one of `A4`",
        );
        refused(", size = \"A3\"", "", "31: locker.cells.size: missing field `size`");
    }

    #[test]
    fn a_board_that_cannot_be_names_its_line() {
        refused(
            "short_when_locked",
            "closed",
            "26: locker.boards.polarity: unknown variant `closed`, expected `short_when_locked` or",
        );
        refused(
            "high_first",
            "big",
            "26: locker.boards.byte_order: unknown variant `big`, expected `high_first` or",
        );
        refused(
            "address = 1",
            "address = 33",
            "26: locker.boards.address: expected that a board address is 1 to 32, got 33",
        );
        refused(
            "channels = 12",
            "channels = 51",
            "26: locker.boards.channels: expected that board 1 has 1 to 50 channels, got 51",
        );
        refused(
            "channels = 12",
            "chanels = 12",
            "26: locker.boards.chanels: unknown field `chanels`, expected",
        );
        refused(
            "kept_for_results = 1",
            "kept_for_results = 4",
            "24: locker.kept_for_results: expected at most the 3 cells of the cabinet, got 4",
        );
        refused("baud = 9600", "baud = 9601", "23: locker.baud: expected 9600,");
        let board = "    { address = 1, channels = 12, polarity = \"short_when_locked\", byte_order = \"high_first\" },\n";
        refused(
            board,
            &board.repeat(2),
            "27: locker.boards.address: expected that every board has an address of its own, got 1 twice",
        );
        refused(board, "", "25: locker.boards: expected that a cabinet has a board, got none");
    }

    #[test]
    fn boards_and_cells_may_stand_on_one_line() {
        let (start, rest) = GOOD.split_once("boards = [").unwrap();
        let (_, screen) = rest.split_once("[screen]").unwrap();
        let board = "{ address = 1, channels = 8, polarity = \"short_when_open\", byte_order = \"low_first\" }";
        let cell = "{ number = 1, board = 1, lock = 9, size = \"A4\" }";
        let text = format!("{start}boards = [{board}]\ncells = [{cell}]\n[screen]{screen}");
        let error = error_of(&text);
        assert!(error.starts_with("machine.toml:26: locker.cells.lock: expected that"), "{error}");
        let error = error_of(&text.replace("lock = 9", "lock = true"));
        assert!(error.starts_with("machine.toml:26: locker.cells.lock: invalid type"), "{error}");
    }
}
