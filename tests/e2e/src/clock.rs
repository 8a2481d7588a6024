//! The one clock of the player and the runner, and the one way to wait: look again until a named
//! limit is over. Decides nothing about what is looked at.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Result, bail};
use kiosk_words::{ClockQuality, Moment, Now, WallTime};

/// How long one kind of wait may last; the name goes into the message when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub name: &'static str,
    pub ms: u64,
}

/// Time between two looks at something that cannot call back (a file, a page, a screen).
pub const LOOK_AGAIN_MS: u64 = 25;

/// A person looks at a new page this long before touching it; the window takes nothing sooner, so
/// that the second half of a double tap is not taken by the next page.
pub const GLANCE_MS: u64 = 350;

/// A started clock with the wish to stop (Ctrl-C) that ends every wait.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    stop: Arc<AtomicBool>,
    /// How far the station's wall clock is ahead of this machine's.
    ahead_ms: Arc<AtomicI64>,
    /// Nobody vouches for the station's wall clock.
    is_dead: Arc<AtomicBool>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock {
    pub fn start() -> Self {
        Self {
            started: instant(),
            stop: Arc::default(),
            ahead_ms: Arc::default(),
            is_dead: Arc::default(),
        }
    }

    /// Ends every wait on this clock and its clones.
    pub fn ask_to_stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    pub fn asked_to_stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Milliseconds since this clock was started.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Microseconds since this clock was started.
    pub fn us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The time as a station's core takes it.
    pub fn now(&self) -> Now {
        let is_dead = self.is_dead.load(Ordering::SeqCst);
        let quality = if is_dead { ClockQuality::Unknown } else { ClockQuality::Synced };
        Now { moment: Moment(self.ms()), wall: self.wall(), quality }
    }

    /// Whether the station can believe its wall clock.
    pub fn set_believed(&self, believed: bool) {
        self.is_dead.store(!believed, Ordering::SeqCst);
    }

    /// What the station's wall clock shows.
    pub fn wall(&self) -> WallTime {
        WallTime(wall().0.saturating_add(self.ahead_ms.load(Ordering::SeqCst)))
    }

    /// From now on the station's wall clock is so far ahead of this machine's.
    pub fn set_ahead(&self, ms: i64) {
        self.ahead_ms.store(ms, Ordering::SeqCst);
    }

    /// Rests until this clock shows `ms`.
    pub fn rest_until(&self, ms: u64) {
        pause(ms.saturating_sub(self.ms()));
    }

    /// Looks every [`LOOK_AGAIN_MS`] until `look` finds something.
    ///
    /// Fails when the limit is over, when `look` fails, or when asked to stop.
    pub fn until<T>(&self, limit: Limit, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        let end = self.ms().saturating_add(limit.ms);
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            if self.asked_to_stop() {
                bail!("asked to stop while waiting for {}", limit.name);
            }
            if self.ms() >= end {
                bail!("waited {} ms for {}", limit.ms, limit.name);
            }
            pause(LOOK_AGAIN_MS);
        }
    }
}

/// Rests between two looks; never used to hope that something has happened.
#[expect(clippy::disallowed_methods, reason = "the one pause between two looks, always limited")]
pub(crate) fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

#[expect(clippy::disallowed_methods, reason = "the player's clock is started here")]
fn instant() -> Instant {
    Instant::now()
}

/// Wall time of this machine.
#[expect(clippy::disallowed_methods, reason = "the player's wall clock is read here")]
pub fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Limit = Limit { name: "a thing that never comes", ms: 30 };

    #[test]
    fn a_wait_ends_with_the_name_of_what_did_not_come() {
        let error = Clock::start().until(SHORT, || Ok(None::<()>)).unwrap_err();
        assert_eq!(error.to_string(), "waited 30 ms for a thing that never comes");
    }

    #[test]
    fn a_wish_to_stop_ends_a_wait_before_its_limit() {
        let clock = Clock::start();
        clock.ask_to_stop();
        let long = Limit { name: "ever", ms: u64::MAX };
        assert!(clock.until(long, || Ok(None::<()>)).is_err());
    }
}
