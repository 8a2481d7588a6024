//! The page printer's wire as a technician sees it: what was asked, and how the printer stands.

use super::{
    codec::{Answer, JobState, Message, PrinterState, answer::Outcome},
    core::{Failure, Heard, Message as Sent},
};
use crate::wire::hidden;

/// A request by its name. A document is a person's: its length.
pub(super) fn sent_line(message: &Sent) -> String {
    let name = message.command.name();
    match &message.document {
        Some(document) => format!("{name} {}", hidden(document.expose().len())),
        None => name.to_owned(),
    }
}

/// An answer by its status and states; names of jobs may be a stranger's.
pub(super) fn heard_line(heard: &Heard) -> String {
    match heard {
        Heard::Failed(Failure::NotConnected) => "not connected".to_owned(),
        Heard::Failed(Failure::Broken) => "broken off".to_owned(),
        Heard::Failed(Failure::NotIpp) => "not IPP".to_owned(),
        Heard::Answer(bytes) => answer_line(bytes),
    }
}

fn answer_line(bytes: &[u8]) -> String {
    let answer = Message::read(bytes).and_then(|read| Answer::read(bytes, read.request_id));
    let Ok(answer) = answer else { return hidden(bytes.len()) };
    let mut line = match answer.outcome() {
        Outcome::Done => "ok".to_owned(),
        Outcome::Gone => "gone".to_owned(),
        Outcome::Busy => "busy".to_owned(),
        Outcome::NotAccepting => "not accepting".to_owned(),
        Outcome::BadDocument => format!("bad document {:#06x}", answer.status),
        Outcome::Failed(status) => format!("failed {status:#06x}"),
    };
    if let Some(report) = answer.printer() {
        line.push_str(match report.state {
            PrinterState::Idle => ", idle",
            PrinterState::Processing => ", processing",
            PrinterState::Stopped => ", stopped",
        });
        for reason in &report.reasons {
            line.push_str(", ");
            line.extend(reason.keyword.chars().filter(char::is_ascii_graphic).take(40));
        }
    }
    if let Some(state) = answer.job().and_then(|job| job.state) {
        line.push_str(match state {
            JobState::Pending => ", job pending",
            JobState::Held => ", job held",
            JobState::Processing => ", job processing",
            JobState::Stopped => ", job stopped",
            JobState::Canceled => ", job canceled",
            JobState::Aborted => ", job aborted",
            JobState::Completed => ", job completed",
        });
    }
    line
}

#[cfg(test)]
mod tests {
    use ipp::model::DelimiterTag;
    use kiosk_words::Private;

    use super::*;
    use crate::page_printer::codec::{Command, build};
    use device_api::page_printer::Format;

    #[test]
    fn neither_documents_nor_names_of_jobs_are_shown() {
        let command = Command::Print { n_job: 1, format: Format::Pdf };
        let document = Some(Private::new(b"%PDF of somebody".to_vec()));
        let sent = Sent { command, head: vec![1, 2], document };
        assert_eq!(sent_line(&sent), "Print-Job ·16·");
        let job = vec![build::name("job-name", "Zhang San"), build::number("job-state", 5)];
        let bytes = build::message(0, 1, vec![(DelimiterTag::JobAttributes, job)]);
        assert_eq!(heard_line(&Heard::Answer(bytes)), "ok, job processing");
        let printer = vec![
            build::number("printer-state", 5),
            build::keyword("printer-state-reasons", "media-jam"),
        ];
        let bytes = build::message(0, 1, vec![(DelimiterTag::PrinterAttributes, printer)]);
        assert_eq!(heard_line(&Heard::Answer(bytes)), "ok, stopped, media-jam");
        assert_eq!(heard_line(&Heard::Answer(b"<html>".to_vec())), "·6·");
    }
}
