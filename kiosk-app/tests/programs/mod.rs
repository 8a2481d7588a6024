//! Small programs in a folder of their own, run in the sandbox and, to see that they could, out of
//! it.

use std::{
    fs,
    io::Cursor,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use device_api::chip_photo::{BLOCK_LEN, HEIGHT_PX, Picture, Refusal, WIDTH_PX};
use image::{ImageFormat, Rgb, RgbImage};
use kiosk_app::photo_decoder::{PhotoDecoder, Program};
use kiosk_words::Private;
use tempfile::TempDir;

/// The program that knows `become`.
pub(crate) const KIOSK: &str = env!("CARGO_BIN_EXE_kiosk");
/// How the blocks of these tests begin.
pub(crate) const BEGINNING: &str = "DEMO";
/// Ends a program that could not do what it must not.
pub(crate) const COULD_NOT: Refusal = Refusal::Exited { code: 7 };

/// A folder that everybody may look into, as a decoder's is.
pub(crate) struct Shelf {
    folder: TempDir,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// With one program, and a good picture beside it.
    pub(crate) fn with(script: &str) -> Self {
        let shelf = Self::new();
        shelf.put("picture.bmp", &bmp(WIDTH_PX, HEIGHT_PX));
        shelf.put("program", script.as_bytes());
        shelf.allow("program", 0o755);
        shelf
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn decoder(&self, limit: Duration) -> PhotoDecoder {
        decoder(self.path("program"), &[BEGINNING], limit, KIOSK)
    }

    pub(crate) async fn decode(&self, limit: Duration) -> Result<Picture, Refusal> {
        self.decoder(limit).decode(&block()).await
    }

    /// Whether it can do, out of the sandbox, what it must not do in there.
    pub(crate) fn can_outside(&self) -> bool {
        let mut command = Command::new(self.path("program"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

pub(crate) fn decoder(
    path: PathBuf,
    reads: &[&str],
    limit: Duration,
    kiosk: impl Into<PathBuf>,
) -> PhotoDecoder {
    let reads = reads.iter().map(|beginning| (*beginning).to_owned()).collect();
    PhotoDecoder::new(Some(Program { path, arguments: vec![], reads }), limit, kiosk)
}

/// A block that these programs may be given.
pub(crate) fn block() -> Private<Vec<u8>> {
    let mut block = BEGINNING.as_bytes().to_vec();
    block.resize(BLOCK_LEN, b'.');
    Private::new(block)
}

/// Red at its top, blue below.
pub(crate) fn bmp(width_px: u32, height_px: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let colour = |y| if y < height_px / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) };
    let picture = RgbImage::from_fn(width_px, height_px, |_, y| colour(y));
    picture.write_to(&mut bytes, ImageFormat::Bmp).unwrap();
    bytes.into_inner()
}

/// Whether a process of this machine has such a word among its arguments.
pub(crate) fn is_running(word: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap();
    processes.filter_map(Result::ok).any(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
    })
}

/// The demo decoder as this build made it, on a shelf: the folder of the build may be one that
/// only its owner looks into.
pub(crate) fn demo_decoder() -> Shelf {
    let name = "demo-photo-decoder";
    let built = Path::new(KIOSK).with_file_name(name);
    if !built.is_file() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--locked", "-p", "device-sim", "--bin", name]);
        if built.parent().is_some_and(|folder| folder.ends_with("release")) {
            cargo.arg("--release");
        }
        let target = built.parent().and_then(Path::parent).unwrap();
        let built = cargo.env("CARGO_TARGET_DIR", target).status().unwrap();
        assert!(built.success(), "{name} does not build");
    }
    let shelf = Shelf::new();
    fs::copy(&built, shelf.path("program")).unwrap();
    shelf.allow("program", 0o755);
    shelf
}
