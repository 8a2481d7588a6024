//! The clerk console: server-rendered pages over HTTP on loopback.

use std::net::SocketAddr;

use axum::Router;

use crate::{station_api::StationApi, store::StoreError, workdays::Calendar};

pub fn router(_api: StationApi, _calendar: Calendar) -> Router {
    Router::new()
}

pub async fn first_account_link(
    _api: &StationApi,
    _console: SocketAddr,
) -> Result<Option<String>, StoreError> {
    std::future::ready(Ok(None)).await
}
