use serde_json::json;

use super::*;

#[test]
fn services() {
    let text = format!(
        "services:\n  web:\n    image: \"a:${{TAG:-1}}\"\n    environment:\n      DB_PASSWORD: {SECRET}\n      A: ${{B}}\n      \
         C: ${{D:-{SECRET}}}\n      E:\n      F: ''\n    secrets: [x, {{source: y}}]\n    env_file: .env\n    build:\n      \
         args:\n        - NPM_TOKEN\n        - X=1\n  db:\n    environment:\n      - \"PW={SECRET}\"\n      - G\n      - H=$$x\n"
    );
    let read = reads("compose.yml", &text);
    assert_eq!(read.gaps, []);
    assert_eq!(place(fact(&read, "services.web.environment.DB_PASSWORD")), (5, 7, 5, 31));
    for (id, kind, holds) in [
        ("services.web.environment.DB_PASSWORD", "literal", true),
        ("services.web.environment.A", "reference", false),
        ("services.web.environment.C", "interpolated", true),
        ("services.web.environment.E", "reference", false),
        ("services.web.environment.F", "empty", false),
        ("services.web.build.args.NPM_TOKEN", "reference", true),
        ("services.web.build.args.X", "literal", false),
        ("services.db.environment.PW", "literal", true),
        ("services.db.environment.G", "reference", false),
        ("services.db.environment.H", "literal", false),
    ] {
        let fact = fact(&read, id);
        assert_eq!(
            (&fact.fields["value_kind"], &fact.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
    assert_eq!(
        serde_json::to_value(&fact(&read, "services.web").fields).unwrap(),
        json!({
            "name": "web", "image": "a:${TAG:-1}", "env_files": [".env"], "secrets": ["x", "y"], "configs": [],
            "build_secrets": [],
        })
    );
}

#[test]
fn anchors_and_merges() {
    let text =
        "x-env: &env\n  A: 1\nservices:\n  web:\n    environment:\n      <<: *env\n      B: 2\n";
    let read = reads("docker-compose.prod.yaml", text);
    assert_eq!(place(fact(&read, "services.web.environment.A")).0, 2);
    fact(&read, "services.web.environment.B");
}

#[test]
fn what_is_no_yaml_is_a_gap() {
    let read = reads("compose.yml", "services: [\n");
    assert_eq!(read.gaps.len(), 3);
    assert!(read.facts.is_empty());
}
