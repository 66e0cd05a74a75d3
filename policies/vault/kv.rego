# METADATA
# title: Key/value secrets
package keystrel.vault.kv

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# METADATA
# title: A KV secret has not been changed for too long
# description: >-
#   A static secret that nobody rotates is known to everyone who could ever read it. What counts is the age in days of the current
#   version, not the last change of its metadata. `rotation_days` or `rotation_period` (`720h`, `30d`) in the custom metadata of
#   the secret is its own limit.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-metadata
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
# custom:
#   id: vault-kv2-version-age
#   severity: high
#   subject: vault_kv_secret
#   needs: [vault_kv_secret]
#   threshold: 90
#   remediation: >-
#     Rotate the credential where it is used, then write the new one: `vault kv patch -mount=secret app/db password=-`. If it may
#     live longer: `vault kv metadata patch -mount=secret -custom-metadata=rotation_days=365 app/db`. Better still, let an engine make
#     it (database, AWS, PKI).
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
vault_kv2_version_age contains finding if {
	some secret in facts.of("vault_kv_secret")
	days := ages[secret.id]
	limit := max_age(secret)
	days > limit
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: version %v is %s old, of at most %v", [
			secret.id,
			secret.current_version,
			age.show_days(days),
			limit,
		]),
	}
}

vault_kv2_version_age contains finding if {
	some secret in facts.of("vault_kv_secret")
	object.get(secret, "current_state", null) in {"live", null}
	not ages[secret.id]
	finding := {"fact": secret.id, "unknown": "the server does not tell when the current version was made"}
}

# METADATA
# title: A KV mount is of version 1, without versions and dates
# description: >-
#   Version 1 keeps no versions and no dates: nobody can tell how old a secret is, and what is overwritten or deleted is lost.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade
# custom:
#   id: vault-kv1-mount
#   severity: medium
#   subject: vault_mount
#   where: {type: [kv, generic]}
#   needs: [vault_mount]
#   remediation: >-
#     `vault kv enable-versioning kv/`. Paths in the API and in policies get `data/` and `metadata/` then, so change policies and
#     clients with it.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     owasp_secrets: ["2.11"]
vault_kv1_mount contains finding if {
	some mount in facts.of("vault_mount")
	mount.type in {"kv", "generic"}
	mount.kv_version == 1
	finding := {
		"fact": mount.id,
		"message": sprintf("`%s`: KV version 1 keeps no versions and no dates", [mount.id]),
	}
}

vault_kv1_mount contains finding if {
	some mount in facts.of("vault_mount")
	mount.type in {"kv", "generic"}
	object.get(mount, "kv_version", null) == null
	finding := {"fact": mount.id, "unknown": "the server does not tell its version"}
}

# METADATA
# title: A KV secret has no owner
# description: >-
#   When it leaks or has to be rotated, nobody knows who can do it and what breaks. The parameter lists keys of custom metadata that
#   name an owner; one of them is enough. Case does not count.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/cookbook/custom-metadata
# custom:
#   id: vault-kv2-no-owner
#   severity: low
#   subject: vault_kv_secret
#   needs: [vault_kv_secret]
#   threshold: [owner, team, contact]
#   remediation: >-
#     `vault kv metadata patch -mount=secret -custom-metadata=owner=payments -custom-metadata=rotation_days=90 app/db`
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
vault_kv2_no_owner contains finding if {
	owners := {lower(key) | some key in data.params["vault-kv2-no-owner"].threshold}
	some secret in facts.of("vault_kv_secret")
	is_array(secret.custom_metadata_keys)
	keys := {lower(key) | some key in secret.custom_metadata_keys; is_string(key)}
	count(keys & owners) == 0
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: its custom metadata names no %s", [secret.id, concat(", ", sort(owners))]),
	}
}

vault_kv2_no_owner contains finding if {
	some finding in vault_engines.unsaid("vault_kv_secret", ["custom_metadata_keys"])
}

# METADATA
# title: A KV secret keeps many old versions readable
# description: >-
#   Whoever may read the secret may read every version that is kept, and old values often still work somewhere. The parameter is how
#   many versions may be live; 10 is what Vault keeps unless it is told otherwise.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/cookbook/max-versions
# custom:
#   id: vault-kv2-versions-unbounded
#   severity: low
#   subject: vault_kv_secret
#   needs: [vault_kv_secret]
#   threshold: 10
#   remediation: >-
#     `vault kv metadata patch -mount=secret -max-versions=10 app/db`, or `vault write secret/config max_versions=10` for the mount.
#     Versions beyond it go with the next write; `vault kv destroy -mount=secret -versions=1,2 app/db` at once.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
vault_kv2_versions_unbounded contains finding if {
	limit := data.params["vault-kv2-versions-unbounded"].threshold
	some secret in facts.of("vault_kv_secret")
	live := [version | some version in vault_engines.list(secret, "versions"); version.state == "live"]
	count(live) > limit
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: %v versions can be read, of at most %v", [secret.id, count(live), limit]),
	}
}

vault_kv2_versions_unbounded contains finding if {
	some finding in vault_engines.unsaid("vault_kv_secret", ["versions"])
}

