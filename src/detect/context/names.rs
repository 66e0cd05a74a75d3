//! Names of variables, keys and flags, taken apart into words with a meaning.

/// What a word in a name says of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Word {
    /// `password`, `passwd`, `pwd`, `passphrase`, `pin`.
    Password,
    /// `secret`.
    Secret,
    /// `token`, `jwt`, `bearer`.
    Token,
    /// `key`.
    Key,
    /// `auth`, `authorization`.
    Auth,
    /// `credential`, `creds`.
    Credential,
    /// `api`, `access`, `client`, `private`, `master`: what secrets are called by.
    Qualifier,
    /// `signing`, `encryption`, `hmac`, `session`, `cookie`.
    Crypto,
    /// `user`, `login`, `account`, `email`.
    User,
    /// `id`, `uuid`, `arn`, `ref`: names something and opens nothing.
    Id,
    /// `public`, `primary`, `foreign`, `cache`, `partition`: keys that are not secret.
    Public,
    /// `name`, `alias`.
    Name,
    /// `type`, `kind`, `format`, `mode`, `class`.
    Type,
    /// `length`, `size`, `count`, `max`.
    Number,
    /// `path`, `file`, `dir`, `folder`.
    Path,
    /// `url`, `uri`, `endpoint`, `host`, `domain`.
    Address,
    /// `hash`, `digest`, `algorithm`, `checksum`, `salt`, `nonce`.
    Digest,
    /// `label`, `title`, `message`, `hint`, `error`, `text`.
    Label,
    /// `field`, `column`, `param`, `header`, `prop`, `input`.
    Field,
    /// `expires`, `ttl`, `time`, `age`, `date`.
    Time,
    /// `status`, `state`, `enabled`, `is`, `has`, `require`, `use`.
    State,
    /// `reset`, `forgot`, `change`, `validate`, `policy`, `strength`, `generate`.
    Action,
    /// `test`, `example`, `fake`, `dummy`, `mock`.
    Test,
    /// `default`, `initial`.
    Default,
    /// `db`, `mysql`, `redis`, `smtp`...: services that have passwords.
    Service,
    /// `new`, `old`, `current`, `confirm`.
    Version,
}

/// How many kinds of words there are.
pub(super) const WORDS: usize = Word::Version as usize + 1;

/// What a name says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Bit set of [`Word`]s that it holds.
    pub(super) words: u32,
    /// The last word's meaning.
    pub(super) last: Option<Word>,
    /// The meaning of the word before the last.
    pub(super) before_last: Option<Word>,
    /// The meaning of the word after the last one that names a secret.
    pub(super) after_secret: Option<Word>,
    /// How many words it has.
    pub(super) count: u8,
    /// How many words have no meaning here.
    pub(super) unknown: u8,
}

impl Name {
    /// Takes a name apart: `dbPassword`, `DB_PASSWORD`, `db-password`, `spring.datasource.password`.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut found = Self::default();
        let mut buffer = [0u8; 32];
        let mut len = 0;
        for at in 0..=name.len() {
            let byte = name.get(at).copied().unwrap_or(b' ');
            let previous = at.checked_sub(1).map_or(b' ', |i| name[i]);
            let next = name.get(at + 1).copied().unwrap_or(b' ');
            let starts = !byte.is_ascii_alphabetic()
                || (byte.is_ascii_uppercase()
                    && (previous.is_ascii_lowercase()
                        || previous.is_ascii_uppercase() && next.is_ascii_lowercase()));
            if starts && len > 0 {
                found.push(&buffer[..len]);
                len = 0;
            }
            if byte.is_ascii_alphabetic() && len < buffer.len() {
                buffer[len] = byte.to_ascii_lowercase();
                len += 1;
            }
        }
        found
    }

    /// Whether the name says that the value is secret.
    pub(super) fn is_secret(self) -> bool {
        self.words & SECRETS != 0
    }

    /// Whether it holds that word.
    pub(super) fn has(self, word: Word) -> bool {
        self.words & (1 << word as u32) != 0
    }

    fn push(&mut self, word: &[u8]) {
        match meaning(word) {
            Some(meaning) => self.add(Some(meaning)),
            // `dbpassword`, `apikey`: two words in one.
            None => match glued(word) {
                Some((first, second)) => {
                    self.add(first);
                    self.add(Some(second));
                }
                None => self.add(None),
            },
        }
    }

    fn add(&mut self, word: Option<Word>) {
        self.count = self.count.saturating_add(1);
        self.before_last = self.last;
        self.last = word;
        let Some(word) = word else {
            self.unknown = self.unknown.saturating_add(1);
            return;
        };
        let bit = 1 << word as u32;
        self.words |= bit;
        if bit & SECRETS != 0 {
            self.after_secret = None;
        } else if self.after_secret.is_none() && self.is_secret() {
            self.after_secret = Some(word);
        }
    }
}

