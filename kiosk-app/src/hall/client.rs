//! One request to the hall and its strictly checked answer.
//!
//! An answer counts only if it is JSON of the expected shape: a captive portal says 200 and sends
//! a page. Retries are the caller's or the core's.

use std::{fmt, time::Duration};

use hall_api::wire::{
    Answer, Batch, BatchReply, EnrolReply, EnrolRequest, Feed, FeedEntry, FeedWhat, Heartbeat,
    HeartbeatReply, PATH_ENROL, PATH_EVENTS, PATH_FEED, PATH_HEARTBEAT, PATH_STAFF_CARDS, Problem,
    SCHEMA, StaffCardReply, StaffCardRequest,
};
use kiosk_core::event::{Delivery, SendError};
use kiosk_words::Seq;
use reqwest::{Response, StatusCode, Url, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::limits::{REPLY_BYTES_MAX, Timings};

/// 30 s: asked to wait, not told how long.
const LATER_DEFAULT: Duration = Duration::from_secs(30);

/// Why a call brought nothing. No text of it names a person or an address.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the hall cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The right status and the wrong kind of answer: a captive portal, a proxy, a torn body.
    #[error("expected a JSON answer, got {status} with content type {content_type:?}")]
    NotTheHall { status: StatusCode, content_type: String },
    #[error("the hall's answer has another shape: {0}")]
    BadShape(&'static str),
    #[error("the hall asks to come back in {after_ms} ms")]
    Later { after_ms: u64 },
    #[error("the hall is older than this station")]
    TooOld,
    #[error("the hall refuses with {status}, {code}: {message}")]
    Refused { status: StatusCode, code: String, message: String },
    #[error("the sealed page cannot be read")]
    Scan(#[source] std::io::Error),
}

impl CallError {
    /// The core's words for it; a refusal keeps the bytes, as a lost connection does.
    pub fn for_core(&self) -> SendError {
        match self {
            Self::Later { after_ms } => SendError::Later { after_ms: *after_ms },
            Self::TooOld => SendError::HallTooOld,
            Self::Unreachable(_)
            | Self::NotTheHall { .. }
            | Self::BadShape(_)
            | Self::Refused { .. }
            | Self::Scan(_) => SendError::Unreachable,
        }
    }
}

/// Cheap to clone; all clones share one pool of kept-alive connections.
#[derive(Clone)]
pub struct HallClient {
    http: reqwest::Client,
    base: Url,
    timings: Timings,
}

impl fmt::Debug for HallClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HallClient").finish_non_exhaustive()
    }
}

impl HallClient {
    /// `base` is `https://host:port`, checked when `machine.toml` was read.
    pub fn new(tls: rustls::ClientConfig, base: &str, timings: Timings) -> Result<Self, CallError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timings.connect)
            .timeout(timings.request)
            .build()
            .map_err(CallError::Unreachable)?;
        let base = Url::parse(base).map_err(|_| CallError::BadShape("the hall's address"))?;
        Ok(Self { http, base, timings })
    }

    /// Delivers a batch; the answer is complete and in order of the batch.
    pub async fn deliver(&self, batch: &Batch) -> Result<Vec<(Seq, Delivery)>, CallError> {
        let reply: BatchReply = self.post(PATH_EVENTS, batch).await?;
        let asked = batch.events.iter().map(|event| event.seq);
        if !reply.answers.iter().map(|answer| answer.seq).eq(asked) {
            return Err(CallError::BadShape("answers to other events than were sent"));
        }
        Ok(reply.answers.into_iter().map(|one| (one.seq, delivery_of(one.answer))).collect())
    }

    pub async fn heartbeat(&self, beat: &Heartbeat) -> Result<HeartbeatReply, CallError> {
        self.post(PATH_HEARTBEAT, beat).await
    }

    /// Waits at the hall until there is something after the cursor, or the wait is over.
    pub async fn feed(&self, after: u64) -> Result<Feed, CallError> {
        let wait = self.timings.feed_wait.as_secs();
        let mut url = self.url(PATH_FEED);
        url.set_query(Some(&format!("after={after}&wait={wait}&schema={SCHEMA}")));
        let request = self.http.get(url).timeout(self.timings.feed_wait + self.timings.request);
        let feed: Feed = json_of(send(request).await?).await?;
        if !is_ordered(after, &feed.items) {
            return Err(CallError::BadShape("feed out of order"));
        }
        if !feed.items.iter().all(is_whole) {
            return Err(CallError::BadShape("a feed entry without its case"));
        }
        Ok(feed)
    }

    /// The first contact; every refusal comes with the hall's sentence for the technician.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolReply, CallError> {
        let post = self.http.post(self.url(PATH_ENROL)).json(request);
        json_of(post.send().await.map_err(unreachable_without_address)?).await
    }

    /// A staff card asks for its certificates; refusals come with the hall's sentence.
    pub async fn staff_card(
        &self,
        request: &StaffCardRequest,
    ) -> Result<StaffCardReply, CallError> {
        let post = self.http.post(self.url(PATH_STAFF_CARDS)).json(request);
        json_of(post.send().await.map_err(unreachable_without_address)?).await
    }

    async fn post<Q, A>(&self, path: &str, body: &Q) -> Result<A, CallError>
    where
        Q: Serialize + Sync,
        A: DeserializeOwned,
    {
        json_of(send(self.http.post(self.url(path)).json(body)).await?).await
    }

    pub(super) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}

