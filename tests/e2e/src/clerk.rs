//! A clerk at the console with nothing but a browser: opens the first-account link, signs in,
//! reads the queue, looks at the pages of a case, accepts it.

use anyhow::{Context, Result, bail};

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
        let path = self.path_of(receipt)?;
        let page = clock.until(SCANS, || {
            let page = self.open(&path)?;
            Ok((!page.text.contains("正在上传")).then_some(page))
        })?;
        for picture in html::pictures(&page.text) {
            let scan = self.web.get_bytes(&picture)?;
            image::load_from_memory(&scan).context("a page of the case is no picture")?;
        }
        let mut form = html::form_with_button(&page.text, "受理").context("nothing to accept")?;
        if !form.fill("number", number) {
            bail!("the form has no place for the number: {:?}", form.fields);
        }
        self.send(&form, &page)?;
        let words = html::words(&self.open(&path)?.text);
        let (_, after) =
            words.split_once(&format!("已受理（{number}，")).context("not accepted")?;
        let (on, _) = after.split_once('）').context("no date of acceptance")?;
        Ok(on.into())
    }

    /// By the number that stands on the receipt.
    fn path_of(&self, receipt: &str) -> Result<String> {
        let page = self.queue()?;
        let mut links = html::links(&page.text).into_iter();
        let found = links.find(|(to, words)| to.contains(CASE) && words == receipt);
        found.map(|(to, _)| to).context("the case is not in the queue")
    }
}

fn form_with_field(page: &Answer, field: &str) -> Option<Form> {
    let forms = html::forms(&page.text).into_iter();
    forms.rev().find(|form| form.fields.iter().any(|(name, _)| name == field))
}
