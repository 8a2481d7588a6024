//! What stations and the hall say to each other, versioned.
//!
//! * [`wire`]: requests and answers of the sync contract, with the names of all paths and headers.
//! * [`case_record`]: the plain form of a filed case; travels only inside a sealed envelope.
//! * [`seal`]: envelopes (record key, scan key to the hall only) and the format of scan files.
//! * [`audit`]: the hash chain of the station's audit.
//! * [`receipt`]: the text of the QR code on a receipt.
//!
//! No clock and no randomness of its own: keys and nonces come in from the caller.

pub mod audit;
pub mod case_record;
pub mod receipt;
pub mod seal;
pub mod wire;
