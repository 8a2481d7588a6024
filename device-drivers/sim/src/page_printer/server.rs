//! The printer on loopback: HTTP/1.1, one answer to each POST, and the hand that touches it.
//!
//! Nobody listens while the printer is off, boots or has no cable; whoever was connected then is
//! cut off. The port stays the same when it is back.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Body;
use device_drivers::clock::Clock;
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use kiosk_words::Moment;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{Act, PagePrinterLook, PagePrinterTwin, Said};

/// What a printer takes at once.
const BODY_LEN_MAX: usize = 64 << 20;
const PATH: &str = "/ipp/print";
const KIND: &str = "application/ipp";
const PAGE: &str = "<!doctype html><title>Printer</title><p>Welcome to your printer.</p>";
/// Another program may take the port while nobody listens on it: it is tried again.
const AGAIN_MS: u64 = 50;

#[derive(Debug)]
struct Shared {
    twin: Mutex<PagePrinterTwin>,
    clock: Clock,
    address: SocketAddr,
    /// Counts what was done to the printer or asked of it.
    changed: watch::Sender<u64>,
}

/// The hand on the printer; clones are the same.
#[derive(Debug, Clone)]
pub struct PagePrinterHand(Arc<Shared>);

impl PagePrinterHand {
    /// Puts a printer on an address of loopback; port 0 picks a free one. It ends with `stop`.
    pub async fn start(
        mut twin: PagePrinterTwin,
        address: SocketAddr,
        stop: CancellationToken,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        twin.set_uri(format!("ipp://{address}{PATH}"));
        let (twin, clock) = (Mutex::new(twin), Clock::start());
        let shared = Arc::new(Shared { twin, clock, address, changed: watch::channel(0).0 });
        let serving = tokio::spawn(serve(Arc::clone(&shared), listener, stop));
        Ok((Self(shared), serving))
    }

    /// `ipp://127.0.0.1:port/ipp/print`
    #[must_use]
    pub fn uri(&self) -> String {
        format!("ipp://{}{PATH}", self.0.address)
    }

    pub fn touch(&self, act: Act) {
        let now = self.0.clock.now();
        self.0.twin().touch(act, now);
        self.0.note_change();
    }

    #[must_use]
    pub fn look(&self) -> PagePrinterLook {
        let now = self.0.clock.now();
        self.0.twin().look(now)
    }

    /// Waits until the printer looks like this.
    pub async fn until(&self, is_it: impl Fn(&PagePrinterLook) -> bool) -> PagePrinterLook {
        let mut changed = self.0.changed.subscribe();
        loop {
            let look = self.look();
            if is_it(&look) {
                return look;
            }
            self.0.next_change(&mut changed).await;
        }
    }
}

impl Shared {
    fn twin(&self) -> MutexGuard<'_, PagePrinterTwin> {
        self.twin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_change(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    fn listens(&self) -> bool {
        let now = self.clock.now();
        self.twin().listens(now)
    }

    /// Something was done, or something happens by itself.
    async fn next_change(&self, changed: &mut watch::Receiver<u64>) {
        let due = self.twin().deadline();
        tokio::select! {
            changed = changed.changed() => drop(changed),
            () = self.clock.until(due) => {}
        }
    }

    async fn until_it_listens(&self, wanted: bool) {
        let mut changed = self.changed.subscribe();
        while self.listens() != wanted {
            self.next_change(&mut changed).await;
        }
    }
}

async fn serve(shared: Arc<Shared>, listener: TcpListener, stop: CancellationToken) {
    let mut listener = Some(listener);
    loop {
        tokio::select! { biased;
            () = stop.cancelled() => return,
            () = shared.until_it_listens(true) => {}
        }
        let bound = match listener.take() {
            Some(bound) => Ok(bound),
            None => TcpListener::bind(shared.address).await,
        };
        match bound {
            Ok(bound) => {
                let cut = stop.child_token();
                let _cuts_connections = cut.clone().drop_guard();
                tokio::select! { biased;
                    () = stop.cancelled() => return,
                    () = shared.until_it_listens(false) => {}
                    () = accept(&shared, bound, &cut) => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the printer's port is taken");
                shared.clock.until(Some(shared.clock.now().plus_ms(AGAIN_MS))).await;
            }
        }
    }
}

async fn accept(shared: &Arc<Shared>, listener: TcpListener, cut: &CancellationToken) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(talk(Arc::clone(shared), stream, cut.clone()));
    }
}

async fn talk(shared: Arc<Shared>, stream: TcpStream, cut: CancellationToken) {
    let service = service_fn(|request| answer(&shared, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! { biased;
        () = cut.cancelled() => {}
        // How a connection ends is the other side's concern.
        ended = connection => drop(ended),
    }
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
struct Cut;

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    if request.uri().path() != PATH {
        return Ok(plain(StatusCode::NOT_FOUND, "text/html", PAGE.to_owned().into()));
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if request.method() != Method::POST || kind.is_none_or(|kind| kind != KIND) {
        return Ok(plain(StatusCode::BAD_REQUEST, "text/html", PAGE.to_owned().into()));
    }
    let body = axum::body::to_bytes(Body::new(request.into_body()), BODY_LEN_MAX).await;
    let body = body.map_err(|_| Cut)?;
    let now = shared.clock.now();
    let said = shared.twin().hear(body.into(), now);
    shared.note_change();
    match said {
        Said::Answer { bytes, after_ms } => {
            let at = Moment(now.0.saturating_add(after_ms));
            shared.clock.until((after_ms > 0).then_some(at).or(Some(now))).await;
            Ok(plain(StatusCode::OK, KIND, bytes.into()))
        }
        Said::WebPage => Ok(plain(StatusCode::OK, "text/html", PAGE.to_owned().into())),
        Said::Cut => Err(Cut),
        Said::Nothing => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

fn plain(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
