//! The room board at a running station: its twin on a pty, the driver, the core, the screen.

use device_sim::{
    port::{self, AtStart, Hand},
    room::{Act, RoomTwin},
};
use kiosk_app::{
    control::{self, Question},
    exit::Exit,
};
use kiosk_core::view::{Stage, View};

use super::world::{LIMIT, QUICK, World};

const ROOM: &str = r#"[room]
port = "sim/room"
baud = 9600
address = 1
[room.inputs]
emergency = { input = 1, contact = "normally_closed" }
lobby = { input = 2, contact = "normally_closed" }
mains = { input = 3, contact = "normally_closed" }
[room.outputs]
light = { relay = 1, on_when = "pulled" }
siren = { relay = 2, on_when = "pulled" }
guard = { relay = 3, on_when = "pulled" }
"#;

/// Puts the twin on a pty and tells machine.toml of it.
fn fit(world: &World) -> Hand<RoomTwin> {
    let port = world.path().join("sim").join("room");
    let twin = RoomTwin::as_delivered();
    let stop = world.stop.child_token();
    let (room, _) = port::spawn_twin(twin, port, AtStart::Plugged, stop).unwrap();
    world.write_machine(&format!("{}{ROOM}", world.machine_text()));
    room
}

/// The title of a page that tells something.
fn says(view: Option<&View>, told: &str) -> bool {
    let stage = view.map(|view| &view.stage);
    matches!(stage, Some(Stage::Message { title, .. }) if title == told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_of_the_button_reaches_the_guard_and_the_screen_without_the_hall() {
    let mut world = World::enrolled().await;
    world.hall_goes_down().await;
    let room = fit(&world);
    let running = world.station().await;
    world.until_status(&["room ready"]).await;
    let mut views = running.views();
    room.touch(Act::PressButton).await.unwrap();
    let called = views.wait_for(|view| says(view.as_deref(), "已向保安报警"));
    tokio::time::timeout(LIMIT, called).await.unwrap().unwrap();
    let look = room.look().await.unwrap().device;
    assert!(look.is_guard_called && look.is_siren_on && look.is_lit, "{look:?}");

    // The board goes, and what is said with it.
    room.unplug().await.unwrap();
    let unknown = views.wait_for(|view| says(view.as_deref(), "请大声呼救"));
    tokio::time::timeout(LIMIT, unknown).await.unwrap().unwrap();
    world.until_status(&["room missing"]).await;
    assert_eq!(running.stop().await, Exit::Done);

    // Its relays stay as they are, and an alarm that nobody reset is there at the next start.
    room.touch(Act::ReleaseButton).await.unwrap();
    room.plug().await.unwrap();
    let running = world.station().await;
    let mut views = running.views();
    let called = views.wait_for(|view| says(view.as_deref(), "已向保安报警"));
    tokio::time::timeout(LIMIT, called).await.unwrap().unwrap();
    assert_eq!(running.stop().await, Exit::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_has_a_row_for_the_room() {
    let world = World::enrolled().await;
    let room = fit(&world);
    let running = world.station().await;
    world.until_status(&["room ready"]).await;
    let asked =
        control::ask(&world.station_data(), &Question::Check { json: false }, QUICK).await.unwrap();
    let row = asked.lines.iter().find(|line| line.contains("room")).unwrap();
    assert!(row.contains("sim/room: ready"), "{row}");
    room.unplug().await.unwrap();
    world.until_status(&["room missing"]).await;
    running.stop().await;
}
