//! Accepting connections and serving HTTP/1.1 on them until told to stop.
//!
//! Every connection is one task. Limits: how many connections, how long a handshake and the head
//! of a request may take, how long the last requests may run at the end.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

use crate::tls::{ConnectionPeer, Peer};

/// Every station keeps one connection for the feed and one for the rest; beyond this, new ones wait.
const CONNECTIONS_MAX: usize = 16_384;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Also the time that an idle kept-alive connection stays open.
const HEAD_LIMIT: Duration = Duration::from_secs(90);
/// Whatever a request does: 1 MiB at 2 kB/s takes nine minutes.
const REQUEST_LIMIT: Duration = Duration::from_secs(15 * 60);
/// A listener that cannot accept (no file handles) waits this long before it tries again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long open requests may run on when the hall stops.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// How a listener greets.
#[derive(Clone)]
pub(crate) enum Greeting {
    /// HTTP without TLS: the console on loopback.
    Plain,
    Tls(TlsAcceptor),
}

/// Serves until `stop`; then waits for open requests up to [`DRAIN_LIMIT`].
pub(crate) async fn serve(
    listener: TcpListener,
    greeting: Greeting,
    router: Router,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, permit)) = accepted else {
            pause().await;
            continue;
        };
        let (greeting, router, stop) = (greeting.clone(), router.clone(), stop.clone());
        tasks.spawn(async move {
            greet(stream, greeting, router, stop).await;
            drop(permit);
        });
    }
    tasks.close();
    let _late = tokio::time::timeout(DRAIN_LIMIT, tasks.wait()).await;
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _from)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "connection not accepted");
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "an accept loop must not spin when accept fails")]
async fn pause() {
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

async fn greet(stream: TcpStream, greeting: Greeting, router: Router, stop: CancellationToken) {
    // Small answers must not wait for more to send.
    let _unsupported = stream.set_nodelay(true);
    match greeting {
        Greeting::Plain => serve_connection(stream, ConnectionPeer(None), router, stop).await,
        Greeting::Tls(acceptor) => {
            let handshake = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
            match handshake.await {
                Ok(Ok(stream)) => {
                    let certificates = stream.get_ref().1.peer_certificates();
                    let peer = certificates.and_then(<[_]>::first).and_then(Peer::of_certificate);
                    serve_connection(stream, ConnectionPeer(peer), router, stop).await;
                }
                Ok(Err(error)) => {
                    tracing::info!(error = &error as &dyn std::error::Error, "handshake refused");
                }
                Err(_late) => tracing::info!("handshake too slow"),
            }
        }
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: ConnectionPeer,
    router: Router,
    stop: CancellationToken,
) {
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        biased;
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(DRAIN_LIMIT, connection).await.unwrap_or(Ok(()))
        }
        ended = connection.as_mut() => ended,
    };
    if let Err(error) = ended {
        tracing::debug!(error = &error as &dyn std::error::Error, "connection ended early");
    }
}

async fn answer(
    mut router: Router,
    peer: ConnectionPeer,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(peer);
    match tokio::time::timeout(REQUEST_LIMIT, router.call(request)).await {
        Ok(answered) => answered,
        Err(_late) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::REQUEST_TIMEOUT;
            Ok(response)
        }
    }
}
