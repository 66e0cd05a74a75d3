use serde_json::{Value, json};

use super::*;

#[test]
fn workflows() {
    let text = format!(
        "name: ci\non:\n  push:\n  pull_request_target: {{}}\npermissions: read-all\nenv:\n  A: ${{{{ secrets.A }}}}\n  B: {SECRET}\n\
         jobs:\n  build:\n    permissions: {{contents: write}}\n    env: {{C: 1}}\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          \
         ref: ${{{{ github.event.pull_request.head.sha }}}}\n      - id: show\n        env:\n          D: \"x ${{{{ github.token }}}}\"\n        run: |\n          \
         echo $A {SECRET}\n          curl ${{{{ secrets.E }}}}\n      - run: x\n        env: {{A: 2}}\n  deploy:\n    uses: ./x.yml\n    secrets: inherit\n"
    );
    let read = reads("a/.github/workflows/ci.yml", &text);
    assert_eq!(read.gaps, []);
    assert_eq!(
        serde_json::to_value(&fact(&read, "workflow").fields).unwrap(),
        json!({
            "system": "github-actions", "name": "ci", "triggers": ["push", "pull_request_target"],
            "permissions": "read-all", "job_permissions": {"build": {"contents": "write"}},
            "env": ["A", "B"], "secret_variables": ["A"], "secret_access": [], "traces": false,
        })
    );
    assert_eq!(fact(&read, "env.A").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "env.B").fields["holds_secret"], true);
    assert_eq!(fact(&read, "jobs.build.env.C").fields["container_format"], "github-actions");
    assert_eq!(fact(&read, "jobs.build.steps.show.env.D").fields["value_kind"], "interpolated");
    let step = fact(&read, "jobs.build.steps.show");
    assert_eq!(
        serde_json::to_value(&step.fields).unwrap(),
        json!({
            "system": "github-actions", "workflow": "a/.github/workflows/ci.yml#workflow",
            "triggers": ["push", "pull_request_target"], "job": "build",
            "run": "echo $A ***\ncurl ${{ secrets.E }}\n", "shell": null, "uses": null, "version": null, "with": {},
            "env": ["A", "B", "C", "D"], "secrets": ["A", "E", "GITHUB_TOKEN"], "secret_variables": ["A", "D"],
            "interpolated_secrets": ["E"],
            "inherits_secrets": false, "secret_access": [],
        })
    );
    assert_eq!(
        fact(&read, "jobs.build.steps.0").fields["with"]["ref"],
        "${{ github.event.pull_request.head.sha }}"
    );
    assert_eq!(fact(&read, "jobs.build.steps.2").fields["secret_variables"], json!([]));
    let call = fact(&read, "jobs.deploy");
    assert_eq!(
        (&call.fields["uses"], &call.fields["inherits_secrets"]),
        (&json!("./x.yml"), &json!(true))
    );
}

#[test]
fn actions() {
    let text = "runs:\n  using: composite\n  steps:\n    - run: echo a\n      shell: bash -x {0}\n";
    let step = reads("x/action.yml", text);
    let step = fact(&step, "runs.steps.0");
    assert_eq!(
        (&step.fields["shell"], &step.fields["workflow"]),
        (&json!("bash -x {0}"), &json!(null))
    );
    let odd = reads(
        ".github/workflows/x.yml",
        "on: push\njobs:\n  a: 1\n  b: {steps: [1, {run: {}}]}\n  ? [x]\n  : {}\n",
    );
    assert_eq!(odd.facts.len(), 4);
}

#[test]
fn pipelines() {
    let text = format!(
        "spec: {{inputs: {{}}}}\n---\nvariables:\n  A: {SECRET}\n  B: {{value: \"$C\", description: x}}\nbefore_script:\n  - x $DEPLOY_TOKEN\n\
         job:\n  variables: {{D: 1}}\n  secrets: {{E: {{vault: a/b}}}}\n  script:\n    - set -x\n    - [echo $A_PASSWORD $TOKEN_TTL, x {SECRET}]\n.hidden:\n  script: y\n"
    );
    let read = reads(".gitlab-ci.yml", &text);
    assert_eq!(fact(&read, "variables.A").fields["holds_secret"], true);
    assert_eq!(fact(&read, "variables.B").fields["value_kind"], "reference");
    fact(&read, "job.variables.D");
    let step = fact(&read, "job.script");
    assert_eq!(step.fields["run"], "set -x\necho $A_PASSWORD $TOKEN_TTL\nx ***");
    assert_eq!(step.fields["secret_variables"], json!(["A_PASSWORD", "E"]));
    assert_eq!(step.fields["secrets"], json!(["E"]));
    assert_eq!(fact(&read, "before_script").fields["secret_variables"], json!(["DEPLOY_TOKEN"]));
    assert_eq!(fact(&read, ".hidden.script").fields["run"], "y");
}

