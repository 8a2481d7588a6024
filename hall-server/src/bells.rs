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

#[derive(Debug, Clone, Default)]
pub struct Bells(Arc<Mutex<BTreeMap<StationId, watch::Sender<u64>>>>);

impl Bells {
    fn all(&self) -> MutexGuard<'_, BTreeMap<StationId, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn listen(&self, station: StationId) -> watch::Receiver<u64> {
        self.all().entry(station).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    pub fn ring(&self, station: StationId) {
        if let Some(bell) = self.all().get(&station) {
            bell.send_modify(|n_rung| *n_rung += 1);
        }
    }
}
