//! One window: shows whole views, answers touches with intents.

use std::cell::RefCell;
use std::rc::Rc;

use kiosk_core::view::{self, Control, FieldView, ImageId, Intent, Revision, Stage, View};
use slint::platform::WindowEvent;
use slint::{ComponentHandle, Image, Model, PhysicalSize, PlatformError, SharedString, VecModel};

use crate::cabinet;
use crate::convert::{self, Acts, model, text};
use crate::generated::{Act, App, FieldItem, Kind, PadPhase, Shown, Theme, TileItem};
use crate::ink::{self, Ink};
use crate::picture::{PictureSource, image_of, qr_of};

type Handler = Rc<dyn Fn(Revision, Intent)>;

/// The screen of the station. Lives on the main thread.
pub struct Screen {
    app: App,
    inner: Rc<RefCell<Inner>>,
}

/// What outlives a single call: the view on show and what the person has begun on it.
struct Inner {
    revision: Revision,
    acts: Acts,
    stage: Option<Stage>,
    fields: Rc<VecModel<FieldItem>>,
    field_ids: Vec<String>,
    strokes: Rc<VecModel<SharedString>>,
    ink: Ink,
    picture: Option<(ImageId, Image)>,
    handler: Option<Handler>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("revision", &self.inner.borrow().revision).finish()
    }
}

impl Screen {
    /// Makes the window with the attract page; nothing is on the display before [`Self::run`].
    ///
    /// # Errors
    /// No display, or no backend compiled in.
    pub fn new() -> Result<Self, PlatformError> {
        let app = App::new()?;
        let inner = Rc::new(RefCell::new(Inner {
            revision: Revision::default(),
            acts: Acts::default(),
            stage: None,
            fields: Rc::new(VecModel::default()),
            field_ids: Vec::new(),
            strokes: Rc::new(VecModel::default()),
            ink: Ink::default(),
            picture: None,
            handler: None,
        }));
        let shown = app.global::<Shown<'_>>();
        shown.set_fields(inner.borrow().fields.clone().into());
        shown.set_ink(inner.borrow().strokes.clone().into());
        let screen = Self { app, inner };
        screen.answer_touches();
        Ok(screen)
    }

    /// Called on the main thread for every touch, with the revision of the view it was made on.
    /// Replaces the handler set before.
    pub fn on_intent(&self, handler: impl Fn(Revision, Intent) + 'static) {
        self.inner.borrow_mut().handler = Some(Rc::new(handler));
    }

    #[must_use]
    pub fn window(&self) -> &slint::Window {
        self.app.window()
    }

    #[cfg(feature = "headless")]
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    pub fn set_size(&self, width_px: u32, height_px: u32) {
        self.window().set_size(PhysicalSize::new(width_px, height_px));
        let theme = self.app.global::<Theme<'_>>();
        theme.set_landscape(width_px > height_px);
        theme.set_width(self.window().size().to_logical(self.window().scale_factor()).width);
    }

    /// Shows the window and runs the event loop until `slint::quit_event_loop`.
    ///
    /// # Errors
    /// The display went away.
    pub fn run(&self) -> Result<(), PlatformError> {
        self.app.show()?;
        slint::run_event_loop_until_quit()
    }

    /// Shows a view. Showing the same page again keeps the caret and the strokes.
    pub fn show(&self, view: &View, pictures: &dyn PictureSource) {
        let mut inner = self.inner.borrow_mut();
        inner.revision = view.revision;
        inner.acts = Acts::default();
        self.dress(view);
        self.fill_bars(view, &mut inner.acts);
        self.fill_ink(view, &mut inner);
        self.clear_stage();
        self.fill_stage(&view.stage, &mut inner, pictures);
        self.place_ring(view, &inner.acts);
        inner.stage = Some(view.stage.clone());
    }

    fn dress(&self, view: &View) {
        let theme = self.app.global::<Theme<'_>>();
        theme.set_palette(convert::palette(view.look.palette));
        theme.set_elder(view.look.elder);
        theme.set_low_wanted(view.look.low);
        let english = view.look.language == kiosk_core::view::Language::English;
        self.app.global::<Shown<'_>>().set_english(english);
    }

