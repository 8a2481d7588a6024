//! A clerk at the console with nothing but a browser: opens the first-account link, signs in,
//! reads the queue, looks at the pages of a case, accepts and grants it, asks for a place for its
//! result, and counts envelopes in and out at the desk.

use anyhow::{Context, Result, bail};
use kiosk_words::OrderId;

use crate::{
    clock::{Clock, Limit},
    html::{self, Form},
    web::{Answer, Web},
};

/// The first account's name and password; they live as long as the throw-away folder.
const NAME: &str = "值班员";
const PASSWORD: &str = "first night at Longsha 17";
/// 待审查, 办理中, 已结束
const LISTS: [&str; 3] = ["/", "/running", "/closed"];
const CASE: &str = "/case/";
/// What the station knows reaches the hall by its outbox, a moment after it happened.
const TOLD: Limit = Limit { name: "the station's word at the hall", ms: 60_000 };
const PAGES_OF_ORIGINALS: &str = "2";
const PAGES_OF_RESULT: &str = "1";
const ENVELOPE_CODE: &str = "ND2.";
/// Uploads follow the record; the clerk looks again until every page is there.
const SCANS: Limit = Limit { name: "all pages of the case at the hall", ms: 60_000 };

#[derive(Debug)]
pub struct Clerk {
    web: Web,
}

impl Clerk {
    /// Makes the first account by its one-time link and signs in.
    pub fn new(console: &str, first_account: &str) -> Result<Self> {
        let web = Web::new(console)?;
        let clerk = Self { web };
        let page = clerk.open(first_account)?;
        let form = form_with_field(&page, "password").context("no form behind the first link")?;
        let page = clerk.fill_in(form, &page)?;
        if let Some(form) = form_with_field(&page, "password") {
            clerk.fill_in(form, &page)?;
        }
        clerk.queue().context("not signed in")?;
        Ok(clerk)
    }

    fn open(&self, path: &str) -> Result<Answer> {
        let answer = self.web.get(path)?;
        if answer.status != 200 {
            bail!("{path}: {}", answer.status);
        }
        Ok(answer)
    }

    fn fill_in(&self, mut form: Form, page: &Answer) -> Result<Answer> {
        let names: Vec<String> = form.fields.iter().map(|field| field.0.clone()).collect();
        for name in names {
            match name.as_str() {
                "name" => form.fill(&name, NAME),
                "password" | "again" => form.fill(&name, PASSWORD),
                // Hidden fields go back as they came.
                _ => true,
            };
        }
        self.send(&form, page)
    }

    fn send(&self, form: &Form, page: &Answer) -> Result<Answer> {
        let action = if form.action.is_empty() { page.url.as_str() } else { &form.action };
        let answer = self.web.post_form(action, &form.fields)?;
        if answer.status >= 400 {
            bail!("{action}: {} {}", answer.status, html::words(&answer.text));
        }
        Ok(answer)
    }

    fn queue(&self) -> Result<Answer> {
        self.open("/")
    }

    /// One line per case on all three lists, as the clerk reads it.
    pub fn all_cases(&self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for list in LISTS {
            let page = self.open(list)?;
            let rows = html::rows(&page.text).into_iter();
            let cases = rows.filter(|row| html::links(row).iter().any(|(to, _)| to.contains(CASE)));
            lines.extend(cases.map(|row| html::words(&row)));
        }
        Ok(lines)
    }

    /// Opens the case of this receipt, looks at every page, accepts it under a number; returns the date
    /// (`YYYY-MM-DD`) that the console shows for it.
    pub fn accept(&self, receipt: &str, number: &str, clock: &Clock) -> Result<String> {
        let page = self.wait_for_pages(receipt, clock)?;
        for picture in html::pictures(&page.text) {
            let scan = self.web.get_bytes(&picture)?;
            image::load_from_memory(&scan).context("a page of the case is no picture")?;
        }
        let mut form = html::form_with_button(&page.text, "受理").context("nothing to accept")?;
        fill(&mut form, "number", number)?;
        self.send(&form, &page)?;
        let words = html::words(&self.open(&self.path_of(receipt)?)?.text);
        let (_, after) =
            words.split_once(&format!("已受理（{number}，")).context("not accepted")?;
        let (on, _) = after.split_once('）').context("no date of acceptance")?;
        Ok(on.into())
    }

    /// The case once the hall has every page of it.
    pub fn wait_for_pages(&self, receipt: &str, clock: &Clock) -> Result<Answer> {
        let path = self.path_of(receipt)?;
        clock.until(SCANS, || {
            let page = self.open(&path)?;
            Ok((!page.text.contains("正在上传")).then_some(page))
        })
    }

