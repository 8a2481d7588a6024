//! No clock makes a session longer, and stored time never goes back.

use kiosk_core::{session::TIMINGS, view::TimeoutClass};
use kiosk_words::ServiceTime;

use super::Verdict;

/// Timers are answered within this.
const SLACK_MS: u64 = 2_000;

/// An open session: what its page allows and how long nobody touched it (true time).
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    pub class: TimeoutClass,
    pub elder: bool,
    /// Earphones are in.
    pub listens: bool,
    /// Since the last touch, or since the page began to wait for a person.
    pub idle_ms: u64,
}

pub fn check_session(idle: Idle) -> Verdict {
    let patience_ms = match idle.class {
        TimeoutClass::Never | TimeoutClass::Held => return Ok(()),
        TimeoutClass::Short => TIMINGS.short_ms,
        TimeoutClass::Long => TIMINGS.long_ms,
    };
    let factor = match (idle.listens, idle.elder) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 1,
    };
    let most = patience_ms * factor + TIMINGS.grace_ms + SLACK_MS;
    if idle.idle_ms <= most {
        Ok(())
    } else {
        Err(format!("a session is open after {} ms without a touch", idle.idle_ms))
    }
}

pub fn check_stored(before: ServiceTime, after: ServiceTime) -> Verdict {
    if after >= before {
        Ok(())
    } else {
        Err(format!("stored time went back by {} ms", before.0 - after.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_outlives_its_patience_is_found() {
        let idle =
            |idle_ms| Idle { class: TimeoutClass::Short, elder: false, listens: false, idle_ms };
        assert_eq!(check_session(idle(90_000)), Ok(()));
        assert!(check_session(idle(100_000)).is_err());
        assert_eq!(check_session(Idle { elder: true, ..idle(100_000) }), Ok(()));
        assert_eq!(check_session(Idle { listens: true, ..idle(200_000) }), Ok(()));
        assert!(check_session(Idle { listens: true, ..idle(220_000) }).is_err());
    }

    #[test]
    fn stored_time_that_goes_back_is_found() {
        assert_eq!(check_stored(ServiceTime(1), ServiceTime(1)), Ok(()));
        assert!(check_stored(ServiceTime(2), ServiceTime(1)).is_err());
    }
}
