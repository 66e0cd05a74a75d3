//! Which calls each kind of facts is read with, and the least role that allows them.

use std::collections::BTreeSet;

use serde_json::json;

use super::calls::{
    ACCOUNT, ACCOUNTS, ACTIVITY, ALERTS, APPLICATIONS, ARM_HSM_KEY_VERSIONS, ARM_HSM_KEYS,
    ARM_KEY_VERSIONS, ARM_KEYS, ARM_SECRETS, ASSOCIATED, CERTIFICATE_POLICY, CERTIFICATES,
    CLUSTERS, CONTAINER, CONTAINER_APPS, Call, DELETED_CERTIFICATES, DELETED_HSMS, DELETED_KEYS,
    DELETED_SECRETS, DELETED_VAULTS, DENY_ASSIGNMENTS, DIAGNOSTICS, DIRECTORY_ROLES, DISK_SETS,
    ELIGIBILITIES, EVENT_HUB, EVENT_HUBS, EVENT_SUBSCRIPTIONS, EXTENSIONS, FEDERATED, HSM_KEY,
    HSM_KEY_VERSIONS, HSM_KEYS, HSM_ROTATION, HSMS, IDENTITIES, IDENTITY_CREDENTIALS, ISSUERS, KEY,
    KEY_VERSIONS, KEYS, LOCAL_ASSIGNMENTS, LOCKS, MACHINES, MANAGEMENT_POLICY, MEMBERS, METRICS,
    OWNERS, Of, PRICINGS, PRINCIPALS, QUERY, REFERENCES, RESOURCES, ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS, ROTATION, SCALE_SETS, SCHEDULES, SECRET_VERSIONS, SECRETS, SETTINGS, SITES,
    SLOTS, SQL_INSTANCE_PROTECTOR, SQL_INSTANCES, SQL_PROTECTOR, SQL_SERVERS, SUBSCRIPTIONS, TABLE,
    TOPIC_SUBSCRIPTIONS, TOPICS, USERS, VAULTS, WORKSPACE,
};
use super::{
    apps, certificates, data, deleted, directory, identities, keys, platform, principals, readers,
    roles, secrets, sinks, subscriptions, values, vaults, watch,
};
use crate::collect::kinds::{Kinds, kind};

