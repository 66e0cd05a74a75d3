use serde_json::json;

use super::*;

#[test]
fn circleci() {
    let text = format!(
        "version: 2.1\norbs:\n  node: circleci/node@5\n  own:\n    commands:\n      c:\n        steps: [{{run: env}}]\njobs:\n  build:\n    docker:\n      - image: x\n        environment: {{A: {SECRET}}}\n      - image: y\n        environment: {{B: 1}}\n    environment:\n      C: << parameters.c >>\n      D: $HOME\n    steps:\n      - checkout\n      - node/install: {{token: $NPM_TOKEN}}\n      - when:\n          steps:\n            - run: set -x\n      - run:\n          command: |\n            echo $DEPLOY_TOKEN {SECRET}\n          environment: {{E: 2}}\nworkflows:\n  all:\n    jobs:\n      - build: {{context: [org, aws], pre-steps: [{{run: pre}}]}}\n      - other\n"
    );
    let read = reads(".circleci/config.yml", &text);
    assert_eq!(read.gaps, []);
    assert_eq!(fact(&read, "jobs.build.docker.0.environment.A").fields["holds_secret"], true);
    fact(&read, "jobs.build.docker.1.environment.B");
    assert_eq!(fact(&read, "jobs.build.environment.C").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "jobs.build.environment.D").fields["value_kind"], "literal");
    assert_eq!(fact(&read, "jobs.build.steps.0").fields["uses"], "checkout");
    let orb = fact(&read, "jobs.build.steps.1");
    assert_eq!(orb.fields["with"], json!({"token": "$NPM_TOKEN"}));
    assert_eq!(orb.fields["secret_variables"], json!(["NPM_TOKEN"]));
    assert_eq!(fact(&read, "jobs.build.steps.2.steps.0").fields["run"], "set -x");
    let run = fact(&read, "jobs.build.steps.3");
    assert_eq!(run.fields["run"], "echo $DEPLOY_TOKEN ***\n");
    assert_eq!(run.fields["env"], json!(["A", "C", "D", "E"]));
    assert_eq!(run.fields["secrets"], json!(["context:aws", "context:org"]));
    assert_eq!(run.fields["secret_variables"], json!(["DEPLOY_TOKEN"]));
    assert_eq!(fact(&read, "workflows.all.build.pre-steps.steps.0").fields["run"], "pre");
    assert_eq!(fact(&read, "orbs.own.commands.c.steps.0").fields["run"], "env");
    let part =
        reads(".circleci/src/commands/x.yml", "steps:\n  - run: y\n  - [a]\n  - {}\n  - 1: {}\n");
    assert_eq!(fact(&part, "steps.steps.0").fields["run"], "y");
}

#[test]
fn executors_of_circleci() {
    let text = format!(
        "executors:\n  own:\n    docker:\n      - image: a\n        auth:\n          username: u\n          password: {SECRET}\n      \
         - image: b\n        aws_auth:\n          aws_access_key_id: x\n          aws_secret_access_key: $KEY\n  plain:\n    docker: \
         [{{image: c}}]\norbs:\n  o:\n    executors:\n      e:\n        docker:\n          - image: d\n            auth: {{username: u, \
         password: $P}}\n"
    );
    let read = reads(".circleci/config.yml", &text);
    let own = fact(&read, "executors.own");
    assert_eq!(own.kind, "ci_executor");
    assert_eq!(own.fields["name"], "own");
    let logins = json!([
        {"of": "docker.0", "sort": "password", "value_kind": "literal"},
        {"of": "docker.1", "sort": "aws", "value_kind": "reference"},
    ]);
    assert_eq!(own.fields["credentials"], logins);
    let place = own.place_of(json!(["credentials", 0]).as_array().unwrap()).unwrap();
    assert_eq!((place.line, place.column), (7, 21));
    assert_eq!(
        fact(&read, "orbs.o.executors.e").fields["credentials"][0]["value_kind"],
        "reference"
    );
    assert_eq!(read.facts.iter().filter(|fact| fact.kind == "ci_executor").count(), 2);
}

#[test]
fn azure() {
    let text = format!(
        "name: n\nvariables:\n  A: {SECRET}\n  ${{{{ if x }}}}:\n    B: $(Other)\nstages:\n- stage: s\n  variables:\n  - group: g\n  - {{name: C, value: '$[ x ]', readonly: true}}\n  - ${{{{ if y }}}}:\n    - name: D\n      value: e\n  jobs:\n  - deployment: d\n    strategy:\n      runOnce:\n        deploy:\n          steps:\n          - bash: |\n              echo $TOKEN $(db.password) {SECRET}\n            env:\n              TOKEN: $(api-x) $(apiToken)\n          - task: AzureCLI@2\n            inputs: {{inlineScript: 'x $(System.AccessToken)', other: '$(key)'}}\n          - ${{{{ if z }}}}:\n            - script: $(date) $(cat secret)\n          - template: a.yml\n            parameters: {{password: $(dbPassword)}}\n"
    );
    let read = reads("azure-pipelines.yml", &text);
    assert_eq!(read.gaps, []);
    assert_eq!(fact(&read, "pipeline").fields["name"], "n");
    assert_eq!(fact(&read, "variables.A").fields["holds_secret"], true);
    assert_eq!(fact(&read, "variables.B").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "stages.s.variables.C").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "stages.s.variables.D").fields["instruction"], "variables");
    let steps = "stages.s.jobs.d.strategy.runOnce.deploy.steps";
    let bash = fact(&read, &format!("{steps}.0"));
    assert_eq!(
        serde_json::to_value(&bash.fields).unwrap(),
        json!({
            "system": "azure-pipelines", "workflow": "azure-pipelines.yml#pipeline", "triggers": [], "job": "d",
            "run": "echo $TOKEN $(db.password) ***\n", "shell": "bash", "uses": null, "version": null, "with": {},
            "env": ["A", "B", "C", "D", "TOKEN"], "secrets": ["apiToken", "db.password"],
            "secret_variables": ["TOKEN", "db.password"], "interpolated_secrets": ["db.password"],
            "inherits_secrets": false, "secret_access": [],
        })
    );
    let task = fact(&read, &format!("{steps}.1"));
    assert_eq!(task.fields["run"], "x $(System.AccessToken)");
    assert_eq!(task.fields["interpolated_secrets"], json!(["System.AccessToken"]));
    assert_eq!(fact(&read, &format!("{steps}.2.0")).fields["secrets"], json!([]));
    let template = fact(&read, &format!("{steps}.3"));
    assert_eq!(
        (&template.fields["uses"], &template.fields["secrets"]),
        (&json!("a.yml"), &json!(["dbPassword"]))
    );
}

