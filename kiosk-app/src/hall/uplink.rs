//! Performs `Send`: one batch or the pages of one case, answered once. When to try again is the
//! core's.

use hall_api::wire::{Batch, EventEnvelope, SCHEMA};
use kiosk_core::{EffectId, Event, effect::Outgoing, event::SendError};
use kiosk_words::{CaseId, Epoch, Seq, StationId};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::client::{CallError, HallClient};
use crate::{answer::Answer, exit::with_causes, limits::BATCH_EVENTS, store_thread::StoreHandle};

/// Who sends.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    pub station: StationId,
    pub epoch: Epoch,
}

#[derive(Debug, Clone)]
pub struct Uplink {
    pub client: HallClient,
    pub store: StoreHandle,
    pub sender: Sender,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
}

impl Uplink {
    /// Never waits; the answer comes from a task of its own, which ends with `stop`.
    pub fn send(&self, id: EffectId, what: Outgoing, answer: Answer) {
        let (uplink, stop) = (self.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let outcome = tokio::select! { biased;
                () = stop.cancelled() => return,
                outcome = uplink.perform(id, what) => outcome,
            };
            answer.give(outcome.unwrap_or_else(|why| Event::SendFailed { id, why }));
        });
    }

    async fn perform(&self, id: EffectId, what: Outgoing) -> Result<Event, SendError> {
        match what {
            Outgoing::Events { after } => {
                let answers = self.deliver_events(after).await?;
                Ok(Event::Acked { id, answers })
            }
            Outgoing::Scans { case } => {
                self.deliver_scans(case).await?;
                Ok(Event::ScansDelivered { id, case })
            }
        }
    }

    async fn deliver_events(
        &self,
        after: Seq,
    ) -> Result<Vec<(Seq, kiosk_core::event::Delivery)>, SendError> {
        let events: Vec<EventEnvelope> =
            self.store.next_batch(after, BATCH_EVENTS).await.ok_or(SendError::Unreachable)?;
        if events.is_empty() {
            return Err(SendError::Empty);
        }
        let Sender { station, epoch } = self.sender;
        let batch = Batch { schema: SCHEMA, station, epoch, events };
        self.client.deliver(&batch).await.map_err(|error| said(&error, "events"))
    }

    async fn deliver_scans(&self, case: CaseId) -> Result<(), SendError> {
        let pages = self.store.scans_of(case).await.ok_or(SendError::Unreachable)?;
        for (page, file) in pages {
            let sent = self.client.deliver_scan(case, &page, &file).await;
            sent.map_err(|error| said(&error, "scans"))?;
        }
        Ok(())
    }
}

fn said(error: &CallError, what: &'static str) -> SendError {
    tracing::info!(what, because = with_causes(error), "the hall did not take it");
    error.for_core()
}
