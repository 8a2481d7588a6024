//! The clock of a world: one true time, and what the station is told of it.

use kiosk_words::{ClockQuality, Moment, Now, ServiceTime, WallTime};

/// 2026-03-05 02:00 in China: a Thursday at two in the morning.
const WALL_AT_ZERO: i64 = 1_772_647_200_000;

#[derive(Debug, Clone)]
pub struct WorldClock {
    /// True milliseconds since the world began.
    now_ms: u64,
    /// When the running program started.
    born_ms: u64,
    /// How far the station's wall clock is from the truth.
    skew_ms: i64,
    quality: ClockQuality,
}

impl Default for WorldClock {
    fn default() -> Self {
        Self { now_ms: 0, born_ms: 0, skew_ms: 0, quality: ClockQuality::Synced }
    }
}

impl WorldClock {
    pub const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// What the station is told.
    pub fn now(&self) -> Now {
        let wall = self.true_time().0.saturating_add(self.skew_ms);
        Now { moment: self.moment(), wall: WallTime(wall), quality: self.quality }
    }

    pub const fn moment(&self) -> Moment {
        Moment(self.now_ms.saturating_sub(self.born_ms))
    }

    /// What the hall's clock says.
    pub const fn true_time(&self) -> ServiceTime {
        ServiceTime(WALL_AT_ZERO.saturating_add_unsigned(self.now_ms))
    }

    /// World time of a moment of the running program.
    pub(crate) const fn at_ms(&self, moment: Moment) -> u64 {
        self.born_ms.saturating_add(moment.0)
    }

    pub(crate) fn go_to(&mut self, ms: u64) {
        assert!(ms >= self.now_ms, "virtual time goes back: {} to {ms}", self.now_ms);
        self.now_ms = ms;
    }

    pub(crate) const fn program_started(&mut self) {
        self.born_ms = self.now_ms;
    }

    pub(crate) const fn jump(&mut self, ms: i64) {
        self.skew_ms = self.skew_ms.saturating_add(ms);
    }

    pub(crate) const fn set_quality(&mut self, quality: ClockQuality) {
        self.quality = quality;
    }
}
