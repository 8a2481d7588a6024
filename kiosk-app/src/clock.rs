//! The one place that asks the machine what time it is.
//!
//! It decides how far the wall clock may be believed, from three facts: the wall clock, the
//! monotonic clock, and the last time the hall told. It sets no clock and stores nothing.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use kiosk_words::{ClockQuality, Moment, Now, ServiceTime, WallTime};

/// 2026-01-01 UTC. No station with this program was built before, so a wall clock before it was
/// never set.
const EARLIEST: WallTime = WallTime(1_767_225_600_000);
/// Wall clock and hall may differ by this much and still agree.
const AGREE_MS: u64 = 120_000;
/// A hall time older than this no longer vouches for the wall clock.
const VOUCH_MS: u64 = 86_400_000;

/// Hands out [`Now`]; shared by core loop and hall link.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    belief: Mutex<Belief>,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self { start: Instant::now(), belief: Mutex::new(Belief::default()) }
    }

    pub fn now(&self) -> Now {
        let (moment, wall) = (self.moment(), wall());
        let quality = self.belief().judge(moment, wall);
        Now { moment, wall, quality }
    }

    /// Remembers what the hall said the time is; its answer is authenticated by mutual TLS.
    pub fn heard_hall(&self, hall_time: ServiceTime) {
        let moment = self.moment();
        self.belief().hall = Some((moment, hall_time.0));
    }

    /// The instant of a moment, to wait for it.
    pub fn instant_of(&self, moment: Moment) -> tokio::time::Instant {
        let far = self.start + Duration::from_millis(moment.0.min(VOUCH_MS * 365));
        tokio::time::Instant::from_std(far)
    }

    fn moment(&self) -> Moment {
        Moment(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn belief(&self) -> std::sync::MutexGuard<'_, Belief> {
        self.belief.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[derive(Debug, Default)]
struct Belief {
    /// Both clocks when they were last read.
    last: Option<(Moment, WallTime)>,
    /// When the hall last told its time, and what it told.
    hall: Option<(Moment, i64)>,
    /// The wall clock jumped and the hall has not vouched for it since.
    jumped: bool,
}

impl Belief {
    fn judge(&mut self, moment: Moment, wall: WallTime) -> ClockQuality {
        if let Some((last_moment, last_wall)) = self.last.replace((moment, wall)) {
            let expected = last_wall.0.saturating_add_unsigned(last_moment.ms_until(moment));
            self.jumped |= wall.0.abs_diff(expected) > AGREE_MS;
        }
        if self.hall_agrees(moment, wall) {
            self.jumped = false;
            return ClockQuality::Synced;
        }
        if self.jumped || wall < EARLIEST { ClockQuality::Unknown } else { ClockQuality::Held }
    }

    fn hall_agrees(&self, moment: Moment, wall: WallTime) -> bool {
        self.hall.is_some_and(|(told_at, told)| {
            let since = told_at.ms_until(moment);
            since <= VOUCH_MS && wall.0.abs_diff(told.saturating_add_unsigned(since)) <= AGREE_MS
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_772_683_200_000;

    #[test]
    fn without_the_hall_a_plausible_clock_is_held_and_an_early_one_unknown() {
        let mut belief = Belief::default();
        assert_eq!(belief.judge(Moment(0), WallTime(NOON)), ClockQuality::Held);
        assert_eq!(Belief::default().judge(Moment(0), WallTime(5_000)), ClockQuality::Unknown);
    }

    #[test]
    fn the_hall_vouches_for_one_day_and_two_minutes() {
        let mut belief = Belief { hall: Some((Moment(1_000), NOON)), ..Belief::default() };
        let after = |ms: u64| (Moment(1_000 + ms), WallTime(NOON.saturating_add_unsigned(ms)));
        let (moment, wall) = after(5_000);
        assert_eq!(belief.judge(moment, wall), ClockQuality::Synced);
        let (moment, wall) = after(VOUCH_MS);
        assert_eq!(belief.judge(moment, wall), ClockQuality::Synced);
        let (moment, wall) = after(VOUCH_MS + 1);
        assert_eq!(belief.judge(moment, wall), ClockQuality::Held);
        let three_minutes_off = WallTime(wall.0 + 180_000);
        assert_eq!(belief.judge(moment.plus_ms(1), three_minutes_off), ClockQuality::Unknown);
    }

    #[test]
    fn a_jump_is_unknown_until_the_hall_agrees_again() {
        let mut belief = Belief::default();
        belief.judge(Moment(0), WallTime(NOON));
        let back = WallTime(NOON - 3_600_000);
        assert_eq!(belief.judge(Moment(1_000), back), ClockQuality::Unknown);
        assert_eq!(belief.judge(Moment(1_010), WallTime(back.0 + 10)), ClockQuality::Unknown);
        belief.hall = Some((Moment(1_020), back.0 + 20));
        assert_eq!(belief.judge(Moment(1_020), WallTime(back.0 + 20)), ClockQuality::Synced);
    }
}
