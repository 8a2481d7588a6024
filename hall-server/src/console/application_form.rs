//! The application form of a case as a PDF: what the citizen filled in and signed, for the file or
//! for typing it in anew where another system decides.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hall_api::case_record::{CaseRecord, PartyRecord, SignatureRecord};
use kiosk_forms::worker::{Failure, Refusal};
use kiosk_matters::documents::{
    Application, Document, Material, Party, Row, Section, Signature, Strokes,
};
use kiosk_words::{CaseId, Originals, Private};

use super::{
    Console,
    case_page::{case_of, note_view, open_case},
    respond::{Refused, not_found},
    session::Clerk,
    words,
};
use crate::store::{cases::CaseLine, chain};

/// Bytes of the digest that stand on paper.
const DIGEST_CHARS: usize = 16;

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
) -> Result<Response, Refused> {
    let forms = console.forms.clone().ok_or_else(not_found)?;
    let case = case_of(&case)?;
    let (file, _, record) = open_case(&console, case).await?;
    let document = Document::Application(Box::new(application(&file.line, record)));
    note_view(&console, &clerk, case, chain::Kind::CaseViewed, "申请表".to_owned()).await?;
    let pdf = forms.pdf(&document, console.api.clock.now()).await;
    let pdf = pdf.map_err(|failure| not_set(&failure, case))?;
    let name = format!("inline; filename=\"{}.pdf\"", file.line.receipt);
    let head =
        [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((head, Body::from(Bytes::from_owner(Held(pdf)))).into_response())
}

/// Wiped when the answer is sent.
struct Held(Private<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

fn application(line: &CaseLine, record: CaseRecord) -> Application {
    let signed = record.signatures.first().map(|signature| signature.page.to_string());
    let materials = materials(line.originals, &record);
    let signatures = record.signatures.iter().map(|one| signature(one, &record.parties)).collect();
    let section = |title: &str, rows| Section { title: title.to_owned(), rows, table: None };
    let fields = record.fields.into_iter().map(|field| Row::new(field.label, field.value));
    // What the matter asked, in the words of its file: the record has no others.
    let answers = record.answers.into_iter().map(|(question, answer)| Row::new(question, answer));
    let mut sections = vec![section("填写内容", fields.collect())];
    if answers.len() > 0 {
        sections.push(section("情形选择（代号）", answers.collect()));
    }
    let mut contact = vec![
        Row::new("怎样告知", words::contact_way(&record.contact.way)),
        Row::new("怎样领取", words::delivery(&record.contact.delivery)),
    ];
    contact.extend(record.contact.mobile.map(|mobile| Row::new("手机", mobile)));
    contact.extend(
        record
            .collectors
            .into_iter()
            .map(|one| Row::new("领取人", format!("{}　{}", one.name, one.number))),
    );
    sections.push(section("联系与领取", contact));
    let clock_note = words::quality(line.quality);
    let clock_note =
        if clock_note.is_empty() { String::new() } else { format!("（{clock_note}）") };
    let deposited = words::moment(record.deposited);
    Application {
        title: format!("{}申请表", record.matter_name),
        station: format!("{} 站，{deposited} 收件{clock_note}", line.station),
        office: String::new(),
        mark: None,
        receipt_no: Some(record.receipt.to_string()),
        qr: None,
        digest: signed.map(|digest| digest.chars().take(DIGEST_CHARS).collect()),
        parties: record.parties.into_iter().map(party).collect(),
        sections,
        materials,
        statements: Vec::new(),
        signatures,
    }
}

fn party(party: PartyRecord) -> Party {
    let verified = words::verified(party.verified_at, party.reader.as_deref());
    let mut rows = vec![
        Row::new("姓名", party.name),
        Row::new("证件号码", party.number),
        Row::new("性别", party.sex),
        Row::new("出生", party.birth),
        Row::new("住址", party.address),
        Row::new("核验", verified),
    ];
    rows.extend(party.mandate.map(|mandate| {
        Row::new("委托", format!("受{}委托，至{}", mandate.given_by, mandate.until))
    }));
    Party { role: words::party_role(&party.role).to_owned(), rows }
}

/// One line a material, in the order of its first page.
fn materials(originals: Originals, record: &CaseRecord) -> Vec<Material> {
    let form = match originals {
        Originals::NotNeeded => "影像".to_owned(),
        Originals::AwaitingCell
        | Originals::InCell
        | Originals::TakenByHall
        | Originals::AwaitingReturn
        | Originals::Returned => format!("影像；原件{}", originals.zh()),
    };
    let mut slots: Vec<&str> = record.scans.iter().map(|scan| scan.slot.as_str()).collect();
    slots.dedup();
    let material = |slot: &str| {
        let pages = record.scans.iter().filter(|scan| scan.slot == slot);
        let name = pages.clone().next().map(|scan| scan.title.clone()).unwrap_or_default();
        Material { name, form: form.clone(), pages: pages.count().to_string() }
    };
    slots.into_iter().map(material).collect()
}

/// The signer is named by the number of a card.
fn signature(signature: &SignatureRecord, parties: &[PartyRecord]) -> Signature {
    let signer = parties.iter().find(|party| party.number == signature.signer);
    let points = |stroke: &Vec<(u16, u16)>| stroke.iter().map(|(x, y)| [*x, *y]).collect();
    Signature {
        role: signer.map_or("签名人", |party| words::party_role(&party.role)).to_owned(),
        name: signer.map_or_else(|| signature.signer.clone(), |party| party.name.clone()).into(),
        at: words::moment(signature.at),
        strokes: Strokes(Private::new(signature.strokes.iter().map(points).collect())),
    }
}

fn not_set(failure: &Failure, case: CaseId) -> Refused {
    let back = format!("/case/{case}");
    if let Failure::Refused(Refusal::Unprintable(characters)) = failure {
        let points: Vec<String> =
            characters.0.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
        let sentence = format!(
            "申请表里有字体中没有的字（{}），不能印成方框。请联系技术人员安装有这些字的字体。",
            points.join("、")
        );
        return Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "印不出来", sentence, back);
    }
    // What a template says may quote what it was given.
    let place = match failure {
        Failure::Refused(Refusal::Template(errors)) => errors
            .first()
            .and_then(|error| error.place.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default(),
        Failure::Refused(_)
        | Failure::TimeOver(_)
        | Failure::Died(_)
        | Failure::Unfit(_)
        | Failure::NotStarted(_)
        | Failure::Garbled(_) => String::new(),
    };
    tracing::error!(%failure, place, "an application form was not set");
    let sentence = "申请表没有做成，请联系技术人员。办件本身没有变化。";
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "没有完成", sentence, back)
}
