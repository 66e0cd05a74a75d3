//! Readers of random policies, against a plain model of what decides.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A statement of the model: whether it denies, what it is about, and whom it names.
#[derive(Debug, Clone)]
struct Plain {
    denies: bool,
    is_about_reading: bool,
    is_about_this: bool,
    principal: usize,
}

const PRINCIPALS: [&str; 4] = ["ann", "app", "account", "everyone"];

fn plain() -> impl Strategy<Value = Plain> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 0..PRINCIPALS.len()).prop_map(
        |(denies, is_about_reading, is_about_this, principal)| Plain {
            denies,
            is_about_reading,
            is_about_this,
            principal,
        },
    )
}

impl Plain {
    fn statement(&self, with_principal: bool) -> Value {
        let action = if self.is_about_reading {
            "secretsmanager:GetSecretValue"
        } else {
            "secretsmanager:ListSecrets"
        };
        let resource = if self.is_about_this {
            SECRET
        } else {
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x"
        };
        let mut statement = json!({"Effect": if self.denies { "Deny" } else { "Allow" }, "Action": action, "Resource": resource});
        if with_principal {
            statement["Principal"] = match PRINCIPALS[self.principal] {
                "ann" => json!({"AWS": arn("user", "ann")}),
                "app" => json!({"AWS": arn("role", "app")}),
                "account" => json!({"AWS": "123456789012"}),
                _ => json!("*"),
            };
        }
        statement
    }

    fn holds(&self) -> bool {
        self.is_about_reading && self.is_about_this
    }

    fn names(&self, name: &str) -> bool {
        PRINCIPALS[self.principal] == name || PRINCIPALS[self.principal] == "everyone"
    }
}

/// Whether `name` may read, in the words of the User Guide.
fn may_read(name: &str, own: &[Plain], bound: Option<&[Plain]>, resource: &[Plain]) -> bool {
    let denied = own.iter().chain(bound.unwrap_or_default()).any(|one| one.denies && one.holds())
        || resource.iter().any(|one| {
            one.denies && one.holds() && (one.names(name) || PRINCIPALS[one.principal] == "account")
        });
    let is_within = bound.is_none_or(|bound| bound.iter().any(|one| !one.denies && one.holds()));
    let by_own = own.iter().any(|one| !one.denies && one.holds()) && is_within;
    let by_resource = resource.iter().any(|one| !one.denies && one.holds() && one.names(name));
    !denied && (by_own || (by_resource && (name == "ann" || is_within)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn readers_are_those_of_the_model(
        ann in prop::collection::vec(plain(), 0..4),
        app in prop::collection::vec(plain(), 0..4),
        bound in prop::option::of(prop::collection::vec(plain(), 0..3)),
        resource in prop::collection::vec(plain(), 0..4),
    ) {
        with_account(|account| {
            let statements = |all: &[Plain], with| Value::from(all.iter().map(|one| one.statement(with)).collect::<Vec<_>>());
            let mut identities = vec![
                identity(account, "user", "ann", &statements(&ann, false)),
                identity(account, "role", "app", &statements(&app, false)),
            ];
            let name = "arn:aws:iam::123456789012:policy/bound";
            if bound.is_some() {
                for one in &mut identities {
                    one.set("PermissionsBoundaryArn", name);
                }
            }
            let mut world = World::new(identities);
            if let Some(bound) = &bound {
                world.identities.documents.insert(name.into(), policy(&statements(bound, false)));
            }
            let found = world.readers(account, &secret(account, &statements(&resource, true)));
            for (who, own) in [("ann", &ann), ("app", &app)] {
                let expected = may_read(who, own, bound.as_deref(), &resource);
                let reads = found.iter().any(|(name, access, _)| name == who && access.split(' ').any(|one| one == "read"));
                assert_eq!(reads, expected, "{who} {own:?} {bound:?} {resource:?}");
            }
        });
    }
}
