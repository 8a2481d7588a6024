//! The page of one case: the opened form, the scans, the three state lines, what may be done next.
//! Where its papers are is in `custody_panel`.
//!
//! The record is opened for this page and dropped with it; every opening is an audit line.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hall_api::{
    case_record::CaseRecord,
    seal::{ScanKey, scan},
    wire::{CaseFiled, EventBody},
};
use kiosk_words::{CaseId, Digest32, Electronic, Handling, Outcome};

use super::{
    Console,
    custody_panel::{self, Panel, Papers},
    queue,
    respond::{Refused, not_found, render},
    session::Clerk,
    words,
};
use crate::store::{
    StoreError,
    cases::{self, CaseFile, CaseLine, ScanLine},
    chain,
};

/// Lines of history on the page.
const HISTORY_MAX: u32 = 100;

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    who: String,
    csrf: String,
    case: String,
    receipt: String,
    revision: i64,
    matter: String,
    matter_version: u32,
    is_discreet: bool,
    station: String,
    deposited: String,
    clock_note: &'static str,
    received: String,
    electronic: &'static str,
    originals: &'static str,
    handling: String,
    reasons: Vec<String>,
    review: String,
    is_urgent: bool,
    scans_line: String,
    form: Form,
    scans: Vec<ScanView>,
    next: Next,
    today: String,
    papers: Panel,
    history: Vec<HistoryLine>,
    /// The application form can be had as a PDF.
    has_form: bool,
}

/// The opened record in words.
struct Form {
    parties: Vec<Party>,
    collectors: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    contact: String,
    mobile: String,
    delivery: String,
    signatures: Vec<Signature>,
}

struct Party {
    role: String,
    name: String,
    number: String,
    sex: String,
    birth: String,
    address: String,
    verified: String,
    mandate: String,
}

struct Signature {
    signer: String,
    at: String,
    page: String,
    /// Each stroke as the points of an SVG polyline.
    strokes: Vec<String>,
}

struct ScanView {
    title: String,
    page: u16,
    digest: String,
    is_stored: bool,
    size: String,
}

/// Which steps the table allows from here.
struct Next {
    accept: bool,
    correct: bool,
    refuse: bool,
    back_to_review: bool,
    start: bool,
    pause: bool,
    outcomes: Vec<(&'static str, &'static str)>,
    hand_over: bool,
}

impl Next {
    const fn any(&self) -> bool {
        self.accept
            || self.correct
            || self.refuse
            || self.back_to_review
            || self.start
            || self.pause
            || !self.outcomes.is_empty()
            || self.hand_over
    }
}

struct HistoryLine {
    at: String,
    who: String,
    what: String,
    detail: String,
}

pub(crate) fn case_of(text: &str) -> Result<CaseId, Refused> {
    uuid::Uuid::try_parse(text).map(CaseId).map_err(|_| not_found())
}

/// Names under which outcomes travel in the form of the page.
pub(crate) const OUTCOMES: [(&str, Outcome); 5] = [
    ("granted", Outcome::Granted),
    ("denied", Outcome::Denied),
    ("terminated", Outcome::Terminated),
    ("withdrawn", Outcome::Withdrawn),
    ("sent_back", Outcome::SentBack),
];

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
) -> Result<Response, Refused> {
    let case = case_of(&case)?;
    let found = console
        .api
        .store
        .read(move |sql| {
            let Some(file) = cases::file(sql, case)? else { return Ok(None) };
            let papers = custody_panel::gather(sql, &file.line)?;
            let history = chain::of_case(sql, case, HISTORY_MAX)?;
            Ok::<_, StoreError>(Some((file, papers, history)))
        })
        .await?;
    let (file, papers, history) = found.ok_or_else(not_found)?;
    let (filed, record) = open(&console, &file)?;
    note_view(&console, &clerk, case, chain::Kind::CaseViewed, String::new()).await?;
    Ok(render(&page(&console, &clerk, Opened { file, filed, record }, &papers, history)))
}

/// A case with its opened record.
struct Opened {
    file: CaseFile,
    filed: CaseFiled,
    record: CaseRecord,
}

