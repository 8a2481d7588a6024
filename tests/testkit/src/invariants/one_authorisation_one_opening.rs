//! A door is asked to open only under an authorisation that is on the disk, for that door, and
//! each authorisation at most once.

use device_api::locker::DoorNo;

use super::Verdict;

/// Both in the order in which they happened: authorisations committed, doors asked.
pub fn check(authorised: &[DoorNo], asked: &[DoorNo]) -> Verdict {
    let mut left = authorised.iter();
    match asked.iter().find(|door| !left.any(|authorised| authorised == *door)) {
        Some(door) => Err(format!("door {door} was asked without an authorisation of its own")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cabinet::door;

    #[test]
    fn an_opening_without_or_under_a_used_authorisation_is_found() {
        let (one, two) = (door(1), door(2));
        assert_eq!(check(&[one, two, one], &[one, one]), Ok(()), "one was never asked");
        assert!(check(&[], &[one]).is_err());
        assert!(check(&[one], &[one, one]).is_err());
        assert!(check(&[one, two], &[two, one]).is_err());
    }
}
