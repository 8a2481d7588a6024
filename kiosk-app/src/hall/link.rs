//! Heartbeat and feed: whether the hall is there, what time it is there, and what it has to say.
//!
//! ```text
//!  heartbeat: Down ──answered──► Up ──not answered──► Down     every 30 s; sooner when asked
//!  feed:      waits for Up, then asks after the cursor; each item is handed to the core and
//!             handled before the next one is
//! ```
//! Both back off by themselves, because the core does not ask for them.

use std::{sync::Arc, time::Duration};

use hall_api::wire::{FeedEntry, FeedWhat, Heartbeat, PlaceOrder, StaffCards};
use kiosk_core::{
    Event,
    custody::{CellPlan, Order},
    event::{FeedItem, HallLink},
    staff_card::StaffTrust,
};
use kiosk_words::{CaseId, Private, ServiceTime};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{cells, client::HallClient, uplink::Sender};
use crate::{
    clock::Clock,
    exit::with_causes,
    limits::Timings,
    locker::Locker,
    reader::{Reader, health_word},
    shell::Unasked,
    store_thread::StoreHandle,
};

/// Whether the last heartbeat was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Up,
    Down,
}

/// Everything both tasks need.
#[derive(Debug)]
pub struct Connections {
    pub client: HallClient,
    pub store: StoreHandle,
    pub sender: Sender,
    pub reader: Reader,
    pub locker: Option<Locker>,
    /// The cells of machine.toml.
    pub cabinet: Vec<CellPlan>,
    pub clock: Arc<Clock>,
    pub to_core: mpsc::Sender<Unasked>,
    pub timings: Timings,
    pub stop: CancellationToken,
}

/// Starts both tasks; the receiver follows the link. `cursor` is the last one the core stored.
pub fn start(connections: Connections, cursor: u64, tasks: &TaskTracker) -> watch::Receiver<Link> {
    let (link, seen) = watch::channel(Link::Down);
    let doubt = Arc::new(Notify::new());
    let feed = Feed {
        client: connections.client.clone(),
        to_core: connections.to_core.clone(),
        timings: connections.timings,
        stop: connections.stop.clone(),
        link: seen.clone(),
        doubt: Arc::clone(&doubt),
        cursor,
    };
    tasks.spawn(feed.run());
    tasks.spawn(Beats { connections, link, doubt }.run());
    seen
}

/// Doubling wait between failures.
#[derive(Debug)]
struct Backoff {
    next: Duration,
    timings: Timings,
}

impl Backoff {
    const fn new(timings: Timings) -> Self {
        Self { next: timings.retry_first, timings }
    }

    const fn forget(&mut self) {
        self.next = self.timings.retry_first;
    }

    fn step(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.timings.retry_cap);
        wait
    }
}

struct Beats {
    connections: Connections,
    link: watch::Sender<Link>,
    /// Rung by the feed when the hall went silent on it.
    doubt: Arc<Notify>,
}

impl Beats {
    async fn run(self) {
        let mut backoff = Backoff::new(self.connections.timings);
        loop {
            let wait = match self.beat().await {
                Some(()) => {
                    backoff.forget();
                    self.connections.timings.heartbeat_every
                }
                None => backoff.step(),
            };
            tokio::select! { biased;
                () = self.connections.stop.cancelled() => return,
                // A limit on waiting for doubt: the next beat is due then anyway.
                _ = tokio::time::timeout(wait, self.doubt.notified()) => {}
            }
        }
    }

    /// One heartbeat; `None` if it was not answered.
    async fn beat(&self) -> Option<()> {
        let Connections { client, store, sender, reader, locker, cabinet, clock, stop, .. } =
            &self.connections;
        let facts = store.heartbeat().await?;
        let doors = locker.as_ref().map(|locker| locker.seen().borrow().doors.clone());
        let beat = Heartbeat {
            station: sender.station,
            epoch: sender.epoch,
            n_outbox: facts.n_outbox,
            audit_head: facts.audit_head,
            n_audit: facts.n_audit,
            reader: health_word(reader.status().borrow().health).to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cells: cells::report(cabinet, &facts.cells, &doors.unwrap_or_default()),
        };
        let answer = tokio::select! { biased;
            () = stop.cancelled() => return None,
            answer = client.heartbeat(&beat) => answer,
        };
        match answer {
            Ok(reply) => {
                let hall_time = ServiceTime(reply.hall_time);
                clock.heard_hall(hall_time);
                self.turn(Link::Up, "heartbeat answered");
                self.tell(Event::Hall(HallLink::Up { hall_time })).await;
                if let Some(block) = reply.receipts {
                    let (first, end) = (block.first, block.end);
                    self.tell(Event::Receipts { first, end }).await;
                }
                Some(())
            }
            Err(error) => {
                self.turn(Link::Down, &with_causes(&error));
                self.tell(Event::Hall(HallLink::Down)).await;
                None
            }
        }
    }

