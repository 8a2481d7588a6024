//! The document camera and the vault of captured pages, as facts without pixels.

use std::collections::BTreeMap;

use device_api::camera::{Fault, Health, Quality};
use kiosk_core::{
    effect::{Refusal, Scan},
    view::ImageId,
};
use kiosk_words::Digest32;
use sha2::{Digest as _, Sha256};

use crate::store::Disk;

/// What lies under the lens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    pub name: &'static str,
    pub quality: Quality,
}

/// Papers by the names that people give them, and how they look to the lens.
const PAPERS: [Paper; 6] = [
    paper("old_permit", 180, 400, 70),
    paper("business_licence", 175, 380, 80),
    paper("photo", 160, 300, 10),
    paper("in_the_dark", 20, 200, 60),
    paper("mirrored_lamp", 254, 200, 60),
    paper("shaken", 170, 5, 70),
];

const fn paper(name: &'static str, brightness: u8, sharpness: u32, covered_percent: u8) -> Paper {
    Paper { name, quality: Quality { brightness, sharpness, covered_percent } }
}

/// The camera and what lies under it.
#[derive(Debug, Clone, Default)]
pub struct Lens {
    paper: Option<Paper>,
    fault: Option<Fault>,
}

impl Lens {
    pub(crate) fn lay(&mut self, name: &str) {
        let known = PAPERS.iter().find(|paper| paper.name == name);
        let names = PAPERS.map(|paper| paper.name);
        self.paper =
            Some(*known.unwrap_or_else(|| panic!("no paper {name:?}; there are {names:?}")));
    }

    pub(crate) const fn clear(&mut self) {
        self.paper = None;
    }

    pub(crate) const fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
    }

    /// Whether there is a camera at all.
    pub(crate) fn health(&self) -> Health {
        match self.fault {
            Some(Fault::Missing) => Health::Down(Fault::Missing),
            Some(Fault::BadPicture | Fault::NothingThere) | None => Health::Ready,
        }
    }

    pub(crate) fn look(&self) -> Result<Paper, Fault> {
        match (self.fault, self.paper) {
            (Some(fault), _) => Err(fault),
            (None, Some(paper)) => Ok(paper),
            (None, None) => Err(Fault::NothingThere),
        }
    }
}

/// Pages of the open session: pictures in memory, ciphertext on the disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vault {
    pages: BTreeMap<ImageId, Digest32>,
}

impl Vault {
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Takes, measures and seals one page; `n` makes every page another one.
    pub(crate) fn capture(
        &mut self,
        n: u64,
        lens: &Lens,
        disk: &mut Disk,
    ) -> Result<(ImageId, Scan), Refusal> {
        let paper = lens.look().map_err(Refusal::Camera)?;
        let n_bytes = 300_000;
        if disk.free_for_new() < n_bytes {
            return Err(Refusal::NoRoom);
        }
        let digest = Digest32(Sha256::digest(format!("{n} {}", paper.name).as_bytes()).into());
        let image = ImageId(n);
        disk.keep_file(digest, n_bytes);
        self.pages.insert(image, digest);
        let quality = paper.quality;
        Ok((image, Scan { digest, n_bytes, width_px: 2_480, height_px: 3_508, quality }))
    }

    pub(crate) fn discard(&mut self, image: ImageId, disk: &mut Disk) {
        if let Some(digest) = self.pages.remove(&image) {
            disk.drop_file(&digest);
        }
    }

    /// Forgets every picture; files of filed cases stay.
    pub(crate) fn wipe(&mut self, disk: &mut Disk, sealed: impl Fn(&Digest32) -> bool) {
        for digest in std::mem::take(&mut self.pages).into_values() {
            if !sealed(&digest) {
                disk.drop_file(&digest);
            }
        }
    }

    /// The program died: memory is gone, files stay for the next start to clear.
    pub(crate) fn lose_memory(&mut self) {
        self.pages.clear();
    }
}
