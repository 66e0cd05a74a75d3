//! Subscriptions, and the one vault that an address may name.

use serde_json::{Value, json};

use super::address::Address;
use super::calls::{PRICINGS, RESOURCES, SUBSCRIPTIONS};
use super::context::{Azure, Scope};
use super::sheet::{Draft, whole};
use crate::collect::CollectError;
use crate::collect::field::{plain, string};
use crate::collect::rest::Failure;

pub(super) const KIND: &str = "azure_subscription";

/// A subscription that is read, with its answer.
pub(super) struct Subscription {
    pub(super) scope: Scope,
    pub(super) answer: Value,
}

/// The subscriptions of an address. Those that are refused are gaps, unless all are.
pub(super) async fn find(
    azure: &Azure<'_>,
    address: &Address,
) -> Result<Vec<Subscription>, CollectError> {
    azure.reads("subscriptions");
    let answers = match address {
        Address::Subscriptions(ids) => {
            let mut answers = Vec::new();
            let mut refused = None;
            for id in ids {
                let path = format!("/subscriptions/{id}");
                let absent = || Failure::new("there is no such thing", SUBSCRIPTIONS.name);
                match azure.get(&SUBSCRIPTIONS, &path, "").await {
                    Ok(Some(answer)) => answers.push(answer),
                    Ok(None) => refused = Some((path, absent())),
                    Err(failure) => refused = Some((path, failure)),
                }
                if let Some((path, failure)) = &refused
                    && path.ends_with(id.as_str())
                {
                    let kinds: Vec<&str> = super::kinds::KINDS.names().collect();
                    azure.sheet.gap(&kinds, path, &failure.why);
                }
            }
            match refused {
                Some((_, failure)) if answers.is_empty() => return Err(refusal(failure)),
                _ => answers,
            }
        }
        Address::Resource(arm) => {
            let id = arm.split('/').nth(2).unwrap_or_default();
            let path = format!("/subscriptions/{id}");
            // Whoever may see the vault alone may not see its subscription.
            let answer = azure.get(&SUBSCRIPTIONS, &path, "").await.ok().flatten();
            vec![answer.unwrap_or_else(|| json!({"subscriptionId": id}))]
        }
        Address::All | Address::Vault(_) => {
            let listed = azure.list(&SUBSCRIPTIONS, "/subscriptions", "").await;
            match listed.failure {
                Some(failure) => return Err(refusal(failure)),
                None => listed.items,
            }
        }
    };
    let mut found: Vec<Subscription> = answers
        .into_iter()
        .filter(|one| string(one, "state") != Some("Deleted"))
        .filter_map(|answer| Some(Subscription { scope: scope(&answer)?, answer }))
        .collect();
    found.sort_by(|a, b| a.scope.subscription.cmp(&b.scope.subscription));
    match address {
        Address::Vault(name) => vault(azure, found, name).await,
        Address::Resource(arm) => {
            for one in &mut found {
                one.scope.vault = Some(arm.clone());
            }
            Ok(found)
        }
        _ if found.is_empty() => Err(CollectError::Login {
            store: "Azure".into(),
            why: "the login sees no subscription".into(),
        }),
        _ => Ok(found),
    }
}

fn refusal(failure: Failure) -> CollectError {
    if failure.codes.is_empty() {
        CollectError::Unreachable { store: "Azure".into(), why: failure.why }
    } else {
        CollectError::Login { store: "Azure".into(), why: failure.why }
    }
}

fn scope(answer: &Value) -> Option<Scope> {
    Some(Scope {
        subscription: string(answer, "subscriptionId")?.to_lowercase(),
        tenant: string(answer, "tenantId").unwrap_or_default().to_lowercase(),
        vault: None,
    })
}

/// The subscription in which there is a vault of that name: names are unique in a cloud.
async fn vault(
    azure: &Azure<'_>,
    subscriptions: Vec<Subscription>,
    name: &str,
) -> Result<Vec<Subscription>, CollectError> {
    let query = format!(
        "$filter=resourceType%20eq%20%27Microsoft.KeyVault/vaults%27%20and%20name%20eq%20%27{name}%27"
    );
    let mut refused = None;
    for mut subscription in subscriptions {
        let path = format!("{}/resources", subscription.scope.path());
        match whole(azure.list(&RESOURCES, &path, &query).await) {
            Ok(found) => {
                let own = found.iter().find(|one| {
                    string(one, "name").is_some_and(|known| known.eq_ignore_ascii_case(name))
                });
                if let Some(arm) = own.and_then(|one| string(one, "id")) {
                    subscription.scope.vault = Some(arm.to_owned());
                    return Ok(vec![subscription]);
                }
            }
            Err(why) => refused = Some(why),
        }
    }
    let why = match refused {
        Some(why) => format!("no subscription that could be read has it ({why})"),
        None => "no subscription that the login sees has it".to_owned(),
    };
    Err(CollectError::Address { what: format!("azure:{name}"), why })
}

/// Writes the fact of a subscription.
pub(super) async fn write(azure: &Azure<'_>, subscription: &Subscription) {
    let scope = &subscription.scope;
    if !azure.wants(&[KIND]) {
        return;
    }
    let mut draft = Draft::new(KIND, &scope.path(), Some(&scope.tenant));
    let fields = ["subscriptionId", "displayName", "state", "tenantId"].map(plain);
    draft.copy(&fields, &subscription.answer);
    draft.set("name", subscription.answer["displayName"].clone());
    draft.tags(&subscription.answer);
    let path = format!("{}/providers/Microsoft.Security/pricings/KeyVaults", scope.path());
    match azure.get(&PRICINGS, &path, "").await {
        Ok(found) => {
            let properties = found.map(|found| found["properties"].clone()).unwrap_or_default();
            let told =
                json!({"pricingTier": properties["pricingTier"], "subPlan": properties["subPlan"]});
            draft
                .set("key_vaults_pricing", if properties.is_object() { told } else { Value::Null });
        }
        Err(failure) => draft.unread(&["key_vaults_pricing"], &failure.why),
    }
    azure.sheet.fact(draft);
}