    fn turn(&self, to: Link, because: &str) {
        let from = self.link.send_replace(to);
        if from != to {
            tracing::info!(?from, ?to, because, "link to the hall");
        }
    }

    async fn tell(&self, event: Event) {
        tokio::select! { biased;
            () = self.connections.stop.cancelled() => {}
            // A closed channel means that all ends.
            _ = self.connections.to_core.send(event.into()) => {}
        }
    }
}

struct Feed {
    client: HallClient,
    to_core: mpsc::Sender<Unasked>,
    timings: Timings,
    stop: CancellationToken,
    link: watch::Receiver<Link>,
    doubt: Arc<Notify>,
    cursor: u64,
}

impl Feed {
    async fn run(mut self) {
        let stop = self.stop.clone();
        tokio::select! { biased;
            () = stop.cancelled() => {}
            () = self.read_on() => {}
        }
    }

    /// Reads until the core has ended. Cancelled as a whole: the cursor in the store is the truth.
    async fn read_on(&mut self) {
        let mut backoff = Backoff::new(self.timings);
        while self.link.wait_for(|link| *link == Link::Up).await.is_ok() {
            match self.client.feed(self.cursor).await {
                Ok(feed) => {
                    backoff.forget();
                    for entry in feed.items {
                        if !self.hand_over(entry).await {
                            return;
                        }
                    }
                }
                Err(error) => {
                    tracing::info!(because = with_causes(&error), "feed not answered");
                    self.doubt.notify_one();
                    // A limit on waiting for the link to change; it may be up and stay up.
                    let changed = self.link.changed();
                    let _ = tokio::time::timeout(backoff.step(), changed).await;
                }
            }
        }
    }

    /// False if the core has ended.
    async fn hand_over(&mut self, entry: FeedEntry) -> bool {
        let FeedEntry { cursor, case, what } = entry;
        let Some(item) = item_of(case, what) else {
            tracing::error!(cursor, "an entry of the feed about no case");
            return false;
        };
        let (handled, was_handled) = oneshot::channel();
        let event = Event::Feed { cursor, item };
        let sent = self.to_core.send(Unasked { event, handled: Some(handled) }).await;
        let is_handled = sent.is_ok() && was_handled.await.is_ok();
        if is_handled {
            self.cursor = cursor;
        }
        is_handled
    }
}

/// The hall's words in the core's. Of the people who may collect only the id number goes on.
/// `None`: it should be about a case and is not, which the client has refused before.
fn item_of(case: Option<CaseId>, what: FeedWhat) -> Option<FeedItem> {
    if let FeedWhat::StaffCards(StaffCards { anchors, revoked }) = what {
        return Some(FeedItem::StaffTrust(StaffTrust { anchors, revoked }));
    }
    let case = case?;
    Some(match what {
        FeedWhat::Handling { handling } => FeedItem::Handling { case, handling },
        FeedWhat::Originals { originals } => FeedItem::Originals { case, originals },
        FeedWhat::Place(PlaceOrder { order: id, content, release, size, collectors }) => {
            let order = Order { case, content, release, size, recalled: false };
            let numbers = collectors.into_iter().map(|named| {
                drop(Private::new(named.name));
                Private::new(named.number)
            });
            FeedItem::Place { id, order, collectors: numbers.collect() }
        }
        FeedWhat::Recall { order: id } => FeedItem::Recall { case, id },
        FeedWhat::Freeze { frozen } => FeedItem::Freeze { case, frozen },
        FeedWhat::StaffCards(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use hall_api::wire::NamedCollector;
    use kiosk_words::{CellSize, Content, OrderId, Release};

    use super::*;

    #[test]
    fn an_order_reaches_the_core_whole_and_without_names() {
        let case = CaseId::new(1, [3; 10]);
        let collectors = vec![NamedCollector {
            name: "样本".to_owned(),
            number: "230202195108160001".to_owned(),
        }];
        let placed = FeedWhat::Place(PlaceOrder {
            order: OrderId(9),
            content: Content::ReturnedOriginals,
            release: Release::Important,
            size: CellSize::A3,
            collectors,
        });
        let Some(FeedItem::Place { id, order, collectors }) = item_of(Some(case), placed) else {
            panic!("another item");
        };
        let expected = Order {
            case,
            content: Content::ReturnedOriginals,
            release: Release::Important,
            size: CellSize::A3,
            recalled: false,
        };
        assert_eq!((id, order), (OrderId(9), expected));
        assert_eq!(collectors, [Private::text("230202195108160001")]);
        let recalled = item_of(Some(case), FeedWhat::Recall { order: OrderId(9) });
        assert_eq!(recalled, Some(FeedItem::Recall { case, id: OrderId(9) }));
        let frozen = item_of(Some(case), FeedWhat::Freeze { frozen: true });
        assert_eq!(frozen, Some(FeedItem::Freeze { case, frozen: true }));
    }
}
