//! What can be said of a port before anything is sent over it.

use std::{fs, path::Path};

/// Where Linux names serial adapters by what they are, not by the order in which they were found.
pub(super) const BY_ID: &str = "/dev/serial/by-id";

/// Whether the port has a name that may mean another device tomorrow, or is not there while others
/// are.
pub(super) fn note(port: &Path, by_id: &Path) -> Option<String> {
    let name = port.file_name().unwrap_or_default().to_string_lossy();
    let is_numbered = ["ttyUSB", "ttyACM"].iter().any(|kind| name.starts_with(kind));
    if is_numbered {
        let by_id = by_id.display();
        return Some(format!("numbered by the order of plugging in: name it by {by_id}/…"));
    }
    if port.exists() {
        return None;
    }
    let mut there: Vec<String> = fs::read_dir(by_id)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    there.sort();
    (!there.is_empty()).then(|| format!("{} has {}", by_id.display(), there.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_port_lists_what_is_there_instead_and_a_number_is_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("usb-FTDI_FT232R_B2");
        fs::write(&there, "").unwrap();
        assert_eq!(note(&there, folder.path()), None);
        let gone = note(&folder.path().join("usb-FTDI_FT232R_A1"), folder.path()).unwrap();
        assert!(gone.ends_with("has usb-FTDI_FT232R_B2"), "{gone}");
        let number = note(Path::new("/dev/ttyUSB0"), folder.path()).unwrap();
        assert!(number.contains("order of plugging in"), "{number}");
        assert_eq!(note(&folder.path().join("x"), &folder.path().join("no-such-folder")), None);
    }
}
