//! The transcripts of the receipt printer.

use device_api::receipt_printer::{
    Align, Event, Fault, Health, Line, Part, Reply, Request, Scale, Slip,
};
use device_drivers::receipt_printer::{Baud, ReceiptPrinter, Typeface, timings::PRODUCTION};
use device_sim::printer::{self, Act, Cover, PrinterTwin};
use kiosk_words::{Moment, Private};

use super::wire::{Driver, Transcripts};

const ALL: Transcripts = Transcripts { device: "receipt-printer", n_min: 4 };

pub(super) fn typeface() -> Typeface {
    printer::typeface(printer::FONT.as_ref()).unwrap()
}

pub(super) fn driver() -> ReceiptPrinter {
    ReceiptPrinter::new(Baud::B115200, typeface(), PRODUCTION)
}

/// A slip of one line: the bytes of its letters are the most of every transcript.
pub(super) fn print() -> Request {
    let text = Private::text("NDE1 0017");
    let line = Line { text, scale: Scale::Normal, align: Align::Left, bold: false };
    Request::Print { slip: Box::new(Slip { parts: vec![Part::Line(line)] }), reprint: false }
}

fn act(driver: &mut Driver<ReceiptPrinter>, words: &[&str], now: Moment) {
    match words {
        ["ask", "print"] => driver.ask(print(), now),
        ["expect", "ready"] => assert_eq!(driver.core.status().health, Health::Ready),
        ["expect", "paper_out"] => {
            assert_eq!(driver.core.status().health, Health::Down(Fault::PaperOut));
        }
        ["expect", "cover_open"] => {
            assert_eq!(driver.core.status().health, Health::Down(Fault::CoverOpen));
        }
        ["expect", "printed"] => {
            let printed = Event::Done(driver.last_id(), Reply::Printed);
            assert!(driver.events.contains(&printed), "{:?}", driver.events);
        }
        ["paper" | "cover", _] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(driver, act);
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["paper", left_mm] => Act::SetPaper { left_mm: left_mm.parse().unwrap() },
        ["cover", "open"] => Act::SetCover(Cover::Open),
        ["cover", "closed"] => Act::SetCover(Cover::Closed),
        ["ask" | "expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_says_every_line_of_the_device_byte_for_byte() {
    ALL.play_to_twin(|| PrinterTwin::new(typeface()), act_of, |_| {});
}
