//! The examples beside the templates are what the types say, member for member.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{fs, path::PathBuf};

use kiosk_matters::documents::{Application, Document};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn example(template: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/forms/examples");
    fs::read_to_string(folder.join(format!("{template}.json"))).unwrap()
}

fn parsed<T: DeserializeOwned>(template: &str) -> Box<T> {
    Box::new(serde_json::from_str(&example(template)).unwrap())
}

#[test]
fn an_example_is_read_and_written_again_the_same() {
    let documents = [Document::Application(parsed::<Application>("application"))];
    for document in documents {
        let written: Value = serde_json::from_slice(document.data().expose()).unwrap();
        let example: Value = serde_json::from_str(&example(document.template())).unwrap();
        assert_eq!(written, example, "{}", document.template());
    }
}

#[test]
fn a_document_can_be_logged_without_saying_anything_of_anybody() {
    let document = Document::Application(parsed::<Application>("application"));
    let logged = format!("{document:?}");
    for private in ["㛃䶮𬱖", "110101", "230203000001", "[100, 300]"] {
        assert!(example("application").contains(private) && !logged.contains(private), "{private}");
    }
}
