//! The cells of this station as a heartbeat reports them.
//!
//! Put together from the plan of machine.toml, the record in the store and what the doors say.
//! The record knows no reservation, so a cell that is kept for somebody reads as empty.

use std::collections::BTreeMap;

use device_api::locker::{DoorNo, DoorState};
use hall_api::wire::{CellReport, CellUse};
use kiosk_core::custody::CellPlan;
use kiosk_store::CellFacts;

/// One report per cell of the plan, in its order.
pub fn report(
    plan: &[CellPlan],
    record: &[CellFacts],
    doors: &BTreeMap<DoorNo, DoorState>,
) -> Vec<CellReport> {
    let of_cell = |cell: &CellPlan| {
        let known = record.iter().find(|known| known.door == cell.door.get());
        let door = doors.get(&cell.door).copied().unwrap_or(DoorState::Unknown);
        CellReport {
            door: cell.door.get(),
            size: cell.size,
            // A door that the record does not name was never looked into.
            state: known.map_or(CellUse::Unknown, |known| known.state),
            case: known.and_then(|known| known.case),
            door_state: door_word(door).to_owned(),
        }
    };
    plan.iter().map(of_cell).collect()
}

/// Doors that the record says something of and machine.toml no longer has.
pub fn lost(plan: &[CellPlan], record: &[CellFacts]) -> Vec<u16> {
    let is_planned = |door: u16| plan.iter().any(|cell| cell.door.get() == door);
    let holds = |known: &&CellFacts| match known.state {
        CellUse::Holds(_) | CellUse::Quarantined => !is_planned(known.door),
        CellUse::Unknown | CellUse::Empty | CellUse::Reserved => false,
    };
    record.iter().filter(holds).map(|known| known.door).collect()
}

const fn door_word(door: DoorState) -> &'static str {
    match door {
        DoorState::Unknown => "unknown",
        // Told to open and not seen open.
        DoorState::Shut | DoorState::Releasing => "shut",
        DoorState::Open => "open",
        DoorState::Ajar => "ajar",
        DoorState::Forced => "forced",
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::{CaseId, CellSize, Content};

    use super::*;

    fn plan(doors: &[u16]) -> Vec<CellPlan> {
        let cell = |door: &u16| CellPlan { door: DoorNo::new(*door).unwrap(), size: CellSize::A4 };
        doors.iter().map(cell).collect()
    }

    fn facts(door: u16, state: CellUse) -> CellFacts {
        CellFacts { door, state, case: Some(CaseId::new(1, [7; 10])) }
    }

    #[test]
    fn plan_record_and_doors_make_one_report() {
        let record = [facts(2, CellUse::Holds(Content::Result))];
        let doors = BTreeMap::from([(DoorNo::new(2).unwrap(), DoorState::Ajar)]);
        let [first, second] = report(&plan(&[1, 2]), &record, &doors).try_into().unwrap();
        assert_eq!((first.state, first.case), (CellUse::Unknown, None));
        assert_eq!(first.door_state, "unknown");
        assert_eq!((second.door, second.state), (2, CellUse::Holds(Content::Result)));
        assert_eq!((second.case, second.door_state.as_str()), (record[0].case, "ajar"));
    }

    #[test]
    fn an_envelope_behind_a_door_that_is_no_longer_planned_is_noticed() {
        let record = [
            facts(1, CellUse::Quarantined),
            facts(2, CellUse::Empty),
            facts(3, CellUse::Holds(Content::Materials)),
        ];
        assert_eq!(lost(&plan(&[1]), &record), [3]);
        assert_eq!(lost(&plan(&[]), &record), [1, 3]);
    }
}
