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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
        time::timeout,
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    /// Takes one connection, hears the whole request, says this and hangs up.
    async fn server(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/ipp", listener.local_addr().unwrap());
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(b"%%EOF") {
                assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
            }
            // Whoever is told that it is too long hangs up first.
            let _ = stream.write_all(&answer).await;
            heard
        });
        (url, heard)
    }

    async fn exchange(answer: &str) -> (Result<Vec<u8>, Lost>, Vec<u8>) {
        let (url, heard) = server(answer.replace('\n', "\r\n").into_bytes()).await;
        let mut link = HttpLink::new(&url, LIMIT).unwrap();
        link.post(b"head ".to_vec(), Some(Private::new(b"document %%EOF".to_vec())));
        let answer = timeout(LIMIT, link.hear()).await.unwrap();
        (answer, timeout(LIMIT, heard).await.unwrap().unwrap())
    }

    #[tokio::test]
    async fn a_message_goes_out_whole_with_its_length_and_its_answer_is_heard() {
        let ok = "HTTP/1.1 200 OK\nContent-Type: application/ipp\nContent-Length: 4\n\ndone";
        let (answer, heard) = exchange(ok).await;
        assert_eq!(answer.unwrap(), b"done");
        let heard = String::from_utf8(heard).unwrap().to_lowercase();
        assert!(heard.starts_with("post /ipp http/1.1\r\n"), "{heard}");
        assert!(heard.contains("content-type: application/ipp\r\n"), "{heard}");
        assert!(heard.contains("content-length: 19\r\n") && !heard.contains("chunked"), "{heard}");
        assert!(heard.ends_with("\r\n\r\nhead document %%eof"), "{heard}");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_told_apart() {
        let (answer, _) = exchange("HTTP/1.1 307 Go\nLocation: http://127.0.0.1:1/\n\n").await;
        assert!(matches!(answer, Err(Lost::Status(status)) if status == 307), "{answer:?}");
        let (answer, _) = exchange("HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>").await;
        assert!(matches!(answer, Err(Lost::Kind)), "{answer:?}");
        let (answer, _) = exchange("").await;
        assert!(matches!(answer, Err(Lost::Broken(_))), "{answer:?}");
        let half = "HTTP/1.1 200 OK\nContent-Type: application/ipp\nContent-Length: 9\n\ndone";
        let (answer, _) = exchange(half).await;
        assert!(matches!(answer, Err(Lost::Broken(_))), "{answer:?}");
        let long = "HTTP/1.1 200 OK\nContent-Type: application/ipp\n\n".to_owned()
            + &"x".repeat(ANSWER_LEN_MAX + 1);
        let (answer, _) = exchange(&long).await;
        assert!(matches!(answer, Err(Lost::TooLong)), "{answer:?}");
    }

    #[tokio::test]
    async fn without_a_listener_nothing_was_sent_and_what_is_given_up_is_not_heard() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let mut link = HttpLink::new(&url, LIMIT).unwrap();
        link.post(b"first".to_vec(), None);
        // It is taken by the listener's queue and never answered.
        let nothing = timeout(Duration::from_millis(50), link.hear()).await;
        assert!(nothing.is_err());
        link.give_up();
        assert!(timeout(Duration::from_millis(50), link.hear()).await.is_err());
        drop(listener);
        link.post(b"second".to_vec(), None);
        let lost = timeout(LIMIT, link.hear()).await.unwrap();
        assert!(matches!(lost, Err(Lost::NotConnected(_))), "{lost:?}");
    }
}
