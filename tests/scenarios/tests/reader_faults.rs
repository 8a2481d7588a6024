//! Every way in which the reader itself can fail: grey with the reason, and back when it is back.

use device_api::id_reader::{Fault, Health};
use scenarios::{RECORD, files_and_leaves};
use testkit::World;

#[test]
fn each_fault_greys_what_needs_a_card_and_goes_when_it_is_mended() {
    let faults = [
        Fault::Missing,
        Fault::Silent,
        Fault::Garbage,
        Fault::SelfTestFailed,
        Fault::NotAuthorised,
    ];
    for fault in faults {
        let mut world = World::ready(191);
        match fault {
            Fault::Missing => world.reader().is_unplugged(),
            Fault::Silent => world.reader().falls_silent(),
            Fault::Garbage => world.reader().babbles(),
            Fault::SelfTestFailed => world.reader().fails_its_self_test(),
            Fault::NotAuthorised => world.reader().loses_its_authorisation(),
        }
        world.until("the fault", |w| w.reader.health() == Health::Down(fault));
        world.passes(100);
        world.citizen().wakes_it();
        world.until("the reason", |w| w.shows("读卡器暂时不能用"));
        world.citizen().touches("退出并清除");
        world.reader().is_mended();
        world.until("ready", |w| w.reader.is_ready());
        files_and_leaves(&mut world, RECORD);
        world.comes_to_rest();
    }
}
