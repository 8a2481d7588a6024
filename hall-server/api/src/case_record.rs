//! A filed case in plain text, as JSON inside the sealed envelope and nowhere else.
//!
//! Unknown members are kept out: a record of schema n is read by halls of n and n + 1 only.

use std::fmt;

use kiosk_words::{CaseId, ClockQuality, Digest32, MatterId, ReceiptNo, WallTime};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRecord {
    pub case: CaseId,
    pub receipt: ReceiptNo,
    pub matter: MatterId,
    pub matter_version: u32,
    pub matter_name: String,
    pub deposited: WallTime,
    pub quality: ClockQuality,
    pub parties: Vec<PartyRecord>,
    pub collectors: Vec<CollectorRecord>,
    /// Question id, answer id.
    pub answers: Vec<(String, String)>,
    pub fields: Vec<FieldRecord>,
    pub contact: ContactRecord,
    pub scans: Vec<ScanRecord>,
    pub signatures: Vec<SignatureRecord>,
}

/// Says which case, never who: this type is the one place where personal data is plain.
impl fmt::Debug for CaseRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaseRecord").field("case", &self.case).finish_non_exhaustive()
    }
}

macro_rules! private_record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty),* }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), " { <private> }"))
            }
        }
    };
}

private_record!(PartyRecord {
    /// `applicant`, `agent`, `guardian`
    role: String,
    name: String,
    number: String,
    birth: String,
    address: String,
    sex: String,
    verified_at: WallTime,
    reader: Option<String>,
    mandate: Option<MandateRecord>,
});
private_record!(MandateRecord { given_by: String, matter: MatterId, until: String });
private_record!(CollectorRecord { name: String, number: String });
private_record!(FieldRecord { id: String, label: String, value: String });
private_record!(ContactRecord {
    /// `own_mobile`, `other_mobile`, `post`, `come_back`
    way: String,
    mobile: Option<String>,
    /// `locker`, `window`, `post`
    delivery: String,
});
private_record!(ScanRecord {
    slot: String,
    title: String,
    page: u16,
    digest: Digest32,
    n_bytes: u64
});
private_record!(SignatureRecord {
    signer: String,
    /// SHA-256 of the page that was shown.
    page: Digest32,
    /// Strokes of points in thousandths of the pad.
    strokes: Vec<Vec<(u16, u16)>>,
    at: WallTime,
});
