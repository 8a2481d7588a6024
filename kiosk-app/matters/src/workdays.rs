//! Working days, reckoned from Monday to Friday.
//!
//! Holidays and moved working days are named about two months ahead and no station knows them yet:
//! every day given here is shown as 约…，以放假通知为准.

use kiosk_words::WallTime;

const DAY_MS: i64 = 86_400_000;
/// Saturday, as [`kiosk_words::time::CivilTime`] counts.
const SATURDAY: u8 = 5;

/// The same time of day on the `n`th working day after that day; the day itself counts for none.
pub fn after(start: WallTime, n: u8) -> WallTime {
    let (mut at, mut left) = (start, n);
    while left > 0 {
        at = WallTime(at.0 + DAY_MS);
        if at.civil().weekday < SATURDAY {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-05 09:26 in China, a Thursday.
    const THURSDAY: WallTime = WallTime(1_772_673_960_000);

    fn day(n_days_later: i64, n: u8) -> String {
        after(WallTime(THURSDAY.0 + n_days_later * DAY_MS), n).civil().date_zh()
    }

    #[test]
    fn a_weekend_counts_for_nothing() {
        assert_eq!(day(0, 0), "3月5日（周四）");
        assert_eq!(day(0, 1), "3月6日（周五）");
        assert_eq!(day(0, 5), "3月12日（周四）");
        assert_eq!(day(1, 5), "3月13日（周五）");
        assert_eq!(day(2, 5), "3月13日（周五）", "handed in on Saturday");
        assert_eq!(day(3, 1), "3月9日（周一）", "handed in on Sunday");
    }

    #[test]
    fn a_deposit_before_midnight_and_one_after_are_days_apart() {
        // 23:59 on Thursday and 00:01 on Friday, in China.
        let late = WallTime(THURSDAY.0 + (14 * 60 + 33) * 60_000);
        let early = WallTime(late.0 + 2 * 60_000);
        assert_eq!(late.civil().clock(), "23:59");
        assert_eq!(after(late, 1).civil().date_zh(), "3月6日（周五）");
        assert_eq!(after(early, 1).civil().date_zh(), "3月9日（周一）");
    }
}
