//! The one clock of the drivers: milliseconds since it was made.
//!
//! It is tokio's clock, so a test with paused time moves it; nothing else in this crate asks for
//! the time.

use std::time::Duration;

use kiosk_words::Moment;
use tokio::time::Instant;

#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that reads zero now. The app makes one and hands copies out.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Waits for a moment, or for ever when there is none. Cancel-safe.
    pub async fn until(&self, moment: Option<Moment>) {
        match moment {
            Some(Moment(ms)) => tokio::time::sleep_until(self.instant(ms)).await,
            None => std::future::pending().await,
        }
    }

    fn instant(&self, ms: u64) -> Instant {
        /// A far deadline is as good as this one: 30 days.
        const FAR_MS: u64 = 30 * 86_400_000;
        let ahead_ms = self.now().ms_until(Moment(ms)).min(FAR_MS);
        let past_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.start + Duration::from_millis(past_ms.saturating_add(ahead_ms))
    }
}
