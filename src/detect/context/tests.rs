//! The syntaxes in which values are found, and what the model says of them.

use proptest::prelude::*;

use super::{Judged, LITERALS, Place, Profile, candidates, judge};

/// A value that a person could have chosen; put in at run time.
pub(super) const VALUE: &str = "gr4nd_Teapot";

pub(super) fn hits(text: &[u8]) -> Vec<u32> {
    let finder =
        aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(LITERALS).unwrap();
    let found = finder.find_overlapping_iter(text);
    let mut hits: Vec<u32> = found.map(|found| found.start() as u32).collect();
    hits.sort_unstable();
    hits
}

fn judged(path: &str, text: &[u8], profile: Profile) -> Vec<Judged> {
    let mut all = Vec::new();
    let place = Place::of(path, text);
    judge(place, text, &hits(text), profile, false, &mut |judged| all.push(judged));
    all
}

/// The values that the model would look at.
fn values(path: &str, line: &str) -> Vec<String> {
    let text = line.replace("VALUE", VALUE);
    candidates(path, text.as_bytes())
        .iter()
        .map(|found| text[found.value.range()].to_owned())
        .collect()
}

#[test]
fn values_are_found_in_the_syntaxes_of_many_languages() {
    for (path, line) in [
        ("a.py", "password = 'VALUE'"),
        ("a.py", "db = connect(user='app', password='VALUE')"),
        ("a.py", "login, password = 'bob', 'VALUE'"),
        ("a.py", "password = os.environ.get('PASSWORD', 'VALUE')"),
        ("a.py", "requests.get(url, auth=('bob', 'VALUE'))"),
        ("a.py", "password: str = 'VALUE'"),
        ("a.py", "password = (\n    'VALUE'"),
        ("a.ts", "readonly password: string = \"VALUE\";"),
        ("a.js", "const token = process.env.TOKEN || 'VALUE';"),
        ("a.js", "body: '{\\\"password\\\":\\\"VALUE\\\"}'"),
        ("a.go", "const password string = \"VALUE\""),
        ("a.go", "if user.Password != \"VALUE\" {"),
        ("a.go", "dsn := \"user=bob password=VALUE dbname=x\""),
        ("a.java", "properties.setProperty(\"password\", \"VALUE\");"),
        ("a.java", ".withPassword(\"VALUE\")"),
        ("a.java", "DriverManager.getConnection(url, \"bob\", \"VALUE\");"),
        ("a.php", "$db = mysqli_connect('', 'bob', 'VALUE', 'shop');"),
        ("a.py", "client.connect(host(\"db\"), \"bob\", \"VALUE\")"),
        ("a.scala", "password = Some(\"VALUE\")"),
        ("a.rb", "property_set(:auth0, :secret, 'VALUE')"),
        ("a.rb", "receive(:token) { 'VALUE' }"),
        ("a.php", "'password' => 'VALUE',"),
        ("a.php", "define('DB_PASSWORD', 'VALUE');"),
        ("a.cs", "\"Server=db;User Id=sa;Password=VALUE;\""),
        ("a.yml", "args: [--user, bob, --password, VALUE, --port, 80]"),
        ("a.yml", "args: ['--password', 'VALUE', '--port', '80']"),
        ("a.yml", "args:\n- --password\n- VALUE\n- --port"),
        ("a.yml", "    args:\n    - \"--db-password\"\n    - \"VALUE\""),
        ("a.yml", "password: VALUE"),
        ("a.yml", "  - DB_PASSWORD=VALUE"),
        ("a.yml", "- name: DB_PASSWORD\n  value: VALUE"),
        ("a.yml", "user: {name: bob, password: VALUE}"),
        ("a.yml", "password: |\n  VALUE"),
        ("a.json", "{\"name\": \"DB_PASSWORD\", \"value\": \"VALUE\"}"),
        ("a.properties", "spring.datasource.password=VALUE"),
        ("a.properties", "password=${DB_PASSWORD:VALUE}"),
        ("a.ini", "password = VALUE ; until May"),
        ("a.toml", "password = \"VALUE\""),
        ("a.tf", "  password = \"VALUE\""),
        (".env", "export DB_PASSWORD=VALUE"),
        ("a.xml", "<password>VALUE</password>"),
        ("a.xml", "<password><![CDATA[VALUE]]></password>"),
        ("a.xml", "<add key=\"Password\" value=\"VALUE\" />"),
        ("a.plist", "<key>Password</key>\n<string>VALUE</string>"),
        ("Dockerfile", "ENV DB_PASSWORD VALUE"),
        ("a.sh", "tool --password VALUE --verbose"),
        ("a.sh", "curl -u bob:VALUE https://example.org"),
        ("a.sh", "export PASSWORD=\"${PASSWORD:-VALUE}\""),
        ("a.ps1", "ConvertTo-SecureString \"VALUE\" -AsPlainText"),
        ("a.go", "dsn := \"root:VALUE@tcp(db:3306)/x\""),
        ("a.java", "new UsernamePasswordCredentials(\"bob\", \"VALUE\");"),
        ("a.py", "client.login('bob', 'VALUE')"),
        ("Dockerfile", "RUN echo \"root:VALUE\" | chpasswd"),
        ("a.tf", "variable \"db_password\" {\n  type = string\n  default = \"VALUE\"\n}"),
        ("a.sql", "CREATE USER bob IDENTIFIED BY 'VALUE';"),
        ("a.txt", "GET /x?token=VALUE&y=1"),
        ("a.txt", "https://bob:VALUE@db.internal/x"),
        ("a.txt", "user%5Bpassword%5D=VALUE"),
        ("a.txt", "X-Auth-Token: VALUE"),
        ("a.md", "The password is `VALUE`."),
        ("conf", "requirepass VALUE"),
    ] {
        assert!(values(path, line).contains(&VALUE.to_owned()), "{path}: {line}");
    }
}

