//! The part of a case's page that shows its papers: where they are, what the clerk may order,
//! give by hand or freeze, and every line of custody.

use hall_api::{
    case_record::CaseRecord,
    wire::{CellUse, NamedCollector},
};
use kiosk_words::{CaseId, CellSize, Content, Handling, Originals, WallTime, mask};
use rusqlite::Connection;

use super::{custody_words, words};
use crate::{
    custody::{self as table, Step, Whereabouts},
    store::{
        StoreError,
        cases::CaseLine,
        custody::{self, Line},
        feed,
        freezes::{self, Freeze},
        orders::{self, Order},
        stations::{self, CellMap},
    },
};

/// Everything the panel needs from the store.
#[derive(Debug)]
pub(crate) struct Papers {
    lines: Vec<Line>,
    orders: Vec<(Order, Whereabouts)>,
    result_under_way: bool,
    return_under_way: bool,
    materials_away: bool,
    freeze: Option<Freeze>,
    feed_read: u64,
    cells: Option<CellMap>,
}

pub(crate) struct Panel {
    pub(crate) orders: Vec<OrderView>,
    pub(crate) lines: Vec<LineView>,
    /// Sentence about the freeze in force; empty without one.
    pub(crate) frozen: String,
    /// Contents an order may be made for.
    pub(crate) may_order: Vec<OrderForm>,
    /// Why no order may be made although the case is ready for one.
    pub(crate) no_order: &'static str,
    pub(crate) people: Vec<Person>,
    pub(crate) sizes: Vec<SizeView>,
    pub(crate) cells_as_of: String,
    pub(crate) may_return_by_hand: bool,
    /// Sentence about originals that must go back; empty without any.
    pub(crate) must_return: &'static str,
}

pub(crate) struct OrderForm {
    pub(crate) content: &'static str,
    pub(crate) title: &'static str,
    /// Way of delivery that the applicant had chosen, if not by a cell.
    pub(crate) other_delivery: String,
}

pub(crate) struct OrderView {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) facts: String,
    pub(crate) may_recall: bool,
    pub(crate) is_open: bool,
}

pub(crate) struct LineView {
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) detail: String,
    pub(crate) is_exception: bool,
}

pub(crate) struct Person {
    /// `party:0`, `collector:1`: place in the record.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) is_checked: bool,
}

pub(crate) struct SizeView {
    pub(crate) word: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) n_free: usize,
}

/// Words of sizes, releases and contents in the forms.
pub(crate) const SIZES: [(&str, CellSize); 3] =
    [("a4", CellSize::A4), ("a4_thick", CellSize::A4Thick), ("a3", CellSize::A3)];
pub(crate) const CONTENTS: [(&str, Content); 2] =
    [("result", Content::Result), ("returned", Content::ReturnedOriginals)];

pub(crate) fn gather(sql: &Connection, line: &CaseLine) -> Result<Papers, StoreError> {
    let case = line.case;
    let with_place = |order: Order| -> Result<_, StoreError> {
        let place = orders::whereabouts(sql, &order)?;
        Ok((order, place))
    };
    let under_way = |content| Ok::<_, StoreError>(orders::under_way(sql, case, content)?.is_some());
    Ok(Papers {
        lines: custody::of_case(sql, case)?,
        orders: orders::of_case(sql, case)?
            .into_iter()
            .map(with_place)
            .collect::<Result<_, _>>()?,
        result_under_way: under_way(Content::Result)?,
        return_under_way: under_way(Content::ReturnedOriginals)?,
        materials_away: orders::materials_away(sql, case)?,
        freeze: freezes::last(sql, case)?,
        feed_read: feed::read_by(sql, line.station)?,
        cells: stations::cells(sql, line.station)?,
    })
}

