//! Every situation a station may be in, on virtual time, in citizen words; one file each.

mod a_case_is_filed;
mod bad_bytes_on_the_wire;
mod camera_fails;
mod captive_portal;
mod card_lifted_mid_read;
mod cards_that_do_not_count;
mod care_mode;
mod clock_jumps;
mod crash_at_every_step;
mod disk_full;
mod double_and_stale_taps;
mod elder_mode;
mod english_all_the_way;
mod feed_moves_the_case;
mod hall_down;
mod leaving;
mod minor_with_guardian;
mod no_card;
mod people_type_fast;
mod random_walk;
mod reader_faults;
mod reader_unplugged;
mod reply_lost;
mod second_card;
mod store_dies;
mod walk_away;
