//! Kinds of a few lines.

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
