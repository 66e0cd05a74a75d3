//! Which operations each kind of facts is read with, and the least policy that allows them.

use std::collections::BTreeSet;

use serde_json::json;

use super::service::Operation;
use super::{
    account, aliases, anchors, buckets, builds, credentials, databases, definitions, eks, events,
    functions, iam, kms, last_accessed, logs, organization, packages, parameter_values, parameters,
    platform, readers, reads, references, secrets, session, tasks, trails, usage, values, watch,
};
use crate::collect::kinds::{Kinds, kind};

/// All kinds of AWS.
pub(super) static KINDS: Kinds<Operation> = Kinds(&[
    kind(
        account::KIND,
        &[
            &account::ALIASES,
            &account::SUMMARY,
            &account::PASSWORDS,
            &account::DEVICES,
            &account::FEATURES,
            &account::ORGANIZATION,
            &account::ACCOUNTS,
            &organization::PARENTS,
            &organization::ATTACHED,
            &organization::CONTENT,
            &account::PUBLIC_ACCESS,
        ],
        &[],
    ),
    kind(
        account::REGION,
        &[&account::DETECTORS, &account::DETECTOR, &account::RECORDERS, &account::RECORDER_STATUS],
        &[],
    ),
    kind(iam::IDENTITY, &[&iam::DETAILS], &[]),
    kind(iam::POLICY, &[&iam::DETAILS], &[]),
    kind(credentials::REPORT, &[&credentials::GENERATE, &credentials::GET], &[]),
    kind(
        credentials::KEY,
        &[&credentials::GENERATE, &credentials::GET, &credentials::KEYS, &credentials::LAST_USED],
        &[iam::IDENTITY],
    ),
    kind(credentials::SPECIFIC, &[&credentials::SPECIFICS], &[iam::IDENTITY]),
    kind(credentials::CERTIFICATE, &[&credentials::CERTIFICATES], &[]),
    kind(
        last_accessed::KIND,
        &[&last_accessed::GENERATE, &last_accessed::GET],
        &[iam::IDENTITY, iam::POLICY],
    ),
    kind(watch::ANALYZER_KIND, &[&watch::ANALYZERS], &[]),
    kind(watch::FINDING, &[&watch::ANALYZERS, &watch::FINDINGS], &[]),
    kind(anchors::ANCHOR, &[&anchors::ANCHORS, &anchors::CRLS, &anchors::AUTHORITY], &[]),
    kind(anchors::TAGGED, &[&anchors::RESOURCES], &[]),
    kind(
        kms::KEY,
        &[
            &kms::LIST,
            &kms::DESCRIBE,
            &kms::ROTATION,
            &kms::ROTATIONS,
            &kms::POLICY,
            &kms::TAGS,
            &kms::USAGE,
            &aliases::LIST,
        ],
        &[],
    ),
    // Grants are asked of each key, which tells whose it is.
    kind(kms::GRANT, &[&kms::LIST, &kms::DESCRIBE, &kms::GRANTS], &[kms::KEY]),
    kind(kms::STORE, &[&kms::STORES], &[]),
    kind(
        references::KIND,
        &[
            &references::VOLUMES,
            &references::LOG_GROUPS,
            &aliases::LIST,
            &kms::DESCRIBE,
            &databases::INSTANCES,
            &databases::CLUSTERS,
            &functions::LIST,
        ],
        &[secrets::KIND, parameters::PARAMETER, trails::TRAIL, trails::STORE],
    ),
    kind(
        trails::TRAIL,
        &[&trails::DESCRIBE, &trails::STATUS, &trails::SELECTORS, &trails::INSIGHTS],
        &[],
    ),
    kind(trails::STORE, &[&trails::STORES, &trails::GET_STORE], &[]),
    kind(events::EVENT, &[&events::LOOK_UP], &[]),
    kind(
        buckets::KIND,
        &[
            &buckets::LOCATION,
            &buckets::STATUS,
            &buckets::ACL,
            &buckets::BLOCK,
            &buckets::LOCK,
            &buckets::VERSIONING,
            &buckets::LIFECYCLE,
            &buckets::LOGGING,
        ],
        &[trails::TRAIL],
    ),
    kind(watch::FILTER, &[&watch::FILTERS, &watch::ALARMS], &[trails::TRAIL]),
    kind(watch::RULE, &[&watch::RULES, &watch::TARGETS], &[]),
    kind(
        secrets::KIND,
        &[&secrets::LIST, &secrets::POLICY, &secrets::VERSIONS, &secrets::DESCRIBE, &aliases::LIST],
        &[],
    ),
    kind(
        readers::KIND,
        &[],
        &[secrets::KIND, iam::IDENTITY, iam::POLICY, kms::KEY, kms::GRANT, account::KIND],
    ),
    kind(values::KIND, &[&values::GET, &values::GET_ONE], &[secrets::KIND]),
    kind(events::SECRET_EVENT, &[&events::LOOK_UP], &[secrets::KIND]),
    kind(reads::READ, &[&events::LOOK_UP], &[secrets::KIND]),
    kind(reads::ACTIVITY, &[&events::LOOK_UP], &[secrets::KIND]),
    kind(
        usage::REFERENCE,
        &[],
        &[secrets::KIND, parameters::PARAMETER, tasks::KIND, functions::FUNCTION, builds::KIND],
    ),
    kind(
        functions::ROTATION,
        &[&functions::CONFIGURATION, &functions::POLICY, &functions::METRIC],
        &[secrets::KIND],
    ),
    kind(
        parameters::PARAMETER,
        &[
            &parameters::LIST,
            &parameters::POLICIES,
            &parameters::SHARED,
            &parameters::SHARERS,
            &aliases::LIST,
        ],
        &[],
    ),
    kind(
        parameters::DOCUMENT,
        &[&parameters::DOCUMENTS, &parameters::PERMISSION, &parameters::CONTENT],
        &[],
    ),
    kind(parameters::SETTINGS, &[&parameters::CONTENT, &parameters::NODES], &[]),
    kind(databases::KIND, &[&databases::INSTANCES, &databases::CLUSTERS], &[]),
    kind(
        usage::NETWORK,
        &[&usage::SUBNETS, &usage::ENDPOINTS],
        &[secrets::KIND, tasks::KIND, functions::FUNCTION],
    ),
    kind(usage::ENDPOINT, &[&usage::ENDPOINTS], &[]),
    kind(functions::FUNCTION, &[&functions::LIST], &[]),
    kind(
        packages::KIND,
        &[&packages::FUNCTION, &packages::LAYERS, &packages::LAYER],
        &[functions::FUNCTION],
    ),
    kind(
        tasks::KIND,
        &[
            &tasks::FAMILIES,
            &tasks::DEFINITION,
            &tasks::CLUSTERS,
            &tasks::SERVICES,
            &tasks::SERVICE,
        ],
        &[],
    ),
    kind(builds::KIND, &[&builds::PROJECTS, &builds::PROJECT], &[]),
    kind(
        platform::USER_DATA,
        &[&platform::MACHINES, &platform::ATTRIBUTE, &platform::TEMPLATES, &platform::VERSIONS],
        &[],
    ),
    kind(platform::STACK, &[&platform::DESCRIBE_STACKS], &[]),
    kind(
        eks::CLUSTER,
        &[&eks::CLUSTERS, &eks::DESCRIBE, &eks::ENTRIES, &eks::ENTRY, &eks::ASSOCIATED],
        &[],
    ),
    kind(platform::CERTIFICATE, &[&platform::CERTIFICATES], &[]),
    kind(logs::KIND, &[&references::LOG_GROUPS, &logs::EVENTS], &[]),
    kind(
        crate::collect::values::KIND,
        &[&values::GET, &values::GET_ONE, &parameter_values::GET],
        &[secrets::KIND, parameters::PARAMETER],
    ),
    kind(platform::CATALOG, &[&platform::CATALOG_SETTINGS, &platform::CONNECTIONS], &[]),
    kind(platform::JOB, &[&platform::JOBS], &[]),
    kind(platform::STAGE, &[&platform::APIS, &platform::STAGES], &[]),
    kind(
        definitions::KIND,
        &[
            &definitions::MACHINES,
            &definitions::MACHINE,
            &definitions::LIST_PIPELINES,
            &definitions::PIPELINE,
            &definitions::APIS,
            &definitions::SOURCES,
            &definitions::ENVIRONMENTS,
            &definitions::OPTIONS,
        ],
        &[],
    ),
]);

