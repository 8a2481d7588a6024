//! A real hall on free loopback ports and stations that speak to it over real TLS.
//!
//! The station here is test code, not the product's client: it speaks HTTP by hand with reqwest.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use hall_api::{
    case_record::{
        CaseRecord, ContactRecord, FieldRecord, PartyRecord, ScanRecord, SignatureRecord,
    },
    seal::{HallPublic, ScanKey, scan},
    wire::{
        Batch, BatchReply, By, CaseFiled, CellReport, CellUse, CustodyMoved, CustodyStep,
        EnrolReply, EnrolRequest, EventBody, EventEnvelope, Feed, Heartbeat, HeartbeatReply,
        PATH_ENROL, PATH_EVENTS, PATH_FEED, PATH_HEARTBEAT, SCHEMA, ScanEntry,
    },
};
use hall_server::{Clock, Options, RunningHall, ServeError, enrol_code, forms, staff_card_code};
use kiosk_words::{
    CaseId, CellSize, ClockQuality, Content, Digest32, Epoch, Handling, MatterId, OrderId,
    Originals, Outcome, ReceiptNo, Seq, StaffRole, StationId, WallTime,
};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use reqwest::{Certificate, Client, Identity, Response};
use sha2::{Digest as _, Sha256};

/// 2026-03-05 09:26 in China, a Thursday: far inside the life of certificates made by the clock of
/// this machine, because TLS looks at that one.
pub const DEPOSITED: WallTime = WallTime(1_772_673_960_000);

/// The program.
pub const HALL: &str = env!("CARGO_BIN_EXE_hall");

/// Runs a command of the program: its exit code and what it printed.
pub fn hall_command(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(HALL).args(arguments).arg("--data").arg(data).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[derive(Debug)]
pub struct TestHall {
    pub folder: tempfile::TempDir,
    pub hall: RunningHall,
    offset_ms: Arc<AtomicI64>,
}

impl TestHall {
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn start_in(folder: tempfile::TempDir) -> Self {
        let offset_ms = Arc::new(AtomicI64::new(0));
        let hall = hall_server::serve(options(folder.path(), &offset_ms)).await.unwrap();
        Self { folder, hall, offset_ms }
    }

    /// Stops the hall and starts it again on the same folder.
    pub async fn restart(self) -> Self {
        self.try_restart().await.unwrap()
    }

    pub async fn try_restart(self) -> Result<Self, ServeError> {
        self.hall.shutdown().await;
        let hall = hall_server::serve(options(self.folder.path(), &self.offset_ms)).await?;
        Ok(Self { hall, ..self })
    }

    /// Puts the hall's clock forward.
    pub fn pass_ms(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn now(&self) -> WallTime {
        self.clock().now()
    }

    /// Accepts and decides a case as a clerk would, without the pages.
    pub async fn decide(&self, case: CaseId, outcome: Outcome) {
        let on = "2026-03-06".to_owned();
        let steps = [
            Handling::Accepted { number: "A1".into(), on: on.clone() },
            Handling::Decided { outcome, on },
        ];
        for (revision, next) in (0..).zip(steps) {
            let now = self.now();
            let made = self.hall.store().write(move |context| {
                hall_server::store::cases::step(context, case, revision, &next, "沈样本", now)
            });
            made.await.unwrap().unwrap();
        }
    }

    /// Where the hall has the lines of a case.
    pub async fn lines(&self, case: CaseId) -> (Originals, Handling) {
        let found =
            self.hall.store().read(move |sql| hall_server::store::cases::standing(sql, case));
        let standing = found.await.unwrap().unwrap();
        (standing.originals, standing.handling)
    }

    fn clock(&self) -> Clock {
        clock(&self.offset_ms)
    }

    pub fn code(&self, station: u16) -> String {
        let station = StationId::try_from(station).unwrap();
        enrol_code(self.folder.path(), station, Some("龙沙站"), &self.clock()).unwrap()
    }

    /// A one-time code for a staff card.
    pub fn card_code(&self, staff: &str, role: StaffRole) -> String {
        staff_card_code(self.folder.path(), staff, role, &self.clock()).unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.hall.stations_addr)
    }

    pub fn console(&self, path: &str) -> String {
        format!("http://{}{path}", self.hall.console_addr)
    }

    /// A client that trusts this hall and has no certificate.
    pub fn stranger(&self) -> Client {
        let pem = std::fs::read(self.folder.path().join("ca.pem")).unwrap();
        client(&pem).build().unwrap()
    }

    pub async fn enrolled(&self, station: u16) -> TestStation {
        let code = self.code(station);
        TestStation::enrol(&self.url(""), &self.stranger(), station, &code).await
    }
}

fn options(folder: &Path, offset_ms: &Arc<AtomicI64>) -> Options {
    Options {
        data: folder.to_owned(),
        console: "127.0.0.1:0".parse().unwrap(),
        stations: "127.0.0.1:0".parse().unwrap(),
        hosts: Vec::new(),
        ready_file: None,
        forms: Some(forms::program(HALL, &templates())),
        clock: clock(offset_ms),
    }
}

pub fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/forms")
}

