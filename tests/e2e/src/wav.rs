//! Whether a recording can be heard: what a program without a sound card would have said.

use anyhow::{Context, Result, bail};

/// Louder than the noise of a quantiser, softer than any speech.
const AUDIBLE: u16 = 1_000;
/// `RIFF` size `WAVE`, `fmt ` and its 16 bytes, `data` and its size.
const HEAD_LEN: usize = 44;

/// Half a second of 16-bit mono sound at 22,050 Hz, at least, and not silence.
pub(crate) fn can_be_heard(wav: &[u8]) -> Result<()> {
    let (head, samples) = wav.split_at_checked(HEAD_LEN).context("no WAV: too short")?;
    if !head.starts_with(b"RIFF") || head.get(8..12) != Some(b"WAVE") {
        bail!("expected a WAV, got {:02x?}", head.get(..12));
    }
    let loudest = samples.as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair));
    let loudest = loudest.map(i16::unsigned_abs).max().unwrap_or(0);
    if samples.len() < 22_050 || loudest < AUDIBLE {
        bail!("{} bytes of sound, the loudest sample is {loudest}", samples.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(samples: &[i16]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
        bytes.resize(HEAD_LEN, 0);
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    #[test]
    fn silence_and_a_click_cannot_be_heard() {
        assert!(can_be_heard(&wav(&[0; 20_000])).is_err());
        assert!(can_be_heard(&wav(&[9_000; 20])).is_err());
        assert!(can_be_heard(b"no sound").is_err());
        can_be_heard(&wav(&[-2_000; 20_000])).unwrap();
    }
}
