//! What a host sends, with its bytes, and how the printer's end reads them.
//!
//! Sources: the protocol notes (devices, 2) and what the manuals of the family agree on. `DLE`
//! commands act as soon as they are received, wherever they stand: even as part of a picture
//! ([`Ink::defuse`]). All others act in order.

use device_api::receipt_printer::{Align, Scale};

const LF: u8 = 0x0A;
const DLE: u8 = 0x10;
const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;

/// No command of a slip is longer: after so many NUL bytes none waits for its rest any more.
pub const COMMAND_LEN_MAX: usize = 768;

/// Which status a `DLE EOT` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusKind {
    Printer,
    OffLine,
    Error,
    Paper,
}

impl StatusKind {
    pub const ALL: [Self; 4] = [Self::Printer, Self::OffLine, Self::Error, Self::Paper];

    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Printer => 1,
            Self::OffLine => 2,
            Self::Error => 3,
            Self::Paper => 4,
        }
    }

    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Printer => Some(Self::OffLine),
            Self::OffLine => Some(Self::Error),
            Self::Error => Some(Self::Paper),
            Self::Paper => None,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// A picture in dots: rows from the top, eight dots a byte, the leftmost highest; 1 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    /// Bytes of one row.
    pub row_len: u16,
    pub bytes: Vec<u8>,
}

impl Ink {
    #[must_use]
    pub fn n_rows(&self) -> u16 {
        let rows = self.bytes.len() / usize::from(self.row_len.max(1));
        u16::try_from(rows).unwrap_or(u16::MAX)
    }

    /// The same picture as several, one below the other, each of so many bytes at most.
    #[must_use]
    pub fn bands(&self, len_max: usize) -> Vec<Self> {
        let row_len = usize::from(self.row_len.max(1));
        let band_len = (len_max / row_len).max(1) * row_len;
        let bands = self.bytes.chunks(band_len);
        bands.map(|bytes| Self { row_len: self.row_len, bytes: bytes.to_vec() }).collect()
    }

    /// Blackens one more dot wherever the picture would read as a real-time command (10 04, 10 05,
    /// 10 14): the printer obeys those inside a picture, too, and one of them empties its buffer.
    pub fn defuse(&mut self) {
        for at in 1..self.bytes.len() {
            if self.bytes[at - 1] == DLE && matches!(self.bytes[at], 0x04 | 0x05 | 0x14) {
                self.bytes[at - 1] |= 0x08;
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// DLE EOT n: tell a status at once.
    AskStatus(StatusKind),
    /// DLE ENQ 1: leave the error and go on with the line where it happened.
    Resume,
    /// DLE ENQ 2: empty the buffers and leave the error.
    Clear,
    /// ESC @: modes as after power-on, reports off. What is in the receive buffer stays.
    Initialise,
    /// GS a n: report by itself what changes (4F: everything).
    PushStatus(u8),
    /// GS r 1: tell the paper's status when everything before is done.
    AskPaper,
    /// ESC a n
    SetAlign(Align),
    /// ESC E n
    SetBold(bool),
    /// GS ! n
    SetScale(Scale),
    /// FS & and FS .: two bytes are one character.
    SetChinese(bool),
    /// Bytes of characters, printed with the line.
    Text(Vec<u8>),
    LineFeed,
    /// ESC d n
    FeedLines(u8),
    /// GS v 0
    Raster(Ink),
    /// GS ( k, function 65: model 2.
    QrModel2,
    /// GS ( k, function 67: dots of a module.
    QrModule(u8),
    /// GS ( k, function 69: level M.
    QrLevelM,
    /// GS ( k, function 80: what the code says.
    QrStore(Vec<u8>),
    /// GS ( k, function 81
    QrPrint,
    /// GS V 66 n: feed to the knife and so many dots more, cut but for one point.
    Cut {
        feed_dots: u8,
    },
    /// NUL: nothing.
    Nothing,
}

impl Command {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::AskStatus(kind) => vec![DLE, 0x04, kind.number()],
            Self::Resume => vec![DLE, 0x05, 1],
            Self::Clear => vec![DLE, 0x05, 2],
            Self::Initialise => vec![ESC, b'@'],
            Self::PushStatus(what) => vec![GS, b'a', *what],
            Self::AskPaper => vec![GS, b'r', 1],
            Self::SetAlign(Align::Left) => vec![ESC, b'a', 0],
            Self::SetAlign(Align::Centre) => vec![ESC, b'a', 1],
            Self::SetBold(bold) => vec![ESC, b'E', u8::from(*bold)],
            Self::SetScale(Scale::Normal) => vec![GS, b'!', 0x00],
            Self::SetScale(Scale::Double) => vec![GS, b'!', 0x11],
            Self::SetChinese(true) => vec![FS, b'&'],
            Self::SetChinese(false) => vec![FS, b'.'],
            Self::Text(bytes) => bytes.clone(),
            Self::LineFeed => vec![LF],
            Self::FeedLines(n) => vec![ESC, b'd', *n],
            Self::Raster(ink) => {
                let [x_lo, x_hi] = ink.row_len.to_le_bytes();
                let [y_lo, y_hi] = ink.n_rows().to_le_bytes();
                let mut bytes = vec![GS, b'v', b'0', 0, x_lo, x_hi, y_lo, y_hi];
                bytes.extend_from_slice(&ink.bytes);
                bytes
            }
            Self::QrModel2 => code_function(b'A', &[b'2', 0]),
            Self::QrModule(dots) => code_function(b'C', &[*dots]),
            Self::QrLevelM => code_function(b'E', b"1"),
            Self::QrStore(text) => code_function(b'P', &[b"0", &text[..]].concat()),
            Self::QrPrint => code_function(b'Q', b"0"),
            Self::Cut { feed_dots } => vec![GS, b'V', b'B', *feed_dots],
            Self::Nothing => vec![0],
        }
    }
}

/// GS ( k with the number of the QR code (49) and of a function.
///
/// # Panics
/// If the data is longer than any code's: its length could read as a real-time command.
fn code_function(function: u8, data: &[u8]) -> Vec<u8> {
    assert!(data.len() < 0x0400, "no code holds {} bytes", data.len());
    let len = u16::try_from(data.len() + 2).expect("a kilobyte fits two bytes");
    let [lo, hi] = len.to_le_bytes();
    let mut bytes = vec![GS, b'(', b'k', lo, hi, b'1', function];
    bytes.extend_from_slice(data);
    bytes
}

/// Bytes that begin like a command and are none that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown {
    pub byte: u8,
}

