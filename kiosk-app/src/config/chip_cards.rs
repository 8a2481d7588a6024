//! The table `[chip_cards]`: the reader with a slot, as pcscd knows it.

use serde::Deserialize;

use super::NotEmpty;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipCards {
    /// Name of the reader, with its two numbers at the end or without: without, it is found
    /// wherever it is plugged in, as long as there is one of its kind.
    pub reader: NotEmpty,
}
