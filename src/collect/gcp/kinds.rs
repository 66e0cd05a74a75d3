//! Which calls each kind of facts is read with, and the least role that allows them.

use std::collections::{BTreeMap, BTreeSet};

use super::api::Call;
use super::{
    accounts, compute, deny, federation, functions, gke, groups, hierarchy, inventory, keys, kms,
    logs, org_policy, perimeters, quota, readers, reads, references, roles, run, secrets, topics,
    values,
};
use crate::collect::kinds::{Kinds, kind};

/// All kinds of Google Cloud.
pub(super) static KINDS: Kinds<Call> = Kinds(&[
    kind(
        hierarchy::ORGANIZATION,
        &[
            &hierarchy::GET_ORGANIZATION,
            &hierarchy::ORGANIZATION_POLICY,
            &hierarchy::SEARCH,
            &hierarchy::SETTINGS,
        ],
        &[],
    ),
    kind(
        hierarchy::FOLDER,
        &[&hierarchy::GET_FOLDER, &hierarchy::FOLDER_POLICY, &hierarchy::SETTINGS],
        &[],
    ),
    kind(hierarchy::PROJECT, &[&hierarchy::PROJECT_POLICY, &hierarchy::SETTINGS], &[]),
    kind(org_policy::KIND, &[&org_policy::GET], &[]),
    kind(
        roles::KIND,
        &[&roles::PREDEFINED, &roles::CUSTOM, &roles::LIST],
        &[hierarchy::PROJECT, hierarchy::FOLDER, hierarchy::ORGANIZATION],
    ),
    kind(accounts::ACCOUNT, &[&accounts::LIST, &accounts::POLICY, &accounts::USED], &[]),
    kind(accounts::KEY, &[&accounts::LIST, &accounts::KEYS, &accounts::KEYS_USED], &[]),
    kind(federation::POOL, &[&federation::POOLS], &[]),
    kind(federation::PROVIDER, &[&federation::POOLS, &federation::PROVIDERS], &[]),
    kind(keys::RECOMMENDATION, &[&keys::RECOMMENDATIONS], &[]),
    kind(keys::API_KEY, &[&keys::LIST], &[]),
    kind(
        secrets::KIND,
        &[
            &secrets::LIST,
            &secrets::LOCATIONS,
            &secrets::VERSIONS,
            &secrets::POLICY,
            &inventory::RESOURCES,
            &inventory::POLICIES,
            &reads::ENTRIES,
            &logs::SINKS,
            &logs::BUCKETS,
        ],
        &[hierarchy::PROJECT, hierarchy::FOLDER, hierarchy::ORGANIZATION],
    ),
    kind(
        readers::KIND,
        &[&deny::LIST, &deny::GET],
        &[
            secrets::KIND,
            roles::KIND,
            hierarchy::PROJECT,
            hierarchy::FOLDER,
            hierarchy::ORGANIZATION,
        ],
    ),
    kind(groups::KIND, &[&groups::LOOKUP, &groups::MEMBERS], &[readers::KIND]),
    kind(values::KIND, &[], &[secrets::KIND]),
    kind(
        references::REFERENCE,
        &[&run::LOCATIONS, &run::SERVICES, &run::JOBS, &run::POOLS, &functions::LIST],
        &[secrets::KIND],
    ),
    kind(quota::KIND, &[&quota::SERIES], &[]),
    kind(
        topics::KIND,
        &[&topics::GET, &topics::SUBSCRIPTIONS, &topics::POLICY],
        &[secrets::KIND, hierarchy::PROJECT, hierarchy::FOLDER, hierarchy::ORGANIZATION],
    ),
    kind(kms::RING, &[&kms::LOCATIONS, &kms::RINGS, &kms::RING_POLICY], &[]),
    kind(
        kms::KEY,
        &[
            &kms::LOCATIONS,
            &kms::RINGS,
            &kms::KEYS,
            &kms::GET_KEY,
            &kms::KEY_POLICY,
            &kms::VERSIONS,
            &kms::SUMMARY,
            &kms::PROTECTED,
            &inventory::RESOURCES,
            &inventory::POLICIES,
            &reads::ENTRIES,
            &logs::SINKS,
            &logs::BUCKETS,
        ],
        // Keys of other projects are those that secrets name.
        &[secrets::KIND, hierarchy::PROJECT, hierarchy::FOLDER, hierarchy::ORGANIZATION],
    ),
    kind(kms::CONNECTION, &[&kms::LOCATIONS, &kms::CONNECTIONS, &kms::VERIFY], &[]),
    kind(perimeters::KIND, &[&perimeters::POLICIES, &perimeters::LIST], &[]),
    kind(logs::SINK, &[&logs::SINKS], &[]),
    kind(logs::BUCKET, &[&logs::BUCKETS], &[]),
    kind(logs::METRIC, &[&logs::METRICS], &[]),
    kind(logs::ALERT, &[&logs::ALERTS], &[]),
    kind(run::KIND, &[&run::LOCATIONS, &run::SERVICES, &run::JOBS, &run::POOLS], &[]),
    kind(functions::KIND, &[&functions::LIST], &[]),
    kind(compute::PROJECT, &[&compute::GET], &[]),
    kind(compute::INSTANCE, &[&compute::LIST], &[]),
    kind(gke::KIND, &[&gke::LIST], &[]),
]);

