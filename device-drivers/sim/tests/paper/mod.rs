//! Slips for the printer, and the font that draws on its paper.

use std::sync::OnceLock;

use device_api::receipt_printer::{Align, Line, Part, Scale, Slip};
use device_drivers::receipt_printer::Typeface;
use device_sim::printer;
use kiosk_words::Private;

pub(crate) fn typeface() -> Typeface {
    static TYPEFACE: OnceLock<Typeface> = OnceLock::new();
    TYPEFACE.get_or_init(|| printer::typeface(printer::FONT.as_ref()).unwrap()).clone()
}

pub(crate) fn line(text: &str) -> Part {
    let text = Private::text(text);
    Part::Line(Line { text, scale: Scale::Normal, align: Align::Left, bold: false })
}

pub(crate) fn title(text: &str) -> Part {
    let text = Private::text(text);
    Part::Line(Line { text, scale: Scale::Double, align: Align::Centre, bold: true })
}

/// A slip of one person: every line says whose it is.
pub(crate) fn slip_of(name: &str, n_lines: usize) -> Slip {
    let mut parts = vec![title("收件凭证"), Part::Rule];
    parts.extend((1..=n_lines).map(|n| line(&format!("{name} 第{n}行"))));
    parts.extend([Part::Gap(1), Part::Qr(Private::new(format!("OF {n_lines}")))]);
    Slip { parts }
}
