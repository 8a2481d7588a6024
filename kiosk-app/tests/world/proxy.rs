//! The network between station and hall: passes, cuts answers, or leads somewhere else.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To this address; connections to another one are cut.
    To(SocketAddr),
    /// Requests to this address pass; the first byte of an answer is swallowed and the connection
    /// cut. What the hall says before the second flight of the client is its handshake.
    CutAnswers(SocketAddr),
}

pub(crate) struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
}

impl Proxy {
    pub(crate) async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = watch::Sender::new(Way::To(to));
        let ways = way.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, ways.subscribe()));
            }
        });
        Self { address, way }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn leads(&self, way: Way) {
        self.way.send_replace(way);
    }

    pub(crate) fn now(&self) -> Way {
        *self.way.borrow()
    }
}

async fn carry(mut near: TcpStream, mut way: watch::Receiver<Way>) {
    let (at_start, cuts) = (*way.borrow(), way.clone());
    let (Way::To(to) | Way::CutAnswers(to)) = at_start;
    let Ok(mut far) = TcpStream::connect(to).await else { return };
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut n_flights = 0;
    loop {
        tokio::select! {
            () = turned_away(&mut way, to) => return,
            read = near.read(&mut asked) => {
                let Ok(n @ 1..) = read else { return };
                n_flights += 1;
                if far.write_all(&asked[..n]).await.is_err() { return }
            }
            read = far.read(&mut answered) => {
                let Ok(n @ 1..) = read else { return };
                let is_cut = n_flights >= 2 && *cuts.borrow() != Way::To(to);
                if is_cut || near.write_all(&answered[..n]).await.is_err() { return }
            }
        }
    }
}

async fn turned_away(way: &mut watch::Receiver<Way>, to: SocketAddr) {
    // An error means that the proxy is gone, and with it the test.
    let _ = way.wait_for(|way| *way != Way::To(to) && *way != Way::CutAnswers(to)).await;
}

/// Says the same to every request, over TLS that is believed.
pub(crate) async fn parrot(tls: rustls::ServerConfig, says: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let says: Arc<str> = Arc::from(says);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, says) = (acceptor.clone(), Arc::clone(&says));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut heard = [0; 4096];
                while let Ok(1..) = stream.read(&mut heard).await {
                    if stream.write_all(says.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
