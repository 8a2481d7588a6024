//! The templates of `assets/forms` with their examples, and what a template may not do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{fs, path::PathBuf};

use kiosk_forms::{CannotSet, Fonts, PAGES_MAX, Pages, Picture, Templates, fonts::Faces, pdf};
use kiosk_words::{Private, WallTime};
use serde_json::{Value, json};

/// 2026-03-05 02:15 in China.
const MADE: WallTime = WallTime(1_772_648_100_000);

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/forms")
}

fn fonts() -> Fonts {
    Fonts::open(&Faces::find().unwrap()).unwrap()
}

fn templates() -> Templates {
    Templates::open(&folder(), fonts()).unwrap()
}

fn example(name: &str) -> Value {
    let path = folder().join("examples").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Templates that are papers: those with an example. `lib` is none.
fn papers() -> Vec<String> {
    let files = fs::read_dir(folder().join("examples")).unwrap();
    let name = |file: fs::DirEntry| file.path().file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = files.map(|file| name(file.unwrap())).collect();
    names.sort();
    names
}

fn set<'a>(templates: &'a Templates, name: &str, data: &Value) -> Result<Pages<'a>, CannotSet> {
    templates.set(name, data.to_string().as_bytes())
}

/// One template made for a test, beside those of the project.
fn own(text: &str) -> Templates {
    let at = tempfile::tempdir().unwrap();
    fs::copy(folder().join("lib.typ"), at.path().join("lib.typ")).unwrap();
    fs::write(at.path().join("own.typ"), text).unwrap();
    Templates::open(at.path(), fonts()).unwrap()
}

#[test]
fn every_template_has_an_example_and_every_example_a_template() {
    let templates = templates();
    let set: Vec<&str> = templates.names().filter(|name| *name != "lib").collect();
    assert_eq!(set, papers());
}

#[test]
fn every_paper_is_one_sheet_of_pdf_a_with_its_fonts_inside_and_no_warning() {
    let templates = templates();
    for name in papers() {
        let pages = set(&templates, &name, &example(&name)).unwrap();
        assert_eq!(pages.warnings(), [], "{name}");
        assert_eq!(pages.n_pages(), 1, "{name}");
        let pdf = pages.pdf(MADE).unwrap();
        let text = String::from_utf8_lossy(pdf.expose());
        assert!(text.contains("<pdfaid:part>2</pdfaid:part>"), "{name} is PDF/A-2");
        assert!(text.contains("2026-03-05T02:15:00+08:00"), "{name} says when it was made");
        let n_kib = pdf.expose().len() / 1024;
        assert!(n_kib < 200, "{name} has {n_kib} KiB");
    }
}

#[test]
fn the_same_data_make_the_same_bytes() {
    let templates = templates();
    let bytes = || set(&templates, "receipt", &example("receipt")).unwrap().pdf(MADE).unwrap();
    let first = bytes();
    kiosk_forms::forget();
    assert!(first == bytes());
}

/// Share of the dark pixels of one that have nothing grey near them in the other: two ways to
/// smooth an edge move it by a pixel, not by more.
fn lone(one: &Picture, other: &Picture) -> f64 {
    // One rounds the last row, the other leaves it away.
    assert_eq!(one.width_px, other.width_px);
    let (width, height) = (one.width_px, one.height_px.min(other.height_px));
    let at =
        |picture: &Picture, x: u32, y: u32| picture.rgb.expose()[((y * width + x) * 3) as usize];
    let (mut n_dark, mut n_lone) = (0_u32, 0_u32);
    for y in 1..height - 1 {
        for x in (1..width - 1).filter(|x| at(one, *x, y) < 96) {
            n_dark += 1;
            let near = (y - 1..=y + 1).flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y)));
            n_lone += u32::from(near.map(|(x, y)| at(other, x, y)).all(|grey| grey > 192));
        }
    }
    assert!(n_dark > 5_000, "{n_dark} dark pixels: nothing is on it");
    f64::from(n_lone) / f64::from(n_dark)
}

#[test]
fn what_the_screen_shows_is_what_the_pdf_holds() {
    let templates = templates();
    for name in papers() {
        let pages = set(&templates, &name, &example(&name)).unwrap();
        let shown = pages.picture(0, 1240).unwrap();
        let reader = pdf::Reader::open(pages.pdf(MADE).unwrap(), &fonts()).unwrap();
        let printed = reader.picture(0, 1240).unwrap();
        for share in [lone(&shown, &printed), lone(&printed, &shown)] {
            assert!(share < 0.001, "{name}: {share:.5} of the dark pixels are only on one");
        }
    }
}

#[test]
fn the_code_on_a_paper_can_be_read_from_its_picture() {
    let templates = templates();
    let data = example("receipt");
    let pages = set(&templates, "receipt", &data).unwrap();
    // As a phone at arm's length sees the sheet: some 150 dots an inch.
    let picture = pages.picture(0, 1240).unwrap();
    let (width, height) = (picture.width_px as usize, picture.height_px as usize);
    let gray = |x: usize, y: usize| picture.rgb.expose()[(y * width + x) * 3];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, gray);
    let grids = prepared.detect_grids();
    let read: Vec<String> = grids.iter().map(|grid| grid.decode().unwrap().1).collect();
    assert_eq!(read, [data["qr"].as_str().unwrap()]);
}

#[test]
fn data_are_never_markup() {
    // Set as it is typed, and set from data: the same picture, whatever the signs mean to typst.
    let text = "#panic(\"x\") *a* _b_ $x^2$ @c <d> \\ // /* `e` = f - g + h";
    let literal = own(&format!("#set page(width: 400pt, height: 60pt)\n#text({text:?})"));
    let data = own("#set page(width: 400pt, height: 60pt)\n#json(\"data.json\").name");
    let of = |templates: &Templates| {
        set(templates, "own", &json!({ "name": text })).unwrap().picture(0, 800).unwrap()
    };
    assert!(of(&literal) == of(&data));
}

