//! The five working days of a review, and how much the answer can be trusted.
//!
//! Monday to Friday count, corrected by `calendar.toml` in the data folder when there is one. The
//! State Council names holidays and moved working days about two months ahead, so beyond
//! `known_until` every answer is marked as a reckoning.

use std::collections::BTreeSet;

use kiosk_words::WallTime;
use serde::Deserialize;

use crate::folder::{Folder, FolderError};

/// Review ends on the fifth working day after the deposit.
pub const REVIEW_DAYS: u32 = 5;
/// From this day on a case without a notice tops the queue (rule R2).
pub const URGENT_DAY: u32 = 4;

const DAY_MS: i64 = 86_400_000;
const FILE: &str = "calendar.toml";

/// Days as `YYYYMMDD`.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    known_until: Option<String>,
    holidays: BTreeSet<String>,
    workdays: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    known_until: String,
    #[serde(default)]
    holidays: BTreeSet<String>,
    /// Saturdays and Sundays on which offices work.
    #[serde(default)]
    workdays: BTreeSet<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{FILE}")]
    Format(#[from] toml::de::Error),
    #[error("{FILE} is not text")]
    NotText,
    #[error("{FILE}: expected a day as YYYYMMDD, got {0:?}")]
    Day(String),
}

/// Where a case stands in its five days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// 0 on the day of deposit, 1 on the first working day after it.
    pub day: u32,
    /// Last day for a notice, `YYYYMMDD`.
    pub last_day: String,
    /// Whether every day up to `last_day` is settled in the calendar.
    pub is_certain: bool,
}

impl Review {
    pub const fn is_urgent(&self) -> bool {
        self.day >= URGENT_DAY
    }

    pub const fn is_over(&self) -> bool {
        self.day > REVIEW_DAYS
    }
}

impl Calendar {
    pub fn open(folder: &Folder) -> Result<Self, CalendarError> {
        let Some(bytes) = folder.read(FILE)? else { return Ok(Self::default()) };
        Self::parse(std::str::from_utf8(&bytes).map_err(|_| CalendarError::NotText)?)
    }

    fn parse(text: &str) -> Result<Self, CalendarError> {
        let file: CalendarFile = toml::from_str(text)?;
        let days = file.holidays.iter().chain(&file.workdays).chain([&file.known_until]);
        for day in days {
            if !kiosk_words::numbers::is_date(day.as_bytes()) {
                return Err(CalendarError::Day(day.clone()));
            }
        }
        Ok(Self {
            known_until: Some(file.known_until),
            holidays: file.holidays,
            workdays: file.workdays,
        })
    }

    fn is_working(&self, at: WallTime) -> bool {
        let civil = at.civil();
        let day = civil.yyyymmdd();
        if self.holidays.contains(&day) {
            return false;
        }
        self.workdays.contains(&day) || civil.weekday < 5
    }

    /// The review clock of a case that began to run at `start`.
    pub fn review(&self, start: WallTime, now: WallTime) -> Review {
        let today = now.civil().yyyymmdd();
        let (mut at, mut n_working, mut day) = (start, 0, 0);
        let mut last_day = None;
        loop {
            at = WallTime(at.0 + DAY_MS);
            let that_day = at.civil().yyyymmdd();
            if self.is_working(at) {
                n_working += 1;
                if n_working == REVIEW_DAYS {
                    last_day = Some(that_day.clone());
                }
            }
            if that_day <= today {
                day = n_working;
            }
            // A case left for a year needs no exact day number any more.
            let is_past = that_day >= today || n_working > 250;
            if let (Some(last_day), true) = (&last_day, is_past) {
                let is_certain = self.known_until.as_ref().is_some_and(|until| last_day <= until);
                return Review { day, last_day: last_day.clone(), is_certain };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-05 09:26 in China, a Thursday.
    const THURSDAY: WallTime = WallTime(1_772_673_960_000);

    fn later(n_days: i64) -> WallTime {
        WallTime(THURSDAY.0 + n_days * DAY_MS)
    }

    #[test]
    fn a_weekend_does_not_count() {
        let calendar = Calendar::default();
        let review = calendar.review(THURSDAY, later(0));
        assert_eq!((review.day, review.last_day.as_str()), (0, "20260312"));
        assert_eq!(calendar.review(THURSDAY, later(3)).day, 1, "Sunday");
        assert_eq!(calendar.review(THURSDAY, later(6)).day, 4);
        assert!(calendar.review(THURSDAY, later(6)).is_urgent());
        assert!(!calendar.review(THURSDAY, later(7)).is_over());
        assert!(calendar.review(THURSDAY, later(8)).is_over());
    }

    #[test]
    fn a_holiday_and_a_moved_working_day_count_as_the_file_says() {
        let text = "known_until = \"20261231\"\nholidays = [\"20260306\", \"20260309\"]\n\
                    workdays = [\"20260307\"]";
        let review = Calendar::parse(text).unwrap().review(THURSDAY, later(0));
        assert_eq!(review.last_day, "20260313");
        assert!(review.is_certain);
    }

    #[test]
    fn without_a_calendar_the_day_is_only_reckoned() {
        assert!(!Calendar::default().review(THURSDAY, later(0)).is_certain);
    }

    #[test]
    fn a_wrong_day_in_the_file_is_named() {
        let error = Calendar::parse("known_until = \"20261301\"").unwrap_err();
        assert!(error.to_string().contains("20261301"));
    }
}
