# METADATA
# title: Policies of Vault by which somebody looks and takes nothing
package keystrel.lib.vault_auditor

import data.keystrel.lib.facts
import data.keystrel.lib.vault_acl as acl

# As in vault_admin: functions take imported values by rules of their own library.
rules := data.keystrel.lib.vault_acl.rules

# Ids of policies of auditors, such as `keystrel audit --explain-permissions vault:` prints: they read settings of the
# server, change nothing, and read no value of a secret and no credential.
auditors := {policy.id |
	some policy in data.keystrel.lib.vault_acl.policies
	reads_settings(policy)
	changes_nothing(policy)
	takes_nothing(policy)
}

reads_settings(policy) if {
	some rule in rules[policy.id]
	count(rule.capabilities & {"list", "read"}) > 0
	some place in ["sys/audit", "sys/policies", "sys/policy"]
	regex.match(sprintf(`^%s(?:/|$)`, [place]), rule.path)
}

changes_nothing(policy) if {
	every rule in rules[policy.id] {
		only_looks(rule)
	}
}

only_looks(rule) if count(rule.capabilities - {"list", "read", "sudo"}) == 0

# What is looked up by writing what it is called.
only_looks(rule) if {
	count(rule.capabilities - {"list", "read", "sudo", "update"}) == 0
	is_lookup(rule.path)
}

is_lookup(path) if {
	path in {
		"auth/token/lookup", "auth/token/lookup-accessor", "auth/token/lookup-self", "auth/token/renew-self", "auth/token/revoke-self",
		"sys/capabilities", "sys/capabilities-accessor", "sys/capabilities-self", "sys/leases/lookup",
	}
}

is_lookup(path) if regex.match(`^auth/.+/secret-id(?:-accessor)?/lookup$`, path)

takes_nothing(policy) if {
	every rule in rules[policy.id] {
		not acl.is_everything(rule)
	}
	count(acl.reaching(policy, values, {"read"})) == 0
}

# Where values of secrets are read, and where engines give credentials to whoever reads.
values := acl.index(of_kv | of_engines)

of_kv := {{"path": path, "namespace": acl.namespace(mount)} |
	some mount in facts.of("vault_mount")
	mount.type in {"kv", "generic"}
	path := sprintf("%s%s", [mount.path, of_version(object.get(mount, "kv_version", null))])
}

of_version(2) := "data/*"

# Those of which the version is not known as well.
of_version(version) := "*" if version != 2

of_engines := {{"path": path, "namespace": acl.namespace(mount)} |
	some mount in facts.of("vault_mount")
	not mount.type in {"cubbyhole", "generic", "identity", "kv", "system"}
	some endpoint in giving
	path := sprintf("%s%s", [mount.path, endpoint])
}

giving := {
	"backup/*", "byok-export/*", "code/*", "cred/*", "creds/*", "export/*", "impersonated-account/+/token", "key/*", "roleset/+/key",
	"roleset/+/token", "static-account/+/key", "static-account/+/token", "static-cred/*", "static-creds/*", "sts/*", "token/*",
}
