# METADATA
# title: State of Terraform
package keystrel.terraform.state

import data.keystrel.lib.facts

# METADATA
# title: A state of Terraform lies among files
# description: >-
#   A state holds all that resources are set to, passwords and keys among them, in clear. In a repository it is copied to
#   whoever clones it, and stays in its history.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/state/sensitive-data
# - ref: https://opentofu.org/docs/language/state/encryption/
# custom:
#   id: terraform-state-in-files
#   severity: medium
#   subject: tf_state
#   needs: [tf_state]
#   remediation: >-
#     Keep it in a remote backend that encrypts it and knows who may read it, add `*.tfstate*` to `.gitignore`, and rotate what is
#     in it.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
terraform_state_in_files contains finding if {
	some state in facts.of("tf_state")
	state.encrypted == false
	is_number(state.resources)
	finding := {
		"fact": state.id,
		"message": sprintf("the state lies here in clear (resources: %d)", [state.resources]),
	}
}

terraform_state_in_files contains finding if {
	some state in facts.of("tf_state")
	not facts.has(state, ["encrypted", "resources"])
	finding := {"fact": state.id, "unknown": "whether the state is encrypted was not read"}
}

# METADATA
# title: A state of Terraform holds a secret
# description: >-
#   `sensitive` keeps a value out of plans and logs, and not out of the state: whoever can read the file has it.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/state/sensitive-data
# custom:
#   id: terraform-state-value
#   severity: high
#   subject: tf_state_value
#   needs: [tf_state_value]
#   remediation: >-
#     Rotate the value. Use ephemeral resources and write-only arguments, so that it is not in the state, and keep the state out of
#     files.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
terraform_state_value contains finding if {
	some value in facts.of("tf_state_value")
	is_string(value.address)
	finding := {"fact": value.id, "message": sprintf("the state holds %s", [value.address])}
}

terraform_state_value contains finding if {
	some value in facts.of("tf_state_value")
	not facts.has(value, ["address"])
	finding := {"fact": value.id, "unknown": "what the value is was not read"}
}