/// Cursors rise, but for freezes that are sent ahead of their place with the cursor asked with.
fn is_ordered(after: u64, items: &[FeedEntry]) -> bool {
    let ahead =
        |item: &&FeedEntry| matches!(item.what, FeedWhat::Freeze { .. }) && item.cursor == after;
    let in_place = items.iter().skip_while(ahead).map(|item| item.cursor);
    std::iter::once(after).chain(in_place).is_sorted_by(|before, next| before < next)
}

/// Only what the hall says about staff is about no case.
const fn is_whole(item: &FeedEntry) -> bool {
    item.case.is_some() || matches!(item.what, FeedWhat::StaffCards(_))
}

pub(super) async fn send(request: reqwest::RequestBuilder) -> Result<Response, CallError> {
    let response = request.send().await.map_err(unreachable_without_address)?;
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Err(CallError::Later { after_ms: retry_after(&response) }),
        StatusCode::UPGRADE_REQUIRED => Err(CallError::TooOld),
        _ => Ok(response),
    }
}

/// The body as JSON of type `A`, if status and content type promise it.
async fn json_of<A: DeserializeOwned>(response: Response) -> Result<A, CallError> {
    let status = response.status();
    let content_type = content_type_of(&response);
    let is_json =
        content_type.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
    if !is_json {
        return Err(CallError::NotTheHall { status, content_type });
    }
    let body = body_of(response).await?;
    if !status.is_success() {
        let Problem { code, message } = serde_json::from_slice(&body)
            .map_err(|_| CallError::BadShape("a refusal without code and message"))?;
        return Err(CallError::Refused { status, code, message });
    }
    serde_json::from_slice(&body).map_err(|_| CallError::BadShape("not the JSON of this call"))
}

pub(super) async fn refusal_of(response: Response) -> CallError {
    match json_of::<serde_json::Value>(response).await {
        Ok(_) => CallError::BadShape("an answer with content where none belongs"),
        Err(error) => error,
    }
}

async fn body_of(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable_without_address)? {
        if body.len() + chunk.len() > REPLY_BYTES_MAX {
            return Err(CallError::BadShape("an answer larger than any of this contract"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn content_type_of(response: &Response) -> String {
    let value = response.headers().get(header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn retry_after(response: &Response) -> u64 {
    let value = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = value.and_then(|text| text.parse::<u64>().ok());
    seconds.unwrap_or(LATER_DEFAULT.as_secs()).saturating_mul(1_000)
}

pub(super) fn unreachable_without_address(error: reqwest::Error) -> CallError {
    CallError::Unreachable(error.without_url())
}

fn delivery_of(answer: Answer) -> Delivery {
    match answer {
        Answer::Accepted => Delivery::Accepted,
        Answer::Duplicate => Delivery::Duplicate,
        Answer::Held { code } => Delivery::Held { code },
    }
}

#[cfg(test)]
mod tests {
    use hall_api::wire::StaffCards;
    use kiosk_words::{CaseId, OrderId};

    use super::*;

    #[test]
    fn only_what_is_said_about_staff_is_about_no_case() {
        let cards = StaffCards { anchors: Vec::new(), revoked: Vec::new() };
        let entry = |what| FeedEntry { cursor: 1, case: None, what };
        assert!(is_whole(&entry(FeedWhat::StaffCards(cards))));
        assert!(!is_whole(&entry(FeedWhat::Freeze { frozen: true })));
    }

    #[test]
    fn only_freezes_may_come_ahead_of_their_place() {
        let case = Some(CaseId::new(1, [1; 10]));
        let entry = |cursor, what| FeedEntry { cursor, case, what };
        let freeze = |cursor| entry(cursor, FeedWhat::Freeze { frozen: true });
        let recall = |cursor| entry(cursor, FeedWhat::Recall { order: OrderId(1) });
        for right in [
            vec![],
            vec![recall(6), recall(9)],
            vec![freeze(5), freeze(5), recall(6), freeze(7)],
            vec![freeze(6)],
        ] {
            assert!(is_ordered(5, &right), "{right:?}");
        }
        for wrong in [
            vec![recall(5)],
            vec![recall(7), recall(6)],
            vec![recall(6), freeze(5)],
            vec![freeze(4), recall(6)],
            vec![freeze(5), recall(5)],
        ] {
            assert!(!is_ordered(5, &wrong), "{wrong:?}");
        }
    }
}
