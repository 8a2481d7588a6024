//! English from the home page to the receipt.

use testkit::{World, glass};

/// The switch back is in the language it leads to.
const SWITCH_BACK: &str = "中文";

fn assert_english(world: &World) {
    let view = world.view();
    for target in glass::targets(view) {
        let english = target.label == SWITCH_BACK || !has_han(&target.label);
        assert!(english, "{} on {}", target.label, glass::page(view));
    }
    for text in glass::texts(view) {
        let is_name = ["王伟", "黑龙江"].iter().any(|name| text.contains(name));
        assert!(text == SWITCH_BACK || is_name || !has_han(&text), "{text}");
    }
}

fn has_han(text: &str) -> bool {
    text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c) || "，。、；：！？「」".contains(c))
}

#[test]
fn english_all_the_way() {
    let mut world = World::ready(121);
    world.citizen().wakes_it().touches("English");
    let labels = [
        "Apply",
        "Renewal of a tobacco retail licence",
        "In less than 30 days",
        "Next",
        "Nothing has changed",
        "Start",
        "I understand, continue",
    ];
    for label in labels {
        assert_english(&world);
        world.citizen().touches(label);
    }
    assert_english(&world);
    world.citizen().lays_card("wang_wei").sees("Check and fill in").lifts_card();
    world.citizen().types("230202100123");
    for label in ["Next", "No need, I will come and look", "At the window"] {
        assert_english(&world);
        world.citizen().touches(label);
    }
    for paper in ["old_permit", "business_licence"] {
        assert_english(&world);
        world.citizen().lays_paper(paper).touches("Take picture").sees("no problem found");
        assert_english(&world);
        world.citizen().touches("Use this picture");
    }
    assert_english(&world);
    world.citizen().touches("All correct, sign").sees("Please sign in the box");
    assert_english(&world);
    world.citizen().signs().sees("This receipt does not mean acceptance");
    assert_english(&world);
    world.citizen().sees("Received by the hall").touches("Done, leave");
    world.until("sleep", World::sleeps);
    assert!(world.shows("轻触屏幕开始"), "the next person is greeted in Chinese");
    world.comes_to_rest();
}
