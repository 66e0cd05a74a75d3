use serde_json::json;

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
            "run": "echo $A ***\ncurl ${{ secrets.E }}\n", "shell": null, "uses": null, "with": {},
            "env": ["A", "B", "C", "D"], "secrets": ["A", "E", "GITHUB_TOKEN"], "secret_variables": ["A", "D"],
            "interpolated_secrets": ["E"],
            "inherits_secrets": false,
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
    assert_eq!(odd.facts.len(), 2);
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
