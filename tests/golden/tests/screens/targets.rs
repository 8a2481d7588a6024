//! Every button on every page in every look: has a label, is large enough, stands apart, is in
//! the window and, in low mode, within reach of a seated person.

use std::sync::OnceLock;

use golden::paper::Paper;
use golden::{VARIANTS, Variant, views};
use kiosk_ui::headless::{Headless, Rect, Target};

/// ui-design.md: at least 96 px, 128 in elder mode, 16 between two.
const LEAST: f32 = 96.0;
const LEAST_ELDER: f32 = 128.0;
const GAP: f32 = 16.0;
const LOW_LINE: f32 = 1000.0;
/// Rounding of the layout.
const HAIR: f32 = 0.6;

/// What was found on one page in one look.
struct Page {
    variant: &'static Variant,
    name: &'static str,
    targets: Vec<Target>,
    keys: Vec<Rect>,
    words_outside: Vec<String>,
    masked: Vec<&'static str>,
}

/// All pages are drawn once and asked about by every test.
fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| VARIANTS.iter().flat_map(pages_of).collect())
}

fn pages_of(variant: &'static Variant) -> Vec<Page> {
    let screen = Headless::new(variant.width_px, variant.height_px).unwrap();
    let masks = ["mask-clock", "mask-qr", "mask-id", "stage-region"];
    views::all(variant.look)
        .into_iter()
        .map(|specimen| {
            screen.show(&specimen.view, &Paper);
            Page {
                variant,
                name: specimen.name,
                targets: screen.targets(),
                keys: screen.rects_of("keys"),
                words_outside: screen.words_outside(),
                masked: masks.into_iter().filter(|m| screen.rect_of(m).is_some()).collect(),
            }
        })
        .collect()
}

fn each_page(check: impl Fn(&Page) -> Vec<String>) {
    let wrong: Vec<String> = pages()
        .iter()
        .flat_map(|page| {
            let place = format!("{} {}", page.variant.name, page.name);
            check(page).into_iter().map(move |what| format!("{place}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

/// Keys share their edges on purpose: between them there is no place that does nothing.
fn is_key(page: &Page, target: &Target) -> bool {
    page.keys
        .iter()
        .any(|keys| target.full.y + HAIR >= keys.y && target.full.bottom() <= keys.bottom() + HAIR)
}

fn in_sight(page: &Page) -> Vec<(&Target, Rect)> {
    page.targets.iter().filter_map(|t| t.seen.map(|seen| (t, seen))).collect()
}

#[test]
fn every_button_has_a_label_and_is_large_enough() {
    each_page(|page| {
        let least = if page.variant.look.elder { LEAST_ELDER } else { LEAST };
        let mut wrong = Vec::new();
        for target in &page.targets {
            let key = is_key(page, target);
            let width = if key { LEAST } else { least };
            // On a lying screen keys keep the ordinary height, so that the field stays in sight.
            let height = if key && page.variant.name == "wide" { LEAST } else { least };
            if target.label.is_empty() {
                wrong.push("a button without a label".to_owned());
            }
            if target.full.width + HAIR < width || target.full.height + HAIR < height {
                wrong.push(format!("{} is {:?}", target.label, target.full));
            }
        }
        wrong
    });
}

#[test]
fn no_button_sticks_out_of_the_window_sideways() {
    each_page(|page| {
        let right = f32::from(u16::try_from(page.variant.width_px).unwrap());
        page.targets
            .iter()
            .filter(|t| t.full.x < -HAIR || t.full.right() > right + HAIR)
            .map(|t| format!("{} is {:?}", t.label, t.full))
            .collect()
    });
}

#[test]
fn no_words_stick_out_of_their_button() {
    each_page(|page| page.words_outside.clone());
}

#[test]
fn buttons_stand_apart() {
    each_page(|page| {
        let mut list = in_sight(page);
        list.retain(|(t, _)| !is_key(page, t) && (!page.name.ends_with("sheet") || t.enabled));
        let mut wrong = Vec::new();
        for (at, (a, left)) in list.iter().enumerate() {
            for (b, right) in list.iter().skip(at + 1) {
                let across = (right.x - left.right()).max(left.x - right.right());
                let down = (right.y - left.bottom()).max(left.y - right.bottom());
                if across.max(down) + HAIR < GAP {
                    wrong.push(format!("{} and {}: {across} {down}", a.label, b.label));
                }
            }
        }
        wrong
    });
}

#[test]
fn in_low_mode_everything_to_touch_is_within_reach() {
    each_page(|page| {
        // Whoever stands on it with keys need not reach it.
        if !page.variant.look.low || page.name.starts_with("keys_") {
            return Vec::new();
        }
        in_sight(page)
            .into_iter()
            .filter(|(_, seen)| seen.y + HAIR < LOW_LINE)
            .map(|(t, seen)| format!("{} at {}", t.label, seen.y))
            .collect()
    });
}

#[test]
fn what_varies_can_be_found_and_masked() {
    each_page(|page| {
        let wanted: &[&str] = match page.name {
            "receipt" => &["mask-clock", "mask-qr", "mask-id", "stage-region"],
            "sign" | "case_detail" | "case_detail_acts" | "paper_receipt" | "paper_deposit" => {
                &["mask-clock", "mask-id", "stage-region"]
            }
            _ => &["mask-clock", "stage-region"],
        };
        wanted.iter().filter(|id| !page.masked.contains(id)).map(|id| format!("no {id}")).collect()
    });
}
