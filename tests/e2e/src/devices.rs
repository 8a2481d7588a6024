//! The hand at the machine: lays cards and papers, takes slips from the printer and pushes doors
//! shut, through the device twins' control interface.

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

/// A slip that came out of the printer.
#[derive(Debug, Clone)]
pub struct Slip {
    /// Its lines of text, one below the other.
    pub text: String,
    pub png: Vec<u8>,
}

#[derive(Deserialize)]
struct Paper {
    no: u32,
    entries: Vec<Entry>,
}

impl Paper {
    /// Its lines, one below the other.
    fn text(&self) -> String {
        let words = self.entries.iter().filter_map(|entry| match entry {
            Entry::Text { text } => Some(text.as_str()),
            Entry::Picture {} | Entry::Code {} | Entry::Blank {} => None,
        });
        words.collect::<Vec<_>>().join("\n")
    }
}

/// What stands on a paper; only words matter here.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Text { text: String },
    Picture {},
    Code {},
    Blank {},
}

/// A door as its twin sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DoorLook {
    pub door: u16,
    pub is_open: bool,
    /// Its bolt is held back by the pulse: a push would not keep it shut.
    pub is_unbolted: bool,
    /// Pulses it got since the start.
    pub n_pulses: u32,
}

#[derive(Deserialize)]
struct Cabinet {
    doors: Vec<DoorLook>,
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

    /// Pushes a chip card into the slot; the looks at it are the driver's.
    pub fn put_in_card(&self, specimen: &str) -> Result<()> {
        self.post("/v1/card-slot/card", &json!({ "specimen": specimen })).map(drop)
    }

    pub fn take_out_card(&self) -> Result<()> {
        self.delete("/v1/card-slot/card")
    }

    /// pcscd dies, and the next one starts.
    pub fn restart_card_daemon(&self) -> Result<()> {
        self.post("/v1/card-slot/daemon", &json!({ "does": "restart" })).map(drop)
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

    /// Lays a picture of somebody's own under the camera.
    pub fn lay_picture(&self, png: Vec<u8>) -> Result<()> {
        let answer = self.web.post_bytes("/v1/camera/picture", png)?;
        if answer.status != 200 {
            bail!("the picture is not taken: {} {}", answer.status, answer.text);
        }
        Ok(())
    }

    /// The one slip in the printer's tray with this word on it, once it has come out; it stays
    /// there. What the driver cuts off to begin cleanly is a piece of a slip, or has nothing on it.
    pub fn slip(&self, word: &str) -> Result<Option<Slip>> {
        let papers: Vec<Paper> = serde_json::from_str(&self.web.get("/v1/printer/papers")?.text)
            .context("papers of the printer")?;
        let slips = papers.iter().map(|paper| (paper.no, paper.text()));
        let with_word: Vec<(u32, String)> =
            slips.filter(|(_, text)| text.lines().any(|line| line.contains(word))).collect();
        let (no, text) = match with_word.as_slice() {
            [] => return Ok(None),
            [slip] => slip.clone(),
            many => bail!("{} slips say {word}: {many:?}", many.len()),
        };
        let png = self.web.get_bytes(&format!("/v1/printer/papers/{no}.png"))?;
        Ok(Some(Slip { text, png }))
    }

    /// Empties the printer's tray.
    pub fn take_slips(&self) -> Result<()> {
        self.delete("/v1/printer/papers")
    }

    /// Holds a slip with this code before the scanner; it stays there.
    pub fn hold_code(&self, code: &str) -> Result<()> {
        self.post("/v1/scanner/slip", &json!({ "code": code })).map(drop)
    }

    pub fn take_code_away(&self) -> Result<()> {
        self.delete("/v1/scanner/slip")
    }

    /// So much is left on the roll.
    pub fn set_paper(&self, left_mm: u32) -> Result<()> {
        self.post("/v1/printer/paper", &json!({ "left_mm": left_mm })).map(drop)
    }

    /// Somebody opens the cover when so much of the next slip has come out.
    pub fn open_cover_after(&self, after_mm: u32) -> Result<()> {
        let trouble = json!({ "kind": "open_cover", "after_mm": after_mm });
        self.post("/v1/printer/trouble", &trouble).map(drop)
    }

    pub fn close_cover(&self) -> Result<()> {
        self.post("/v1/printer/cover", &json!({ "cover": "closed" })).map(drop)
    }

    pub fn unplug_locker(&self) -> Result<()> {
        self.post("/v1/locker/unplug", &json!({})).map(drop)
    }

    pub fn plug_locker(&self) -> Result<()> {
        self.post("/v1/locker/plug", &json!({})).map(drop)
    }

    pub fn press_key(&self, key: &str) -> Result<()> {
        self.post("/v1/keypad/press", &json!({ "key": key })).map(drop)
    }

    pub fn plug_earphones(&self, are_in: bool) -> Result<()> {
        if are_in {
            self.post("/v1/keypad/jack", &json!({})).map(drop)
        } else {
            self.delete("/v1/keypad/jack")
        }
    }

    pub fn doors(&self) -> Result<Vec<DoorLook>> {
        let look = self.web.get("/v1/locker")?.text;
        let cabinet: Cabinet = serde_json::from_str(&look).context("look of the cabinet")?;
        Ok(cabinet.doors)
    }

    pub fn push_shut(&self, door: u16) -> Result<()> {
        self.post(&format!("/v1/locker/doors/{door}/push-shut"), &json!({})).map(drop)
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