/// What is asked whatever is wanted.
static ALWAYS: &[&Call] = &[
    &hierarchy::GET_PROJECT,
    &hierarchy::ANCESTRY,
    &hierarchy::LIST_PROJECTS,
    &hierarchy::LIST_FOLDERS,
];

/// The least that a reader of these kinds must be allowed, as a custom role. Kinds of other stores are passed over.
pub(super) fn permissions(kinds: &BTreeSet<&str>) -> String {
    let mut calls = KINDS.calls(kinds.iter().copied());
    if !calls.is_empty() {
        calls.extend(ALWAYS);
    }
    let mut needed: BTreeMap<&str, bool> = BTreeMap::new();
    for call in calls.into_iter().filter(|call| call.is_permission) {
        let above = needed.entry(call.name).or_insert(true);
        *above &= call.is_above;
    }
    let mut text = String::from(
        "# gcloud iam roles create keystrelAudit --organization=ORGANIZATION --file=role.yaml\n\
         # Bound to the organization or a folder, it holds for all projects below. A role of a project\n\
         # (--project=PROJECT) cannot have what is marked `above`; what is above the project is unknown then.\n\
         title: keystrel audit\n\
         description: Reads settings of secrets, keys and policies. No value of a secret.\n\
         stage: GA\n\
         includedPermissions:\n",
    );
    if needed.is_empty() {
        text = text.replace("includedPermissions:\n", "includedPermissions: []\n");
    }
    for (permission, above) in needed {
        let mark = if above { " # above" } else { "" };
        text.push_str(&format!("- {permission}{mark}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_there_once_and_made_of_known_ones() {
        KINDS.check();
    }

    #[test]
    fn a_role_has_what_the_kinds_need_and_nothing_that_gives_a_value_or_changes() {
        let role = |kinds: &[&str]| permissions(&kinds.iter().copied().collect());
        let of_keys = role(&["gcp_kms_key_ring"]);
        assert!(of_keys.contains("- cloudkms.keyRings.getIamPolicy\n"), "{of_keys}");
        assert!(!of_keys.contains("secretmanager"), "{of_keys}");
        assert!(role(&["gcp_secret_readers"]).contains("- iam.denypolicies.list\n"));
        let names: Vec<&str> = KINDS.names().collect();
        let all = role(&names);
        assert!(!all.contains("versions.access"), "{all}");
        for line in all.lines().filter_map(|line| line.strip_prefix("- ")) {
            let verb = line.split(' ').next().unwrap().rsplit('.').next().unwrap();
            let reads = ["get", "list", "search", "query", "verify"];
            assert!(reads.iter().any(|read| verb.starts_with(read)), "{line}");
        }
        assert!(role(&["vault_server"]).contains("includedPermissions: []"));
    }
}
