use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// A file of each kind.
const PATHS: &[&str] = &[
    "Dockerfile",
    "compose.yml",
    ".env",
    ".github/workflows/a.yml",
    ".gitlab-ci.yml",
    "a.tf",
    "a.service",
    "a.tfvars",
    "apiVersion.yaml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
    "AWS::Resources.yaml",
    "serverless.yml",
    "a.tf.json",
    "a.tfstate",
    "Procfile",
    "a.nomad",
    "kustomization.yaml",
    "group_vars/all",
    "roles/a/tasks/main.yml",
    "a/deploymentTemplate.json",
    "a.bicep",
    "[config]/.env",
    "[history]/1.dockerfile",
];

/// What manifests are made of.
const WORDS: &[&str] = &[
    "RUN |2 ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\r\n",
    "\t",
    " ",
    " ",
    ": ",
    ":",
    "=",
    "- ",
    "---\n",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "\\\n",
    "\\",
    "`",
    "&a ",
    "*a",
    "<<: *a",
    "!x ",
    "{{ ",
    " }}",
    "${{ secrets.A }}",
    "${A:-",
    "$A",
    "$(A)",
    "é",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "FROM x AS y",
    "\nARG A_TOKEN",
    "\nENV ",
    "\nRUN ",
    "\nLABEL ",
    "\nONBUILD ENV ",
    "<<EOF",
    "EOF",
    "# escape=`\n",
    "export ",
    "A",
    "apiVersion: v1\n",
    "kind: Secret\n",
    "kind: Pod\n",
    "kind: List\n",
    "items:\n",
    "data:\n",
    "stringData: ",
    "metadata: ",
    "name: ",
    "containers:\n",
    "env:\n",
    "value: ",
    "services:\n",
    "environment:\n",
    "build:\n",
    "args:\n",
    "on: ",
    "jobs:\n",
    "steps:\n",
    "run: ",
    "uses: ",
    "with: ",
    "secrets: ",
    "script:\n",
    "variable \"a\" ",
    "output \"b_token\" {\n",
    "${",
    "}\n",
    "<<-A\n",
    "/*",
    "//",
    "sensitive = true\n",
    "variables:\n",
    "spec: ",
    "- run: ",
    "- bash: ",
    "docker:\n",
    "$(A_TOKEN)",
    "Resources:\n",
    "web: ",
    "env {\n",
    "template {\n env = true\n data = <<A\n",
    "secretGenerator:\n",
    "literals:\n",
    "- hosts: a\n",
    "tasks:\n",
    "no_log: true\n",
    "!vault |\n",
    "shell: {{ a_token }}\n",
    "with_items: ",
    "Type: AWS::KMS::Key\n",
    "Parameters:\n",
    "Outputs:\n",
    "!Ref ",
    "!Sub ",
    "{\"Fn::GetAtt\": ",
    "Environment:\n",
    "Properties:\n",
    "resource \"aws_kms_key\" \"a\" {\n",
    "\"resource\": {",
    "\"attributes\": {",
    "pipeline {\n",
    "environment {\n",
    "credentials('a')",
    "withCredentials([string(variable: 'A_TOKEN')]) {",
    "sh \"",
    "echo \"${A_TOKEN}\"\n",
    "\'\'\'",
    SECRET,
    SECRET,
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_or_shows_a_secret(words in prop::collection::vec(0..WORDS.len(), 0..80), path in 0..PATHS.len()) {
        let text: String = words.iter().map(|at| WORDS[*at]).collect();
        let text = format!("{text}\n# apiVersion AWS:: Resources");
        let read = reads(PATHS[path], &text);
        for fact in &read.facts {
            let at = fact.at.as_ref().unwrap();
            prop_assert!(at.line >= 1 && at.column >= 1, "{at:?}");
            prop_assert!((at.line, at.column) <= (at.end_line, at.end_column), "{at:?}");
            prop_assert!(!fact.is_deeper_than(128));
        }
    }
}

#[test]
fn a_key_that_the_syntax_cuts_out_of_a_word_is_blanked() {
    let text = format!(
        "resource \"aws_kms_key\" \"a\" {{\n\"resource\": {{${{A:-{SECRET}apiVersion: v1\n"
    );
    assert!(!reads("a.tf", &text).facts.is_empty());
}

