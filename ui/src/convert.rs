//! From the words of a view to the structures of `api.slint`. No decisions.

use kiosk_core::view::{self, Action, Cap, Intent, Typed};
use slint::{ModelRc, SharedString, VecModel};

use crate::generated as ui;
use crate::picture::qr_of;

/// The intents behind the action numbers of one shown view.
#[derive(Debug, Default)]
pub(crate) struct Acts(Vec<Intent>);

impl Acts {
    pub(crate) fn number(&mut self, intent: Intent) -> i32 {
        self.0.push(intent);
        i32::try_from(self.0.len() - 1).expect("a view has fewer actions than i32 has numbers")
    }

    pub(crate) fn get(&self, number: i32) -> Option<&Intent> {
        self.0.get(usize::try_from(number).ok()?)
    }

    /// The number of that intent; -1 if the view does not offer it.
    pub(crate) fn find(&self, intent: &Intent) -> i32 {
        let at = self.0.iter().position(|known| known == intent);
        at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1)
    }

    pub(crate) fn action(&mut self, action: &Action) -> ui::ActionItem {
        ui::ActionItem {
            label: text(&action.label),
            act: self.number(action.intent.clone()),
            enabled: action.enabled,
        }
    }

    pub(crate) fn actions(&mut self, actions: &[Action]) -> ModelRc<ui::ActionItem> {
        model(actions.iter().map(|action| self.action(action)).collect::<Vec<_>>())
    }

    pub(crate) fn maybe(&mut self, action: Option<&Action>) -> ui::ActionItem {
        action.map_or_else(no_action, |action| self.action(action))
    }

    pub(crate) fn tile(&mut self, tile: &view::Tile) -> ui::TileItem {
        ui::TileItem {
            icon: icon(tile.icon),
            title: text(&tile.title),
            note: text(&tile.note),
            act: self.number(Intent::Choose(tile.id.clone())),
            enabled: tile.enabled,
            primary: tile.primary,
        }
    }

    pub(crate) fn choice(&mut self, choice: &view::Choice) -> ui::ChoiceItem {
        ui::ChoiceItem {
            title: text(&choice.title),
            note: text(&choice.note),
            aside: text(&choice.aside),
            chosen: choice.chosen,
            act: self.number(Intent::Choose(choice.id.clone())),
            enabled: choice.enabled,
        }
    }

    pub(crate) fn section(&mut self, section: &view::Section) -> ui::SectionItem {
        ui::SectionItem {
            title: text(&section.title),
            facts: facts(&section.facts),
            edit: self.maybe(section.edit.as_ref()),
        }
    }
}

pub(crate) fn no_action() -> ui::ActionItem {
    ui::ActionItem { label: SharedString::new(), act: -1, enabled: false }
}

pub(crate) fn text(text: &str) -> SharedString {
    SharedString::from(text)
}

pub(crate) fn model<T: Clone + 'static>(rows: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from_iter(rows))
}

pub(crate) fn facts(facts: &[view::Fact]) -> ModelRc<ui::FactItem> {
    model(facts.iter().map(|f| ui::FactItem { label: text(&f.label), value: text(&f.value) }))
}

pub(crate) fn states(lines: &[view::StateLine]) -> ModelRc<ui::StateItem> {
    model(lines.iter().map(|l| ui::StateItem {
        label: text(&l.label),
        value: text(&l.value),
        tone: tone(l.tone),
        at: text(&l.at),
    }))
}

pub(crate) fn material(row: &view::MaterialRow) -> ui::MaterialItem {
    ui::MaterialItem {
        mark: match row.mark {
            view::MaterialMark::ScanHere => ui::Mark::ScanHere,
            view::MaterialMark::Original => ui::Mark::Original,
            view::MaterialMark::SkippedAfterCheck => ui::Mark::SkippedAfterCheck,
            view::MaterialMark::FromChip => ui::Mark::FromChip,
            view::MaterialMark::FillHere => ui::Mark::FillHere,
        },
        mark_text: text(&row.mark_text),
        title: text(&row.title),
        note: text(&row.note),
    }
}

pub(crate) fn field(field: &view::FieldView) -> ui::FieldItem {
    ui::FieldItem {
        label: text(&field.label),
        value: text(&field.value),
        placeholder: text(&field.placeholder),
        error: text(&field.error),
        keys: match field.keys {
            view::Keys::Digits => ui::KeySet::Digits,
            view::Keys::IdNumber => ui::KeySet::IdNumber,
            view::Keys::Letters => ui::KeySet::Letters,
        },
        focused: field.focused,
        secret: field.secret,
        emptied: false,
        max_chars: i32::from(field.max_chars),
    }
}

