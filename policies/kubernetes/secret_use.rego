# METADATA
# title: Rights on Secrets, and whether they are used
package keystrel.kubernetes.secret_use

import data.keystrel.lib.age
import data.keystrel.lib.facts

# METADATA
# title: A right to read Secrets is not used
# description: >-
#   Who does not need a right can only lose it to a thief. Told of an audit log that reaches back far enough; of a
#   right that is used once a quarter it says nothing.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: k8s-rbac-unused-secret-right
#   severity: medium
#   subject: k8s_secret_use
#   needs: [k8s_secret_use]
#   threshold: 90
#   remediation: >-
#     Take the subject out of the binding (`kubectl edit rolebinding NAME -n NAMESPACE`), or restrict the role to the
#     Secrets that are read. The threshold is in days.
#   frameworks:
#     nist_800_53: [AC-6, AC-6(7)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-05, IAM-08]
#     owasp_secrets: ["2.3"]
k8s_rbac_unused_secret_right contains finding if {
	some use in facts.of("k8s_secret_use")
	idle(use) > data.params["k8s-rbac-unused-secret-right"].threshold
	finding := {
		"fact": use.id,
		"message": sprintf("%v may read Secrets, and has not for %s", [use.principal, age.show_days(idle(use))]),
	}
}

k8s_rbac_unused_secret_right contains finding if {
	some use in facts.of("k8s_secret_use")
	not age.is_time(use.last_read)
	age.days_since(use.since) <= data.params["k8s-rbac-unused-secret-right"].threshold
	finding := {
		"fact": use.id,
		"unknown": sprintf("the audit log has the last %s alone", [age.show_days(age.days_since(use.since))]),
	}
}

k8s_rbac_unused_secret_right contains finding if {
	some use in facts.of("k8s_secret_use")
	not age.is_time(use.last_read)
	not age.is_time(use.since)
	finding := {"fact": use.id, "unknown": "the audit log does not say when it begins"}
}

# Days since a right was used; since the log begins where it was not.
idle(use) := age.days_since(use.last_read) if age.is_time(use.last_read)

idle(use) := age.days_since(use.since) if not age.is_time(use.last_read)
