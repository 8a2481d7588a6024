//! Whatever a finger can touch, a key can stand on, in the same order; and the other way round.

use kiosk_core::{
    focus::Stop,
    view::{Control, Intent},
};

use super::Verdict;
use crate::glass::Target;

/// `targets` of the glass, and the stops of the keys on the same view.
pub fn check(targets: &[Target], stops: &[Stop]) -> Verdict {
    // A sleeping station is woken by any key.
    let touched = targets.iter().filter(|target| target.intent != Intent::Wake);
    let touched: Vec<&str> = touched.map(|target| target.label.as_str()).collect();
    let reached: Vec<&str> = stops
        .iter()
        .filter(|stop| !matches!(stop.control, Control::Cap(_)))
        .map(|stop| stop.label.as_str())
        .collect();
    if touched == reached {
        Ok(())
    } else {
        Err(format!("expected stops at {touched:?}, got {reached:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_that_no_key_reaches_is_found() {
        let target = Target { label: "下一步".into(), intent: Intent::Next, enabled: true };
        let control = Control::Button { intent: Intent::Next, enabled: true };
        let stop = Stop { label: "下一步".into(), say: "下一步".into(), control };
        assert_eq!(check(std::slice::from_ref(&target), std::slice::from_ref(&stop)), Ok(()));
        assert!(check(&[target], &[]).is_err());
        assert!(check(&[], &[stop]).is_err());
    }
}
