//! Readers, in cases of the IAM User Guide, and against a plain model.

mod model;

use serde_json::{Value, json};

use super::super::organization::{Attached, SERVICE_CONTROL};
use super::*;
use crate::collect::aws::document;
use crate::collect::aws::tests::with_account;

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/k";

fn policy(statements: &Value) -> Value {
    document::normal(&json!({"Statement": statements})).unwrap()
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::123456789012:{kind}/{name}")
}

/// A user or role with inline policies.
fn identity(account: &Account<'_>, kind: &str, name: &str, statements: &Value) -> Draft {
    let mut draft = account.draft("aws_iam_identity", arn(kind, name), None);
    draft.set("identity_kind", kind);
    draft.set("name", name);
    draft.set(
        "inline_policies",
        json!([{"PolicyName": "inline", "PolicyDocument": policy(statements)}]),
    );
    draft.set("AttachedManagedPolicies", json!([]));
    draft.set("PermissionsBoundaryArn", Value::Null);
    draft.set("GroupList", json!([]));
    draft.set("Tags", json!({"team": "a"}));
    draft
}

fn secret(account: &Account<'_>, statements: &Value) -> Draft {
    let mut draft = account.draft("aws_secret", SECRET, Some("eu-west-1"));
    draft.set("Name", "app");
    draft.set("Tags", json!({"team": "a"}));
    draft.set("kms_key_is_default", true);
    draft.set("kms_key_arn", Value::Null);
    draft
        .set("ResourcePolicy", if statements.is_null() { Value::Null } else { policy(statements) });
    draft
}

struct World {
    identities: Identities,
    keys: Keys,
    organization: Organization,
}

impl World {
    fn new(identities: Vec<Draft>) -> Self {
        let identities = Identities { identities, ..Identities::default() };
        Self { identities, keys: Keys::default(), organization: Organization::default() }
    }

