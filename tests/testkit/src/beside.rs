//! A second store beside the model: it is told all that the model is told, and must know the same
//! after every start. With the station's real store in its place a night shows that the model tells
//! the truth, and that what was acknowledged survives the accidents of a real disk.

use std::collections::BTreeMap;

use kiosk_core::{event::Recovered, record::Record};
use kiosk_words::{Electronic, Seq, WallTime};

/// How the last life of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The process is gone, the machine went on.
    Killed,
    /// What was not flushed may be gone too.
    PowerCut,
}

/// A store that is told what the model was told; errors in words.
pub trait Beside: std::fmt::Debug {
    /// One transaction that the model has taken; the last number of the stream.
    fn persist(&mut self, records: &[Record]) -> Result<Seq, String>;

    /// The program starts again; what this store knows.
    fn starts(&mut self, after: Ended, now: WallTime) -> Result<Recovered, String>;
}

/// Where the two do not know the same; `model` is what was acknowledged.
pub(crate) fn differ(model: &Recovered, real: &Recovered) -> Result<(), String> {
    let same = |what: &str, is: bool| {
        if is { Ok(()) } else { Err(format!("the store lost or changed {what}")) }
    };
    same("the outbox", model.outbox == real.outbox)?;
    same("the pages on their way", sorted(&model.scans) == sorted(&real.scans))?;
    same("the cases kept aside", sorted(&model.held) == sorted(&real.held))?;
    same("the open session", model.interrupted == real.interrupted)?;
    same("the number of the last session", model.last_session == real.last_session)?;
    same("the receipt numbers", model.receipts == real.receipts)?;
    same("the place in the feed", model.feed_cursor == real.feed_cursor)?;
    same("the service time", model.service_time == real.service_time)?;
    same("the slips", model.prints == real.prints)?;
    same("wrong PINs", sorted(&model.lockouts) == sorted(&real.lockouts))?;
    same("what a device says of itself", model.devices == real.devices)?;
    same("that staff closed the station", model.maintenance == real.maintenance)?;
    let (ours, theirs) = (&model.custody, &real.custody);
    same("the cells", by_door(&ours.cells) == by_door(&theirs.cells))?;
    same("the orders", by_door(&ours.orders) == by_door(&theirs.orders))?;
    same("the freezes", sorted(&ours.frozen) == sorted(&theirs.frozen))?;
    same("wrong codes", sorted(&ours.wrong_codes) == sorted(&theirs.wrong_codes))?;
    same("the open authorisation", ours.open == theirs.open)?;
    same("the authorisations", ours.last_authorisation == theirs.last_authorisation)?;
    // The real store leaves out what is finished.
    let known: BTreeMap<_, _> =
        model.open_cases.iter().map(|(case, state)| (case, state)).collect();
    let agree = real.open_cases.iter().all(|(case, state)| known.get(case) == Some(&state));
    same("the state of a case", agree)?;
    let waits = model.open_cases.iter().filter(|(_, s)| s.electronic == Electronic::SavedHere);
    let has = |case| real.open_cases.iter().any(|(known, _)| known == case);
    same("a case that is not at the hall", waits.into_iter().all(|(case, _)| has(case)))
}

fn sorted<T: Clone + Ord>(all: &[T]) -> Vec<T> {
    let mut all = all.to_vec();
    all.sort();
    all
}

fn by_door<K: Ord + Copy, V: Clone>(all: &[(K, V)]) -> BTreeMap<K, V> {
    all.iter().map(|(key, value)| (*key, value.clone())).collect()
}
