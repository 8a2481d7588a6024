//! Resumable upload of scan files, tus 1.0 in shape.
//!
//! ```text
//! POST create (length, digest, case) ► 201 offset 0, or 200 with the offset that is here
//! HEAD                               ► offset
//! PATCH piece at offset ► 204 offset ► … ► last byte: digest right ► stored for good
//!                                                     digest wrong ► 422, begin again at 0
//! ```
//! Records first: a scan is taken only when a case of this station lists its digest and length.
//! Pieces are synced before they are answered; the offset is the length of the staging file.
//! The hall never opens a scan on its way in; the digest is over the ciphertext.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    body::Bytes,
    extract::{Path as UrlPath, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hall_api::wire::{
    HEADER_UPLOAD_CASE, HEADER_UPLOAD_DIGEST, HEADER_UPLOAD_LENGTH, HEADER_UPLOAD_OFFSET,
    PATH_SCANS, PIECE_BYTES,
};
use kiosk_words::{CaseId, Digest32};
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutPayload, local::LocalFileSystem, path::Path as ObjectPath,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::{
    folder::Folder,
    problem::{self, Refusal},
    station_api::StationApi,
    store::scans::{self, Place},
    tls::Peer,
};

/// A page of A4 at 300 dpi as PNG is below 30 MB.
pub(crate) const SCAN_BYTES_MAX: u64 = 64 << 20;
/// Uploads of different scans rarely share a lock; those of one scan always do.
const N_LOCKS: usize = 64;

const OFFSET: HeaderName = HeaderName::from_static(HEADER_UPLOAD_OFFSET);
const LENGTH: HeaderName = HeaderName::from_static(HEADER_UPLOAD_LENGTH);
const DIGEST: HeaderName = HeaderName::from_static(HEADER_UPLOAD_DIGEST);
const CASE: HeaderName = HeaderName::from_static(HEADER_UPLOAD_CASE);

/// Where scan files are: arriving in a folder, finished in an object store.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    staging: PathBuf,
    finished: Arc<dyn ObjectStore>,
    locks: Arc<[Mutex<()>]>,
}

