//! The core and a printer made of a table of jobs, on virtual time.

use std::collections::BTreeMap;

use device_api::{
    RequestId,
    page_printer::{Document, Event, Format, Health, Refusal, Request},
};
use ipp::{attribute::IppAttribute, model::DelimiterTag};
use kiosk_words::{Moment, Private};

use crate::page_printer::{
    PagePrinter,
    codec::{A4, Address, Command, Message as Wire, build, command::job_name},
    core::{Failure, Heard, Input, Message, Output},
    timings::PRODUCTION,
};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Air {
    Clear,
    Refused,
    Silent,
    Broken,
    Garbage,
}

#[derive(Debug, Clone)]
pub(super) struct FakeJob {
    pub(super) state: i32,
    pub(super) name: String,
    pub(super) n_out: Option<i32>,
    /// Whether `time-at-processing` has a value; `None`: it is not offered.
    pub(super) has_begun: Option<bool>,
    pub(super) reason: &'static str,
    pub(super) obeys: bool,
}

#[derive(Debug)]
pub(super) struct Fake {
    pub(super) state: i32,
    pub(super) reasons: Vec<&'static str>,
    pub(super) accepting: bool,
    pub(super) media: Option<&'static str>,
    pub(super) formats: Vec<&'static str>,
    pub(super) n_ever: Option<i32>,
    pub(super) jobs: BTreeMap<i32, FakeJob>,
    /// What the next jobs are like.
    pub(super) counts: bool,
    pub(super) air: Air,
    /// This request fares like this, once.
    pub(super) spoiled: Option<(&'static str, Air)>,
    /// This request is answered with this status, once.
    pub(super) status: Option<(&'static str, u16)>,
    pub(super) heard: Vec<&'static str>,
    pub(super) documents: Vec<Vec<u8>>,
}

impl Fake {
    fn new() -> Self {
        Self {
            state: 3,
            reasons: Vec::new(),
            accepting: true,
            media: Some(A4),
            formats: vec!["application/pdf", "image/pwg-raster"],
            n_ever: Some(100),
            jobs: BTreeMap::new(),
            counts: true,
            air: Air::Clear,
            spoiled: None,
            status: None,
            heard: Vec::new(),
            documents: Vec::new(),
        }
    }

    pub(super) fn add_stranger(&mut self, obeys: bool) -> i32 {
        let name = "somebody's holiday".to_owned();
        self.add(FakeJob { state: 5, name, n_out: None, has_begun: None, reason: "none", obeys })
    }

    fn add(&mut self, job: FakeJob) -> i32 {
        let id = self.jobs.keys().last().map_or(1, |last| last + 1);
        self.jobs.insert(id, job);
        id
    }

    pub(super) fn last(&mut self) -> &mut FakeJob {
        self.jobs.values_mut().last().unwrap()
    }

    /// So many pages more of the last job.
    pub(super) fn put_out(&mut self, n_pages: i32) {
        self.n_ever = self.n_ever.map(|n_ever| n_ever + n_pages);
        let job = self.last();
        job.state = 5;
        job.has_begun = job.has_begun.map(|_| true);
        job.n_out = job.n_out.map(|n_out| n_out + n_pages);
    }

    /// `None`: no answer comes.
    fn hear(&mut self, message: &Message) -> Option<Heard> {
        let name = message.command.name();
        self.heard.push(name);
        let spoils = self.spoiled.take_if(|(of, _)| *of == name).map(|(_, air)| air);
        let air = spoils.unwrap_or(self.air);
        if air != Air::Refused {
            self.documents.extend(message.document.as_ref().map(|bytes| bytes.expose().clone()));
        }
        let request_id = Wire::read(&message.head).unwrap().request_id;
        let status = self.status.take_if(|(of, _)| *of == name).map(|(_, status)| status);
        match air {
            Air::Clear => Some(Heard::Answer(self.answer(message.command, request_id, status))),
            Air::Refused => Some(Heard::Failed(Failure::NotConnected)),
            Air::Broken => {
                self.answer(message.command, request_id, status);
                Some(Heard::Failed(Failure::Broken))
            }
            Air::Garbage => Some(Heard::Answer(b"HTTP is not IPP".to_vec())),
            Air::Silent => None,
        }
    }

    fn answer(&mut self, command: Command, request_id: i32, status: Option<u16>) -> Vec<u8> {
        if let Some(status) = status {
            return build::message(status, request_id, Vec::new());
        }
        let (status, groups) = match command {
            Command::AskPrinter => {
                (0, vec![(DelimiterTag::PrinterAttributes, self.printer_attributes())])
            }
            Command::AskJobs => {
                let open = self.jobs.iter().filter(|(_, job)| job.state < 7);
                let group = |(id, job): (&i32, &FakeJob)| {
                    let id = build::integer("job-id", *id);
                    (DelimiterTag::JobAttributes, vec![id, build::number("job-state", job.state)])
                };
                (0, open.map(group).collect())
            }
            Command::CancelJob(id) => {
                let job = self.jobs.get_mut(&id).filter(|job| job.obeys && job.state < 7);
                let done = job.map(|job| job.state = 7);
                (if done.is_some() { 0 } else { 0x0404 }, Vec::new())
            }
            Command::AskJob(id) => match self.jobs.get(&id) {
                Some(job) => (0, vec![(DelimiterTag::JobAttributes, job_attributes(id, job))]),
                None => (0x0406, Vec::new()),
            },
            Command::Print { n_job, .. } => {
                let n_out = self.counts.then_some(0);
                let (name, has_begun) = (job_name(n_job), Some(false));
                let reason = "none";
                let job = FakeJob { state: 3, name, n_out, has_begun, reason, obeys: true };
                let id = self.add(job.clone());
                (0, vec![(DelimiterTag::JobAttributes, job_attributes(id, &job))])
            }
        };
        build::message(status, request_id, groups)
    }

    fn printer_attributes(&self) -> Vec<IppAttribute> {
        let mut group = vec![
            build::text("printer-make-and-model", "Fake A4"),
            build::media_types("document-format-supported", self.formats.iter().copied()),
            build::number("printer-state", self.state),
            build::boolean("printer-is-accepting-jobs", self.accepting),
        ];
        if self.reasons.is_empty() {
            group.push(build::keyword("printer-state-reasons", "none"));
        } else {
            group.push(build::keywords("printer-state-reasons", self.reasons.iter().copied()));
        }
        group.extend(self.media.map(|media| build::keyword("media-ready", media)));
        group.extend(self.n_ever.map(|n| build::integer("printer-impressions-completed", n)));
        group
    }
}

fn job_attributes(id: i32, job: &FakeJob) -> Vec<IppAttribute> {
    let mut group = vec![
        build::integer("job-id", id),
        build::number("job-state", job.state),
        build::name("job-name", &job.name),
        build::keyword("job-state-reasons", job.reason),
    ];
    group.extend(job.n_out.map(|n_out| build::integer("job-impressions-completed", n_out)));
    group.extend(job.has_begun.map(|begun| match begun {
        true => build::integer("time-at-processing", 12),
        false => build::nothing("time-at-processing"),
    }));
    group
}

pub(super) struct Rig {
    pub(super) core: PagePrinter,
    pub(super) fake: Fake,
    pub(super) now: Moment,
    pub(super) events: Vec<Event>,
}

pub(super) fn document(n_pages: u16) -> Document {
    let bytes = Private::new(format!("%PDF of {n_pages} pages").into_bytes());
    Document { format: Format::Pdf, bytes, n_pages }
}

impl Rig {
    pub(super) fn new() -> Self {
        let address = Address::parse("ipp://127.0.0.1:8631/ipp/print").unwrap();
        let core = PagePrinter::new(address, PRODUCTION);
        Self { core, fake: Fake::new(), now: Moment(0), events: Vec::new() }
    }

    pub(super) fn ready() -> Self {
        let mut rig = Self::new();
        rig.run_ms(1);
        assert_eq!(rig.health(), Health::Ready);
        rig.fake.heard.clear();
        rig
    }

    pub(super) fn health(&self) -> Health {
        self.core.status().health
    }

    pub(super) fn print(&mut self, id: u64, n_pages: u16) {
        self.step(Input::Ask(RequestId(id), Request::Print(document(n_pages))));
    }

    pub(super) fn cancel(&mut self, id: u64) {
        self.step(Input::Ask(RequestId(id), Request::Cancel));
    }

    /// A document of which the printer has the job.
    pub(super) fn printing(n_pages: u16) -> Self {
        let mut rig = Self::ready();
        rig.print(1, n_pages);
        assert_eq!(rig.fake.documents.len(), 1);
        rig
    }

    pub(super) fn step(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.core.handle(input, self.now) {
                match output {
                    Output::Send(message) => {
                        inputs.extend(self.fake.hear(&message).map(Input::Heard));
                    }
                    Output::GiveUp => {}
                    Output::Tell(event) => self.events.push(event),
                }
            }
        }
    }

    pub(super) fn run_ms(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(due) = self.core.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.step(Input::Tick);
        }
        self.now = end;
    }

    /// Half an hour is more than any of it takes.
    pub(super) fn run_until(&mut self, is_it: impl Fn(&Self) -> bool) {
        let end = self.now.plus_ms(1_800_000);
        while !is_it(self) {
            let due = self.core.deadline().expect("always waits for something");
            assert!(due <= end, "does not come: {:?}, {:?}", self.core.state(), self.events);
            self.now = self.now.max(due);
            self.step(Input::Tick);
        }
    }

    pub(super) fn answers_to(&self, id: u64) -> Vec<&Event> {
        self.events.iter().filter(|event| event.answers() == Some(RequestId(id))).collect()
    }

    pub(super) fn answer_to(&mut self, id: u64) -> Event {
        self.run_until(|rig| !rig.answers_to(id).is_empty());
        let answers = self.answers_to(id);
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers[0].clone()
    }

    pub(super) fn refusal_of(&mut self, id: u64) -> Refusal {
        let answer = self.answer_to(id);
        let Event::Refused(_, refusal) = answer else { panic!("not refused: {answer:?}") };
        refusal
    }

    pub(super) fn n_heard(&self, name: &str) -> usize {
        self.fake.heard.iter().filter(|heard| **heard == name).count()
    }
}
