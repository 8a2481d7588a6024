//! The text of the QR code on the slip of an envelope: which case, what is inside, which order.
//!
//! `ND2.<receipt 14 digits>.<materials|result|returned>.<order>`; the order is 0 for materials,
//! which the hall did not send. The receipt number carries the check. It names nobody and no
//! matter, and it is no proof: whoever reads it looks the order up.

use crate::{Content, OrderId, ReceiptNo};

const LEN_MAX: usize = 64;

/// What a scanned slip says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopeCode {
    pub receipt: ReceiptNo,
    pub content: Content,
    /// The hall's number of the envelope; absent for materials and only there.
    pub order: Option<OrderId>,
}

impl EnvelopeCode {
    pub const fn materials(receipt: ReceiptNo) -> Self {
        Self { receipt, content: Content::Materials, order: None }
    }

    pub fn encode(&self) -> String {
        let order = self.order.map_or(0, |order| order.0);
        format!("ND2.{}.{}.{order}", self.receipt.digits(), word(self.content))
    }

    /// `None` for a torn, foreign or too long code; it is never guessed.
    pub fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        if text.len() > LEN_MAX || parts.next()? != "ND2" {
            return None;
        }
        let (receipt, content, order) = (parts.next()?, parts.next()?, parts.next()?);
        let content = Content::ALL.into_iter().find(|one| word(*one) == content)?;
        let order = match order {
            "0" => None,
            digits if digits.starts_with(|c: char| ('1'..='9').contains(&c)) => {
                Some(OrderId(digits.parse().ok()?))
            }
            _ => return None,
        };
        let code = Self { receipt: receipt.parse().ok()?, content, order };
        let fits = (content == Content::Materials) == order.is_none();
        (fits && parts.next().is_none()).then_some(code)
    }
}

const fn word(content: Content) -> &'static str {
    match content {
        Content::Materials => "materials",
        Content::Result => "result",
        Content::ReturnedOriginals => "returned",
    }
}

#[cfg(test)]
mod tests {
    use crate::StationId;

    use super::*;

    fn receipt() -> ReceiptNo {
        ReceiptNo::new(StationId::try_from(17).unwrap(), 3).unwrap()
    }

    #[test]
    fn every_content_reads_back() {
        let order = Some(OrderId(42));
        for code in [
            EnvelopeCode::materials(receipt()),
            EnvelopeCode { receipt: receipt(), content: Content::Result, order },
            EnvelopeCode { receipt: receipt(), content: Content::ReturnedOriginals, order },
        ] {
            assert_eq!(EnvelopeCode::decode(&code.encode()), Some(code));
        }
    }

    #[test]
    fn what_is_torn_foreign_or_contradicts_itself_is_not_read() {
        let digits = receipt().digits();
        for text in [
            format!("ND2.{digits}.result"),
            format!("ND2.{digits}.result.0"),
            format!("ND2.{digits}.result.+4"),
            format!("ND2.{digits}.result.04"),
            format!("ND2.{digits}.materials.4"),
            format!("ND2.{digits}.gift.4"),
            format!("ND2.{digits}.result.4.5"),
            format!("ND1.{digits}.result.4"),
            "ND2.00170000000300.result.4".into(),
            format!("ND2.{digits}.result.{}", "9".repeat(60)),
        ] {
            assert_eq!(EnvelopeCode::decode(&text), None, "{text}");
        }
    }
}
