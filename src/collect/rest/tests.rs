//! A server on this machine that says what a test wants, and what the client makes of it.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::collect::{NoJudge, Silent};

/// What was asked: the first line, the login, and the body.
type Log = Arc<Mutex<Vec<(String, String, String)>>>;

/// Says one after the other, and the last for ever. An empty text ends the connection.
fn server(says: &[&str]) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let says: Vec<String> = says.iter().map(|&text| text.to_owned()).collect();
    let seen = Arc::clone(&log);
    std::thread::spawn(move || {
        for (index, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { break };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            let (mut login, mut length) = (String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) < 3 {
                    break;
                }
                let (name, value) = line.split_once(':').unwrap();
                match name.to_ascii_lowercase().as_str() {
                    "authorization" => value.trim().clone_into(&mut login),
                    "content-length" => length = value.trim().parse().unwrap(),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let entry = (first.trim().to_owned(), login, String::from_utf8(body).unwrap());
            seen.lock().unwrap().push(entry);
            let text = &says[index.min(says.len() - 1)];
            // Whom it goes to may have gone.
            let _ = stream.write_all(text.as_bytes());
        }
    });
    (address, log)
}

fn says(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Gives a new token each time, or always the same.
struct Mint {
    next: Cell<u32>,
    step: u32,
    lasts: Option<Duration>,
    fails: bool,
}

impl Tokens for Mint {
    fn token<'t>(&'t self, audience: &'t str) -> Asked<'t> {
        Box::pin(async move {
            self.next.set(self.next.get() + self.step);
            if self.fails {
                return Err("no login".into());
            }
            Token::bearer(&format!("{audience}-{}", self.next.get()), self.lasts)
        })
    }
}

fn mint() -> Mint {
    Mint { next: Cell::new(0), step: 1, lasts: None, fails: false }
}

fn run<T>(mint: Mint, deadline: u64, test: impl AsyncFnOnce(Client<'_>) -> T) -> T {
    let request = Request {
        address: "",
        now: Timestamp::UNIX_EPOCH,
        environment: &|_| None,
        home: None,
        kinds: None,
        concurrency: 2,
        timeout: Duration::from_millis(400),
        deadline: Duration::from_secs(deadline),
        progress: &Silent,
        values: None,
        judge: &NoJudge,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let http = http(request.environment).unwrap();
    runtime.block_on(test(Client::new(http, Box::new(mint), &request)))
}

fn why(answer: Answer) -> String {
    match answer {
        Answer::Denied(failure) | Answer::Failed(failure) => failure.why,
        other => format!("{other:?}"),
    }
}

#[test]
fn what_passes_is_asked_again() {
    let good = says(200, "", r#"{"a": 1}"#);
    for bad in [
        says(429, "Retry-After: 0\r\n", ""),
        says(503, "Retry-After: 0\r\n", "{}"),
        says(500, "", "<html>"),
        says(403, "", r#"{"error": {"errors": [{"reason": "rateLimitExceeded"}]}}"#),
        says(200, "", r#"{"a": "#),
        says(404, "Content-Type: application/json\r\n", r#"{"error": {"sta"#),
        "HTTP/1.1 200 X\r\nContent-Length: 20\r\n\r\n{\"a\":".to_owned(),
        String::new(),
    ] {
        let (url, log) = server(&[&bad, &good]);
        let answer =
            run(mint(), 60, async |client| client.ask(Question::get("x", &url, "aud")).await);
        assert_eq!(answer, Answer::Found(json!({"a": 1})), "{bad}");
        assert_eq!(log.lock().unwrap().len(), 2, "{bad}");
    }
}

#[test]
fn quotas_are_waited_for_longer_than_faults() {
    let good = says(200, "", r#"{"a": 1}"#);
    for (status, passes) in [(429, true), (503, false)] {
        let bad = says(status, "Retry-After: 0\r\n", "{}");
        let mut answers = vec![bad.as_str(); 8];
        answers.push(&good);
        let (url, _) = server(&answers);
        let answer =
            run(mint(), 60, async |client| client.ask(Question::get("x", &url, "aud")).await);
        assert_eq!(answer == Answer::Found(json!({"a": 1})), passes, "{status} {answer:?}");
    }
}

#[test]
fn what_does_not_pass_is_told_by_its_codes_alone() {
    let denied = r#"{"error": {"status": "PERMISSION_DENIED", "message": "the private words"}}"#;
    for (status, body, expected) in [
        (403, denied, "PERMISSION_DENIED at x"),
        (400, r#"{"error": {"status": "INVALID_ARGUMENT"}}"#, "INVALID_ARGUMENT at x"),
        (403, "private", "HTTP 403 at x"),
        // Not by the API.
        (404, "<html>", "HTTP 404 at x"),
        (302, "", "HTTP 302 at x"),
        (501, "", "HTTP 501 at x"),
        (404, r#"{"error": {"status": "NOT_FOUND"}}"#, "Absent"),
        (204, "", "Absent"),
    ] {
        let (url, log) = server(&[&says(status, "", body)]);
        let answer =
            run(mint(), 60, async |client| client.ask(Question::get("x", &url, "aud")).await);
        assert_eq!(why(answer), expected);
        assert_eq!(log.lock().unwrap().len(), 1, "{status}");
    }
}

#[test]
fn a_token_is_kept_and_replaced_once_it_is_refused() {
    let (ok, no) = (says(200, "", "{}"), says(401, "", "{}"));
    let (url, log) = server(&[&ok, &ok, &no, &ok]);
    run(mint(), 60, async |client| {
        for _ in 0..3 {
            assert_eq!(client.ask(Question::get("x", &url, "aud")).await, Answer::Found(json!({})));
        }
    });
    let logins: Vec<String> = log.lock().unwrap().iter().map(|entry| entry.1.clone()).collect();
    assert_eq!(logins, ["Bearer aud-1", "Bearer aud-1", "Bearer aud-1", "Bearer aud-2"]);
    // One that is about to expire is not used again.
    let (url, log) = server(&[&ok]);
    let short = Mint { lasts: Some(Duration::from_secs(30)), ..mint() };
    run(short, 60, async |client| {
        client.ask(Question::get("x", &url, "aud")).await;
        client.ask(Question::get("x", &url, "aud")).await;
        // As nobody.
        client.ask(Question::get("x", &url, "")).await;
    });
    let logins: Vec<String> = log.lock().unwrap().iter().map(|entry| entry.1.clone()).collect();
    assert_eq!(logins, ["Bearer aud-1", "Bearer aud-2", ""]);
}

#[test]
fn a_login_that_is_over_is_said_so_and_not_tried_again() {
    let (url, log) = server(&[&says(200, "", "{}"), &says(401, "", "{}")]);
    let same = Mint { step: 0, ..mint() };
    run(same, 60, async |client| {
        assert_eq!(client.ask(Question::get("x", &url, "aud")).await, Answer::Found(json!({})));
        for _ in 0..5 {
            let answer = client.ask(Question::get("x", &url, "aud")).await;
            assert_eq!(why(answer), "the login is no longer valid at x");
        }
    });
    assert_eq!(log.lock().unwrap().len(), 2);
    let (url, log) = server(&[&says(401, "", "{}")]);
    run(mint(), 60, async |client| {
        let answer = client.ask(Question::get("x", &url, "aud")).await;
        assert_eq!(why(answer), "it does not take the login (HTTP 401) at x");
    });
    assert_eq!(log.lock().unwrap().len(), 2);
    run(Mint { fails: true, ..mint() }, 60, async |client| {
        assert_eq!(client.log_in("aud").await, Err("no login".into()));
        let answer = client.ask(Question::get("x", &url, "aud")).await;
        assert_eq!(why(answer), "there is no token: no login at x");
    });
}

#[test]
fn time_is_bounded() {
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let started = Instant::now();
    run(mint(), 1, async |client| {
        let answer = why(client.ask(Question::get("x", &url, "aud")).await);
        assert!(answer.contains("it does not answer in time"), "{answer}");
        tokio::time::sleep(client.left()).await;
        assert_eq!(why(client.ask(Question::get("x", &url, "aud")).await), format!("{LATE} at x"));
    });
    assert!(started.elapsed() < Duration::from_secs(3));
    let (url, _) = server(&[&says(429, "Retry-After: 100\r\n", "")]);
    run(mint(), 5, async |client| {
        let answer = why(client.ask(Question::get("x", &url, "aud")).await);
        assert_eq!(answer, format!("HTTP 429, and {LATE} at x"));
    });
}

#[test]
fn nobody_at_a_host_is_found_out_once() {
    // Bound, so that no other test gets the port, and not listening.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/a", nobody.local_addr().unwrap());
    let started = Instant::now();
    run(mint(), 60, async |client| {
        let first = why(client.ask(Question::get("x", &url, "aud")).await);
        assert!(first.starts_with("it cannot be reached: "), "{first}");
        let took = started.elapsed();
        for _ in 0..20 {
            let answer = client.ask(Question::get("x", &url, "aud")).await;
            assert_eq!(why(answer), "it cannot be reached at x");
        }
        assert!(started.elapsed() < took + Duration::from_secs(1));
    });
}

#[test]
fn tokens_do_not_go_out_in_plain_text() {
    run(mint(), 60, async |client| {
        let answer = client.ask(Question::get("x", "http://192.0.2.1/a", "aud")).await;
        assert_eq!(why(answer), "a token is not sent in plain text at x");
        let answer = client.ask(Question::get("x", "no address", "aud")).await;
        assert_eq!(why(answer), "no address at x");
    });
    let token = Token::bearer("hidden", None).unwrap();
    assert!(!format!("{token:?}{:?}", token.headers()).contains("hidden"));
    assert!(Token::bearer("a\nb", None).is_err());
}

const TOKENS: Pages<'_> =
    Pages { items: "secrets", next: Next::Token("nextPageToken", "pageToken") };

#[test]
fn listings_are_read_to_the_end() {
    let page = says(200, "", r#"{"secrets": [1, 2], "nextPageToken": "a b"}"#);
    let last = says(200, "", r#"{"secrets": [3], "nextPageToken": ""}"#);
    let (url, log) = server(&[&page, &last]);
    let asked = format!("{url}/v1/s?pageSize=2");
    let listed = run(mint(), 60, async |client| {
        client.list(Question::get("x", &asked, "aud"), TOKENS).await
    });
    assert_eq!(listed, Listed { items: vec![json!(1), json!(2), json!(3)], ..Listed::default() });
    assert_eq!(log.lock().unwrap()[1].0, "GET /v1/s?pageSize=2&pageToken=a+b HTTP/1.1");
    // With a body the token is in it.
    let (url, log) = server(&[&page, &last]);
    let body = json!({"filter": "f"});
    run(mint(), 60, async |client| {
        client.list(Question::post("x", &url, "aud", &body), TOKENS).await;
    });
    assert_eq!(log.lock().unwrap()[1].2, r#"{"filter":"f","pageToken":"a b"}"#);
    // Nobody wants more.
    let (url, log) = server(&[&page]);
    let listed = run(mint(), 60, async |client| {
        client.list_while(Question::get("x", &url, "aud"), TOKENS, |items| items.len() < 2).await
    });
    assert_eq!((listed.items.len(), listed.failure), (2, None));
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[test]
fn listings_that_do_not_end_well_say_so() {
    let page = says(200, "", r#"{"secrets": [1], "nextPageToken": "a"}"#);
    let denied = says(403, "", r#"{"error": {"status": "PERMISSION_DENIED"}}"#);
    let absent = says(404, "", r#"{"error": {"status": "NOT_FOUND"}}"#);
    for (answers, items, expected) in [
        (vec![&page, &page], 2, "it repeats a page at x"),
        (vec![&page, &denied], 1, "PERMISSION_DENIED at x"),
        (vec![&page, &absent], 1, "a page is not there at x"),
        (vec![&denied], 0, "PERMISSION_DENIED at x"),
        (vec![&says(200, "", "[]")], 0, "an answer that is no page at x"),
        (vec![&says(200, "", r#"{"secrets": {}}"#)], 0, "an answer that is no page at x"),
        (vec![&says(200, "", r#"{"nextPageToken": 1}"#)], 0, "an answer that is no page at x"),
    ] {
        let answers: Vec<&str> = answers.iter().map(|text| text.as_str()).collect();
        let (url, _) = server(&answers);
        let listed = run(mint(), 60, async |client| {
            client.list(Question::get("x", &url, "aud"), TOKENS).await
        });
        assert_eq!(listed.failure.map(|failure| failure.why).as_deref(), Some(expected));
        assert_eq!(listed.items.len(), items, "{expected}");
    }
    let (url, _) = server(&[&absent]);
    let listed =
        run(mint(), 60, async |client| client.list(Question::get("x", &url, "aud"), TOKENS).await);
    assert_eq!(listed, Listed { is_absent: true, ..Listed::default() });
}

#[test]
fn links_lead_to_the_same_host_only() {
    let last = says(200, "", r#"{"value": [2]}"#);
    let (other, log) = server(&[&last]);
    let links = Pages { items: "value", next: Next::Link("@odata.nextLink") };
    let page = |to: &str| says(200, "", &format!(r#"{{"value": [1], "@odata.nextLink": "{to}"}}"#));
    let (url, _) = server(&[&page(&format!("{other}/next"))]);
    let listed =
        run(mint(), 60, async |client| client.list(Question::get("x", &url, "aud"), links).await);
    assert_eq!(listed.failure, Some(Failure::new("it goes on elsewhere", "x")));
    assert!(log.lock().unwrap().is_empty());
}
