//! The hall's clock: the only place that looks at the wall.
//!
//! Everything else receives a [`Clock`]; a test hands in its own.

use std::{fmt, sync::Arc};

use kiosk_words::WallTime;

/// Tells the hall's time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> WallTime + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self(Arc::new(system_time))
    }

    /// A clock of the caller's making.
    pub fn from_fn(now: impl Fn() -> WallTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> WallTime {
        (self.0)()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one look at the wall clock")]
fn system_time() -> WallTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    WallTime(i64::try_from(ms).unwrap_or(i64::MAX))
}
