# METADATA
# title: Secrets in Terraform
package keystrel.terraform.secrets

import data.keystrel.lib.confidence
import data.keystrel.lib.facts

# METADATA
# title: A secret is written into an attribute
# description: >-
#   The value stands in the module, in its state and in plans, in clear. Whoever can read one of them has it.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
# custom:
#   id: terraform-literal-secret
#   severity: high
#   subject: tf_attribute
#   needs: [tf_attribute]
#   threshold: likely
#   remediation: >-
#     Rotate the value. Read it from a store by a data source or an ephemeral resource, or take it from a variable without default.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
terraform_literal_secret contains finding if {
	some attribute in facts.of("tf_attribute")
	is_secret(attribute, "terraform-literal-secret")
	finding := {
		"fact": attribute.id,
		"message": sprintf("attribute %s is set to a secret (%s)", [attribute.name, rule_of(attribute)]),
	}
}

# Whatever stands there is one, also if it does not look so.
terraform_literal_secret contains finding if {
	some attribute in facts.of("tf_attribute")
	attribute.takes_secret == true
	attribute.value_kind == "literal"
	not attribute.holds_secret == true
	finding := {
		"fact": attribute.id,
		"message": sprintf("attribute %s is written out, and takes a secret", [attribute.name]),
	}
}

terraform_literal_secret contains finding if {
	some attribute in facts.of("tf_attribute")
	not facts.has(attribute, ["holds_secret"])
	finding := {"fact": attribute.id, "unknown": "the value of the attribute was not judged"}
}

# METADATA
# title: A variable has a secret for its default
# description: >-
#   The default stands in the module for everybody who uses it, and is taken wherever nobody gives another value.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/values/variables
# custom:
#   id: terraform-variable-default-secret
#   severity: high
#   subject: tf_variable
#   needs: [tf_variable]
#   threshold: likely
#   remediation: Rotate the value, and leave out the default.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
terraform_variable_default_secret contains finding if {
	some variable in facts.of("tf_variable")
	is_secret(variable, "terraform-variable-default-secret")
	finding := {
		"fact": variable.id,
		"message": sprintf("the default of variable %s is a secret (%s)", [variable.name, rule_of(variable)]),
	}
}

terraform_variable_default_secret contains finding if {
	some variable in facts.of("tf_variable")
	not facts.has(variable, ["holds_secret"])
	finding := {"fact": variable.id, "unknown": "the default of the variable was not judged"}
}

# METADATA
# title: A variable for a secret is not marked sensitive
# description: >-
#   Plans and logs show the values of variables that are neither sensitive nor ephemeral.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
# custom:
#   id: terraform-variable-not-sensitive
#   severity: medium
#   subject: tf_variable
#   needs: [tf_variable]
#   remediation: Say `sensitive = true`, or `ephemeral = true` if the value is not to be in the state.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
terraform_variable_not_sensitive contains finding if {
	some variable in facts.of("tf_variable")
	variable.names_secret == true
	variable.sensitive == false
	not variable.ephemeral == true
	finding := {
		"fact": variable.id,
		"message": sprintf("variable %s takes a secret by its name and is not sensitive", [variable.name]),
	}
}

terraform_variable_not_sensitive contains finding if {
	some variable in facts.of("tf_variable")
	not facts.has(variable, ["names_secret", "sensitive"])
	finding := {"fact": variable.id, "unknown": "whether the variable is sensitive cannot be told from the file"}
}

# METADATA
# title: An output shows a secret
# description: >-
#   Outputs that are not sensitive are printed after every run, and given to whatever reads the state.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/values/outputs
# custom:
#   id: terraform-output-not-sensitive
#   severity: medium
#   subject: tf_output
#   needs: [tf_output]
#   remediation: Leave out the output, or say `sensitive = true`.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
terraform_output_not_sensitive contains finding if {
	some output in facts.of("tf_output")
	output.sensitive == false
	not output.ephemeral == true
	is_array(output.secrets)
	count(output.secrets) > 0
	finding := {
		"fact": output.id,
		"message": sprintf("output %s shows %s", [output.name, concat(", ", sort(output.secrets))]),
	}
}

terraform_output_not_sensitive contains finding if {
	some output in facts.of("tf_output")
	not facts.has(output, ["secrets", "sensitive"])
	finding := {"fact": output.id, "unknown": "whether the output is sensitive cannot be told from the file"}
}

is_secret(fact, control) if {
	fact.value_kind in ["literal", "interpolated"]
	fact.holds_secret == true
	confidence.at_least(object.get(fact, "secret_confidence", null), data.params[control].threshold)
}

# What says that it is a secret.
rule_of(fact) := fact.secret_rule if is_string(fact.secret_rule)

else := "by its name"