const SECRETS: u32 = 1 << Word::Password as u32
    | 1 << Word::Secret as u32
    | 1 << Word::Token as u32
    | 1 << Word::Key as u32
    | 1 << Word::Auth as u32
    | 1 << Word::Credential as u32;

/// Ends of words without a break before them.
const ENDINGS: &[(&[u8], Word)] = &[
    (b"password", Word::Password),
    (b"passwd", Word::Password),
    (b"passphrase", Word::Password),
    (b"pass", Word::Password),
    (b"pwd", Word::Password),
    (b"pw", Word::Password),
    (b"secret", Word::Secret),
    (b"token", Word::Token),
    (b"auth", Word::Auth),
    (b"key", Word::Key),
];

/// Words with such an ending that have nothing to do with it.
const ALIKE: &[&[u8]] = &[
    b"bypass",
    b"compass",
    b"encompass",
    b"trespass",
    b"surpass",
    b"overpass",
    b"underpass",
    b"monkey",
    b"turkey",
    b"donkey",
    b"hockey",
    b"jockey",
    b"whiskey",
    b"hotkey",
    b"passkey",
    b"keepass",
    b"mickey",
];

fn glued(word: &[u8]) -> Option<(Option<Word>, Word)> {
    if ALIKE.contains(&word) {
        return None;
    }
    let (ending, second) = ENDINGS.iter().find(|(ending, _)| word.ends_with(ending))?;
    Some((meaning(&word[..word.len() - ending.len()]), *second))
}