    fn fill_bars(&self, view: &View, acts: &mut Acts) {
        let shown = self.app.global::<Shown<'_>>();
        let top = &view.top;
        shown.set_bar_title(text(&top.title));
        shown.set_clock(text(&top.clock));
        shown.set_online(top.connection == kiosk_core::view::Connection::Online);
        shown.set_connection(text(&top.connection_text));
        shown.set_remaining(text(top.remaining.as_deref().unwrap_or_default()));
        let joined: String = top.buttons.iter().map(|b| b.label.as_str()).collect();
        shown.set_buttons_joined(text(&joined));
        shown.set_buttons(acts.actions(&top.buttons));
        shown.set_steps(convert::steps(view.steps.as_ref()));
        shown.set_banner(convert::banner(view.banner.as_ref()));
        shown.set_left(acts.maybe(view.left.as_ref()));
        shown.set_right(acts.maybe(view.right.as_ref()));
        shown.set_say(text(&view.say));
        shown.set_sheet(view.sheet.as_ref().map_or_else(Default::default, |sheet| {
            crate::generated::SheetItem {
                shown: true,
                title: text(&sheet.title),
                body: text(&sheet.body),
                yes: acts.action(&sheet.yes),
                no: acts.action(&sheet.no),
            }
        }));
    }

    /// Where the keys of the keypad stand.
    fn place_ring(&self, view: &View, acts: &Acts) {
        let shown = self.app.global::<Shown<'_>>();
        let (mut act, mut field, mut cap) = (-1, -1, None);
        match &view.ring {
            // What lies under a sheet may do the same.
            Some(Control::Button { intent, .. }) if view.sheet.is_some() => {
                let sheet = shown.get_sheet();
                let is_yes = view.sheet.as_ref().is_some_and(|sheet| sheet.yes.intent == *intent);
                act = if is_yes { sheet.yes.act } else { sheet.no.act };
            }
            Some(Control::Button { intent, .. }) => act = acts.find(intent),
            Some(Control::Field(id)) => field = place_of(&view.stage, id),
            Some(Control::Cap(one)) => cap = Some(*one),
            None => {}
        }
        shown.set_by_keys(view.ring.is_some());
        shown.set_ring(act);
        shown.set_ring_field(field);
        shown.set_ring_cap(cap.map(convert::typed).unwrap_or_default());
        shown.set_ring_layer(convert::layer(cap));
        shown.set_screenfuls(view.screenfuls);
    }

    /// A key pressed the button of a signature: as a finger would have.
    pub fn answer_for_keys(&self, ink: view::Ink) {
        match ink {
            view::Ink::Send => {
                let strokes = self.inner.borrow().ink.strokes().to_vec();
                tell(&self.inner, Some(Intent::Signed(strokes)));
            }
            view::Ink::Drop => drop_ink(&mut self.inner.borrow_mut()),
        }
    }

    /// Strokes belong to one statement: another one, or a view that had ink and lost it, begins
    /// with an empty pad.
    fn fill_ink(&self, view: &View, inner: &mut Inner) {
        let keeps = match (&inner.stage, &view.stage) {
            (
                Some(Stage::Sign { statement: old, signer: before, has_ink: had, .. }),
                Stage::Sign { statement: new, signer: now, has_ink: has, .. },
            ) => old == new && before == now && (*has || !*had),
            _ => false,
        };
        if !keeps {
            drop_ink(inner);
        }
    }

    /// Empties what no page but the next one may still hold.
    fn clear_stage(&self) {
        let shown = self.app.global::<Shown<'_>>();
        for set in [
            Shown::set_title,
            Shown::set_text,
            Shown::set_note,
            Shown::set_second_title,
            Shown::set_counted,
            Shown::set_signer,
            Shown::set_number,
            Shown::set_size,
            Shown::set_code,
        ] {
            set(&shown, SharedString::new());
        }
        shown.set_lines(model(Vec::new()));
        shown.set_tiles(model(Vec::<TileItem>::new()));
        shown.set_choices(model(Vec::new()));
        shown.set_materials(model(Vec::new()));
        shown.set_facts(model(Vec::new()));
        shown.set_sections(model(Vec::new()));
        shown.set_findings(model(Vec::new()));
        shown.set_states(model(Vec::new()));
        shown.set_history(model(Vec::new()));
        shown.set_cells(model(Vec::new()));
        shown.set_slip(model(Vec::new()));
        shown.set_acts(model(Vec::new()));
        shown.set_trouble(convert::banner(None));
        shown.set_other(convert::no_action());
        shown.set_picture(Image::default());
        shown.set_has_picture(false);
        shown.set_qr(Image::default());
        shown.set_qr_modules(0);
    }

