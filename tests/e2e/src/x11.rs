//! Eyes and finger on an X display: screenshots, a pointer pressed through XTEST, and a call when
//! pixels change (DAMAGE). Knows nothing about the program whose window it looks at.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use image::RgbImage;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;
use x11rb::{
    connection::Connection,
    protocol::{
        damage::{self, ConnectionExt as _},
        xfixes::ConnectionExt as _,
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat, InputFocus,
            KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::picture::Area;

const LEFT_BUTTON: u8 = 1;
/// `time` of a fake event: at once.
const AT_ONCE: u32 = 0;

/// A connection to one display.
#[derive(Debug)]
pub struct Display {
    connection: RustConnection,
    root: Window,
    width: u16,
    height: u16,
}

impl Display {
    pub fn connect(display: &str) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display))
            .with_context(|| format!("cannot connect to display {display}"))?;
        let screen = connection.setup().roots.get(screen).context("the display has no screen")?;
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        connection.xtest_get_version(2, 2)?.reply().context("no XTEST on this display")?;
        connection.xfixes_query_version(5, 0)?.reply().context("no XFIXES on this display")?;
        connection.damage_query_version(1, 1)?.reply().context("no DAMAGE on this display")?;
        Ok(Self { connection, root, width, height })
    }

    /// The first mapped window that covers the whole screen, if there is one.
    pub fn full_window(&self) -> Result<Option<Window>> {
        for window in self.connection.query_tree(self.root)?.reply()?.children {
            if self.covers_screen(window).unwrap_or(false) {
                return Ok(Some(window));
            }
        }
        Ok(None)
    }

    /// Fails when the window went away between two questions.
    fn covers_screen(&self, window: Window) -> Result<bool> {
        let size = self.connection.get_geometry(window)?.reply()?;
        let look = self.connection.get_window_attributes(window)?.reply()?;
        Ok(look.map_state == MapState::VIEWABLE
            && size.width == self.width
            && size.height == self.height)
    }

    /// What is on the screen.
    pub fn screenshot(&self) -> Result<RgbImage> {
        let all = Area { x: 0, y: 0, width: self.width.into(), height: self.height.into() };
        self.screenshot_of(all)
    }

    /// A part of the screen.
    pub fn screenshot_of(&self, area: Area) -> Result<RgbImage> {
        let part = (
            i16::try_from(area.x)?,
            i16::try_from(area.y)?,
            u16::try_from(area.width)?,
            u16::try_from(area.height)?,
        );
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, part.0, part.1, part.2, part.3, !0)?
            .reply()
            .context("GetImage")?;
        if image.depth != 24 && image.depth != 32 {
            bail!("expected a display of depth 24, got {}", image.depth);
        }
        let rgb: Vec<u8> =
            image.data.chunks_exact(4).flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]]).collect();
        RgbImage::from_raw(area.width, area.height, rgb).context("GetImage gave too few bytes")
    }

    /// Moves the finger there without touching.
    pub fn move_to(&self, x: u32, y: u32) -> Result<()> {
        let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y)
    }

    pub fn press(&self) -> Result<()> {
        self.fake(BUTTON_PRESS_EVENT, LEFT_BUTTON, 0, 0)
    }

    pub fn release(&self) -> Result<()> {
        self.fake(BUTTON_RELEASE_EVENT, LEFT_BUTTON, 0, 0)
    }

    /// One touch.
    pub fn tap(&self, x: u32, y: u32) -> Result<()> {
        self.move_to(x, y)?;
        self.press()?;
        self.release()
    }

    /// Down at the first point, over all others, up at the last. `followed` is called after every
    /// movement: a finger is slower than a screen, and points that come at once are merged.
    pub fn drag(
        &self,
        points: &[(u32, u32)],
        mut followed: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let Some((first, rest)) = points.split_first() else { return Ok(()) };
        self.move_to(first.0, first.1)?;
        self.press()?;
        for point in rest {
            self.move_to(point.0, point.1)?;
            followed()?;
        }
        self.release()
    }

    /// Types one letter into a window. There is no window manager here to give it the focus.
    pub fn type_key(&self, window: Window, letter: char) -> Result<()> {
        let connection = &self.connection;
        connection.set_input_focus(InputFocus::PARENT, window, AT_ONCE)?.check()?;
        let setup = connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let per_key = usize::from(map.keysyms_per_keycode).max(1);
        // The keysym of a Latin letter is its code.
        let key = (first..=last)
            .zip(map.keysyms.chunks(per_key))
            .find(|(_, keysyms)| keysyms.first() == Some(&u32::from(letter)))
            .map(|(key, _)| key)
            .with_context(|| format!("no key for {letter:?}"))?;
        self.fake(KEY_PRESS_EVENT, key, 0, 0)?;
        self.fake(KEY_RELEASE_EVENT, key, 0, 0)
    }

    /// Returns when the server has performed it, so that the order of events is certain.
    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection
            .xtest_fake_input(kind, detail, AT_ONCE, self.root, x, y, 0)?
            .check()
            .context("XTEST input")
    }

    /// From now on [`Display::wait_for_change`] hears of every change of this window.
    pub fn watch(&self, window: Window) -> Result<Watch<'_>> {
        let id = self.connection.generate_id()?;
        self.connection
            .damage_create(id, window, damage::ReportLevel::RAW_RECTANGLES)?
            .check()
            .context("DAMAGE of the window")?;
        Ok(Watch { display: self, id })
    }
}

/// Changes of one window's pixels, reported by the server.
#[derive(Debug)]
pub struct Watch<'a> {
    display: &'a Display,
    id: damage::Damage,
}

impl Watch<'_> {
    /// Forgets changes that were reported already.
    pub fn forget(&self) -> Result<()> {
        // A reply orders us behind every event sent before it.
        self.display.connection.get_input_focus()?.reply()?;
        while self.display.connection.poll_for_event()?.is_some() {}
        Ok(())
    }

    /// The next changed rectangle, or `None` when `limit_ms` is over.
    pub fn wait_for_change(&self, limit_ms: u64) -> Result<Option<Area>> {
        loop {
            while let Some(event) = self.display.connection.poll_for_event()? {
                if let x11rb::protocol::Event::DamageNotify(change) = event {
                    return Ok(Some(Area {
                        x: u32::try_from(change.area.x).unwrap_or(0),
                        y: u32::try_from(change.area.y).unwrap_or(0),
                        width: change.area.width.into(),
                        height: change.area.height.into(),
                    }));
                }
            }
            let limit = Timespec::try_from(Duration::from_millis(limit_ms))?;
            let stream = self.display.connection.stream();
            let mut fds = [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN)];
            if poll(&mut fds, Some(&limit))? == 0 {
                return Ok(None);
            }
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // The window may be gone, and its damage with it.
        if let Ok(cookie) = self.display.connection.damage_destroy(self.id) {
            cookie.ignore_error();
        }
    }
}
