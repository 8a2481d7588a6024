//! Asking for a place (投放单): who may take it, how closely guarded, how big; recalling; the slip.

use askama::Template;
use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use hall_api::{case_record::CaseRecord, seal::Purpose, wire::NamedCollector};
use kiosk_words::{CaseId, CellSize, Content, EnvelopeCode, OrderId, Private, Release, numbers};

use super::{
    Console,
    account::{TokenOnly, bad_form},
    case_page::{case_of, open_case},
    custody_panel::{CONTENTS, SIZES, person},
    qr,
    respond::{Refused, not_found, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    random,
    store::{
        cases,
        orders::{self, NewOrder, OrderRefused},
        stations,
    },
};

/// Parties and named collectors of one case, and one more by mandate.
const COLLECTORS_MAX: usize = 6;
const NAME_LEN_MAX: usize = 30;
const CHANGED_LEN_MAX: usize = 100;
const RELEASES: [(&str, Release); 3] = [
    ("ordinary", Release::Ordinary),
    ("important", Release::Important),
    ("not_in_locker", Release::NotInLocker),
];

/// The slip behind the envelope's window; its words are the same whatever is inside.
#[derive(Template)]
#[template(path = "label.html")]
struct LabelPage {
    order: u64,
    content: &'static str,
    matter: String,
    receipt: String,
    code: String,
    qr: qr::Picture,
    station: String,
    station_name: String,
    size: &'static str,
    release: &'static str,
    back: String,
}

/// The fields as they came: a box that may be ticked several times comes several times.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) async fn make(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(fields) = form.map_err(bad_form)?;
    let fields = Fields(fields);
    clerk.check(fields.one("csrf"))?;
    let case = case_of(&case)?;
    let back = format!("/case/{case}");
    let incomplete = |sentence: String| Refused::incomplete(sentence, &back);
    let (_file, _filed, record) = open_case(&console, case).await?;
    let asked = asked(&fields, &record).map_err(incomplete)?;
    let collectors = collectors(&fields, &record).map_err(incomplete)?;
    let new = NewOrder {
        case,
        content: asked.content,
        release: asked.release,
        size: asked.size,
        n_collectors: u32::try_from(collectors.len()).unwrap_or(u32::MAX),
        collectors: seal(&console, case, &collectors),
        changed: asked.changed,
    };
    let (who, now) = (clerk.name(), console.api.clock.now());
    let made =
        console.api.store.write(move |context| orders::make(context, &new, &who, now)).await?;
    match made {
        Ok(order) => Ok(redirect(&format!("/order/{}/label", order.0))),
        Err(refused) => Err(refuse(refused, back)),
    }
}

struct Asked {
    content: Content,
    release: Release,
    size: CellSize,
    changed: Option<String>,
}

fn asked(fields: &Fields, record: &CaseRecord) -> Result<Asked, String> {
    let content = CONTENTS.iter().find(|(word, _)| *word == fields.one("content"));
    let (_, content) = *content.ok_or("请选择放什么：办理结果或退还原件。")?;
    let release = RELEASES.iter().find(|(word, _)| *word == fields.one("release"));
    let (_, release) = *release.ok_or("请选择领取要求。")?;
    let size = SIZES.iter().find(|(word, _)| *word == fields.one("size"));
    let (_, size) = *size.ok_or("请选择格口大小。")?;
    let changed = fields.one("changed");
    if changed.chars().count() > CHANGED_LEN_MAX {
        return Err(format!("改为柜取的确认请写在{CHANGED_LEN_MAX}个字以内。"));
    }
    let chose_locker = content != Content::Result || record.contact.delivery == "locker";
    if !chose_locker && changed.is_empty() {
        let chosen = words::delivery(&record.contact.delivery);
        return Err(format!("申请人选的是{chosen}，不是柜取。请写明申请人何时、怎样改选柜取。"));
    }
    let changed = (!chose_locker).then(|| changed.to_owned());
    Ok(Asked { content, release, size, changed })
}

/// Who may take it: ticked people of the record, and one more whose mandate the clerk has seen.
fn collectors(fields: &Fields, record: &CaseRecord) -> Result<Vec<NamedCollector>, String> {
    let mut all: Vec<NamedCollector> = Vec::new();
    for key in fields.all("who") {
        all.push(person(record, key).ok_or("领取人不在这件办件里，请回到办件页重新选择。")?);
    }
    all.extend(by_mandate(fields)?);
    all.sort_by(|a, b| a.number.cmp(&b.number));
    all.dedup_by(|a, b| a.number == b.number);
    match all.len() {
        0 => Err("请至少选一位领取人。".into()),
        n if n > COLLECTORS_MAX => Err(format!("领取人最多{COLLECTORS_MAX}位，现在是{n}位。")),
        _ => Ok(all),
    }
}