    #[expect(clippy::too_many_lines, reason = "one arm per stage, each a flat list of properties")]
    fn fill_stage(&self, stage: &Stage, inner: &mut Inner, pictures: &dyn PictureSource) {
        let shown = self.app.global::<Shown<'_>>();
        shown.set_kind(kind_of(stage));
        if !matches!(stage, Stage::Form { .. }) {
            self.fill_fields(&[], inner);
        }
        if !matches!(stage, Stage::Capture { .. }) {
            inner.picture = None;
        }
        let acts = &mut inner.acts;
        match stage {
            Stage::Attract { headline, invitation, lines } => {
                shown.set_title(text(headline));
                shown.set_text(text(invitation));
                shown.set_lines(model(lines.iter().map(|l| text(l))));
                let mut wake = convert::no_action();
                wake.act = acts.number(Intent::Wake);
                shown.set_other(wake);
            }
            Stage::Home { title, verbs, services_title, services, note } => {
                shown.set_title(text(title));
                shown.set_tiles(model(verbs.iter().map(|v| acts.tile(v)).collect::<Vec<_>>()));
                shown.set_second_title(text(services_title));
                let rows = services.iter().map(|s| acts.choice(s)).collect::<Vec<_>>();
                shown.set_choices(model(rows));
                shown.set_note(text(note));
            }
            Stage::Choose { title, help, choices, note } => {
                shown.set_title(text(title));
                shown.set_text(text(help));
                let rows = choices.iter().map(|s| acts.choice(s)).collect::<Vec<_>>();
                shown.set_choices(model(rows));
                shown.set_note(text(note));
            }
            Stage::Materials { title, rows, facts, note } => {
                shown.set_title(text(title));
                shown.set_materials(model(rows.iter().map(convert::material)));
                shown.set_facts(convert::facts(facts));
                shown.set_note(text(note));
            }
            Stage::Notice { title, paragraphs } => {
                shown.set_title(text(title));
                shown.set_lines(model(paragraphs.iter().map(|p| text(p))));
            }
            Stage::Card { title, hint, picture, trouble, other } => {
                shown.set_title(text(title));
                shown.set_text(text(hint));
                shown.set_device(convert::device(*picture));
                shown.set_trouble(convert::banner(trouble.as_ref()));
                shown.set_other(acts.maybe(other.as_ref()));
            }
            Stage::Form { title, facts, fields, hint } => {
                shown.set_title(text(title));
                shown.set_text(text(hint));
                shown.set_facts(convert::facts(facts));
                self.fill_fields(fields, inner);
            }
            Stage::Capture { title, hint, counted, image, findings, shutter } => {
                shown.set_title(text(title));
                shown.set_text(text(hint));
                shown.set_counted(text(counted));
                shown.set_findings(model(findings.iter().map(convert::finding)));
                shown.set_other(acts.action(shutter));
                self.fill_picture(*image, inner, pictures);
            }
            Stage::Check { title, note, sections } => {
                shown.set_title(text(title));
                shown.set_note(text(note));
                let rows = sections.iter().map(|s| acts.section(s)).collect::<Vec<_>>();
                shown.set_sections(model(rows));
            }
            Stage::Sign { title, statement, signer, has_ink: _, clear } => {
                shown.set_title(text(title));
                shown.set_text(text(statement));
                shown.set_signer(text(signer));
                shown.set_other(acts.action(clear));
            }
            Stage::Wait { title, detail } => {
                shown.set_title(text(title));
                shown.set_text(text(detail));
            }
            Stage::Receipt { title, number, qr, states, facts, received, note } => {
                shown.set_title(text(title));
                shown.set_number(text(number));
                if let Some((image, modules)) = qr_of(qr) {
                    shown.set_qr(image);
                    shown.set_qr_modules(i32::from(modules));
                }
                shown.set_states(convert::states(states));
                shown.set_facts(convert::facts(facts));
                shown.set_lines(model(received.iter().map(|l| text(l))));
                shown.set_note(text(note));
            }
            Stage::Door { title, hint, number, size, door, map, trouble, other } => {
                shown.set_title(text(title));
                shown.set_text(text(hint));
                shown.set_number(text(number));
                shown.set_size(text(size));
                shown.set_door(convert::door(*door));
                let cabinet = cabinet::arrange(map);
                shown.set_cell_columns(cabinet.columns);
                shown.set_cell_rows(cabinet.rows);
                shown.set_cells(model(cabinet.cells));
                shown.set_trouble(convert::banner(trouble.as_ref()));
                shown.set_other(acts.maybe(other.as_ref()));
            }
            Stage::Paper { title, lines, note } => {
                shown.set_title(text(title));
                shown.set_text(text(note));
                shown.set_slip(model(lines.iter().map(convert::slip)));
            }
            Stage::CaseDetail { title, number, states, history, note, acts: possible } => {
                shown.set_acts(acts.actions(possible));
                shown.set_title(text(title));
                shown.set_number(text(number));
                shown.set_states(convert::states(states));
                shown.set_history(convert::states(history));
                shown.set_note(text(note));
            }
            Stage::Message { tone, title, body, facts, code } => {
                shown.set_tone(convert::tone(*tone));
                shown.set_title(text(title));
                shown.set_text(text(body));
                shown.set_facts(convert::facts(facts));
                shown.set_code(text(code));
            }
        }
    }