/// What a cap types, as the key that it stands for.
pub(crate) fn typed(cap: Cap) -> SharedString {
    match cap.types {
        Typed::Char(char) => char.into(),
        Typed::Erase => slint::platform::Key::Backspace.into(),
    }
}

/// The layer of the keyboard on which a cap lies.
pub(crate) fn layer(cap: Option<Cap>) -> ui::CapLayer {
    match cap.map(|cap| cap.types) {
        None => ui::CapLayer::Any,
        Some(Typed::Char(char)) if char.is_ascii_uppercase() => ui::CapLayer::Capital,
        Some(Typed::Char(char)) if char.is_ascii_lowercase() || char == ' ' => ui::CapLayer::Small,
        Some(Typed::Erase) => ui::CapLayer::Small,
        Some(Typed::Char(_)) => ui::CapLayer::Signs,
    }
}

pub(crate) fn slip(line: &view::PaperLine) -> ui::SlipItem {
    let kind = match line {
        view::PaperLine::Text { .. } => ui::SlipKind::Text,
        view::PaperLine::Rule => ui::SlipKind::Rule,
        view::PaperLine::Qr(_) => ui::SlipKind::Code,
        view::PaperLine::Gap(_) => ui::SlipKind::Gap,
    };
    let mut item = ui::SlipItem { kind, ..ui::SlipItem::default() };
    match line {
        view::PaperLine::Text { text: words, double, centred, bold } => {
            item.text = text(words);
            // Numbers and times are what differs from one slip to the next.
            item.changing = words.contains(|c: char| c.is_ascii_digit());
            (item.double, item.centred, item.bold) = (*double, *centred, *bold);
        }
        view::PaperLine::Rule => {}
        view::PaperLine::Qr(code) => {
            if let Some((image, modules)) = qr_of(code) {
                (item.code, item.modules) = (image, i32::from(modules));
            }
        }
        view::PaperLine::Gap(lines) => item.lines = i32::from(*lines),
    }
    item
}

pub(crate) fn door(door: view::DoorPicture) -> ui::DoorLook {
    match door {
        view::DoorPicture::Shut => ui::DoorLook::Shut,
        view::DoorPicture::Opening => ui::DoorLook::Opening,
        view::DoorPicture::Open => ui::DoorLook::Open,
    }
}

pub(crate) fn finding(finding: &view::Finding) -> ui::FindingItem {
    ui::FindingItem { tone: tone(finding.tone), what: text(&finding.what), fix: text(&finding.fix) }
}

pub(crate) fn banner(banner: Option<&view::Banner>) -> ui::BannerItem {
    banner.map_or_else(ui::BannerItem::default, |b| ui::BannerItem {
        shown: true,
        tone: tone(b.tone),
        text: text(&b.text),
    })
}

pub(crate) fn steps(steps: Option<&view::Steps>) -> ui::StepsItem {
    steps.map_or_else(ui::StepsItem::default, |s| ui::StepsItem {
        shown: true,
        counted: text(&s.counted),
        name: text(&s.name),
        at: i32::from(s.at),
        of: i32::from(s.of),
    })
}

pub(crate) fn tone(tone: view::Tone) -> ui::Tone {
    match tone {
        view::Tone::Info => ui::Tone::Info,
        view::Tone::Good => ui::Tone::Good,
        view::Tone::Care => ui::Tone::Care,
        view::Tone::Bad => ui::Tone::Bad,
    }
}

pub(crate) fn palette(palette: view::Palette) -> ui::PaletteName {
    match palette {
        view::Palette::Day => ui::PaletteName::Day,
        view::Palette::Night => ui::PaletteName::Night,
        view::Palette::HighContrast => ui::PaletteName::HighContrast,
    }
}

pub(crate) fn device(picture: view::DevicePicture) -> ui::DeviceName {
    match picture {
        view::DevicePicture::IdReader => ui::DeviceName::IdReader,
        view::DevicePicture::CardSlot => ui::DeviceName::CardSlot,
        view::DevicePicture::DocumentCamera => ui::DeviceName::DocumentCamera,
        view::DevicePicture::SignaturePad => ui::DeviceName::SignaturePad,
        view::DevicePicture::ReceiptPrinter => ui::DeviceName::ReceiptPrinter,
        view::DevicePicture::Locker => ui::DeviceName::Locker,
    }
}

fn icon(icon: view::Icon) -> ui::IconName {
    match icon {
        view::Icon::Apply => ui::IconName::Apply,
        view::Icon::Collect => ui::IconName::Collect,
        view::Icon::Progress => ui::IconName::Progress,
        view::Icon::Certificate => ui::IconName::Certificate,
        view::Icon::Document => ui::IconName::Document,
        view::Icon::Person => ui::IconName::Person,
        view::Icon::Help => ui::IconName::Help,
    }
}
