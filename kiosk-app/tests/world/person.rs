//! A person at the screen: reads the view, touches one thing, waits for the next view.

use std::sync::Arc;

use device_sim::{reader::Act, specimen};
use kiosk_app::run::{Running, Touch};
use kiosk_core::view::{Choice, Connection, Intent, PadPoint, Revision, Stage, View};
use tokio::sync::watch;

use super::{LIMIT, World};

pub(crate) struct Person {
    touch: Touch,
    views: watch::Receiver<Option<Arc<View>>>,
    /// Answers looked for in lists, first match wins; otherwise the first row.
    wishes: Vec<&'static str>,
}

impl Person {
    pub(crate) fn at(running: &Running, matter: &'static str) -> Self {
        let wishes = vec![matter, "new", "self", "local", "come_back", "window"];
        Self { touch: running.touch(), views: running.views(), wishes }
    }

    /// Waits for a view; says the last one if it does not come.
    pub(crate) async fn sees(&mut self, what: &str, is_it: impl Fn(&View) -> bool) -> Arc<View> {
        let last = self.views.clone();
        let found = self.views.wait_for(|view| view.as_ref().is_some_and(|view| is_it(view)));
        match tokio::time::timeout(LIMIT, found).await {
            Ok(Ok(view)) => Arc::clone(view.as_ref().unwrap()),
            Ok(Err(_)) => panic!("the station ended before {what}"),
            Err(_) => panic!("no {what}; the last view: {:?}", last.borrow()),
        }
    }

    pub(crate) async fn sees_link(&mut self, connection: Connection) {
        let what = format!("{connection:?}");
        self.sees(&what, |view| view.top.connection == connection).await;
    }

    /// Goes on with the matter until a page of this kind is there.
    pub(crate) async fn goes_on_until(&mut self, world: &mut World, is_there: fn(&Stage) -> bool) {
        let mut done = None;
        loop {
            let view = self.sees("another view", |view| Some(view.revision) != done).await;
            if is_there(&view.stage) {
                return;
            }
            done = Some(view.revision);
            self.acts(world, &view).await;
        }
    }

    pub(crate) async fn files(&mut self, world: &mut World) -> Arc<View> {
        self.goes_on_until(world, |stage| matches!(stage, Stage::Receipt { .. })).await;
        self.sees("receipt", |view| matches!(view.stage, Stage::Receipt { .. })).await
    }

    /// The receipt says that the hall has everything.
    pub(crate) async fn sees_received(&mut self) {
        self.sees("大厅已收到 on the receipt", |view| receipt_says(view, "大厅已收到")).await;
    }

    /// The printer has said that the receipt came out.
    pub(crate) async fn sees_printed(&mut self) {
        self.sees("a printed receipt", |view| banner(view).contains("已打印")).await;
    }

    pub(crate) fn touches(&self, revision: Revision, intent: Intent) {
        self.touch.send(revision, intent);
    }

    async fn acts(&self, world: &mut World, view: &View) {
        let revision = view.revision;
        match &view.stage {
            Stage::Attract { .. } => self.touches(revision, Intent::Wake),
            Stage::Home { verbs, .. } => {
                let apply = verbs.first().unwrap();
                if apply.enabled {
                    self.touches(revision, Intent::Choose(apply.id.clone()));
                }
            }
            Stage::Choose { choices, .. } => {
                self.touches(revision, Intent::Choose(self.wish(choices)));
            }
            Stage::Materials { .. } | Stage::Notice { .. } | Stage::Check { .. } => {
                self.touches(revision, Intent::Next);
            }
            Stage::Card { .. } => {
                let card = specimen::card("li_xiulan").unwrap();
                world.reader.touch(Act::Lay(Box::new(card))).await.unwrap();
            }
            Stage::Form { fields, .. } => {
                for field in fields.iter().filter(|field| field.value.is_empty()) {
                    let (field, text) = (field.id.clone(), "13800000000".to_owned());
                    self.touches(revision, Intent::FieldEdited { field, text });
                }
                self.touches(revision, Intent::Next);
            }
            Stage::Capture { image: None, shutter, .. } if shutter.enabled => {
                world.desk.lay("photo").unwrap().unwrap();
                self.touches(revision, Intent::Shoot);
            }
            Stage::Capture { image: Some(_), .. } => self.touches(revision, Intent::Next),
            Stage::Sign { .. } => self.touches(revision, Intent::Signed(signature())),
            Stage::Capture { .. } | Stage::Wait { .. } => {}
            Stage::Receipt { .. }
            | Stage::Door { .. }
            | Stage::Paper { .. }
            | Stage::CaseDetail { .. }
            | Stage::Message { .. } => panic!("cannot go on from {view:?}"),
        }
    }

