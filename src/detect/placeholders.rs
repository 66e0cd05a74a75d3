//! Values that stand where a password will be: in examples, templates and settings that read it from elsewhere.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

/// What a placeholder looks like, for rules whose values people choose: what a machine makes looks like none.
const PATTERNS: &[&str] = &[
    "(?i)^placeholder",
    // `db_password1!`: the name of a password.
    r"(?i)^[a-z]{0,12}[_\-.]?(?:pass(?:word|wd|phrase|w)?|pwd|pw|secret)[_\-.]?[0-9]{0,4}!?$",
    concat!(
        "^(?:[Pp]assw(?:or)?d|PASSW(?:OR)?D|[Pp]ass|pwd|PWD|secret|SECRET|changeme|change_me",
        r"|your[_\-.a-zA-Z]*|my[_\-]?(?:password|secret)|example|xxx+|\*+|\.+",
        r"|<.*|\{.*|\[.*|\$.*|%.*|@.*|#\{.*",
        "|foo(?:bar)?|bar|test|null|none|nil|true|false|undefined|redacted|REDACTED|hidden|placeholder",
        "|password123|username|user|admin|root|postgres|mysql|guest|default|token|key|value|string)$",
    ),
    r"(?i)^(?:your|my|the|some|enter|insert|replace|example|dummy|sample|fake|placeholder)[_\-. ]",
    // `SET_A_PASSWORD_HERE`, `put-token-here-1`.
    r"(?i)^(?:add|change|fill|give|paste|put|set|type|use)[_\-. ].*[_\-. ]here(?:[_\-. ]|$)",
    // References and templates.
    r"[$%]\{|\{\{|\$\(|<[a-zA-Z]",
];

/// Whether a value stands for another.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    static SET: LazyLock<RegexSet> =
        LazyLock::new(|| RegexSet::new(PATTERNS).expect("a fixed list of regexes"));
    SET.is_match(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_password_is_told_from_one() {
        let placeholders = [
            "changeme",
            "your-password",
            "db_password1",
            "${DB_PASSWORD}",
            "prefix-{{ secret }}",
            "<password>",
            "SET_A_PASSWORD_HERE_123",
            "put-it-here",
            "********",
            "$PASSWORD",
            "Placeholder for it",
        ];
        for value in placeholders {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["sethere9Kx", "set_4Trombones", "gr4nd_Teapot", "adhere_2Rules", ""] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
