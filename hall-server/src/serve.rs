//! Putting the hall together: folder, keys, store, the two listeners, and the end of it all.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    console,
    folder::{Folder, write_whole},
    forms::Forms,
    net::{self, Greeting},
    passwords::Passwords,
    prepare::{PrepareError, Prepared, prepare},
    scans::Shelf,
    station_api::{self, StationApi},
    store::{Store, staff_cards},
    tls,
};

/// What `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of keys, database and scans; made if it is not there.
    pub data: PathBuf,
    /// Clerk console, HTTP. Port 0 picks a free one.
    pub console: SocketAddr,
    /// Stations, mutual TLS.
    pub stations: SocketAddr,
    /// Names for the server certificate besides `localhost` and `127.0.0.1`.
    pub hosts: Vec<String>,
    /// Written when both listeners accept.
    pub ready_file: Option<PathBuf>,
    pub clock: Clock,
    /// What sets documents; without it none can be had.
    pub forms: Option<kiosk_forms::worker::Program>,
}

/// Why the hall does not start or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("data folder")]
    Folder(#[from] crate::folder::FolderError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error("keys of the hall")]
    Keys(#[from] crate::ca::KeyError),
    #[error("TLS of the stations' listener")]
    Tls(#[from] tls::TlsError),
    #[error("store")]
    Store(#[from] crate::store::StoreError),
    #[error("scan store")]
    Scans(#[from] crate::scans::ShelfError),
    #[error("calendar")]
    Calendar(#[from] crate::workdays::CalendarError),
    #[error("{what}")]
    Io {
        what: String,
        #[source]
        source: std::io::Error,
    },
}

/// A hall that serves. Dropping it stops it without waiting; [`RunningHall::shutdown`] waits.
#[derive(Debug)]
pub struct RunningHall {
    pub console_addr: SocketAddr,
    pub stations_addr: SocketAddr,
    /// Present as long as there is no account: opens once, for 24 hours.
    pub first_account_link: Option<String>,
    store: Store,
    stop: CancellationToken,
    listeners: JoinSet<()>,
    /// Held until the last part of the hall is gone.
    _lock: std::fs::File,
}

#[derive(Serialize)]
struct Ready<'a> {
    console: String,
    stations: String,
    first_account_link: Option<&'a str>,
}

/// Opens everything and serves until the returned hall is stopped.
pub async fn serve(options: Options) -> Result<RunningHall, ServeError> {
    let folder = Folder::open(&options.data)?;
    let lock = folder.lock_serving()?;
    let now = options.clock.now();
    let Prepared { keys, staff_ca, database } = prepare(&folder, now)?;
    let keys = Arc::new(keys);
    // The store has connections of its own.
    drop(database);
    let store = Store::open(folder.database())?;
    // A new staff CA, a backup put back, a release before that read past an entry: whatever came in
    // between, each start says how it stands.
    store.write(move |context| staff_cards::tell_every_station(context, now)).await?;
    let api = StationApi {
        store: store.clone(),
        clock: options.clock.clone(),
        passwords: Passwords::new(),
        shelf: Shelf::open(&folder)?,
        keys: Arc::clone(&keys),
        staff_ca: Arc::new(staff_ca),
    };
    let identity = keys.ca.server_identity(&options.hosts, now)?;
    let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(&keys.ca, identity)?));
    let console = bind(options.console, "console").await?;
    let stations = bind(options.stations, "stations").await?;
    let (console_addr, stations_addr) = (local(&console)?, local(&stations)?);
    let first_account_link = console::first_account_link(&api, console_addr).await?;
    let calendar = crate::workdays::Calendar::open(&folder)?;
    let forms = options.forms.map(Forms::new);
    let console_router = console::router(api.clone(), calendar, console_addr, forms);

    let stop = CancellationToken::new();
    let mut listeners = JoinSet::new();
    let router = station_api::router(api);
    listeners.spawn(net::serve(stations, Greeting::Tls(acceptor), router, stop.clone()));
    listeners.spawn(net::serve(console, Greeting::Plain, console_router, stop.clone()));
    let hall = RunningHall {
        console_addr,
        stations_addr,
        first_account_link,
        store,
        stop,
        listeners,
        _lock: lock,
    };
    if let Some(path) = &options.ready_file {
        hall.write_ready(path)?;
    }
    Ok(hall)
}

async fn bind(address: SocketAddr, what: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Io { what: format!("{what} on {address}"), source })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, ServeError> {
    let what = || "address of a listener".to_owned();
    listener.local_addr().map_err(|source| ServeError::Io { what: what(), source })
}

impl RunningHall {
    fn write_ready(&self, path: &Path) -> Result<(), ServeError> {
        write_whole(path, &self.ready())
            .map_err(|source| ServeError::Io { what: path.display().to_string(), source })
    }

    fn ready(&self) -> Vec<u8> {
        let ready = Ready {
            console: format!("http://{}", self.console_addr),
            stations: format!("https://{}", self.stations_addr),
            first_account_link: self.first_account_link.as_deref(),
        };
        serde_json::to_vec(&ready).expect("addresses are text")
    }

    /// For checks beside the running hall.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Resolves when the store stopped after a failed write: the process has to end.
    pub async fn store_died(&self) {
        self.store.died().await;
    }

    /// Stops accepting, lets open requests end within [`net::DRAIN_LIMIT`], and returns.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        self.store.bells().take_down();
        while self.listeners.join_next().await.is_some() {}
    }
}

impl Drop for RunningHall {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
