//! Connections of the database engine: what their URL says, without its password.

use std::ops::Range;

use serde_json::{Map, Value};

use super::fields::{self, Field, list, plain};
use super::rows::Object;
use super::text::{BLANK, Texts};

/// What is copied of `connection_details`.
const DETAILS: &[Field] = &[
    plain("username"),
    plain("connection_url"),
    plain("username_template"),
    plain("max_open_connections"),
    plain("max_connection_lifetime"),
    plain("tls"),
    plain("insecure_tls"),
    plain("tls_server_name"),
    plain("disable_escaping"),
    plain("password_authentication"),
    plain("auth_type"),
    plain("self_managed"),
    plain("host"),
    list("hosts"),
    plain("port"),
];

/// Parameters whose value is a secret.
const SECRET_PARAMETERS: &[&str] =
    &["password", "pwd", "pass", "passwd", "sslpassword", "secret", "token"];

/// What a URL or DSN says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parts {
    /// As it is written, with a literal password blanked.
    pub(super) shown: String,
    scheme: Option<String>,
    host: Option<String>,
    username: Option<String>,
    has_password: bool,
    templated: bool,
    parameters: Vec<(String, String)>,
}

/// Adds what is derived from `connection_details`.
pub(super) fn connection(object: &Object<'_>, to: &mut Map<String, Value>) {
    let details = &object.answer["connection_details"];
    let parts = details["connection_url"].as_str().filter(|url| !url.is_empty()).map(parts);
    let mut shown = Map::new();
    fields::copy(DETAILS, details, &mut Texts::new(&|_: &str| Vec::new()), &mut shown);
    if let Some(parts) = &parts {
        shown.insert("connection_url".into(), parts.shown.clone().into());
    }
    to.insert("connection_details".into(), Value::Object(shown));
    let mut put = |name: &str, value: Value| to.insert(name.to_owned(), value);
    let is_set =
        |name: &str| -> Value { details[name].as_str().is_some_and(|pem| !pem.is_empty()).into() };
    put("tls_ca_set", is_set("tls_ca"));
    let own = is_set("tls_certificate_key");
    let own = if own == Value::Bool(true) { own } else { is_set("tls_certificate") };
    put("tls_certificate_set", own);
    let Some(parts) = parts else {
        for name in [
            "url_scheme",
            "url_host",
            "url_username",
            "url_has_password",
            "url_templated",
            "url_parameters",
            "sslmode",
        ] {
            put(name, Value::Null);
        }
        return;
    };
    let mode = parts.parameters.iter().find(|(name, _)| {
        ["sslmode", "ssl-mode", "tls", "ssl", "encrypt"].contains(&name.as_str())
    });
    put("sslmode", mode.map(|(_, value)| value.to_ascii_lowercase()).into());
    put("url_scheme", parts.scheme.into());
    put("url_host", parts.host.into());
    put("url_username", parts.username.into());
    put("url_has_password", parts.has_password.into());
    put("url_templated", parts.templated.into());
    let parameters = parts.parameters.into_iter().map(|(name, value)| (name, value.into()));
    put("url_parameters", Value::Object(parameters.collect()));
}

