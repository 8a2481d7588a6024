//! Refusals that are not per event: an HTTP status and a [`Problem`] in JSON, always.
//!
//! The message says what was expected, what came and what to do; it never repeats a body.

use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hall_api::wire::Problem;
use serde::de::DeserializeOwned;

use crate::store::{StoreError, stations::Standing};

/// Seconds after which a busy hall may be asked again.
const RETRY_AFTER_S: &str = "2";

#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn standing(standing: Standing) -> Self {
        let (code, message) = match standing {
            Standing::Good => unreachable!("a good certificate is not refused"),
            Standing::Unknown => ("certificate_unknown", "this hall did not enrol the certificate"),
            Standing::Revoked => ("certificate_revoked", "the certificate was revoked"),
        };
        Self::new(StatusCode::FORBIDDEN, code, format!("{message}; enrol with a new code"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Problem { code: self.code.to_owned(), message: self.message };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let later = HeaderValue::from_static(RETRY_AFTER_S);
        match &error {
            StoreError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "send the same bytes again later",
            )
            .with(header::RETRY_AFTER, later),
            StoreError::Dead => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_dead",
                "the store of the hall has stopped; send the same bytes again later",
            )
            .with(header::RETRY_AFTER, later),
            StoreError::Sqlite(_)
            | StoreError::Schema(_)
            | StoreError::Thread(_)
            | StoreError::Content { .. } => internal(&error),
        }
    }
}

/// The caller learns only that it is the hall's fault; the log learns why.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::error!(error, "request failed");
    let message = "the hall could not do this; send the same bytes again later";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
}

/// Body of a request as JSON.
pub(crate) fn parse<T: DeserializeOwned>(
    body: &Result<axum::body::Bytes, BytesRejection>,
) -> Result<T, Refusal> {
    let bytes = whole(body)?;
    // The position is told, the text around it is not: it may be about a person.
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = format!("the body does not fit at line {line}, column {column}");
        Refusal::bad_request("bad_json", message)
    })
}

/// Body of a request, if it came whole and within its limit.
pub(crate) fn whole(
    body: &Result<axum::body::Bytes, BytesRejection>,
) -> Result<&axum::body::Bytes, Refusal> {
    body.as_ref().map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is larger than this path allows",
        ),
        _ => Refusal::bad_request("cut_body", "the body did not arrive whole"),
    })
}
