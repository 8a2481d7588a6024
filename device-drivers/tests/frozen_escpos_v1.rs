//! Exact bytes of the ESC/POS printer, as known from the protocol notes (devices, 2).
//! Do not edit: if a test here fails, the code is wrong. Another family of printers gets a file
//! of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_api::receipt_printer::{Align, Line, Part, Scale, Slip};
use device_drivers::receipt_printer::{
    Typeface,
    codec::{Command, Deframer, Ink, Paper, Report, Sensed, StatusKind, encode},
};
use kiosk_words::Private;

/// Of the package fonts-noto-cjk.
const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace([' ', '|'], "")).unwrap()
}

#[test]
fn commands() {
    for (command, frame) in [
        (Command::AskStatus(StatusKind::Printer), "10 04 01"),
        (Command::AskStatus(StatusKind::OffLine), "10 04 02"),
        (Command::AskStatus(StatusKind::Error), "10 04 03"),
        (Command::AskStatus(StatusKind::Paper), "10 04 04"),
        (Command::Resume, "10 05 01"),
        (Command::Clear, "10 05 02"),
        (Command::Initialise, "1B 40"),
        (Command::PushStatus(0x4F), "1D 61 4F"),
        (Command::AskPaper, "1D 72 01"),
        (Command::SetAlign(Align::Left), "1B 61 00"),
        (Command::SetAlign(Align::Centre), "1B 61 01"),
        (Command::SetBold(true), "1B 45 01"),
        (Command::SetScale(Scale::Normal), "1D 21 00"),
        (Command::SetScale(Scale::Double), "1D 21 11"),
        (Command::SetChinese(true), "1C 26"),
        (Command::SetChinese(false), "1C 2E"),
        (Command::LineFeed, "0A"),
        (Command::FeedLines(3), "1B 64 03"),
        //                                                         m  xL xH yL yH data
        (
            Command::Raster(Ink { row_len: 2, bytes: vec![0x80, 1, 2, 3] }),
            "1D 76 30 00 02 00 02 00 80 01 02 03",
        ),
        // Feed to the knife and partial cut: function 66, not the 65 that some libraries send.
        (Command::Cut { feed_dots: 0 }, "1D 56 42 00"),
    ] {
        assert_eq!(command.encode(), bytes(frame), "{command:?}");
    }
}

#[test]
fn a_raster_across_the_whole_paper_is_72_bytes_wide() {
    let ink = Ink { row_len: 72, bytes: vec![0xFF; 72 * 24] };
    assert!(Command::Raster(ink).encode().starts_with(&bytes("1D 76 30 00 48 00 18 00 FF")));
}

#[test]
fn a_code_of_a1_with_modules_of_six_dots() {
    let commands = [
        Command::QrModel2,
        Command::QrModule(6),
        Command::QrLevelM,
        Command::QrStore(b"A1".to_vec()),
        Command::QrPrint,
    ];
    let sent: Vec<u8> = commands.iter().flat_map(Command::encode).collect();
    assert_eq!(
        sent,
        bytes(concat!(
            "1D 28 6B 04 00 31 41 32 00|",    // model 2
            "1D 28 6B 03 00 31 43 06|",       // module of 6 dots
            "1D 28 6B 03 00 31 45 31|",       // level M
            "1D 28 6B 05 00 31 50 30 41 31|", // store: length + 3
            "1D 28 6B 03 00 31 51 30",        // print
        ))
    );
}

const WELL: Sensed = Sensed {
    off_line: false,
    cover_open: false,
    feeding: false,
    paper_low: false,
    paper_out: false,
    cutter_stuck: false,
    unrecoverable: false,
    hot: false,
};

#[test]
fn answers_and_notices() {
    let off = Sensed { off_line: true, ..WELL };
    for (sensed, answers, notice) in [
        //           DLE EOT 1  2  3  4     ASB
        (WELL, "12 12 12 12", "10 00 00 0F"),
        (Sensed { cover_open: true, ..off }, "1A 16 12 12", "38 00 00 0F"),
        (Sensed { paper_out: true, ..off }, "1A 32 12 7E", "18 00 0C 0F"),
        (Sensed { cutter_stuck: true, ..off }, "1A 52 1A 12", "18 08 00 0F"),
        (Sensed { paper_low: true, ..WELL }, "12 12 12 1E", "10 00 03 0F"),
        (Sensed { hot: true, ..off }, "1A 52 52 12", "18 40 00 0F"),
        (Sensed { unrecoverable: true, ..off }, "1A 52 32 12", "18 20 00 0F"),
        (Sensed { feeding: true, ..off }, "5A 1A 12 12", "58 00 00 0F"),
    ] {
        let said: Vec<u8> = StatusKind::ALL.iter().map(|kind| sensed.answer(*kind)).collect();
        assert_eq!(said, bytes(answers), "{sensed:?}");
        assert_eq!(sensed.notice().to_vec(), bytes(notice), "{sensed:?}");
    }
}

#[test]
fn bits_that_differ_by_model_are_not_looked_at() {
    // A TM-T20: 60 in the third byte, 6F as the fourth, drawer pin high in the first.
    let mut chunk = &bytes("14 00 60 6F 16 60")[..];
    let mut deframer = Deframer::new();
    let mut heard = Vec::new();
    while let Some(item) = deframer.next(&mut chunk) {
        heard.push(item.unwrap());
    }
    let [Report::Notice(notice), Report::Answer(answer), Report::Paper(paper)] = heard[..] else {
        panic!("{heard:02X?}");
    };
    let mut sensed = Sensed { off_line: true, cover_open: true, ..WELL };
    sensed.take_notice(notice);
    assert_eq!(sensed, WELL);
    sensed.take_answer(StatusKind::Printer, answer);
    assert_eq!(sensed, WELL);
    assert_eq!(paper, Paper { low: false, out: false });
}

#[test]
fn a_whole_slip() {
    let typeface =
        Typeface::of_family(std::fs::read(FONT).unwrap(), "Noto Sans Mono CJK SC").unwrap();
    let line = |text: &str, scale, align, bold| {
        Part::Line(Line { text: Private::text(text), scale, align, bold })
    };
    let slip = Slip {
        parts: vec![
            line("办件", Scale::Double, Align::Centre, true),
            line("No. 1", Scale::Normal, Align::Left, false),
            Part::Gap(2),
            Part::Qr(Private::text("A1")),
        ],
    };
    let sent: Vec<u8> = encode(&slip, true, &typeface)
        .unwrap()
        .iter()
        .flat_map(|piece| piece.bytes.expose().clone())
        .collect();
    assert_eq!(
        sent,
        bytes(concat!(
            "1B40|1D614F|",                                // modes, reports
            "1B6101|1B4501|1D2111|1C26|B2B9B4F2|1C2E|0A|", // 补打
            "1B6101|1B4501|1D2111|1C26|B0ECBCFE|1C2E|0A|", // 办件
            "1B6100|1B4500|1D2100|4E6F2E2031|0A|",         // No. 1
            "1B6402|",                                     // two empty lines
            "1B6101|1D286B0400314132 00|1D286B0300314308|1D286B0300314531|",
            "1D286B05003150304131|1D286B0300315130|1B6100|", // A1
            "1D564200",                                      // cut
        ))
    );
}
