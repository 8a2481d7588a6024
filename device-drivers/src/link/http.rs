//! One exchange after another over HTTP: a message is posted, its answer is heard.
//!
//! Each exchange has a connection of its own. So a connection that is not made means that nothing
//! was sent, and one that is given up leaves nothing behind that the next could hear. Nothing is
//! posted twice, no redirection followed, no proxy asked.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use kiosk_words::Private;
use reqwest::{Body, Client, Response, StatusCode, header, redirect::Policy, retry};

/// An answer that is longer is none: the longest of a printer that lists all it knows has a
/// hundred thousand bytes.
const ANSWER_LEN_MAX: usize = 1 << 20;
const KIND: &str = "application/ipp";

/// No client can be made; nothing of the printer is known by that.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP on this machine")]
pub struct NoHttp(#[source] reqwest::Error);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    #[error("no connection")]
    NotConnected(#[source] reqwest::Error),
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("an answer of another kind")]
    Kind,
    #[error("an answer of more than {ANSWER_LEN_MAX} bytes")]
    TooLong,
}

type Exchange = Pin<Box<dyn Future<Output = Result<Vec<u8>, Lost>> + Send>>;

pub struct HttpLink {
    client: Client,
    url: String,
    exchange: Option<Exchange>,
}

impl fmt::Debug for HttpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, url, exchange } = self;
        let is_busy = exchange.is_some();
        f.debug_struct("HttpLink").field("url", url).field("is_busy", &is_busy).finish()
    }
}

impl HttpLink {
    pub fn new(url: &str, connect_limit: Duration) -> Result<Self, NoHttp> {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .retry(retry::never())
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(connect_limit)
            // Nothing is encrypted here, so nobody has to be trusted for it.
            .tls_certs_only([])
            .build()
            .map_err(NoHttp)?;
        Ok(Self { client, url: url.to_owned(), exchange: None })
    }

    /// Whatever was under way is given up.
    pub fn post(&mut self, head: Vec<u8>, document: Option<Private<Vec<u8>>>) {
        let len = head.len() + document.as_ref().map_or(0, |document| document.expose().len());
        let document = document.map(|document| Bytes::from_owner(Owned(document)));
        let pieces = [Some(Bytes::from(head)), document].into_iter().flatten();
        let request = self
            .client
            .post(&self.url)
            .header(header::CONTENT_TYPE, KIND)
            // Small printers do not take a body of unknown length.
            .header(header::CONTENT_LENGTH, len)
            .body(Body::wrap_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>))));
        self.exchange = Some(Box::pin(async move {
            let response = request.send().await.map_err(|error| {
                if error.is_connect() { Lost::NotConnected(error) } else { Lost::Broken(error) }
            })?;
            answer(response).await
        }));
    }

    /// What came of the last message; for ever if nothing is under way. Cancel-safe.
    pub async fn hear(&mut self) -> Result<Vec<u8>, Lost> {
        let Some(exchange) = &mut self.exchange else { return std::future::pending().await };
        let answer = exchange.await;
        self.exchange = None;
        answer
    }

    pub fn give_up(&mut self) {
        self.exchange = None;
    }
}

async fn answer(mut response: Response) -> Result<Vec<u8>, Lost> {
    if response.status() != StatusCode::OK {
        return Err(Lost::Status(response.status()));
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(KIND.as_bytes())) {
        return Err(Lost::Kind);
    }
    let mut answer = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(Lost::Broken)? {
        if answer.len() + piece.len() > ANSWER_LEN_MAX {
            return Err(Lost::TooLong);
        }
        answer.extend_from_slice(&piece);
    }
    Ok(answer)
}

/// The document is wiped when the last of its bytes has left.
struct Owned(Private<Vec<u8>>);

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}
