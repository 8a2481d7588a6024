//! Every sentence the station says, in both languages, in one place.
//!
//! The words follow the practice of real halls: 收件 and not 受理, 尚未传到大厅 and not 待送达,
//! never a sentence that promises what nobody does (rule R13, [`promises`]).
//! Texts of a matter come from its file; texts of a state line from `kiosk-words`.

pub mod promises;

use crate::view::Language;

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Say {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Say {
    pub fn in_(self, language: Language) -> String {
        self.str(language).to_owned()
    }

    pub const fn str(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }

    /// The text with each `{}` replaced in order.
    pub fn with(self, language: Language, values: &[&str]) -> String {
        let mut parts = self.str(language).split("{}");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            out.push_str(value);
            out.push_str(part);
        }
        out
    }
}

/// A matter's text in the language of the view.
pub fn of(text: &kiosk_matters::Text, language: Language) -> String {
    match language {
        Language::Chinese => text.zh.clone(),
        Language::English => text.en.clone(),
    }
}

macro_rules! says {
    ($($name:ident = $zh:literal / $en:literal;)*) => {
        $(pub const $name: Say = Say { zh: $zh, en: $en };)*

        /// All texts with their names, for tests of words.
        pub const ALL: &[(&str, Say)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod keypad;

says! {
    // Top bar, buttons.
    ONLINE = "已联网" / "Online";
    OFFLINE = "未联网 · 可填表、交件" / "Offline · you can still apply";
    OFFLINE_CABINET = "未联网 · 可填表、存原件、取件" / "Offline · apply, deposit, collect";
    OFFLINE_CLOSED = "未联网" / "Offline";
    CLOSED = "暂停服务" / "Out of service";
    NO_TIME = "时间不详" / "time unknown";
    CLOCK_UNKNOWN = "时间未知" / "Time unknown";
    TO_ENGLISH = "English" / "中文";
    TO_ELDER = "长辈模式" / "Large type";
    TO_STANDARD = "标准字号" / "Normal type";
    HELP = "求助" / "Help";
    MORE_TIME = "我还需要时间" / "I need more time";
    LEFT_S = "剩余 {} 秒" / "{} s left";
    BACK = "返回" / "Back";
    LEAVE = "退出并清除" / "Leave and clear";
    NEXT = "下一步" / "Next";
    EDIT = "改" / "Change";
    DONE_LEAVE = "看好了，离开" / "Done, leave";
    STEP = "第 {} 步 / 共 {} 步" / "Step {} of {}";
    STEP_SITUATION = "了解情况" / "Your situation";
    STEP_IDENTITY = "核对身份" / "Identity";
    STEP_FORM = "填表" / "Form";
    STEP_MATERIALS = "拍材料" / "Papers";
    STEP_SIGN = "核对签名" / "Check and sign";
    STEP_RECEIPT = "收件凭证" / "Receipt";

    // Attract and home.
    ATTRACT_HEADLINE = "24 小时政务服务站" / "24-hour government service station";
    ATTRACT_TOUCH = "轻触屏幕开始" / "Touch the screen to begin";
    ATTRACT_APPLY = "办事：填表、拍材料、拿收件凭证" / "Apply: fill in, photograph papers, get a receipt";
    ATTRACT_COLLECT = "取件：身份证加取件码，随时来取" / "Collect: ID card and pick-up code, at any hour";
    ATTRACT_PROGRESS = "查进度：刷身份证就能看" / "Progress: just lay your ID card";
    ATTRACT_NO_PHONE = "不用手机，带身份证就行" / "No phone needed, just your ID card";
    HOME_TITLE = "您今天要做什么？" / "What would you like to do?";
    HOME_OFTEN = "这里可以办" / "You can do this here";
    HOME_NOTE = "我们只问办这件事必须知道的。离开时，屏幕和机器里不留下您的临时信息。"
        / "We ask only what this needs. When you leave, nothing unfinished stays in the machine.";
    VERB_APPLY = "办事" / "Apply";
    VERB_APPLY_NOTE = "填表、拍材料" / "Forms and papers";
    VERB_COLLECT = "取件" / "Collect";
    VERB_COLLECT_NOTE = "结果在文件柜里等您" / "Your result is in the locker";
    VERB_PROGRESS = "查进度" / "Progress";
    VERB_PROGRESS_NOTE = "刷身份证就能看" / "Lay your ID card";
    VERB_CERTIFICATE = "打证明" / "Certificates";
    VERB_CERTIFICATE_NOTE = "参保、缴存等证明" / "Insurance and other certificates";
    ABOUT_MINUTES = "约 {} 分钟" / "about {} min";
    NOT_READY_READER = "读卡器暂时不能用" / "The card reader is not working";
    NOT_READY_FULL = "本机已存满，暂不收新件" / "This machine is full for now";
    NOT_READY_NUMBERS = "凭证号用完了，要等联网" / "No receipt numbers left until online";
    NOT_READY_MAINS = "停电了，暂不收新件" / "No mains power: nothing new for now";
    NOT_READY_STARTING = "设备正在准备" / "Devices are getting ready";

    // Picking a matter, situation, materials.
    PICK_TITLE = "您要办哪一件？" / "Which one do you need?";
    PICK_HELP = "点一下要办的事。" / "Touch the one you need.";
    QUESTION_HELP = "选一个最符合的。" / "Choose what fits best.";
    UNSURE = "我不清楚" / "I am not sure";
    UNSURE_TITLE = "不清楚没关系" / "That is all right";
    UNSURE_BODY = "可以打电话问一问，再回来选。现在不选，也不会有任何影响。"
        / "You can ask by phone and come back. Not choosing now has no effect.";
    CANNOT_TITLE = "这种情况，这台机器办不了" / "This machine cannot do this case";
    RULE = "为什么" / "Why";
    INSTEAD = "怎么办" / "What to do";
    WHERE = "到哪里" / "Where";
    HOURS = "时间" / "Hours";
    PHONE = "电话" / "Phone";
    MATERIALS_TITLE = "需要这些材料" / "You need these";
    MATERIALS_NOTE = "材料不全也可以先看看；要交原件的，以后凭收件凭证来放。"
        / "You may look first. Originals are handed in later with your receipt.";
    MATERIALS_NOTE_WINDOW = "材料不全也可以先看看；要交原件的，以后带收件凭证交到{}。"
        / "You may look first. Originals are handed in later with your receipt: {}.";
    CELL_FOR_YOU = "放原件的格口" / "The cell for the originals";
    START_APPLY = "开始办理" / "Start";
    MARK_SCAN = "现场扫" / "Photograph here";
    MARK_ORIGINAL = "要投原件" / "Original needed";
    MARK_ORIGINAL_WINDOW = "原件交到窗口" / "Original to the window";
    MARK_SKIP = "联网核验后可免交" / "Not needed once checked";
    MARK_CHIP = "刷身份证" / "From your ID card";
    MARK_FORM = "现场填写" / "Fill in here";
    PROMISE = "多久办好" / "How long";
    FEE = "收费" / "Fee";
    RESULT = "办好拿到" / "You get";
    CONDITION = "办理条件" / "Condition";

    // Notice before the first card read (R15).
    NOTICE_TITLE = "读身份证之前，请先看这几句" / "Before we read your ID card";
    NOTICE_WHO = "谁来处理：{}，通过本站。" / "Who: {}, through this station.";
    NOTICE_WHO_PROGRESS = "谁来处理：政务服务大厅，通过本站。" / "Who: the government service hall, through this station.";
    NOTICE_WHAT = "读什么：姓名、性别、出生日期、住址、身份证号和有效期。不读指纹，不留照片。"
        / "What: name, sex, date of birth, address, ID number and validity. No fingerprint; the photo is not kept.";
    NOTICE_WHAT_PROGRESS = "读什么：姓名、身份证号和有效期，只用来找您的办件。不读指纹，不留照片。"
        / "What: name, ID number and validity, only to find your cases. No fingerprint; the photo is not kept.";
    NOTICE_FOR = "做什么用：只用来办您选的这件事，加密后交给大厅。" / "What for: only for what you chose, sent encrypted to the hall.";
    NOTICE_LONG = "留多久：没办完就离开，马上清除；办完的，大厅收齐 24 小时后本机销毁内容。"
        / "How long: gone at once if you leave unfinished; otherwise destroyed here 24 hours after the hall has it all.";
    NOTICE_RIGHTS = "您的权利：可以不办、随时退出，也可以打电话查询、更正：{}。"
        / "Your rights: you may stop at any time, and ask or correct by phone: {}.";
    NOTICE_NEXT = "知道了，去刷身份证" / "I understand, continue";

    // Cards.
    CARD_TITLE = "请把身份证放在读卡区" / "Please lay your ID card on the reader";
    CARD_HINT = "平放，别移动，大约 2 秒。读好了会自动往下走。" / "Flat and still, about 2 seconds. It goes on by itself.";
    CARD_GUARDIAN_TITLE = "请监护人放身份证" / "The guardian's ID card, please";
    CARD_GUARDIAN_HINT = "申请人未满 {} 周岁，要由监护人一起办。请换监护人的身份证。"
        / "The applicant is under {}; a guardian must take part. Please lay the guardian's card.";
    NO_CARD = "没带身份证" / "I have no ID card";
    NO_CARD_TITLE = "没有身份证，也可以这样办" / "Without an ID card";
    NO_CARD_BODY = "在这台机器上可以看要带什么材料。交件和查进度要核对身份，请凭其他证件到窗口，或打电话问。"
        / "Here you can see what to bring. To apply or ask for progress, please go to the window with another document, or phone.";
    NO_CARD_PROGRESS = "身份证丢了、坏了，或用护照、临时身份证的，请到窗口。"
        / "Lost or broken card, passport or temporary card: please go to the window.";
    CARD_LAY_AGAIN = "没读完，请拿起来再放一次，放平不要动。" / "Not finished. Please lift it and lay it again, flat and still.";
    CARD_NOT_ID = "这张不是身份证，请换身份证。" / "This is not an ID card. Please use your ID card.";
    CARD_NOT_TRUSTED = "这张证件本机核对不了，请到窗口核对。" / "This card cannot be verified here. Please go to the window.";
    CARD_BAD_DATA = "证件里的信息读出来不完整，请到窗口核对。" / "The data on this card is not complete. Please go to the window.";
    CARD_DEVICE = "读卡器暂时不能用。已记录；值班电话 {}。" / "The card reader is not working. Noted; phone {}.";
    CARD_NOT_DATED = "本机现在不知道准确日期，看不出证件是否过期。请您自己看一下背面的有效期。"
        / "This machine does not know the date now and cannot tell whether the card has expired. Please look at its back yourself.";
    CARD_OR_CHIP_TITLE = "请放身份证，或插社保卡" / "Your ID card, or your social security card";
    CARD_OR_CHIP_HINT = "身份证平放在读卡区；社保卡芯片朝上，插进插卡口。读好了会自动往下走。"
        / "ID card flat on the reader; social security card into the slot, chip up. It goes on by itself.";
    CHIP_ONLY_TITLE = "请把社保卡插进插卡口" / "Your social security card into the slot, please";
    CHIP_ONLY_HINT = "芯片朝上，插到底，大约 2 秒。身份证读卡器暂时不能用。"
        / "Chip up and all the way in, about 2 seconds. The ID card reader is not working now.";
    CHIP_USED = "插卡口里的卡请先取出来，再插一次。" / "Please take out the card in the slot, then put it in again.";
    CHIP_TAKEN_OUT = "还没读完卡就拔出来了。请再插一次，等画面变了再取。"
        / "The card came out too early. Please put it in again and wait until the screen changes.";
    CHIP_INSERT_AGAIN = "没读出来。请取出卡，芯片朝上，再插到底。"
        / "Not read. Please take the card out and put it in again, chip up, all the way.";
    CHIP_STALLED = "这张卡没有回应。请取出来再插一次；还不行请用身份证。"
        / "This card does not answer. Please put it in again, or use your ID card.";
    CHIP_UNKNOWN = "这张不是社保卡，请换社保卡或身份证。" / "This is not a social security card. Please use that or your ID card.";
    CHIP_BLOCKED = "这张社保卡已挂失或停用。请用身份证，或到窗口问。"
        / "This card was reported lost or is blocked. Please use your ID card, or ask at the window.";
    CHIP_PROTECTED = "这张社保卡不让本机读。请用身份证。" / "This card cannot be read here. Please use your ID card.";
    CHIP_GENERATION = "这种社保卡本机还不认识。请用身份证。" / "This kind of card is not known here yet. Please use your ID card.";
    CHIP_BAD_DATA = "卡里的信息读出来不完整。请用身份证，或到窗口核对。"
        / "The data on this card is not complete. Please use your ID card, or go to the window.";
    CHIP_DEVICE = "插卡口暂时不能用，请用身份证。已记录；值班电话 {}。"
        / "The card slot is not working, please use your ID card. Noted; phone {}.";
    CHIP_IS_STAFF = "这是工作人员卡。看自己的事，请用身份证或社保卡。" / "This is a staff card. For your own matters, please use your ID card.";
    CHIP_CARD_STAYS = "插卡口里有一张卡，走之前请记得取走。" / "A card is in the slot. Please remember to take it with you.";
    CARD_EXPIRED_TITLE = "这张证件已过有效期" / "This card has expired";
    CARD_EXPIRED_RULE = "有效期到 {}。过期的证件不能用来办理。" / "It was valid until {}. An expired card cannot be used.";
    CARD_EXPIRED_INSTEAD = "请先换领新证，或带户口簿到窗口。" / "Please renew the card, or go to the window with your household book.";
    TOO_YOUNG_TITLE = "还不到办理年龄" / "Not yet of age for this";
    TOO_YOUNG_RULE = "这件事年满 {} 周岁可以办。" / "This is open from the age of {}.";
    TOO_YOUNG_INSTEAD = "到了年龄再来；有疑问请打电话。" / "Please come back then, or phone if in doubt.";
    GUARDIAN_SAME = "这还是申请人的身份证，请换监护人的。" / "This is still the applicant's card. Please lay the guardian's.";
    GUARDIAN_MINOR = "监护人要年满 18 周岁。" / "A guardian must be at least 18.";
    OTHER_PERSON_TITLE = "这是另一个人的身份证" / "This is another person's card";
    OTHER_PERSON_BODY = "要换成这位办理吗？换人后，刚才填的都会清除。" / "Change to this person? What was filled in will be cleared.";
    OTHER_PERSON_YES = "换人，重新填" / "Change person";
    OTHER_PERSON_NO = "不换，继续" / "No, go on";

    // Form, contact, delivery.
    FORM_TITLE = "请核对并填写" / "Check and fill in";
    FORM_HINT_CHIP = "灰色的来自身份证，不用填。" / "Grey lines come from the ID card.";
    FORM_HINT_TYPED = "点方框，用下面的键盘填。" / "Touch a box and use the keyboard.";
    MISSING_FIELD = "这一项还没填。" / "This is still empty.";
    MOBILE_FIX = "手机号是 11 位数字，请再看一遍。" / "A mobile number has 11 digits. Please check.";
    CONTACT_TITLE = "有消息时，怎么告诉您？" / "How should we reach you?";
    CONTACT_HELP = "没有手机也能办。" / "You do not need a phone.";
    CONTACT_OWN = "打我的手机" / "Call my mobile";
    CONTACT_OTHER = "打家人的手机" / "Call a relative";
    CONTACT_POST = "寄信到身份证上的住址" / "A letter to the address on my card";
    CONTACT_COME = "不用告诉，我自己再来看" / "No need, I will come and look";
    MOBILE_TITLE = "请填手机号" / "Mobile number";
    MOBILE_LABEL = "手机号（11 位）" / "Mobile number (11 digits)";
    DELIVERY_TITLE = "办好的结果，怎么拿？" / "How will you get the result?";
    DELIVERY_HELP = "以大厅告知为准。" / "The hall confirms it.";
    DELIVERY_LOCKER = "到这里的文件柜取" / "From the locker here";
    DELIVERY_WINDOW = "到窗口取" / "At the window";
    DELIVERY_POST = "邮寄到住址" / "By post to my address";

    // Capture.
    CAPTURE_HINT = "把材料正面朝上，放在拍材料的镜头下面，放平后点“拍照”。"
        / "Lay the paper face up and flat under the lens, then touch “Take picture”.";
    CAPTURE_PAGE = "第 {} 页 / 共 {} 页" / "Page {} of {}";
    SHOOT = "拍照" / "Take picture";
    SHOOT_AGAIN = "重拍" / "Take again";
    USE_PICTURE = "用这张" / "Use this picture";
    USE_ANYWAY = "仍用这张，由工作人员看" / "Use it anyway; staff will look";
    CAPTURING = "正在拍照" / "Taking the picture";
    FOUND_OK = "本机检查：未发现问题" / "Checked here: no problem found";
    FOUND_OK_FIX = "是否合格以大厅审查为准。" / "The hall decides whether it will do.";
    FOUND_DARK = "照片太暗" / "Too dark";
    FOUND_DARK_FIX = "把材料放到灯下，再拍一次。" / "Move it under the light and take it again.";
    FOUND_BRIGHT = "照片反光" / "Too bright";
    FOUND_BRIGHT_FIX = "把材料转一点角度，避开反光。" / "Turn it a little to avoid the glare.";
    FOUND_BLURRED = "照片不清楚" / "Blurred";
    FOUND_BLURRED_FIX = "放平，手拿开，再拍一次。" / "Lay it flat, take your hands away, take it again.";
    FOUND_NOTHING = "镜头下面没有材料" / "Nothing lies under the lens";
    FOUND_NOTHING_FIX = "请把材料放好，再点“拍照”。" / "Lay the paper there and take the picture again.";
    FOUND_CAMERA = "镜头暂时不能用" / "The camera is not working";
    FOUND_CAMERA_FIX = "已记录；可以先退出，带材料到窗口。" / "Noted. You may leave and take the papers to the window.";
    FOUND_NO_ROOM = "本机已存满，这一页没有留下" / "This machine is full; the page was not kept";
    FOUND_NO_ROOM_FIX = "材料请自己收好，带到窗口办理。" / "Please keep your papers and take them to the window.";

    // Check, sign, seal.
    CHECK_TITLE = "请核对，不对的可以改" / "Please check; you can change it";
    CHECK_NOTE = "这就是要签名的内容。" / "This is what you will sign.";
    CHECK_PERSON = "申请人" / "Applicant";
    CHECK_GUARDIAN = "监护人" / "Guardian";
    CHECK_AGENT = "代办人" / "Agent";
    CHECK_ANSWERS = "您的情况" / "Your situation";
    CHECK_COLLECTORS = "可以代领的人" / "Who else may collect";
    MANDATE_BY = "委托人身份证号" / "ID number of who gave the mandate";
    MANDATE_UNTIL = "委托到期日" / "Mandate until";
    CHECK_FORM = "表格" / "Form";
    CHECK_CONTACT = "联系和领取" / "Contact and result";
    CHECK_PAPERS = "拍好的材料" / "Papers";
    CHECK_PAGES = "{} 页" / "{} page(s)";
    CHECK_NEXT = "没有错，去签名" / "All correct, sign";
    CHECKING = "正在生成签名页" / "Preparing the page to sign";
    NAME = "姓名" / "Name";
    NUMBER = "身份证号" / "ID number";
    CONTACT_LABEL = "联系方式" / "Contact";
    DELIVERY_LABEL = "领取方式" / "Result";
    MATTER_LABEL = "事项" / "Matter";
    DATE_LABEL = "日期" / "Date";
    SIGN_TITLE = "请在框里签名" / "Please sign in the box";
    SIGN_STATEMENT = "我核对过上一页的内容，情况属实。页面指纹 {}" / "I have checked the page before; it is true. Page fingerprint {}";
    SIGNER = "签名人：{}" / "Signed by: {}";
    SIGNER_NOW = "现在请 {} 签名（第 {} 位，共 {} 位）" / "Signing now: {} ({} of {})";
    CLEAR = "重写" / "Clear";
    SIGN_NEXT = "签好了，交件" / "Signed, hand in";
    SIGN_NEXT_PERSON = "签好了，换下一位" / "Signed, next person";
    SIGN_TOO_SHORT = "还没有签名。请用手指在框里写上名字。" / "There is no signature yet. Please write your name in the box.";
    SEALING_TITLE = "正在保存" / "Saving";
    SEALING_BODY = "请不要离开，几秒钟就好。" / "Please wait, it takes a few seconds.";
    SEALING_FAILED_TITLE = "这件没有收下" / "This was not taken in";
    SEALING_FAILED_BODY = "本机已存满，没有保存。材料都在您手里，没有损失，请到窗口办理。"
        / "This machine is full and nothing was saved. You have all your papers; please go to the window.";
    NO_NUMBER_BODY = "本机的凭证号用完了，没有保存。材料都在您手里，没有损失，请到窗口办理，或等联网后再来。"
        / "There is no receipt number left and nothing was saved. You have all your papers; please go to the window, or come back when this machine is online.";

    // Receipt.
    RECEIPT_TITLE = "收件凭证" / "Receipt";
    RECEIPT_NUMBER = "凭证号" / "Number";
    RECEIPT_AT = "收件时间" / "Received at";
    RECEIPT_AT_UNKNOWN = "{}（本机时钟未核准）" / "{} (clock not verified)";
    RECEIPT_MATTER = "事项" / "Matter";
    RECEIPT_ANSWER = "大厅答复" / "The hall answers";
    RECEIPT_ANSWER_BY = "最迟约 {}，以放假通知为准" / "by about {}; public holidays may move it";
    RECEIPT_ANSWER_DAYS = "收件后 {} 个工作日内" / "within {} working days";
    RECEIPT_ASK = "咨询电话" / "Questions";
    RECEIPT_CODE = "取件码（请抄下来）" / "Pick-up code (please copy it)";
    RECEIPT_COMPLAIN = "投诉电话" / "Complaints";
    RECEIPT_NOTE = "本凭证不代表已受理。收件时间以凭证所印为准。请拍照留存，或凭身份证在本机查进度。"
        / "This receipt does not mean acceptance. Please take a photo of it, or ask here with your ID card.";
    RECEIPT_FORM = "申请表 1 份（已签名）" / "Application form, signed";
    RECEIPT_PAPER = "{}：影像 {} 页" / "{}: {} page(s) photographed";
    RECEIPT_ORIGINAL = "{}：影像 {} 页，原件待入柜" / "{}: {} page(s) photographed, original to come";
    RECEIPT_ORIGINAL_WINDOW = "{}：影像 {} 页，原件请交到{}" / "{}: {} page(s) photographed, original to be handed in: {}";
    LINE_ELECTRONIC = "电子材料" / "Electronic papers";
    LINE_ORIGINALS = "纸质原件" / "Paper originals";
    ORIGINALS_TO_WINDOW = "待交到窗口" / "To be handed in at the window";
    LINE_HANDLING = "办理" / "Handling";

    // Paper.
    PRINTING = "正在打印。" / "Printing.";
    PRINTED = "已打印，请在出纸口取走。" / "Printed. Please take it from the slot.";
    NOT_PRINTED = "打印机现在不能用，没有打印。请拍照留存这一页。" / "The printer is not working and nothing was printed. Please take a photo of this page.";
    PRINT_UNCERTAIN = "不能确定有没有完整打出来，请看出纸口。没有或不完整，可以补打。"
        / "It is not certain that it came out whole. Please look at the slot; you can print it again.";
    PRINT_AGAIN = "再打印一张" / "Print again";
    SEE_PAPER = "看纸面" / "See the slip";
    PAPER_TITLE = "打印出来是这样" / "This is what is printed";
    PAPER_NOTE = "热敏纸会褪色，请拍照留存。" / "Thermal paper fades; please take a photo.";

    // At the cabinet.
    CELL = "格口" / "Cell";
    CELL_SAY = "{} 格，{}。" / "Cell {}: {}.";
    PUT_ORIGINALS = "去放原件" / "Put the originals in";
    LATER = "以后再放" / "Later";
    ENVELOPE_TITLE = "请把原件装进信封" / "Put the originals into an envelope";
    ENVELOPE_HINT = "拿一个开窗信封，先放原件，再放刚打印的小票，让小票上的号码露在窗口里。装好后点“打开格口”。"
        / "Take a window envelope, put the originals and the printed slip in so that its number shows. Then touch “Open the cell”.";
    ENVELOPE_BY_HAND = "小票没有打印。请在信封上写下这个号码：{}，再装进原件。装好后点“打开格口”。"
        / "No slip was printed. Please write this number on the envelope: {}. Then touch “Open the cell”.";
    TOO_BIG = "放不下，换大一点的" / "Too big, a larger cell";
    OPEN_DOOR = "打开格口" / "Open the cell";
    DOOR_OPENING = "正在打开" / "Opening";
    DOOR_WAIT = "请稍等，听到“咔”一声门就开了。" / "One moment; the door opens with a click.";
    DOOR_PUT = "请放进去" / "Put it in";
    DOOR_PUT_HINT = "信封平放，放好后把门推上，直到“咔”一声。" / "Lay the envelope flat, then push the door until it clicks.";
    DOOR_TAKE = "请取出来" / "Take it out";
    DOOR_TAKE_HINT = "取出后看一眼里面，再把门推上，直到“咔”一声。" / "Take it, look inside once more, then push the door until it clicks.";
    DOOR_LOOK = "请看里面有没有东西" / "Look whether something is inside";
    DOOR_LOOK_HINT = "看清楚后把门推上，里面的东西不要动。" / "Look, leave what is there, and push the door shut.";
    DOOR_AJAR = "门还开着，请把门推上。" / "The door is still open. Please push it shut.";
    ASK_PUT = "都放进去了吗？" / "Is everything inside?";
    ASK_PUT_HINT = "漏了东西，可以再开一次。" / "If something was left out, it can be opened again.";
    ASK_TAKEN = "取到了吗？" / "Did you get it?";
    ASK_TAKEN_HINT = "没取到或落下了东西，可以再开一次。" / "If not, or if you left something inside, it can be opened again.";
    ASK_NO_MORE = "这次不能再开了。还有东西要放或要取，请打电话：{}。" / "It cannot be opened again now. If something is still to be put in or taken, please phone {}.";
    ASK_LOOK = "里面是空的吗？" / "Is it empty?";
    ASK_LOOK_HINT = "照实选，记录会跟着改。" / "Choose what is true; the record follows.";
    ALL_IN = "都放进去了" / "Everything is in";
    GOT_IT = "取到了" / "I have it";
    LOOK_EMPTY = "是空的" / "It is empty";
    LOOK_FULL = "里面有东西" / "Something is inside";
    OPEN_AGAIN = "再开一次" / "Open again";
    CLOSE_FIRST = "请先关好另一个门" / "Please close the other door first";
    CLOSE_FIRST_BODY = "{} 格的门还开着。一次只开一个门。" / "The door of cell {} is open. One door at a time.";
    CLOSED_IT = "关好了，继续" / "It is closed, go on";
    JAMMED = "{} 格的门没有打开" / "The door of cell {} did not open";
    JAMMED_PUT = "您的材料还在您手里。请换一个格口。" / "You still have your papers. Please use another cell.";
    JAMMED_TAKE = "东西还在里面，格口已封存，别人也打不开。请打电话：{}。"
        / "It is still inside and the cell is closed off; nobody else can open it. Please phone {}.";
    JAMMED_STAFF = "信封还在您手里，格口已封存。回到“柜内要做的”再放一次，会换一个格口。"
        / "You still have the envelope, and the cell is closed off. Put it in again from the list: another cell is chosen.";
    CLOSED_OFF = "{} 格已封存（待核实）" / "Cell {} is closed off until it has been looked into";
    CLOSED_OFF_BODY = "刚才放的、取的还没有确认。请把门推上。这一格不再开，里面的东西不会交给别人。请打电话：{}，说明放了什么、取了什么。"
        / "What was put in or taken was not confirmed. Please push the door shut. It will not be opened again, and nothing in it is given to anyone else. Please phone {} and say what was put in or taken.";
    IN_DOUBT_BODY = "您的信封可能在这一格里，有人看过以前不能再放、也不能取。请打电话：{}。"
        / "Your envelope may be in this cell. Until somebody has looked nothing can be put in or taken. Please phone {}.";
    OTHER_CELL = "换一个格口" / "Another cell";
    DONE_DEPOSIT = "原件已入柜" / "The originals are in the locker";
    DONE_DEPOSIT_BODY = "大厅取走以前，您可以凭身份证和取件码取回。" / "Until the hall takes them you can take them back with your ID card and the pick-up code.";
    DONE_BACK = "原件已取回" / "You have your originals back";
    DONE_BACK_BODY = "这一件还缺原件，补放之前大厅不会往下办。" / "This case still needs them; the hall waits until they are here.";
    DONE_COLLECT = "已领取" / "Collected";
    DONE_COLLECT_BODY = "门已关好，请把东西收好。" / "The door is shut. Please keep it safe.";
    DONE_STAFF = "已记录" / "Noted";
    DONE_STAFF_BODY = "格口和办件的记录已经改好。" / "The record of the cell and the case is up to date.";
    CABINET_FULL = "文件柜暂时没有空格口" / "There is no free cell now";
    CABINET_FULL_BODY = "要交原件的事现在办不了。请到窗口交，或换个时间再来。什么都没有留下。"
        / "What needs originals cannot be done now. Please go to the window or come back later. Nothing was kept.";
    CABINET_FULL_FILED = "您的件已经收下，收件凭证照样有效。原件请换个时间来放，或交到窗口。"
        / "Your case was taken in and its receipt stays valid. Please bring the originals another time, or to the window.";
    NOT_HERE = "这里没有这一件" / "This is not here";
    NOT_HERE_BODY = "格口里没有，或已经取走了。" / "It is not in a cell, or it was taken already.";
    NOT_ORDERED = "大厅没有要求放这一件" / "The hall has not asked for this";
    NOT_ORDERED_BODY = "这个信封没有投放单，或已经放好了。请带回大厅核对。" / "There is no order for this envelope, or it was put in already. Please take it back to the hall.";
    FROZEN = "这一件暂时不能领取" / "This cannot be collected now";
    FROZEN_BODY = "大厅设了领取冻结。请带身份证到窗口，或打电话问。" / "The hall has put it on hold. Please go to the window with your ID card, or phone.";
    RECALLED = "大厅要收回这一件" / "The hall wants this back";
    RECALLED_BODY = "请到窗口领取，或打电话问。" / "Please collect it at the window, or phone.";
    CODE_LOCKED = "这一件的取件码输错太多次" / "The code was wrong too often";
    CODE_LOCKED_BODY = "为了您的东西安全，这一件先锁上了，别的件不受影响。请带身份证到窗口。"
        / "To keep it safe this one is locked; others are not. Please go to the window with your ID card.";
    DOOR_SILENT = "这个格口暂时打不开" / "This cell cannot be opened now";
    DOOR_SILENT_BODY = "锁没有回应。请打电话，或换个时间再来。" / "The lock does not answer. Please phone, or come back later.";
    WINDOW_ONLY = "这一件要到窗口领取" / "This is given out at the window";
    WINDOW_ONLY_BODY = "请领取人带身份证到窗口。" / "Please go to the window with your ID card.";
    NOTHING_HERE = "现在没有您可以取的" / "There is nothing for you to collect now";
    NOTHING_HERE_BODY = "办好的结果放进格口后才能取。想知道办到哪一步，请点“查进度”。"
        / "A result can be collected once it is in a cell. To see how your case stands, touch “Progress”.";
    DISCREET = "政务服务办件" / "Government service case";
    TO_COLLECT = "您要取哪一件？" / "Which one would you like to collect?";
    TO_COLLECT_HELP = "一次取一件，一个一个来。" / "One after the other.";
    CODE_TITLE = "请输入取件码" / "Enter the pick-up code";
    CODE_LABEL = "取件码（6 位数字）" / "Pick-up code (6 digits)";
    CODE_WHERE = "印在收件凭证上" / "Printed on your receipt";
    CODE_HINT = "凭证丢了，请带身份证到窗口。" / "If the receipt is lost, please go to the window with your ID card.";
    CODE_WRONG = "不对，请再看一遍凭证。还可以试 {} 次。" / "Not right; please look at the receipt. {} tries left.";
    CODE_NEXT = "打开格口" / "Open the cell";
    TAKE_BACK = "取回原件" / "Take the originals back";
    NOT_READY_LOCKER = "文件柜暂时不能用" / "The locker is not working";
    DOOR_STANDS_OPEN = "{} 格的门没关好，请顺手把门推上。" / "The door of cell {} is open. Please push it shut.";

    // Staff.
    STAFF_ENTRY = "工作人员" / "Staff";
    STAFF_CARD_TITLE = "请插工作人员卡" / "Your staff card into the slot, please";
    STAFF_CARD_HINT = "芯片朝上，插到底。办事时卡留在插卡口里，拔卡就退出。"
        / "Chip up, all the way in. Leave it in while you work; taking it out signs you out.";
    STAFF_NO_SLOT = "插卡口现在不能用。值班电话 {}。" / "The card slot is not working. Phone {}.";
    STAFF_OTHER_CARD = "这张不是工作人员卡，请换卡。" / "This is not a staff card. Please use another.";
    STAFF_CARD_OUT = "卡拔出来了。要继续请再插一次。" / "The card was taken out. Put it in again to go on.";
    STAFF_CARD_AGAIN = "等得太久了，请把卡取出来再插一次。" / "It took too long. Take the card out and put it in again.";
    STAFF_CARD_BLANK = "这张卡还没有制好，请找大厅制卡。" / "This card has not been made for anybody yet. Ask the hall.";
    STAFF_CARD_UNREADABLE = "卡里的内容不是工作人员证书，请找大厅换卡。" / "What is on the card is no staff certificate. Ask the hall for another.";
    STAFF_CARD_FOREIGN = "这张卡不是本大厅发的，这里不能用。" / "This card was not made by this hall and cannot be used here.";
    STAFF_CARD_COPIED = "这张卡证明不了自己，可能是复制的。请交给大厅。" / "The card cannot prove itself; it may be a copy. Please hand it to the hall.";
    STAFF_CARD_REVOKED = "这张卡已被大厅停用。" / "The hall has taken this card back.";
    STAFF_CARD_EXPIRED = "这张卡 {} 到期了，请找大厅换卡。" / "This card expired on {}. Ask the hall for another.";
    STAFF_CARD_NOT_YET = "这张卡 {} 才生效。" / "This card is valid only from {}.";
    STAFF_NO_TRUST = "大厅还没有告诉本机哪些卡可以用，要先联网一次。" / "The hall has not yet said which cards are good here: it must be on line once.";
    STAFF_PIN_TITLE = "请输入卡的密码" / "PIN of your card";
    STAFF_HINT = "密码 6 到 8 位。输错会锁定，时间一次比一次长；卡自己也会锁死。"
        / "6 to 8 digits. Wrong PINs lock you out, longer each time, and in the end the card.";
    STAFF_ID = "工号" / "Staff number";
    STAFF_ROLE = "身份" / "Role";
    ROLE_TECHNICIAN = "技术员" / "Technician";
    ROLE_COURIER = "流转员" / "Courier";
    ROLE_MANAGER = "站点管理员" / "Site manager";
    ROLE_SUPERVISOR = "督导员" / "Supervisor";
    ROLE_GUARD = "保安" / "Guard";
    STAFF_PIN = "密码" / "PIN";
    STAFF_SIGN_IN = "登录" / "Sign in";
    STAFF_NOT_A_PIN = "密码是 6 到 8 位数字。" / "A PIN has 6 to 8 digits.";
    STAFF_PIN_WRONG = "密码不对。卡还让试 {} 次。" / "Wrong PIN. The card allows {} more.";
    STAFF_PIN_BLOCKED = "密码错了太多次，这张卡锁死了，请找大厅换卡。" / "Too many wrong PINs: the card has blocked itself. Ask the hall for another.";
    STAFF_LOCKED = "密码不对，已锁定，{} 以后再试。" / "Wrong PIN; locked until {}.";
    STAFF_LIMITED = "时间不准，看不出卡是否过期：只能看设备，不能开门。"
        / "The time is not known, so nor is whether the card is valid: devices only, no doors.";
    DEVICES_TITLE = "设备状态" / "Devices";
    DEVICES_ALL_WELL = "这些都正常" / "These are all right";
    DEVICES_SOME = "要处理：{} 项" / "To be done: {}";
    DEVICES_HELP = "点一项看详细、做测试。" / "Touch one to see more and to test it.";
    DEVICE_SINCE = "{} 起" / "since {}";
    DEVICE_LINK = "接在" / "Connected to";
    DEVICE_IDENTITY = "编号" / "Identity";
    DEVICE_NO_IDENTITY = "这种设备不报编号" / "This kind says none";
    DEVICE_STATE = "现在" / "Now";
    DEVICE_FROM = "从什么时候起" / "Since";
    DEVICE_LAST_FAULT = "上次故障" / "Last fault";
    DEVICE_NO_FAULT = "开机以来没有" / "None since the start";
    DEVICE_NEXT = "下一步" / "Next";
    DEVICE_NOTHING_TO_DO = "不用做什么" / "Nothing to do";
    DEVICE_BEFORE = "换之前是" / "Before";
    DEVICE_SEEN = "知道了，已登记" / "Noted";
    DEVICE_WIRE = "看最近一分钟的数据" / "Wire of the last minute";
    WIRE_TITLE = "线上的数据" / "Wire";
    WIRE_LAST = "最近一分钟" / "The last minute";
    DEVICE_TEST = "测试" / "Test";
    DEVICE_TEST_AGAIN = "再测一次" / "Test again";
    DEVICE_TEST_RESULT = "测试结果" / "Test";
    DEVICE_SCANNER = "扫码器" / "Code scanner";
    DEVICE_CAMERA = "拍材料的镜头" / "Document camera";
    WIRE_HELP = "屏幕上只有帧，没有个人信息：“·数字·”代替那么多字节。" / "Frames only: a number between dots stands for so many bytes of personal data.";
    WIRE_NOTHING = "最近一分钟没有数据" / "Nothing within the last minute";
    WIRE_OUT = "{} 秒前，发出" / "{} s ago, sent";
    WIRE_IN = "{} 秒前，收到" / "{} s ago, heard";
    WIRE_AGAIN = "再看一次" / "Look again";
    TEST_NOT_YET = "还没有测" / "Not tested yet";
    TEST_RUNNING = "正在测……" / "Testing…";
    TEST_LAY_CARD = "请把一张身份证放到读卡器上" / "Lay an ID card on the reader";
    TEST_HOLD_CODE = "请把一个二维码对准扫码窗" / "Hold a code before the scanner";
    TEST_CARD = "通过：读到了卡" / "Passed: a card was read";
    TEST_CODE = "通过：读到了码，字数" / "Passed: a code was read; characters";
    TEST_PICTURE = "通过：拍到了，像素 / 亮度" / "Passed: a picture; pixels / brightness";
    TEST_PRINTED = "通过：打印机说测试条出来了，请看一眼" / "Passed: the printer says the slip came out. Please look";
    TEST_SLOT = "通过：您的卡就是在这里读的" / "Passed: your card was read in it";
    TEST_DOORS = "通过：有回应的门 / 全部 / 开着的" / "Passed: doors that answer / all / open";
    TEST_ROOM = "通过：按钮按下 / 门开着 / 有市电（1 是，0 否）" / "Passed: button pressed / door open / mains there (1 yes, 0 no)";
    TEST_WRITTEN = "通过：写进去了" / "Passed: written";
    TEST_NO_ANSWER = "没通过：没有回应" / "Failed: no answer";
    TEST_STOPPED = "没有测完" / "Not finished";
    TEST_BAD_CARD = "没通过：这张卡读不出，换一张再试" / "Failed: this card cannot be read. Try another";
    TEST_NO_CODE = "没通过：没有读到码" / "Failed: no code was seen";
    TEST_BAD_CODE = "没通过：读到的不是文字" / "Failed: what was read is no text";
    TEST_BAD_PICTURE = "没通过：图像坏了或镜头下是空的" / "Failed: a bad picture, or nothing there";
    TEST_UNCERTAIN = "没通过：不知道打完没有，请看出纸口" / "Failed: it may or may not have been printed. Please look";
    TEST_SLIP = "打印测试" / "Printer test";
    MAINTENANCE_BEGIN = "维护中：暂停服务" / "Close for maintenance";
    MAINTENANCE_END = "结束维护：恢复服务" / "End maintenance: open again";
    MAINTENANCE_TITLE = "维护中，暂停服务" / "Closed for maintenance";
    MAINTENANCE_BODY = "工作人员正在维护这台机器。已经收下的都在，一件不少。"
        / "Staff are at work on this machine. Everything taken in is safe.";
    MAINTENANCE_UNTIL = "预计恢复时间" / "Expected to open";
    MAINTENANCE_LATE = "比预计的久，请打电话问" / "Later than expected: please phone";
    MAINTENANCE_NO_TIME = "还不知道，请打电话问" / "Not known yet: please phone";
    MAINTENANCE_STAFF = "工作人员" / "Staff";
    REOPENS_TITLE = "预计多久能恢复？" / "How long will it take?";
    REOPENS_HELP = "屏幕会告诉市民“维护中”和预计恢复时间。工作人员再来，用卡登录后结束维护。"
        / "The screen tells citizens that it is closed and until when. To open again, sign in with a card.";
    REOPENS_HALF_HOUR = "半小时" / "Half an hour";
    REOPENS_HOUR = "一小时" / "One hour";
    REOPENS_TWO_HOURS = "两小时" / "Two hours";
    REOPENS_HALF_DAY = "半天" / "Half a day";
    EXPORT_START = "导出日志到 U 盘" / "Copy the logs to a USB stick";
    EXPORT_TITLE = "正在导出日志" / "Copying the logs";
    EXPORT_WAIT = "写完还要读回来核对。现在不要拔。" / "What was written is read back. Do not pull it out.";
    EXPORT_DONE = "可以拔出 U 盘了" / "The stick may be pulled out";
    EXPORT_DONE_BODY = "都写进去了，读回来核对过，一样。" / "All was written, read back, and is the same.";
    EXPORT_FOLDER = "文件夹" / "Folder";
    EXPORT_FILES = "文件数" / "Files";
    EXPORT_BYTES = "字节数" / "Bytes";
    EXPORT_NOT_DONE = "没有导出" / "Nothing was copied";
    EXPORT_NO_PLACE = "这台机器没有设 U 盘口：在配置里写 [export]。" / "No place for a stick is set: write [export] in the configuration.";
    EXPORT_NO_STICK = "没有看到 U 盘：插好，等几秒再试。" / "No stick is there: put it in, wait a few seconds, try again.";
    EXPORT_NO_ROOM = "U 盘满了：换一个。" / "The stick is full: take another.";
    EXPORT_NOT_THE_SAME = "读回来的和写进去的不一样：这个 U 盘不可靠，换一个。" / "What was read back is not what was written: take another stick.";
    EXPORT_FAILED = "写不进去：换一个 U 盘再试。" / "It cannot be written: try another stick.";
    EXPORT_AGAIN = "回到设备状态" / "To the devices";
    POWER_OFF = "关机" / "Switch off";
    POWER_OFF_TITLE = "要关机吗？" / "Switch it off?";
    POWER_OFF_BODY = "先把写到一半的写完，再停。关机以后市民不能办，也不能取件。"
        / "What is being written is finished first. Nobody can hand in or collect while it is off.";
    POWER_OFF_DOOR = "先关好 {} 格的门，再关机。" / "Shut the door of cell {} first.";
    POWERED_OFF_TITLE = "正在关机" / "Switching off";
    POWERED_OFF_BODY = "请等到屏幕说可以断电。" / "Wait until the screen says that the power may be cut.";
    MAY_CUT_POWER = "可以断电了" / "The power may be cut";
    MAY_CUT_POWER_BODY = "数据都写好了，程序停了。再通电，机器自己启动。" / "Everything is written and the program has stopped. With power again, it starts by itself.";
    CONSUMABLES = "耗材" / "Consumables";
    PAPER_LEVEL = "小票纸" / "Slip paper";
    PAPER_ENOUGH = "够用" / "Enough";
    PAPER_LOW_WORD = "快用完" / "Low";
    PAPER_OUT_WORD = "没有了" / "None";
    PAPER_UNKNOWN = "不知道" / "Not known";
    NUMBERS_LEFT = "剩下的凭证号" / "Receipt numbers left";
    CELLS_FREE = "空格口" / "Free cells";
    DEVICES_TO_ROUND = "去柜内要做的" / "To the cabinet";
    DEVICE_WELL = "正常" / "All right";
    DEVICE_READER = "身份证读卡器" / "ID card reader";
    DEVICE_SLOT = "插卡口" / "Card slot";
    DEVICE_PRINTER = "凭条打印机" / "Receipt printer";
    DEVICE_BOARD = "{} 号锁控板" / "Lock board {}";
    DEVICE_CELL = "{} 格" / "Cell {}";
    DEVICE_DISK = "存储" / "Storage";
    DEVICE_NUMBERS = "凭证号" / "Receipt numbers";
    DEVICE_CLOCK = "时钟" / "Clock";
    DEVICE_HALL = "大厅网络" / "Link to the hall";
    FIX_STARTING = "正在启动，等一分钟再看" / "Starting: look again in a minute";
    FIX_PLUG = "没接上：查插头和线" / "Not there: check plug and cable";
    FIX_POWER = "没有回应：断电，再通电" / "No answer: power it off and on";
    FIX_CABLE = "数据乱：查线、查地线，再换线" / "Garbled: check cable and ground, then replace it";
    FIX_REPLACED = "换过一台：核对编号，点“知道了”" / "Another one than before: check its identity, then touch Noted";
    FIX_REPLACE = "要换设备：联系供应商" / "To be replaced: call the supplier";
    FIX_RESTART = "读卡服务没有回应：重启本机" / "The card service does not answer: restart the machine";
    FIX_NAME = "同名的读卡器不止一个：在配置里写全名" / "Several readers of one name: write the full name in the configuration";
    FIX_PAPER_LOW = "纸快用完：带一卷新纸" / "Paper low: bring a roll";
    FIX_PAPER = "没纸了：装一卷新纸" / "No paper: put in a roll";
    FIX_COVER = "盖子没关：合上盖子" / "Cover open: close it";
    FIX_CUTTER = "切刀卡住：取出碎纸，合上盖子" / "Cutter stuck: free the paper, close the cover";
    FIX_HOT = "打印头过热：等它凉下来" / "The head is hot: wait until it cools";
    FIX_CLOCK = "时间不准：接上网络校时" / "Not known: connect the network";
    FIX_DISK = "满了：接上网络，让大厅收走" / "Full: connect the network, so that the hall takes it";
    FIX_NUMBERS = "用完了：接上网络，大厅会再给" / "Used up: connect the network, the hall gives more";
    FIX_HALL = "没有连上：查网线或 4G" / "Not connected: check the network cable or 4G";
    ALARMS_TITLE = "报警" / "Alarms";
    ALARMS_NONE = "现在没有报警" / "No alarm now";
    ALARMS_SOME = "请到现场看一看，再打电话" / "Please go and look, then phone";
    ALARM_FORCED = "门被强行打开过" / "Door was forced";
    ALARM_OPEN = "门开着" / "Door stands open";
    ROUND_ONLY_SEE = "只能看，不能开门。" / "To look at only: no doors.";
    ROUND_TITLE = "柜内要做的" / "To do at the cabinet";
    ROUND_HELP = "点一项做一项，一次开一个门。" / "One at a time, one door at a time.";
    ROUND_NOTHING = "现在没有要做的。" / "Nothing to do now.";
    ROUND_DONE = "做完了，离开" / "Done, leave";
    ROUND_TAKE = "取原件：{} 格" / "Take originals: cell {}";
    ROUND_PUT = "放结果：扫信封上的码" / "Put in: scan the envelope";
    ROUND_PUT_NOTE = "大厅已要求放 {} 件" / "{} to put in";
    ROUND_WITHDRAW = "收回：{} 格" / "Take back for the hall: cell {}";
    ROUND_LOOK = "查看：{} 格" / "Look into cell {}";
    ROUND_UNKNOWN = "还没有盘点" / "Not looked into yet";
    ROUND_CLOSED_OFF = "已封存（待核实），站点管理员查看" / "Closed off; for the site manager";
    SLIP_PUT = "请扫要放的信封" / "Scan the envelope to put in";
    SLIP_CHECK = "请扫刚取出的信封，核对是不是这一件" / "Scan the envelope you took out";
    SLIP_LABEL = "办件号（14 位）" / "Case number (14 digits)";
    SLIP_HINT = "把信封窗口朝上放在镜头下面，点“扫码”；扫不了就照着输入号码。"
        / "Lay the envelope under the lens, window up, and touch “Scan”; or type the number.";
    SLIP_HINT_SCANNER = "点“扫码”，再把信封上的码对准扫码窗，或窗口朝上放在镜头下面；扫不了就照着输入号码。"
        / "Touch Scan, then hold the code of the envelope before the scanner, or lay the envelope under the lens, window up; or type the number.";
    SLIP_SCAN = "扫码" / "Scan";
    SLIP_NOT_SEEN = "没有看到码，请放平再扫，或输入号码。" / "No code was seen. Lay it flat and scan again, or type the number.";
    SLIP_FOREIGN = "这不是本站的号码。" / "This is not a number of this station.";
    SLIP_OTHER = "这不是要的那个信封。请核对后再扫；拿错了就放回去。" / "This is another envelope. Please check and scan again; if it is the wrong one, put it back.";
    SLIP_SEVERAL = "这一件有几个信封，只看号码分不清。请扫信封上的码。" / "There are several envelopes for this number. Please scan the code on the envelope.";

    // Progress.
    FINDING_TITLE = "正在查找" / "Looking";
    FINDING_BODY = "马上就好。" / "One moment.";
    CASES_TITLE = "您的办件" / "Your cases";
    CASES_HELP = "点一件看详细。" / "Touch one to see more.";
    NO_CASES_TITLE = "这里没有查到您的办件" / "No case of yours was found here";
    NO_CASES_BODY = "这台机器只能看到在本站提交的件。在别处办的，请打电话或到窗口问。"
        / "This machine only knows cases handed in here. For others please phone or go to the window.";
    CASE_TITLE = "办到哪一步了" / "How it stands";
    CASE_NOTE_ONLINE = "显示的是现在的进度。" / "This is how it stands now.";
    CASE_NOTE_OFFLINE = "现在没联网，显示的是本机最近知道的进度。" / "Offline: this is what the machine knew last.";
    HISTORY_FILED = "本站收件" / "Taken in here";
    HISTORY_AT_HALL = "大厅已收到" / "Received by the hall";

    // Time-out, leaving, help.
    STILL_THERE = "您还在吗？" / "Are you still there?";
    STILL_THERE_BODY = "再过一会儿没有操作，屏幕会清除，没交的要重新填。" / "Soon the screen will clear; what was not handed in is lost.";
    LEAVE_TITLE = "要退出吗？" / "Leave now?";
    LEAVE_BODY = "还没交件。退出后，刚才填的和拍的都会清除。" / "Nothing was handed in yet. What you filled in and photographed will be cleared.";
    LEAVE_NO = "不退，继续办" / "No, go on";
    HELP_TITLE = "需要帮忙吗？" / "Do you need help?";
    HELP_BODY = "可以打电话：{}。现在站里没有工作人员。" / "You can phone {}. There is no staff here now.";
    HELP_LOW = "按钮放低一点（坐着用）" / "Move the buttons lower";
    HELP_HIGH = "按钮放回原处" / "Move the buttons back up";
    HELP_CONTRAST = "黑底黄字，看得更清楚" / "Black and yellow, easier to see";
    HELP_COLOURS = "恢复平常的颜色" / "Normal colours";

    // The room: an alarm, and the mains.
    ALARM_CALLED = "已向保安报警" / "The guard has been alarmed";
    ALARM_CALLED_BODY = "保安那边的报警已接通。请到安全、有人的地方去。等不及，请打电话。"
        / "The alarm line to the guard is on. Go where it is safe and there are people. If it cannot wait, phone.";
    ALARM_NOT_CALLED = "请大声呼救" / "Call out for help";
    ALARM_NOT_CALLED_BODY = "紧急按钮按下了，还没有通知到保安。请大声呼救，或者打电话。"
        / "The emergency button is pressed, and the guard has not been reached. Call out loudly, or phone.";
    ALARM_NUMBERS = "紧急电话" / "Emergency";
    ALARM_NUMBERS_ARE = "报警 110，急救 120" / "Police 110, ambulance 120";
    ALARM_TITLE = "正在报警" / "Alarm";
    ALARM_RESET = "解除报警" / "End the alarm";
    ALARM_RESET_HELP = "请先看清现场没有人需要帮助，再解除。" / "First make sure that nobody here needs help, then end it.";
    ALARM_STILL_PRESSED = "按钮还按着，或者线断了：转一下按钮让它弹起来，才能解除。"
        / "The button is still in, or its wire is cut: turn it until it springs out, then the alarm can be ended.";
    ALARM_NOT_KNOWN = "输入输出板没有回应，不知道按钮弹起没有：修好板子才能解除。"
        / "The room board does not answer, so nobody knows whether the button is out: mend the board first.";
    BUTTON = "紧急按钮" / "Emergency button";
    BUTTON_IN = "按着" / "Pressed";
    BUTTON_OUT = "已弹起" / "Out";
    BUTTON_UNKNOWN = "不知道" / "Not known";
    GUARD_CONTACT = "保安报警触点" / "Guard's contact";
    SIREN = "警笛" / "Siren";
    OUTPUT_ON = "接通" / "On";
    OUTPUT_OFF = "断开" / "Off";
    MAINS_LOST = "停电了，机器在用电池。正在办的可以办完，新的先不办。"
        / "No mains power; the machine runs on its battery. Finish what you have begun; nothing new for now.";
    DEVICE_ROOM = "输入输出板（按钮、门、警笛）" / "Room board (button, door, siren)";
    DEVICE_MAINS = "市电" / "Mains";
    FIX_RELAY = "有继电器不动作：换板子" / "A relay does not move: replace the board";
    FIX_MAINS = "停电了：看电闸和插头，问物业" / "No mains: look at breaker and plug, ask the building";

    // Interruption, care mode, dead store.
    INTERRUPTED = "刚才停电或重启了。办过的请点“查进度”，放身份证看看办到哪一步；没交的要重新办。"
        / "There was a power cut or restart. Touch “Progress” and lay your ID card to see what was saved.";
    CUT_OFF_MAYBE_PRINTED = "刚才中断时，这一件已经收下。收件凭证可能打出来了，请看出纸口；没有的，请抄下凭证号。"
        / "This case was taken in before the interruption. Its receipt may have been printed, please look at the slot; if not, please copy the number.";
    CUT_OFF_NOT_PRINTED = "刚才中断时，这一件已经收下。收件凭证没有打印，请抄下凭证号。"
        / "This case was taken in before the interruption. No receipt was printed; please copy the number.";
    CARE_TITLE = "这台机器正在自我保护" / "This machine is in care mode";
    CARE_BODY = "短时间内重启了几次，暂时不收新件。已经收下的都在，一件不少。"
        / "It restarted several times, so it takes nothing new for now. Everything taken in is safe.";
    CARE_SAVED = "已收下、还没传到大厅" / "Taken in, not yet at the hall";
    CARE_COUNT = "{} 件" / "{} case(s)";
    DEAD_TITLE = "这台机器暂停服务" / "This machine is out of service";
    DEAD_BODY = "本机存储出了问题，正在重新启动。没拿到收件凭证的，这件没有收下。"
        / "The storage has a fault and the machine restarts. Without a receipt, nothing was taken in.";
    DOWN_BODY = "机器出了故障，要等工作人员来修。没拿到收件凭证的，这件没有收下；拿到凭证的，请打电话问办到哪一步。"
        / "It has a fault that staff must mend. Without a receipt, nothing was taken in; with one, please phone and ask how your case stands.";
    DOWN_INSTEAD = "请带上身份证和材料，到政务服务大厅的窗口办。"
        / "Please bring your ID card and papers to a window of the service hall, or phone.";
    DOWN_CODE = "打电话时请说：代码 {}" / "On the phone please say: code {}";
    DOWN_ENGLISH = "English" / "English";
    DEVICE_KEYPAD = "按键盘" / "Keypad";
    CABINET = "文件柜" / "Locker";
    DOWN_CABINET = "现在开不了。急着要取的，请打电话。" / "It cannot be opened now. If you need what is in it, please phone.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_empty_or_uses_a_forbidden_word() {
        let forbidden = [
            "提交成功",
            "系统错误",
            "操作失败",
            "非法",
            "待送达",
            "立案",
            "高拍仪",
            "智审",
            "离线可办",
        ];
        for (name, say) in ALL.iter().chain(keypad::ALL) {
            assert!(!say.zh.is_empty() && !say.en.is_empty(), "{name}");
            assert!(!forbidden.iter().any(|word| say.zh.contains(word)), "{name}: {}", say.zh);
            let n_zh = say.zh.matches("{}").count();
            assert_eq!(n_zh, say.en.matches("{}").count(), "{name}: the same places in both");
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        assert_eq!(STEP.with(Language::Chinese, &["3", "6"]), "第 3 步 / 共 6 步");
        assert_eq!(STEP.with(Language::English, &["3", "6"]), "Step 3 of 6");
    }
}