/// Each of these is made to cost more than its length: the square of it takes minutes, and what is linear a second, or a few on
/// a machine that does other things too.
#[test]
fn what_is_large_is_bounded() {
    let many = |unit: &str| unit.repeat((1 << 17) / unit.len());
    let texts = [
        many("["),
        many("{{"),
        many("{{}}"),
        many("{{/*"),
        many("a = \"${"),
        many("a = [{ b = <<A\n"),
        many("${"),
        many("x\n"),
        many("A=\"\n"),
        many("- \n"),
        many("a: b\n"),
        many("---\na: [\n"),
        many("ARG A_TOKEN\n"),
        many("\\\n"),
        many("RUN <<A <<B\n"),
        many("sh \"${a}\"\n"),
        format!(
            "Resources: {{a: {{Type: 'AWS::KMS::Key', Properties: {{a: [{}]}}}}}}",
            "{Name: token, Value: x}, ".repeat(40_000)
        ),
        many("resource \"aws_kms_key\" \"a\" {\n  a {\n"),
        many("resource \"aws_kms_key\" \"a\" { b = 1 }\n"),
        many("a: !Ref [\n"),
        many("template {\n env = true\n data = \"A=1\"\n}\n"),
        many("a: A=1 B=2\n"),
        many("- shell: \"{{ a_token }}\"\n"),
        many("- block:\n"),
        many("=/${ "),
        many("a(b {"),
        many("{}"),
        many("environment { A = 'b'\n }\n"),
        many("$("),
        many("- script: $(A_TOKEN)\n"),
        format!("ENV {}", many("A=1 ")),
        format!(
            "jobs: {{a: {{env: {{{}}}, steps: [{}]}}}}",
            "A: 1, ".repeat(9_000),
            "{run: x}, ".repeat(90_000)
        ),
        format!("apiVersion: v1\nkind: Pod\na: \"{}\"", many("${{ ")),
        format!(
            "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{env: [{}]}}]}}",
            "{name: A, value: b}, ".repeat(30_000)
        ),
    ];
    for text in &texts {
        for path in PATHS {
            let started = Instant::now();
            let judge = Spans(Vec::new());
            let text = format!("{text}\n# apiVersion AWS:: Resources");
            read(&File { path, shown: path, text: &text, judge: &judge });
            let took = started.elapsed();
            assert!(took < Duration::from_secs(20), "{path} of {:?}... took {took:?}", &text[..60]);
        }
    }
}

#[test]
fn what_is_too_large_is_a_gap() {
    let text = "A=1\n# AWS:: Resources apiVersion\n".repeat(3 << 18);
    for path in PATHS {
        let read = reads(path, &text);
        assert!(!read.gaps.is_empty() && read.facts.is_empty(), "{path}");
        assert!(read.gaps.iter().all(|gap| gap.why.contains("8 MiB")), "{path}: {:?}", read.gaps);
    }
}

/// Ten to the twelfth, and 200 deep.
#[test]
fn laughs_and_depth_are_gaps_of_every_kind_in_yaml() {
    let laughs = (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, at| {
        format!("{text}a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 10].join(", "))
    });
    let deep = format!("a: {}{}\n", "[".repeat(200), "]".repeat(200));
    let tabs = "a:\n\t- b\n".to_owned();
    for path in PATHS.iter().filter(|path| path.ends_with("ml") || path.ends_with("all")) {
        for text in [&laughs, &deep, &tabs] {
            let read = reads(path, &format!("{text}# apiVersion AWS:: Resources\n"));
            assert!(!read.gaps.is_empty(), "{path} of {:?}", &text[..20.min(text.len())]);
        }
    }
    for path in ["a.tf", "a.nomad", "Jenkinsfile"] {
        let read = reads(path, &"a {\n".repeat(200));
        assert!(
            read.gaps.iter().all(|gap| gap.why.contains("100 deep")),
            "{path}: {:?}",
            read.gaps
        );
        assert!(!read.gaps.is_empty(), "{path}");
    }
}

#[test]
fn other_files_are_none() {
    let judge = Spans(Vec::new());
    assert!(read(&File { path: "a.rs", shown: "a.rs", text: "x", judge: &judge }).is_none());
    assert_eq!(Certainty::Known.name(), "known");
    assert_eq!(Certainty::Likely.name(), "likely");
}

#[test]
fn a_word_that_is_a_secret_stays_in_names() {
    let text = "services:\n  password:\n    environment:\n      db_password: password\n";
    let judge = Spans::of(text, &[": password"]);
    let read =
        read(&File { path: "compose.yml", shown: "a!compose.yml", text, judge: &judge }).unwrap();
    let binding = fact(&read, "services.password.environment.db_password");
    assert_eq!(binding.fields["holds_secret"], true);
    assert_eq!(binding.at.as_ref().unwrap().path, "a!compose.yml");
}
