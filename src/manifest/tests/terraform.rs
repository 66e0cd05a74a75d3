use serde_json::json;

use super::*;

#[test]
fn what_outputs_and_variables_are() {
    let text = "output \"v\" {\n  value = try(aws_secretsmanager_secret_version.this[0].version_id, null)\n}\n\
                output \"w\" {\n  value = [aws_secretsmanager_secret_version.this[\"a\"].secret_string]\n}\n\
                variable \"ignore_secret_changes\" {\n  type = bool\n}\nvariable \"api_token\" {\n  type = string\n}\n";
    let read = reads("a.tf", text);
    assert_eq!(fact(&read, "output.v").fields["secrets"], json!([]));
    assert_eq!(
        fact(&read, "output.w").fields["secrets"],
        json!(["aws_secretsmanager_secret_version.this.secret_string"])
    );
    assert_eq!(fact(&read, "variable.ignore_secret_changes").fields["names_secret"], false);
    assert_eq!(fact(&read, "variable.api_token").fields["names_secret"], true);
}

#[test]
fn variables_and_outputs() {
    let text = format!(
        "# variable \"x\" {{}}\nvariable \"db_password\" {{\n  type    = string\n  default = \"{SECRET}\"\n}}\nvariable \"region\" {{ default = \"eu\" }}\n\
         variable \"token\" {{\n  sensitive = true\n  validation {{\n    condition = length(var.token) > 3\n  }}\n}}\n\
         output \"dsn\" {{\n  value = \"x://${{var.db_password}}@${{random_password.a.result}}\"\n}}\noutput \"id\" {{\n  value = aws_x.secret.arn\n  sensitive = false\n}}\n"
    );
    let read = reads("a/main.tf", &text);
    assert_eq!(read.facts.len(), 5, "{read:?}");
    let password = fact(&read, "variable.db_password");
    assert_eq!(
        serde_json::to_value(&password.fields).unwrap(),
        json!({
            "name": "db_password", "names_secret": true, "sensitive": false, "ephemeral": false, "value_kind": "literal",
            "holds_secret": true, "secret_rule": "a-rule", "secret_confidence": "known",
        })
    );
    assert_eq!(place(password), (2, 1, 5, 1));
    assert_eq!(fact(&read, "variable.region").fields["value_kind"], "literal");
    assert_eq!(fact(&read, "variable.token").fields["sensitive"], true);
    let dsn = fact(&read, "output.dsn");
    assert_eq!(dsn.fields["secrets"], json!(["random_password.a.result", "var.db_password"]));
    assert_eq!(fact(&read, "output.id").fields["secrets"], json!([]));
}

#[test]
fn values() {
    let text = format!(
        "resource \"aws_db_instance\" \"main\" {{\n  name = \"x\" // \"\n  password = \"{SECRET}\"\n  master_password = var.pw\n  a_token = \"${{b}}-c\"\n  \
         tags = {{ a = 1, \"api_key\": \"d\" }}\n  inner {{\n    x = \"{SECRET}\"\n  }}\n  list = [{{ z = {{ y_secret = null }} }}]\n  \
         user_data = <<-EOT\n    export A={SECRET}\n  EOT\n  last_secret = \"${{e(\"f}}\")}}\"\n}}\n/* secret = \"1\" */\nlocals {{ t = base64encode(\"{SECRET}\") }}\n"
    );
    let read = reads("main.tf", &text);
    let base = "resource.aws_db_instance.main";
    for (kind, holds, id) in [
        ("literal", true, "password"),
        ("reference", false, "master_password"),
        ("interpolated", false, "a_token"),
        ("literal", false, "tags.api_key"),
        ("literal", true, "inner.x"),
        ("empty", false, "list.z.y_secret"),
        ("literal", true, "user_data"),
        ("interpolated", false, "last_secret"),
    ] {
        let id = format!("{base}.{id}").replace("list.z", "z");
        let fact = fact(&read, &id);
        assert_eq!(
            (&fact.fields["value_kind"], &fact.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
    assert_eq!(place(fact(&read, "resource.aws_db_instance.main.password")), (3, 3, 3, 27));
    assert_eq!(fact(&read, "locals.t").fields["value_kind"], "interpolated");
    // The list has the secret's name in it, and is no secret.
    assert_eq!(
        read.facts.len(),
        9,
        "{:?}",
        read.facts.iter().map(|fact| &fact.id).collect::<Vec<_>>()
    );
}

#[test]
fn values_of_variables() {
    let read = reads("prod.tfvars", &format!("region = \"eu\"\ndb_password = \"{SECRET}\"\n"));
    assert_eq!(read.facts.len(), 1);
    assert_eq!(fact(&read, "db_password").fields["block"], "");
}
