//! The printer's wire as a technician sees it: commands whole, what is printed by its length.

use super::codec::{Command, CommandReader};
use crate::wire::{Shown, hex, hidden};

/// Nothing that comes from a printer is a person's.
#[derive(Debug, Default)]
pub struct Frames {
    /// The beginning of a command whose rest has not been sent.
    begun: Vec<u8>,
}

impl Shown for Frames {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        self.begun.extend_from_slice(bytes);
        let mut lines = Vec::new();
        while let Some((len, command)) = CommandReader::read(&self.begun) {
            let rest = self.begun.split_off(len);
            let sent = zeroize::Zeroizing::new(std::mem::replace(&mut self.begun, rest));
            lines.push(match command {
                Ok(Command::Text(_) | Command::Raster(_) | Command::QrStore(_)) => hidden(len),
                Ok(_) => hex(&sent),
                Err(_) => hidden(len),
            });
        }
        lines
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_shown_by_its_length_also_in_pieces() {
        let name = Command::Text("WANG".into()).encode();
        let code = Command::QrStore(b"NDE1 4402".to_vec()).encode();
        let bytes = [vec![0x1B, 0x40], name, vec![0x0A], code.clone(), vec![0x10, 0x04, 0x02]];
        let whole = Frames::default().sent(&bytes.concat());
        let store = hidden(code.len());
        assert_eq!(whole, ["1B 40", "·4·", "0A", &store, "10 04 02"]);
        let mut frames = Frames::default();
        let pieces = code.chunks(3).flat_map(|piece| frames.sent(piece)).collect::<Vec<_>>();
        assert_eq!(pieces, [store], "no piece of a code is taken for a command");
    }
}
