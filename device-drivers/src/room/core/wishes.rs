//! What every output is wanted to be, who waits for it, and how often it was tried.
//!
//! ```text
//!  asked ─▶ told (`SetRelay`) ─▶ read back as wanted: the asker hears `IsSet`
//!              ▲                  └─ not: told again, N_TRIES_MAX times; then refused, and told
//!              └───────────────────────── again every now and then: a state stays wanted
//! ```

use device_api::{
    RequestId,
    room::{Event, Fault, Output, Outputs, Refusal, Reply},
};
use kiosk_words::Moment;

use super::super::{codec::Bits, timings::Timings, wiring::Wiring};

/// A relay is told so often before its asker hears that it stays as it was.
const N_TRIES_MAX: u8 = 3;

#[derive(Debug, Default)]
pub(super) struct Wishes([Wish; 3]);

#[derive(Debug, Default)]
struct Wish {
    wanted: Option<bool>,
    /// Who waits, and since when.
    open: Option<(RequestId, Moment)>,
    n_tries: u8,
    /// Not told again before.
    next_try: Moment,
    /// Told, and not read back since.
    is_told: bool,
    /// Every try was in vain.
    is_tired: bool,
}

const fn at(output: Output) -> usize {
    match output {
        Output::Light => 0,
        Output::Siren => 1,
        Output::Guard => 2,
    }
}

impl Wishes {
    /// A new wish; whoever waits for another state of this output is answered.
    pub(super) fn want(
        &mut self,
        id: RequestId,
        output: Output,
        on: bool,
        now: Moment,
    ) -> Option<Event> {
        let wish = &mut self.0[at(output)];
        let superseded = wish.open.take().map(|(id, _)| Event::Refused(id, Refusal::Superseded));
        *wish = Wish { wanted: Some(on), open: Some((id, now)), ..Wish::default() };
        superseded
    }

    /// Nobody is kept waiting for a board that is down; the wishes stay.
    pub(super) fn board_down(&mut self, fault: Fault) -> Vec<Event> {
        let refused = |wish: &mut Wish| {
            (wish.is_told, wish.n_tries, wish.next_try) = (false, 0, Moment(0));
            wish.open.take().map(|(id, _)| Event::Refused(id, Refusal::DeviceDown(fault)))
        };
        self.0.iter_mut().filter_map(refused).collect()
    }

    /// The output that has to be told now.
    pub(super) fn to_tell(
        &self,
        wiring: &Wiring,
        relays: Bits,
        now: Moment,
    ) -> Option<(Output, bool)> {
        self.unfulfilled(wiring, relays)
            .find(|(_, _, wish)| !wish.is_told && now >= wish.next_try)
            .map(|(output, on, _)| (output, on))
    }

    /// When one has to be told next, whatever else happens.
    pub(super) fn next_try(&self, wiring: &Wiring, relays: Bits) -> Option<Moment> {
        let waiting = self.unfulfilled(wiring, relays).filter(|(_, _, wish)| !wish.is_told);
        waiting.map(|(_, _, wish)| wish.next_try).min()
    }

    fn unfulfilled(
        &self,
        wiring: &Wiring,
        relays: Bits,
    ) -> impl Iterator<Item = (Output, bool, &Wish)> {
        let outputs = wiring.outputs(relays);
        Output::ALL.into_iter().filter_map(move |output| {
            let wish = &self.0[at(output)];
            let on = wish.wanted.filter(|on| *on != outputs.get(output))?;
            Some((output, on, wish))
        })
    }

    pub(super) fn told(&mut self, output: Output) {
        let wish = &mut self.0[at(output)];
        wish.is_told = true;
        wish.n_tries = wish.n_tries.saturating_add(1);
    }

    /// The relays were read, by a command that was sent then.
    pub(super) fn read_back(
        &mut self,
        outputs: Outputs,
        sent: Moment,
        timings: &Timings,
        now: Moment,
    ) -> Vec<Event> {
        let mut told = Vec::new();
        for output in Output::ALL {
            let wish = &mut self.0[at(output)];
            if wish.wanted == Some(outputs.get(output)) {
                (wish.n_tries, wish.is_told, wish.is_tired) = (0, false, false);
                if let Some((id, _)) = wish.open.take_if(|(_, since)| *since <= sent) {
                    told.push(Event::Done(id, Reply::IsSet));
                }
            } else if std::mem::take(&mut wish.is_told) && wish.n_tries >= N_TRIES_MAX {
                (wish.is_tired, wish.next_try) = (true, now.plus_ms(timings.again_ms));
                let refused = |(id, _)| Event::Refused(id, Refusal::StaysAsItWas);
                told.extend(wish.open.take().map(refused));
            }
        }
        told
    }

    /// One that is not as it is wanted, after every try.
    pub(super) fn disobeys(&self, wiring: &Wiring, relays: Bits) -> Option<Output> {
        let mut unfulfilled = self.unfulfilled(wiring, relays);
        unfulfilled.find(|(_, _, wish)| wish.is_tired).map(|(output, ..)| output)
    }

    pub(super) fn open(&self) -> impl Iterator<Item = RequestId> {
        self.0.iter().filter_map(|wish| wish.open).map(|(id, _)| id)
    }
}
