//! What is said into the earphones beside the pages themselves.

use super::Say;

says! {
    WELCOME = "您好，这里是政务服务自助站。按上键和下键，一项一项地听；中间的键是确定，左键和右键在选字时用。旁边的键是：求助、再说一遍、大声、小声。听不完也可以直接按键。拔下耳机就不再出声。"
        / "Welcome to the public service station. With the up and down keys you hear one thing after the other; the key in the middle selects, left and right help to type. The keys beside it are: help, say again, louder, softer. You need not wait for the end. Pull out the earphones and nothing is spoken any more.";
    ANY = "按任意一个键开始。" / "Press any key to begin.";
    HOW = "请先按下键，听到要的那一项，再按中间的键。"
        / "First press the down key until you hear what you want, then the key in the middle.";
    CAPS = "按上下左右键找字，中间的键输入。现在是" / "Find a character with up, down, left and right; the middle key types it. You are at";
    OFF = "现在不能选" / "not possible now";
    CHOSEN = "已选" / "chosen";
    FIELD_EMPTY = "还没填" / "still empty";
    FIELD_FILLED = "已填{}位" / "{} characters typed";
    TYPED = "第{}位" / "character {}";
    ERASED = "删掉了，还有{}位" / "deleted, {} left";
    FULL = "已经满{}位了" / "all {} characters are there already";
    ERASE = "删除" / "delete";
    SPACE = "空格" / "space";
    CAPITAL = "大写{}" / "capital {}";
    VOLUME = "音量{}" / "volume {}";
    PAGE_ON = "往下看一屏" / "one screen down";
    PAGE_BACK = "往上看一屏" / "one screen up";
    // For staff.
    FIX_KEY = "有一个键卡住了：把它松开、擦干净。其他的键能用。"
        / "One key is stuck: free it and clean it. The others work.";
    TEST_KEYPAD = "耳机插着 / 最后按的键" / "Plug in / last key";
}
