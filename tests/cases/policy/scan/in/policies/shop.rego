package user.shop

import data.keystrel.lib.facts

# METADATA
# title: A variable has a name that is not ours
# description: Names of variables begin with SHOP_.
# custom:
#   id: shop-variable-prefix
#   severity: low
#   subject: env_binding
#   where: {container_format: [dockerfile]}
#   needs: [env_binding]
#   remediation: Rename the variable.
#   frameworks:
#     nist_800_53: [CM-6]
shop_variable_prefix contains finding if {
	some binding in facts.of("env_binding")
	not startswith(binding.name, "SHOP_")
	finding := {"fact": binding.id, "message": sprintf("variable %s has a foreign name", [binding.name])}
}
