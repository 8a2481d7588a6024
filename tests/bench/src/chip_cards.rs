//! `pcsc_insert_to_name` and `staff_login`: what a chip card costs beside its own commands.
//!
//! The driver that ships reads cards through the real pcscd with a virtual reader, in a namespace
//! of its own: the bench runs again as a child there. The limit is a bare loop in the same process
//! that waits for the card at pcscd and sends the same commands one after the other; both begin
//! when the hand pushes the card in, so that both wait for pcscd to notice it. A login is the read
//! of a staff card, the checks of its certificates and signatures by the core, and its proof; nobody
//! types.

use std::{ffi::CString, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use device_api::{
    RequestId,
    smart_card::{Challenge, Event, Pin, Reply, Request, Slot, Status},
};
use device_drivers::{
    clock::Clock,
    smart_card::{
        Config, SmartCardHandle, SmartCardReader,
        core::{Heard, Input, Output},
        spawn,
        timings::PRODUCTION,
    },
};
use device_sim::smart_card::{
    CardSlot, Chip, Said, protocol_of,
    reader::{READER, VirtualReader, inside},
    specimen::chip,
};
use kiosk_core::staff_card::check;
use kiosk_words::{ClockQuality, Moment, Now, Private, WallTime};
use serde::{Deserialize, Serialize};
use testkit::staff_cards::{Order, trust};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{Row, disk::ms, median};

/// The argument of the child, before its folder.
pub const CHILD: &str = "--chip-cards-inside";
const N_READS: usize = 15;
const STAFF: &str = "1001";
const PIN: &str = "802461";
const CHALLENGE: Challenge = Challenge([7; 32]);
/// 2026-06-01, within the dates of the testkit's cards.
const TODAY: WallTime = WallTime(1_780_272_000_000);
/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// Milliseconds, ours and bare.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    name: (f64, f64),
    login: (f64, f64),
}

/// Two rows.
pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let socket = folder.join("socket");
    std::fs::create_dir(&socket)?;
    let mut child = inside(&socket).context("no private namespace: run as root")?;
    let me = std::env::current_exe()?;
    let output = child.arg(me).arg(CHILD).arg(folder).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the child in the namespace failed: {}", output.status);
    let Measured { name, login } = serde_json::from_slice(&output.stdout)?;
    let what = "a bare loop of the same commands";
    Ok(vec![
        Row::new("pcsc_insert_to_name", name.0, "ms", what, name.1),
        Row::new("staff_login", login.0, "ms", what, login.1),
    ])
}

/// What the child does; its figures go to standard output.
pub fn child(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(folder))?;
    serde_json::to_writer(std::io::stdout().lock(), &measured).context("standard output")
}

async fn measure(folder: &Path) -> Result<Measured> {
    let mut reader = VirtualReader::start(folder)?;
    let citizen = || chip("social_zhang_san").context("no such card");
    let staff = || Box::new(Order::of(STAFF).make()) as Box<dyn Chip>;
    let name_commands = commands_of(citizen()?, None)?;
    let login_commands = commands_of(staff(), Some(PIN))?;
    let (mut name, mut login) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..N_READS {
        name.1.push(bare(&mut reader, citizen()?, &name_commands)?);
        login.1.push(bare(&mut reader, staff(), &login_commands)?);
    }
    let stop = CancellationToken::new();
    let mut driver = Driver::start(&stop);
    for _ in 0..N_READS {
        name.0.push(driver.reads(&mut reader, citizen()?).await?);
        login.0.push(driver.logs_in(&mut reader, staff()).await?);
    }
    stop.cancel();
    let pair = |(ours, bare)| (median(ours), median(bare));
    Ok(Measured { name: pair(name), login: pair(login) })
}

/// What the driver's core sends to this card.
fn commands_of(chip: Box<dyn Chip>, pin: Option<&str>) -> Result<Vec<Private<Vec<u8>>>> {
    let (mut core, mut slot, now) = (SmartCardReader::new(PRODUCTION), CardSlot::new(), Moment(0));
    let protocol = protocol_of(&chip.atr());
    slot.put_in("a card", chip);
    let read = Input::Ask(RequestId(1), Request::Read { challenge: CHALLENGE });
    let mut inputs = vec![Input::Heard(Heard::Inserted), read];
    let mut commands = Vec::new();
    let mut pin = pin.map(pin_of).transpose()?;
    while let Some(input) = inputs.pop() {
        for output in core.handle(input, now) {
            match output {
                Output::Connect => inputs.push(Input::Heard(Heard::Connected(protocol))),
                Output::Transmit(command) => {
                    let Some(Said::Answer { bytes, .. }) = slot.hear(command.expose()) else {
                        bail!("the card is gone")
                    };
                    commands.push(command);
                    inputs.push(Input::Heard(Heard::Answer(Private::new(bytes))));
                }
                Output::Tell(Event::Done(_, Reply::StaffCard(_))) => {
                    let pin = pin.take().context("a staff card without a PIN")?;
                    let prove = Request::Prove { pin, challenge: CHALLENGE };
                    inputs.push(Input::Ask(RequestId(2), prove));
                }
                Output::LetGo | Output::Tell(_) => {}
            }
        }
    }
    Ok(commands)
}

