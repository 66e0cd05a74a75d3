//! Listings to their last page, also of servers that never come to it.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::Value;

use super::answer::{Answer, Failure};
use super::{Client, Question};

/// Most pages of a listing.
const MAX_PAGES: usize = 20_000;

/// How a listing has its pages.
#[derive(Debug, Clone, Copy)]
pub(in crate::collect) struct Pages<'p> {
    /// Where a page has its items; dots lead into objects. Empty: each page is an item.
    pub(in crate::collect) items: &'p str,
    /// What leads to the next page.
    pub(in crate::collect) next: Next<'p>,
}

/// What leads to the next page.
#[derive(Debug, Clone, Copy)]
pub(in crate::collect) enum Next<'p> {
    /// A text in this field of a page, which is sent in this parameter of the query; or, if the question has a
    /// body, in this field of that.
    Token(&'p str, &'p str),
    /// A whole address in this field. It has to be of the same host, since it gets the token.
    Link(&'p str),
}

/// What a listing gave, and why it gave no more.
#[derive(Debug, Default, PartialEq)]
pub(in crate::collect) struct Listed {
    /// The items, in the order of the server.
    pub(in crate::collect) items: Vec<Value>,
    /// Why there are no more, if there may be.
    pub(in crate::collect) failure: Option<Failure>,
    /// Whether the API says that what is listed does not exist.
    pub(in crate::collect) is_absent: bool,
}

impl Client<'_> {
    /// All pages of a listing.
    pub(in crate::collect) async fn list(
        &self,
        question: Question<'_>,
        pages: Pages<'_>,
    ) -> Listed {
        self.list_while(question, pages, |_| true).await
    }

    /// Pages of a listing, for as long as `go_on` says so of the items of each.
    pub(in crate::collect) async fn list_while(
        &self,
        question: Question<'_>,
        pages: Pages<'_>,
        mut go_on: impl FnMut(&[Value]) -> bool,
    ) -> Listed {
        let mut listed = Listed::default();
        let mut url = question.url.to_owned();
        let mut body = question.body.cloned();
        let mut seen: HashSet<String> = HashSet::new();
        for page in 0..MAX_PAGES {
            let asked = Question { url: &url, body: body.as_ref(), ..question };
            let mut answer = match self.ask(asked).await {
                Answer::Found(answer) => answer,
                Answer::Absent if page == 0 => {
                    listed.is_absent = true;
                    return listed;
                }
                Answer::Absent => return listed.cut("a page is not there", question.name),
                Answer::Denied(failure) | Answer::Failed(failure) => {
                    listed.failure = Some(failure);
                    return listed;
                }
            };
            if !is_page(&answer, pages) {
                return listed.cut("an answer that is no page", question.name);
            }
            let (Next::Token(field, _) | Next::Link(field)) = pages.next;
            // OData has dots in names, so that names go before paths.
            let next = answer.get(field).or_else(|| at(&answer, field)).and_then(Value::as_str);
            let next = next.filter(|next| !next.is_empty()).map(str::to_owned);
            let items = take(&mut answer, pages.items);
            let wants_more = go_on(&items);
            listed.items.extend(items);
            let Some(next) = next.filter(|_| wants_more) else { return listed };
            match (pages.next, body.as_mut()) {
                (Next::Token(_, parameter), Some(body)) => {
                    body[parameter] = Value::String(next.clone());
                }
                (Next::Token(_, parameter), None) => {
                    let Some(with) = with(question.url, parameter, &next) else {
                        return listed.cut("no address", question.name);
                    };
                    url = with;
                }
                (Next::Link(_), _) if is_beside(question.url, &next) => url.clone_from(&next),
                (Next::Link(_), _) => return listed.cut("it goes on elsewhere", question.name),
            }
            if !seen.insert(next) {
                return listed.cut("it repeats a page", question.name);
            }
        }
        listed.cut("there are too many pages", question.name)
    }
}

impl Listed {
    fn cut(mut self, why: &str, name: &str) -> Self {
        self.failure = Some(Failure::new(why, name));
        self
    }
}

/// What is at `a.b`.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// Whether an answer has a list where it has items, and a text or nothing where it goes on.
fn is_page(answer: &Value, pages: Pages<'_>) -> bool {
    let (Next::Token(field, _) | Next::Link(field)) = pages.next;
    let next = answer.get(field).or_else(|| at(answer, field)).unwrap_or(&Value::Null);
    let items = at(answer, pages.items).filter(|_| !pages.items.is_empty());
    answer.is_object()
        && (next.is_string() || next.is_null())
        && items.is_none_or(|items| items.is_array() || items.is_null())
}

fn take(answer: &mut Value, items: &str) -> Vec<Value> {
    if items.is_empty() {
        return vec![answer.take()];
    }
    let list = items.split('.').try_fold(answer, |value, name| value.get_mut(name));
    match list.map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn with(url: &str, parameter: &str, value: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().append_pair(parameter, value);
    Some(url.into())
}

fn is_beside(url: &str, next: &str) -> bool {
    match (Url::parse(url), Url::parse(next)) {
        (Ok(url), Ok(next)) => url.origin() == next.origin(),
        _ => false,
    }
}
