//! What a station promises of cells depends on whether it has any (R13, R8).

use kiosk_core::record::DeliveryWay;
use scenarios::{Act, SENIOR, TOBACCO, files, up_to, walks};
use testkit::World;

const AT_DELIVERY: Act = Act::Touches("打我的手机");

fn at_delivery(world: &mut World) {
    walks(world, up_to(TOBACCO, AT_DELIVERY));
    world.citizen().types("13800001234").touches("下一步").sees("办好的结果，怎么拿？");
}

#[test]
fn a_cell_is_offered_for_the_result_only_where_there_is_one() {
    let mut world = World::ready(251);
    at_delivery(&mut world);
    assert!(!world.shows("文件柜") && world.shows("到窗口取") && world.shows("邮寄到住址"));
    world.comes_to_rest();

    let mut world = World::with_locker(251);
    at_delivery(&mut world);
    world.citizen().touches("到这里的文件柜取").photographs("old_permit");
    world.citizen().photographs("business_licence").sees("到这里的文件柜取");
    world.citizen().touches("没有错，去签名").signs().sees("本凭证不代表已受理");
    let filed = &world.store.case_of_receipt(&world.receipt().unwrap()).unwrap().filed;
    assert_eq!(filed.contact.delivery, DeliveryWay::Locker);
    world.comes_to_rest();
}

#[test]
fn without_a_cabinet_originals_are_said_to_go_to_their_window() {
    let mut world = World::ready(252);
    walks(&mut world, up_to(TOBACCO, Act::Touches("都没变")));
    world.citizen().sees("原件交到窗口").sees("以后带收件凭证交到政务大厅二楼 B12 窗口");
    nothing_of_a_cabinet(&world);
    world.citizen().touches("返回").touches("返回").touches("返回").touches("返回");
    world.citizen().touches("退出并清除");
    files(&mut world, TOBACCO);
    world.citizen().sees("待交到窗口").sees("影像 1 页，原件请交到政务大厅二楼 B12 窗口");
    nothing_of_a_cabinet(&world);
    world.comes_to_rest();
}

fn nothing_of_a_cabinet(world: &World) {
    for word in ["柜", "格口", "要投原件", "来放"] {
        assert!(!world.shows(word), "{word}");
    }
}

#[test]
fn with_a_cabinet_originals_are_said_to_go_into_it() {
    let mut world = World::with_locker(253);
    walks(&mut world, up_to(TOBACCO, Act::Touches("都没变")));
    world.citizen().sees("要投原件").touches("开始办理").sees("读身份证之前");
    assert!(!world.shows("原件交到窗口"));
    world.comes_to_rest();
}

#[test]
fn off_line_a_station_says_what_it_can_do_and_no_more() {
    let mut world = World::ready(254);
    world.hall().goes_dark();
    world.until("未联网", |w| w.shows("未联网 · 可填表、交件"));
    files(&mut world, SENIOR);
    world.comes_to_rest();

    let mut world = World::with_locker(254);
    world.hall().goes_dark();
    world.until("未联网", |w| w.shows("未联网 · 可填表、存原件、取件"));
    world.comes_to_rest();
}