fn clock(offset_ms: &Arc<AtomicI64>) -> Clock {
    let offset_ms = Arc::clone(offset_ms);
    let system = Clock::system();
    Clock::from_fn(move || WallTime(system.now().0 + offset_ms.load(Ordering::SeqCst)))
}

pub fn client(ca_pem: &[u8]) -> reqwest::ClientBuilder {
    Client::builder()
        .tls_certs_only([Certificate::from_pem(ca_pem).unwrap()])
        .no_proxy()
        .timeout(std::time::Duration::from_secs(60))
}

/// A request signed with SHA-256 by a key that is not on P-256, which rcgen makes none of.
pub const P384_REQUEST: &str = "-----BEGIN CERTIFICATE REQUEST-----
MIIBAzCBiwIBADAMMQowCAYDVQQDDAF4MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE
e4IjAUQx1LpUOQ2qJkQdOdt/So4HB0XaR+non8nrjN3EKkLGRzxas0i8q1mq8SCp
CuORm8UhZPoEbbCuJFXw2vkexSPOkzfBhaBdDE8b3PSh21rX45nxxvbvXWAOpmdx
oAAwCgYIKoZIzj0EAwIDZwAwZAIwfwKBz+JboXaXdRAK//KLuKuF3qRHdX79mSpu
VJu4JvI14s3mAmHbIh5atizvn0o1AjBPFF02aLqxQ2+951t9QxbnHkDxOmYWc46O
iwGJuDW9jsKJchmFfXbVB+IJSSrIgRs=
-----END CERTIFICATE REQUEST-----
";

pub struct KeyAndRequest {
    pub key: KeyPair,
    pub csr_pem: String,
}

pub fn key_and_request() -> KeyAndRequest {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let csr = CertificateParams::new(Vec::new()).unwrap().serialize_request(&key).unwrap();
    KeyAndRequest { csr_pem: csr.pem().unwrap(), key }
}