/// The least that a reader of these kinds must be allowed, as an IAM policy. Kinds of other stores are passed over.
pub(super) fn permissions(kinds: &BTreeSet<&str>) -> String {
    let mut operations = KINDS.calls(kinds.iter().copied());
    if !operations.is_empty() {
        operations.extend(session::OF_LOGIN);
    }
    let actions: BTreeSet<String> = operations.into_iter().map(Operation::right).collect();
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "KeystrelAudit", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::values::is_of_values;

    #[test]
    fn each_kind_is_there_once_and_made_of_known_ones() {
        KINDS.check();
    }

    #[test]
    fn a_policy_has_what_the_kinds_need_and_nothing_that_gives_a_value() {
        let policy = |kinds: &[&str]| permissions(&kinds.iter().copied().collect());
        let of_grants = policy(&["aws_kms_grant"]);
        for action in ["kms:ListKeys", "kms:ListGrants", "kms:DescribeKey"] {
            assert!(of_grants.contains(&format!("\"{action}\"")), "{of_grants}");
        }
        assert!(!of_grants.contains("secretsmanager"), "{of_grants}");
        assert!(policy(&["aws_secret_readers"]).contains("iam:GetAccountAuthorizationDetails"));
        let names: Vec<&str> = KINDS.names().filter(|kind| !is_of_values(kind)).collect();
        let all = policy(&names);
        assert!(policy(&["stored_value"]).contains("secretsmanager:GetSecretValue"));
        for action in [
            "GetSecretValue",
            "GetParameter\"",
            "GetParametersByPath",
            "kms:Decrypt",
            "s3:GetObject\"",
            "*\"",
        ] {
            let found = all.matches(action).count();
            // The resources alone are all.
            assert_eq!(found, usize::from(action == "*\""), "{action}: {all}");
        }
        assert!(
            all.lines()
                .filter(|line| line.contains(':') && line.trim_start().starts_with('"'))
                .all(|line| {
                    let action = line.trim().trim_matches(['"', ',']);
                    let is_action = action.split_once(':').is_some_and(|(service, _)| {
                        service.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                    });
                    !is_action
                        || ["Get", "List", "Describe", "Batch", "Lookup", "Generate", "GET"]
                            .iter()
                            .any(|verb| {
                                action
                                    .split_once(':')
                                    .is_some_and(|(_, name)| name.starts_with(verb))
                            })
                }),
            "{all}"
        );
    }
}
