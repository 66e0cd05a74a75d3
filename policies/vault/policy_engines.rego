# METADATA
# title: Policies on secrets engines
package keystrel.vault.policy_engines

import data.keystrel.lib.facts
import data.keystrel.lib.gaps
import data.keystrel.lib.vault_acl as acl

# METADATA
# title: A policy reads a whole mount of secrets
# description: >-
#   Whoever holds it has all secrets of the mount, also those that are added later. A mount that bears the name of
#   the policy, as `payments/` of `payments-read`, is taken for its own. Policies of administrators that the
#   parameter of vault-policy-sudo names are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-mount-wide-read
#   severity: high
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Name what the holder needs: `path "secret/data/app/*" { capabilities = ["read"] }`, or give each team a mount
#     of its own.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_mount_wide_read contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	found := wide(policy, values, "read")
	count(found) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s reads all of %s by %s", [acl.named(policy), acl.shown(of_mounts(found)), acl.shown(of_paths(found))]),
	}
}

vault_policy_mount_wide_read contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy lists all names of a mount of secrets
# description: >-
#   Names of secrets tell what there is to attack. Listing the first level alone, as the UI does, is not meant, nor
#   is a mount that the policy reads as a whole, nor a policy of auditors: one that reads settings of the server
#   (`sys/policies`, `sys/audit`), changes nothing, and reads neither values of secrets nor credentials. The threshold
#   is a list of names of further policies that may list, with `*`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
# custom:
#   id: vault-policy-mount-wide-list
#   severity: medium
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   threshold: []
#   remediation: >-
#     Give `list` below the prefix of the holder: `path "secret/metadata/app/*" { capabilities = ["list"] }`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_mount_wide_list contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	not policy.id in data.keystrel.lib.vault_auditor.auditors
	not acl.is_listed(policy.name, data.params["vault-policy-mount-wide-list"].threshold)
	read := of_mounts(wide(policy, values, "read"))
	found := {item |
		some item in wide(policy, names, "list")
		not item.mount in read
	}
	count(found) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s lists all names of %s by %s", [acl.named(policy), acl.shown(of_mounts(found)), acl.shown(of_paths(found))]),
	}
}

vault_policy_mount_wide_list contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy exports or backs up keys of transit
# description: >-
#   A key that was taken out decrypts for ever, without any policy or audit. While no key that is known may be
#   exported or backed up it is less grave.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#export-key
# custom:
#   id: vault-policy-transit-export
#   severity: high
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Name the endpoints that are used (`transit/encrypt/app`, `transit/decrypt/app`) in place of `transit/*`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_transit_export contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	paths := acl.paths(acl.reaching(policy, exports, {"read"}))
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"severity": export_severity,
		"message": sprintf("%s exports or backs up keys by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_transit_export contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy encrypts and decrypts with every key of a mount, or manages and uses a key
# description: >-
#   What writes should not read what all others wrote, and whoever makes and deletes keys should not use them. A policy
#   that encrypts and decrypts with keys that it names is taken for the owner of those.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit
# custom:
#   id: vault-policy-transit-enc-and-dec
#   severity: medium
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Write a policy for each side, with the name of the key: `path "transit/encrypt/app" { capabilities =
#     ["update"] }`; leave `transit/keys/*` to whoever manages keys.
#   frameworks:
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04, IAM-09]
vault_policy_transit_enc_and_dec contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	finding := {"fact": policy.id, "message": sprintf("%s %s", [acl.named(policy), mixed(policy)])}
}