/// All kinds of Azure.
pub(super) static KINDS: Kinds<Call> = Kinds(&[
    kind(subscriptions::KIND, &[&PRICINGS], &[]),
    kind(
        vaults::VAULT,
        &[
            &VAULTS,
            &RESOURCES,
            &DIAGNOSTICS,
            &LOCKS,
            &EVENT_SUBSCRIPTIONS,
            &TOPICS,
            &TOPIC_SUBSCRIPTIONS,
            &METRICS,
            &WORKSPACE,
            &TABLE,
            &QUERY,
        ],
        &[],
    ),
    kind(vaults::HSM, &[&HSMS, &DIAGNOSTICS, &LOCKS], &[]),
    kind(deleted::VAULT, &[&DELETED_VAULTS, &DELETED_HSMS], &[]),
    kind(deleted::OBJECT, &[&VAULTS, &DELETED_SECRETS, &DELETED_KEYS, &DELETED_CERTIFICATES], &[]),
    kind(
        secrets::KIND,
        &[
            &VAULTS,
            &SECRETS,
            &SECRET_VERSIONS,
            &ARM_SECRETS,
            &ARM_KEYS,
            &CERTIFICATES,
            &DIAGNOSTICS,
            &WORKSPACE,
            &TABLE,
            &QUERY,
        ],
        &[],
    ),
    kind(
        readers::KIND,
        &[&ROLE_ASSIGNMENTS, &ROLE_DEFINITIONS, &DENY_ASSIGNMENTS, &ELIGIBILITIES, &PRINCIPALS],
        &[secrets::KIND],
    ),
    kind(values::KIND, &[], &[secrets::KIND]),
    kind(
        keys::KIND,
        &[
            &VAULTS,
            &HSMS,
            &ARM_KEYS,
            &ARM_KEY_VERSIONS,
            &ARM_SECRETS,
            &ARM_HSM_KEYS,
            &ARM_HSM_KEY_VERSIONS,
            &KEYS,
            &KEY,
            &KEY_VERSIONS,
            &ROTATION,
            &HSM_KEYS,
            &HSM_KEY,
            &HSM_KEY_VERSIONS,
            &HSM_ROTATION,
            &CERTIFICATES,
            &DIAGNOSTICS,
            &WORKSPACE,
            &TABLE,
            &QUERY,
        ],
        &[],
    ),
    kind(certificates::KIND, &[&VAULTS, &CERTIFICATES, &CERTIFICATE_POLICY, &ISSUERS], &[]),
    kind(roles::DEFINITION, &[&ROLE_ASSIGNMENTS, &ROLE_DEFINITIONS], &[]),
    kind(roles::ASSIGNMENT, &[&ROLE_ASSIGNMENTS, &ROLE_DEFINITIONS, &SCHEDULES], &[]),
    kind(
        principals::KIND,
        &[&ROLE_ASSIGNMENTS, &VAULTS, &HSMS, &LOCAL_ASSIGNMENTS, &PRINCIPALS, &MEMBERS, &USERS],
        &[],
    ),
    kind(
        sinks::KIND,
        &[
            &VAULTS,
            &HSMS,
            &DIAGNOSTICS,
            &LOCKS,
            &WORKSPACE,
            &TABLE,
            &ACCOUNT,
            &MANAGEMENT_POLICY,
            &CONTAINER,
            &EVENT_HUBS,
            &EVENT_HUB,
        ],
        &[],
    ),
    kind(watch::ALERT, &[&ALERTS], &[]),
    kind(directory::APPLICATION, &[&APPLICATIONS, &OWNERS, &DIRECTORY_ROLES], &[principals::KIND]),
    kind(
        directory::CREDENTIAL,
        &[&APPLICATIONS, &FEDERATED, &IDENTITIES, &IDENTITY_CREDENTIALS],
        &[],
    ),
    kind(identities::KIND, &[&IDENTITIES, &ASSOCIATED], &[]),
    kind(
        data::REFERENCE,
        &[
            &ACCOUNTS,
            &DISK_SETS,
            &SQL_SERVERS,
            &SQL_PROTECTOR,
            &SQL_INSTANCES,
            &SQL_INSTANCE_PROTECTOR,
            &CLUSTERS,
        ],
        &[keys::KIND],
    ),
    kind(apps::REFERENCE, &[&SITES, &SLOTS, &REFERENCES, &CONTAINER_APPS], &[secrets::KIND]),
    kind(apps::APP, &[&SITES, &SLOTS, &SETTINGS, &RESOURCES, &ACTIVITY], &[]),
    kind(platform::CLUSTER, &[&CLUSTERS, &DIAGNOSTICS], &[]),
    kind(platform::MACHINE, &[&MACHINES, &EXTENSIONS, &SCALE_SETS], &[]),
    kind(data::ACCOUNT, &[&ACCOUNTS], &[]),
    kind(data::SQL, &[&SQL_SERVERS, &SQL_PROTECTOR, &SQL_INSTANCES, &SQL_INSTANCE_PROTECTOR], &[]),
]);

/// The kinds of which facts are missing where vaults could not be listed.
pub(super) fn of_vaults() -> [&'static str; 8] {
    [
        vaults::VAULT,
        secrets::KIND,
        keys::KIND,
        certificates::KIND,
        deleted::OBJECT,
        readers::KIND,
        principals::KIND,
        sinks::KIND,
    ]
}

/// The same of managed HSMs.
pub(super) fn of_hsms() -> [&'static str; 4] {
    [vaults::HSM, keys::KIND, principals::KIND, sinks::KIND]
}

