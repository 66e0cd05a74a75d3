use serde_json::{Value, json};

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

#[test]
fn what_is_encoded_is_read() {
    let text = format!(
        "resource \"aws_secretsmanager_secret_version\" \"db\" {{\n  secret_id     = aws_secretsmanager_secret.db.id\n  \
         secret_string = jsonencode({{\n    username = \"admin\"\n    password = \"hunter\", \"api_key\" : var.key\n    \
         more = {{ db_token = \"${{var.a}}\" }}\n    port = 5432\n  }})\n}}\n\
         resource \"aws_ssm_parameter\" \"x\" {{\n  value = base64encode(yamlencode([{{ name = \"DB_PASSWORD\", value = \"{SECRET}\" }}]))\n}}\n\
         locals {{\n  a = jsonencode({{ for k, v in var.x : k => {{ b_secret = \"c\" }} }})\n  t = jsonencode([\"{SECRET}\"])\n}}\n"
    );
    let read = reads("main.tf", &text);
    let base = "resource.aws_secretsmanager_secret_version.db.secret_string";
    for (kind, takes, id) in [
        ("literal", true, format!("{base}.password")),
        ("reference", true, format!("{base}.api_key")),
        ("reference", true, format!("{base}.more.db_token")),
        ("literal", false, "resource.aws_ssm_parameter.x.value.DB_PASSWORD".into()),
        ("literal", false, "locals.b_secret".into()),
        ("interpolated", false, "locals.t".into()),
    ] {
        let fact = fact(&read, &id);
        let told = (&fact.fields["value_kind"], &fact.fields["takes_secret"]);
        assert_eq!(told, (&json!(kind), &json!(takes)), "{id}");
    }
    assert_eq!(place(fact(&read, &format!("{base}.password"))), (5, 5, 5, 23));
    let attributes = read.facts.iter().filter(|fact| fact.kind == "tf_attribute").count();
    assert_eq!(attributes, 6, "users and ports are none");
    // A value of a secret is shown as little as any.
    let secret = fact(&read, "resource.aws_secretsmanager_secret_version.db");
    assert_eq!(secret.fields["properties"]["secret_string"], "***");
}

#[test]
fn variables_of_containers_of_ecs() {
    let text = format!(
        "resource \"aws_ecs_task_definition\" \"app\" {{\n  family = \"app\"\n  container_definitions = jsonencode([\n    {{\n      name = \"web\"\n      \
         environment = [\n        {{ name = \"DB_PASSWORD\", value = \"{SECRET}\" }},\n        {{ name = \"API_TOKEN\", value = var.token }},\n      ]\n      \
         secrets = [{{ name = \"OTHER\", valueFrom = aws_ssm_parameter.x.arn }}]\n      dockerLabels = {{ api_key = \"x\" }}\n    }}\n  ])\n}}\n"
    );
    let read = reads("main.tf", &text);
    let base = "resource.aws_ecs_task_definition.app.container_definitions.";
    for (kind, holds, id) in [
        ("literal", true, "web.environment.DB_PASSWORD"),
        ("reference", false, "web.environment.API_TOKEN"),
        ("reference", false, "web.secrets.OTHER"),
        ("literal", false, "dockerLabels.api_key"),
    ] {
        let fact = fact(&read, &format!("{base}{id}"));
        let told = (&fact.fields["value_kind"], &fact.fields["holds_secret"]);
        assert_eq!(told, (&json!(kind), &json!(holds)), "{id}");
    }
    let variable = fact(&read, &format!("{base}web.environment.DB_PASSWORD"));
    assert_eq!(variable.kind, "env_binding");
    assert_eq!(variable.fields["container_format"], "ecs");
    assert_eq!(place(variable), (7, 9, 7, 56));
    assert_eq!(read.facts.len(), 4);
}

