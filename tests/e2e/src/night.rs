//! One night from dark to dark: Xvfb, a house, the player, and everything gone afterwards.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    catalogue,
    clock::Clock,
    house::{AtEnd, House, Places, STATION_PHONE},
    page::Page,
    player::{Player, Summary},
    script::Script,
    shadow::{Shadow, config_of_the_house},
    xvfb::Xvfb,
};

/// Where the player looks and where it writes.
#[derive(Debug)]
pub struct Night<'a> {
    pub places: &'a Places,
    pub script: &'a Script,
    /// Emptied first.
    pub out: &'a Path,
    pub at_end: AtEnd,
}

/// The default place of pictures and summary, in the folder the runner is started in.
pub fn default_out() -> PathBuf {
    PathBuf::from("out/first-night")
}

/// Plays; `Err` when the house did not come up, a summary with its failure otherwise.
pub fn play(night: &Night<'_>, clock: &Clock) -> Result<Summary> {
    let log = tempfile::NamedTempFile::new()?;
    let xvfb = Xvfb::start(log.path())?;
    let matters = catalogue::load(&night.places.catalog)?;
    let shadow = Shadow::new(config_of_the_house(STATION_PHONE)?, matters, clock)?;
    let page = Page::new(shadow)?;
    let mut house = House::start(night.places, xvfb.display(), clock, night.at_end)?;
    let mut player = Player::new(&mut house, xvfb.display(), page, night.out)?;
    let summary = player.play(night.script)?;
    drop(player);
    house.stop();
    Ok(summary)
}