    /// The rows of a form that is already on show are changed in place, so that the field with
    /// the caret stays the same element.
    fn fill_fields(&self, fields: &[FieldView], inner: &mut Inner) {
        let shown = self.app.global::<Shown<'_>>();
        let ids: Vec<String> = fields.iter().map(|f| f.id.clone()).collect();
        if inner.field_ids == ids {
            for (row, field) in fields.iter().enumerate() {
                let before = inner.fields.row_data(row);
                let mut item = convert::field(field);
                item.emptied = before.as_ref().is_some_and(|before| was_emptied(before, field));
                if before.as_ref() != Some(&item) {
                    inner.fields.set_row_data(row, item);
                }
            }
        } else {
            shown.set_focus_at(-1);
            inner.fields.set_vec(fields.iter().map(convert::field).collect::<Vec<_>>());
            inner.field_ids = ids;
        }
        if let Some(at) = fields.iter().position(|f| f.focused) {
            shown.set_focus_at(i32::try_from(at).unwrap_or(-1));
        }
    }

    fn fill_picture(
        &self,
        image: Option<ImageId>,
        inner: &mut Inner,
        pictures: &dyn PictureSource,
    ) {
        let shown = self.app.global::<Shown<'_>>();
        let held = inner.picture.take().filter(|(id, _)| Some(*id) == image);
        inner.picture = held.or_else(|| {
            let id = image?;
            Some((id, image_of(&pictures.picture(id)?)?))
        });
        if let Some((_, image)) = &inner.picture {
            shown.set_picture(image.clone());
            shown.set_has_picture(true);
        }
    }

    fn answer_touches(&self) {
        let act = self.app.global::<Act<'_>>();
        let inner = Rc::clone(&self.inner);
        act.on_go(move |number| press(&inner, number));
        let inner = Rc::clone(&self.inner);
        act.on_field_focused(move |at| {
            let field = field_id(&inner, at);
            tell(&inner, field.map(Intent::FieldFocused));
        });
        let inner = Rc::clone(&self.inner);
        act.on_field_edited(move |at, text| {
            let field = field_id(&inner, at);
            tell(&inner, field.map(|field| Intent::FieldEdited { field, text: text.into() }));
        });
        act.on_clipped(|text, most| {
            text.chars().take(usize::try_from(most).unwrap_or(0)).collect::<String>().into()
        });
        let (app, inner) = (self.app.as_weak(), Rc::clone(&self.inner));
        act.on_key(move |key| {
            let Some(app) = app.upgrade() else { return };
            if app.global::<Shown<'_>>().get_by_keys() {
                return type_without_caret(&inner, &key);
            }
            for event in [
                WindowEvent::KeyPressed { text: key.clone() },
                WindowEvent::KeyReleased { text: key },
            ] {
                // A window that cannot take the key is closing; there is nobody left to tell.
                let _ = app.window().dispatch_event_with_result(event);
            }
        });
        let inner = Rc::clone(&self.inner);
        act.on_pad(move |phase, x, y, width, height| draw(&inner, phase, [x, y, width, height]));
    }
}

