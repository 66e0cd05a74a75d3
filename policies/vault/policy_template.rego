# METADATA
# title: Policies that one with a template could stand for
package keystrel.vault.policy_template

import data.keystrel.lib.vault_acl as acl

# METADATA
# title: Many policies differ by a name only
# description: >-
#   One policy with a template does for all, and a mistake is put right in one place. The threshold is how many such
#   policies may be.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/tutorials/policies/policy-templating
# custom:
#   id: vault-policy-templating-absent
#   severity: low
#   subject: vault_policy
#   needs: [vault_policy]
#   threshold: 20
#   remediation: >-
#     Write one policy with `{{identity.entity.metadata.app}}` or `{{identity.entity.aliases.ACCESSOR.name}}` in its
#     paths: `vault policy write app app.hcl`.
vault_policy_templating_absent contains finding if {
	some ids in groups
	count(ids) >= data.params["vault-policy-templating-absent"].threshold
	first := sort(ids)[0]
	names := {policy.name | some policy in data.keystrel.lib.vault_acl.policies; policy.id in ids}
	finding := {
		"fact": first,
		"message": sprintf("%v policies differ by a name only: %s", [count(ids), acl.shown(names)]),
	}
}

vault_policy_templating_absent contains finding if {
	some finding in data.keystrel.lib.vault_acl.undecided
}

# Policies by what they grant with their own names taken out, where a name was in it.
groups[key] contains policy.id if {
	some policy in data.keystrel.lib.vault_acl.policies
	shape := {[shaped(rule.path, policy.name), sort(rule.capabilities)] |
		some rule in data.keystrel.lib.vault_acl.rules[policy.id]
	}
	some [path, _] in shape
	contains(path, "{name}")
	key := json.marshal([acl.namespace(policy), sort(shape)])
}

# A path with what names the policy taken out of it.
shaped(path, name) := concat("/", [segment |
	some written in split(path, "/")
	segment := without_name(written, name)
])

without_name(segment, name) := "{name}" if {
	count(segment) > 2
	not segment in {"auth", "config", "data", "database", "metadata", "policies", "role", "secret", "sys", "transit"}
	contains(name, segment)
} else := replace(segment, base(name), "{name}") if {
	count(base(name)) > 2
	contains(segment, base(name))
} else := segment

base(name) := regex.replace(name, `[-_](?:access|admin|app|policy|r|read|reader|readonly|ro|rw|user|write|writer)$`, "")
