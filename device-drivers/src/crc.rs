//! The checksums of the serial devices here: CRC-16 with the polynomial 1021, nothing reflected.

/// CRC-16/XMODEM: begins with 0.
pub(crate) fn xmodem(bytes: &[u8]) -> u16 {
    from(0, bytes)
}

/// CRC-16/IBM-3740, also called CCITT-FALSE: begins with FFFF, so that zeros in front count.
pub(crate) fn ibm_3740(bytes: &[u8]) -> u16 {
    from(0xFFFF, bytes)
}

fn from(start: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(start, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum: u16, _| {
            let shifted = sum << 1;
            if sum & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of parametrised CRC algorithms.
    #[test]
    fn both_give_their_published_check_value() {
        assert_eq!(xmodem(b"123456789"), 0x31C3);
        assert_eq!(ibm_3740(b"123456789"), 0x29B1);
    }
}
