//! Three kinds of time that must not be mixed.
//!
//! * [`Moment`]: milliseconds since this start of the program. Deadlines only. Never stored.
//! * [`ServiceTime`]: stored, never goes back. Reservations, overdue, retention.
//! * [`WallTime`]: what a clock on the wall says, with how much it can be trusted. Records, print.

use serde::{Deserialize, Serialize};

/// Monotonic milliseconds since the program started; starts at zero in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    pub const fn ms_until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }

    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How far the wall clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockQuality {
    /// Never set since power-on, or seen to jump: only record it with this mark.
    Unknown,
    /// Was right at some time and has run on since.
    Held,
    /// Set from the hall or a time server within the last day.
    Synced,
}

/// Milliseconds since 1970 UTC as the wall clock gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WallTime(pub i64);

/// China Standard Time has no summer time; the whole country uses UTC+8.
const CST_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A date and time of day in China, for words on screen and paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilTime {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    /// 0 = Monday … 6 = Sunday.
    pub weekday: u8,
}

impl WallTime {
    /// 2026-01-01 UTC. No station with this program was built before, so a wall clock before it was
    /// never set, or has lost its battery.
    pub const EARLIEST: Self = Self(1_767_225_600_000);

    /// Splits into date and time of day at UTC+8 (days-from-civil arithmetic, proleptic Gregorian).
    #[expect(clippy::cast_possible_truncation, reason = "each part is below 60 by construction")]
    pub const fn civil(self) -> CivilTime {
        let local = self.0 + CST_OFFSET_MS;
        let days = local.div_euclid(DAY_MS);
        let minutes = local.rem_euclid(DAY_MS) / 60_000;
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        CivilTime {
            year: yoe + era * 400 + if month <= 2 { 1 } else { 0 },
            month: month as u8,
            day: (doy - (153 * mp + 2) / 5 + 1) as u8,
            hour: (minutes / 60) as u8,
            minute: (minutes % 60) as u8,
            weekday: (days + 3).rem_euclid(7) as u8,
        }
    }
}

const WEEKDAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl CivilTime {
    /// `3月5日（周三）`.
    pub fn date_zh(&self) -> String {
        let weekday = WEEKDAYS_ZH[usize::from(self.weekday)];
        format!("{}月{}日（{weekday}）", self.month, self.day)
    }

    /// `2026-03-05 (Thu)`.
    pub fn date_en(&self) -> String {
        format!("{} ({})", self.date_iso(), WEEKDAYS_EN[usize::from(self.weekday)])
    }

    /// `09:26`.
    pub fn clock(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// `YYYY-MM-DD`, as the state lines carry dates.
    pub fn date_iso(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `20260305`, the order that dates on cards use.
    pub fn yyyymmdd(&self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// Full years from a birth date `YYYYMMDD` to this day; `None` if it is no date or lies ahead.
    pub fn age_of(&self, birth: &str) -> Option<u32> {
        let number: i64 = birth.parse().ok().filter(|_| birth.len() == 8)?;
        let (year, month_day) = (number / 10_000, number % 10_000);
        let today = i64::from(self.month) * 100 + i64::from(self.day);
        let age = self.year - year - i64::from(today < month_day);
        u32::try_from(age).ok()
    }
}

/// Stored time that never goes back: the largest of build time, last stored, signed hall time,
/// plus the boot clock since. Milliseconds since 1970.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct ServiceTime(pub i64);

impl ServiceTime {
    /// The next value: never less than before, whatever the wall clock says.
    #[must_use]
    pub fn advanced(self, since_last_ms: u64, signed_hall_time: Option<Self>) -> Self {
        let run_on = Self(self.0.saturating_add_unsigned(since_last_ms));
        run_on.max(signed_hall_time.unwrap_or(run_on))
    }
}

/// The time handed to every step of the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    pub moment: Moment,
    pub wall: WallTime,
    pub quality: ClockQuality,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_time_is_china_standard_time() {
        // 2026-03-05 01:26 UTC is 09:26 on a Thursday in China.
        let civil = WallTime(1_772_673_960_000).civil();
        assert_eq!((civil.date_zh(), civil.clock()), ("3月5日（周四）".into(), "09:26".into()));
        assert_eq!(
            (civil.yyyymmdd(), civil.date_en()),
            ("20260305".into(), "2026-03-05 (Thu)".into())
        );
    }

    #[test]
    fn age_counts_full_years_only() {
        let day = WallTime(1_772_673_960_000).civil();
        assert_eq!(day.age_of("20080305"), Some(18));
        assert_eq!(day.age_of("20080306"), Some(17));
        assert_eq!(day.age_of("20990101"), None);
        assert_eq!(day.age_of("长期"), None);
    }

    #[test]
    fn service_time_never_goes_back() {
        let t = ServiceTime(1_000).advanced(5, Some(ServiceTime(10)));
        assert_eq!(t, ServiceTime(1_005));
        assert_eq!(t.advanced(0, Some(ServiceTime(9_000))), ServiceTime(9_000));
    }
}
