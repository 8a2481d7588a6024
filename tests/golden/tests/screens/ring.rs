//! Where the keys of the keypad stand: on every page, at every stop, one ring around that control,
//! in sight.

use golden::paper::Paper;
use golden::{VARIANTS, Variant, views};
use kiosk_core::focus::{Stop, stops};
use kiosk_core::view::{Control, Typed, View};
use kiosk_ui::headless::{Headless, Rect};

/// Looks in which the layout of bars, stage and keys differs.
const LOOKS: [&str; 2] = ["elder_night", "wide"];

fn looks() -> impl Iterator<Item = &'static Variant> {
    let looks: Vec<_> = VARIANTS.iter().filter(|v| LOOKS.contains(&v.name)).collect();
    assert_eq!(looks.len(), LOOKS.len());
    looks.into_iter()
}

fn at(view: &View, ring: Option<Control>) -> View {
    View { ring, ..view.clone() }
}

/// The label that the control of this stop bears on the glass.
fn label(stop: &Stop) -> String {
    match stop.control {
        Control::Cap(cap) => match cap.types {
            Typed::Char(char) if char != ' ' => char.to_string(),
            Typed::Char(_) | Typed::Erase => stop.label.clone(),
        },
        Control::Button { .. } | Control::Field(_) => stop.label.clone(),
    }
}

fn surrounds(ring: Rect, inner: Rect) -> bool {
    let (x, y) = inner.centre();
    ring.x < x && x < ring.right() && ring.y < y && y < ring.bottom()
}

/// An element is met once for every component it inherits from.
fn rings(screen: &Headless) -> Vec<Rect> {
    let mut rings: Vec<Rect> = Vec::new();
    for ring in screen.rects_of("focus-ring") {
        if !rings.iter().any(|known| known.same(&ring)) {
            rings.push(ring);
        }
    }
    rings
}

/// What is wrong with the ring at this stop.
fn fault(screen: &Headless, stop: &Stop) -> Option<String> {
    let rings = rings(screen);
    let [ring] = rings[..] else {
        return Some(format!("{} rings at {:?}", rings.len(), stop.label));
    };
    if let Control::Field(_) = stop.control {
        let field = screen.rects_of("input").into_iter().find(|field| surrounds(ring, *field));
        return field.is_none().then(|| format!("no field in the ring at {:?}", stop.label));
    }
    let wanted = label(stop).to_lowercase();
    let targets = screen.targets();
    let off = matches!(stop.control, Control::Button { enabled: false, .. });
    let named = targets
        .iter()
        .filter(|target| target.label.to_lowercase() == wanted && target.enabled != off);
    let mut inside = named.filter(|target| surrounds(ring, target.full));
    let Some(target) = inside.next() else {
        return Some(format!("the ring at {ring:?} is not around {wanted:?}"));
    };
    let seen = target.seen.map_or(0.0, |seen| seen.height);
    (seen + 1.0 < target.full.height)
        .then(|| format!("{wanted:?} has the ring and is not in sight"))
}

/// How many stops there are in this look, and what is wrong with them.
fn walk(variant: &Variant) -> (usize, Vec<String>) {
    let screen = Headless::new(variant.width_px, variant.height_px).unwrap();
    let (mut n_stops, mut wrong) = (0, Vec::new());
    for specimen in views::all(variant.look) {
        for (n, stop) in stops(&specimen.view).iter().enumerate() {
            n_stops += 1;
            screen.show(&at(&specimen.view, Some(stop.control.clone())), &Paper);
            let place = format!("{} {} stop {n}", variant.name, specimen.name);
            wrong.extend(fault(&screen, stop).map(|what| format!("{place}: {what}")));
        }
    }
    (n_stops, wrong)
}

#[test]
fn every_stop_of_every_page_has_one_ring_in_sight() {
    let walked: Vec<_> = std::thread::scope(|scope| {
        let walks: Vec<_> = looks().map(|look| scope.spawn(move || walk(look))).collect();
        walks.into_iter().map(|walk| walk.join().unwrap()).collect()
    });
    let n_stops: usize = walked.iter().map(|(n_stops, _)| n_stops).sum();
    let wrong: Vec<String> = walked.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(n_stops > 700, "{n_stops} stops");
    assert!(wrong.is_empty(), "{} of {n_stops}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn without_keys_there_is_no_ring() {
    let variant = looks().next().unwrap();
    let screen = Headless::new(variant.width_px, variant.height_px).unwrap();
    for specimen in views::all(variant.look) {
        let first = stops(&specimen.view).into_iter().next().map(|stop| stop.control);
        screen.show(&at(&specimen.view, first), &Paper);
        screen.show(&at(&specimen.view, None), &Paper);
        assert!(screen.rects_of("focus-ring").is_empty(), "{}", specimen.name);
    }
}
