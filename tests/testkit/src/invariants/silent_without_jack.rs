//! Nothing is spoken to the room: only into earphones that a working keypad reports.

use device_api::keypad::Status;

use super::Verdict;

/// `status` as the driver has it when something is said.
pub fn check(status: Status) -> Verdict {
    if status.jack { Ok(()) } else { Err("spoken with no plug in the jack".to_owned()) }
}

#[cfg(test)]
mod tests {
    use device_api::keypad::Health;

    use super::*;

    #[test]
    fn a_word_to_the_room_is_found() {
        assert_eq!(check(Status { health: Health::Ready, jack: true }), Ok(()));
        assert!(check(Status { health: Health::Ready, jack: false }).is_err());
        assert!(check(Status::STARTING).is_err());
    }
}
