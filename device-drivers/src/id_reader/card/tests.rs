use device_api::id_reader::{CardKind, Sex, ValidTo};

use super::{
    BadCard, former_number,
    layout::{TextBlock, citizen, encode, foreign_2017, foreign_2023, hmt},
    parse, parse_new_addresses,
};

fn person() -> TextBlock {
    TextBlock::blank(CardKind::Citizen)
        .with(citizen::NAME, "张三")
        .with(citizen::SEX, "1")
        .with(citizen::ETHNICITY, "01")
        .with(citizen::BIRTH, "19900307")
        .with(citizen::ADDRESS, "北京市东城区测试路1号")
        .with(citizen::NUMBER, "110101199003070011")
        .with(citizen::ISSUER, "北京市公安局东城分局")
        .with(citizen::VALID_FROM, "20200101")
        .with(citizen::VALID_TO, "长期")
}

#[test]
fn a_citizen_card_is_read_field_by_field() {
    let card = parse(person().bytes()).unwrap();
    assert_eq!((card.kind, card.sex), (CardKind::Citizen, Sex::Male));
    assert_eq!((card.name.expose().as_str(), card.birth.expose().as_str()), ("张三", "19900307"));
    assert_eq!(card.issuer.as_deref(), Some("北京市公安局东城分局"));
    assert_eq!((card.valid_from.as_str(), card.valid_to), ("20200101", ValidTo::LongTerm));
    assert_eq!(
        (card.ethnicity_code.as_deref(), card.ethnicity.as_deref()),
        (Some("01"), Some("汉"))
    );
}

#[test]
fn names_keep_spaces_dots_rare_and_private_characters() {
    for name in ["阿不都·买买提", "A B C", "㛃䶮", "\u{E000}\u{E815}明"] {
        let card = parse(person().with(citizen::NAME, "").with(citizen::NAME, name).bytes());
        let shown = card.unwrap().name;
        assert_eq!(shown.expose(), name);
    }
}

#[test]
fn unnamed_ethnicities_show_their_code() {
    let card = parse(person().with(citizen::ETHNICITY, "58").bytes()).unwrap();
    assert_eq!(
        (card.ethnicity.as_deref(), card.ethnicity_code.as_deref()),
        (Some("58"), Some("58"))
    );
}

#[test]
fn bad_data_is_refused_with_the_field_and_without_the_value() {
    for (text, error) in [
        (person().with(citizen::NUMBER, "110101199003070012"), BadCard::Number),
        (person().with(citizen::NAME, ""), BadCard::Empty { field: "name" }),
        (person().with(citizen::BIRTH, "19901307"), BadCard::NotADate { field: "birth" }),
        (person().with(citizen::VALID_TO, "20209999"), BadCard::NotADate { field: "valid to" }),
    ] {
        assert_eq!(parse(text.bytes()), Err(error));
    }
    assert_eq!(parse(&[0; 20]), Err(BadCard::TextLen { got: 20 }));
}

#[test]
fn a_card_without_an_end_date_is_not_stated() {
    let card = parse(person().with(citizen::VALID_TO, "").bytes()).unwrap();
    assert_eq!(card.valid_to, ValidTo::NotStated);
}

#[test]
fn a_small_x_becomes_a_large_one() {
    let text = person().with(citizen::NUMBER, "11010519491231002x");
    assert_eq!(parse(text.bytes()).unwrap().number.expose(), "11010519491231002X");
}

#[test]
fn a_residence_permit_has_a_travel_permit_and_no_ethnicity() {
    let text = TextBlock::blank(CardKind::HmtPermit)
        .with(citizen::NAME, "陈晓彤")
        .with(citizen::SEX, "2")
        .with(citizen::BIRTH, "19900307")
        .with(citizen::NUMBER, "810000199003070023")
        .with(hmt::TRAVEL_PERMIT, "H00000000")
        .with(citizen::VALID_FROM, "20220101")
        .with(citizen::VALID_TO, "20270101");
    let card = parse(text.bytes()).unwrap();
    assert_eq!((card.kind, card.ethnicity_code), (CardKind::HmtPermit, None));
    assert_eq!(card.travel_permit.unwrap().expose(), "H00000000");
    assert_eq!(card.valid_to, ValidTo::Until("20270101".to_owned()));
}

#[test]
fn a_foreign_card_of_2017_may_lack_a_chinese_name() {
    let text = TextBlock::blank(CardKind::ForeignPr2017)
        .with(foreign_2017::ENGLISH_NAME, "SPECIMEN, JOHN MICHAEL")
        .with(foreign_2017::SEX, "1")
        .with(foreign_2017::NUMBER, "USA110190030719")
        .with(foreign_2017::NATIONALITY, "USA")
        .with(foreign_2017::BIRTH, "19900307")
        .with(foreign_2017::VALID_FROM, "20180601")
        .with(foreign_2017::VALID_TO, "20280601");
    let card = parse(text.bytes()).unwrap();
    assert_eq!(card.name.expose(), "SPECIMEN, JOHN MICHAEL");
    assert_eq!(card.nationality.as_deref(), Some("USA"));
    let named = text.with(foreign_2017::CHINESE_NAME, "史约翰");
    assert_eq!(parse(named.bytes()).unwrap().name.expose(), "史约翰");
}

#[test]
fn a_foreign_card_of_2023_joins_its_name_and_leads_to_its_former_number() {
    let text = TextBlock::blank(CardKind::ForeignPr2023)
        .with(foreign_2023::ENGLISH_NAME, "SPECIMEN, JOHN MICHAEL ALEXANDER-CH")
        .with(foreign_2023::ENGLISH_NAME_REST, "RISTOPHER")
        .with(foreign_2023::SEX, "1")
        .with(foreign_2023::BIRTH, "19900307")
        .with(foreign_2023::NUMBER, "911840199003070014")
        .with(foreign_2023::NATIONALITY, "USA")
        .with(foreign_2023::VALID_FROM, "20240101")
        .with(foreign_2023::VALID_TO, "20340101")
        .with(foreign_2023::LINK, "011");
    let card = parse(text.clone().bytes()).unwrap();
    let english = card.english_name.unwrap();
    assert_eq!(english.expose(), "SPECIMEN, JOHN MICHAEL ALEXANDER-CHRISTOPHER");
    assert_eq!(card.former_number.unwrap().expose(), "USA110190030719");
    let unlinked = parse(text.with(foreign_2023::LINK, "").bytes()).unwrap();
    assert_eq!(unlinked.former_number, None);
    assert_eq!(former_number("USA", "911840199003070014", "01"), None);
}

#[test]
fn added_addresses_come_oldest_first_without_empty_slots() {
    let mut data = encode("样本街1号", 70);
    data.extend(encode("", 70));
    data.extend(encode("样本街2号", 70));
    let addresses = parse_new_addresses(&data).unwrap();
    let shown: Vec<&str> = addresses.iter().map(|a| a.expose().as_str()).collect();
    assert_eq!(shown, ["样本街1号", "样本街2号"]);
    assert_eq!(parse_new_addresses(&data[..100]), Err(BadCard::NewAddressLen { got: 100 }));
}
