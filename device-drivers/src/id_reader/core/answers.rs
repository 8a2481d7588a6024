//! What each status code means after each command (protocol notes 1.4).

use device_api::id_reader::{Event, Fault, Health, Refusal, Reply};
use kiosk_words::{Moment, Private};

use super::{
    IdReader, N_DISTRUSTS_MAX, N_REPEATS_MAX, N_RESETS_MAX, N_RESTARTS_MAX, N_SELECT_FAILS_MAX,
    Outputs, Phase, Step, Wait,
};
use crate::{
    id_reader::{
        card,
        codec::{ModuleId, ReadAnswer, ReadKind, Report, Sw3},
    },
    machine::{CloseReason, Output},
};

/// Whether a report can be the answer to this step: a success has its own length of data, so a
/// late answer to an earlier command is not taken for this one.
pub(super) fn fits(step: Step, report: &Report) -> bool {
    let len = report.data.expose().len();
    match report.sw3 {
        Sw3::Ok => match step {
            Step::Greet => len == 16,
            Step::Probe(_) | Step::Alive | Step::ResetModule => len == 0,
            Step::Select => len == 8,
            Step::Read(ReadKind::Base) => len >= 4,
            Step::Read(ReadKind::BaseFingerprint) => len >= 6,
            Step::Added | Step::StillThere => !is_len_of_another(len),
            Step::Find => false,
        },
        Sw3::Found => step == Step::Find,
        Sw3::NoSuchItem => matches!(step, Step::Added | Step::StillThere),
        Sw3::NotFound => matches!(
            step,
            Step::Find | Step::Select | Step::Read(_) | Step::Added | Step::StillThere
        ),
        Sw3::SelectFailed => {
            matches!(step, Step::Select | Step::Read(_) | Step::Added | Step::StillThere)
        }
        Sw3::BadChecksum
        | Sw3::BadLength
        | Sw3::BadCommand
        | Sw3::NotPermitted
        | Sw3::Unrecognised
        | Sw3::CardRefusedModule
        | Sw3::ModuleRefusedCard
        | Sw3::BadSignature
        | Sw3::BadFingerprint
        | Sw3::BadInfoLength
        | Sw3::UnknownCardType
        | Sw3::ReadFailed
        | Sw3::NoRandom
        | Sw3::SelfTestFailed
        | Sw3::NotAuthorised
        | Sw3::Other(_) => true,
    }
}

/// No added addresses have these lengths, other answers do.
const fn is_len_of_another(len: usize) -> bool {
    len == 8 || len == 16 || len > 1_024
}

impl IdReader {
    pub(super) fn on_answer(
        &mut self,
        wait: Wait,
        report: &Report,
        now: Moment,
        out: &mut Outputs,
    ) {
        match report.sw3 {
            Sw3::SelfTestFailed => return self.get_stuck(Fault::SelfTestFailed, now, out),
            Sw3::NotAuthorised => return self.get_stuck(Fault::NotAuthorised, now, out),
            Sw3::BadChecksum => return self.resend(wait, N_REPEATS_MAX, now, out),
            Sw3::BadLength => return self.resend(wait, 1, now, out),
            Sw3::Ok
            | Sw3::Found
            | Sw3::NoSuchItem
            | Sw3::BadCommand
            | Sw3::NotPermitted
            | Sw3::Unrecognised
            | Sw3::CardRefusedModule
            | Sw3::ModuleRefusedCard
            | Sw3::BadSignature
            | Sw3::BadFingerprint
            | Sw3::BadInfoLength
            | Sw3::UnknownCardType
            | Sw3::ReadFailed
            | Sw3::NoRandom
            | Sw3::NotFound
            | Sw3::SelectFailed
            | Sw3::Other(_) => {}
        }
        match wait.step {
            Step::Greet => self.on_greeted(report, now),
            // A module at the usual rate that told no number before has none to tell.
            Step::Probe(baud) if baud == self.home_baud => self.on_greeted(report, now),
            Step::Probe(_) => self.send(Step::Greet, now, out),
            Step::Alive => self.rest(now),
            Step::StillThere => {
                self.status.card_present = matches!(report.sw3, Sw3::Ok | Sw3::NoSuchItem);
                self.rest(now);
            }
            Step::ResetModule => self.rest(now),
            Step::Find | Step::Select | Step::Read(_) | Step::Added => {
                if self.is_for_open_read(wait) {
                    return self.on_card_answer(wait.step, report, now, out);
                }
                // Stopped meanwhile. A card whose chip was read does lie there.
                let chip_was_read = matches!(
                    (wait.step, report.sw3),
                    (Step::Read(_), Sw3::Ok) | (Step::Added, Sw3::Ok | Sw3::NoSuchItem)
                );
                self.status.card_present = chip_was_read;
                self.rest(now);
            }
        }
    }