#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error("scan file")]
    Io(#[from] io::Error),
    #[error("scan store")]
    Objects(#[from] object_store::Error),
    #[error("task of a scan file")]
    Task(#[from] tokio::task::JoinError),
}

/// How a full staging file ended.
#[derive(Debug, PartialEq, Eq)]
enum Finish {
    Stored,
    WrongDigest,
}

impl Shelf {
    pub(crate) fn open(folder: &Folder) -> Result<Self, ShelfError> {
        let finished = LocalFileSystem::new_with_prefix(folder.scans())?.with_fsync(true);
        Ok(Self {
            staging: folder.staging(),
            finished: Arc::new(finished),
            locks: (0..N_LOCKS).map(|_| Mutex::new(())).collect(),
        })
    }

    fn lock_of(&self, digest: &Digest32) -> &Mutex<()> {
        &self.locks[usize::from(digest.0[0]) % N_LOCKS]
    }

    fn staged(&self, digest: &Digest32) -> PathBuf {
        self.staging.join(digest.to_string())
    }

    /// The sealed bytes of a finished scan.
    pub(crate) async fn read(&self, digest: &Digest32) -> Result<Bytes, ShelfError> {
        Ok(self.finished.get(&object_path(digest)).await?.bytes().await?)
    }

    /// Checks the digest of a full staging file, moves it to the finished ones or throws it away.
    async fn finish(&self, digest: Digest32) -> Result<Finish, ShelfError> {
        let path = self.staged(&digest);
        let hashed = tokio::task::spawn_blocking({
            let path = path.clone();
            move || hash_file(&path)
        })
        .await??;
        if hashed != digest {
            tokio::fs::remove_file(&path).await?;
            return Ok(Finish::WrongDigest);
        }
        let mut upload = self.finished.put_multipart(&object_path(&digest)).await?;
        let mut file = File::open(&path)?;
        loop {
            let (back, piece) = tokio::task::spawn_blocking(move || next_piece(file)).await??;
            file = back;
            if piece.is_empty() {
                break;
            }
            upload.put_part(PutPayload::from(piece)).await?;
        }
        upload.complete().await?;
        Ok(Finish::Stored)
    }
}

fn object_path(digest: &Digest32) -> ObjectPath {
    let name = digest.to_string();
    ObjectPath::from(format!("{}/{name}", hex::encode(&digest.0[..1])))
}

fn hash_file(path: &Path) -> io::Result<Digest32> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    loop {
        let (back, piece) = next_piece(file)?;
        file = back;
        if piece.is_empty() {
            return Ok(Digest32(hasher.finalize().into()));
        }
        hasher.update(&piece);
    }
}

fn next_piece(file: File) -> io::Result<(File, Vec<u8>)> {
    let mut piece = Vec::new();
    let mut window = file.take(PIECE_BYTES);
    window.read_to_end(&mut piece)?;
    Ok((window.into_inner(), piece))
}

fn staged_len(path: &Path) -> io::Result<Option<u64>> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates the empty staging file and makes its name durable.
fn begin(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Appends at `offset`, synced. A torn tail of an earlier try is cut off.
fn append_piece(path: &Path, offset: u64, piece: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(piece)?;
    file.sync_data()
}

pub(crate) async fn create(
    State(api): State<StationApi>,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let n_bytes: u64 = required(&headers, &LENGTH)?;
    let digest: Digest32 = required(&headers, &DIGEST)?;
    let case = CaseId(required(&headers, &CASE)?);
    let wanted = match look_up(&api, peer, Some(case), digest).await? {
        Listed::Stored(n_bytes) => return Ok(progress(StatusCode::OK, n_bytes, n_bytes)),
        Listed::Wanted(n_bytes) => n_bytes,
    };
    if n_bytes != wanted {
        let message = format!("the case lists {wanted} bytes for this scan, got {n_bytes}");
        return Err(Refusal::new(StatusCode::CONFLICT, "other_length", message));
    }
    let _turn = api.shelf.lock_of(&digest).lock().await;
    let path = api.shelf.staged(&digest);
    let (status, offset) = match staged_len(&path).map_err(io_failed)? {
        Some(here) => (StatusCode::OK, settle_full(&api, digest, here, n_bytes).await?),
        None => {
            begin(&path).map_err(io_failed)?;
            (StatusCode::CREATED, 0)
        }
    };
    let mut response = progress(status, offset, n_bytes);
    let location = HeaderValue::try_from(format!("{PATH_SCANS}/{digest}"));
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub(crate) async fn offset(
    State(api): State<StationApi>,
    peer: Peer,
    UrlPath(digest): UrlPath<String>,
) -> Result<Response, Refusal> {
    let digest = digest_of(&digest)?;
    let n_bytes = match look_up(&api, peer, None, digest).await? {
        Listed::Stored(n_bytes) => return Ok(progress(StatusCode::OK, n_bytes, n_bytes)),
        Listed::Wanted(n_bytes) => n_bytes,
    };
    let _turn = api.shelf.lock_of(&digest).lock().await;
    match staged_len(&api.shelf.staged(&digest)).map_err(io_failed)? {
        Some(here) => {
            let offset = settle_full(&api, digest, here, n_bytes).await?;
            Ok(progress(StatusCode::OK, offset, n_bytes))
        }
        None => Err(not_created()),
    }
}

pub(crate) async fn append(
    State(api): State<StationApi>,
    peer: Peer,
    UrlPath(digest): UrlPath<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let digest = digest_of(&digest)?;
    let offset: u64 = required(&headers, &OFFSET)?;
    let piece = problem::whole(&body)?.clone();
    let n_bytes = match look_up(&api, peer, None, digest).await? {
        Listed::Stored(n_bytes) if offset == n_bytes && piece.is_empty() => {
            return Ok(progress(StatusCode::NO_CONTENT, n_bytes, n_bytes));
        }
        Listed::Stored(n_bytes) => return Err(wrong_offset(n_bytes, offset)),
        Listed::Wanted(n_bytes) => n_bytes,
    };
    let _turn = api.shelf.lock_of(&digest).lock().await;
    let path = api.shelf.staged(&digest);
    let here = staged_len(&path).map_err(io_failed)?.ok_or_else(not_created)?;
    if here != offset {
        return Err(wrong_offset(here, offset));
    }
    let after = offset + piece.len() as u64;
    if after > n_bytes {
        let message = format!("the scan has {n_bytes} bytes, this piece ends at {after}");
        return Err(Refusal::bad_request("too_long", message));
    }
    tokio::task::spawn_blocking(move || append_piece(&path, offset, &piece))
        .await
        .map_err(|error| problem::internal(&error))?
        .map_err(io_failed)?;
    let offset = settle_full(&api, digest, after, n_bytes).await?;
    Ok(progress(StatusCode::NO_CONTENT, offset, n_bytes))
}

/// Finishes a full staging file; the caller holds its lock. Returns the offset to go on from.
async fn settle_full(
    api: &StationApi,
    digest: Digest32,
    here: u64,
    n_bytes: u64,
) -> Result<u64, Refusal> {
    if here < n_bytes {
        return Ok(here);
    }
    let finish = api.shelf.finish(digest).await.map_err(|error| problem::internal(&error))?;
    if finish == Finish::WrongDigest {
        let message = "the bytes do not have the digest of this scan and were thrown away; begin \
                       again at offset 0";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_digest", message));
    }
    let now = api.clock.now();
    api.store.write(move |context| scans::enter(context, &digest, n_bytes, now)).await?;
    // Entered and on the disk: the staging copy is of no more use. A copy left by a cut here is
    // removed when the station asks again.
    tokio::fs::remove_file(api.shelf.staged(&digest)).await.map_err(io_failed)?;
    Ok(n_bytes)
}

/// A scan that a case lists, with its length.
enum Listed {
    Wanted(u64),
    Stored(u64),
}

async fn look_up(
    api: &StationApi,
    peer: Peer,
    case: Option<CaseId>,
    digest: Digest32,
) -> Result<Listed, Refusal> {
    let conflict = |code, message: &str| Err(Refusal::new(StatusCode::CONFLICT, code, message));
    match api.store.read(move |sql| scans::place(sql, &peer, case, &digest)).await? {
        Place::Wanted { n_bytes } => Ok(Listed::Wanted(n_bytes)),
        Place::Stored { n_bytes } => Ok(Listed::Stored(n_bytes)),
        Place::Standing(standing) => Err(Refusal::standing(standing)),
        Place::NoCase => conflict("no_case", "send the event of the case first"),
        Place::CaseHeld => conflict("case_held", "the case is held at the hall; try again later"),
        Place::NotListed => {
            let message = "no case of this station lists this scan";
            Err(Refusal::new(StatusCode::NOT_FOUND, "not_listed", message))
        }
    }
}

fn required<T: std::str::FromStr>(headers: &HeaderMap, name: &HeaderName) -> Result<T, Refusal> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()?.parse().ok());
    value.ok_or_else(|| {
        Refusal::bad_request("bad_header", format!("expected a valid header {name}"))
    })
}

fn digest_of(text: &str) -> Result<Digest32, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(StatusCode::NOT_FOUND, "not_listed", "expected a digest of 64 hex digits")
    })
}

fn not_created() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_created", "create the upload first")
}

fn wrong_offset(here: u64, got: u64) -> Refusal {
    let message = format!("the next byte expected is {here}, the piece begins at {got}");
    Refusal::new(StatusCode::CONFLICT, "wrong_offset", message).with(OFFSET, number(here))
}

fn io_failed(error: io::Error) -> Refusal {
    problem::internal(&error)
}

fn progress(status: StatusCode, offset: u64, n_bytes: u64) -> Response {
    let headers = [
        (OFFSET, number(offset)),
        (LENGTH, number(n_bytes)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers).into_response()
}

fn number(value: u64) -> HeaderValue {
    HeaderValue::from(value)
}