# METADATA
# title: A deleted KV secret can still be undeleted
# description: >-
#   `vault kv delete` hides a version; `vault kv undelete` brings it back, with its value. The parameter is how many days a deleted
#   version may wait.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/cookbook/destroy-data
# custom:
#   id: vault-kv2-soft-deleted-not-destroyed
#   severity: medium
#   subject: vault_kv_secret
#   needs: [vault_kv_secret]
#   threshold: 30
#   remediation: >-
#     `vault kv destroy -mount=secret -versions=1,2 app/db`, or `vault kv metadata delete -mount=secret app/db` if nothing of it is
#     needed.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
vault_kv2_soft_deleted_not_destroyed contains finding if {
	some secret in facts.of("vault_kv_secret")
	waiting := [{"version": version.version, "days": days} |
		some version in vault_engines.list(secret, "versions")
		version.state == "deleted"
		days := age.days_since(version.deletion_time)
		days > data.params["vault-kv2-soft-deleted-not-destroyed"].threshold
	]
	count(waiting) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: %s deleted up to %s ago can still be undeleted", [
			secret.id,
			show_versions([version.version | some version in waiting]),
			age.show_days(max([version.days | some version in waiting])),
		]),
	}
}

vault_kv2_soft_deleted_not_destroyed contains finding if {
	some finding in vault_engines.unsaid("vault_kv_secret", ["versions"])
}

# METADATA
# title: Writes to a KV mount may silently overwrite each other
# description: >-
#   Without check-and-set the last of two who rotate a secret at once wins, and the other has a value that is nowhere. A secret may
#   require it by itself.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/cookbook/write-data
# custom:
#   id: vault-kv2-cas-off
#   severity: low
#   subject: vault_kv_config
#   needs: [vault_kv_config, vault_kv_secret]
#   remediation: >-
#     `vault write secret/config cas_required=true` once all writers send `cas` (`vault kv put -cas=3 ...`), or
#     `vault kv metadata patch -mount=secret -cas-required=true app/db` for a secret.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC8.1]
#     iso27001_2022: [A.8.32]
vault_kv2_cas_off contains finding if {
	some config in facts.of("vault_kv_config")
	config.cas_required == false
	open := unchecked[config.mount]
	finding := {
		"fact": config.id,
		"message": sprintf("`%s`: %v of its secrets can be overwritten without check-and-set", [config.id, count(open)]),
	}
}

vault_kv2_cas_off contains finding if {
	some finding in vault_engines.unsaid("vault_kv_config", ["cas_required"])
}

# METADATA
# title: A KV secret has no version left
# description: >-
#   All versions are deleted or destroyed: the path and its metadata are remains, and its readers and policies may be too.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/cookbook/delete-data
# custom:
#   id: vault-kv2-empty
#   severity: info
#   subject: vault_kv_secret
#   needs: [vault_kv_secret]
#   remediation: >-
#     `vault kv metadata delete -mount=secret app/db`
vault_kv2_empty contains finding if {
	some secret in facts.of("vault_kv_secret")
	versions := vault_engines.list(secret, "versions")
	count(versions) > 0
	every version in versions {
		version.state in {"deleted", "destroyed"}
	}
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: all %v versions are deleted or destroyed", [secret.id, count(versions)]),
	}
}

vault_kv2_empty contains finding if {
	some finding in vault_engines.unsaid("vault_kv_secret", ["versions"])
}

# METADATA
# title: The name of a KV secret holds a credential
# description: >-
#   Names are not encrypted for those who may list, and stand in audit logs, metrics and errors.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2
# custom:
#   id: vault-kv-secret-in-path
#   severity: medium
#   subject: vault_kv_secret
#   needs: [vault_kv_secret, vault_kv1_secret]
#   remediation: >-
#     Rotate the credential, write the new one under a name that says what it is for, and remove the old path:
#     `vault kv metadata delete -mount=secret PATH`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
vault_kv_secret_in_path contains finding if {
	some kind in ["vault_kv_secret", "vault_kv1_secret"]
	some secret in facts.of(kind)
	rules := {hit.rule | some hit in vault_engines.list(secret, "secret_rules"); hit.field == "path"}
	count(rules) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("`%s`: its name holds a credential (%s)", [secret.id, concat(", ", sort(rules))]),
	}
}

vault_kv_secret_in_path contains finding if {
	some kind in ["vault_kv_secret", "vault_kv1_secret"]
	some finding in vault_engines.unsaid(kind, ["secret_rules"])
}

# Secrets that do not require check-and-set by themselves, by their mount.
unchecked[secret.mount] contains secret.id if {
	some secret in facts.of("vault_kv_secret")
	object.get(secret, "cas_required", null) != true
}

# Days since the current version of secrets was made, of those that have one that can be read.
ages[secret.id] := age.days_since(secret.current_created_time) if {
	some secret in facts.of("vault_kv_secret")
	secret.current_state == "live"
}

# Days that the current version of a secret may live: its own limit, if its metadata has one that can be read.
max_age(secret) := limit if {
	limit := own_limit(vault_engines.part(secret, "custom_metadata"))
} else := data.params["vault-kv2-version-age"].threshold

own_limit(metadata) := to_number(metadata.rotation_days) if {
	is_string(metadata.rotation_days)
	regex.match(`^[1-9][0-9]{0,4}$`, metadata.rotation_days)
} else := floor(age.seconds(metadata.rotation_period) / data.keystrel.lib.age.seconds_per_day) if {
	age.seconds(metadata.rotation_period) >= data.keystrel.lib.age.seconds_per_day
}

show_versions(versions) := sprintf("version %v", [versions[0]]) if count(versions) == 1

show_versions(versions) := sprintf("versions %s", [concat(", ", [sprintf("%v", [number]) | some number in versions])]) if {
	count(versions) > 1
}