#[test]
fn strings_that_are_put_together_are_one_value() {
    let text = "api_key = ('k7Gq2ZpX9w'\n           'Lt4Vb8Rn1s' + 'Yc6Hd3Mf5j')\n";
    let found = judged("app/main.py", text.as_bytes(), Profile::Balanced);
    assert_eq!(found.len(), 1);
    let joined = found[0].joined.as_deref().unwrap();
    assert_eq!(joined, [&b"k7Gq2ZpX9w"[..], b"Lt4Vb8Rn1s", b"Yc6Hd3Mf5j"].concat());
    assert!(
        text[found[0].value.range()].starts_with("k7Gq")
            && text[found[0].value.range()].ends_with("Mf5j")
    );
}

#[test]
fn code_and_references_are_no_values() {
    for (path, line) in [
        ("a.py", "password = get_password()"),
        ("a.py", "password = config['password']"),
        ("a.go", "Password: values[EnvPassword],"),
        ("a.ts", "password: string;"),
        ("a.yml", "password: ${DB_PASSWORD}"),
        ("a.yml", "password: {{ vault.password }}"),
        ("a.sh", "PASSWORD=$1"),
        ("a.sh", "PASSWORD=$(cat file)"),
        ("a.md", "password: <your password>"),
        ("a.md", "Add credentials to `ivysettings.xml` and `settings.xml`."),
        ("a.yml", "client_secret: tls-client.pem"),
        ("a.txt", "token: ENC(VALUE)"),
        ("a.txt", "the compass is broken: VALUE"),
        ("a.rs", "Some(Kind::Password) => Profile::Thorough,"),
        ("a.json", "\"masterAuth\": {\"VALUE\": \"x\"}"),
        ("a.rb", "auth = { 'VALUE' => 1 }"),
        ("a.yml", "log in with pass: CODE"),
        ("a.yml", "Log in with pass: CODE today."),
        ("notes", "Then say the password: CODE, and go in"),
        ("a.md", "Default secrets to AES-128-GCM, and tokens to base58."),
        ("a.html", "<input type=\"hidden\" name=\"authenticity_token\" value=\"VALUE\" />"),
        ("a.properties", "sonar.projectKey=VALUE"),
        ("a.log", "Storage (0.3ms) Uploaded file to key: VALUE (checksum: x)"),
        ("a.js", "assert.pass(\"VALUE\");"),
        ("a.py", "MovedAttribute('ProxyBasicAuthHandler', 'urllib2', 'urllib.request')"),
        ("a.py", "memcached_key = re.compile(br'[^\\x21-\\x7e]')"),
        ("a.csv", "password = 'scrypt:32768:8:1$VALUE$VALUE'"),
        ("a.js", "\"pass\": [0, 1, 4, 5, 6, 8, 17, 20, 21, 22, 23, 27, 30], \"path\": 1"),
        ("yarn.lock", "minipass: \"npm:^7.0.3\""),
        ("package.json", "\"fs-minipass\": \"^3.0.0\""),
        ("a.go", "passIPs: []string{\"2a03:4000:6:d080::42\"}"),
        ("a.md", "error presenting token: gandiv5: unexpected zone"),
        ("a.hcl", "secret = stack.sensitive.result"),
        ("a.py", "    secret = stdout\n"),
        ("a.yml", "update_password: on_create"),
        ("nsswitch.conf", "passwd:         compat"),
        ("a.js", "var SESSION_KEY = 'banner-dismissed';"),
        ("a.php", "'password' => 'hashed',"),
        ("a.php", "connection('default')->create('VALUE', 'x')"),
        ("a.cs", "EncryptedPrivateKey = \"VALUE\","),
        ("a.json", "\"S3-Sealed-Key\": \"VALUE\""),
        ("a.md", "checked with the public key \"VALUE\"."),
        ("a.go", "Set(\"X-Amz-Credential\", \"VALUE/20210315/us-east-1/s3/aws4_request\")"),
        // `password`, `TESTKEY1`, the head of a PEM block.
        ("secret.yaml", "password: cGFzc3dvcmQ="),
        ("secret.yaml", "tls.key: VEVTVEtFWTE="),
        ("secret.yaml", "tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg=="),
        ("secrets.yaml", "{{- $password = randAlphaNum 10 }}"),
        ("values.yaml", "initScriptsSecret=special-scripts-sensitive"),
        ("Chart.yaml", "image: docker.io/acme/vmauth:1.124.0-debian-12-r0"),
        ("a.java", "VERIFY_KEY = \"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AVALUE\""),
        ("a.ldif", "userPassword: {SSHA}VALUEVALUEVALUE"),
        ("login_sk.properties", "Confirm\\ Password=Potvrdenie hesla"),
        ("locale/locale_fi-FI.ini", "reset_password=Nollaa salasanasi"),
        ("web/locales/pt-BR.json", "\"password\": \"Palavra-chave\""),
        ("Dockerfile", "ENV GPG_KEY 0123456789ABCDEF0123456789ABCDEF01234567"),
    ] {
        assert_eq!(values(path, line), Vec::<String>::new(), "{path}: {line}");
    }
}

