//! Passwords that everybody tries first: the model takes them for placeholders, which they are in tests and
//! documentation; in a file that sets up a service they are an open door (CWE-1392).

use super::assignment::{Assignment, Operator};
use super::features::Text;
use super::names::{Name, Word};
use super::places::Family;

/// Passwords that services come with or that people put in their place, in small letters.
const DEFAULTS: &[&str] = &[
    "admin",
    "administrator",
    "root",
    "toor",
    "password",
    "passwd",
    "pass",
    "secret",
    "changeme",
    "changeit",
    "change_me",
    "change-me",
    "changethis",
    "default",
    "guest",
    "test",
    "user",
    "login",
    "welcome",
    "letmein",
    "qwerty",
    "abc123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "111111",
    "000000",
    "123123",
    "admin123",
    "admin1234",
    "root123",
    "password1",
    "password123",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "welcome1",
    "iloveyou",
    "monkey",
    "dragon",
    "master",
    "superuser",
    "sa",
    "manager",
    "public",
    "private",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "rabbit",
    "elastic",
    "elasticsearch",
    "kibana",
    "grafana",
    "jenkins",
    "sonar",
    "nexus",
    "tomcat",
    "oracle",
    "neo4j",
    "cassandra",
    "minio",
    "minioadmin",
    "keycloak",
    "vagrant",
    "docker",
    "ubuntu",
    "raspberry",
    "ldap",
    "airflow",
    "influxdb",
];

/// Whether a file that sets something up gives it a default password.
pub(super) fn is_default(text: Text<'_>, found: &Assignment, name: Name, value: &[u8]) -> bool {
    let place = text.place;
    let sets =
        matches!(place.family, Family::Settings | Family::Data | Family::Shell | Family::Markup)
            && !place.is_test
            && !place.is_example
            && !place.is_foreign;
    let gives = matches!(
        found.operator,
        Operator::Assign
            | Operator::Colon
            | Operator::Pair
            | Operator::Element
            | Operator::Flag
            | Operator::Url
    );
    let is_password = found.operator == Operator::Url
        || name.has(Word::Password) && name.last == Some(Word::Password);
    sets && gives
        && is_password
        && DEFAULTS.contains(&&*String::from_utf8_lossy(value).to_ascii_lowercase())
}