#[test]
fn documents_of_policies_are_objects() {
    let text = "resource \"aws_kms_key\" \"a\" {\n  policy = jsonencode({\n    Statement = [\n      { Effect = \"Allow\", Principal = \"*\", Resource = [aws_x.y.arn, \"${a}/b\"] },\n      { Effect = \"Deny\", Max = 3 }\n    ]\n  })\n}\n";
    let read = reads("main.tf", text);
    let policy = &fact(&read, "resource.aws_kms_key.a").fields["properties"]["policy"];
    let expected = json!({ "Statement": [
        { "Effect": "Allow", "Principal": "*", "Resource": ["${aws_x.y.arn}", "${a}/b"] },
        { "Effect": "Deny", "Max": 3 },
    ] });
    assert_eq!(*policy, expected);
}

#[test]
fn json_in_heredocs_is_read_with_its_places() {
    let text = format!(
        "resource \"aws_kms_key\" \"a\" {{\n  policy = <<-EOF\n    {{\n      \"Statement\": [\n        {{\"Effect\": \"Allow\", \"Principal\": \"*\", \
         \"Resource\": \"${{aws_x.y.arn}}\"}}\n      ]\n    }}\n  EOF\n  multi_region = true\n}}\nresource \"aws_secretsmanager_secret_version\" \"b\" {{\n  \
         secret_string = <<EOF\n{{\"user\": \"u\", \"password\": \"{SECRET}\"}}\nEOF\n}}\n"
    );
    let read = reads("main.tf", &text);
    let key = fact(&read, "resource.aws_kms_key.a");
    let expected = json!({ "Statement": [
        { "Effect": "Allow", "Principal": "*", "Resource": "${aws_x.y.arn}" },
    ] });
    assert_eq!(key.fields["properties"]["policy"], expected);
    let at = |path: Value| {
        let place = key.place_of(path.as_array().unwrap()).unwrap();
        (place.line, place.column, place.end_line)
    };
    assert_eq!(at(json!(["properties", "policy", "Statement", 0])), (5, 9, 5));
    assert_eq!(at(json!(["properties", "policy", "Statement", 0, "Principal"])), (5, 29, 5));
    assert_eq!(at(json!(["properties", "multi_region"])), (9, 3, 9));
    assert_eq!(at(json!(["properties", "absent"])), (1, 1, 10));
    let version = "resource.aws_secretsmanager_secret_version.b";
    let password = fact(&read, &format!("{version}.secret_string.password"));
    assert_eq!(password.fields["holds_secret"], true);
    assert_eq!(password.at.as_ref().unwrap().line, 13);
    assert_eq!(fact(&read, version).fields["properties"]["secret_string"], "***");
}

#[test]
fn json_in_strings_is_read_with_its_places() {
    let text = "resource \"aws_iam_policy\" \"p\" {\n  policy = \"{\\\"Statement\\\": [{\\\"Resource\\\": \\\"${aws_x.y[\"z\"].arn}\\\", \
                \\\"é\\\": \\\"a\\\\nb $${c}\\\"}]}\"\n}\n";
    let read = reads("main.tf", text);
    let policy = fact(&read, "resource.aws_iam_policy.p");
    let expected =
        json!({ "Statement": [{ "Resource": "${aws_x.y['z'].arn}", "é": "a\nb $${c}" }] });
    assert_eq!(policy.fields["properties"]["policy"], expected);
    let at = |path: Value| {
        let place = policy.place_of(path.as_array().unwrap()).unwrap();
        (place.line, place.column, place.end_column)
    };
    assert_eq!(at(json!(["properties", "policy", "Statement", 0])), (2, 30, 92));
    assert_eq!(at(json!(["properties", "policy", "Statement", 0, "é"])), (2, 70, 91));
    let secret = format!(
        "resource \"aws_secretsmanager_secret_version\" \"b\" {{\n  secret_string = \"{{\\\"user\\\": \\\"u\\\", \\\"password\\\": \
         \\\"{SECRET}\\\"}}\"\n}}\n"
    );
    let read = reads("main.tf", &secret);
    let version = "resource.aws_secretsmanager_secret_version.b";
    let password = fact(&read, &format!("{version}.secret_string.password"));
    assert_eq!(password.fields["holds_secret"], true);
    assert_eq!(fact(&read, version).fields["properties"]["secret_string"], "***");
}