#[test]
fn rare_names_are_set_and_a_character_that_no_font_has_is_named() {
    let templates = templates();
    let with = |name: &str| {
        let mut data = example("receipt");
        data["applicant"] = name.into();
        data
    };
    assert!(set(&templates, "receipt", &with("㛃䶮𬱖喆堃")).is_ok());
    // The first and the last of extensions B to F of Unicode, which the common fonts lack.
    assert!(set(&templates, "receipt", &with("𠀀𪛖𪜀𫜴𫝀𫠝𫠠𬺡𬺰𮯠")).is_ok());
    // What older cards hold for 䶮 is printed as 䶮.
    let picture = |name| set(&templates, "receipt", &with(name)).unwrap().picture(0, 400).unwrap();
    assert!(picture("王\u{e863}") == picture("王䶮"));
    // Of private use (some fonts draw something there), and of a plane without characters.
    let refused =
        set(&templates, "receipt", &with("王\u{e000}\u{f8ff}\u{fffd}\u{3fffd}")).unwrap_err();
    let CannotSet::Unprintable(missing) = refused else { panic!("{refused:?}") };
    assert_eq!(missing.expose(), "\u{e000}\u{f8ff}\u{fffd}\u{3fffd}");
}

#[test]
fn an_error_points_into_the_template() {
    let templates = own("#import \"lib.typ\": *\n#let d = json(\"data.json\")\n\n#d.nmae\n");
    let refused = set(&templates, "own", &json!({ "name": "张三" })).unwrap_err();
    let CannotSet::Template(errors) = refused else { panic!("{refused:?}") };
    let place = errors[0].place.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("own.typ", 4, 4));
    assert_eq!(place.text, "#d.nmae");
    assert!(errors[0].to_string().starts_with("own.typ:4:4: dictionary does not contain key"));
}

#[test]
fn an_error_deep_in_the_shared_file_says_who_called() {
    let templates = own("#import \"lib.typ\": *\n\n#rows((\"a\", 1, 2), 7)\n");
    let refused = set(&templates, "own", &json!({})).unwrap_err();
    let CannotSet::Template(errors) = refused else { panic!("{refused:?}") };
    assert_eq!(errors[0].place.as_ref().unwrap().file, "lib.typ");
    let called_from = errors[0].called_from.last().unwrap();
    assert_eq!((called_from.file.as_str(), called_from.line), ("own.typ", 3));
}

#[test]
fn a_template_sees_no_file_no_package_and_no_date() {
    for text in [
        "#read(\"/etc/passwd\")",
        "#read(\"../lib.typ\")",
        "#import \"@preview/tablex:0.0.9\": *",
        "#datetime.today()",
    ] {
        let refused = set(&own(text), "own", &json!({})).unwrap_err();
        assert!(matches!(refused, CannotSet::Template(_)), "{text}: {refused:?}");
    }
}

#[test]
fn too_many_pages_are_refused() {
    let pages = |n: usize| own(&format!("#for i in range({n}) [#pagebreak(weak: true)#i]"));
    let most = pages(PAGES_MAX);
    assert_eq!(set(&most, "own", &json!({})).unwrap().n_pages(), PAGES_MAX);
    let refused = set(&pages(500), "own", &json!({})).unwrap_err();
    assert!(matches!(refused, CannotSet::TooManyPages { n_pages: 500 }), "{refused:?}");
}

#[test]
fn bad_data_and_unknown_templates_are_refused_without_quoting_anybody() {
    let templates = templates();
    let refused = templates.set("receipt", b"{\n  \"applicant\": \"\xe5\xbc\xa0").unwrap_err();
    assert_eq!(refused.to_string(), "the data are not JSON, line 2, column 19");
    let gbk = templates.set("receipt", b"{\n\"applicant\": \"\xd5\xc5\"}").unwrap_err();
    assert_eq!(gbk.to_string(), "the data are not JSON, line 2, column 15");
    assert!(matches!(templates.set("recipe", b"{}"), Err(CannotSet::NoTemplate(_))));
    assert!(matches!(templates.set("../lib", b"{}"), Err(CannotSet::NoTemplate(_))));
    let long = json!({ "qr": "x".repeat(5_000) });
    assert!(matches!(set(&templates, "receipt", &long), Err(CannotSet::BadQr)));
}

#[test]
fn a_pdf_that_is_cut_off_or_hostile_is_refused_or_drawn_but_never_believed() {
    let templates = templates();
    let whole = set(&templates, "receipt", &example("receipt")).unwrap().pdf(MADE).unwrap();
    let (whole, fonts) = (whole.expose().clone(), fonts());
    let open = |bytes: &[u8]| pdf::Reader::open(Private::new(bytes.to_vec()), &fonts);
    for len in [0, 1, 100, whole.len() / 2] {
        // A reader may find the pages of a torn file; whether it is whole its digest tells.
        if let Ok(reader) = open(&whole[..len]) {
            drop(reader.picture(0, 400));
        }
    }
    assert_eq!(open(b"").unwrap_err(), pdf::CannotRead::Damaged);
    assert_eq!(open(b"<html>").unwrap_err(), pdf::CannotRead::Damaged);
    let reader = open(&whole).unwrap();
    assert_eq!(reader.picture(1, 400).unwrap_err(), pdf::CannotRead::NoPage(1));
    assert_eq!(reader.raster(0, 2400).unwrap_err(), pdf::CannotRead::BadPage(0));
}
