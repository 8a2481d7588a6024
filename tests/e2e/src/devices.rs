//! The hand at the machine: lays cards and papers through the device twins' control interface.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::web::Web;

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

    pub fn lay_card(&self, specimen: &str) -> Result<()> {
        self.post("/v1/id-reader/card", &json!({ "specimen": specimen }))
    }

    pub fn lift_card(&self) -> Result<()> {
        self.delete("/v1/id-reader/card")
    }

    pub fn lay_paper(&self, specimen: &str) -> Result<()> {
        self.post("/v1/camera/paper", &json!({ "specimen": specimen }))
    }

    pub fn take_paper(&self) -> Result<()> {
        self.delete("/v1/camera/paper")
    }

    pub fn unplug_reader(&self) -> Result<()> {
        self.post("/v1/id-reader/unplug", &json!({}))
    }

    pub fn plug_reader(&self) -> Result<()> {
        self.post("/v1/id-reader/plug", &json!({}))
    }

    /// What the twins say of themselves.
    pub fn state(&self) -> Result<Value> {
        let answer = self.web.get("/v1/state")?;
        serde_json::from_str(&answer.text).context("state of the device twins")
    }

    fn post(&self, path: &str, body: &Value) -> Result<()> {
        let answer = self.web.post_json(path, body)?;
        if !(200..300).contains(&answer.status) {
            bail!("{path} {body}: {} {}", answer.status, answer.text);
        }
        Ok(())
    }

    fn delete(&self, path: &str) -> Result<()> {
        let answer = self.web.delete(path)?;
        if !(200..300).contains(&answer.status) {
            bail!("{path}: {} {}", answer.status, answer.text);
        }
        Ok(())
    }
}