pub fn new_epoch() -> Epoch {
    Epoch(uuid::Uuid::from_bytes(random()))
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub struct TestStation {
    pub client: Client,
    pub base: String,
    pub station: StationId,
    pub epoch: Epoch,
    pub seal: HallPublic,
    pub reply: EnrolReply,
    pub identity_pem: String,
}

/// A filed case as the station would send it, with the sealed files of its scans.
pub struct Filed {
    pub case: CaseId,
    pub event: EventEnvelope,
    pub receipt: ReceiptNo,
    pub scans: Vec<(Digest32, Vec<u8>)>,
}

impl TestStation {
    pub async fn enrol(base: &str, stranger: &Client, station: u16, code: &str) -> Self {
        let KeyAndRequest { key, csr_pem } = key_and_request();
        let station = StationId::try_from(station).unwrap();
        let epoch = new_epoch();
        let request = EnrolRequest { code: code.to_owned(), station, epoch, csr_pem };
        let answer = stranger.post(format!("{base}{PATH_ENROL}")).json(&request);
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        let reply: EnrolReply = answer.json().await.unwrap();
        let identity_pem = format!("{}{}", reply.certificate_pem, key.serialize_pem());
        Self {
            client: with_identity(reply.ca_pem.as_bytes(), &identity_pem),
            base: base.to_owned(),
            station,
            epoch,
            seal: reply.hall_seal_key.parse().unwrap(),
            reply,
            identity_pem,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A new connection with the same identity.
    pub fn new_client(&self) -> Client {
        with_identity(self.reply.ca_pem.as_bytes(), &self.identity_pem)
    }

    pub fn file(&self, seq: u64) -> Filed {
        self.file_with_scans(seq, &[])
    }

    pub fn file_with_scans(&self, seq: u64, pictures: &[Vec<u8>]) -> Filed {
        let (case, receipt) = self.next(seq);
        self.file_as(case, receipt, seq, pictures)
    }

    /// A case of a person with this name.
    pub fn file_of(&self, seq: u64, name: &str) -> Filed {
        let (case, receipt) = self.next(seq);
        self.file_in_name(case, receipt, seq, &[], name)
    }

    fn next(&self, seq: u64) -> (CaseId, ReceiptNo) {
        let case = CaseId::new(DEPOSITED.0 as u64, random());
        let counter = self.reply.receipts.first + u32::try_from(seq).unwrap();
        (case, ReceiptNo::new(self.station, counter).unwrap())
    }

    pub fn file_as(
        &self,
        case: CaseId,
        receipt: ReceiptNo,
        seq: u64,
        pictures: &[Vec<u8>],
    ) -> Filed {
        self.file_in_name(case, receipt, seq, pictures, "章样本")
    }

    fn file_in_name(
        &self,
        case: CaseId,
        receipt: ReceiptNo,
        seq: u64,
        pictures: &[Vec<u8>],
        name: &str,
    ) -> Filed {
        let key = random();
        let scan_key = ScanKey::new(key);
        let mut scans = Vec::new();
        for picture in pictures {
            let mut sealed = Vec::new();
            scan::seal(&scan_key, case, random(), picture.as_slice(), &mut sealed).unwrap();
            scans.push((Digest32(Sha256::digest(&sealed).into()), sealed));
        }
        let record = record(case, receipt, &scans, name);
        let filed = CaseFiled {
            receipt,
            matter: record.matter.clone(),
            matter_version: 1,
            discreet: seq.is_multiple_of(2),
            needs_originals: true,
            deposited: record.deposited,
            quality: record.quality,
            sealed_record: self.seal.seal_record(&record, random()),
            sealed_scan_key: (!scans.is_empty())
                .then(|| self.seal.seal_scan_key(case, &scan_key, random())),
            scans: entries(&scans),
        };
        let event = envelope(seq, case, &EventBody::CaseFiled(filed));
        Filed { case, event, receipt, scans }
    }

    pub fn batch(&self, events: Vec<EventEnvelope>) -> Batch {
        Batch { schema: SCHEMA, station: self.station, epoch: self.epoch, events }
    }

    pub async fn post_batch(&self, batch: &Batch) -> Response {
        self.client.post(self.url(PATH_EVENTS)).json(batch).send().await.unwrap()
    }

    /// Sends events that the hall must answer, and returns its words.
    pub async fn send(&self, events: Vec<EventEnvelope>) -> Vec<String> {
        let answer = self.post_batch(&self.batch(events)).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        let reply: BatchReply = answer.json().await.unwrap();
        reply.answers.iter().map(|answer| word(&answer.answer)).collect()
    }

    pub async fn beat(&self, n_outbox: u64) -> HeartbeatReply {
        self.beat_with(n_outbox, Vec::new()).await
    }

    /// The station has a locker of three cells, all empty.
    pub async fn with_locker(self) -> Self {
        let cells = [(1, CellSize::A4), (2, CellSize::A4Thick), (3, CellSize::A3)];
        let cells = cells.map(|(door, size)| cell(door, size, CellUse::Empty, None));
        self.beat_with(0, cells.to_vec()).await;
        self
    }

    /// An event of custody in the order of this station's stream.
    pub fn custody(&self, seq: u64, case: CaseId, moved: CustodyMoved) -> EventEnvelope {
        envelope(seq, case, &EventBody::Custody(moved))
    }

    pub async fn beat_with(&self, n_outbox: u64, cells: Vec<CellReport>) -> HeartbeatReply {
        let beat = Heartbeat {
            station: self.station,
            epoch: self.epoch,
            n_outbox,
            audit_head: Digest32(random()),
            n_audit: 7,
            reader: "ready".into(),
            version: "0.1.0".into(),
            cells,
        };
        let answer = self.client.post(self.url(PATH_HEARTBEAT)).json(&beat).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// As a station of schema 2 asks, which hears of cases only.
    pub async fn feed(&self, after: u64, wait_s: u64) -> Feed {
        self.feed_of(&format!("after={after}&wait={wait_s}")).await
    }

    /// As a station of this release asks.
    pub async fn whole_feed(&self, after: u64, wait_s: u64) -> Feed {
        self.feed_of(&format!("after={after}&wait={wait_s}&schema={SCHEMA}")).await
    }

    async fn feed_of(&self, query: &str) -> Feed {
        let url = self.url(&format!("{PATH_FEED}?{query}"));
        let answer = self.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }
}

pub fn cell(door: u16, size: CellSize, state: CellUse, case: Option<CaseId>) -> CellReport {
    CellReport { door, size, state, case, door_state: "shut".into() }
}

/// A step of the materials of a case.
pub fn materials(step: CustodyStep, by: By, at: WallTime) -> CustodyMoved {
    let (content, quality) = (Content::Materials, ClockQuality::Synced);
    CustodyMoved { door: 3, content, order: None, step, by, at, quality }
}

/// A step of an ordered envelope.
pub fn ordered(content: Content, order: u64, step: CustodyStep, at: WallTime) -> CustodyMoved {
    let by = match step {
        CustodyStep::Collected => By::Citizen,
        CustodyStep::NoPlace | CustodyStep::TooLate => By::Station,
        CustodyStep::Deposited
        | CustodyStep::TakenBack
        | CustodyStep::TakenByStaff
        | CustodyStep::Placed
        | CustodyStep::Withdrawn
        | CustodyStep::Unconfirmed
        | CustodyStep::Quarantined => courier(),
    };
    let quality = ClockQuality::Synced;
    CustodyMoved { door: 2, content, order: Some(OrderId(order)), step, by, at, quality }
}

pub fn courier() -> By {
    By::Staff { id: "L07".into() }
}

fn with_identity(ca_pem: &[u8], identity_pem: &str) -> Client {
    let identity = Identity::from_pem(identity_pem.as_bytes()).unwrap();
    client(ca_pem).identity(identity).build().unwrap()
}

pub fn word(answer: &hall_api::wire::Answer) -> String {
    use hall_api::wire::Answer;
    match answer {
        Answer::Accepted => "accepted".into(),
        Answer::Duplicate => "duplicate".into(),
        Answer::Held { code } => format!("held {code}"),
    }
}

pub async fn problem_code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: hall_api::wire::Problem = answer.json().await.unwrap();
    assert!(!problem.message.is_empty());
    (status, problem.code)
}

pub fn envelope(seq: u64, case: CaseId, body: &EventBody) -> EventEnvelope {
    let body = serde_json::to_string(body).unwrap();
    let body_hash = Digest32(Sha256::digest(body.as_bytes()).into());
    EventEnvelope { seq: Seq(seq), case, body_hash, body }
}

fn entries(scans: &[(Digest32, Vec<u8>)]) -> Vec<ScanEntry> {
    let entry = |(page, (digest, bytes)): (u16, &(Digest32, Vec<u8>))| ScanEntry {
        slot: "old_permit".into(),
        page,
        digest: *digest,
        n_bytes: bytes.len() as u64,
    };
    (1..).zip(scans).map(entry).collect()
}

/// An invented person; nobody is called this.
fn record(
    case: CaseId,
    receipt: ReceiptNo,
    scans: &[(Digest32, Vec<u8>)],
    name: &str,
) -> CaseRecord {
    CaseRecord {
        case,
        receipt,
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 1,
        matter_name: "烟草专卖零售许可证延续".into(),
        deposited: DEPOSITED,
        quality: ClockQuality::Synced,
        parties: vec![PartyRecord {
            role: "applicant".into(),
            name: name.into(),
            number: "110101199003070011".into(),
            birth: "19900307".into(),
            address: "样本市示例路1号".into(),
            sex: "女".into(),
            verified_at: DEPOSITED,
            reader: Some("SAM_V 样机".into()),
            mandate: None,
        }],
        collectors: Vec::new(),
        answers: vec![("有没有旧证".into(), "有".into())],
        fields: vec![FieldRecord {
            id: "shop".into(),
            label: "店名".into(),
            value: "示例便利店".into(),
        }],
        contact: ContactRecord {
            way: "own_mobile".into(),
            mobile: Some("13800001234".into()),
            delivery: "locker".into(),
        },
        scans: (1..)
            .zip(scans)
            .map(|(page, (digest, bytes))| ScanRecord {
                slot: "old_permit".into(),
                title: "旧许可证".into(),
                page,
                digest: *digest,
                n_bytes: bytes.len() as u64,
            })
            .collect(),
        signatures: vec![SignatureRecord {
            signer: "章样本".into(),
            page: Digest32([7; 32]),
            strokes: vec![vec![(100, 500), (300, 300), (600, 700)], vec![(700, 200), (720, 800)]],
            at: DEPOSITED,
        }],
    }
}

impl TestStation {
    /// A connection without an HTTP client, for a station that hangs up in the middle.
    pub async fn raw_connection(
        &self,
        hall: std::net::SocketAddr,
    ) -> tokio_rustls::client::TlsStream<tokio::net::TcpStream> {
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
        let pem = self.identity_pem.as_bytes();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.reply.ca_pem.as_bytes()).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(hall_server::tls::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(pem).unwrap()],
                PrivateKeyDer::from_pem_slice(pem).unwrap(),
            )
            .unwrap();
        let tcp = tokio::net::TcpStream::connect(hall).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap()
    }
}

/// A small PNG page: `n_px` on a side, lines of a made-up text, told apart by `seed`.
pub fn picture(n_px: u32, seed: u8) -> Vec<u8> {
    let page = image::GrayImage::from_fn(n_px, n_px, |x, y| {
        let is_ink = y % 40 > 30 && (x * 7 + y + u32::from(seed)) % 13 > 5 && x > 30;
        image::Luma([if is_ink { 40 } else { 250 - seed }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    page.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}
