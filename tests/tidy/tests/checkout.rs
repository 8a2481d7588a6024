//! Runs every check of this crate on the checkout itself.

use tidy::{
    Finding, Tree, assert_clean, cargo, documents,
    edges::{self, Edges},
    faults,
    licences::{self, Duplicates, Licences},
    promises, screen_words, sources,
};

fn tree() -> Tree {
    Tree::of_checkout().expect("the checkout is readable")
}

#[test]
fn crates_use_only_what_the_table_allows() {
    let metadata = cargo::metadata().expect("cargo reads the workspace");
    let (members, found) = edges::edges(&metadata);
    let table = Edges::read(&tree()).expect("the table is good");
    assert_clean(&table.check(&members, &found));
}

#[test]
fn pure_crates_reach_no_runtime_screen_store_or_port() {
    let table = Edges::read(&tree()).expect("the table is good");
    let findings: Vec<Finding> = table
        .crates
        .iter()
        .filter(|entry| entry.pure)
        .flat_map(|entry| {
            let lines = cargo::tree_of(&entry.name, "no-dev").expect("cargo knows the package");
            table.check_pure(&entry.name, &lines)
        })
        .collect();
    assert_clean(&findings);
}

#[test]
fn pure_crates_ask_for_no_time_thread_file_or_randomness() {
    let tree = tree();
    let table = Edges::read(&tree).expect("the table is good");
    let folders = edges::folders(&cargo::metadata().expect("cargo reads the workspace"));
    let mut findings = edges::check_device_cores(&table, &tree);
    for entry in table.crates.iter().filter(|entry| entry.pure) {
        findings.extend(edges::check_pure_sources(&table, &folders[&entry.name], &tree));
    }
    assert_clean(&findings);
}

#[test]
fn the_screen_sees_only_the_view() {
    assert_clean(&edges::check_screen_sees_only_the_view(&tree()));
}

#[test]
fn twins_recorders_and_test_hooks_stay_out_of_the_products() {
    for package in ["kiosk-app", "hall-server"] {
        let lines = cargo::tree_of(package, "features,no-dev").expect("cargo knows the package");
        assert_clean(&cargo::check_leaks(package, &lines));
    }
}

#[test]
fn members_take_every_dependency_from_the_workspace() {
    assert_clean(&cargo::check_members_inherit(&tree()));
}

#[test]
fn sqlite_is_declared_once_and_encrypted() {
    assert_clean(&cargo::check_rusqlite(&tree()));
}

#[test]
fn every_locked_crate_may_be_combined_with_the_gpl() {
    let metadata = cargo::metadata().expect("cargo reads the workspace");
    let table = Licences::read(&tree()).expect("the table is good");
    assert_clean(&table.check(&licences::locked(&metadata)));
}

#[test]
fn doubled_versions_are_listed_with_their_reason() {
    let metadata = cargo::metadata().expect("cargo reads the workspace");
    let table = Duplicates::read(&tree()).expect("the table is good");
    assert_clean(&table.check(&licences::locked(&metadata)));
}

#[test]
fn no_file_has_more_than_700_lines() {
    assert_clean(&sources::check_length(&tree()));
}

#[test]
fn every_source_file_says_what_it_is() {
    assert_clean(&sources::check_headers(&tree()));
}

#[test]
fn no_stub_or_leftover_is_in_the_sources() {
    assert_clean(&sources::check_banned_words(&tree()));
}

#[test]
fn nobody_sleeps_without_a_reason() {
    assert_clean(&sources::check_sleeps(&tree()));
}

#[test]
fn no_path_of_one_machine_is_in_the_tree() {
    assert_clean(&sources::check_machine_paths(&tree()));
}

#[test]
fn every_transcript_says_where_it_comes_from() {
    assert_clean(&sources::check_transcripts(&tree()));
}

#[test]
fn no_screen_claims_what_has_not_happened() {
    assert_clean(&screen_words::check(&tree()));
}

#[test]
fn every_promise_stands_with_its_condition() {
    let tree = tree();
    assert_clean(&promises::check(&tree));
    assert_clean(&promises::check_proofs(&tree));
}

#[test]
fn every_fault_of_a_device_is_named_in_a_test() {
    assert_clean(&faults::check(&tree()));
}

#[test]
fn the_documents_are_there_and_name_their_commands() {
    assert_clean(&documents::check_root(&tree()));
}

#[test]
fn links_between_documents_lead_somewhere() {
    assert_clean(&documents::check_links(&tree()));
}

#[test]
fn examples_in_documents_are_what_the_program_reads() {
    let tree = tree();
    let keys = documents::machine_keys(&tree).expect("the program has a whole file in its tests");
    assert_clean(&documents::check_examples(&tree, &keys));
}