fn meaning(word: &[u8]) -> Option<Word> {
    Some(match word {
        b"password" | b"passwords" | b"passwd" | b"passwort" | b"kennwort" | b"pass" | b"pwd"
        | b"pw" | b"passphrase" | b"passcode" | b"passw" | b"psw" | b"pword" | b"senha"
        | b"contrasena" | b"clave" | b"wachtwoord" | b"haslo" | b"userpass" | b"requirepass"
        | b"masterauth" => Word::Password,
        b"secret" | b"secrets" => Word::Secret,
        b"token" | b"tokens" | b"ticket" | b"jwt" | b"bearer" | b"pat" | b"xoxb" => Word::Token,
        b"key" | b"keys" | b"apikey" | b"apikeys" | b"nkey" | b"seed" => Word::Key,
        b"auth" | b"authorization" | b"authentication" | b"oauth" | b"authn" => Word::Auth,
        b"credential" | b"credentials" | b"cred" | b"creds" => Word::Credential,
        b"api" | b"access" | b"client" | b"private" | b"priv" | b"master" | b"root" | b"admin"
        | b"app" | b"consumer" | b"refresh" | b"shared" | b"account" | b"service" | b"deploy"
        | b"webhook" | b"license" | b"subscription" | b"storage" | b"personal" => Word::Qualifier,
        b"signing" | b"sign" | b"encryption" | b"encrypt" | b"crypto" | b"cipher" | b"hmac"
        | b"session" | b"cookie" | b"aes" | b"rsa" | b"ssl" | b"tls" | b"ssh" | b"signature"
        | b"keystore" | b"truststore" => Word::Crypto,
        b"user" | b"username" | b"login" | b"email" | b"users" | b"usr" | b"uid" => Word::User,
        b"id" | b"ids" | b"uuid" | b"guid" | b"arn" | b"ref" | b"identifier" | b"sid" | b"kid"
        | b"index" | b"number" | b"num" => Word::Id,
        b"public" | b"pub" | b"pubkey" | b"websocket" | b"socket" | b"primary" | b"foreign"
        | b"cache" | b"partition" | b"sort" | b"routing" | b"translation" | b"group" | b"row"
        | b"unique" | b"object" | b"map" | b"dict" | b"hash" | b"registry" | b"config"
        | b"setting" | b"settings" | b"feature" | b"lookup" => Word::Public,
        b"name" | b"names" | b"alias" | b"prefix" | b"suffix" => Word::Name,
        b"type" | b"types" | b"kind" | b"format" | b"mode" | b"class" | b"method" | b"provider"
        | b"scheme" | b"scope" | b"regex" | b"regexp" | b"pattern" | b"re" | b"strategy"
        | b"style" | b"version" => Word::Type,
        b"length" | b"len" | b"size" | b"count" | b"max" | b"min" | b"limit" | b"bits"
        | b"bytes" => Word::Number,
        b"path" | b"file" | b"filename" | b"dir" | b"directory" | b"folder" | b"location" => {
            Word::Path
        }
        b"url" | b"uri" | b"endpoint" | b"host" | b"domain" | b"link" | b"server" | b"issuer"
        | b"audience" | b"address" | b"port" | b"region" => Word::Address,
        b"digest" | b"algorithm" | b"algo" | b"alg" | b"checksum" | b"salt" | b"nonce" | b"sha"
        | b"fingerprint" | b"md" | b"csrf" | b"xsrf" | b"authenticity" | b"derivation" | b"iv"
        | b"thumbprint" => Word::Digest,
        b"label" | b"title" | b"message" | b"msg" | b"hint" | b"error" | b"text" | b"help"
        | b"description" | b"desc" | b"prompt" | b"placeholder" | b"invalid" | b"incorrect"
        | b"wrong" | b"mismatch" | b"notice" | b"info" => Word::Label,
        b"field" | b"column" | b"param" | b"parameter" | b"header" | b"prop" | b"property"
        | b"input" | b"attribute" | b"attr" | b"arg" | b"argument" | b"option" | b"element"
        | b"selector" | b"form" | b"view" | b"template" | b"button" | b"page" | b"var" | b"env" => {
            Word::Field
        }
        b"expires" | b"expiry" | b"expiration" | b"ttl" | b"time" | b"timeout" | b"age"
        | b"date" | b"lifetime" | b"duration" | b"interval" => Word::Time,
        b"status" | b"state" | b"enabled" | b"disabled" | b"is" | b"has" | b"require"
        | b"required" | b"use" | b"contains" | b"allow" | b"with" | b"no" | b"not" | b"without"
        | b"can" | b"should" | b"show" | b"visible" | b"exists" | b"missing" | b"empty" => {
            Word::State
        }
        b"reset" | b"forgot" | b"forgotten" | b"change" | b"changed" | b"validate"
        | b"validator" | b"policy" | b"strength" | b"generate" | b"generator" | b"hasher"
        | b"encoder" | b"manager" | b"handler" | b"verify" | b"check" | b"update" | b"create"
        | b"rotate" | b"rotation" | b"confirmation" | b"grant" | b"flow" => Word::Action,
        b"test" | b"tests" | b"example" | b"fake" | b"dummy" | b"mock" | b"sample" | b"demo"
        | b"stub" | b"expected" | b"expect" | b"fixture" | b"bad" | b"good" | b"some" | b"my" => {
            Word::Test
        }
        b"default" | b"initial" | b"fallback" => Word::Default,
        b"db" | b"database" | b"mysql" | b"postgres" | b"postgresql" | b"pg" | b"redis"
        | b"mongo" | b"mongodb" | b"smtp" | b"mail" | b"ftp" | b"ldap" | b"rabbitmq" | b"mq"
        | b"amqp" | b"mssql" | b"oracle" | b"jdbc" | b"datasource" | b"aws" | b"azure" | b"gcp"
        | b"github" | b"gitlab" | b"slack" | b"stripe" | b"twilio" | b"docker" | b"registries"
        | b"npm" | b"vpn" | b"wifi" | b"jenkins" | b"sonar" | b"elastic" | b"kafka" | b"bind"
        | b"proxy" | b"imap" => Word::Service,
        b"new" | b"old" | b"current" | b"confirm" | b"confirmed" | b"repeat" | b"next"
        | b"previous" => Word::Version,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_at_case_separators_and_known_endings() {
        for name in ["dbPassword", "DB_PASSWORD", "db-password", "spring.db.password", "dbpassword"]
        {
            let name = Name::of(name.as_bytes());
            assert!(name.has(Word::Password) && name.has(Word::Service), "{name:?}");
            assert_eq!(name.last, Some(Word::Password));
        }
        assert_eq!(Name::of(b"APIKeyID").last, Some(Word::Id));
        assert_eq!(Name::of(b"password_reset_url").after_secret, Some(Word::Action));
        assert!(!Name::of(b"bypass").is_secret() && !Name::of(b"monkey").is_secret());
        assert!(!Name::of(b"keyboard").is_secret() && !Name::of(b"author").is_secret());
    }
}
