//! `hall_accepts_over_fdatasync_64` and `hall_accepts_over_noop_64`: 64 stations file at once.
//!
//! Every station sends batches of one case over its own kept-alive mutual TLS connection and waits
//! for the durable answer. The first row puts the accepts of a second beside the fdatasyncs of a
//! second: more than one means that commits are shared. The second puts them beside the same
//! requests answered by a server that does nothing, over the same TLS with the same certificates:
//! what the hall itself costs.

use std::{convert::Infallible, path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use hall_api::{
    case_record::{CaseRecord, ContactRecord, FieldRecord},
    seal::HallPublic,
    wire::{
        Answer, Batch, BatchReply, CaseFiled, EnrolReply, EnrolRequest, EventAnswer, EventBody,
        EventEnvelope, PATH_ENROL, PATH_EVENTS, SCHEMA,
    },
};
use hall_server::{Clock as HallClock, Options, ca::Keys, enrol_code, folder::Folder, tls};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kiosk_words::{CaseId, ClockQuality, Digest32, Epoch, MatterId, ReceiptNo, Seq, StationId};
use nightdesk_e2e::clock::Clock;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use reqwest::{Certificate, Client, Identity};
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    Row, disk,
    specimen::{NOW, case_id},
};

const N_STATIONS: u16 = 64;
const BATCHES_PER_STATION: u32 = 40;
/// Before the count starts: connections are made, caches filled.
const BATCHES_TO_WARM: u32 = 4;

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (accepts, noops) = runtime.block_on(measure(&folder.join("hall")))?;
    let syncs = 1_000.0 / disk::fdatasync_ms(folder)?;
    Ok(vec![
        Row::new(
            "hall_accepts_over_fdatasync_64",
            accepts,
            "1/s",
            "appends of 4 KiB with fdatasync, one after the other",
            syncs,
        ),
        Row::new(
            "hall_accepts_over_noop_64",
            accepts,
            "1/s",
            "the same requests to a server that does nothing",
            noops,
        ),
    ])
}

struct Station {
    client: Client,
    /// Bodies of the requests, in order.
    batches: Vec<Vec<u8>>,
}

/// Accepts per second of the hall, answers per second of the server that does nothing.
async fn measure(data: &Path) -> Result<(f64, f64)> {
    let hall = hall_server::serve(Options {
        data: data.to_owned(),
        console: ([127, 0, 0, 1], 0).into(),
        stations: ([127, 0, 0, 1], 0).into(),
        hosts: Vec::new(),
        ready_file: None,
        forms: None,
        clock: HallClock::system(),
    })
    .await?;
    let base = format!("https://{}", hall.stations_addr);
    let mut stations = Vec::new();
    for number in 1..=N_STATIONS {
        stations.push(Arc::new(enrol(data, &base, number).await?));
    }
    let stop = CancellationToken::new();
    let noop = serve_nothing(data, stop.clone()).await?;
    let accepts = per_second(&stations, &base, Want::Accepted).await?;
    let noops = per_second(&stations, &noop, Want::Anything).await?;
    stop.cancel();
    hall.shutdown().await;
    Ok((accepts, noops))
}

#[derive(Clone, Copy)]
enum Want {
    Accepted,
    Anything,
}

/// All stations at once, each one batch after the other.
async fn per_second(stations: &[Arc<Station>], base: &str, want: Want) -> Result<f64> {
    let warm = BATCHES_TO_WARM as usize;
    send_all(stations, base, 0..warm, want).await?;
    let clock = Clock::start();
    send_all(stations, base, warm..warm + BATCHES_PER_STATION as usize, want).await?;
    let n = f64::from(BATCHES_PER_STATION) * f64::from(N_STATIONS);
    Ok(n * 1_000.0 / disk::ms(clock.us()))
}

