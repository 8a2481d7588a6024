//! Specimen views: one for every stage, and the loaded ones twice. All people are invented.
//!
//! The first two, those of staff with their cards, and those of a station that does not work come
//! from a real station. The others are what the core would show, written by hand, so that a page can be looked at without a session behind it, in Chinese and English.

mod case;
mod codes;
mod desk;
mod door;
mod hand_in;
mod keys;
mod message;
mod paper;
mod service;
mod staff;
mod start;
mod station;

use kiosk_core::view::*;

/// The picture of a captured page in the specimens.
pub const PAGE: ImageId = ImageId(7);

#[derive(Debug, Clone)]
pub struct Specimen {
    /// File name of its pictures.
    pub name: &'static str,
    pub view: View,
}

/// Picks the words of one language.
#[derive(Debug, Clone, Copy)]
struct Say(Language);

impl Say {
    fn s(self, zh: &str, en: &str) -> String {
        match self.0 {
            Language::Chinese => zh.to_owned(),
            Language::English => en.to_owned(),
        }
    }

    fn act(self, zh: &str, en: &str, intent: Intent) -> Action {
        Action { label: self.s(zh, en), intent, enabled: true }
    }

    fn fact(self, label: (&str, &str), value: (&str, &str)) -> Fact {
        Fact { label: self.s(label.0, label.1), value: self.s(value.0, value.1) }
    }

    fn leave(self) -> Option<Action> {
        Some(self.act("退出并清除", "Leave and erase", Intent::Leave))
    }

    fn next(self, zh: &str, en: &str) -> Option<Action> {
        Some(self.act(zh, en, Intent::Next))
    }

    fn help(self) -> Action {
        self.act("求助", "Help", Intent::Help)
    }
}

/// Every specimen in that look.
#[must_use]
pub fn all(look: Look) -> Vec<Specimen> {
    let say = Say(look.language);
    let mut list = vec![
        ("attract", station::attract()),
        ("home", station::home(look)),
        ("choose", start::choose(say)),
        ("materials", start::materials(say)),
        ("notice", start::notice(say)),
        ("card", desk::card(say)),
        ("card_trouble", desk::card_trouble(say)),
        ("form", desk::form(say)),
        ("form_letters", desk::form_letters(say)),
        ("capture_empty", desk::capture_empty(say)),
        ("capture", desk::capture(say)),
        ("check", hand_in::check(say)),
        ("sign", hand_in::sign(say)),
        ("wait", hand_in::wait(say)),
        ("receipt", case::receipt(say)),
        ("case_detail", case::case_detail(say)),
        ("case_detail_acts", case::case_detail_acts(say)),
        ("case_cut_off", case::cut_off(say)),
        ("door_opening", door::opening(say)),
        ("door_deposit", door::deposit(say)),
        ("door_asked", door::asked(say)),
        ("door_collect", door::collect(say)),
        ("door_trouble", door::trouble(say)),
        ("door_plain", door::plain(say)),
        ("door_staff", door::staff(say)),
        ("paper_receipt", paper::receipt(say)),
        ("paper_deposit", paper::deposit(say)),
        ("code", codes::code(say)),
        ("pin", codes::pin(say)),
        ("slip", codes::slip(say)),
        ("message", message::message(say)),
        ("sheet", message::sheet(say)),
        ("card_slot", station::card_slot(look)),
        ("card_left", station::card_left()),
        ("staff_card", staff::card(look)),
        ("staff_pin", staff::pin(look)),
        ("staff_round", staff::round(look)),
        ("devices", staff::devices(look)),
        ("alarms", staff::alarms(look)),
        ("device_printer", service::printer(look)),
        ("device_replaced", service::replaced(look)),
        ("device_wire", service::wire(look)),
        ("reopens", service::reopens(look)),
        ("maintenance", service::maintenance(look)),
        ("export_done", service::export_done(look)),
        ("export_failed", service::export_failed(look)),
        ("power_off", service::power_off(look)),
        ("alarm_called", station::alarm(look, true)),
        ("alarm_not_called", station::alarm(look, false)),
        ("alarm_staff", staff::alarm(look)),
        ("care_mode", station::care_mode()),
        ("out_of_service", station::out_of_service()),
        ("switched_off", station::switched_off()),
        ("keys_home", keys::on(station::home(look), keys::choosing("progress"))),
        ("keys_form", keys::on(desk::form(say), keys::cap('5'))),
        ("keys_letters", keys::on(desk::form_letters(say), keys::cap('@'))),
        ("keys_sheet", keys::on(message::sheet(say), keys::doing(Intent::MoreTime))),
        ("keys_next", keys::on(start::materials(say), keys::doing(Intent::Next))),
    ];
    list.iter_mut().for_each(|(_, view)| view.look = look);
    list.into_iter().map(|(name, view)| Specimen { name, view }).collect()
}

/// One specimen by name.
///
/// # Panics
/// No specimen has that name.
#[must_use]
pub fn one(name: &str, look: Look) -> View {
    all(look).into_iter().find(|s| s.name == name).expect("a specimen of that name").view
}

fn page(say: Say, stage: Stage) -> View {
    View {
        revision: Revision(12),
        look: Look::default(),
        top: TopBar {
            title: say.s("烟草证延续", "Tobacco licence renewal"),
            clock: "09:34".to_owned(),
            connection: Connection::Online,
            connection_text: say.s("已联网", "On line"),
            remaining: None,
            buttons: vec![say.act("长辈模式", "Large type", Intent::SetElder(true)), say.help()],
        },
        steps: None,
        banner: None,
        stage,
        left: say.leave(),
        right: None,
        sheet: None,
        say: String::new(),
        ring: None,
        screenfuls: 0,
        timeout: TimeoutClass::Long,
    }
}

fn step(say: Say, at: u8, name: (&str, &str)) -> Option<Steps> {
    Some(Steps {
        counted: say.s(&format!("第 {at} 步 / 共 6 步"), &format!("Step {at} of 6")),
        name: say.s(name.0, name.1),
        at,
        of: 6,
    })
}

fn field(say: Say, id: &str, label: (&str, &str), value: &str, keys: Keys) -> FieldView {
    FieldView {
        id: id.to_owned(),
        label: say.s(label.0, label.1),
        value: value.to_owned(),
        placeholder: String::new(),
        error: String::new(),
        keys,
        focused: false,
        secret: false,
        max_chars: 20,
    }
}
