//! One night from dark to dark: Xvfb, a house, the player, and everything gone afterwards. What the
//! processes leave on their disks is searched for everybody who was there.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    catalogue,
    clock::Clock,
    house::{AtEnd, COURIER, House, MANAGER, Places, STATION_PHONE, Worker},
    page::Page,
    player::{Player, Summary},
    script::Script,
    shadow::{Fitting, Shadow, config_of_the_house},
    sweep::{everybody, sweep},
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

/// PINs of the people at the cabinet, as the script types them and the page model knows them. They
/// live as long as the throw-away folder.
const PINS: [(Worker, &str); 2] = [(COURIER, "802461"), (MANAGER, MANAGER_PIN)];
pub(crate) const MANAGER_PIN: &str = "753951";

/// Plays; `Err` when the house did not come up, a summary with its failure otherwise.
pub fn play(night: &Night<'_>, clock: &Clock) -> Result<Summary> {
    let log = tempfile::NamedTempFile::new()?;
    let xvfb = Xvfb::start(log.path())?;
    let matters = catalogue::load(&night.places.catalog)?;
    let fitting = night.places.fitting;
    let shadow = Shadow::new(config_of_the_house(STATION_PHONE, fitting)?, matters, clock)?;
    let page = Page::new(shadow)?;
    let staff = match fitting {
        Fitting::Plain => Vec::new(),
        Fitting::WithLocker => PINS.map(|(worker, pin)| (worker, pin.to_owned())).to_vec(),
    };
    let mut house = House::start(night.places, &staff, xvfb.display(), clock, night.at_end)?;
    let mut player = Player::new(&mut house, xvfb.display(), page, night.out)?;
    let mut summary = player.play(night.script)?;
    drop(player);
    house.stop();
    let left = left_behind(&house, night)?;
    if summary.failure.is_none() {
        summary.failure = left;
    }
    Ok(summary)
}

/// Where a person of this night can still be found, when all processes have ended.
fn left_behind(house: &House, night: &Night<'_>) -> Result<Option<String>> {
    let people = everybody(night.script);
    for folder in [Some(house.folder()), night.places.disk.as_deref()].into_iter().flatten() {
        let swept = sweep(folder, &people)?;
        if let Some((path, caught)) = swept.found.first() {
            return Ok(Some(format!("{caught}: {}", path.display())));
        }
    }
    Ok(None)
}
