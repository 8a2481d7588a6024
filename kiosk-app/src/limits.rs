//! Every time limit and every queue of the program, in one place.
//!
//! Decides nothing about the story: the patience of a session, back-off of the outbox and all
//! other deadlines a person could notice belong to the core.

use std::time::Duration;

/// How long the shell waits for things outside itself. Production values come from
/// [`Timings::STATION`]; tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Timings {
    /// TCP and TLS to the hall. 8 s: three lost SYNs on a 4G link (1 + 2 + 4 s) and a margin.
    pub connect: Duration,
    /// One request to the hall but the long poll, body included. A 1 MiB piece at 40 kB/s.
    pub request: Duration,
    /// How long the hall may hold an empty feed answer, in whole seconds.
    pub feed_wait: Duration,
    /// Between two heartbeats; the hall shows a station as silent after four.
    pub heartbeat_every: Duration,
    /// First and last wait of heartbeat and feed after a failure (doubled each time).
    pub retry_first: Duration,
    pub retry_cap: Duration,
    /// From `Capture` to decoded frame; a folder takes milliseconds, a USB camera up to 3 s.
    pub frame: Duration,
    /// What `check` waits for one device: a printer that is cleaned first takes longest.
    pub device: Duration,
    /// A chip photo in its decoder, from start to end. A vendor's decoder takes milliseconds and
    /// its sandbox a tenth of a second; somebody stands before the camera meanwhile.
    pub photo: Duration,
    /// One utterance, from the start of its program to its end, and what each of its characters may
    /// take if that is more. espeak-ng says 11 Chinese characters in 3.5 s; a program that hangs is
    /// ended then.
    pub speech: Duration,
    pub speech_per_char: Duration,
    /// From the kill of that program until it can be reaped: below a millisecond, unless the
    /// driver of a sound card holds it.
    pub speech_ends: Duration,
    /// One job of the store thread, a sealed page included. Twice the slow-disk fault of 2 s
    /// for each of the three syncs of a commit.
    pub store: Duration,
    /// Between two looks for room on a disk that was full.
    pub room_every: Duration,
    /// How long the last view stays readable before the process ends with its code.
    pub last_view: Duration,
    /// How long a station that cannot start says so before its supervisor starts it again: long
    /// enough to read, and not much longer than a technician waits for what was mended.
    pub out_of_service: Duration,
    /// From the wish to stop to the end of the process.
    pub shutdown: Duration,
    /// One question over the station's own socket.
    pub control: Duration,
}

impl Timings {
    pub const STATION: Self = Self {
        connect: Duration::from_secs(8),
        request: Duration::from_secs(30),
        feed_wait: Duration::from_secs(25),
        heartbeat_every: Duration::from_secs(30),
        retry_first: Duration::from_secs(1),
        retry_cap: Duration::from_secs(30),
        frame: Duration::from_secs(5),
        device: Duration::from_secs(20),
        photo: Duration::from_secs(3),
        speech: Duration::from_secs(180),
        speech_per_char: Duration::from_millis(500),
        speech_ends: Duration::from_secs(2),
        store: Duration::from_secs(12),
        room_every: Duration::from_secs(5),
        last_view: Duration::from_secs(5),
        out_of_service: Duration::from_secs(30),
        shutdown: Duration::from_secs(5),
        control: Duration::from_secs(30),
    };
}

/// Answers on their way to the core. Never full: a place is reserved before an effect is
/// performed, and the core owes fewer answers than this.
pub const ANSWERS_QUEUE: usize = 256;
/// Touches, status changes and feed items on their way to the core. Full: reader and hall wait;
/// a touch is dropped, which the person sees at once and repeats.
pub const UNASKED_QUEUE: usize = 64;
/// Jobs of the store thread. Full: the thread hangs, and the job is answered as an I/O error.
pub const STORE_QUEUE: usize = 64;
/// Requests on their way to one device. Full: answered as never asked.
pub const DEVICE_QUEUE: usize = 16;
/// Signatures to be sent or dropped by the screen. Full: the window hangs, and a key is pressed
/// again.
pub const INK_QUEUE: usize = 4;
/// Captures, codes, discards and wipes. Full: the page is answered as refused.
pub const PAGES_QUEUE: usize = 16;
/// Pictures wanted from the camera thread; the pages actor asks one at a time.
pub const CAMERA_QUEUE: usize = 1;
/// Between two looks whether the camera is there: a technician who plugs it in sees it at once.
pub const CAMERA_LOOK_EVERY: Duration = Duration::from_secs(3);
/// Bytes of log that are copied to a stick: two weeks have about a tenth of it.
pub const EXPORT_LOG_MAX: u64 = 64 << 20;
/// How long the program that says the log may take.
pub const EXPORT_LOG_TIME: Duration = Duration::from_secs(120);
/// Questions at once on the station's own socket; more are closed unanswered.
pub const CONTROL_CLIENTS: usize = 4;
/// Events in one batch; the wire allows up to `BATCH_EVENTS_MAX`.
pub const BATCH_EVENTS: usize = 16;
/// Largest answer of the hall that is read; a captive portal may send anything.
pub const REPLY_BYTES_MAX: usize = 1 << 20;
/// Longest question on the station's own socket.
pub const CONTROL_LINE_MAX: u64 = 4096;
/// Longest text of a code under the camera. A receipt's has about 100 characters; whatever else
/// people lay there is no code of ours.
pub const CODE_BYTES_MAX: usize = 128;
/// Longest line read from standard input for a PIN.
pub const PIN_LINE_MAX: u64 = 64;
/// Longer side of the picture shown of a captured page.
pub const PREVIEW_SIDE_PX: u32 = 1400;
/// Most that is read of a decoder's picture: a BMP of 102 x 126 has below 39,000 bytes.
pub const PHOTO_BYTES_MAX: usize = 64 * 1024;
/// Address space of a decoder; the picture needs 40 kB of it, libraries and stacks the rest.
pub const PHOTO_MEMORY_BYTES: u64 = 256 << 20;
/// Processor time of a decoder, in whole seconds as the kernel counts it; less than the time
/// limit, so that two threads that spin are ended by the kernel.
pub const PHOTO_CPU_S: u64 = 2;
/// Files that a decoder has open: its three, and its libraries one after the other.
pub const PHOTO_FILES: u64 = 16;
/// Processes and threads in the sandbox, its own first process among them.
pub const PHOTO_PROCESSES: u64 = 8;

const _: () = assert!(BATCH_EVENTS <= hall_api::wire::BATCH_EVENTS_MAX);
/// A page takes touches only after this time: a double tap spans 100 to 250 ms, and nobody reads
/// a page in 300.
pub const PAGE_SETTLES_MS: u64 = 300;