#[test]
fn what_is_no_json_in_a_string_stays_a_text() {
    for inner in [
        "[a-z]+",
        "{}",
        "{\\\"a\\\": }",
        "{\\\"a\\\": ${jsonencode(x)}}",
        "{\\\"a\\\": \\\"\\x\\\"}",
        "\\\"text\\\"",
        "{\\\"a\\\": \\\"\\uD800\\\"}",
    ] {
        let text = format!("resource \"aws_kms_key\" \"a\" {{\n  policy = \"{inner}\"\n}}\n");
        let read = reads("main.tf", &text);
        let policy = &fact(&read, "resource.aws_kms_key.a").fields["properties"]["policy"];
        assert_eq!(policy, inner, "{inner}");
    }
}

#[test]
fn blocks_have_places() {
    let text = "resource \"azurerm_key_vault\" \"a\" {\n  network_acls {\n    bypass = \"None\"\n  }\n}\n\
                data \"http\" \"x\" {\n  url = \"https://x/${var.password}\"\n}\n\
                resource \"aws_ssm_parameter\" \"p\" {\n  type  = \"SecureString\"\n  value = \"plain\"\n}\n\
                resource \"aws_ssm_parameter\" \"q\" {\n  type  = \"String\"\n  value = \"plain\"\n}\n";
    let read = reads("main.tf", text);
    let at = |id: &str, path: Value| {
        let place = fact(&read, id).place_of(path.as_array().unwrap()).unwrap();
        (place.line, place.column, place.end_line)
    };
    let vault = "resource.azurerm_key_vault.a";
    assert_eq!(at(vault, json!(["properties", "network_acls", "default_action"])), (2, 3, 4));
    assert_eq!(at(vault, json!(["properties", "network_acls", "bypass"])), (3, 5, 3));
    let request = fact(&read, "data.http.x");
    assert_eq!(request.fields["resource_type"], "data.http");
    assert_eq!(request.fields["properties"]["url"], "https://x/${var.password}");
    let hidden = fact(&read, "resource.aws_ssm_parameter.p");
    assert_eq!(hidden.fields["properties"]["value"], "***");
    assert_eq!(fact(&read, "resource.aws_ssm_parameter.p.value").fields["takes_secret"], true);
    assert_eq!(fact(&read, "resource.aws_ssm_parameter.q").fields["properties"]["value"], "plain");
}

#[test]
fn what_is_no_json_in_a_heredoc_stays_a_text() {
    for inner in [
        "{ \"a\": ${jsonencode(x)} }",
        "%{ if x }{}%{ endif }",
        "[default]\nregion = a",
        "{ \"a\": ",
        "text",
        "[a]\n---\n[b]",
    ] {
        let text =
            format!("resource \"aws_kms_key\" \"a\" {{\n  policy = <<EOF\n{inner}\nEOF\n}}\n");
        let read = reads("main.tf", &text);
        let policy = &fact(&read, "resource.aws_kms_key.a").fields["properties"]["policy"];
        assert!(policy.is_string(), "{inner}: {policy}");
    }
    // Aliases are no JSON, and would be more than the text.
    let bomb =
        "[&a [x,x,x,x,x,x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], [*b,*b,*b,*b,*b,*b,*b,*b,*b]]";
    let read = reads(
        "main.tf",
        &format!("resource \"aws_kms_key\" \"a\" {{\n  policy = <<EOF\n{bomb}\nEOF\n}}\n"),
    );
    assert!(fact(&read, "resource.aws_kms_key.a").fields["properties"]["policy"].is_string());
}