/// A finger on a cap while the keys of the keypad have the field: no field has the caret then, and
/// what comes of this gives it back.
fn type_without_caret(inner: &RefCell<Inner>, key: &str) {
    let edited = {
        let inner = inner.borrow();
        let open = inner.fields.iter().position(|field| field.focused);
        let row = open.and_then(|at| Some((inner.field_ids.get(at)?, inner.fields.row_data(at)?)));
        row.map(|(id, item)| {
            let mut text = item.value.to_string();
            let most = usize::try_from(item.max_chars).unwrap_or(0);
            if SharedString::from(slint::platform::Key::Backspace) == key {
                text.pop();
            } else if text.chars().count() < most {
                text.push_str(key);
            }
            Intent::FieldEdited { field: id.clone(), text }
        })
    };
    tell(inner, edited);
}

fn drop_ink(inner: &mut Inner) {
    inner.ink.clear();
    inner.strokes.set_vec(Vec::new());
}

/// The place of a field among those of its form; -1 if there is none.
fn place_of(stage: &Stage, id: &str) -> i32 {
    let Stage::Form { fields, .. } = stage else { return -1 };
    let at = fields.iter().position(|field| field.id == id);
    at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1)
}

/// A wrong code or PIN is taken back as a whole and with a reason; a finger erases one character at
/// a time. Stays so until something is typed again.
fn was_emptied(before: &FieldItem, field: &FieldView) -> bool {
    let taken_back = before.value.chars().count() > 1 && !field.error.is_empty();
    field.value.is_empty() && (taken_back || before.emptied)
}

fn kind_of(stage: &Stage) -> Kind {
    match stage {
        Stage::Attract { .. } => Kind::Attract,
        Stage::Home { .. } => Kind::Home,
        Stage::Choose { .. } => Kind::Choose,
        Stage::Materials { .. } => Kind::Materials,
        Stage::Notice { .. } => Kind::Notice,
        Stage::Card { .. } => Kind::Card,
        Stage::Form { .. } => Kind::Form,
        Stage::Capture { .. } => Kind::Capture,
        Stage::Check { .. } => Kind::Check,
        Stage::Sign { .. } => Kind::Sign,
        Stage::Wait { .. } => Kind::Wait,
        Stage::Receipt { .. } => Kind::Receipt,
        Stage::Door { .. } => Kind::Door,
        Stage::Paper { .. } => Kind::Paper,
        Stage::CaseDetail { .. } => Kind::CaseDetail,
        Stage::Message { .. } => Kind::Message,
    }
}

/// The primary action of the signing page carries the strokes.
fn press(inner: &RefCell<Inner>, number: i32) {
    let intent = {
        let mut inner = inner.borrow_mut();
        let intent = inner.acts.get(number).cloned();
        let signing = matches!(inner.stage, Some(Stage::Sign { .. }));
        match intent {
            Some(Intent::Next | Intent::Signed(_)) if signing => {
                Some(Intent::Signed(inner.ink.strokes().to_vec()))
            }
            Some(Intent::ClearSignature) => {
                drop_ink(&mut inner);
                Some(Intent::ClearSignature)
            }
            other => other,
        }
    };
    tell(inner, intent);
}

fn field_id(inner: &RefCell<Inner>, at: i32) -> Option<String> {
    inner.borrow().field_ids.get(usize::try_from(at).ok()?).cloned()
}

/// The handler runs with nothing borrowed: it may show the next view at once.
fn tell(inner: &RefCell<Inner>, intent: Option<Intent>) {
    let (handler, revision) = {
        let inner = inner.borrow();
        (inner.handler.clone(), inner.revision)
    };
    if let (Some(handler), Some(intent)) = (handler, intent) {
        handler(revision, intent);
    }
}

fn draw(inner: &RefCell<Inner>, phase: PadPhase, [x, y, width, height]: [f32; 4]) {
    let mut inner = inner.borrow_mut();
    let at = ink::pad_point(x, y, width, height);
    match phase {
        PadPhase::Down => inner.ink.press(at),
        PadPhase::Move => {
            if !inner.ink.drag(at) {
                return;
            }
        }
        PadPhase::Up => {
            inner.ink.lift();
            return;
        }
    }
    let strokes = inner.ink.strokes();
    let Some(last) = strokes.last() else { return };
    let line = SharedString::from(ink::commands(last, width, height));
    let row = strokes.len() - 1;
    if row < inner.strokes.row_count() {
        inner.strokes.set_row_data(row, line);
    } else {
        inner.strokes.push(line);
    }
}
