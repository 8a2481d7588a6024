//! One door: a hinge with a spring, a bolt that a pulse draws back, a switch on the hook, and
//! whoever stands before it. A door that sprang open stays open until somebody pushes it shut.

use serde::{Deserialize, Serialize};

/// The bolt stays back for so long after a pulse, then the hook catches again.
const PULSE_US: u64 = 300_000;

/// What somebody, or wear, does to a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum DoorAct {
    PushShut,
    /// By its edge: a bolt that is not drawn back holds.
    PullOpen,
    /// With a crowbar.
    Force,
    /// The hook breaks and the spring opens.
    FallOpen,
    /// A person leans on it, so that it does not spring open.
    Lean,
    LetGo,
    /// Stuck in its frame: the spring is too weak, a hand is not.
    Jam,
    Unjam,
    /// The switch says the same whatever the door does.
    StickSensor {
        reads: Reads,
    },
    FreeSensor,
    /// The cable of its lock goes to another door.
    Cross {
        to: u16,
    },
    Uncross,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    Open,
    Shut,
}

#[derive(Debug, Default)]
pub(super) struct Door {
    pub(super) is_open: bool,
    bolt_back_until_us: u64,
    pub(super) leant_on: bool,
    pub(super) jammed: bool,
    pub(super) sensor: Option<Reads>,
    /// Door that the lock's cable really goes to.
    pub(super) crossed_to: Option<u16>,
    /// How often its own bolt was drawn back.
    pub(super) n_pulses: u32,
    /// How often the output of its lock was driven, wherever the cable goes.
    pub(super) n_driven: u32,
}

impl Door {
    pub(super) fn pulse(&mut self, at_us: u64) {
        self.n_pulses += 1;
        self.bolt_back_until_us = at_us + PULSE_US;
        self.spring(at_us);
    }

    pub(super) fn touch(&mut self, act: DoorAct, at_us: u64) {
        match act {
            DoorAct::PushShut => {
                self.is_open = false;
                self.spring(at_us);
            }
            DoorAct::PullOpen => self.is_open |= self.is_unbolted(at_us),
            DoorAct::Force | DoorAct::FallOpen => self.is_open = true,
            DoorAct::Lean => self.leant_on = true,
            DoorAct::LetGo => {
                self.leant_on = false;
                self.spring(at_us);
            }
            DoorAct::Jam => self.jammed = true,
            DoorAct::Unjam => {
                self.jammed = false;
                self.spring(at_us);
            }
            DoorAct::StickSensor { reads } => self.sensor = Some(reads),
            DoorAct::FreeSensor => self.sensor = None,
            DoorAct::Cross { to } => self.crossed_to = Some(to),
            DoorAct::Uncross => self.crossed_to = None,
        }
    }

    /// What the switch on the hook says.
    pub(super) fn reads_open(&self) -> bool {
        self.sensor.map_or(self.is_open, |reads| reads == Reads::Open)
    }

    pub(super) const fn is_unbolted(&self, at_us: u64) -> bool {
        at_us < self.bolt_back_until_us
    }

    fn spring(&mut self, at_us: u64) {
        self.is_open |= self.is_unbolted(at_us) && !self.jammed && !self.leant_on;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_opens_a_door_that_nothing_holds() {
        let mut door = Door::default();
        door.touch(DoorAct::PullOpen, 0);
        assert!(!door.is_open, "the bolt holds");
        door.pulse(1_000);
        assert!(door.is_open);
        door.touch(DoorAct::PushShut, 2_000);
        assert!(door.is_open, "the bolt is still back");
        door.touch(DoorAct::PushShut, 400_000);
        assert!(!door.is_open);
        door.touch(DoorAct::Force, 500_000);
        assert!(door.is_open);
    }

    #[test]
    fn a_held_door_springs_when_let_go_in_time() {
        for (hold, free) in [(DoorAct::Lean, DoorAct::LetGo), (DoorAct::Jam, DoorAct::Unjam)] {
            for (at_us, opens) in [(200_000, true), (301_000, false)] {
                let mut door = Door::default();
                door.touch(hold, 0);
                door.pulse(1_000);
                assert!(!door.is_open);
                door.touch(free, at_us);
                assert_eq!(door.is_open, opens, "{hold:?} until {at_us}");
            }
        }
    }

    #[test]
    fn a_stuck_sensor_says_what_it_says() {
        let mut door = Door::default();
        door.touch(DoorAct::StickSensor { reads: Reads::Shut }, 0);
        door.pulse(0);
        assert!(door.is_open && !door.reads_open());
        door.touch(DoorAct::FreeSensor, 0);
        assert!(door.reads_open());
    }
}
