# METADATA
# title: The audit itself
package keystrel.estate.auditor

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Exception is over, or says too little
# description: >-
#   It no longer accepts anything after its last day, and what it hid is open again; without a reason, an owner or an end nobody can say
#   whether it is still right.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#210-policies
# custom:
#   id: x-exception-expired
#   severity: medium
#   subject: exception
#   needs: [exception]
#   remediation: >-
#     Put right what it accepted and delete it from `.keystrel.toml`, or have its owner decide anew: `owner`, `reason` and a new `expires` under
#     `[[policy.exceptions]]`.
#   frameworks:
#     nist_800_53: [CM-6]
#     soc2: [CC7.1]
#     iso27001_2022: [A.8.9]
x_exception_expired contains finding if {
	some exception in estate.told(exceptions, exception_fields)
	faults := array.concat(ended(exception), [sprintf("has no %s", [field]) |
		some field in ["reason", "owner"]
		not estate.text(exception, field)
	])
	count(faults) > 0
	finding := {
		"fact": exception.id,
		"message": sprintf("the exception for %v of %v %s", [exception.control, scope(exception), concat(", and ", faults)]),
	}
}

x_exception_expired contains finding if {
	some finding in estate.unknown(exceptions, exception_fields)
}

exceptions := facts.of("exception")

exception_fields := ["expires", "owner", "reason"]

# The last day on which it counts has to come yet, or be today.
ended(exception) := ["has no end"] if {
	not estate.text(exception, "expires")
} else := [sprintf("ended on %s", [exception.expires])] if {
	exception.expires < substring(input.now, 0, 10)
} else := []

scope(exception) := estate.listed(globs, 3, count(globs)) if {
	globs := [sprintf("`%v`", [pattern]) | some pattern in estate.list(exception, "resources")]
	count(globs) > 0
} else := "all resources"

# METADATA
# title: Login of the audit may read values that it was not asked to
# description: >-
#   Whoever gets hold of the login has all secrets at once. An audit of metadata needs no value, and the least rights for it are printed by
#   `--explain-permissions`. Told where the audit ran without `--read-values`. Of clusters it is not told: the right to list Secrets is the
#   right to read them, and an audit needs it.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
# - ref: https://developer.hashicorp.com/vault/api-docs/system/capabilities-self
# custom:
#   id: x-auditor-overprivileged
#   severity: medium
#   subject: audited_store
#   where: {reads_values: [false], store_kind: [aws, azure, gcp, vault]}
#   needs: [audited_store]
#   remediation: >-
#     Print the rights that it needs by `keystrel audit STORE --explain-permissions` and give it those alone: `vault policy write keystrel
#     FILE`, `aws iam put-role-policy --role-name keystrel --policy-name audit --policy-document file://FILE` in place of `ReadOnlyAccess`,
#     `gcloud iam roles update`, `az role definition update --role-definition FILE`, `kubectl apply -f FILE`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
x_auditor_overprivileged contains finding if {
	some store in estate.settled(metadata_only, ["can_read_values"])
	store.can_read_values == true
	finding := {
		"fact": store.id,
		"message": sprintf("the login of this audit may read values of %s%s", [store.store, rights(store)]),
	}
}

x_auditor_overprivileged contains finding if {
	some finding in estate.unsettled(metadata_only, ["can_read_values"])
}

metadata_only := [store |
	some store in stores
	store.reads_values == false
	store.store_kind != "kubernetes"
]

rights(store) := sprintf(": %s", [estate.listed(names, 3, count(names))]) if {
	names := estate.list(store, "value_rights")
	count(names) > 0
} else := ""

# METADATA
# title: Part of the estate could not be read
# description: >-
#   What was not read was not judged: the controls that need it are unknown, and a secret in it is in no report. It is a finding of its own, so
#   that an audit with few findings is not taken for a good one.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/a/r5/final
# custom:
#   id: x-auditor-blind
#   severity: high
#   subject: audited_store
#   needs: [audited_store]
#   remediation: >-
#     See by `keystrel audit STORE --explain-permissions` which rights are missing and grant them; raise the limits of time or requests
#     where those ended it, and run it again.
x_auditor_blind contains finding if {
	some store in estate.told(stores, blind_fields)
	finding := {"fact": store.id, "message": sprintf("%s: %s", [store.store, blindness(store)])}
}

x_auditor_blind contains finding if {
	some finding in estate.unknown(stores, blind_fields)
}

blind_fields := ["lost", "gaps", "gap_count"]

stores := facts.of("audited_store")

# What was not read; undefined where all was.
blindness(store) := sprintf("nothing could be read: %s", [estate.text(store, "lost")]) if {
	estate.text(store, "lost")
} else := sprintf("%s could not be read: %s", [age.counted(store.gap_count, "part"), estate.listed(parts(store), 3, store.gap_count)]) if {
	store.gap_count > 0
}

parts(store) := [sprintf("%v (%v)", [gap.what, gap.why]) | some gap in estate.list(store, "gaps")]