/// The case with its record opened, for an act on it.
pub(crate) async fn open_case(
    console: &Console,
    case: CaseId,
) -> Result<(CaseFile, CaseFiled, CaseRecord), Refused> {
    let file = console.api.store.read(move |sql| cases::file(sql, case)).await?;
    let file = file.ok_or_else(not_found)?;
    let (filed, record) = open(console, &file)?;
    Ok((file, filed, record))
}

pub(crate) async fn note_view(
    console: &Console,
    clerk: &Clerk,
    case: CaseId,
    kind: chain::Kind,
    detail: String,
) -> Result<(), StoreError> {
    let (who, now) = (clerk.name(), console.api.clock.now());
    let line = move |context: &mut crate::store::WriteContext<'_>| {
        chain::append(context, now, &who, kind, Some(case), &detail)
    };
    console.api.store.write(line).await
}

fn open(console: &Console, file: &CaseFile) -> Result<(CaseFiled, CaseRecord), Refused> {
    let closed = || {
        Refused::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "打不开",
            "这件办件的密封记录用现在的大厅密钥打不开，请联系技术人员。",
            "/",
        )
    };
    let EventBody::CaseFiled(filed) = serde_json::from_str(&file.body).map_err(|_| closed())?
    else {
        return Err(closed());
    };
    let record = console.api.keys.seal.open_record(file.line.case, &filed.sealed_record);
    Ok((filed, record.map_err(|_| closed())?))
}

fn page(
    console: &Console,
    clerk: &Clerk,
    Opened { file, filed, record }: Opened,
    papers: &Papers,
    history: Vec<chain::Line>,
) -> CasePage {
    let line = &file.line;
    let now = console.api.clock.now();
    let is_waiting = line.handling == Handling::AwaitingReview;
    let review = is_waiting.then(|| console.calendar.review(line.clock_start, now));
    CasePage {
        who: clerk.name(),
        csrf: clerk.csrf.clone(),
        case: line.case.to_string(),
        receipt: line.receipt.to_string(),
        revision: line.revision,
        matter: line.matter_name.clone(),
        matter_version: filed.matter_version,
        is_discreet: line.is_discreet,
        station: line.station.to_string(),
        deposited: words::moment(line.deposited),
        clock_note: words::quality(line.quality),
        received: words::moment(line.received),
        electronic: Electronic::AtHall.zh(),
        originals: line.originals.zh(),
        handling: line.handling.zh(),
        reasons: reasons(line),
        is_urgent: review.as_ref().is_some_and(crate::workdays::Review::is_urgent),
        review: review.as_ref().map(words::review).unwrap_or_default(),
        scans_line: queue::scans(line),
        scans: file.scans.iter().map(|scan| scan_view(scan, &record)).collect(),
        next: next(&line.handling),
        papers: custody_panel::panel(papers, line, &record),
        today: words::iso_day(now),
        history: history.into_iter().map(history_line).collect(),
        form: form(record),
        has_form: console.forms.is_some(),
    }
}

fn reasons(line: &CaseLine) -> Vec<String> {
    match &line.handling {
        Handling::NeedsCorrection { reasons, .. } => reasons.clone(),
        Handling::Refused { reason } => vec![reason.clone()],
        Handling::AwaitingReview
        | Handling::Accepted { .. }
        | Handling::InProgress
        | Handling::Paused { .. }
        | Handling::Decided { .. }
        | Handling::AwaitingCollection { .. }
        | Handling::Collected { .. }
        | Handling::HandedOver { .. } => Vec::new(),
    }
}

/// Asks the one table of legal steps. 待领取, 已领取 and the way back from a cell are not offered:
/// only a station's event proves them (R13).
fn next(handling: &Handling) -> Next {
    let empty = String::new;
    let lies_in_a_cell = matches!(handling, Handling::AwaitingCollection { .. });
    let outcomes = OUTCOMES.into_iter().filter(|(_, outcome)| {
        !lies_in_a_cell
            && handling.may_become(&Handling::Decided { outcome: *outcome, on: empty() })
    });
    Next {
        accept: handling.may_become(&Handling::Accepted { number: empty(), on: empty() }),
        correct: handling
            .may_become(&Handling::NeedsCorrection { until: empty(), reasons: Vec::new() }),
        refuse: handling.may_become(&Handling::Refused { reason: empty() }),
        back_to_review: handling.may_become(&Handling::AwaitingReview),
        start: handling.may_become(&Handling::InProgress),
        pause: handling.may_become(&Handling::Paused { reason: empty() }),
        outcomes: outcomes.map(|(name, outcome)| (name, outcome.zh())).collect(),
        hand_over: !lies_in_a_cell && handling.may_become(&Handling::HandedOver { how: empty() }),
    }
}

