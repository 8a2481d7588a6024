//! The invented people of the scenarios, and what of them must never be in a log or left behind.

use device_drivers::id_reader::card;
use device_sim::specimen;

/// The words of a specimen's card by which its holder could be known.
pub fn canaries(name: &str) -> Vec<String> {
    let image = specimen::card(name).unwrap_or_else(|| panic!("no specimen {name:?}"));
    let card = card::parse(image.text.bytes()).expect("specimens are good cards");
    let mut words = vec![
        card.name.expose().clone(),
        card.number.expose().clone(),
        card.address.expose().clone(),
    ];
    words.extend(card.english_name.iter().map(|name| name.expose().clone()));
    words.extend(card.former_number.iter().map(|number| number.expose().clone()));
    words.extend(card.travel_permit.iter().map(|permit| permit.expose().clone()));
    words.extend(image.new_addresses.iter().map(|address| (*address).to_owned()));
    words.retain(|word| !word.is_empty());
    words
}

/// [`canaries`] of the specimen with this id number; none for a stranger's.
pub(crate) fn words_of(number: &str) -> Vec<String> {
    let mut names = specimen::CARDS.iter().map(|listed| listed.specimen);
    names.find(|name| self::number(name) == number).map(canaries).unwrap_or_default()
}

/// The id number of a specimen.
pub fn number(name: &str) -> String {
    let image = specimen::card(name).unwrap_or_else(|| panic!("no specimen {name:?}"));
    let card = card::parse(image.text.bytes()).expect("specimens are good cards");
    card.number.expose().clone()
}