/// The printer's end: cuts received bytes into commands.
#[derive(Debug)]
pub struct CommandReader;

impl CommandReader {
    /// The command at the front and its length; `None` while its rest has not come.
    ///
    /// What is unknown is left out as printers do: an unknown pair, or one control byte.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(usize, Result<Command, Unknown>)> {
        let (first, rest) = bytes.split_first()?;
        match *first {
            0x00 => Some((1, Ok(Command::Nothing))),
            LF => Some((1, Ok(Command::LineFeed))),
            ESC => read_escape(rest),
            FS => read_chinese(rest),
            GS => read_group(rest),
            DLE => read_immediate(rest),
            control if control < 0x20 => Some((1, Err(Unknown { byte: control }))),
            _ => {
                let text: Vec<u8> = bytes.iter().copied().take_while(|b| *b >= 0x20).collect();
                Some((text.len(), Ok(Command::Text(text))))
            }
        }
    }
}

type Taken = Option<(usize, Result<Command, Unknown>)>;

fn read_escape(rest: &[u8]) -> Taken {
    let name = *rest.first()?;
    let command = match name {
        b'@' => return Some((2, Ok(Command::Initialise))),
        b'a' if *rest.get(1)? == 1 => Command::SetAlign(Align::Centre),
        b'a' => Command::SetAlign(Align::Left),
        b'E' => Command::SetBold(rest.get(1)? & 1 == 1),
        b'd' => Command::FeedLines(*rest.get(1)?),
        byte => return Some((2, Err(Unknown { byte }))),
    };
    Some((3, Ok(command)))
}

fn read_chinese(rest: &[u8]) -> Taken {
    let command = match *rest.first()? {
        b'&' => Ok(Command::SetChinese(true)),
        b'.' => Ok(Command::SetChinese(false)),
        byte => Err(Unknown { byte }),
    };
    Some((2, command))
}

fn read_group(rest: &[u8]) -> Taken {
    let name = *rest.first()?;
    let command = match name {
        b'(' => return read_code(rest),
        b'v' => return read_raster(rest),
        b'V' => {
            let command = match *rest.get(1)? {
                b'B' => Command::Cut { feed_dots: *rest.get(2)? },
                byte => return Some((3, Err(Unknown { byte }))),
            };
            return Some((4, Ok(command)));
        }
        b'a' => Command::PushStatus(*rest.get(1)?),
        b'r' if *rest.get(1)? == 1 => Command::AskPaper,
        b'!' if *rest.get(1)? == 0x11 => Command::SetScale(Scale::Double),
        b'!' => Command::SetScale(Scale::Normal),
        byte => return Some((2, Err(Unknown { byte }))),
    };
    Some((3, Ok(command)))
}