fn form(record: CaseRecord) -> Form {
    Form {
        parties: record.parties.into_iter().map(party).collect(),
        collectors: record.collectors.into_iter().map(|one| (one.name, one.number)).collect(),
        answers: record.answers,
        fields: record.fields.into_iter().map(|field| (field.label, field.value)).collect(),
        contact: words::contact_way(&record.contact.way).to_owned(),
        mobile: record.contact.mobile.unwrap_or_default(),
        delivery: words::delivery(&record.contact.delivery).to_owned(),
        signatures: record.signatures.into_iter().map(signature).collect(),
    }
}

fn party(party: hall_api::case_record::PartyRecord) -> Party {
    Party {
        role: words::party_role(&party.role).to_owned(),
        name: party.name,
        number: party.number,
        sex: party.sex,
        birth: party.birth,
        address: party.address,
        verified: words::verified(party.verified_at, party.reader.as_deref()),
        mandate: party
            .mandate
            .map(|mandate| format!("受{}委托，至{}", mandate.given_by, mandate.until))
            .unwrap_or_default(),
    }
}

fn signature(signature: hall_api::case_record::SignatureRecord) -> Signature {
    let points = |stroke: &Vec<(u16, u16)>| {
        stroke.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
    };
    Signature {
        signer: signature.signer,
        at: words::moment(signature.at),
        page: signature.page.to_string(),
        strokes: signature.strokes.iter().map(points).collect(),
    }
}

fn scan_view(scan: &ScanLine, record: &CaseRecord) -> ScanView {
    let title = record.scans.iter().find(|entry| entry.digest == scan.digest);
    ScanView {
        title: title.map_or_else(|| scan.slot.clone(), |entry| entry.title.clone()),
        page: scan.page,
        digest: scan.digest.to_string(),
        is_stored: scan.is_stored,
        size: format!("{} KB", scan.n_bytes.div_ceil(1024)),
    }
}

fn history_line(line: chain::Line) -> HistoryLine {
    HistoryLine {
        at: words::short_moment(line.at),
        who: if line.who == "hall" { "大厅程序".into() } else { line.who },
        what: words::audit(&line.kind).to_owned(),
        detail: line.detail,
    }
}

/// A scan decrypted for the one answer; nothing plain is written anywhere.
pub(crate) async fn scan_picture(
    State(console): State<Console>,
    clerk: Clerk,
    Path((case, digest)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let case = case_of(&case)?;
    let digest: Digest32 = digest.parse().map_err(|_| not_found())?;
    let file = console.api.store.read(move |sql| cases::file(sql, case)).await?;
    let file = file.ok_or_else(not_found)?;
    let listed = file.scans.iter().find(|scan| scan.digest == digest && scan.is_stored);
    let place = listed.map(|scan| format!("{} {}", scan.slot, scan.page)).ok_or_else(not_found)?;
    let (filed, _record) = open(&console, &file)?;
    let sealed_key = filed.sealed_scan_key.ok_or_else(not_found)?;
    let key = console.api.keys.seal.open_scan_key(case, &sealed_key).map_err(|_| closed_scan())?;
    let sealed = console.api.shelf.read(&digest).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "scan not read");
        closed_scan()
    })?;
    note_view(&console, &clerk, case, chain::Kind::ScanViewed, place).await?;
    let plain = tokio::task::spawn_blocking(move || decrypt(&key, case, &sealed)).await;
    let plain = plain.ok().flatten().ok_or_else(closed_scan)?;
    let kind = picture_kind(&plain).ok_or_else(closed_scan)?;
    Ok(([(header::CONTENT_TYPE, kind)], plain).into_response())
}

fn decrypt(key: &ScanKey, case: CaseId, sealed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(sealed.len());
    scan::open(key, case, sealed, &mut plain).ok()?;
    Some(plain)
}

fn closed_scan() -> Refused {
    let sentence = "这一页材料打不开，请联系技术人员。";
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "打不开", sentence, "/")
}

/// Only pictures are shown; anything else in a scan stays closed.
fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else {
        None
    }
}
