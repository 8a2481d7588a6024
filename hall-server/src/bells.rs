//! Wakes the long polls of a station when something was committed for it.
//!
//! A bell is a hint: the cursor in the feed table is the truth. Whoever waits subscribes first and
//! looks into the table afterwards, so that nothing is missed in between.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kiosk_words::StationId;
use tokio::sync::watch;

/// `None` once the hall stops: then a listener hears at once that nothing more will ring.
type Hung = Option<BTreeMap<StationId, watch::Sender<u64>>>;

#[derive(Debug, Clone)]
pub struct Bells(Arc<Mutex<Hung>>);

impl Default for Bells {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(BTreeMap::new()))))
    }
}

impl Bells {
    fn all(&self) -> MutexGuard<'_, Hung> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The receiver's `changed` fails when the hall stops.
    pub fn listen(&self, station: StationId) -> watch::Receiver<u64> {
        match self.all().as_mut() {
            Some(bells) => bells.entry(station).or_insert_with(|| watch::channel(0).0).subscribe(),
            None => watch::channel(0).1,
        }
    }

    pub fn ring(&self, station: StationId) {
        if let Some(bell) = self.all().as_ref().and_then(|bells| bells.get(&station)) {
            bell.send_modify(|n_rung| *n_rung += 1);
        }
    }

    /// Lets every long poll end, so that a stopping hall does not wait for them.
    pub fn take_down(&self) {
        *self.all() = None;
    }
}
