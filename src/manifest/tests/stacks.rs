use serde_json::json;

use super::*;

#[test]
fn templates() {
    let text = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  DbPassword: {{Type: String, Default: {SECRET}}}\n  ApiToken: {{Type: String, NoEcho: true, Default: abc}}\n  Size: {{Type: Number}}\n  TokenParameter:\n    Type: AWS::SSM::Parameter::Value<String>\n    Default: /a/token\n\
         Globals:\n  Function:\n    Environment:\n      Variables: {{G: 1}}\nResources:\n  Secret:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      KmsKeyId: !Ref Key\n      SecretString: !Sub 'x${{DbPassword}}'\n  Other:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: o\n      SecretString: plain\n\
         \x20 Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: hello\n      AuthToken: !Join ['', [a, {SECRET}]]\n      Tags: [{{Key: ApiToken, Value: {SECRET}}}]\n  Ok:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: '{{{{resolve:secretsmanager:a:SecretString:b}}}}'\n\
         \x20 F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          A: {SECRET}\n          B: !Ref DbPassword\n          C: {{'Fn::Sub': '${{X}}'}}\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n      - Environment:\n        - {{Name: D, Value: {SECRET}}}\n\
         \x20 B:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Environment:\n        EnvironmentVariables:\n        - {{Name: P, Type: PARAMETER_STORE, Value: /x}}\nOutputs:\n  O:\n    Value: !GetAtt Key.SecretAccessKey\n  Q:\n    Value: !Sub 'a ${{DbPassword}} ${{Size}}'\n  R:\n    Value: !Ref Secret\n  S:\n    Value: {{'Fn::GetAtt': [Secret, Arn]}}\n  V:\n    Value: '{{{{resolve:secretsmanager:a}}}}'\n"
    );
    let read = reads("stack.yaml", &text);
    assert_eq!(read.gaps, []);
    let parameter = fact(&read, "Parameters.DbPassword");
    assert_eq!(
        serde_json::to_value(&parameter.fields).unwrap(),
        json!({
            "name": "DbPassword", "parameter_type": "String", "names_secret": true, "no_echo": false,
            "value_kind": "literal", "holds_secret": true, "secret_rule": "a-rule", "secret_confidence": "known",
        })
    );
    assert_eq!(fact(&read, "Parameters.ApiToken").fields["no_echo"], true);
    assert_eq!(fact(&read, "Parameters.TokenParameter").fields["names_secret"], false);
    assert_eq!(fact(&read, "Parameters.TokenParameter").fields["value_kind"], "reference");
    fact(&read, "Globals.G");
    let secret = fact(&read, "Resources.Secret");
    assert_eq!(
        secret.fields["properties"],
        json!({"KmsKeyId": {"Ref": "Key"}, "SecretString": {"Fn::Sub": "x${DbPassword}"}})
    );
    assert_eq!(fact(&read, "Resources.Secret.SecretString").fields["value_kind"], "interpolated");
    assert_eq!(fact(&read, "Resources.Other").fields["properties"]["SecretString"], "***");
    assert_eq!(fact(&read, "Resources.Other.SecretString").fields["takes_secret"], true);
    let password = fact(&read, "Resources.Db.MasterUserPassword");
    assert_eq!(
        (
            &password.fields["value_kind"],
            &password.fields["takes_secret"],
            &password.fields["holds_secret"]
        ),
        (&json!("literal"), &json!(true), &json!(false))
    );
    assert_eq!(fact(&read, "Resources.Db.AuthToken").fields["holds_secret"], true);
    assert_eq!(fact(&read, "Resources.Db.Tags.ApiToken").fields["holds_secret"], true);
    assert_eq!(fact(&read, "Resources.Ok.MasterUserPassword").fields["value_kind"], "reference");
    for (id, kind, holds) in [
        ("Resources.F.A", "literal", true),
        ("Resources.F.B", "reference", false),
        ("Resources.F.C", "reference", false),
        ("Resources.T.D", "literal", true),
    ] {
        let binding = fact(&read, id);
        assert_eq!(
            (&binding.fields["value_kind"], &binding.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
    assert!(read.facts.iter().all(|fact| fact.id.rsplit('.').next() != Some("P")));
    for (id, secrets) in [
        ("Outputs.O", json!(["Key.SecretAccessKey"])),
        ("Outputs.Q", json!(["DbPassword"])),
        ("Outputs.R", json!([])),
        ("Outputs.S", json!([])),
        ("Outputs.V", json!(["resolve:secretsmanager.secret"])),
    ] {
        assert_eq!(fact(&read, id).fields["secrets"], secrets, "{id}");
    }
}

#[test]
fn templates_in_json() {
    let text = format!(
        "{{\"Resources\": {{\"Key\": {{\"Type\": \"AWS::KMS::Key\", \"Properties\": {{\"EnableKeyRotation\": true, \"Description\": \"{SECRET}\"}}}}, \
         \"Db\": {{\"Type\": \"AWS::RDS::DBInstance\", \"Properties\": {{\"MasterUserPassword\": {{\"Ref\": \"P\"}}}}}}}}}}"
    );
    let read = reads("stack.json", &text);
    let key = fact(&read, "Resources.Key");
    assert_eq!(key.fields["properties"], json!({"EnableKeyRotation": true, "Description": "***"}));
    assert_eq!(fact(&read, "Resources.Db.MasterUserPassword").fields["value_kind"], "reference");
    assert_eq!(reads("x.yaml", "Resources: {a: {Type: 1}} # AWS::").facts, []);
    assert_eq!(reads("x.yaml", "Resources: {a: [\n# AWS::").gaps.len(), 5);
}

#[test]
fn services() {
    let text = format!(
        "service: s\nprovider:\n  name: aws\n  environment:\n    A: ${{env:A}}\n    B: {SECRET}\nfunctions:\n  f:\n    environment: {{C: \"${{self:custom.c, 'x'}}\"}}\ncustom:\n  db: {{password: {SECRET}, host: h}}\n  stage: ${{opt:stage}}\n\
         resources:\n  - Resources:\n      Key: {{Type: 'AWS::KMS::Key'}}\n"
    );
    let read = reads("serverless.yml", &text);
    assert_eq!(fact(&read, "provider.environment.A").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "provider.environment.B").fields["container_format"], "serverless");
    assert_eq!(fact(&read, "functions.f.environment.C").fields["value_kind"], "interpolated");
    assert_eq!(fact(&read, "custom.db.password").fields["holds_secret"], true);
    assert_eq!(fact(&read, "Resources.Key").fields["system"], "cloudformation");
}

#[test]
fn terraform_json() {
    let text = format!(
        "{{\"//\": \"x\", \"variable\": {{\"db_password\": {{\"default\": \"{SECRET}\", \"sensitive\": true}}}},\n\"output\": {{\"o\": {{\"value\": \"${{var.db_password}}\"}}}},\n\
         \"resource\": {{\"aws_kms_key\": {{\"k\": [{{\"enable_key_rotation\": true, \"tags\": {{\"a\": \"${{var.x}}\"}}}}]}}, \"aws_db_instance\": {{\"d\": {{\"password\": \"hello\"}}}}}}}}"
    );
    let read = reads("main.tf.json", &text);
    assert_eq!(read.gaps, []);
    let variable = fact(&read, "variable.db_password");
    assert_eq!(
        (&variable.fields["sensitive"], &variable.fields["holds_secret"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(fact(&read, "output.o").fields["secrets"], json!(["var.db_password"]));
    let key = fact(&read, "resource.aws_kms_key.k");
    assert_eq!(
        key.fields["properties"],
        json!({"enable_key_rotation": true, "tags": {"a": "${var.x}"}})
    );
    let password = fact(&read, "resource.aws_db_instance.d.password");
    assert_eq!(
        (&password.fields["takes_secret"], &password.fields["value_kind"]),
        (&json!(true), &json!("literal"))
    );
    let values = reads("x.tfvars.json", &format!("{{\"a\": {{\"token\": \"{SECRET}\"}}}}"));
    assert_eq!(fact(&values, "a.token").fields["block"], "");
}

#[test]
fn terraform_resources() {
    let text = format!(
        "resource \"aws_secretsmanager_secret\" \"s\" {{\n  name = \"db_password\"\n  kms_key_id = aws_kms_key.k.arn\n  recovery_window_in_days = 0\n  dynamic \"replica\" {{\n    for_each = var.r\n    content {{\n      region = \"{SECRET}\"\n    }}\n  }}\n  tags = {{ a = \"b\" }}\n}}\n\
         resource \"azurerm_key_vault_secret\" \"v\" {{\n  value = \"plain\"\n}}\nresource \"other\" \"x\" {{\n  a = 1\n}}\n\
         data \"aws_iam_policy_document\" \"d\" {{\n  statement {{\n    actions = [\"a\"]\n  }}\n  statement {{\n    resources = [\"*\"]\n  }}\n}}\n"
    );
    let read = reads("a/main.tf", &text);
    let secret = fact(&read, "resource.aws_secretsmanager_secret.s");
    assert_eq!(secret.fields["names_secret"], true);
    assert_eq!(
        secret.fields["properties"],
        json!({
            "name": "db_password", "kms_key_id": "${aws_kms_key.k.arn}", "recovery_window_in_days": 0,
            "replica": {"for_each": "${var.r}", "region": "***"}, "tags": {"a": "b"},
        })
    );
    assert_eq!(
        fact(&read, "resource.azurerm_key_vault_secret.v").fields["properties"]["value"],
        "***"
    );
    assert_eq!(read.facts.iter().filter(|fact| fact.kind == "iac_resource").count(), 4);
    let first = fact(&read, "data.aws_iam_policy_document.d.statement");
    assert_eq!(first.fields["resource_type"], "aws_iam_policy_document.statement");
    assert_eq!(first.fields["properties"], json!({"actions": "${[\"a\"]}"}));
    fact(&read, "data.aws_iam_policy_document.d.statement~2");
}

#[test]
fn states() {
    let text = format!(
        "{{\"version\": 4, \"terraform_version\": \"1.9.0\",\n\"outputs\": {{\"o\": {{\"value\": \"abc\", \"sensitive\": true}}, \"p\": {{\"value\": \"x\"}}}},\n\
         \"resources\": [{{\"mode\": \"managed\", \"type\": \"a\", \"name\": \"b\", \"instances\": [{{\"attributes\": {{\"id\": \"{SECRET}\", \"password\": \"pw\", \"user_data\": \"u\", \"token\": null, \"secret_count\": 3}},\n\
         \"sensitive_attributes\": [[{{\"type\": \"get_attr\", \"value\": \"user_data\"}}]]}}]}}]}}"
    );
    let read = reads("terraform.tfstate", &text);
    assert_eq!(
        serde_json::to_value(&fact(&read, "state").fields).unwrap(),
        json!({"terraform_version": "1.9.0", "encrypted": false, "resources": 1, "values": 4})
    );
    assert_eq!(fact(&read, "output.o").fields["sensitive"], true);
    assert_eq!(fact(&read, "a.b.user_data").fields["sensitive"], true);
    for id in ["a.b.id", "a.b.password"] {
        assert_eq!(fact(&read, id).fields["sensitive"], false);
    }
    let encrypted = reads("x.tfstate.backup", "{\"serial\": 1, \"encrypted_data\": \"x\"}");
    assert_eq!(fact(&encrypted, "state").fields["encrypted"], true);
    let old = reads(
        "x.tfstate",
        "{\"version\": 3, \"modules\": [{\"resources\": {\"a.b\": {\"primary\": {\"attributes\": {\"password\": \"x\"}}}}}]}",
    );
    fact(&old, "a.b.password");
}

#[test]
fn templates_of_azure() {
    let text = format!(
        "{{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n\"parameters\": {{\n\"a\": \
         {{\"type\": \"SecureString\", \"defaultValue\": \"plain words\"}},\n\"b\": {{\"type\": \"securestring\", \"defaultValue\": \
         \"[newGuid()]\"}},\n\"c\": {{\"type\": \"string\", \"defaultValue\": \"x\"}}}},\n\"resources\": [{{\"type\": \
         \"Microsoft.Compute/virtualMachines\", \"properties\": {{\"osProfile\": {{\"adminPassword\": \"{SECRET}\"}}}},\n\
         \"resources\": [{{\"type\": \"Microsoft.KeyVault/vaults/secrets\", \"properties\": {{\"value\": \"some words\"}}}}]}}]}}\n"
    );
    let read = reads("azuredeploy.json", &text);
    assert_eq!(read.gaps, []);
    let a = fact(&read, "a");
    assert_eq!(
        (&a.fields["takes_secret"], &a.fields["value_kind"]),
        (&true.into(), &"literal".into())
    );
    assert_eq!(place(a), (3, 48, 3, 58));
    assert_eq!(fact(&read, "b").fields["value_kind"], "reference");
    assert!(read.facts.iter().all(|fact| !fact.id.ends_with("#c")));
    assert_eq!(
        fact(&read, "resources.0.properties.osProfile.adminPassword").fields["holds_secret"],
        true
    );
    let inner = "resources.0.resources.0.properties.value";
    assert_eq!(fact(&read, inner).fields["takes_secret"], true);
    assert_eq!(kind("a.json", b"{\"a\": 1}"), None);
    let nested = "{\"$schema\": \"x/deploymentTemplate.json#\", \"parameters\": {\"o\": {\"type\": \"secureObject\", \"defaultValue\": {\"on\": \
                  false, \"adminPassword\": \"plain\"}}, \"e\": {\"type\": \"secureObject\", \"defaultValue\": {}}}, \"resources\": \
                  [{\"properties\": {\"template\": {\"parameters\": {\"p\": {\"type\": \"securestring\", \"defaultValue\": \"y\"}}}}}]}";
    let read = reads("azuredeploy.json", nested);
    let ids: Vec<&str> = read.facts.iter().map(|fact| fact.id.split_once('#').unwrap().1).collect();
    assert_eq!(ids, ["o.adminPassword", "resources.0.p"]);
}

#[test]
fn parameters_of_bicep() {
    let text = "@description('a')\n@secure()\nparam a string = 'it\\'s plain'\n@secure()\nparam b string\nparam c string = 'x'\n\
                @secure()\nparam d string = '${e}-f'\n@secure()\nparam g string = ''\n@secure()\nparam h string = newGuid()\n\
                @secure()\nvar x = 1\nparam i string = 'y'\n";
    let read = reads("main.bicep", text);
    let kinds: Vec<(&str, &str)> = read
        .facts
        .iter()
        .map(|fact| {
            (fact.id.split_once('#').unwrap().1, fact.fields["value_kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(kinds, [("a", "literal"), ("d", "interpolated"), ("g", "empty")]);
    assert_eq!(place(fact(&read, "a")), (3, 19, 3, 29));
}
