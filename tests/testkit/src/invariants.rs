//! What must hold after every step, one module each; the names are those of the design.
//!
//! Each `check` is a function of plain facts, so that its test can feed it a broken history.

pub mod acked_is_durable;
pub mod clock_never_extends;
pub mod clone_safe;
pub mod complete_means_all_digests;
pub mod deposited_paper_accounted;
pub mod door_content_bijection;
pub mod full_disk_refuses_only_new;
pub mod hall_holds_exactly_once;
pub mod keys_reach_everything;
pub mod liveness;
pub mod never_accept_unfinishable;
pub mod no_duplicate_originals;
pub mod no_pii_in_logs;
pub mod nothing_shown_to_the_next;
pub mod one_authorisation_one_opening;
pub mod per_case_order;
pub mod printed_in_its_session;
pub mod receipted_case_survives;
pub mod released_only_to_named_collector;
pub mod revocation_bites;
pub mod session_end_leaves_no_pii;
pub mod silent_without_jack;
pub mod technician_limits;

/// Broken: what was found, in one sentence, without personal data.
pub type Verdict = Result<(), String>;
