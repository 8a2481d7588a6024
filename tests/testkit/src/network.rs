//! The way between station and hall: batches, pages, heartbeats and the feed, each with the time
//! it takes and the ways in which it fails.

use hall_api::wire::{self, Answer, Batch, BatchReply, ScanEntry};
use kiosk_core::{
    EffectId, Event,
    event::{Delivery, HallLink, SendError},
};
#[cfg(feature = "planted")]
use kiosk_words::planted::{Bug, is_planted};
use kiosk_words::{CaseId, Seq};

use crate::{
    hall::Way,
    world::{Due, World},
};

/// One way.
const HALF_TRIP_MS: u64 = 20;
/// Nothing came back for so long.
const TIME_OUT_MS: u64 = 5_000;
const HEARTBEAT_MS: u64 = 30_000;
/// What a 4G link carries.
const BYTES_PER_MS: u64 = 500;
/// With fewer receipt numbers left the hall hands out a further block.
const FEW_RECEIPTS: u32 = 50;
const BLOCK: u32 = 1_000;

impl World {
    pub(crate) fn send_events(&mut self, id: EffectId, after: Seq) {
        let events = self.store.next_batch(after, wire::BATCH_EVENTS_MAX);
        if events.is_empty() {
            return self.send_failed(id, 1, SendError::Empty);
        }
        let (station, epoch) = self.store.identity();
        let batch = Batch { schema: wire::SCHEMA, station, epoch, events };
        self.due_in(HALF_TRIP_MS, Due::AtHall { id, batch });
    }

    fn send_failed(&mut self, id: EffectId, after_ms: u64, why: SendError) {
        self.due_in(after_ms, Due::Tell(Event::SendFailed { id, why }));
    }

    /// An answer of the network to a program that may be dead by now.
    fn answer_for(&mut self, life: u32, ms: u64, event: Event) {
        self.due_for(life, self.now_ms() + ms, Due::Tell(event));
    }

    /// What an unusable way makes of a request, if it is unusable.
    fn way_fails(&mut self, life: u32, id: EffectId) -> bool {
        let why = SendError::Unreachable;
        match self.hall.way {
            Way::Open => return false,
            Way::Dark => self.answer_for(life, TIME_OUT_MS, Event::SendFailed { id, why }),
            // 200 with HTML is no answer of this contract.
            Way::CaptivePortal => {
                self.answer_for(life, HALF_TRIP_MS, Event::SendFailed { id, why });
            }
        }
        true
    }

    fn reply_is_lost(&mut self, life: u32, id: EffectId) -> bool {
        if self.hall.n_replies_to_lose == 0 {
            return false;
        }
        self.hall.n_replies_to_lose -= 1;
        let why = SendError::Unreachable;
        self.answer_for(life, TIME_OUT_MS, Event::SendFailed { id, why });
        true
    }

    pub(crate) fn batch_at_hall(&mut self, life: u32, id: EffectId, batch: &Batch) {
        if self.way_fails(life, id) {
            return;
        }
        if self.hall.n_deaths > 0 {
            self.hall.n_deaths -= 1;
            return self.hall_dies(life, id, batch);
        }
        let reply = self.hall.take(batch);
        if !self.reply_is_lost(life, id) {
            self.due_for(life, self.now_ms() + HALF_TRIP_MS, Due::Answered { id, reply });
        }
    }

    /// The hall's process ends before it has written the batch, and starts again.
    #[cfg_attr(not(feature = "planted"), expect(unused_variables, reason = "nothing is answered"))]
    fn hall_dies(&mut self, life: u32, id: EffectId, batch: &Batch) {
        #[cfg(feature = "planted")]
        if is_planted(Bug::AckBeforeCommit) {
            let reply = self.hall.clone().take(batch);
            return self.due_for(life, self.now_ms() + HALF_TRIP_MS, Due::Answered { id, reply });
        }
        let why = SendError::Unreachable;
        self.answer_for(life, HALF_TRIP_MS, Event::SendFailed { id, why });
    }

    pub(crate) fn answered(&mut self, id: EffectId, reply: BatchReply) {
        if self.hall.way != Way::Open {
            return self.send_failed(id, TIME_OUT_MS, SendError::Unreachable);
        }
        let answers = reply.answers.into_iter().map(|event| {
            let delivery = match event.answer {
                Answer::Accepted => Delivery::Accepted,
                Answer::Duplicate => Delivery::Duplicate,
                Answer::Held { code } => Delivery::Held { code },
            };
            (event.seq, delivery)
        });
        self.tell(Event::Acked { id, answers: answers.collect() });
    }

    pub(crate) fn send_scans(&mut self, id: EffectId, case: CaseId) {
        let left = self.store.scans_of(case);
        match left.first() {
            None => self.send_failed(id, 1, SendError::Empty),
            Some(first) => {
                let ms = HALF_TRIP_MS + first.n_bytes / BYTES_PER_MS;
                self.due_in(ms, Due::ScanAtHall { id, case, left });
            }
        }
    }

    pub(crate) fn scan_at_hall(
        &mut self,
        life: u32,
        id: EffectId,
        case: CaseId,
        mut left: Vec<ScanEntry>,
    ) {
        if self.way_fails(life, id) {
            return;
        }
        let scan = left.remove(0);
        if !self.hall.take_scan(case, scan.digest) {
            let why = SendError::Unreachable;
            return self.answer_for(life, HALF_TRIP_MS, Event::SendFailed { id, why });
        }
        if let Some(next) = left.first() {
            let ms = self.now_ms() + HALF_TRIP_MS * 2 + next.n_bytes / BYTES_PER_MS;
            self.due_for(life, ms, Due::ScanAtHall { id, case, left });
        } else if !self.reply_is_lost(life, id) {
            self.answer_for(life, HALF_TRIP_MS, Event::ScansDelivered { id, case });
        }
    }

    pub(crate) fn heartbeat(&mut self) {
        self.due_in(HEARTBEAT_MS, Due::Heartbeat);
        if self.hall.way == Way::Open {
            let link = HallLink::Up { hall_time: self.clock.true_time() };
            self.due_in(HALF_TRIP_MS * 2, Due::Tell(Event::Hall(link)));
            self.due_in(HALF_TRIP_MS * 2, Due::Feed);
            self.hand_out_numbers();
        } else {
            self.due_in(TIME_OUT_MS, Due::Tell(Event::Hall(HallLink::Down)));
        }
    }

    fn hand_out_numbers(&mut self) {
        if self.store.n_receipts_left() < FEW_RECEIPTS {
            let first = self.store.first_free_receipt();
            let end = first + BLOCK;
            self.due_in(HALF_TRIP_MS * 2, Due::Tell(Event::Receipts { first, end }));
        }
    }

    /// The long poll: every item after the cursor, in order.
    pub(crate) fn feed(&mut self) {
        if self.hall.way != Way::Open {
            return;
        }
        for (cursor, item) in self.hall.feed_after(self.feed_cursor) {
            self.feed_cursor = cursor;
            self.due_in(0, Due::Tell(Event::Feed { cursor, item }));
        }
    }

    pub(crate) fn hall_has_news(&mut self) {
        self.due_in(HALF_TRIP_MS, Due::Feed);
    }
}
