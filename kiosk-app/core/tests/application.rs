//! Who may act for whom, who signs, who may collect: the application without a screen.

use kiosk_core::{
    application::{Application, COLLECTORS_MAX, sign},
    record::{Collector, ContactWay, DeliveryWay, Mandate, Person, Role},
    view::{Language, PadPoint},
};
use kiosk_matters::{Matter, parse_matter};
use kiosk_words::{
    CaseId, ClockQuality, Digest32, MatterId, Moment, Now, Private, ReceiptNo, StationId, WallTime,
};

const TODAY: &str = "20260305";

#[test]
fn an_agent_with_a_mandate_signs_for_the_applicant() {
    let mut application = with_applicant();
    let mandate = mandate("record", TODAY);
    application.add_party(Role::Agent, person("代办人", "2"), Some(mandate));
    assert!(application.agent_may_act(TODAY), "the last day counts");
    let signers: Vec<&str> =
        application.signers().iter().map(|signer| signer.number.expose().as_str()).collect();
    assert_eq!(signers, ["2"]);
    let strokes = vec![vec![PadPoint { x: 1, y: 1 }; 20]];
    let signed = sign(application.signers()[0], Digest32([7; 32]), strokes, now());
    assert_eq!((signed.signer.expose().as_str(), signed.page), ("2", Digest32([7; 32])));
}

#[test]
fn a_mandate_that_ran_out_was_revoked_or_is_for_another_matter_does_not_count() {
    let expired = mandate("record", "20260304");
    let revoked = Mandate { revoked: true, ..mandate("record", "20991231") };
    let elsewhere = mandate("another", "20991231");
    for bad in [Some(expired), Some(revoked), Some(elsewhere), None] {
        let mut application = with_applicant();
        application.add_party(Role::Agent, person("代办人", "2"), bad.clone());
        assert!(!application.agent_may_act(TODAY), "{bad:?}");
    }
    assert!(with_applicant().agent_may_act(TODAY), "without an agent there is nothing to hold");
}

#[test]
fn one_agent_without_a_mandate_is_one_too_many() {
    let mut application = with_applicant();
    application.add_party(Role::Agent, person("甲", "2"), Some(mandate("record", "20991231")));
    application.add_party(Role::Agent, person("乙", "3"), None);
    assert!(!application.agent_may_act(TODAY));
}

#[test]
fn a_guardian_signs_before_anybody_else() {
    let mut application = with_applicant();
    application.add_party(Role::Agent, person("代办人", "2"), Some(mandate("record", "20991231")));
    application.add_party(Role::Guardian, person("监护人", "3"), None);
    let signers: Vec<&str> =
        application.signers().iter().map(|signer| signer.number.expose().as_str()).collect();
    assert_eq!(signers, ["3"]);
}

#[test]
fn several_applicants_all_sign_and_one_card_is_one_party() {
    let mut application = with_applicant();
    application.add_party(Role::Applicant, person("合伙人", "2"), None);
    application.add_party(Role::Applicant, person("申请人", "1"), None);
    assert_eq!(application.parties.len(), 2);
    assert_eq!(application.signers().len(), 2);
}

#[test]
fn up_to_three_people_are_named_to_collect() {
    let mut application = with_applicant();
    let collector = |n: usize| Collector {
        name: Private::text("取件人"),
        number: Private::text(&n.to_string()),
    };
    for n in 0..COLLECTORS_MAX {
        assert!(application.add_collector(collector(n)));
    }
    assert!(!application.add_collector(collector(9)));
    assert_eq!(application.collectors.len(), COLLECTORS_MAX);
    let filed = filed(&mut application);
    assert_eq!(filed.collectors.len(), COLLECTORS_MAX, "they are filed with the case");
}

#[test]
fn whoever_is_a_party_may_ask_how_the_case_stands() {
    let mut application = with_applicant();
    application.add_party(Role::Guardian, person("监护人", "3"), None);
    let filed = filed(&mut application);
    let owners: Vec<&str> = filed.owners().map(|owner| owner.expose().as_str()).collect();
    assert_eq!(owners, ["1", "3"]);
}