pub(crate) fn panel(papers: &Papers, line: &CaseLine, record: &CaseRecord) -> Panel {
    let ready = ready_for(papers, &line.handling, line.originals);
    let no_order = match (&ready[..], &papers.cells, line.is_frozen) {
        ([], _, _) => "",
        (_, _, true) => "领取冻结中，不能开投放单。",
        (_, None, _) => "这个站点没有文件柜，不能开投放单；请从窗口或邮寄交付。",
        (_, Some(_), false) => "",
    };
    let may_order = if no_order.is_empty() { ready } else { Vec::new() };
    let by_hand = table::may_return(&line.handling, line.originals);
    Panel {
        orders: papers
            .orders
            .iter()
            .map(|(order, place)| order_view(order, *place, papers))
            .collect(),
        lines: papers.lines.iter().rev().map(line_view).collect(),
        frozen: frozen(papers, line),
        may_order: may_order.into_iter().map(|content| order_form(content, record)).collect(),
        no_order,
        people: people(record),
        sizes: sizes(papers.cells.as_ref()),
        cells_as_of: papers
            .cells
            .as_ref()
            .map(|map| words::short_moment(map.as_of))
            .unwrap_or_default(),
        may_return_by_hand: by_hand
            && !papers.return_under_way
            && !papers.materials_away
            && !line.is_frozen,
        must_return: if line.must_return { must_return(papers, line.originals) } else { "" },
    }
}

const fn must_return(papers: &Papers, originals: Originals) -> &'static str {
    match originals {
        Originals::InCell => "原件还在格口：本人可以取回；流转员取来以后，请退还。",
        Originals::AwaitingReturn => "原件在格口待取回，还没有被取走。",
        Originals::TakenByHall if papers.materials_away => "原件要退还：流转员还没有交到案台。",
        Originals::TakenByHall if papers.return_under_way => {
            "原件要退还：投放单已开，还没有放进格口。"
        }
        Originals::TakenByHall
        | Originals::NotNeeded
        | Originals::AwaitingCell
        | Originals::Returned => "原件要退还：请开投放单放进文件柜，或者当面、邮寄退还。",
    }
}

/// Contents that an order may be made for, the locker and a freeze aside.
fn ready_for(papers: &Papers, handling: &Handling, originals: Originals) -> Vec<Content> {
    let is_under_way = |content| match content {
        Content::Result => papers.result_under_way,
        Content::ReturnedOriginals => papers.return_under_way || papers.materials_away,
        Content::Materials => true,
    };
    let contents = CONTENTS.into_iter().map(|(_, content)| content);
    contents
        .filter(|content| {
            table::may_order(*content, handling, originals) && !is_under_way(*content)
        })
        .collect()
}

fn order_form(content: Content, record: &CaseRecord) -> OrderForm {
    let other_delivery = if content == Content::Result && record.contact.delivery != "locker" {
        words::delivery(&record.contact.delivery).to_owned()
    } else {
        String::new()
    };
    let word = CONTENTS.iter().find(|(_, one)| *one == content).map_or("", |(word, _)| word);
    OrderForm { content: word, title: content.zh(), other_delivery }
}

/// Parties and collectors of the record, each person once. Applicants and named collectors are
/// ticked beforehand; an agent or guardian is the clerk's decision.
fn people(record: &CaseRecord) -> Vec<Person> {
    let mut all = Vec::new();
    let mut numbers: Vec<&str> = Vec::new();
    for (n, party) in record.parties.iter().enumerate() {
        if numbers.contains(&party.number.as_str()) {
            continue;
        }
        numbers.push(&party.number);
        all.push(Person {
            key: format!("party:{n}"),
            name: party.name.clone(),
            detail: format!(
                "{}，{}",
                words::party_role(&party.role),
                mask::id_number_short(&party.number)
            ),
            is_checked: party.role == "applicant",
        });
    }
    for (n, collector) in record.collectors.iter().enumerate() {
        if numbers.contains(&collector.number.as_str()) {
            continue;
        }
        numbers.push(&collector.number);
        all.push(Person {
            key: format!("collector:{n}"),
            name: collector.name.clone(),
            detail: format!("办件写明的领取人，{}", mask::id_number_short(&collector.number)),
            is_checked: true,
        });
    }
    all
}

/// The person behind a key of [`people`].
pub(crate) fn person(record: &CaseRecord, key: &str) -> Option<NamedCollector> {
    let (list, n) = key.split_once(':')?;
    let n: usize = n.parse().ok()?;
    let (name, number) = match list {
        "party" => record.parties.get(n).map(|party| (&party.name, &party.number))?,
        "collector" => record.collectors.get(n).map(|one| (&one.name, &one.number))?,
        _ => return None,
    };
    Some(NamedCollector { name: name.clone(), number: number.clone() })
}