#[test]
fn jenkins() {
    let text = format!(
        "@Library('x') _\npipeline {{\n  agent any\n  environment {{\n    A = '{SECRET}'\n    B = credentials('b')\n    C = \"${{A}}\"\n    D = \"x${{A}}\"\n    E = f('x')\n    F = g.h\n  }}\n\
         \x20 parameters {{ password(name: 'P', defaultValue: '{SECRET}', description: '') }}\n  stages {{\n    stage('Build it') {{\n      steps {{\n        sh 'curl $B'\n        sh \"curl -u ${{B_PSW}} \\$B x\"\n        \
         echo \"a ${{env.B}}\"\n        echo 'no $B'\n        echo \"${{A}}\"\n        // sh 'none'\n      }}\n    }}\n  }}\n}}\nnode {{\n  withCredentials([usernamePassword(credentialsId: 'u', usernameVariable: 'U', \
         passwordVariable: 'W'), file(credentialsId: 'f', variable: 'KEY'),\n    [$class: 'StringBinding', variable: 'S']]) {{\n    def x = sh(label: \"l\",\n      script: \"\"\"\n      set -x\n      login $U ${{W}} {SECRET}\n      \"\"\",\n      returnStdout: true)\n  }}\n  withEnv([\"V={SECRET}\", 'W=1']) {{ bat 'y' }}\n}}\n"
    );
    let read = reads("a/Jenkinsfile", &text);
    assert_eq!(read.gaps, []);
    for (id, kind) in [
        ("environment.A", "literal"),
        ("environment.B", "reference"),
        ("environment.C", "reference"),
        ("environment.D", "interpolated"),
        ("environment.E", "interpolated"),
        ("environment.F", "reference"),
        ("parameters.P", "literal"),
        ("withEnv.V", "literal"),
    ] {
        assert_eq!(fact(&read, id).fields["value_kind"], kind, "{id}");
    }
    let single = fact(&read, "Build it.sh");
    assert_eq!(single.fields["interpolated_secrets"], json!([]));
    assert_eq!(single.fields["secret_variables"], json!(["B", "B_PSW"]));
    assert_eq!(single.fields["env"], json!(["A", "B", "B_PSW", "C", "D", "E", "F"]));
    let double = fact(&read, "Build it.sh~2");
    assert_eq!(double.fields["interpolated_secrets"], json!(["B_PSW"]));
    assert_eq!(fact(&read, "Build it.echo").fields["run"], "echo a ${env.B}");
    let call = fact(&read, "steps.sh");
    assert_eq!(call.fields["secrets"], json!(["S", "W"]));
    assert_eq!(call.fields["interpolated_secrets"], json!(["W"]));
    assert!(call.fields["run"].as_str().unwrap().contains("login $U ${W} ***"));
    fact(&read, "steps.bat");
    assert_eq!(read.facts.iter().filter(|fact| fact.kind == "ci_step").count(), 5);
    let open = reads("Jenkinsfile", "node {\n  sh 'a\n  sh 'b'\n  /* x");
    assert_eq!(fact(&open, "steps.sh").fields["run"], "b");
    assert_eq!(open.gaps[0].why, "line 2 has a string or comment that does not end");
    let deep = reads("Jenkinsfile", &"a {\n".repeat(200));
    assert_eq!(deep.gaps[0].why, "line 101 is nested more than 100 deep");
}

#[test]
fn which_files_are() {
    for (path, head, name) in [
        (".circleci/config.yml", "", Some("circleci")),
        ("x/.circleci/src/jobs/a.yml", "", Some("circleci")),
        ("circleci/config.yml", "", None),
        ("azure-pipelines.yml", "", Some("azure-pipelines")),
        ("ci/azure-pipelines-pr.yaml", "", Some("azure-pipelines")),
        (".azure-pipelines/templates/a.yml", "", Some("azure-pipelines")),
        ("azure-pipelines.md", "", None),
        ("Jenkinsfile", "", Some("jenkins")),
        ("ci/Jenkinsfile.release", "", Some("jenkins")),
        ("x.groovy", "pipeline {", Some("jenkins")),
        ("x.groovy", "class A {", None),
        ("Jenkinsfile.md", "", None),
    ] {
        assert_eq!(kind(path, head.as_bytes()), name, "{path}");
    }
}
