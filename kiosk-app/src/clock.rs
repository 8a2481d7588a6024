//! The one place that asks the machine what time it is.
//!
//! It decides how far the wall clock may be believed, from four facts: the wall clock, the
//! monotonic clock, the last time the hall told, and the time that was stored before this start. It
//! sets no clock and stores nothing.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use kiosk_words::{ClockQuality, Moment, Now, ServiceTime, WallTime};

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

    /// Remembers the time that was stored before this start: it has passed, whatever the wall clock
    /// says after its battery has died.
    pub fn knows_passed(&self, stored: ServiceTime) {
        let mut belief = self.belief();
        belief.passed = belief.passed.max(WallTime(stored.0));
    }

    /// What the hall's certificate is checked against. A wall clock that nobody vouches for would
    /// call it not yet valid for ever, and cut the station off from the one that knows the time;
    /// then it is the latest time that has certainly passed.
    pub fn for_certificates(&self) -> WallTime {
        let (moment, wall) = (self.moment(), wall());
        let mut belief = self.belief();
        match belief.judge(moment, wall) {
            ClockQuality::Synced | ClockQuality::Held => wall,
            ClockQuality::Unknown => belief.passed_by(moment),
        }
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

#[derive(Debug)]
struct Belief {
    /// Both clocks when they were last read.
    last: Option<(Moment, WallTime)>,
    /// When the hall last told its time, and what it told.
    hall: Option<(Moment, i64)>,
    /// The wall clock jumped and the hall has not vouched for it since.
    jumped: bool,
    /// It was at least so late before this program started.
    passed: WallTime,
}

impl Default for Belief {
    fn default() -> Self {
        Self { last: None, hall: None, jumped: false, passed: WallTime::EARLIEST }
    }
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
        // What was stored came from the hall, whose clock may differ by as much as agrees.
        let is_late_enough = wall.0.saturating_add_unsigned(AGREE_MS) >= self.passed.0;
        let is_plausible = wall >= WallTime::EARLIEST && is_late_enough;
        if self.jumped || !is_plausible { ClockQuality::Unknown } else { ClockQuality::Held }
    }

    /// The latest time that has certainly passed at this moment.
    fn passed_by(&self, moment: Moment) -> WallTime {
        let told =
            self.hall.map_or(0, |(at, told)| told.saturating_add_unsigned(at.ms_until(moment)));
        WallTime(self.passed.0.max(told))
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
    fn a_clock_behind_what_was_stored_before_is_dead() {
        let stored = || Belief { passed: WallTime(NOON), ..Belief::default() };
        let judge = |ms: i64| stored().judge(Moment(0), WallTime(NOON + ms));
        assert_eq!(judge(-86_400_000), ClockQuality::Unknown);
        assert_eq!(judge(-60_000), ClockQuality::Held, "the hall's clock may differ as much");
        assert_eq!(judge(86_400_000), ClockQuality::Held, "it may have been off for a day");
    }

    #[test]
    fn a_dead_clock_is_replaced_by_what_has_passed_for_certificates() {
        let mut belief = Belief { passed: WallTime(NOON), ..Belief::default() };
        assert_eq!(belief.passed_by(Moment(5_000)), WallTime(NOON));
        belief.hall = Some((Moment(5_000), NOON + 60_000));
        assert_eq!(belief.passed_by(Moment(7_000)), WallTime(NOON + 62_000));
        let clock = Clock::start();
        assert!(wall().0.abs_diff(clock.for_certificates().0) < 60_000, "a good clock is used");
        clock.knows_passed(ServiceTime(wall().0 + 86_400_000));
        assert!(clock.for_certificates() > wall(), "behind what was stored");
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