fn sizes(cells: Option<&CellMap>) -> Vec<SizeView> {
    let n_free = |size: CellSize| {
        let cells = cells.map(|map| map.cells.as_slice()).unwrap_or_default();
        cells.iter().filter(|cell| cell.state == CellUse::Empty && cell.size >= size).count()
    };
    let view = |(word, size): (&'static str, CellSize)| SizeView {
        word,
        zh: size.zh(),
        n_free: n_free(size),
    };
    SIZES.into_iter().map(view).collect()
}

fn order_view(order: &Order, place: Whereabouts, papers: &Papers) -> OrderView {
    let is_known = papers.feed_read >= order.cursor;
    OrderView {
        id: order.id.0,
        title: format!("投放单 {} · {}", order.id.0, order.content.zh()),
        state: custody_words::order_state(order, place, is_known),
        facts: format!(
            "{} · {} · {}人可领 · {} {}开单",
            order.release.zh(),
            order.size.zh(),
            order.n_collectors,
            words::short_moment(order.ordered),
            order.ordered_by
        ),
        may_recall: order.closed.is_none() && order.recalled.is_none(),
        is_open: order.closed.is_none(),
    }
}

fn frozen(papers: &Papers, line: &CaseLine) -> String {
    let Some(freeze) = papers.freeze.as_ref().filter(|freeze| freeze.is_frozen) else {
        return String::new();
    };
    let reach = reach(freeze, papers.feed_read, papers.cells.as_ref().map(|map| map.as_of));
    let (at, who, reason) = (words::short_moment(freeze.at), &freeze.who, &freeze.reason);
    format!("领取冻结：{at} {who}，{reason}。{} 站{reach}", line.station)
}

/// Whether the station knows: only what it has read may be claimed.
pub(crate) fn reach(freeze: &Freeze, feed_read: u64, last_seen: Option<WallTime>) -> String {
    match (freeze.cursor, last_seen) {
        (None, _) => "没有文件柜，只在大厅冻结。".into(),
        (Some(cursor), _) if feed_read >= cursor => "已收到。".into(),
        (Some(_), Some(at)) => {
            format!("尚未确认收到，最后联系 {}。", words::short_moment(at))
        }
        (Some(_), None) => "尚未确认收到。".into(),
    }
}

fn line_view(line: &Line) -> LineView {
    let mut what = format!("{}：{}", line.content.zh(), custody_words::step(line.step));
    if let Some(door) = line.door {
        what.push_str(&format!("，第{door}格"));
    }
    let mut parts = vec![custody_words::who(&line.who)];
    parts.extend(line.second.as_ref().map(|name| format!("{name}在场封口")));
    parts.extend(line.courier.as_ref().map(|name| format!("流转员 {name}")));
    parts.extend(line.pages.map(|n| format!("{n}页")));
    parts.extend(line.fits.map(|fits| if fits { "相符" } else { "不相符" }.to_owned()));
    parts.extend(line.note.clone());
    parts.extend(line.order.map(|order| format!("投放单 {}", order.0)));
    parts.extend(line.is_aside.then(|| "照实登记，状态未变".to_owned()));
    LineView {
        at: words::short_moment(line.at),
        what,
        detail: parts.join(" · "),
        is_exception: is_exception(line),
    }
}

pub(crate) fn is_exception(line: &Line) -> bool {
    use hall_api::wire::CustodyStep as S;
    let is_told = matches!(
        line.step,
        Step::Station(S::NoPlace | S::TooLate | S::Unconfirmed | S::Quarantined)
    );
    is_told || line.fits == Some(false) || line.is_aside
}

/// Opens to whom something was given by hand; the sealed bytes stay where they are.
pub(crate) fn hand_out_of(
    keys: &crate::ca::Keys,
    case: CaseId,
    sealed: &[u8],
) -> Option<super::by_hand::HandOut> {
    let plain = keys.seal.open(hall_api::seal::Purpose::HandOut, case, sealed).ok()?;
    serde_json::from_slice(plain.expose()).ok()
}
