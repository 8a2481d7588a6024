//! Reads transcripts and plays them: `>` host to device, `<` device to host, `*` what a hand, the
//! app or the test does. Times are virtual milliseconds.
//!
//! The driver must write each `>` byte for byte when its time comes; the twin must have said the `<`
//! bytes by theirs, and nothing else. A device adds what its acts mean, and nothing more.

use std::{fs, path::Path};

use device_api::RequestId;
use device_drivers::machine::{Input, Machine, Output};
use device_sim::{port::Twin, wire::Speak};
use kiosk_words::Moment;

/// Times in a transcript are cut to whole milliseconds; the twin's are those at which a byte has
/// left.
const CUT_MS: u64 = 1;

/// What a line of a transcript is.
#[derive(Debug)]
pub(crate) enum Line {
    ToDevice(Vec<u8>),
    FromDevice(Vec<u8>),
    Act(Vec<String>),
}

/// Lines with their number and time; consecutive bytes from the device at one time are one line.
fn lines(device: &str, text: &str) -> Vec<(usize, Moment, Line)> {
    let mut lines: Vec<(usize, Moment, Line)> = Vec::new();
    let header = format!("wire 1  device={device} ");
    assert!(text.starts_with(&header), "every transcript has a header");
    for (at, row) in text.lines().enumerate().skip(1) {
        if row.starts_with('#') {
            continue;
        }
        let mut words = row.split_whitespace();
        let time = Moment(words.next().unwrap().parse().unwrap());
        let mark = words.next().unwrap();
        let rest: Vec<String> = words.map(str::to_owned).collect();
        let bytes = || rest.iter().map(|b| u8::from_str_radix(b, 16).unwrap()).collect::<Vec<u8>>();
        let line = match mark {
            ">" => Line::ToDevice(bytes()),
            "<" => Line::FromDevice(bytes()),
            "*" => Line::Act(rest),
            other => panic!("line {}: no mark {other:?}", at + 1),
        };
        match (lines.last_mut(), line) {
            (Some((_, last, Line::FromDevice(have))), Line::FromDevice(more)) if *last == time => {
                have.extend(more);
            }
            (_, line) => lines.push((at + 1, time, line)),
        }
    }
    lines
}

/// The transcripts of a device, of which there are so many at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transcripts {
    pub(crate) device: &'static str,
    pub(crate) n_min: usize,
}

/// A driver's core, what it told so far, and whether it gave its link up.
pub(crate) struct Driver<M: Machine> {
    pub(crate) core: M,
    pub(crate) events: Vec<M::Event>,
    pub(crate) is_closed: bool,
    written: Vec<u8>,
    next_id: u64,
}

impl<M: Machine> Driver<M> {
    fn new(core: M) -> Self {
        let (events, written) = (Vec::new(), Vec::new());
        let mut driver = Self { core, events, written, is_closed: false, next_id: 0 };
        driver.take(Input::LinkUp, Moment(0));
        driver
    }

    /// These bytes are the next that it wrote.
    fn wrote(&mut self, at: &str, bytes: &[u8]) {
        let n = bytes.len().min(self.written.len());
        let next: Vec<u8> = self.written.drain(..n).collect();
        assert_eq!(next, bytes, "{at}, and behind it {:02x?}", self.written);
    }

    fn take(&mut self, input: Input<'_, M::Ask>, now: Moment) {
        for output in self.core.handle(input, now) {
            match output {
                Output::Write(bytes) => self.written.extend(bytes),
                Output::Tell(event) => self.events.push(event),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
                Output::CloseLink(_) => self.is_closed = true,
            }
        }
    }

    fn run_until(&mut self, now: Moment) {
        while let Some(due) = self.core.deadline().filter(|due| *due <= now) {
            self.take(Input::Tick, due);
        }
    }

    /// Asks under the next id.
    pub(crate) fn ask(&mut self, ask: M::Ask, now: Moment) {
        self.next_id += 1;
        self.take(Input::Ask(self.last_id(), ask), now);
        self.run_until(now);
    }

    pub(crate) const fn last_id(&self) -> RequestId {
        RequestId(self.next_id)
    }
}

