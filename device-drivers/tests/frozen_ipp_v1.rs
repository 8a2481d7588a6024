//! Exact bytes of what the page printer driver asks in IPP 1.1 (RFC 8010).
//! Do not edit: printers are asked like this. If a test here fails, the code is wrong. Another
//! version gets a file of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_api::page_printer::Format;
use device_drivers::page_printer::codec::{Address, Command};

/// Tag, length and name, length and value.
const CHARSET: &[u8] = b"\x47\x00\x12attributes-charset\x00\x05utf-8";
const LANGUAGE: &[u8] = b"\x48\x00\x1Battributes-natural-language\x00\x02en";
const PRINTER: &[u8] = b"\x45\x00\x0Bprinter-uri\x00\x20ipp://10.0.0.9:631/ipp/print/a-4";
const USER: &[u8] = b"\x42\x00\x14requesting-user-name\x00\x09nightdesk";
const JOB: &[u8] = b"\x21\x00\x06job-id\x00\x04\x00\x00\x01\x02";

fn check(command: Command, groups: &[&[u8]]) {
    let address = Address::parse("ipp://10.0.0.9/ipp/print/a-4").unwrap();
    let (encoded, wanted) = (command.encode(&address, 0x0102_0304), groups.concat());
    let at = encoded.iter().zip(&wanted).position(|(a, b)| a != b);
    let shown = String::from_utf8_lossy(&encoded).into_owned();
    assert_eq!(encoded, wanted, "{command:?} differs at {at:?}: {shown}");
}

#[test]
fn how_is_the_printer() {
    check(
        Command::AskPrinter,
        &[
            // Version 1.1, operation, request.
            b"\x01\x01\x00\x0B\x01\x02\x03\x04",
            b"\x01",
            CHARSET,
            LANGUAGE,
            PRINTER,
            USER,
            b"\x44\x00\x14requested-attributes\x00\x16printer-make-and-model",
            b"\x44\x00\x00\x00\x1Fprinter-firmware-string-version",
            b"\x44\x00\x00\x00\x19document-format-supported",
            b"\x44\x00\x00\x00\x1Cprinter-resolution-supported",
            b"\x44\x00\x00\x00\x28pwg-raster-document-resolution-supported",
            b"\x44\x00\x00\x00\x0Fsides-supported",
            b"\x44\x00\x00\x00\x0Bmedia-ready",
            b"\x44\x00\x00\x00\x0Dprinter-state",
            b"\x44\x00\x00\x00\x15printer-state-reasons",
            b"\x44\x00\x00\x00\x19printer-is-accepting-jobs",
            b"\x44\x00\x00\x00\x1Dprinter-impressions-completed",
            b"\x03",
        ],
    );
}

#[test]
fn which_jobs_does_it_hold() {
    check(
        Command::AskJobs,
        &[
            b"\x01\x01\x00\x0A\x01\x02\x03\x04",
            b"\x01",
            CHARSET,
            LANGUAGE,
            PRINTER,
            USER,
            b"\x44\x00\x0Awhich-jobs\x00\x0Dnot-completed",
            b"\x44\x00\x14requested-attributes\x00\x06job-id",
            b"\x44\x00\x00\x00\x09job-state",
            b"\x03",
        ],
    );
}

#[test]
fn away_with_a_job_and_how_is_a_job() {
    check(
        Command::CancelJob(258),
        &[
            b"\x01\x01\x00\x08\x01\x02\x03\x04",
            b"\x01",
            CHARSET,
            LANGUAGE,
            PRINTER,
            JOB,
            USER,
            b"\x03",
        ],
    );
    check(
        Command::AskJob(258),
        &[
            b"\x01\x01\x00\x09\x01\x02\x03\x04",
            b"\x01",
            CHARSET,
            LANGUAGE,
            PRINTER,
            JOB,
            USER,
            b"\x44\x00\x14requested-attributes\x00\x06job-id",
            b"\x44\x00\x00\x00\x08job-name",
            b"\x44\x00\x00\x00\x09job-state",
            b"\x44\x00\x00\x00\x11job-state-reasons",
            b"\x44\x00\x00\x00\x19job-impressions-completed",
            b"\x44\x00\x00\x00\x1Ajob-media-sheets-completed",
            b"\x44\x00\x00\x00\x12time-at-processing",
            b"\x03",
        ],
    );
}

#[test]
fn a_document() {
    for (format, mime) in [
        (Format::Pdf, &b"\x49\x00\x0Fdocument-format\x00\x0Fapplication/pdf"[..]),
        (Format::PwgRaster, b"\x49\x00\x0Fdocument-format\x00\x10image/pwg-raster"),
    ] {
        check(
            Command::Print { n_job: 17, format },
            &[
                b"\x01\x01\x00\x02\x01\x02\x03\x04",
                b"\x01",
                CHARSET,
                LANGUAGE,
                PRINTER,
                USER,
                b"\x42\x00\x08job-name\x00\x0Cnightdesk-17",
                // Of the operation, not of the job.
                mime,
                b"\x02",
                b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x01",
                b"\x44\x00\x05media\x00\x10iso_a4_210x297mm",
                b"\x44\x00\x05sides\x00\x09one-sided",
                b"\x03",
            ],
        );
    }
}
