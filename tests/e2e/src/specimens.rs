//! The invented cards and papers as the page model's devices give them: the same bytes as the
//! twins', through the driver's own codec.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow};
use device_api::{camera::Frame, id_reader::IdCard, keypad::Key};
use device_drivers::{camera::frame_from, id_reader::card as codec};
use device_sim::smart_card::{Chip, piv::PivChip};

/// Whose cards the scripts lay down.
pub const PEOPLE: [&str; 3] = ["wang_wei", "zhang_san", "li_xiulan"];

/// The card as the driver reads it from the wire, with addresses added later.
pub fn card(specimen: &str) -> Result<IdCard> {
    let image = device_sim::specimen::card(specimen)
        .with_context(|| format!("no specimen card {specimen:?}"))?;
    let mut card = codec::parse(image.text.bytes()).map_err(|bad| anyhow!("{bad}"))?;
    card.new_addresses =
        codec::parse_new_addresses(&image.added()).map_err(|bad| anyhow!("{bad}"))?;
    Ok(card)
}

/// The chip card as it is pushed in: of those that remember something, what they remember now.
pub fn chip_card(specimen: &str, drawer: &Path) -> Result<Box<dyn Chip>> {
    if let Ok(memory) = fs::read_to_string(drawer.join(specimen)) {
        let chip = PivChip::remembered(&memory);
        return Ok(Box::new(chip.with_context(|| format!("{specimen} remembers nothing"))?));
    }
    device_sim::smart_card::specimen::chip(specimen)
        .with_context(|| format!("no chip card {specimen:?}"))
}

/// The paper as the camera sees it.
/// A key of the keypad by its name.
pub fn key(name: &str) -> Result<Key> {
    let known = Key::ALL.into_iter().find(|key| key.name() == name);
    known.with_context(|| format!("no key {name:?}; there are {:?}", Key::ALL.map(Key::name)))
}

pub fn paper(specimen: &str) -> Result<Frame> {
    let (_, encoded) = device_sim::paper::picture(specimen)
        .with_context(|| format!("no specimen paper {specimen:?}"))?;
    frame_from(encoded).map_err(|fault| anyhow!("{specimen}: {fault:?}"))
}
