//! The hand at the machine: lays cards and papers through the device twins' control interface.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::web::Web;

/// The card reader as its twin sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ReaderLook {
    /// Bytes that went over the wire since the start, both directions.
    pub n_bytes_heard: u64,
    pub n_bytes_said: u64,
    /// How long the card lay there before the search that found it was heard.
    pub ms_to_find: Option<u64>,
}

#[derive(Deserialize)]
struct State {
    id_reader: ReaderLook,
}

/// The device twins of one house.
#[derive(Debug)]
pub struct Devices {
    web: Web,
}

impl Devices {
    /// `control` as the twins' ready file gives it.
    pub fn new(control: &str) -> Result<Self> {
        Ok(Self { web: Web::new(control)? })
    }

    /// Returns how the reader looks with the card just laid on it.
    pub fn lay_card(&self, specimen: &str) -> Result<ReaderLook> {
        reader_of(&self.post("/v1/id-reader/card", &json!({ "specimen": specimen }))?)
    }

    pub fn lift_card(&self) -> Result<()> {
        self.delete("/v1/id-reader/card")
    }

    pub fn lay_paper(&self, specimen: &str) -> Result<()> {
        self.post("/v1/camera/paper", &json!({ "specimen": specimen })).map(drop)
    }

    pub fn take_paper(&self) -> Result<()> {
        self.delete("/v1/camera/paper")
    }

    pub fn unplug_reader(&self) -> Result<()> {
        self.post("/v1/id-reader/unplug", &json!({})).map(drop)
    }

    pub fn plug_reader(&self) -> Result<()> {
        self.post("/v1/id-reader/plug", &json!({})).map(drop)
    }

    pub fn reader(&self) -> Result<ReaderLook> {
        reader_of(&self.web.get("/v1/state")?.text)
    }

    /// What the twins say of themselves afterwards.
    fn post(&self, path: &str, body: &Value) -> Result<String> {
        let answer = self.web.post_json(path, body)?;
        if !(200..300).contains(&answer.status) {
            bail!("{path} {body}: {} {}", answer.status, answer.text);
        }
        Ok(answer.text)
    }

    fn delete(&self, path: &str) -> Result<()> {
        let answer = self.web.delete(path)?;
        if !(200..300).contains(&answer.status) {
            bail!("{path}: {} {}", answer.status, answer.text);
        }
        Ok(())
    }
}

fn reader_of(state: &str) -> Result<ReaderLook> {
    let state: State = serde_json::from_str(state).context("state of the device twins")?;
    Ok(state.id_reader)
}
