//! One sealed page on its way to the hall, in pieces, resumed where it stopped.
//!
//! The hall is asked first how much it has; what it has is never sent again. The bytes are
//! ciphertext and immutable, so resuming needs nothing remembered here.

use std::path::Path;

use hall_api::wire::{
    HEADER_UPLOAD_CASE, HEADER_UPLOAD_DIGEST, HEADER_UPLOAD_LENGTH, HEADER_UPLOAD_OFFSET,
    PATH_SCANS, PIECE_BYTES, ScanEntry,
};
use kiosk_words::CaseId;
use reqwest::{Method, Response, StatusCode, header};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

use super::client::{CallError, HallClient, refusal_of, send};

/// Times the hall may say "my offset is another" for one page: once for an answer that was lost,
/// once for a second sender that ends.
const RESUMES_MAX: u32 = 3;

impl HallClient {
    /// Delivers one page; returns when the hall has all its bytes.
    pub async fn deliver_scan(
        &self,
        case: CaseId,
        page: &ScanEntry,
        file: &Path,
    ) -> Result<(), CallError> {
        let path = format!("{PATH_SCANS}/{}", page.digest);
        let mut file = File::open(file).await.map_err(CallError::Scan)?;
        for _ in 0..RESUMES_MAX {
            let mut offset = self.offset(case, page, &path).await?;
            loop {
                if offset >= page.n_bytes {
                    return Ok(());
                }
                match self.send_piece(page, &path, &mut file, offset).await? {
                    Some(next) => offset = next,
                    None => break,
                }
            }
        }
        Err(CallError::BadShape("an offset that changes with every piece"))
    }

    /// How many bytes the hall has; an unknown page is created.
    async fn offset(&self, case: CaseId, page: &ScanEntry, path: &str) -> Result<u64, CallError> {
        let response = send(self.request(Method::HEAD, path)).await?;
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => offset_of(&response),
            StatusCode::NOT_FOUND => {
                let create = self
                    .request(Method::POST, PATH_SCANS)
                    .header(HEADER_UPLOAD_LENGTH, page.n_bytes)
                    .header(HEADER_UPLOAD_DIGEST, page.digest.to_string())
                    .header(HEADER_UPLOAD_CASE, case.to_string());
                let response = send(create).await?;
                match response.status() {
                    StatusCode::CREATED => offset_or(&response, 0),
                    StatusCode::OK | StatusCode::NO_CONTENT => offset_of(&response),
                    _ => Err(refusal_of(response).await),
                }
            }
            status => Err(head_refused(status)),
        }
    }

    /// The offset after the piece; `None` if the hall was at another offset.
    async fn send_piece(
        &self,
        page: &ScanEntry,
        path: &str,
        file: &mut File,
        offset: u64,
    ) -> Result<Option<u64>, CallError> {
        let n_bytes = PIECE_BYTES.min(page.n_bytes - offset);
        let piece = read_piece(file, offset, n_bytes).await.map_err(CallError::Scan)?;
        let patch = self
            .request(Method::PATCH, path)
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .header(HEADER_UPLOAD_OFFSET, offset)
            .body(piece);
        let response = send(patch).await?;
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => {
                let next = offset_of(&response)?;
                let is_progress = next > offset && next <= page.n_bytes;
                is_progress.then_some(Some(next)).ok_or(CallError::BadShape("an offset backwards"))
            }
            StatusCode::CONFLICT => Ok(None),
            _ => Err(refusal_of(response).await),
        }
    }
}

async fn read_piece(file: &mut File, offset: u64, n_bytes: u64) -> std::io::Result<Vec<u8>> {
    file.seek(std::io::SeekFrom::Start(offset)).await?;
    let mut piece = vec![0; usize::try_from(n_bytes).map_err(std::io::Error::other)?];
    file.read_exact(&mut piece).await?;
    Ok(piece)
}

fn offset_of(response: &Response) -> Result<u64, CallError> {
    let value = response.headers().get(HEADER_UPLOAD_OFFSET).and_then(|value| value.to_str().ok());
    value.and_then(|text| text.parse().ok()).ok_or(CallError::BadShape("no upload offset"))
}

fn offset_or(response: &Response, otherwise: u64) -> Result<u64, CallError> {
    match response.headers().contains_key(HEADER_UPLOAD_OFFSET) {
        true => offset_of(response),
        false => Ok(otherwise),
    }
}

/// A refused `HEAD` has no body to say more.
fn head_refused(status: StatusCode) -> CallError {
    CallError::Refused { status, code: "none".to_owned(), message: "no body".to_owned() }
}