/// Reads `scheme://user:password@host/db?a=b`, `user:password@tcp(host)/db?a=b`, `user/password@host` and
/// `host=... password=...`.
pub(super) fn parts(url: &str) -> Parts {
    let mut parts = Parts { templated: is_template(url), ..Parts::default() };
    let mut blanks: Vec<Range<usize>> = Vec::new();
    let scheme = url
        .find("://")
        .filter(|&at| url[..at].bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)));
    let start = scheme.map_or(0, |at| at + 3);
    parts.scheme = scheme.map(|at| url[..at].to_ascii_lowercase());
    let query = url.find('?').unwrap_or(url.len());
    let body = &url[start..query];
    let pairs = if scheme.is_none() && !body.contains('@') && body.contains('=') {
        // `host=a password=b`, `server=a;password=b`.
        start..url.len()
    } else {
        // A password may hold slashes, and what is behind an at sign is the host.
        let at = body.rfind('@');
        if let Some(at) = at {
            let user = &body[..at];
            let colon = user.find(if scheme.is_none() && !user.contains(':') { '/' } else { ':' });
            let name = colon.map_or(user, |colon| &user[..colon]);
            parts.username = Some(name.to_owned()).filter(|name| !name.is_empty());
            if let Some(colon) = colon {
                let password = start + colon + 1..start + at;
                if !password.is_empty() && !is_template(&url[password.clone()]) {
                    parts.has_password = true;
                    blanks.push(password);
                }
            }
        }
        let rest = &body[at.map_or(0, |at| at + 1)..];
        let rest = rest.trim_start_matches('/');
        let host = match rest.split_once('(') {
            Some((_, inner)) => inner.split(')').next(),
            None => rest.split('/').next(),
        };
        parts.host = host.map(str::to_owned).filter(|host| !host.is_empty());
        (query + 1).min(url.len())..url.len()
    };
    let mut at = pairs.start;
    for piece in url[pairs].split_inclusive(['&', ';', ' ', '\n', '\t']) {
        let range = at..at + piece.trim_end_matches(['&', ';', ' ', '\n', '\t']).len();
        at += piece.len();
        let Some((name, value)) = url[range.clone()].split_once('=') else { continue };
        let name_lower = name.trim().to_ascii_lowercase();
        let mut value = value.to_owned();
        if SECRET_PARAMETERS.contains(&name_lower.as_str())
            && !value.is_empty()
            && !is_template(&value)
        {
            parts.has_password = true;
            // To the end where spaces may be a part of it.
            blanks.push(range.start + name.len() + 1..range.end);
            BLANK.clone_into(&mut value);
        }
        match name_lower.as_str() {
            "host" | "server" if parts.host.is_none() => parts.host = Some(value.clone()),
            "user" | "uid" | "username" if parts.username.is_none() => {
                parts.username = Some(value.clone());
            }
            _ => {}
        }
        parts.parameters.push((name_lower, value));
    }
    let mut shown = 0;
    for blank in blanks {
        parts.shown.push_str(&url[shown..blank.start]);
        parts.shown.push_str(BLANK);
        shown = blank.end;
    }
    parts.shown.push_str(&url[shown..]);
    parts
}

fn is_template(text: &str) -> bool {
    text.contains("{{")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_of_all_databases_are_read_without_passwords() {
        for (url, shown, host, username, has_password, templated) in [
            (
                "postgresql://{{username}}:{{password}}@db:5432/app?sslmode=disable",
                "",
                "db:5432",
                "{{username}}",
                false,
                true,
            ),
            (
                "postgresql://root:word@db/app",
                "postgresql://root:****@db/app",
                "db",
                "root",
                true,
                false,
            ),
            (
                "postgresql://root:w@r/d@db/app",
                "postgresql://root:****@db/app",
                "db",
                "root",
                true,
                false,
            ),
            (
                "root:word@tcp(127.0.0.1:3306)/?tls=true",
                "root:****@tcp(127.0.0.1:3306)/?tls=true",
                "127.0.0.1:3306",
                "root",
                true,
                false,
            ),
            ("{{username}}:{{password}}@tcp(m:3306)/", "", "m:3306", "{{username}}", false, true),
            ("sys/word@//db:1521/xe", "sys/****@//db:1521/xe", "db:1521", "sys", true, false),
            (
                "server=a;user id=sa;password=word;encrypt=disable",
                "server=a;user id=sa;password=****;encrypt=disable",
                "a",
                "",
                true,
                false,
            ),
            (
                "host=a user=u password=word sslmode=require",
                "host=a user=u password=**** sslmode=require",
                "a",
                "u",
                true,
                false,
            ),
            (
                "sqlserver://db:1433?password=word&encrypt=true",
                "sqlserver://db:1433?password=****&encrypt=true",
                "db:1433",
                "",
                true,
                false,
            ),
            ("mongodb://db:27017/admin", "", "db:27017", "", false, false),
        ] {
            let read = parts(url);
            let shown = if shown.is_empty() { url } else { shown };
            assert_eq!(read.shown, shown);
            assert_eq!(read.host.as_deref().unwrap_or_default(), host, "{url}");
            assert_eq!(read.username.as_deref().unwrap_or_default(), username, "{url}");
            assert_eq!((read.has_password, read.templated), (has_password, templated), "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_password_is_shown(password in "[a-z0-9@:/]{6,12}") {
            let read = parts(&format!("postgresql://UU:{password}@HH:1/DD?sslmode=disable"));
            let shown = format!("{read:?}");
            prop_assert!(!shown.contains(&password));
            prop_assert_eq!(read.host.as_deref(), Some("HH:1"));
        }

        #[test]
        fn any_text_is_read(text in "[a-z:/@?&=;(){} ]{0,40}") {
            drop(parts(&text));
        }
    }
}