vault_policy_transit_enc_and_dec contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy has any certificate signed
# description: >-
#   sign-verbatim and the endpoints of intermediates take names and usages from the request, past all roles.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/pki#sign-verbatim
# custom:
#   id: vault-policy-pki-sign-verbatim
#   severity: high
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Give `pki/sign/ROLE` or `pki/issue/ROLE`; leave intermediates to whoever runs the CA.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_pki_sign_verbatim contains finding if {
	some policy in data.keystrel.lib.vault_admin.bounded
	paths := acl.paths(acl.reaching(policy, unchecked, {"create", "update"}))
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s has any certificate signed by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_pki_sign_verbatim contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# METADATA
# title: A policy changes connections of the database engine
# description: >-
#   Whoever writes a connection points it at a server of his own, or takes the root user of the database; rotating locks
#   others out. Policies of administrators that the parameter of vault-policy-sudo names are left out.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/databases
# custom:
#   id: vault-policy-db-rotate-root
#   severity: medium
#   subject: vault_policy
#   needs: [vault_mount, vault_policy]
#   remediation: >-
#     Give applications `read` on `database/creds/ROLE` or `database/static-creds/ROLE` alone.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
vault_policy_db_rotate_root contains finding if {
	some policy in data.keystrel.lib.vault_admin.ordinary
	paths := acl.paths(acl.reaching(policy, connections, {"create", "update"}))
	count(paths) > 0
	finding := {
		"fact": policy.id,
		"message": sprintf("%s changes connections of databases by %s", [acl.named(policy), acl.shown(paths)]),
	}
}

vault_policy_db_rotate_root contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

kv := {mount |
	some mount in facts.of("vault_mount")
	mount.kv_version in {1, 2}
}

# Where values of a mount are, and where names.
values := acl.index({{"path": path, "namespace": acl.namespace(mount), "mount": mount.path} |
	some mount in kv
	path := sprintf("%s%s*", [mount.path, {1: "", 2: "data/"}[mount.kv_version]])
})

# How many segments the longest of them have: a rule with more is on a part.
depth := max([count(area.pattern.segments) | some areas in [values, names]; some word; some area in areas[word]])

names := acl.index({{"path": path, "namespace": acl.namespace(mount), "mount": mount.path} |
	some mount in kv
	path := sprintf("%s%s*", [mount.path, {1: "", 2: "metadata/"}[mount.kv_version]])
})

# The rules of a policy that are on all of an area, as `{path, mount}`. Names of single secrets behind a wildcard do
# not count, as in `secret/data/+/config`.
wide(policy, areas, capability) := {found |
	some rule in data.keystrel.lib.vault_acl.rules[policy.id]
	capability in rule.capabilities
	not acl.is_everything(rule)
	acl.is_wild(rule.path)
	some place in acl.local(policy, rule)
	broad := broadened(place.pattern)
	count(broad.segments) <= depth
	some word in acl.words(areas, place.pattern)
	some area in areas[word]
	acl.is_there(area, place)
	acl.contains_all(broad, area.pattern)
	not is_own(policy, area.mount)
	path := acl.meeting(place.pattern, area.pattern)
	acl.governs(policy, rule, array.concat(place.prefix, path))
	found := {"path": rule.path, "mount": area.mount}
}

# `secret/data/+/*` and `secret/data/+` are `secret/data/*` for people who wrote them.
broadened(one) := acl.pattern(regex.replace(path, `(?:/\+)*/(?:\+|\*)$`, "/*")) if {
	path := concat("", [concat("/", one.segments), {true: "*", false: ""}[one.is_glob]])
}

# Whether a mount bears the name of the policy, as `payments/` of `payments-read`: then it is its own.
is_own(policy, path) if {
	segments := split(trim_suffix(path, "/"), "/")
	name := segments[count(segments) - 1]
	not name in {"kv", "kv-v1", "kv-v2", "kv1", "kv2", "secret", "secrets"}
	count(name) > 2
	bears(policy.name, name)
}

bears(policy, mount) if contains(policy, mount)

bears(policy, mount) if {
	base := regex.replace(policy, `[-_](?:access|admin|app|policy|r|read|reader|readonly|ro|rw|user|write|writer)$`, "")
	count(base) > 2
	contains(mount, base)
}

of_paths(found) := {item.path | some item in found}

of_mounts(found) := {item.mount | some item in found}

exports := acl.on_mounts({"transit"}, {"export/*", "byok-export/*", "backup/+"})

default export_severity := "high"

export_severity := "medium" if none_exportable

# Where no key is known all may be.
none_exportable if {
	gaps.none("vault_transit_key")
	keys := facts.of("vault_transit_key")
	count(keys) > 0
	every key in keys {
		key.exportable == false
		key.allow_plaintext_backup == false
	}
}

encryption := acl.on_mounts({"transit"}, {"encrypt/+"})

decryption := acl.on_mounts({"transit"}, {"decrypt/+"})

management := acl.on_mounts({"transit"}, {"keys/+", "keys/+/config"})

usage := acl.on_mounts({"transit"}, {"encrypt/+", "decrypt/+", "sign/+", "hmac/+"})

# The keys of transit that what was found is on, as `[mount, name]`; a name that is open ends `~any`.
keys_of(found) := {[mount, name] |
	some item in found
	segments := split(item.endpoint, "/")
	some at, segment in segments
	segment == "+"
	mount := concat("/", array.slice(segments, 0, at - 1))
	name := item.path[at]
}

encrypts(policy) := keys_of(acl.reaching(policy, encryption, {"create", "update"}))

decrypts(policy) := keys_of(acl.reaching(policy, decryption, {"create", "update"}))

# What a policy does with keys that should be apart. Undefined if there is nothing.
mixed(policy) := sprintf("encrypts and decrypts with every key of %s", [acl.shown(mounts)]) if {
	mounts := {sprintf("%s/", [mount]) |
		some [mount, name] in (encrypts(policy) & decrypts(policy))
		name == "~any"
	}
	count(mounts) > 0
} else := sprintf("manages and uses %s", [acl.shown(keys)]) if {
	used := keys_of(acl.reaching(policy, usage, {"create", "update"}))
	keys := {sprintf("%s/keys/%s", [mount, replace(managed, "~any", "*")]) |
		some [mount, managed] in keys_of(acl.reaching(policy, management, {"delete", "update"}))
		some [other_mount, other] in used
		mount == other_mount
		is_same(managed, other)
	}
	count(keys) > 0
}

is_same(one, other) if one == other

is_same(one, other) if {
	endswith(one, "~any")
	startswith(other, trim_suffix(one, "~any"))
}

is_same(one, other) if {
	endswith(other, "~any")
	startswith(one, trim_suffix(other, "~any"))
}

unchecked := acl.on_mounts({"pki"}, {
	"sign-verbatim", "sign-verbatim/+", "root/sign-intermediate", "root/sign-self-issued", "issuer/+/sign-verbatim",
	"issuer/+/sign-verbatim/+", "issuer/+/sign-intermediate", "issuer/+/sign-self-issued",
})

connections := acl.on_mounts({"database"}, {"config/+", "rotate-root/+"})