#[test]
fn jobs() {
    let text = format!(
        "on: [push]\nenv:\n  ALL: ${{{{ toJSON(secrets) }}}}\njobs:\n  build:\n    environment: {{name: live}}\n    env:\n      B: ${{{{ secrets.B }}}}\n      \
         A: ${{{{ secrets[matrix.a] }}}}\n    container:\n      image: a\n      credentials:\n        password: {SECRET}\n    services:\n      db:\n        \
         credentials: {{password: '${{{{ secrets.C }}}}'}}\n    steps:\n      - with:\n          a: ${{{{ fromJSON(secrets.D).x }}}}\n        uses: x/y@v1\n        \
         env:\n          E: ${{{{ secrets.E }}}}\n  call:\n    uses: ./x.yml\n"
    );
    let read = reads(".github/workflows/ci.yml", &text);
    let workflow = fact(&read, "workflow");
    assert_eq!(workflow.fields["secret_access"], json!(["whole"]));
    let job = fact(&read, "jobs.build.job");
    assert_eq!(
        serde_json::to_value(&job.fields).unwrap(),
        json!({
            "system": "github-actions", "workflow": ".github/workflows/ci.yml#workflow", "triggers": ["push"], "name": "build",
            "environment": "live", "env": ["B", "A"], "uses": null, "secrets": ["*", "B", "C", "D", "E"],
            "secret_variables": ["A", "B"], "secret_access": ["computed"],
            "credentials": [
                {"of": "container", "sort": "password", "value_kind": "literal"},
                {"of": "services.db", "sort": "password", "value_kind": "reference"},
            ],
            "traces": false, "id_tokens": [],
        })
    );
    let line = |fact: &Fact, path: Value| fact.place_of(path.as_array().unwrap()).unwrap().line;
    assert_eq!(line(job, json!([])), 5);
    assert_eq!(line(job, json!(["secret_variables", 0])), 9);
    assert_eq!(line(job, json!(["credentials", 0])), 13);
    let step = fact(&read, "jobs.build.steps.0");
    assert_eq!(step.fields["secret_access"], json!(["parsed"]));
    assert_eq!(line(step, json!(["with", "a"])), 19);
    assert_eq!(step.fields["secret_variables"], json!(["A", "ALL", "B", "E"]));
    assert_eq!(line(step, json!(["secret_variables", 3])), 22);
    // What it has from its job is told there.
    assert_eq!(line(step, json!(["secret_variables", 0])), line(step, json!([])));
    assert_eq!(fact(&read, "jobs.call.job").fields["uses"], "./x.yml");
}

#[test]
fn jobs_of_other_systems() {
    let text = "variables: {CI_DEBUG_TRACE: {value: \"1\"}}\njob:\n  environment: live\n  id_tokens: {T: {aud: a}}\n  variables: {CI_DEBUG_TRACE: 'no', X: y}\n  script: a\n";
    let read = reads(".gitlab-ci.yml", text);
    assert_eq!(fact(&read, "pipeline").fields["traces"], true);
    let job = &fact(&read, "job.job").fields;
    assert_eq!((&job["traces"], &job["environment"]), (&json!(false), &json!("live")));
    assert_eq!((&job["id_tokens"], &job["env"]), (&json!(["T"]), &json!(["CI_DEBUG_TRACE", "X"])));
    let text = format!(
        "jobs:\n  build:\n    docker:\n      - image: a\n        auth: {{username: u, password: {SECRET}}}\n      - image: b\n        \
         aws_auth: {{aws_access_key_id: u, aws_secret_access_key: $KEY}}\n"
    );
    let read = reads(".circleci/config.yml", &text);
    assert_eq!(
        fact(&read, "jobs.build.job").fields["credentials"],
        json!([
            {"of": "docker.0", "sort": "password", "value_kind": "literal"},
            {"of": "docker.1", "sort": "aws", "value_kind": "reference"},
        ])
    );
}

#[test]
fn which_files_are() {
    for (path, name) in [
        (".github/workflows/a.yml", Some("github-actions")),
        ("x/.gitea/workflows/a.yaml", Some("github-actions")),
        ("action.yaml", Some("github-actions")),
        ("ci/x.gitlab-ci.yml", Some("gitlab-ci")),
        (".github/dependabot.yml", None),
        (".github/workflows/a/b.yml", None),
    ] {
        assert_eq!(kind(path, b""), name, "{path}");
    }
}

#[test]
fn versions_of_what_is_pinned_to_commits() {
    for (comment, version) in [
        (" # v4.2.2", Some("v4.2.2")),
        (" # tag=v4", Some("v4")),
        (" # pin@4.2.2 and more", Some("4.2.2")),
        ("  #v4", Some("v4")),
        (" # main", None),
        (" # 11bd7190", None),
        ("", None),
    ] {
        let text = format!(
            "on: push\njobs:\n  a:\n    steps:\n      - uses: a/b@11bd71901bbe{comment}\n        with: {{c: d}} # v9.9\n"
        );
        let read = reads(".github/workflows/a.yml", &text);
        assert_eq!(fact(&read, "jobs.a.steps.0").fields["version"], json!(version), "{comment}");
    }
}