async fn send_all(
    stations: &[Arc<Station>],
    base: &str,
    which: std::ops::Range<usize>,
    want: Want,
) -> Result<()> {
    let mut tasks = JoinSet::new();
    for station in stations {
        let (station, url) = (Arc::clone(station), format!("{base}{PATH_EVENTS}"));
        let which = which.clone();
        tasks.spawn(async move {
            for body in &station.batches[which] {
                send(&station.client, &url, body.clone(), want).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

async fn send(client: &Client, url: &str, body: Vec<u8>, want: Want) -> Result<()> {
    let answer =
        client.post(url).header("content-type", "application/json").body(body).send().await?;
    let reply: BatchReply = answer.error_for_status()?.json().await?;
    if let Want::Accepted = want {
        ensure!(
            reply.answers.iter().all(|one| one.answer == Answer::Accepted),
            "expected accepted, got {:?}",
            reply.answers
        );
    }
    Ok(())
}

async fn enrol(data: &Path, base: &str, number: u16) -> Result<Station> {
    let station = StationId::try_from(number).ok().context("a station number")?;
    let code = enrol_code(data, station, None, &HallClock::system())?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let csr_pem = CertificateParams::new(Vec::new())?.serialize_request(&key)?.pem()?;
    let epoch = kiosk_store::new_epoch()?;
    let ca_pem = std::fs::read(data.join("ca.pem"))?;
    let stranger = trusting(&ca_pem)?.build()?;
    let request = EnrolRequest { code, station, epoch, csr_pem };
    let answer = stranger.post(format!("{base}{PATH_ENROL}")).json(&request).send().await?;
    let reply: EnrolReply = answer.error_for_status()?.json().await?;
    let pem = format!("{}{}", reply.certificate_pem, key.serialize_pem());
    let client =
        trusting(reply.ca_pem.as_bytes())?.identity(Identity::from_pem(pem.as_bytes())?).build()?;
    let hall: HallPublic = reply.hall_seal_key.parse().ok().context("a seal key")?;
    let who = Who { number, station, epoch, hall };
    let batches = (1..=BATCHES_TO_WARM + BATCHES_PER_STATION)
        .map(|n| who.batch(reply.receipts.first + n, n))
        .collect::<Result<_>>()?;
    Ok(Station { client, batches })
}

fn trusting(ca_pem: &[u8]) -> Result<reqwest::ClientBuilder> {
    Ok(Client::builder().tls_certs_only([Certificate::from_pem(ca_pem)?]).no_proxy())
}

struct Who {
    number: u16,
    station: StationId,
    epoch: Epoch,
    hall: HallPublic,
}

impl Who {
    /// The body of a request that files case `n` of this station.
    fn batch(&self, counter: u32, n: u32) -> Result<Vec<u8>> {
        let case = case_id(self.number, n);
        let receipt = ReceiptNo::new(self.station, counter).context("a receipt number")?;
        let record = record(case, receipt);
        // Every case has bytes of its own here; on a station they are random.
        let mut seed = [0x33; 32];
        seed[..2].copy_from_slice(&self.number.to_be_bytes());
        seed[2..6].copy_from_slice(&n.to_be_bytes());
        let body = serde_json::to_string(&EventBody::CaseFiled(CaseFiled {
            receipt,
            matter: record.matter.clone(),
            matter_version: record.matter_version,
            discreet: false,
            needs_originals: false,
            deposited: NOW,
            quality: ClockQuality::Synced,
            sealed_record: self.hall.seal_record(&record, seed),
            sealed_scan_key: None,
            scans: vec![],
        }))?;
        let body_hash = Digest32(Sha256::digest(body.as_bytes()).into());
        let events = vec![EventEnvelope { seq: Seq(u64::from(n)), case, body_hash, body }];
        let (station, epoch) = (self.station, self.epoch);
        Ok(serde_json::to_vec(&Batch { schema: SCHEMA, station, epoch, events })?)
    }
}

fn record(case: CaseId, receipt: ReceiptNo) -> CaseRecord {
    let field = |n| FieldRecord {
        id: format!("field_{n}"),
        label: "经营地址".into(),
        value: "样本市示例路1号样本烟酒商店".into(),
    };
    CaseRecord {
        case,
        receipt,
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 1,
        matter_name: "烟草专卖零售许可证延续".into(),
        deposited: NOW,
        quality: ClockQuality::Synced,
        parties: vec![],
        collectors: vec![],
        answers: vec![],
        fields: (0..12).map(field).collect(),
        contact: ContactRecord { way: "come_back".into(), mobile: None, delivery: "window".into() },
        scans: vec![],
        signatures: vec![],
    }
}

/// The hall's own TLS settings and HTTP library in front of an answer that is always the same.
async fn serve_nothing(data: &Path, stop: CancellationToken) -> Result<String> {
    let keys = Keys::open_or_create(&Folder::open(data)?, HallClock::system().now())?;
    let identity = keys.ca.server_identity(&[], HallClock::system().now())?;
    let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(&keys.ca, identity)?));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base = format!("https://{}", listener.local_addr()?);
    let answers = vec![EventAnswer { seq: Seq(1), answer: Answer::Accepted }];
    let reply: Arc<str> = serde_json::to_string(&BatchReply { answers })?.into();
    tokio::spawn(async move {
        while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
            let (acceptor, reply) = (acceptor.clone(), Arc::clone(&reply));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request| answer(request, Arc::clone(&reply)));
                // A client that goes away ends the connection with an error nobody needs.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(base)
}

/// Reads the request to its end, as any server must, and answers.
async fn answer(
    request: Request<Incoming>,
    reply: Arc<str>,
) -> Result<Response<axum::body::Body>, Infallible> {
    let body = axum::body::Body::new(request.into_body());
    let _ = axum::body::to_bytes(body, 1 << 20).await;
    Ok(Response::new(axum::body::Body::from(reply.to_string())))
}