fn by_mandate(fields: &Fields) -> Result<Option<NamedCollector>, String> {
    let (name, number) = (fields.one("other_name"), fields.one("other_number"));
    if name.is_empty() && number.is_empty() {
        return Ok(None);
    }
    if fields.one("mandate").is_empty() {
        return Err("另一位领取人要凭委托书：核验过委托书以后，请勾选“已核验委托书”。".into());
    }
    let n_chars = name.chars().count();
    if n_chars == 0 || n_chars > NAME_LEN_MAX || name.chars().any(char::is_control) {
        return Err("请填写另一位领取人的姓名。".into());
    }
    let number = numbers::id_number(number)
        .map_err(|_| "另一位领取人的身份证号不对：请对照证件核对18位，有一位可能打错了。")?;
    Ok(Some(NamedCollector { name: name.to_owned(), number }))
}

fn seal(console: &Console, case: CaseId, collectors: &[NamedCollector]) -> Vec<u8> {
    let plain = serde_json::to_vec(collectors).expect("names and numbers are text");
    let plain = Private::new(plain);
    console.api.keys.public().seal(Purpose::Collectors, case, plain.expose(), random::bytes())
}

fn refuse(refused: OrderRefused, back: String) -> Refused {
    let sentence = match refused {
        OrderRefused::NotFound => return not_found(),
        OrderRefused::NotNow => {
            "这件办件现在不能开投放单：办理结果要先办结，原件要先在大厅。".into()
        }
        OrderRefused::UnderWay(order) => {
            format!("投放单 {} 还没有了结，同样的信封不能再开一张。", order.0)
        }
        OrderRefused::NotOnDesk => {
            "原件还没有交到案台：请先在“交接”页从流转员手里收下，再开投放单。".into()
        }
        OrderRefused::Frozen => "领取冻结中，不能开投放单。".into(),
        OrderRefused::NoLocker => "这个站点没有文件柜，请从窗口或邮寄交付。".into(),
        OrderRefused::NotInLocker => {
            "不入柜的结果不能放进格口。请用“转窗口或邮寄”，写明领取人和原因。".into()
        }
        OrderRefused::Over => "这张投放单已经撤回或了结。".to_owned(),
    };
    Refused::conflict(sentence, back)
}

fn order_id(text: &str) -> Result<OrderId, Refused> {
    text.parse().map(OrderId).map_err(|_| not_found())
}

pub(crate) async fn recall(
    State(console): State<Console>,
    clerk: Clerk,
    Path(order): Path<String>,
    form: Result<Form<TokenOnly>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(TokenOnly { csrf }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let id = order_id(&order)?;
    let (who, now) = (clerk.name(), console.api.clock.now());
    let recalled =
        console.api.store.write(move |context| orders::recall(context, id, &who, now)).await?;
    match recalled {
        Ok(order) => Ok(redirect(&format!("/case/{}", order.case))),
        Err(refused) => Err(refuse(refused, "/custody".into())),
    }
}

pub(crate) async fn label(
    State(console): State<Console>,
    _clerk: Clerk,
    Path(order): Path<String>,
) -> Result<Response, Refused> {
    let id = order_id(&order)?;
    let found = console
        .api
        .store
        .read(move |sql| {
            let Some(order) = orders::get(sql, id)? else { return Ok(None) };
            let Some(file) = cases::file(sql, order.case)? else { return Ok(None) };
            let name = stations::name(sql, order.station)?;
            Ok(Some((order, file.line, name)))
        })
        .await?;
    let (order, line, station_name) = found.ok_or_else(not_found)?;
    let code = EnvelopeCode { receipt: line.receipt, content: order.content, order: Some(id) };
    let code = code.encode();
    Ok(render(&LabelPage {
        order: id.0,
        content: order.content.zh(),
        matter: if line.is_discreet { words::DISCREET.into() } else { line.matter_name },
        receipt: line.receipt.to_string(),
        qr: qr::Picture::of(&code).ok_or_else(not_found)?,
        code,
        station: order.station.to_string(),
        station_name,
        size: order.size.zh(),
        release: order.release.zh(),
        back: format!("/case/{}", order.case),
    }))
}
