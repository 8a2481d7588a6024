//! The shipped catalogue loads, and a broken matter says where and why.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path};

use kiosk_matters::{Answers, Catalogue, NextQuestion, Unfit, parse_matter};
use kiosk_words::{CellSize, MatterId};

fn shipped() -> Catalogue {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path().join("matter.toml");
        files.push((file.display().to_string(), fs::read_to_string(file).unwrap()));
    }
    Catalogue::load(files).unwrap()
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(q, a)| ((*q).to_owned(), (*a).to_owned())).collect()
}

#[test]
fn the_three_first_matters_are_there() {
    let catalogue = shipped();
    let ids: Vec<&str> = catalogue.iter().map(|matter| matter.id.0.as_str()).collect();
    assert_eq!(ids, ["laonianzheng", "wufanzui", "yancao_yanxu"]);
}

#[test]
fn answers_decide_the_materials_and_the_stop() {
    let catalogue = shipped();
    let elder = catalogue.get(&MatterId("laonianzheng".into())).unwrap();
    let local = answers(&[("kind", "new"), ("household", "local")]);
    assert_eq!(elder.next_question(&local), NextQuestion::Ready);
    assert_eq!(elder.plan(&local).materials.len(), 3);
    let elsewhere = answers(&[("kind", "new"), ("household", "elsewhere")]);
    assert_eq!(elder.plan(&elsewhere).materials.len(), 4);

    let tobacco = catalogue.get(&MatterId("yancao_yanxu".into())).unwrap();
    let expired = answers(&[("expiry", "expired")]);
    assert!(matches!(tobacco.next_question(&expired), NextQuestion::Stop(_)));
}

#[test]
fn the_originals_say_which_cell_takes_them() {
    let catalogue = shipped();
    let tobacco = catalogue.get(&MatterId("yancao_yanxu".into())).unwrap();
    let answers = answers(&[("expiry", "over_30"), ("changed", "no")]);
    assert_eq!(tobacco.plan(&answers).cell(), Some(CellSize::A4));
    let elder = catalogue.get(&MatterId("laonianzheng".into())).unwrap();
    assert_eq!(elder.largest_cell(), None, "nothing of it goes into a cell");
}

#[test]
fn a_typed_value_is_checked_by_its_kind() {
    let catalogue = shipped();
    let tobacco = catalogue.get(&MatterId("yancao_yanxu".into())).unwrap();
    let field = tobacco.fields.iter().find(|field| field.id == "permit_no").unwrap();
    assert_eq!(field.check("230202100123"), Ok(()));
    assert_eq!(field.check(""), Err(Unfit::Missing));
    assert_eq!(field.check("2302"), Err(Unfit::TooShort { min: 12 }));
    assert_eq!(field.check("23020210012X"), Err(Unfit::Characters));
}

#[test]
fn people_find_a_matter_by_their_own_words() {
    let catalogue = shipped();
    let found = |typed: &str| {
        catalogue.iter().filter(|m| m.matches(typed)).map(|m| m.id.0.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("卖烟"), ["yancao_yanxu"]);
    assert_eq!(found("SENIOR"), ["laonianzheng"]);
    assert!(found("结婚").is_empty());
}

#[test]
fn a_broken_matter_names_the_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    let good = fs::read_to_string(folder.join("laonianzheng/matter.toml")).unwrap();
    let check = |text: String, expect: &str| {
        let error = parse_matter("laonianzheng/matter.toml", &text).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(good.replace("household=elsewhere", "household=moon"), "household=moon");
    check(good.replace("minutes = 5", "minuets = 5"), "minuets");
    check(good.replace("id = \"residence\"", "id = \"photo\""), "\"photo\" is there twice");
    check(
        good.replace("delivery = [\"locker\", \"window\", \"post\"]", "delivery = []"),
        "delivery",
    );
    let tobacco = fs::read_to_string(folder.join("yancao_yanxu/matter.toml")).unwrap();
    for broken in [
        tobacco.replace("cell = \"a4\"\n", ""),
        tobacco.replace("how = \"skipped_after_check\"", "how = \"scan\"\ncell = \"a3\""),
    ] {
        check(broken, "expected `cell`");
    }
}
