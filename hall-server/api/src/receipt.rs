//! The text of the QR code on a receipt: station, epoch, seq, first 16 bytes of the event hash.
//!
//! `ND1.<receipt 14 digits>.<epoch hex>.<seq>.<hash 32 hex>`; the receipt number carries the check.

use kiosk_words::{Digest32, Epoch, ReceiptNo, Seq};

/// What a scanned receipt code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptCode {
    pub receipt: ReceiptNo,
    pub epoch: Epoch,
    pub seq: Seq,
    /// First 16 bytes of the event's body hash.
    pub hash: [u8; 16],
}

impl ReceiptCode {
    pub fn new(receipt: ReceiptNo, epoch: Epoch, seq: Seq, body_hash: &Digest32) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&body_hash.0[..16]);
        Self { receipt, epoch, seq, hash }
    }

    pub fn encode(&self) -> String {
        let hash = hex::encode(self.hash);
        format!("ND1.{}.{}.{}.{hash}", self.receipt.digits(), self.epoch, self.seq.0)
    }

    /// `None` for a torn, foreign or too long code; it is never guessed.
    pub fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        if parts.next()? != "ND1" || text.len() > 128 {
            return None;
        }
        let receipt = parts.next()?.parse().ok()?;
        let epoch = Epoch(uuid::Uuid::try_parse(parts.next()?).ok()?);
        let seq = Seq(parts.next()?.parse().ok()?);
        let mut hash = [0; 16];
        hex::decode_to_slice(parts.next()?, &mut hash).ok()?;
        parts.next().is_none().then_some(Self { receipt, epoch, seq, hash })
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::StationId;

    use super::*;

    #[test]
    fn a_code_reads_back_and_a_torn_one_does_not() {
        let receipt = ReceiptNo::new(StationId::try_from(17).unwrap(), 3).unwrap();
        let code = ReceiptCode::new(
            receipt,
            Epoch(uuid::Uuid::from_u128(7)),
            Seq(12),
            &Digest32([0xa5; 32]),
        );
        let text = code.encode();
        assert_eq!(ReceiptCode::decode(&text), Some(code));
        assert_eq!(ReceiptCode::decode(text.get(..text.len() - 1).unwrap()), None);
        assert_eq!(ReceiptCode::decode("https://example.invalid"), None);
    }
}
