# METADATA
# title: Secrets in templates and settings
package keystrel.iac.secrets

import data.keystrel.lib.confidence
import data.keystrel.lib.facts

# METADATA
# title: A secret is written into a setting
# description: >-
#   The value stands in the file, and in clear in whatever is made of it: a template, a stack, a state, a machine. Whoever can read one
#   of them has it.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html
# - ref: https://docs.ansible.com/ansible/latest/vault_guide/vault.html
# custom:
#   id: iac-literal-secret
#   severity: high
#   subject: iac_attribute
#   needs: [iac_attribute]
#   threshold: likely
#   remediation: >-
#     Rotate the value. Take it from a store: a dynamic reference (`{{resolve:secretsmanager:...}}`) or `GenerateSecretString` in
#     CloudFormation, Ansible Vault or a lookup in Ansible, a reference to a key vault in ARM and Bicep.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
iac_literal_secret contains finding if {
	some attribute in facts.of("iac_attribute")
	attribute.value_kind in ["literal", "interpolated"]
	attribute.holds_secret == true
	confidence.at_least(object.get(attribute, "secret_confidence", null), data.params["iac-literal-secret"].threshold)
	finding := {
		"fact": attribute.id,
		"message": sprintf("%s is set to a secret (%s)", [named(attribute), rule_of(attribute)]),
	}
}

# Whatever stands there is one, also if it does not look so.
iac_literal_secret contains finding if {
	some attribute in facts.of("iac_attribute")
	attribute.value_kind == "literal"
	attribute.takes_secret == true
	not attribute.holds_secret == true
	finding := {
		"fact": attribute.id,
		"message": sprintf("%s is written out, and takes a secret", [named(attribute)]),
	}
}

iac_literal_secret contains finding if {
	some attribute in facts.of("iac_attribute")
	not facts.has(attribute, ["value_kind", "holds_secret"])
	finding := {"fact": attribute.id, "unknown": "the value of the attribute was not judged"}
}

# METADATA
# title: A parameter of a template shows a secret
# description: >-
#   CloudFormation shows the values of parameters in its console, its API and its events to whoever may describe the stack, unless they
#   say NoEcho.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
# custom:
#   id: cloudformation-parameter-echoed
#   severity: high
#   subject: cfn_parameter
#   needs: [cfn_parameter]
#   remediation: Say `NoEcho true`, or take the value by a dynamic reference in place of a parameter.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
cloudformation_parameter_echoed contains finding if {
	some parameter in facts.of("cfn_parameter")
	parameter.names_secret == true
	parameter.no_echo == false
	finding := {
		"fact": parameter.id,
		"message": sprintf("parameter %s takes a secret by its name and is not NoEcho", [parameter.name]),
	}
}

cloudformation_parameter_echoed contains finding if {
	some parameter in facts.of("cfn_parameter")
	not facts.has(parameter, ["names_secret", "no_echo"])
	finding := {"fact": parameter.id, "unknown": "whether the parameter is NoEcho cannot be told from the file"}
}

# METADATA
# title: A parameter of a template has a secret for its default
# description: >-
#   The default stands in the template for everybody who reads it, and is taken wherever nobody gives another value.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
# custom:
#   id: cloudformation-parameter-default-secret
#   severity: high
#   subject: cfn_parameter
#   needs: [cfn_parameter]
#   threshold: likely
#   remediation: Rotate the value, and leave out the default.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
cloudformation_parameter_default_secret contains finding if {
	least := data.params["cloudformation-parameter-default-secret"].threshold
	some parameter in facts.of("cfn_parameter")
	parameter.value_kind == "literal"
	parameter.holds_secret == true
	confidence.at_least(object.get(parameter, "secret_confidence", null), least)
	finding := {
		"fact": parameter.id,
		"message": sprintf("the default of parameter %s is a secret (%s)", [parameter.name, rule_of(parameter)]),
	}
}

# Whoever says NoEcho says that it is one.
cloudformation_parameter_default_secret contains finding if {
	some parameter in facts.of("cfn_parameter")
	parameter.value_kind == "literal"
	parameter.no_echo == true
	parameter.names_secret == true
	not parameter.holds_secret == true
	finding := {
		"fact": parameter.id,
		"message": sprintf("parameter %s is NoEcho, and its default is in the template", [parameter.name]),
		"severity": "medium",
	}
}

cloudformation_parameter_default_secret contains finding if {
	some parameter in facts.of("cfn_parameter")
	not facts.has(parameter, ["value_kind", "holds_secret"])
	finding := {"fact": parameter.id, "unknown": "the default of the parameter was not judged"}
}

# METADATA
# title: An output of a stack shows a secret
# description: >-
#   Outputs are shown to whoever may describe the stack, and to other stacks if they are exported.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
# custom:
#   id: cloudformation-output-secret
#   severity: high
#   subject: cfn_output
#   needs: [cfn_output]
#   remediation: Leave out the output; put the value into a secret, and give its ARN.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8"]
cloudformation_output_secret contains finding if {
	some output in facts.of("cfn_output")
	is_array(output.secrets)
	count(output.secrets) > 0
	finding := {
		"fact": output.id,
		"message": sprintf("output %s shows %s", [output.name, concat(", ", sort(output.secrets))]),
	}
}

cloudformation_output_secret contains finding if {
	some output in facts.of("cfn_output")
	output.holds_secret == true
	finding := {"fact": output.id, "message": sprintf("output %s holds a secret", [output.name])}
}

cloudformation_output_secret contains finding if {
	some output in facts.of("cfn_output")
	not facts.has(output, ["secrets", "holds_secret"])
	finding := {"fact": output.id, "unknown": "what the output shows was not read"}
}

named(attribute) := sprintf("%s of %s", [attribute.name, attribute.block]) if {
	is_string(attribute.block)
	attribute.block != ""
} else := attribute.name

# What says that it is a secret.
rule_of(fact) := fact.secret_rule if is_string(fact.secret_rule)

else := "by its name"
