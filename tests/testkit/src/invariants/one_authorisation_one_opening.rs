//! A door is asked to open only under an authorisation that is on the disk, for that door, and
//! each authorisation at most once; and its lock is pulsed at most once for each ask.

use device_api::locker::DoorNo;

use super::Verdict;

/// All in the order in which they happened: authorisations committed, doors asked, locks that a
/// board pulsed.
pub fn check(authorised: &[DoorNo], asked: &[DoorNo], pulsed: &[DoorNo]) -> Verdict {
    if let Some(door) = first_without(asked, authorised) {
        return Err(format!("door {door} was asked without an authorisation of its own"));
    }
    match first_without(pulsed, asked) {
        Some(door) => Err(format!("lock {door} was pulsed and nobody asked for it")),
        None => Ok(()),
    }
}

/// The first act without a leave of its own, each leave being used once and in order.
fn first_without(acts: &[DoorNo], leaves: &[DoorNo]) -> Option<DoorNo> {
    let mut left = leaves.iter();
    acts.iter().find(|act| !left.any(|leave| leave == *act)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cabinet::door;

    #[test]
    fn an_opening_without_or_under_a_used_authorisation_is_found() {
        let (one, two) = (door(1), door(2));
        assert_eq!(check(&[one, two, one], &[one, one], &[]), Ok(()), "one was never asked");
        assert!(check(&[], &[one], &[]).is_err());
        assert!(check(&[one], &[one, one], &[]).is_err());
        assert!(check(&[one, two], &[two, one], &[]).is_err());
    }

    #[test]
    fn a_lock_that_is_pulsed_again_or_unasked_is_found() {
        let (one, two) = (door(1), door(2));
        let asked = [one, two, one];
        assert_eq!(check(&asked, &asked, &[one, one]), Ok(()), "one was lost on the way");
        assert!(check(&[one], &[one], &[one, one]).is_err());
        assert!(check(&[one, one], &[one], &[one, one]).is_err(), "authorised and not asked");
        assert!(check(&[one], &[one], &[two]).is_err());
    }
}