fn pin_of(digits: &str) -> Result<Pin> {
    Pin::new(&Private::text(digits)).context("a PIN")
}

/// From the hand that pushes the card in to the last answer.
fn bare(
    reader: &mut VirtualReader,
    chip: Box<dyn Chip>,
    commands: &[Private<Vec<u8>>],
) -> Result<f64> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let name = CString::new(READER)?;
    let clock = nightdesk_e2e::clock::Clock::start();
    let began = clock.us();
    reader.slot.put_in("a card", chip)?;
    let card = loop {
        wait_for(&context, &name, true)?;
        match context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY) {
            Ok(card) => break card,
            Err(pcsc::Error::RemovedCard | pcsc::Error::NoSmartcard) => {}
            Err(error) => return Err(error.into()),
        }
    };
    let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
    for command in commands {
        card.transmit(command.expose(), &mut buffer)?;
    }
    let took = ms(clock.us() - began);
    card.disconnect(pcsc::Disposition::UnpowerCard).map_err(|(_, error)| error)?;
    reader.slot.take_out();
    wait_for(&context, &name, false)?;
    Ok(took)
}

fn wait_for(context: &pcsc::Context, name: &CString, is_there: bool) -> Result<()> {
    let mut states = [pcsc::ReaderState::new(name.clone(), pcsc::State::UNAWARE)];
    loop {
        context.get_status_change(LIMIT, &mut states)?;
        for state in &mut states {
            state.sync_current_state();
        }
        if states.iter().all(|s| s.event_state().contains(pcsc::State::PRESENT) == is_there) {
            return Ok(());
        }
    }
}

struct Driver {
    handle: SmartCardHandle,
    events: mpsc::Receiver<Event>,
    n_asked: u64,
    slot: Slot,
    clock: nightdesk_e2e::clock::Clock,
}

impl Driver {
    fn start(stop: &CancellationToken) -> Self {
        let config = Config { reader: READER.to_owned(), timings: PRODUCTION };
        let (handle, events) = spawn(config, Clock::start(), stop.child_token());
        let clock = nightdesk_e2e::clock::Clock::start();
        // Anything but empty, until it says so.
        Self { handle, events, n_asked: 0, slot: Slot::Used, clock }
    }

    async fn next(&mut self) -> Result<Event> {
        let event = timeout(LIMIT, self.events.recv()).await?.context("the driver has ended")?;
        if let Event::StatusChanged(Status { slot, .. }) = event {
            self.slot = slot;
        }
        Ok(event)
    }

    async fn is_empty(&mut self) -> Result<()> {
        while self.slot != Slot::Empty {
            self.next().await?;
        }
        Ok(())
    }

    fn ask(&mut self, request: Request) -> Result<RequestId> {
        self.n_asked += 1;
        let id = RequestId(self.n_asked);
        self.handle.ask(id, request).context("the driver takes nothing")?;
        Ok(id)
    }

    async fn reply(&mut self, id: RequestId) -> Result<Reply> {
        loop {
            match self.next().await? {
                Event::Done(of, reply) if of == id => return Ok(reply),
                Event::Refused(of, why) if of == id => bail!("refused: {why:?}"),
                Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => {}
            }
        }
    }

    async fn reads(&mut self, reader: &mut VirtualReader, chip: Box<dyn Chip>) -> Result<f64> {
        self.is_empty().await?;
        let id = self.ask(Request::Read { challenge: CHALLENGE })?;
        let began = self.clock.us();
        reader.slot.put_in("a card", chip)?;
        let reply = self.reply(id).await?;
        let took = ms(self.clock.us() - began);
        ensure!(matches!(reply, Reply::SocialCard(_)), "another card");
        reader.slot.take_out();
        Ok(took)
    }

    async fn logs_in(&mut self, reader: &mut VirtualReader, chip: Box<dyn Chip>) -> Result<f64> {
        self.is_empty().await?;
        let now = Now { moment: Moment(0), wall: TODAY, quality: ClockQuality::Synced };
        let (trust, pin) = (trust(), pin_of(PIN)?);
        let id = self.ask(Request::Read { challenge: CHALLENGE })?;
        let began = self.clock.us();
        reader.slot.put_in("a card", chip)?;
        let Reply::StaffCard(card) = self.reply(id).await? else { bail!("another card") };
        let presented = match check(&card, &CHALLENGE, &trust, now) {
            Ok(presented) => presented,
            Err(why) => bail!("the card is not good: {why:?}"),
        };
        let id = self.ask(Request::Prove { pin, challenge: CHALLENGE })?;
        let Reply::Proof(signature) = self.reply(id).await? else { bail!("no proof") };
        ensure!(presented.has_signed(&CHALLENGE, &signature), "another key");
        let took = ms(self.clock.us() - began);
        reader.slot.take_out();
        Ok(took)
    }
}
