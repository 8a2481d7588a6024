//! A clerk's browser: cookies, form tokens, pages.

use reqwest::{Client, Response, redirect::Policy};

use crate::support::TestHall;

pub const PASSWORD: &str = "十二个字以上的口令才可以";

pub struct Browser {
    client: Client,
    hall: String,
}

impl Browser {
    pub fn new(hall: &TestHall) -> Self {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy();
        Self { client: client.build().unwrap(), hall: hall.console("") }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.hall)).send().await.unwrap()
    }

    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.client.post(format!("{}{path}", self.hall)).form(fields).send().await.unwrap()
    }

    /// Posts with the token that the page at `from` carries.
    pub async fn fill(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = csrf(&self.page(from).await);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Response {
        self.fill("/login", "/login", &[("name", name), ("password", password)]).await
    }

    /// A browser with an account and a session.
    pub async fn signed_in(hall: &TestHall) -> Self {
        let browser = Self::new(hall);
        let link = first_path(hall);
        let made = browser.fill(&link, &link, &account("沈样本")).await;
        assert_eq!(made.status(), 303, "{}", made.text().await.unwrap());
        assert_eq!(browser.sign_in("沈样本", PASSWORD).await.status(), 303);
        browser
    }

    /// Makes a colleague's account and signs in as that colleague.
    pub async fn colleague(&self, hall: &TestHall, name: &str) -> Self {
        let page = self.fill("/colleagues", "/colleagues", &[]).await.text().await.unwrap();
        let (_, link) = page.split_once("/first/").unwrap();
        let path = format!("/first/{}", link.chars().take(64).collect::<String>());
        let other = Self::new(hall);
        assert_eq!(other.fill(&path, &path, &account(name)).await.status(), 303);
        assert_eq!(other.sign_in(name, PASSWORD).await.status(), 303);
        other
    }

    /// Gives a result or originals at a window or by post.
    pub async fn hand_out(
        &self,
        case: &str,
        what: &str,
        how: &str,
        name: &str,
        reason: &str,
    ) -> Response {
        let page = format!("/case/{case}");
        let html = self.page(&page).await;
        let revision = value_if_any(&html, "revision").unwrap_or_else(|| "0".into());
        let fields = [
            ("revision", revision.as_str()),
            ("what", what),
            ("how", how),
            ("name", name),
            ("reason", reason),
        ];
        self.fill(&page, &format!("{page}/hand-out"), &fields).await
    }

    pub async fn handle(&self, case: &str, fields: &[(&str, &str)]) -> Response {
        let page = format!("/case/{case}");
        let html = self.page(&page).await;
        let revision = value_of(&html, "revision");
        let mut all = vec![("revision", revision.as_str())];
        all.extend_from_slice(fields);
        self.fill(&page, &format!("{page}/handle"), &all).await
    }
}

pub fn account(name: &str) -> [(&str, &str); 3] {
    [("name", name), ("password", PASSWORD), ("again", PASSWORD)]
}

pub fn first_path(hall: &TestHall) -> String {
    let link = hall.hall.first_account_link.clone().unwrap();
    link.strip_prefix(&hall.console("")).unwrap().to_owned()
}

pub fn csrf(html: &str) -> String {
    value_of(html, "csrf")
}

pub fn value_of(html: &str, name: &str) -> String {
    value_if_any(html, name).expect(name)
}

fn value_if_any(html: &str, name: &str) -> Option<String> {
    let (_, after) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    after.split_once('"').map(|(value, _)| value.to_owned())
}

pub async fn text_with_status(answer: Response, status: u16) -> String {
    let got = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    text
}