fn read_raster(rest: &[u8]) -> Taken {
    let [_, kind, _, x_lo, x_hi, y_lo, y_hi, data @ ..] = rest else { return None };
    if *kind != b'0' {
        return Some((2, Err(Unknown { byte: *kind })));
    }
    let row_len = u16::from_le_bytes([*x_lo, *x_hi]);
    let len = usize::from(row_len) * usize::from(u16::from_le_bytes([*y_lo, *y_hi]));
    let bytes = data.get(..len)?.to_vec();
    Some((8 + len, Ok(Command::Raster(Ink { row_len, bytes }))))
}

fn read_code(rest: &[u8]) -> Taken {
    let [_, family, lo, hi, data @ ..] = rest else { return None };
    let len = usize::from(u16::from_le_bytes([*lo, *hi]));
    let data = data.get(..len)?;
    let command = match (family, data) {
        (b'k', [b'1', b'A', b'2', 0]) => Ok(Command::QrModel2),
        (b'k', [b'1', b'C', dots]) => Ok(Command::QrModule(*dots)),
        (b'k', [b'1', b'E', b'1']) => Ok(Command::QrLevelM),
        (b'k', [b'1', b'P', b'0', text @ ..]) => Ok(Command::QrStore(text.to_vec())),
        (b'k', [b'1', b'Q', b'0']) => Ok(Command::QrPrint),
        (byte, _) => Err(Unknown { byte: *byte }),
    };
    Some((5 + len, command))
}

fn read_immediate(rest: &[u8]) -> Taken {
    let name = *rest.first()?;
    let command = match (name, *rest.get(1)?) {
        (0x04, number) => StatusKind::from_number(number).map(Command::AskStatus),
        (0x05, 1) => Some(Command::Resume),
        (0x05, 2) => Some(Command::Clear),
        _ => None,
    };
    Some(command.map_or((2, Err(Unknown { byte: name })), |command| (3, Ok(command))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command() -> impl Strategy<Value = Command> {
        prop_oneof![
            prop::sample::select(StatusKind::ALL.to_vec()).prop_map(Command::AskStatus),
            Just(Command::Resume),
            Just(Command::Clear),
            Just(Command::Initialise),
            any::<u8>().prop_map(Command::PushStatus),
            Just(Command::AskPaper),
            Just(Command::SetAlign(Align::Centre)),
            any::<bool>().prop_map(Command::SetBold),
            Just(Command::SetScale(Scale::Double)),
            any::<bool>().prop_map(Command::SetChinese),
            prop::collection::vec(0x20_u8.., 1..20).prop_map(Command::Text),
            Just(Command::LineFeed),
            any::<u8>().prop_map(Command::FeedLines),
            (1_u16..5, 1_usize..20).prop_flat_map(|(row_len, n_rows)| {
                prop::collection::vec(any::<u8>(), usize::from(row_len) * n_rows)
                    .prop_map(move |bytes| Command::Raster(Ink { row_len, bytes }))
            }),
            any::<u8>().prop_map(Command::QrModule),
            prop::collection::vec(any::<u8>(), 1..99).prop_map(Command::QrStore),
            Just(Command::QrPrint),
            any::<u8>().prop_map(|feed_dots| Command::Cut { feed_dots }),
            Just(Command::Nothing),
        ]
    }

    proptest! {
        #[test]
        fn each_command_is_read_as_it_was_written_and_not_before_its_last_byte(
            command in command(),
        ) {
            let bytes = command.encode();
            prop_assert_eq!(CommandReader::read(&bytes), Some((bytes.len(), Ok(command.clone()))));
            if !matches!(command, Command::Text(_)) {
                for len in 0..bytes.len() {
                    prop_assert_eq!(CommandReader::read(&bytes[..len]), None, "{} bytes", len);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_to_the_end_or_wait_for_more(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut rest = &bytes[..];
            while let Some((len, _)) = CommandReader::read(rest) {
                prop_assert!((1..=rest.len()).contains(&len));
                rest = &rest[len..];
            }
        }

        #[test]
        fn no_picture_reads_as_a_real_time_command(
            bytes in prop::collection::vec(
                prop_oneof![Just(0x10_u8), Just(4), Just(5), Just(0x14), any::<u8>()], 0..200,
            ),
        ) {
            let mut ink = Ink { row_len: 1, bytes: bytes.clone() };
            ink.defuse();
            let orders = |w: &[u8]| w[0] == 0x10 && matches!(w[1], 4 | 5 | 0x14);
            prop_assert!(!ink.bytes.windows(2).any(orders));
            // Dots are added, never taken.
            prop_assert!(ink.bytes.iter().zip(&bytes).all(|(now, before)| now & before == *before));
        }
    }
}
