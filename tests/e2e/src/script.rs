//! What the player does, read from a TOML file in citizen words. Decides nothing.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The script of the first night.
pub const FIRST_NIGHT: &str = include_str!("../first_night.toml");
/// Printer and cabinet fail in the middle of a visit.
pub const DEVICES_FAIL: &str = include_str!("../devices_fail.toml");
/// What a person sees when the disk is full, and when it is not any more.
pub const DISK_FULL: &str = include_str!("../disk_full.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    #[serde(rename = "step")]
    pub steps: Vec<ScriptStep>,
}

/// One picture of the night.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptStep {
    /// Also the name of its picture.
    pub name: String,
    #[serde(default)]
    pub acts: Vec<Act>,
    /// Words that must stand on the page after the last act.
    #[serde(default)]
    pub sees: Vec<String>,
    /// The page shows a QR code that must be a receipt's.
    #[serde(default)]
    pub code: bool,
    /// Words that are said into the earphones after the last act, and can be heard.
    pub hears: Option<String>,
    /// So many cases does the clerk's queue show after this step.
    pub hall_holds: Option<usize>,
}

/// One thing that happens; after it the page is looked at.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A touch in the middle of the sleeping screen.
    Wake,
    /// A touch on a button by its words.
    Tap(String),
    /// Touches on the on-screen keyboard, one per character.
    Keys(String),
    /// A finger drawn over the signature pad.
    Sign,
    LayCard(String),
    LiftCard,
    /// Pushes a social security card into the slot.
    PutInCard(String),
    TakeOutCard,
    /// pcscd is killed, and started again by its supervisor.
    CardDaemonRestarts,
    LayPaper(String),
    TakePaper,
    /// The hall's process ends.
    HallStops,
    /// The hall's process comes back with the same data.
    HallStarts,
    /// `kill -9` of the station's process; the runner starts it again.
    StationDies,
    /// Not a byte is left on the station's disk.
    DiskFills,
    /// What filled it is gone.
    DiskHasRoom,
    /// A clerk accepts this person's case.
    ClerkAccepts {
        whose: String,
        number: String,
    },
    /// A clerk decides this person's case: granted.
    ClerkGrants(String),
    /// A clerk asks for a place for this person's result, who filed may take it.
    ClerkOrders(String),
    /// The courier hands this person's originals over at the desk, counted.
    DeskTakes(String),
    /// A clerk hands this person's sealed result to the courier.
    DeskGives(String),
    /// Takes the one paper that came out of the printer; this word stands on it.
    TakeSlip(String),
    /// Lays this person's newest envelope under the camera, its slip in the window.
    LayEnvelope(String),
    /// Holds it before the scanner, and takes it away.
    HoldEnvelope(String),
    TakeEnvelopeAway,
    /// The roll ends in the middle of the next slip.
    PaperEnds,
    /// A new roll.
    PaperIn,
    /// Somebody opens the printer's cover in the middle of the next slip.
    CoverOpens,
    CoverCloses,
    /// The cable of the lock boards is pulled out, and put in again.
    LockerCut,
    LockerBack,
    /// Taps a key of the keypad, by its name.
    Press(String),
    EarphonesIn,
    EarphonesOut,
    /// Pushes the door of this cell shut.
    PushShut(u16),
    /// Touches on the keyboard: the pick-up code on this person's receipt.
    KeysCode(String),
}

impl Act {
    /// The words it touches, if it does.
    const fn label(&mut self) -> Option<&mut String> {
        if let Self::Tap(label) = self { Some(label) } else { None }
    }
}

impl Script {
    pub fn read(text: &str) -> Result<Self> {
        toml::from_str(text).context("the script")
    }

    /// What a finger types on the keyboard of the screen.
    pub fn typed(&self) -> impl Iterator<Item = &str> {
        let acts = self.steps.iter().flat_map(|step| &step.acts);
        acts.filter_map(|act| if let Act::Keys(keys) = act { Some(keys.as_str()) } else { None })
    }

    /// Another word wherever the script expects this one, as if the screen had been changed.
    pub fn break_label(&mut self, label: &str) -> Result<()> {
        let broken = format!("{label}（不是这个）");
        let mut n_places = 0;
        for step in &mut self.steps {
            let taps = step.acts.iter_mut().filter_map(Act::label);
            for word in taps.chain(&mut step.sees).filter(|word| *word == label) {
                word.clone_from(&broken);
                n_places += 1;
            }
        }
        if n_places == 0 {
            bail!("the script has no label {label:?}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_night_is_readable_and_long_enough() {
        let script = Script::read(FIRST_NIGHT).unwrap();
        assert!(script.steps.len() >= 12, "{} steps", script.steps.len());
        let mut names: Vec<_> = script.steps.iter().map(|step| &step.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), script.steps.len(), "a picture is overwritten");
    }

    #[test]
    fn a_broken_label_is_no_longer_in_the_script() {
        let mut script = Script::read(FIRST_NIGHT).unwrap();
        script.break_label("办事").unwrap();
        assert!(!script.steps.iter().any(|step| step.acts.contains(&Act::Tap("办事".into()))));
        assert!(script.break_label("办事").is_err());
    }
}