    /// Who has which access, and whether under conditions.
    fn readers(&self, account: &Account<'_>, secret: &Draft) -> Vec<(String, String, bool)> {
        let readers = Readers::new(account, &self.identities, &[&self.keys], &self.organization);
        let fact = readers.of(account, secret);
        let reader = |one: &Value| {
            let name =
                one["principal"].as_str().unwrap().rsplit(['/', ':']).next().unwrap().to_owned();
            let access: Vec<&str> =
                one["access"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            (name, access.join(" "), one["conditional"].as_bool().unwrap())
        };
        fact.get("readers").as_array().unwrap().iter().map(reader).collect()
    }
}

fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
fn named(effect: &str, principal: Value) -> Value {
    json!({"Effect": effect, "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
}

fn reader(name: &str, access: &str, conditional: bool) -> (String, String, bool) {
    (name.into(), access.into(), conditional)
}

#[test]
fn either_side_is_enough_and_a_denial_wins() {
    with_account(|account| {
        let world = World::new(vec![
            identity(account, "user", "ann", &json!([allow("secretsmanager:*")])),
            identity(account, "role", "app", &json!([])),
            identity(
                account,
                "role",
                "off",
                &json!([allow("*"), {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}]),
            ),
            identity(account, "role", "other", &json!([allow("s3:*")])),
        ]);
        let all = "delete list policy read update";
        let none = secret(account, &Value::Null);
        assert_eq!(world.readers(account, &none), [reader("ann", all, false)]);
        let with_role =
            secret(account, &json!([named("Allow", json!({"AWS": arn("role", "app")}))]));
        let expected = [reader("app", "read", false), reader("ann", all, false)];
        assert_eq!(world.readers(account, &with_role), expected);
        let denied = secret(account, &json!([named("Deny", json!({"AWS": "123456789012"}))]));
        assert_eq!(
            world.readers(account, &denied),
            [reader("ann", "delete list policy update", false)]
        );
        // Everybody but one: the others may still do what the statement is not about.
        let but_one = secret(
            account,
            &json!([{"Effect": "Deny", "NotPrincipal": {"AWS": arn("user", "ann")}, "Action": "*", "Resource": "*"}]),
        );
        assert_eq!(world.readers(account, &but_one), [reader("ann", all, false)]);
    });
}

#[test]
fn boundaries_bind_roles_and_only_their_own_policies_of_users() {
    with_account(|account| {
        let bound = "arn:aws:iam::123456789012:policy/bound";
        let mut user = identity(account, "user", "ann", &json!([allow("*")]));
        let mut role = identity(account, "role", "app", &json!([allow("*")]));
        user.set("PermissionsBoundaryArn", bound);
        role.set("PermissionsBoundaryArn", bound);
        let mut world = World::new(vec![user, role]);
        world.identities.documents.insert(bound.into(), policy(&json!([allow("s3:*")])));
        let none = secret(account, &Value::Null);
        assert_eq!(world.readers(account, &none), []);
        let both = secret(
            account,
            &json!([named("Allow", json!({"AWS": [arn("user", "ann"), arn("role", "app")]}))]),
        );
        assert_eq!(world.readers(account, &both), [reader("ann", "read", false)]);
    });
}

#[test]
fn conditions_are_decided_by_tags_and_told_otherwise() {
    with_account(|account| {
        let on = |operator: &str, key: &str, value: &str| json!([{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {operator: {key: value}}}]);
        for (statements, expected) in [
            (on("StringEquals", "secretsmanager:ResourceTag/team", "a"), Some(false)),
            (on("StringEquals", "secretsmanager:ResourceTag/team", "b"), None),
            (on("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"), Some(false)),
            (on("StringEquals", "aws:PrincipalTag/none", "x"), Some(true)),
            (on("StringEquals", "aws:SourceVpce", "vpce-1"), Some(true)),
            (on("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"), Some(true)),
            (on("Bool", "aws:SecureTransport", "true"), Some(false)),
        ] {
            let world = World::new(vec![identity(account, "role", "app", &statements)]);
            let found = world.readers(account, &secret(account, &Value::Null));
            let expected: Vec<_> =
                expected.map(|is| reader("app", "read", is)).into_iter().collect();
            assert_eq!(found, expected, "{statements}");
        }
    });
}

#[test]
fn a_key_has_to_be_allowed_too() {
    with_account(|account| {
        let root = json!({"AWS": "arn:aws:iam::123456789012:root"});
        let decrypt = |principal: &Value, more: Value| {
            let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"});
            statement
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().cloned().unwrap_or_default());
            json!([statement])
        };
        let via =
            |service: &str| json!({"Condition": {"StringEquals": {"kms:ViaService": service}}});
        let app = json!({"AWS": arn("role", "app")});
        let mut key = account.draft("aws_kms_key", KEY, Some("eu-west-1"));
        key.set("Tags", json!({}));
        key.set("Aliases", json!([]));
        let mut of_key = secret(account, &Value::Null);
        of_key.set("kms_key_is_default", false);
        of_key.set("kms_key_arn", KEY);
        for (policy_of_key, own, can_read) in [
            // The account decides, by its identities' policies.
            (
                decrypt(&root, json!({})),
                json!([allow("secretsmanager:GetSecretValue"), allow("kms:Decrypt")]),
                true,
            ),
            (decrypt(&root, json!({})), json!([allow("secretsmanager:GetSecretValue")]), false),
            // The role by name.
            (decrypt(&app, json!({})), json!([allow("secretsmanager:GetSecretValue")]), true),
            (
                decrypt(&app, via("secretsmanager.eu-west-1.amazonaws.com")),
                json!([allow("secretsmanager:GetSecretValue")]),
                true,
            ),
            (
                decrypt(&app, via("ssm.eu-west-1.amazonaws.com")),
                json!([allow("secretsmanager:GetSecretValue")]),
                false,
            ),
            (json!([]), json!([allow("*")]), false),
        ] {
            let mut key = key.clone();
            key.set("Policy", policy(&policy_of_key));
            let mut world = World::new(vec![identity(account, "role", "app", &own)]);
            world.keys.keys.push(key);
            let found = world.readers(account, &of_key);
            assert_eq!(
                found.iter().any(|(_, access, _)| access.contains("read")),
                can_read,
                "{policy_of_key} {own}"
            );
        }
        // A grant is enough, unless it is for another secret.
        for (context, can_read) in [
            (json!({}), true),
            (json!({"SecretARN": SECRET}), true),
            (json!({"SecretARN": "other"}), false),
        ] {
            let mut key = key.clone();
            key.set("Policy", policy(&json!([])));
            let mut grant =
                account.draft("aws_kms_grant", format!("{KEY}#grant/1"), Some("eu-west-1"));
            grant.set("key", KEY);
            grant.set("GranteePrincipal", arn("role", "app"));
            grant.set("Operations", json!(["Decrypt"]));
            grant.set("Constraints", json!({"EncryptionContextSubset": context}));
            let own = json!([allow("secretsmanager:GetSecretValue")]);
            let mut world = World::new(vec![identity(account, "role", "app", &own)]);
            world.keys.keys.push(key);
            world.keys.grants.push(grant);
            assert_eq!(!world.readers(account, &of_key).is_empty(), can_read, "{context}");
        }
    });
}

#[test]
fn strangers_are_let_in_by_the_policy_and_a_key_that_they_can_use() {
    with_account(|account| {
        let world = World::new(vec![]);
        let other = json!({"AWS": "arn:aws:iam::999999999999:root"});
        let open = secret(account, &json!([named("Allow", other.clone())]));
        // The service's own key is of no use to another account.
        assert_eq!(world.readers(account, &open), []);
        let mut of_key = open.clone();
        of_key.set("kms_key_is_default", false);
        of_key.set("kms_key_arn", KEY);
        let mut key = account.draft("aws_kms_key", KEY, Some("eu-west-1"));
        key.set("Policy", policy(&json!([{"Effect": "Allow", "Principal": other, "Action": "kms:*", "Resource": "*"}])));
        let mut world = World::new(vec![]);
        world.keys.keys.push(key);
        assert_eq!(world.readers(account, &of_key), [reader("999999999999", "read", false)]);
        let within = json!([{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:PutSecretValue", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]);
        assert_eq!(
            world.readers(account, &secret(account, &within)),
            [reader("*", "update", true)]
        );
    });
}

#[test]
fn what_is_not_read_is_told_and_nobody_is_left_out_for_it() {
    with_account(|account| {
        let mut world = World::new(vec![identity(
            account,
            "role",
            "app",
            &json!([allow("secretsmanager:GetSecretValue")]),
        )]);
        let mut of_key = secret(account, &Value::Null);
        of_key.set("kms_key_is_default", false);
        of_key.set("kms_key_arn", KEY);
        assert_eq!(world.readers(account, &of_key), [reader("app", "read", true)]);
        world.organization.policies_failure = Some("AccessDeniedException".into());
        let readers = Readers::new(account, &world.identities, &[&world.keys], &world.organization);
        let fact = readers.of(account, &of_key);
        assert_eq!(*fact.get("complete"), json!(false));
        assert_eq!(fact.get("unknown").as_array().unwrap().len(), 2);
    });
}

#[test]
fn policies_of_the_organization_limit_everybody() {
    with_account(|account| {
        let mut world = World::new(vec![identity(account, "role", "app", &json!([allow("*")]))]);
        let none = secret(account, &Value::Null);
        let scp = |target: &str, statements: Value| Attached {
            kind: SERVICE_CONTROL,
            target: target.into(),
            name: "scp".into(),
            document: policy(&statements),
        };
        let all = || json!([allow("*")]);
        let deny =
            json!([{"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]);
        world.organization.path = vec!["123456789012".into(), "ou-1".into(), "r-1".into()];
        let everywhere =
            || ["123456789012", "ou-1", "r-1"].map(|target| scp(target, all())).to_vec();
        let whole = [reader("app", "delete list policy read update", false)];
        world.organization.policies = everywhere();
        assert_eq!(world.readers(account, &none), whole);
        // A denial holds at whichever level it is.
        for target in ["123456789012", "ou-1", "r-1"] {
            world.organization.policies = everywhere();
            world.organization.policies.push(scp(target, deny.clone()));
            assert_eq!(
                world.readers(account, &none),
                [reader("app", "delete list policy update", false)]
            );
        }
        // An allowance has to be at every level.
        for (index, target) in ["123456789012", "ou-1", "r-1"].into_iter().enumerate() {
            world.organization.policies = everywhere();
            world.organization.policies[index] = scp(target, json!([allow("s3:*")]));
            assert_eq!(world.readers(account, &none), []);
            world.organization.policies.push(scp(target, json!([allow("secretsmanager:Get*")])));
            assert_eq!(world.readers(account, &none), [reader("app", "read", false)]);
        }
        world.organization.policies = everywhere().split_off(1);
        assert_eq!(world.readers(account, &none), []);
        // Roles of services are not bound.
        let name = "aws-service-role/rds.amazonaws.com/app";
        let of_service = identity(account, "role", name, &all());
        let mut world = World::new(vec![of_service]);
        world.organization.path = vec!["123456789012".into()];
        world.organization.policies = vec![scp("123456789012", deny)];
        assert_eq!(world.readers(account, &none).len(), 1);
    });
}