#[test]
fn capitals_are_values_where_they_are_no_word_or_in_no_sentence() {
    for (path, line, value) in [
        ("a.yml", "pass: CODE", "CODE"),
        ("a.yml", "the pass: CODE", "CODE"),
        ("a.yml", "log in with pass: CODE7", "CODE7"),
        ("a.yml", "log in with pass: XKZTPQWV", "XKZTPQWV"),
        ("a.yml", "log in with pass: 'CODE'", "CODE"),
    ] {
        assert_eq!(values(path, line), [value], "{path}: {line}");
    }
}

#[test]
fn the_name_and_the_value_decide() {
    let is_reported = |path: &str, line: &str| {
        !judged(path, line.replace("VALUE", VALUE).as_bytes(), Profile::Balanced).is_empty()
    };
    assert!(is_reported("app/config.yml", "db_password: VALUE\n"));
    assert!(is_reported("app/main.py", "PASSWORD = 'VALUE'\n"));
    assert!(!is_reported("app/config.yml", "password_field: VALUE\n"));
    assert!(!is_reported("app/config.yml", "db_password: changeme\n"));
    assert!(!is_reported("app/main.py", "KEY = 'user_name'\n"));
    assert!(!is_reported("locale/de.yml", "password: Passwort\n"));
    assert!(is_reported("locale/de.yml", "password: VALUE1\n"));
}

#[test]
fn the_key_of_a_label_or_of_an_entry_is_no_secret() {
    for sibling in ["operator: In", "mode: 420", "path: app.conf"] {
        let text = format!("matchExpressions:\n- key: {VALUE}\n  {sibling}\n");
        assert_eq!(values("a.yaml", &text), Vec::<String>::new(), "{sibling}");
    }
    let text = format!("[\n  {{\n    \"key\": \"{VALUE}\",\n    \"operator\": \"In\"\n  }}\n]\n");
    assert_eq!(values("a.json", &text), Vec::<String>::new());
    // Beside others, deeper or not so deep, it is one.
    for after in ["name: In", "  operator: In", "operatorName: x"] {
        let text = format!("service:\n- key: {VALUE}\n  {after}\n");
        assert_eq!(values("a.yaml", &text), [VALUE], "{after}");
    }
    let text = format!("service:\n- key: {VALUE}\noperator: In\n");
    assert_eq!(values("a.yaml", &text), [VALUE]);
}

#[test]
fn default_passwords_are_for_audits() {
    let text = b"POSTGRES_PASSWORD=postgres\n";
    assert!(judged("deploy/app.env", text, Profile::Balanced).is_empty());
    let found = judged("deploy/app.env", text, Profile::Thorough);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, super::Kind::DefaultPassword);
    assert!(judged("docs/app.env", text, Profile::Thorough).is_empty());
}

#[test]
fn basic_credentials_are_judged_by_their_password() {
    use base64::Engine as _;
    let header = |user: &str| {
        let plain = base64::engine::general_purpose::STANDARD.encode(user);
        format!("Authorization: Basic {plain}\n")
    };
    let chosen = header(&format!("bob:{VALUE}9!"));
    assert!(!judged("a.http", chosen.as_bytes(), Profile::Balanced).is_empty());
    assert!(judged("a.http", header("user:password").as_bytes(), Profile::Balanced).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_judged_within_their_bounds(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        word in proptest::sample::select(LITERALS),
        tail in "[ =:\"'`,(){}<>\\\\$a-zA-Z0-9\n./@-]{0,80}",
        path in proptest::sample::select(vec!["a.py", "a.yml", "a.xml", "a.sh", "a", "a.json"]),
    ) {
        let text = [&bytes[..], word.as_bytes(), tail.as_bytes(), &bytes[..]].concat();
        for found in candidates(path, &text) {
            prop_assert!(found.value.end <= text.len() && !found.value.is_empty());
            prop_assert!(found.features.iter().all(|answer| answer.is_finite()));
        }
    }
}
