//! The page for people: its files as they are in this folder, nothing from elsewhere.

use axum::{
    Router,
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                   connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal $kind:ident $file:literal,)*) => {
        [$(($path, $kind, include_str!($file))),*]
    };
}

/// Path, kind and text of each file.
const FILES: [(&str, &str, &str); 18] = files![
    "/" HTML "page.html",
    "/page.css" STYLE "page.css",
    "/page.js" SCRIPT "page.js",
    "/orders.js" SCRIPT "orders.js",
    "/hand.js" SCRIPT "hand.js",
    "/tray.js" SCRIPT "tray.js",
    "/panel.js" SCRIPT "panel.js",
    "/reader.js" SCRIPT "reader.js",
    "/card_slot.js" SCRIPT "card_slot.js",
    "/camera.js" SCRIPT "camera.js",
    "/scanner.js" SCRIPT "scanner.js",
    "/keypad.js" SCRIPT "keypad.js",
    "/printer.js" SCRIPT "printer.js",
    "/page_printer.js" SCRIPT "page_printer.js",
    "/room.js" SCRIPT "room.js",
    "/locker.js" SCRIPT "locker.js",
    "/wires.js" SCRIPT "wires.js",
    "/meanings.js" SCRIPT "meanings.js",
];

pub fn router() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { answer(kind, text) }))
    })
}

fn answer(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}