    fn on_greeted(&mut self, report: &Report, now: Moment) {
        // A module that has no number to tell still reads cards.
        if report.sw3 == Sw3::Ok && !report.data.expose().is_empty() {
            self.status.module_id = ModuleId::decode(report.data.expose()).map(|id| id.to_string());
        }
        self.status.health = Health::Ready;
        self.rest(now);
    }

    /// The module works with its own fault: no cards until it says otherwise.
    fn get_stuck(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        self.status.card_present = false;
        self.go_down(fault, out);
        self.phase = Phase::Stuck { check_at: now.plus_ms(self.timings.stuck_check_ms) };
    }

    /// The module did not understand the frame: the line is bad, the same frame goes again.
    fn resend(&mut self, wait: Wait, n_repeats_max: u8, now: Moment, out: &mut Outputs) {
        if wait.n_repeats < n_repeats_max {
            self.send_again(wait, now, out);
        } else {
            self.give_up_link(CloseReason::Garbage, out);
        }
    }

    /// An answer on the way from find to card, while a `Read` is open.
    fn on_card_answer(&mut self, step: Step, report: &Report, now: Moment, out: &mut Outputs) {
        match report.sw3 {
            Sw3::Found => self.send(Step::Select, now, out),
            Sw3::Ok => self.on_success(step, report, now, out),
            // Not stored on this card, or this module does not know the command.
            Sw3::NoSuchItem => self.deliver(now, out),
            Sw3::BadCommand if step == Step::Added => self.deliver(now, out),
            Sw3::BadCommand | Sw3::BadFingerprint
                if step == Step::Read(ReadKind::BaseFingerprint) =>
            {
                self.send(Step::Read(ReadKind::Base), now, out);
            }
            Sw3::NotFound if step == Step::Find => self.rest(now),
            Sw3::SelectFailed if step == Step::Select => self.on_select_failed(now, out),
            Sw3::NoRandom => self.search_again(now, out),
            Sw3::Unrecognised => self.reset_module(now, out),
            Sw3::CardRefusedModule | Sw3::ModuleRefusedCard => self.on_distrust(now, out),
            Sw3::BadSignature => {
                tracing::warn!(sw12 = ?report.sw12, "card data fails its signature");
                self.end(Refusal::BadCardData, now, out);
            }
            Sw3::UnknownCardType => self.end(Refusal::NotAnIdCard, now, out),
            Sw3::NotFound
            | Sw3::SelectFailed
            | Sw3::ReadFailed
            | Sw3::BadFingerprint
            | Sw3::BadInfoLength
            | Sw3::BadCommand
            | Sw3::NotPermitted
            | Sw3::Other(_) => {
                tracing::debug!(sw12 = ?report.sw12, sw3 = ?report.sw3, "card not read");
                self.end(Refusal::LayAgain, now, out);
            }
            Sw3::SelfTestFailed | Sw3::NotAuthorised | Sw3::BadChecksum | Sw3::BadLength => {
                unreachable!("handled for every step before")
            }
        }
    }

