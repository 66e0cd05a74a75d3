# METADATA
# title: Password policies
package keystrel.vault.password_policy

import data.keystrel.lib.facts

# METADATA
# title: A password policy makes weak passwords
# description: >-
#   Passwords that engines make are used by programs: nothing speaks against long ones. The threshold is how many
#   characters; of one class alone, such as digits, it is twice as many.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/password-policies
# custom:
#   id: vault-password-policy-weak
#   severity: medium
#   subject: vault_password_policy
#   needs: [vault_password_policy]
#   threshold: 20
#   remediation: >-
#     Run `vault write sys/policies/password/NAME policy=@policy.hcl` with `length = 24` and a `rule "charset"` for
#     each of lower case, upper case and digits.
#   frameworks:
#     nist_800_53: [IA-5(1)]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.10"]
vault_password_policy_weak contains finding if {
	some policy in policies
	finding := {"fact": policy.id, "message": sprintf("password policy `%s` %s", [policy.name, weakness(policy)])}
}

vault_password_policy_weak contains finding if {
	some policy in (facts.of("vault_password_policy") - policies)
	finding := {"fact": policy.id, "unknown": "its text could not be read"}
}

policies := {policy |
	some policy in facts.of("vault_password_policy")
	is_number(policy.length)
	is_array(policy.rules)
}

classes(policy) := {class |
	some rule in policy.rules
	is_array(rule.classes)
	some class in rule.classes
}

# Why passwords can be guessed. Of one class of characters they have to be twice as long.
weakness(policy) := sprintf("makes passwords of %v characters, of at least %v", [policy.length, least]) if {
	least := data.params["vault-password-policy-weak"].threshold
	policy.length < least
} else := sprintf("makes passwords of %v characters of one class (%s), of at least %v", [policy.length, concat("", classes(policy)), least]) if {
	count(classes(policy)) == 1
	least := 2 * data.params["vault-password-policy-weak"].threshold
	policy.length < least
} else := sprintf("makes passwords of %v different characters only", [policy.alphabet]) if {
	is_number(policy.alphabet)
	policy.alphabet < 10
}
