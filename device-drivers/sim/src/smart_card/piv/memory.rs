//! What a staff card keeps without power, as text, so that a card outlives the program that plays
//! it. A real card keeps its keys to itself; those of a twin follow from its name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{KeySlot, PivChip, Secret, management::Management};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Memory {
    name: String,
    /// By slot: which of the keys made so far it is.
    keys: BTreeMap<u8, u32>,
    n_keys: u32,
    /// Hexadecimal, by hexadecimal name.
    objects: BTreeMap<String, String>,
    pin: Secret,
    puk: Secret,
    management: Management,
}

impl PivChip {
    /// As text; see [`PivChip::remembered`].
    pub(super) fn written(&self) -> String {
        let hexed = |bytes: &[u8]| hex::encode(bytes);
        let memory = Memory {
            name: self.name.clone(),
            keys: self.keys.iter().map(|(slot, (n, _))| (slot.reference(), *n)).collect(),
            n_keys: self.n_keys,
            objects: self
                .objects
                .iter()
                .map(|(name, inside)| (hexed(name), hexed(inside)))
                .collect(),
            pin: self.pin.clone(),
            puk: self.puk.clone(),
            management: self.management.clone(),
        };
        serde_json::to_string(&memory).expect("a memory has text keys")
    }

    /// The card that this was written of. `None`: it was of none.
    #[must_use]
    pub fn remembered(text: &str) -> Option<Self> {
        let memory: Memory = serde_json::from_str(text).ok()?;
        let mut chip = Self::new(&memory.name);
        for (reference, n) in memory.keys {
            let slot = KeySlot::of(reference)?;
            let key = chip.key_of(slot, n);
            chip.keys.insert(slot, (n, key));
        }
        for (name, inside) in memory.objects {
            chip.objects.insert(hex::decode(name).ok()?, hex::decode(inside).ok()?);
        }
        chip.n_keys = memory.n_keys;
        (chip.pin, chip.puk, chip.management) = (memory.pin, memory.puk, memory.management);
        Some(chip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smart_card::Chip as _;

    #[test]
    fn a_card_is_the_same_after_its_player_was_replaced() {
        let mut chip = PivChip::with_bare_keys("staff", "271828");
        chip.verify(b"314159\xFF\xFF");
        let text = chip.memory().expect("a staff card remembers");
        let again = PivChip::remembered(&text).expect("what was written is read");
        assert_eq!(again.memory(), Some(text));
        assert_eq!(again.keys, chip.keys);
        assert_eq!(again.pin.n_left, 2);
        assert!(PivChip::remembered("{}").is_none());
    }
}