    /// Decides the case: granted, today; returns the date.
    pub fn grant(&self, receipt: &str) -> Result<String> {
        let path = self.path_of(receipt)?;
        let page = self.open(&path)?;
        let mut form = html::form_with_button(&page.text, "办结").context("nothing to decide")?;
        fill(&mut form, "outcome", "granted")?;
        let on = form.value("on").context("no date of decision")?.to_owned();
        self.send(&form, &page)?;
        Ok(on)
    }

    /// Asks for a place for the result, given out to whoever the page has ticked.
    pub fn order_result(&self, receipt: &str) -> Result<Ordered> {
        let page = self.open(&self.path_of(receipt)?)?;
        let forms = html::forms(&page.text).into_iter();
        let mut for_result = forms.filter(|form| form.value("content") == Some("result"));
        let mut form = for_result.next().context("no place can be asked for")?;
        fill(&mut form, "size", "a4")?;
        fill(&mut form, "release", "ordinary")?;
        let label = self.send(&form, &page)?;
        let number = label.url.rsplit('/').nth(1).and_then(|number| number.parse().ok());
        let id = OrderId(number.with_context(|| format!("no order made: {}", label.url))?);
        let words = html::words(&label.text);
        let code = words.split_whitespace().find(|word| word.starts_with(ENVELOPE_CODE));
        Ok(Ordered { id, code: code.context("no code on the label")?.to_owned() })
    }

    /// Takes the originals from the courier whom the station named, and counts them.
    pub fn take_originals(&self, receipt: &str, courier: &str, clock: &Clock) -> Result<()> {
        let is_ours =
            |form: &Form| form.action == "/handover/take" && form.value("courier") == Some(courier);
        let (mut form, page) = self.handover(receipt, clock, is_ours)?;
        fill(&mut form, "pages", PAGES_OF_ORIGINALS)?;
        form.mark("fits", "yes");
        let answer = self.send(&form, &page)?;
        says(&answer, "已登记")
    }

    /// Gives the sealed result to the courier.
    pub fn give_result(&self, receipt: &str, courier: &str, clock: &Clock) -> Result<()> {
        let is_ours = |form: &Form| form.action == "/handover/give";
        let (mut form, page) = self.handover(receipt, clock, is_ours)?;
        fill(&mut form, "courier", courier)?;
        fill(&mut form, "pages", PAGES_OF_RESULT)?;
        let answer = self.send(&form, &page)?;
        says(&answer, "已登记")
    }

    /// The page of this envelope at the desk, once it has the form that is waited for.
    fn handover(
        &self,
        receipt: &str,
        clock: &Clock,
        is_ours: impl Fn(&Form) -> bool,
    ) -> Result<(Form, Answer)> {
        let digits: String = receipt.chars().filter(char::is_ascii_digit).collect();
        clock.until(TOLD, || {
            let page = self.open(&format!("/handover?code={digits}"))?;
            let form = html::forms(&page.text).into_iter().find(&is_ours);
            Ok(form.map(|form| (form, page)))
        })
    }

    /// Anybody who holds the receipt asks the hall whether it is genuine.
    pub fn check_receipt(&self, code: &str, receipt: &str, clock: &Clock) -> Result<()> {
        clock.until(TOLD, || {
            let words = html::words(&self.open(&format!("/r/{code}"))?.text);
            Ok((words.contains("凭证属实") && words.contains(receipt)).then_some(()))
        })
    }

    /// By the number that stands on the receipt.
    fn path_of(&self, receipt: &str) -> Result<String> {
        for list in LISTS {
            let page = self.open(list)?;
            let mut links = html::links(&page.text).into_iter();
            let found = links.find(|(to, words)| to.contains(CASE) && words == receipt);
            if let Some((to, _)) = found {
                return Ok(to);
            }
        }
        bail!("the case is on no list of the console")
    }
}

/// A place in a cell that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    pub id: OrderId,
    /// What the code on the envelope's label says.
    pub code: String,
}

fn fill(form: &mut Form, name: &str, value: &str) -> Result<()> {
    if form.fill(name, value) {
        return Ok(());
    }
    bail!("the form has no place for {name}: {:?}", form.fields)
}

fn says(answer: &Answer, wanted: &str) -> Result<()> {
    let words = html::words(&answer.text);
    if words.contains(wanted) {
        Ok(())
    } else {
        bail!("the console does not say {wanted}: {words}")
    }
}

fn form_with_field(page: &Answer, field: &str) -> Option<Form> {
    let forms = html::forms(&page.text).into_iter();
    forms.rev().find(|form| form.fields.iter().any(|(name, _)| name == field))
}
