//! The least program that could stand in the station's place: one window of the same size, its
//! pages ready in the server, no toolkit. Its times and its memory are the limit that the real
//! screen is measured against, and the window that the player's own eyes are tested on.
//!
//! A touch above [`KEYS_Y`] shows the other page; a touch below changes one key-sized square.
//! Once a second it repaints a clock-sized area, as a screen with a clock must.

use std::{os::fd::AsFd, time::Duration};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext, ImageFormat,
            Pixmap, Rectangle, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::xvfb::{HEIGHT, WIDTH};

/// From here down a touch is a key.
pub const KEYS_Y: u16 = 1_400;
/// The square a key changes.
pub const KEY_SQUARE: Rectangle = Rectangle { x: 40, y: 400, width: 48, height: 48 };
const CLOCK: Rectangle = Rectangle { x: 900, y: 30, width: 120, height: 60 };
/// Two shades per page, so that neither is blank.
pub const PAGE_COLOURS: [[u8; 3]; 2] = [[0x0B, 0x5C, 0xAD], [0x1B, 0x7A, 0x4B]];
const GROUND: [u8; 3] = [0xF4, 0xF7, 0xFA];
const TICK: Duration = Duration::from_secs(1);

/// Draws and answers touches until the server goes away.
pub fn run() -> Result<()> {
    let (connection, screen) = x11rb::connect(None).context("no display")?;
    let setup = connection.setup().clone();
    let root = setup.roots.get(screen).context("the display has no screen")?;
    let window = connection.generate_id()?;
    let aux = CreateWindowAux::new().event_mask(EventMask::EXPOSURE | EventMask::BUTTON_PRESS);
    connection.create_window(
        root.root_depth,
        window,
        root.root,
        0,
        0,
        WIDTH,
        HEIGHT,
        0,
        WindowClass::INPUT_OUTPUT,
        root.root_visual,
        &aux,
    )?;
    let gc = connection.generate_id()?;
    connection.create_gc(gc, window, &CreateGCAux::new().foreground(0))?;
    let mut bare = Bare { connection: &connection, window, gc, pages: [0; 2], at: 0, ink: 0 };
    bare.upload(0, root.root_depth)?;
    connection.map_window(window)?;
    connection.flush()?;
    loop {
        let event = bare.next_event()?;
        match event {
            Some(Event::Expose(_)) => bare.show()?,
            Some(Event::ButtonPress(touch)) => bare.touched(touch.event_y, root.root_depth)?,
            // Other kinds were not asked for.
            Some(_) => {}
            None => bare.tick()?,
        }
        connection.flush()?;
    }
}

struct Bare<'a> {
    connection: &'a RustConnection,
    window: Window,
    gc: Gcontext,
    /// 0 until uploaded.
    pages: [Pixmap; 2],
    at: usize,
    ink: u32,
}

impl Bare<'_> {
    fn next_event(&self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.connection.poll_for_event()? {
                return Ok(Some(event));
            }
            let limit = Timespec::try_from(TICK)?;
            let stream = self.connection.stream();
            let mut fds = [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN)];
            if poll(&mut fds, Some(&limit))? == 0 {
                return Ok(None);
            }
        }
    }

    fn upload(&mut self, page: usize, depth: u8) -> Result<()> {
        let pixmap = self.connection.generate_id()?;
        self.connection.create_pixmap(depth, pixmap, self.window, WIDTH, HEIGHT)?;
        let pixels = page_pixels(PAGE_COLOURS[page]);
        let format = ImageFormat::Z_PIXMAP;
        self.connection
            .put_image(format, pixmap, self.gc, WIDTH, HEIGHT, 0, 0, 0, depth, &pixels)?;
        self.pages[page] = pixmap;
        Ok(())
    }

    fn show(&self) -> Result<()> {
        let page = self.pages[self.at];
        self.connection.copy_area(page, self.window, self.gc, 0, 0, 0, 0, WIDTH, HEIGHT)?;
        Ok(())
    }

    fn touched(&mut self, y: i16, depth: u8) -> Result<()> {
        if u16::try_from(y).unwrap_or(0) >= KEYS_Y {
            return self.ink_over(KEY_SQUARE);
        }
        self.at = 1 - self.at;
        if self.pages[self.at] == 0 {
            self.upload(self.at, depth)?;
        }
        self.show()
    }

    fn tick(&mut self) -> Result<()> {
        self.ink_over(CLOCK)
    }

    /// A colour never used before, so that every call changes pixels.
    fn ink_over(&mut self, area: Rectangle) -> Result<()> {
        self.ink = self.ink.wrapping_add(0x0001_0305) & 0x00ff_ffff;
        let aux = x11rb::protocol::xproto::ChangeGCAux::new().foreground(self.ink);
        self.connection.change_gc(self.gc, &aux)?;
        self.connection.poly_fill_rectangle(self.window, self.gc, &[area])?;
        self.connection.sync()?;
        Ok(())
    }
}

/// Ground with a coloured band per 100 lines, as BGRX.
fn page_pixels(colour: [u8; 3]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 4);
    for y in 0..HEIGHT {
        let [r, g, b] = if y % 100 < 60 { colour } else { GROUND };
        for _ in 0..WIDTH {
            pixels.extend_from_slice(&[b, g, r, 0xff]);
        }
    }
    pixels
}
