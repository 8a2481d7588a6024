//! A station that cannot start still has a screen: one page that says so, what to do instead and
//! whom to call. It stays until somebody ends the process, or, where its supervisor may be luckier
//! with another start, for [`Timings::out_of_service`](crate::limits::Timings).
//!
//! The store is not touched: what could not be opened stays as it was found.

use std::sync::Arc;

use kiosk_core::{
    out_of_service::{Sign, Why, view},
    view::View,
};
use tokio::{runtime::Runtime, sync::watch, time::Instant};

use crate::{
    cli::asked_to_end,
    clock::Clock,
    config::Machine,
    exit::{Exit, Failure},
    limits::Timings,
    pages::Pictures,
    shell::until,
    window,
};

/// Shows the page and returns with the failure, when it is time to end.
pub fn show(machine: &Machine, failure: Failure, timings: Timings, runtime: &Runtime) -> Failure {
    let Some(why) = why_of(failure.exit) else { return failure };
    let sign = Sign {
        name: machine.name.zh.0.clone(),
        phone: machine.phone.0.clone(),
        has_cells: machine.locker.is_some(),
        why,
        code: failure.exit.code(),
    };
    tracing::warn!(
        because = failure.sentence,
        code = failure.exit.code(),
        "the station does not start; the screen says that it is out of service"
    );
    let clock = Clock::start();
    let (shows, views) = watch::channel(Some(Arc::new(view(&sign, clock.now()))));
    let opened = window::open(&machine.screen, |_, _| {});
    if opened.is_err() || kiosk_ui::check_font().is_err() {
        // Neither has words for anybody; the log has.
        return failure;
    }
    window::show_newest(&views, &Pictures::default());
    runtime.spawn(window::follow(views, Pictures::default()));
    runtime.spawn(until_end(sign, clock, shows, timings));
    if let Err(error) = window::run() {
        tracing::warn!(%error, "the window of the page ended");
    }
    failure
}

/// `None`: the screen belongs to another process.
const fn why_of(exit: Exit) -> Option<Why> {
    match exit {
        Exit::SecondProcess | Exit::Done => None,
        Exit::BadConfig => Some(Why::NeedsStaff),
        Exit::Failed | Exit::StoreDead | Exit::Core(_) => Some(Why::TriesAgain),
    }
}

/// Keeps the clock on the page right until the process is to end.
async fn until_end(
    sign: Sign,
    clock: Clock,
    shows: watch::Sender<Option<Arc<View>>>,
    timings: Timings,
) {
    let end = match sign.why {
        Why::TriesAgain => Some(Instant::now() + timings.out_of_service),
        Why::NeedsStaff => None,
    };
    let asked = asked_to_end();
    tokio::pin!(asked);
    loop {
        let now = clock.now();
        let next_minute = 60_000 - now.wall.0.rem_euclid(60_000).unsigned_abs();
        tokio::select! { biased;
            () = &mut asked => break,
            () = until(end) => break,
            () = until(Some(clock.instant_of(now.moment.plus_ms(next_minute)))) => {
                shows.send_replace(Some(Arc::new(view(&sign, clock.now()))));
            }
        }
    }
    window::close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_second_process_leaves_the_screen_alone() {
        assert_eq!(why_of(Exit::SecondProcess), None);
        assert_eq!(why_of(Exit::BadConfig), Some(Why::NeedsStaff));
        assert_eq!(why_of(Exit::StoreDead), Some(Why::TriesAgain));
    }
}
