//! A small browser without a screen: HTTP with cookies and redirects, one request at a time.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// One answer of a server on this machine.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// Where a request ended after redirects, and what was there.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub url: String,
    pub text: String,
}

/// A browser window at one server; keeps its cookies.
#[derive(Debug)]
pub struct Web {
    client: Client,
    runtime: Runtime,
    base: String,
}

impl Web {
    /// `base` without a slash at its end, `http://127.0.0.1:1234`.
    pub fn new(base: &str) -> Result<Self> {
        let client = Client::builder()
            .cookie_store(true)
            .timeout(ANSWER_LIMIT)
            .no_proxy()
            // The server may have been restarted between two requests.
            .pool_max_idle_per_host(0)
            .build()
            .context("HTTP client")?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client, runtime, base: base.trim_end_matches('/').into() })
    }

    pub fn get(&self, path: &str) -> Result<Answer> {
        self.send(path, self.client.request(Method::GET, self.url(path)))
    }

    /// What is there as bytes, for example a picture.
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.client.request(Method::GET, self.url(path));
        let bytes = self.runtime.block_on(async {
            anyhow::Ok(request.send().await?.error_for_status()?.bytes().await?.to_vec())
        });
        bytes.with_context(|| format!("no answer from {}{path}", self.base))
    }

    pub fn delete(&self, path: &str) -> Result<Answer> {
        self.send(path, self.client.request(Method::DELETE, self.url(path)))
    }

    pub fn post_json(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(path, self.client.request(Method::POST, self.url(path)).json(body))
    }

    pub fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Answer> {
        self.send(path, self.client.request(Method::POST, self.url(path)).body(body))
    }

    pub fn post_form(&self, path: &str, fields: &[(String, String)]) -> Result<Answer> {
        let origin = self.base.clone();
        let request = self.client.request(Method::POST, self.url(path));
        self.send(path, request.header("origin", origin).form(fields))
    }

    /// A path, or a whole address of the same server.
    fn url(&self, path: &str) -> String {
        if path.starts_with("http://") { path.into() } else { format!("{}{path}", self.base) }
    }

    fn send(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Answer> {
        self.runtime
            .block_on(async { read(request.send().await?).await })
            .with_context(|| format!("no answer from {}{path}", self.base))
    }
}

async fn read(response: Response) -> Result<Answer> {
    let (status, url) = (response.status().as_u16(), response.url().to_string());
    Ok(Answer { status, url, text: response.text().await? })
}