    /// Touches one thing of this page and waits for the page that follows. A touch that fell on a
    /// page that was just being drawn anew (a device has said something) is lost, and made again.
    pub(crate) async fn goes(&mut self, view: &View, intent: Intent) -> Arc<View> {
        let mut on = view.revision;
        loop {
            self.touches(on, intent.clone());
            let next = self.sees("the next view", |view| view.revision > on).await;
            if !is_same_page(&next, view) {
                return next;
            }
            on = next.revision;
        }
    }

    /// From the sleeping screen to the page where staff sign in.
    pub(crate) async fn opens_staff_page(&mut self) -> Arc<View> {
        let is_attract = |view: &View| matches!(view.stage, Stage::Attract { .. });
        let attract = self.sees("the sleeping screen", is_attract).await;
        let home = self.goes(&attract, Intent::Wake).await;
        let help = self.goes(&home, Intent::Help).await;
        self.goes(&help, Intent::Choose("staff".to_owned())).await
    }

    /// Types the PIN; the view after it was checked.
    pub(crate) async fn signs_in(&mut self, view: &View, pin: &str) -> Arc<View> {
        let (field, text) = ("pin".to_owned(), pin.to_owned());
        self.touches(view.revision, Intent::FieldEdited { field, text });
        self.touches(view.revision, Intent::Next);
        // The page of a PIN that is being checked has no error.
        let is_checked = |now: &View| {
            let refused = !form_errors(now).is_empty();
            now.revision > view.revision && (refused || matches!(now.stage, Stage::Choose { .. }))
        };
        self.sees("the checked PIN", is_checked).await
    }

    fn wish(&self, choices: &[Choice]) -> String {
        let wished = self.wishes.iter().find(|wish| choices.iter().any(|c| c.id == **wish));
        wished.map_or_else(|| choices[0].id.clone(), |wish| (*wish).to_owned())
    }
}

/// The same things to touch, whatever the bars above them say.
fn is_same_page(a: &View, b: &View) -> bool {
    (&a.stage, &a.left, &a.right, &a.sheet) == (&b.stage, &b.left, &b.right, &b.sheet)
}

pub(crate) fn receipt_says(view: &View, words: &str) -> bool {
    match &view.stage {
        Stage::Receipt { states, .. } => states.iter().any(|line| line.value.contains(words)),
        Stage::Attract { .. }
        | Stage::Home { .. }
        | Stage::Choose { .. }
        | Stage::Materials { .. }
        | Stage::Notice { .. }
        | Stage::Card { .. }
        | Stage::Form { .. }
        | Stage::Capture { .. }
        | Stage::Check { .. }
        | Stage::Sign { .. }
        | Stage::Wait { .. }
        | Stage::Door { .. }
        | Stage::Paper { .. }
        | Stage::CaseDetail { .. }
        | Stage::Message { .. } => false,
    }
}

/// What a form says is wrong with what was typed.
pub(crate) fn form_errors(view: &View) -> String {
    let Stage::Form { fields, .. } = &view.stage else { return String::new() };
    fields.iter().map(|field| field.error.as_str()).collect()
}

pub(crate) fn banner(view: &View) -> &str {
    view.banner.as_ref().map(|banner| banner.text.as_str()).unwrap_or_default()
}

fn signature() -> Vec<Vec<PadPoint>> {
    let stroke = |y: u16| (100..900).step_by(20).map(|x| PadPoint { x, y: y + x / 4 }).collect();
    vec![stroke(200), stroke(400), stroke(600)]
}
