//! Kinds of a few lines.

use serde_json::json;

use super::*;

#[test]
fn units_of_systemd() {
    let text = format!(
        "[Service]\nEnvironment=A=1 \"B=x {SECRET}\" \\\n# Environment=X=1\n  C='{SECRET}'\nEnvironment =D=\nExecStart=x A=2\nEnvironmentFile=/etc/x\n"
    );
    let read = reads("web.service", &text);
    assert_eq!(read.facts.len(), 4, "{read:?}");
    for (id, kind, holds) in [
        ("A", "literal", false),
        ("B", "literal", true),
        ("C", "literal", true),
        ("D", "empty", false),
    ] {
        let fact = fact(&read, &format!("Environment.{id}"));
        assert_eq!(fact.fields["value_kind"], kind, "{id}");
        assert_eq!(fact.fields["holds_secret"], holds, "{id}");
    }
    assert_eq!(place(fact(&read, "Environment.B")), (2, 18, 2, 33));
    assert_eq!(kind("etc/web.service.d/a.conf", b""), Some("systemd"));
    assert_eq!(kind("etc/a.conf", b""), None);
}

#[test]
fn units_of_the_control_plane() {
    let text = format!(
        "[Service]\nExecStart=\nExecStart=-/usr/local/bin/kube-apiserver --a=b \\\n  # c\n  \"--d={SECRET}\" \\\n  $ARGS\nRestart=always\n"
    );
    let read = reads("kube-apiserver.service", &text);
    let started = fact(&read, "ExecStart.kube-apiserver");
    let command = &started.fields["object"]["spec"]["containers"][0]["command"];
    assert_eq!(command.as_array().unwrap().len(), 4, "{command}");
    assert_eq!(command[0], "/usr/local/bin/kube-apiserver");
    assert_eq!(command[3], "$ARGS");
    assert_eq!(place(started), (3, 11, 6, 7));
    let flag = ["object", "spec", "containers"].map(serde_json::Value::from);
    let flag = [&flag[..], &[0.into(), "command".into(), 2.into()]].concat();
    assert_eq!(started.place_of(&flag).map(|at| (at.line, at.column)), Some((5, 4)));
    assert_eq!(reads("web.service", "[Service]\nExecStart=/bin/web --etcd\n").facts.len(), 0);
    let text = "[Service]\nEnvironmentFile=-/etc/etcd.env\nEnvironment=\"ETCD_NAME='a b'\"\nExecStart=/usr/bin/etcd\n";
    let read = reads("etcd.service", text);
    let container = &fact(&read, "ExecStart.etcd").fields["object"]["spec"]["containers"][0];
    assert_eq!(container["env"], json!([{"name": "ETCD_NAME", "value": "a b"}]));
    assert_eq!(container["envFrom"], json!([{"file": "/etc/etcd.env"}]));
}

#[test]
fn tasks_of_ecs() {
    let text = format!(
        "{{\"containerDefinitions\": [{{\"name\": \"app\", \"environment\": [{{\"name\": \"A\", \"value\": \"{SECRET}\"}}, {{\"name\": \"B\"}}],\n\
         \"secrets\": [{{\"name\": \"C\", \"valueFrom\": \"arn:x\"}}]}}]}}"
    );
    let read = reads("task.json", &text);
    assert_eq!(fact(&read, "app.environment.A").fields["holds_secret"], true);
    assert_eq!(fact(&read, "app.environment.B").fields["value_kind"], "empty");
    assert_eq!(fact(&read, "app.secrets.C").fields["value_kind"], "reference");
    assert_eq!(place(fact(&read, "app.secrets.C")).0, 2);
    assert_eq!(kind("a.json", b"{}"), None);
}
