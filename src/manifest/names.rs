//! Whether a name says that its value is a secret.

/// Words that name a secret wherever they stand.
const SECRETS: &[&str] = &[
    "apikey",
    "apitoken",
    "authtoken",
    "accesstoken",
    "credential",
    "credentials",
    "creds",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "privatekey",
    "pwd",
    "pword",
    "secret",
    "secretkey",
    "secrets",
    "token",
    "tokens",
];

/// What makes a secret of a `key` after it.
const KEYS: &[&str] = &[
    "access",
    "account",
    "api",
    "auth",
    "deploy",
    "encryption",
    "private",
    "secret",
    "signing",
    "ssh",
];

/// Last words that say that it is something about a secret.
const ABOUT: &[&str] = &[
    "arn",
    "count",
    "dir",
    "enabled",
    "endpoint",
    "expiration",
    "expiry",
    "file",
    "id",
    "lifetime",
    "length",
    "kmskey",
    "location",
    "manager",
    "mount",
    "name",
    "names",
    "path",
    "policy",
    "provider",
    "ref",
    "replica",
    "replicas",
    "size",
    "store",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

/// Whether a variable or argument of this name takes a secret: `NPM_TOKEN`, `dbPassword`; not `TOKEN_TTL`.
pub(super) fn names_a_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // A key of a KMS is told by its name or address.
    let is_address = words.ends_with(&["kms".to_owned(), "key".to_owned()]);
    if ABOUT.contains(&last.as_str()) || is_address || words.iter().any(|word| word == "public") {
        return false;
    }
    words.iter().any(|word| SECRETS.contains(&word.as_str()))
        || words.windows(2).any(|two| two[1] == "key" && KEYS.contains(&two[0].as_str()))
}

/// The words of a name, in lower case: parts between anything but letters and digits, and humps.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "NPM_TOKEN",
            "dbPassword",
            "AWS_SECRET_ACCESS_KEY",
            "api-key",
            "APIKEY",
            "SSH_PRIVATE_KEY",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "",
            "_",
            "VERSION",
            "TOKEN_TTL",
            "PUBLIC_KEY",
            "SECRET_NAME",
            "KEY",
            "PASSWORD_FILE",
            "MONKEY",
            "SecretKmsKey",
            "SecretKMSKey",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
