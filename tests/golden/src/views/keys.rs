//! Pages on which the keys of the keypad stand: on a tile, a cap, the answer of a sheet, a button
//! of a long page.

use kiosk_core::focus::stops;
use kiosk_core::view::*;

/// The same page with the keys on the first stop that is meant.
pub(super) fn on(view: View, is_meant: impl Fn(&Control) -> bool) -> View {
    let stop = stops(&view).into_iter().find(|stop| is_meant(&stop.control));
    View { ring: Some(stop.expect("the page has such a stop").control), ..view }
}

pub(super) fn choosing(id: &str) -> impl Fn(&Control) -> bool {
    move |control| matches!(control, Control::Button { intent: Intent::Choose(one), .. } if one == id)
}

pub(super) fn doing(intent: Intent) -> impl Fn(&Control) -> bool {
    move |control| matches!(control, Control::Button { intent: one, .. } if *one == intent)
}

pub(super) fn cap(char: char) -> impl Fn(&Control) -> bool {
    move |control| matches!(control, Control::Cap(cap) if cap.types == Typed::Char(char))
}
