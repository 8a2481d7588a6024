//! The document camera on a thread of its own, because a camera may block for as long as it likes.
//!
//! A picture that is not there within its limit is refused as a missing camera; the thread may
//! still be busy with it, and then the next one is refused at once. Now and then the thread looks
//! whether the camera is there at all.

use std::{io, time::Duration};

use device_api::camera::{Fault, Frame, Health, Quality};
use device_drivers::camera::{FrameSource, quality};
use image::{DynamicImage, ImageReader, imageops::FilterType};
use kiosk_core::Event;
use kiosk_words::Private;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    code::one_code,
    limits::{CAMERA_LOOK_EVERY, CAMERA_QUEUE, PREVIEW_SIDE_PX},
    pages::Preview,
    shell::Unasked,
};

/// One picture, measured and made small for the screen.
#[derive(Debug)]
pub struct Shot {
    pub frame: Frame,
    pub quality: Quality,
    pub preview: Preview,
}

/// What is wanted of the thread, and who waits for it.
enum Wanted {
    Shot(Waiting<Shot>),
    /// The text of the one code that lies there.
    Code(Waiting<Option<String>>),
    Health(oneshot::Sender<Health>),
}

type Waiting<T> = oneshot::Sender<Result<T, Fault>>;

/// The asking side; dropping every copy ends the thread.
#[derive(Debug, Clone)]
pub struct Camera {
    wanted: mpsc::Sender<Wanted>,
    limit: Duration,
}

/// Starts the thread `camera`.
pub fn start(mut source: impl FrameSource + 'static, limit: Duration) -> io::Result<Camera> {
    let (wanted, mut at_thread) = mpsc::channel::<Wanted>(CAMERA_QUEUE);
    std::thread::Builder::new().name("camera".to_owned()).spawn(move || {
        while let Some(wanted) = at_thread.blocking_recv() {
            // Whoever asked may have given up; the picture is dropped with the channel.
            match wanted {
                Wanted::Shot(waiting) => drop(waiting.send(shoot(&mut source))),
                Wanted::Code(waiting) => drop(waiting.send(read_code(&mut source))),
                Wanted::Health(waiting) => drop(waiting.send(source.health())),
            }
        }
    })?;
    Ok(Camera { wanted, limit })
}

impl Camera {
    pub async fn shoot(&self) -> Result<Shot, Fault> {
        self.want(Wanted::Shot).await
    }

    /// `None`: there is no code, or more than one.
    pub async fn read_code(&self) -> Result<Option<String>, Fault> {
        self.want(Wanted::Code).await
    }

    /// Tells the core when the camera comes or goes.
    pub async fn watch(self, to_core: mpsc::Sender<Unasked>, stop: CancellationToken) {
        let mut last = None;
        loop {
            let health = self.health().await;
            if let Some(health) = health.filter(|health| last != Some(*health)) {
                last = Some(health);
                if to_core.send(Event::Camera(health).into()).await.is_err() {
                    return;
                }
            }
            if tokio::time::timeout(CAMERA_LOOK_EVERY, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    /// `None`: the thread is busy with a picture, which says more than a look would.
    async fn health(&self) -> Option<Health> {
        let (done, answer) = oneshot::channel();
        self.wanted.try_send(Wanted::Health(done)).ok()?;
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(health)) => Some(health),
            Ok(Err(_)) | Err(_) => Some(Health::Down(Fault::Missing)),
        }
    }

    async fn want<T>(&self, wanted: impl FnOnce(Waiting<T>) -> Wanted) -> Result<T, Fault> {
        let (done, answer) = oneshot::channel();
        if self.wanted.try_send(wanted(done)).is_err() {
            tracing::warn!(device = "camera", "the camera is still busy or its thread died");
            return Err(Fault::Missing);
        }
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Fault::Missing),
            Err(_) => {
                tracing::warn!(device = "camera", limit = ?self.limit, "no picture in time");
                Err(Fault::Missing)
            }
        }
    }
}

fn shoot(source: &mut impl FrameSource) -> Result<Shot, Fault> {
    let frame = source.take()?;
    let quality = quality(&frame)?;
    let preview = preview_of(&frame)?;
    Ok(Shot { frame, quality, preview })
}

fn read_code(source: &mut impl FrameSource) -> Result<Option<String>, Fault> {
    Ok(one_code(&decode(&source.take()?)?.into_luma8()))
}

fn preview_of(frame: &Frame) -> Result<Preview, Fault> {
    let picture = decode(frame)?;
    let is_large = picture.width().max(picture.height()) > PREVIEW_SIDE_PX;
    let small = if is_large {
        picture.resize(PREVIEW_SIDE_PX, PREVIEW_SIDE_PX, FilterType::Triangle)
    } else {
        picture
    };
    let small = small.into_rgb8();
    Ok(Preview {
        width_px: small.width(),
        height_px: small.height(),
        rgb: Private::new(small.into_raw()),
    })
}

/// The frame's size was checked by the driver before it was decoded there.
fn decode(frame: &Frame) -> Result<DynamicImage, Fault> {
    let bytes = io::Cursor::new(frame.encoded.expose());
    let reader = ImageReader::new(bytes).with_guessed_format().map_err(|_| Fault::BadPicture)?;
    reader.decode().map_err(|_| Fault::BadPicture)
}