    fn on_success(&mut self, step: Step, report: &Report, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_ref() else { return self.rest(now) };
        match step {
            Step::Select => {
                let kind =
                    if read.what.fingerprint { ReadKind::BaseFingerprint } else { ReadKind::Base };
                self.send(Step::Read(kind), now, out);
            }
            Step::Read(kind) => self.on_chip_read(report, kind, now, out),
            Step::Added => match card::parse_new_addresses(report.data.expose()) {
                Ok(addresses) => {
                    let card = self.read.as_mut().and_then(|read| read.card.as_mut());
                    card.expect("Added follows a chip read").new_addresses = addresses;
                    self.deliver(now, out);
                }
                Err(error) => self.refuse_data(error, now, out),
            },
            Step::Greet
            | Step::Probe(_)
            | Step::Alive
            | Step::Find
            | Step::StillThere
            | Step::ResetModule => unreachable!("no card answer"),
        }
    }

    fn on_chip_read(&mut self, report: &Report, kind: ReadKind, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_mut() else { return self.rest(now) };
        let Some(answer) = ReadAnswer::decode(report.data.expose(), kind) else {
            return self.end(Refusal::LayAgain, now, out);
        };
        let mut card = match card::parse(answer.text.expose()) {
            Ok(card) => Box::new(card),
            Err(error) => return self.refuse_data(error, now, out),
        };
        let is_there = |block: &Private<Vec<u8>>| !block.expose().is_empty();
        card.photo = Some(answer.photo).filter(|block| read.what.photo && is_there(block));
        card.fingerprint =
            answer.fingerprint.filter(|block| read.what.fingerprint && is_there(block));
        read.card = Some(card);
        if read.what.new_address {
            self.send(Step::Added, now, out);
        } else {
            self.deliver(now, out);
        }
    }

    fn refuse_data(&mut self, error: card::BadCard, now: Moment, out: &mut Outputs) {
        tracing::warn!(%error, "card data refused");
        self.end(Refusal::BadCardData, now, out);
    }

    fn deliver(&mut self, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_mut() else { return self.rest(now) };
        let Some(card) = read.card.take() else {
            // 91 to anything but 30 03 is stopped by `fits`.
            unreachable!("only a read card is delivered")
        };
        out.push(Output::Tell(Event::Done(read.id, Reply::Card(card))));
        self.read = None;
        self.n_distrusts = 0;
        self.status.card_present = true;
        self.rest(now);
    }

    fn end(&mut self, refusal: Refusal, now: Moment, out: &mut Outputs) {
        self.refuse(refusal, out);
        self.rest(now);
    }

    fn on_select_failed(&mut self, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_mut() else { return self.rest(now) };
        read.n_select_fails += 1;
        if read.n_select_fails >= N_SELECT_FAILS_MAX {
            return self.end(Refusal::LayAgain, now, out);
        }
        self.rest(now);
    }

    fn search_again(&mut self, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_mut() else { return self.rest(now) };
        read.card = None;
        read.n_restarts += 1;
        if read.n_restarts > N_RESTARTS_MAX {
            return self.end(Refusal::LayAgain, now, out);
        }
        self.rest(now);
    }

    fn reset_module(&mut self, now: Moment, out: &mut Outputs) {
        let Some(read) = self.read.as_mut() else { return self.rest(now) };
        read.card = None;
        read.n_resets += 1;
        if read.n_resets > N_RESETS_MAX {
            return self.end(Refusal::LayAgain, now, out);
        }
        self.send(Step::ResetModule, now, out);
    }

    fn on_distrust(&mut self, now: Moment, out: &mut Outputs) {
        self.n_distrusts += 1;
        if self.n_distrusts < N_DISTRUSTS_MAX {
            return self.end(Refusal::LayAgain, now, out);
        }
        self.n_distrusts = 0;
        tracing::warn!("card and module do not trust each other");
        self.end(Refusal::NotTrusted, now, out);
    }
}
