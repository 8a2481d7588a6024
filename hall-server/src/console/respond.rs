//! Pages as answers, and refusals as pages: a sentence, never a code alone.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::store::StoreError;

/// A page that says why something was not done.
#[derive(Debug, Template)]
#[template(path = "sentence.html")]
pub(crate) struct Sentence {
    title: &'static str,
    sentence: String,
    back: String,
    who: String,
}

/// What a handler gives back when it does not do what was asked.
#[derive(Debug)]
pub(crate) enum Refused {
    Page { status: StatusCode, page: Box<Sentence> },
    SignIn,
}

impl Refused {
    pub(crate) fn new(
        status: StatusCode,
        title: &'static str,
        sentence: impl Into<String>,
        back: impl Into<String>,
    ) -> Self {
        let page =
            Sentence { title, sentence: sentence.into(), back: back.into(), who: String::new() };
        Self::Page { status, page: Box::new(page) }
    }

    pub(crate) fn conflict(sentence: impl Into<String>, back: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "这一步没有做", sentence, back)
    }

    pub(crate) fn incomplete(sentence: impl Into<String>, back: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "还差一点", sentence, back)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Page { status, page } => (status, render(&*page)).into_response(),
            Self::SignIn => redirect("/login"),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        let (status, sentence) = match &error {
            StoreError::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "大厅现在很忙，请过一会儿再试。刚才这一步没有做。",
            ),
            StoreError::Dead => (
                StatusCode::SERVICE_UNAVAILABLE,
                "大厅的存储已停止，请联系技术人员重新启动。刚才这一步没有做。",
            ),
            StoreError::Sqlite(_)
            | StoreError::Schema(_)
            | StoreError::Thread(_)
            | StoreError::Content { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "这一页没能打开，请联系技术人员。")
            }
        };
        Self::new(status, "没有完成", sentence, "/")
    }
}

pub(crate) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "page not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// 303: the browser asks anew, a reload repeats nothing.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

pub(crate) fn not_found() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "没有这一页", "没有找到您要看的内容。", "/")
}