#[test]
fn everything_that_is_filed_is_on_the_page_that_is_signed() {
    let mut application = with_applicant();
    let mut pages = vec![application.page_text(now())];
    application.edit("permit", "42");
    pages.push(application.page_text(now()));
    application.answers.insert("who".into(), "self".into());
    pages.push(application.page_text(now()));
    application.way = Some(ContactWay::OwnMobile);
    application.mobile = Private::text("13800001234");
    pages.push(application.page_text(now()));
    application.delivery = Some(DeliveryWay::Window);
    pages.push(application.page_text(now()));
    application.add_party(Role::Guardian, person("监护人", "3"), None);
    pages.push(application.page_text(now()));
    let collector = Collector { name: Private::text("取件人"), number: Private::text("4") };
    application.add_collector(collector);
    pages.push(application.page_text(now()));
    application.add_party(Role::Agent, person("代办人", "2"), Some(mandate("record", "20991231")));
    pages.push(application.page_text(now()));
    application.add_party(Role::Agent, person("代办人", "2"), Some(mandate("record", "20981231")));
    pages.push(application.page_text(now()));
    for (n, page) in pages.iter().enumerate() {
        assert!(!pages[..n].contains(page), "change {n} is not on the page");
    }
}

#[test]
fn a_signature_is_more_than_a_touch() {
    let point = PadPoint { x: 500, y: 500 };
    assert!(!Application::is_signature(&[]));
    assert!(!Application::is_signature(&[vec![point; 3]]));
    assert!(Application::is_signature(&[vec![point; 5], vec![point; 5]]));
}

fn with_applicant() -> Application {
    let mut application = Application::new(CaseId::new(1, [1; 10]), matter());
    application.add_party(Role::Applicant, person("申请人", "1"), None);
    application
}

#[test]
#[should_panic(expected = "every signer signs once")]
fn one_signature_does_not_stand_for_two_signers() {
    let mut application = with_applicant();
    application.add_party(Role::Applicant, person("合伙人", "2"), None);
    application.way = Some(ContactWay::ComeBack);
    application.delivery = Some(DeliveryWay::Window);
    let strokes = vec![vec![PadPoint { x: 1, y: 1 }; 20]];
    let signed = vec![sign(application.signers()[0], Digest32::default(), strokes, now())];
    application.file(receipt(), Private::text("123456"), signed, Language::Chinese, now());
}

fn filed(application: &mut Application) -> kiosk_core::record::FiledCase {
    application.way = Some(ContactWay::ComeBack);
    application.delivery = Some(DeliveryWay::Window);
    let strokes = vec![vec![PadPoint { x: 1, y: 1 }; 20]];
    let signers = application.signers().into_iter();
    let signed =
        signers.map(|one| sign(one, Digest32::default(), strokes.clone(), now())).collect();
    application.file(receipt(), Private::text("123456"), signed, Language::Chinese, now())
}

fn receipt() -> ReceiptNo {
    let station = StationId::try_from(17).expect("17 is a station number");
    ReceiptNo::new(station, 1).expect("1 is a counter")
}

fn person(name: &str, number: &str) -> Person {
    Person {
        name: Private::text(name),
        number: Private::text(number),
        birth: Private::text("19900101"),
        address: Private::text("样本路 1 号"),
        sex: "女",
        verified_at: WallTime(0),
        reader: None,
    }
}

fn mandate(matter: &str, until: &str) -> Mandate {
    Mandate {
        given_by: Private::text("1"),
        matter: MatterId(matter.to_owned()),
        until: until.to_owned(),
        revoked: false,
    }
}

fn now() -> Now {
    Now { moment: Moment(0), wall: WallTime(1_772_673_960_000), quality: ClockQuality::Synced }
}

fn matter() -> Matter {
    let text = r#"
        id = "record"
        version = 1
        name = { zh = "记录", en = "Record" }
        short = { zh = "记录", en = "Record" }
        minutes = 1
        alone_from_age = 18
        delivery = ["window"]
        [office]
        name = { zh = "局", en = "Bureau" }
        place = { zh = "窗口", en = "Window" }
        phone = "0"
        hours = { zh = "工作日", en = "Working days" }
        [facts]
        promise = { zh = "三日", en = "3 days" }
        fee = { zh = "不收费", en = "free" }
        result = { zh = "答复", en = "answer" }
        condition = { zh = "本人", en = "in person" }
        notice_days = 5
        [[material]]
        id = "form"
        name = { zh = "表", en = "Form" }
        how = "form"
        note = { zh = "在这里填", en = "here" }
        [[field]]
        id = "permit"
        label = { zh = "证号", en = "Number" }
        kind = "digits"
        min = 1
        max = 12
    "#;
    parse_matter("record", text).expect("a good matter")
}