impl Transcripts {
    /// Each of them, by name, as lines with their number and time.
    pub(crate) fn each(self, play: impl Fn(&str, Vec<(usize, Moment, Line)>)) {
        let Self { device, n_min } = self;
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts").join(device);
        let mut n = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            play(&name, lines(device, &fs::read_to_string(path).unwrap()));
            n += 1;
        }
        assert!(n >= n_min, "only {n} transcripts found");
    }

    /// `act`: what the words of an act mean to the driver; what is the twin's it lets pass.
    pub(crate) fn play_to_driver<M: Machine>(
        self,
        core: impl Fn() -> M,
        act: impl Fn(&mut Driver<M>, &[&str], Moment),
    ) {
        self.each(|name, lines| {
            let mut driver = Driver::new(core());
            for (at, now, line) in lines {
                driver.run_until(now);
                match line {
                    Line::ToDevice(bytes) => driver.wrote(&format!("{name} line {at}"), &bytes),
                    Line::FromDevice(bytes) => {
                        let early = &driver.written;
                        assert!(early.is_empty(), "{name} line {at}: {early:02x?}");
                        driver.take(Input::Chunk(&bytes), now);
                    }
                    Line::Act(words) => act(&mut driver, &as_words(&words), now),
                }
            }
            assert!(driver.written.is_empty(), "{name}: {:02x?} at the end", driver.written);
        });
    }

    /// `act_of`: what the words of an act mean to the twin; nothing if they are the driver's.
    pub(crate) fn play_to_twin<T: Twin>(
        self,
        twin: impl Fn() -> T,
        act_of: impl Fn(&[&str]) -> Option<T::Act>,
        look_at_end: impl Fn(&T::Look),
    ) {
        self.each(|name, lines| {
            let mut device = Device { twin: twin(), said: Vec::new() };
            for (at, now, line) in lines {
                device.run_until(now);
                match line {
                    Line::ToDevice(bytes) => {
                        assert_eq!(device.said_by(now), [0; 0], "{name} line {at}: not awaited");
                        let said = device.twin.hear(&bytes, now);
                        device.says(said);
                    }
                    Line::FromDevice(bytes) => {
                        let said = device.said_by(now.plus_ms(CUT_MS));
                        assert_eq!(said, bytes, "{name} line {at}");
                    }
                    Line::Act(words) => {
                        if let Some(act) = act_of(&as_words(&words)) {
                            let said = device.twin.touch(act, now);
                            device.says(said);
                        }
                    }
                }
            }
            assert_eq!(device.said, [], "{name}");
            look_at_end(&device.twin.look(Moment(0)));
        });
    }
}

/// Plays what was recorded: a real driver was a little later than it was due, so its bytes are
/// compared as a whole. Returns what the driver told.
pub(crate) fn play_recorded<M: Machine>(
    device: &str,
    text: &str,
    core: M,
    act: impl Fn(&mut Driver<M>, &[&str], Moment),
) -> Vec<M::Event> {
    let mut driver = Driver::new(core);
    let mut recorded = Vec::new();
    for (_, now, line) in lines(device, text) {
        driver.run_until(now);
        match line {
            Line::ToDevice(bytes) => recorded.extend(bytes),
            Line::FromDevice(bytes) => driver.take(Input::Chunk(&bytes), now),
            Line::Act(words) => act(&mut driver, &as_words(&words), now),
        }
    }
    driver.wrote("the whole recording", &recorded);
    driver.events
}

struct Device<T: Twin> {
    twin: T,
    /// On the wire, in its order.
    said: Vec<Speak>,
}

impl<T: Twin> Device<T> {
    fn run_until(&mut self, now: Moment) {
        while let Some(due) = self.twin.deadline().filter(|due| *due <= now) {
            let said = self.twin.pass_time(due);
            self.says(said);
        }
    }

    fn says(&mut self, said: Vec<Speak>) {
        self.said.extend(said);
        self.said.sort_by_key(|speak| speak.at);
    }

    /// What has been said by this time and not been heard yet.
    fn said_by(&mut self, now: Moment) -> Vec<u8> {
        let n = self.said.iter().take_while(|speak| speak.at <= now).count();
        self.said.drain(..n).flat_map(|speak| speak.bytes).collect()
    }
}

pub(crate) fn as_words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