/// The least that a reader of these kinds must be allowed, as a custom role for
/// `az role definition create --role-definition @FILE`. What no role of Azure can give (permissions of Graph, local
/// roles of managed HSMs) is in its description. Kinds of other stores are passed over.
pub(super) fn permissions(kinds: &BTreeSet<&str>) -> String {
    let mut calls = KINDS.calls(kinds.iter().copied());
    if !calls.is_empty() {
        calls.push(&SUBSCRIPTIONS);
    }
    let of = |planes: &[Of]| -> BTreeSet<&str> {
        let asked = calls.iter().filter(|call| planes.contains(&call.of));
        asked.flat_map(|call| call.rights).copied().collect()
    };
    let mut description = String::from("Reads what keystrel audits, and no value of a secret.");
    let graph: Vec<&str> = of(&[Of::Graph]).into_iter().collect();
    if !graph.is_empty() {
        let graph = graph.join(", ");
        description
            .push_str(&format!(" Beside it, application permissions of Microsoft Graph: {graph}."));
    }
    if !of(&[Of::Hsm]).is_empty() {
        description.push_str(" And on each managed HSM its local role Managed HSM Crypto Auditor.");
    }
    let role = json!({
        "Name": "keystrel auditor",
        "IsCustom": true,
        "Description": description,
        "Actions": of(&[Of::Management, Of::Logs]),
        "NotActions": [],
        "DataActions": of(&[Of::Vault]),
        "NotDataActions": [],
        "AssignableScopes": ["/subscriptions/SUBSCRIPTION-ID"],
    });
    let mut text = serde_json::to_string_pretty(&role).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_kind_is_there_once_documented_and_made_of_known_ones() {
        KINDS.check();
        let names: BTreeSet<&str> = KINDS.names().collect();
        let text = include_str!("../../../docs/facts/azure.md");
        let (_, table) = text.split_once("| kind | what each is |").unwrap();
        let rows = table.trim_start().lines().take_while(|line| line.starts_with('|'));
        let documented: BTreeSet<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
        assert_eq!(names, documented);
    }

    #[test]
    fn every_right_is_in_the_documentation() {
        let text = include_str!("../../../docs/facts/azure.md").to_lowercase();
        let calls = KINDS.0.iter().flat_map(|kind| kind.calls);
        let missing: BTreeSet<&str> = calls
            .flat_map(|call| call.rights.iter().copied())
            .filter(|right| {
                // The table leaves out what was named before it.
                let right = right.to_lowercase();
                let short = right.split_once('/').map_or(right.as_str(), |(_, rest)| rest);
                !text.contains(&right) && !text.contains(short)
            })
            .collect();
        assert_eq!(missing, BTreeSet::new());
    }

    #[test]
    fn a_role_has_what_the_kinds_need_and_nothing_that_gives_a_value() {
        let role = |kinds: &[&str]| -> Value {
            serde_json::from_str(&permissions(&kinds.iter().copied().collect())).unwrap()
        };
        let of_alerts = role(&[watch::ALERT]);
        let expected = json!([
            "Microsoft.Insights/activityLogAlerts/read",
            "Microsoft.Resources/subscriptions/read",
        ]);
        assert_eq!(of_alerts["Actions"], expected);
        assert_eq!(of_alerts["DataActions"], json!([]));
        let names: Vec<&str> = KINDS.names().collect();
        let whole = role(&names);
        let lists = ["Actions", "DataActions"].into_iter();
        let actions = lists.flat_map(|list| whole[list].as_array().unwrap().iter());
        let actions: BTreeSet<&str> = actions.map(|action| action.as_str().unwrap()).collect();
        for action in &actions {
            let is_read = action.ends_with("/read");
            let is_list = [
                "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
                "Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action",
                "Microsoft.Web/sites/config/list/action",
                "Microsoft.Web/sites/slots/config/list/action",
            ];
            assert!(is_read || is_list.contains(action), "{action}");
            assert!(!action.contains('*') && !action.contains("getSecret"), "{action}");
        }
        assert!(whole["Description"].as_str().unwrap().contains("Application.Read.All"));
        assert!(whole["Description"].as_str().unwrap().len() < 1024);
        assert_eq!(role(&["aws_secret"])["Actions"], json!([]));
    }
}
