//! The next life of the station, the next visit, and what is left when the night is over.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use device_api::locker::DoorNo;
use kiosk_core::{
    Recovered,
    custody::{CellState, Envelope, held},
    effect::Query,
    event::FoundCase,
};
use kiosk_store::{Answer, STORE_KEY_FILE, Store, StoreKey};
use kiosk_words::{CaseId, Originals, WallTime};

use super::{
    CutOff, DRAINED, LIFE_MS, Night, PAGE,
    visit::{self, Visit},
};
use crate::{books::copy_data, house::Process, shadow::KEPT_FOR_RESULTS, specimens};

impl Night<'_> {
    /// Time passes, the page model is told what the dead station has written down, and it starts.
    pub(super) fn live_again(&mut self, open: &[DoorNo]) -> Result<Recovered> {
        self.lives += 1;
        let ahead = self.lives * LIFE_MS;
        self.other_clock.set(ahead)?;
        self.player.clock.set_ahead(ahead);
        let copy = tempfile::tempdir()?;
        copy_data(&self.player.house.station_data(), copy.path())?;
        let recovered = self.player.page.shadow.restart_from_copy(copy.path(), open)?;
        self.copy = Some(copy);
        self.look_at_copy(&recovered)?;
        self.player.house.revive(Process::Station)?;
        Ok(recovered)
    }

    /// What must be true at every death.
    fn look_at_copy(&mut self, recovered: &Recovered) -> Result<()> {
        ensure!(recovered.recent_starts < 3, "care mode: the hours do not pass");
        let custody = &recovered.custody;
        one_content_each(&custody.cells)?;
        // Behind an authorised door anything may lie; the next life closes it off.
        let authorised = custody.open.as_ref().map(|(_, door, _)| *door);
        self.record_fits_world(&custody.cells, authorised)?;
        for door in &self.witness.doubted {
            let state = custody.cells.iter().find(|(at, _)| at == door).map(|(_, state)| *state);
            let closed = matches!(state, Some(CellState::Quarantined { .. }));
            let still_open = custody.open.as_ref().is_some_and(|(_, at, _)| at == door);
            ensure!(closed || still_open, "{door} was in doubt and is {state:?}");
        }
        if let Some((number, door, act)) = &custody.open {
            self.trace.push(format!("        door {door} was authorised ({number}): {act:?}"));
            if self.witness.doubted.insert(*door) {
                self.outcome.n_doubted += 1;
            }
        }
        let pulses = self.n_pulses()?;
        let given = custody.last_authorisation;
        ensure!(pulses <= given, "{pulses} pulses for {given} authorisations");
        Ok(())
    }

    /// All that the doors ever got.
    fn n_pulses(&self) -> Result<u64> {
        let now: u64 = self.doors()?.iter().map(|door| u64::from(door.n_pulses)).sum();
        Ok(self.witness.n_pulses_before + now)
    }

    /// What the record claims lies where it claims; what is closed off claims nothing.
    fn record_fits_world(
        &self,
        cells: &[(DoorNo, CellState)],
        authorised: Option<DoorNo>,
    ) -> Result<()> {
        for (door, state) in cells.iter().filter(|(door, _)| Some(*door) != authorised) {
            let inside = self.witness.inside.get(&door.get()).copied();
            match state {
                CellState::Empty => {
                    ensure!(
                        inside.is_none(),
                        "{door} is empty in the record, and holds {inside:?}"
                    );
                }
                CellState::Holds(envelope) => {
                    let whose = self.whose(envelope.case)?;
                    ensure!(
                        inside == whose,
                        "{door} holds {whose:?} in the record, not {inside:?}"
                    );
                }
                CellState::Unknown | CellState::Quarantined { .. } => {}
            }
        }
        Ok(())
    }

    fn whose(&self, case: CaseId) -> Result<Option<&'static str>> {
        for who in specimens::PEOPLE {
            if self.cases_of(who)?.iter().any(|found| found.case == case) {
                return Ok(Some(who));
            }
        }
        Ok(None)
    }

    fn cases_of(&self, who: &str) -> Result<Vec<FoundCase>> {
        self.player.page.shadow.cases_of(&specimens::card(who)?.number)
    }

    pub(super) fn permit_of(&self, who: &str) -> Result<Option<FoundCase>> {
        let is_permit = |found: &FoundCase| found.matter.0 == visit::PERMIT_ID;
        Ok(self.cases_of(who)?.into_iter().rfind(is_permit))
    }

    // ---- who comes next ----

    pub(super) fn choose(&mut self) -> Result<Visit> {
        let cells = self.player.page.shadow.cells();
        let closed_off: Vec<u16> = cells
            .iter()
            .filter(|(_, state)| matches!(state, CellState::Quarantined { .. }))
            .map(|(door, _)| door.get())
            .collect();
        // Somebody who was cut off asks; somebody has to look into what is closed off.
        if let Some(CutOff { who, .. }) = self.cut_off.take()
            && self.random.chance(40)
        {
            return Ok(Visit::Asks(who));
        }
        if !closed_off.is_empty() && self.random.chance(60) {
            return Ok(Visit::LookInto(closed_off));
        }
        let who = *self.random.pick(&specimens::PEOPLE);
        let at_cabinet = self.random.chance(60);
        let permit = self.permit_of(who)?;
        let n_free = cells.iter().filter(|(_, state)| **state == CellState::Empty).count();
        Ok(match permit {
            None if at_cabinet && n_free > KEPT_FOR_RESULTS => Visit::Permit(who),
            Some(permit) if at_cabinet && !self.in_doubt(&permit) => match permit.state.originals {
                Originals::AwaitingCell if n_free > KEPT_FOR_RESULTS => Visit::Deposit(who),
                Originals::InCell if self.lies_here(&permit) => Visit::TakeBack(who),
                Originals::AwaitingCell
                | Originals::InCell
                | Originals::NotNeeded
                | Originals::TakenByHall
                | Originals::AwaitingReturn
                | Originals::Returned => Visit::Certificate(who),
            },
            None | Some(_) => Visit::Certificate(who),
        })
    }

    /// Behind a door, as far as the station knows: what staff found missing twice is not, although
    /// nobody but the hall may say so of the case. And its code is known.
    fn lies_here(&self, permit: &FoundCase) -> bool {
        let cells = self.player.page.shadow.cells();
        let holds = |state: &CellState| matches!(state, CellState::Holds(envelope) if envelope.case == permit.case);
        cells.values().any(holds) && self.witness.codes.contains_key(&permit.receipt)
    }

    fn in_doubt(&self, permit: &FoundCase) -> bool {
        let cells = self.player.page.shadow.cells();
        cells.iter().any(|(_, state)| {
            matches!(state, CellState::Quarantined { held: Some(held), .. } if held.case == permit.case)
        })
    }

    // ---- the end of the night ----

    pub(super) fn comes_to_rest(&mut self) -> Result<()> {
        self.say("no more kills");
        self.player.house.wait_for(Process::Hall)?;
        self.devices_ready()?;
        self.look_for_page(PAGE)?;
        let (house, clock) = (&self.player.house, &self.player.clock);
        clock.until(DRAINED, || Ok((house.n_outbox()? == 0).then_some(())))?;
        for who in specimens::PEOPLE {
            if let Some(permit) = self.permit_of(who)? {
                self.player.clerk.wait_for_pages(&permit.receipt.to_string(), clock)?;
            }
        }
        Ok(())
    }

    /// The sentence of this night: what a receipt was shown for is in the store and at the hall,
    /// once; nothing else is; and no cell holds two contents.
    pub(super) fn look_at_what_is_left(&mut self) -> Result<()> {
        let at_hall = self.player.clerk.all_cases()?;
        self.player.house.stop_station();
        let audit = self.player.house.verify_audit()?;
        self.trace.extend(audit);
        let data = self.player.house.station_data();
        let key = StoreKey::from_file(&data.join(STORE_KEY_FILE))?;
        let (store, recovered) = Store::open(&data, &key, WallTime(0))?;
        let mut in_store: BTreeMap<String, CaseId> = BTreeMap::new();
        for who in specimens::PEOPLE {
            for found in cases_in(&store, who)? {
                let again = in_store.insert(found.receipt.digits(), found.case);
                ensure!(again.is_none(), "receipt {} is two cases", found.receipt);
                let n_at_hall = at_hall.iter().filter(|line| names(line, &found)).count();
                ensure!(n_at_hall == 1, "{} is {n_at_hall} times at the hall", found.receipt);
            }
        }
        ensure!(at_hall.len() == in_store.len(), "the hall has {at_hall:?}");
        for (number, seen) in &self.witness.receipts {
            let case = in_store.get(number).with_context(|| format!("{number} is lost"))?;
            let written = store.receipt_code(*case)?;
            ensure!(written.as_ref() == Some(seen), "{number} on the screen was another event");
        }
        ensure!(recovered.outbox.is_empty() && recovered.scans.is_empty(), "something is owed");
        ensure!(recovered.held.is_empty(), "the hall keeps {:?} aside", recovered.held);
        ensure!(recovered.custody.open.is_none(), "a door is still authorised");
        one_content_each(&recovered.custody.cells)?;
        self.record_fits_world(&recovered.custody.cells, None)?;
        self.outcome.n_receipts = self.witness.receipts.len();
        self.outcome.n_cases = in_store.len();
        Ok(())
    }
}

fn names(line: &str, found: &FoundCase) -> bool {
    line.contains(&found.receipt.to_string())
}

fn cases_in(store: &Store, who: &str) -> Result<Vec<FoundCase>> {
    let number = specimens::card(who)?.number;
    match store.find(&Query::CasesOf { number })? {
        Answer::Cases(cases) => Ok(cases),
        other @ Answer::Code(_) => bail!("cases are {other:?}"),
    }
}

/// Every door once, every envelope behind one door.
fn one_content_each(cells: &[(DoorNo, CellState)]) -> Result<()> {
    let doors: BTreeSet<DoorNo> = cells.iter().map(|(door, _)| *door).collect();
    ensure!(doors.len() == cells.len(), "a cell holds two contents: {cells:?}");
    let mut seen = BTreeSet::new();
    for Envelope { case, content, order, .. } in cells.iter().filter_map(|(_, cell)| held(cell)) {
        ensure!(seen.insert((case, content, order)), "{case} lies in two cells: {cells:?}");
    }
    Ok(())
}
