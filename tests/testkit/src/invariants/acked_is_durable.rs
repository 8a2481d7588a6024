//! Whatever the station has settled, the hall has for good.

use std::collections::BTreeSet;

use kiosk_words::Seq;

use super::Verdict;

pub fn check<'a>(settled: impl Iterator<Item = &'a Seq>, at_hall: &BTreeSet<Seq>) -> Verdict {
    let mut settled = settled;
    match settled.find(|seq| !at_hall.contains(seq)) {
        Some(seq) => Err(format!("event {} is settled here and unknown at the hall", seq.0)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_out_of_nothing_is_found() {
        let hall = BTreeSet::from([Seq(1)]);
        assert_eq!(check([Seq(1)].iter(), &hall), Ok(()));
        assert!(check([Seq(1), Seq(2)].iter(), &hall).is_err());
    }
}
