//! What each kind of facts of the estate is made of.

/// A kind of facts of the estate.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name.
    pub kind: &'static str,
    /// The kinds of facts of stores that it takes to put it together.
    made_of: &'static [&'static [&'static str]],
    /// Those of them without which a fact is missing, and not only a field of one.
    missing_without: &'static [&'static str],
}

const SECRETS: &[&str] = &[
    "aws_secret",
    "aws_ssm_parameter",
    "k8s_object:Secret",
    "vault_kv_secret",
    "vault_kv1_secret",
];
/// What tells fields of secrets.
const ABOUT_SECRETS: &[&str] = &[
    "aws_cloudtrail_trail",
    "azure_key_vault",
    "azure_principal",
    "gcp_folder",
    "gcp_group",
    "gcp_organization",
    "gcp_project",
    "k8s_audit_policy",
    "vault_audit_device",
];
const READERS: &[&str] = &[
    "aws_secret_readers",
    "aws_secret_read",
    "azure_secret_readers",
    "gcp_secret_readers",
    "k8s_secret_readers",
    "vault_secret_readers",
];
const KEYS: &[&str] = &["aws_kms_key", "azure_key", "gcp_kms_key", "vault_transit_key"];
const SEALS: &[&str] = &["vault_config", "vault_server"];
const SINKS: &[&str] = &[
    "aws_cloudtrail_trail",
    "aws_cloudtrail_event_data_store",
    "aws_s3_bucket",
    "vault_audit_device",
];
const VALUES: &[&str] = &["stored_value"];
const COPIES: &[&str] = &["k8s_object:ExternalSecret", "k8s_object:VaultStaticSecret"];
const REFERENCES: &[&str] = &[
    "aws_secret_reference",
    "azure_secret_reference",
    "gcp_secret_reference",
    "k8s_object:ExternalSecret",
    "k8s_object:SecretProviderClass",
    "k8s_object:VaultStaticSecret",
];
const ISSUED: &[&str] =
    &["aws_iam_access_key", "azure_application", "gcp_service_account", "gcp_service_account_key"];
const PODS: &[&str] = &["k8s_pod"];
const BACKUPS: &[&str] = &["vault_snapshot_config", "k8s_object:BackupStorageLocation"];
const OWN_RIGHTS: &[&str] = &["vault_mount", "vault_token", "vault_secret_readers"];

static SOURCES: &[Source] = &[
    Source { kind: "audited_store", made_of: &[OWN_RIGHTS], missing_without: &[] },
    Source {
        kind: "stored_secret",
        made_of: &[SECRETS, ABOUT_SECRETS, READERS, COPIES],
        missing_without: SECRETS,
    },
    Source { kind: "stored_key", made_of: &[KEYS, SECRETS, SEALS], missing_without: KEYS },
    Source { kind: "shared_value", made_of: &[VALUES, SECRETS, COPIES], missing_without: VALUES },
    Source { kind: "secret_copy", made_of: &[COPIES, SECRETS], missing_without: COPIES },
    Source {
        kind: "secret_reference",
        made_of: &[REFERENCES, SECRETS],
        missing_without: REFERENCES,
    },
    Source { kind: "secret_consumer", made_of: &[PODS, SECRETS], missing_without: PODS },
    Source { kind: "secret_reader", made_of: &[READERS, SECRETS], missing_without: READERS },
    Source { kind: "store_reader", made_of: &[READERS, SECRETS], missing_without: READERS },
    Source {
        kind: "held_credential",
        made_of: &[VALUES, ISSUED, SECRETS],
        missing_without: VALUES,
    },
    Source { kind: "audit_sink", made_of: &[SINKS], missing_without: SINKS },
    Source { kind: "store_seal", made_of: &[SEALS, KEYS], missing_without: &["vault_config"] },
    Source { kind: "store_backup", made_of: &[BACKUPS], missing_without: BACKUPS },
    Source { kind: "leak", made_of: &[], missing_without: &[] },
    Source { kind: "leak_match", made_of: &[VALUES, SECRETS, READERS], missing_without: VALUES },
    Source { kind: "exception", made_of: &[], missing_without: &[] },
];

/// Whether facts of `kind` are the estate's.
pub fn is_kind(kind: &str) -> bool {
    SOURCES.iter().any(|source| source.kind == kind)
}

/// The kinds of facts of stores that facts of `kind` are made of; none of what is no kind of the estate.
pub fn sources(kind: &str) -> impl Iterator<Item = &'static str> + use<> {
    let source = SOURCES.iter().find(|source| source.kind == kind);
    let kinds = source.into_iter().flat_map(|source| source.made_of).copied().flatten();
    kinds.map(|kind| kind.split(':').next().unwrap_or(kind))
}

/// The kinds of the estate of which facts are missing where those of a store are that a gap names, `KIND` or
/// `KIND:VALUE`.
pub(super) fn missing_without(gap: &str) -> impl Iterator<Item = &'static str> {
    let is_it = move |of: &&'static str| {
        *of == gap
            // All objects of a cluster, or those of a kind.
            || of.split_once(':').is_some_and(|(kind, _)| kind == gap)
            || gap.split_once(':').is_some_and(|(kind, _)| kind == *of)
    };
    SOURCES
        .iter()
        .filter(move |source| source.missing_without.iter().any(&is_it))
        .map(|source| source.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_of_some_objects_is_one_of_what_is_made_of_them() {
        let missing = |gap| missing_without(gap).collect::<Vec<_>>();
        assert_eq!(missing("k8s_object:Secret"), ["stored_secret"]);
        assert_eq!(missing("k8s_object:Role"), Vec::<&str>::new());
        assert!(missing("k8s_object").contains(&"secret_copy"));
        assert_eq!(missing("vault_mount"), Vec::<&str>::new());
    }

    #[test]
    fn every_source_is_a_kind_of_facts() {
        for source in SOURCES {
            for kind in sources(source.kind) {
                assert!(crate::policy::kinds().contains_key(kind), "{kind}");
            }
        }
    }
}
