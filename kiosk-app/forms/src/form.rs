//! One template with its data, set into pages.

use std::{collections::BTreeSet, fmt, str::Utf8Error};

use kiosk_words::{
    Private, WallTime,
    private_use::{is_private_use, shown},
};
use qrcode::{EcLevel, QrCode, render::svg};
use thiserror::Error;
use typst::{
    diag::SourceDiagnostic,
    foundations::{Bytes, Datetime, Smart},
    layout::{Frame, FrameItem},
    utils::Scalar,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::{
    picture::{Picture, Raster},
    template_error::TemplateError,
    templates::Templates,
    world::Sheet,
};

/// Pages of one form. The longest that people file have a dozen.
pub const PAGES_MAX: usize = 40;

/// Minutes from UTC to the station's civil time.
const ZONE_MIN: i32 = 8 * 60;
/// Points in an inch.
const POINTS: f64 = 72.0;

#[derive(Debug, Error)]
pub enum CannotSet {
    #[error("there is no template {0:?}")]
    NoTemplate(String),
    /// What was parsed is not said: it is somebody's.
    #[error("the data are not JSON, line {line}, column {column}")]
    BadData { line: usize, column: usize },
    #[error("the text of the QR code has no code")]
    BadQr,
    #[error("the template has {} errors", .0.len())]
    Template(Vec<TemplateError>),
    /// No font has them.
    #[error("{} characters are in no font", .0.expose().chars().count())]
    Unprintable(Private<String>),
    #[error("{n_pages} pages, at most {PAGES_MAX} can be printed")]
    TooManyPages { n_pages: usize },
}

/// Pages that can be shown and printed: every character on them is a real one.
pub struct Pages<'a> {
    sheet: Sheet<'a>,
    document: PagedDocument,
    warnings: Vec<TemplateError>,
}

impl Templates {
    /// `data` is a JSON document that the template reads.
    ///
    /// # Errors
    /// Why there are no pages that could be shown or printed.
    pub fn set(&self, template: &str, data: &[u8]) -> Result<Pages<'_>, CannotSet> {
        let source = self.template(template);
        let main = source.ok_or_else(|| CannotSet::NoTemplate(template.to_owned()))?.id();
        let qr = qr_of(data)?;
        let text = str::from_utf8(data).map_err(|error| bad_text(data, error))?;
        let data = Bytes::from_string(shown(text).into_owned());
        let sheet = Sheet { templates: self, main, data, qr };
        let compiled = typst::compile::<PagedDocument>(&sheet);
        let told = |errors: &[SourceDiagnostic]| TemplateError::all(errors, &sheet);
        let document = compiled.output.map_err(|errors| CannotSet::Template(told(&errors)))?;
        let warnings = told(&compiled.warnings);
        let n_pages = document.pages().len();
        if n_pages > PAGES_MAX {
            return Err(CannotSet::TooManyPages { n_pages });
        }
        let mut missing = BTreeSet::new();
        document.pages().iter().for_each(|page| look_for_missing(&page.frame, &mut missing));
        if missing.is_empty() {
            Ok(Pages { sheet, document, warnings })
        } else {
            Err(CannotSet::Unprintable(Private::new(missing.into_iter().collect())))
        }
    }
}

/// What typst says of a page is all that stands on it.
impl fmt::Debug for Pages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("n_pages", &self.n_pages()).finish_non_exhaustive()
    }
}

impl Pages<'_> {
    #[must_use]
    pub fn n_pages(&self) -> usize {
        self.document.pages().len()
    }

    /// What typst finds odd about the template, such as a font that is not there.
    #[must_use]
    pub fn warnings(&self) -> &[TemplateError] {
        &self.warnings
    }

    /// PDF/A-2b with its fonts inside, for print and archive.
    ///
    /// # Errors
    /// The template does something that PDF/A does not allow.
    pub fn pdf(&self, made: WallTime) -> Result<Private<Vec<u8>>, CannotSet> {
        typst_pdf::pdf(&self.document, &archival(made))
            .map(Private::new)
            .map_err(|errors| CannotSet::Template(TemplateError::all(&errors, &self.sheet)))
    }

    /// One page, from 0, so many pixels wide; `None` if there is no such page.
    #[must_use]
    pub fn picture(&self, page: usize, width_px: u16) -> Option<Picture> {
        let width_pt = self.document.pages().get(page)?.frame.width().to_pt();
        self.drawn(page, f64::from(width_px) / width_pt, Picture::of_rgba)
    }

    /// One page, from 0, at a printer's resolution.
    #[must_use]
    pub fn raster(&self, page: usize, dpi: u16) -> Option<Raster> {
        self.drawn(page, f64::from(dpi) / POINTS, Raster::of_rgba)
    }

    fn drawn<T>(
        &self,
        page: usize,
        pixel_per_pt: f64,
        make: impl FnOnce(u32, u32, &[u8]) -> T,
    ) -> Option<T> {
        let page = self.document.pages().get(page)?;
        let options =
            RenderOptions { pixel_per_pt: Scalar::new(pixel_per_pt), render_bleed: false };
        let mut drawn = typst_render::render(page, &options);
        let made = make(drawn.width(), drawn.height(), drawn.data());
        drawn.data_mut().fill(0);
        Some(made)
    }
}

/// What a font may draw, and what says nothing: of private use, and what stands for a character
/// that was lost before.
const fn is_no_character(c: char) -> bool {
    is_private_use(c) || c == char::REPLACEMENT_CHARACTER
}

/// The characters of a frame that came out as the empty box of their font, or as anything.
fn look_for_missing(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        if let FrameItem::Group(group) = item {
            look_for_missing(&group.frame, missing);
        } else if let FrameItem::Text(text) = item {
            missing.extend(text.text.chars().filter(|c| is_no_character(*c)));
            let boxes = text.glyphs.iter().filter(|glyph| glyph.id == 0);
            missing.extend(
                boxes.flat_map(|glyph| text.text.get(glyph.range()).unwrap_or_default().chars()),
            );
        }
    }
}

/// Only the member `qr` is looked at; a template without one has no picture of it.
fn qr_of(data: &[u8]) -> Result<Option<Bytes>, CannotSet> {
    #[derive(serde::Deserialize)]
    struct WithQr {
        qr: Option<String>,
    }
    let with: WithQr = serde_json::from_slice(data)
        .map_err(|error| CannotSet::BadData { line: error.line(), column: error.column() })?;
    let Some(text) = with.qr else { return Ok(None) };
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .map_err(|_error| CannotSet::BadQr)?;
    let drawn = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    Ok(Some(Bytes::from_string(drawn)))
}

/// Where the text ends that is UTF-8.
fn bad_text(data: &[u8], error: Utf8Error) -> CannotSet {
    let good = data.get(..error.valid_up_to()).unwrap_or_default();
    let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    CannotSet::BadData { line, column }
}

fn archival(made: WallTime) -> PdfOptions {
    PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Nightdesk".to_owned())),
        timestamp: timestamp(made),
        page_ranges: None,
        standards: PdfStandards::new(&[PdfStandard::A_2b]).expect("one standard fits itself"),
        tagged: true,
        pretty: false,
    }
}

fn timestamp(made: WallTime) -> Option<Timestamp> {
    let civil = made.civil();
    let year = i32::try_from(civil.year).ok()?;
    let made = Datetime::from_ymd_hms(year, civil.month, civil.day, civil.hour, civil.minute, 0)?;
    Timestamp::new_local(made, ZONE_MIN)
}
