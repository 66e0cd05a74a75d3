# METADATA
# title: Strength of keys of Azure
package keystrel.lib.azure_keys

import data.keystrel.lib.azure

# What is weak in a key, by what is allowed: `rsa` and `oct`, the least bits, and `curves`. Undefined where nothing is.
weakness(kty, length, _, allowed) := sprintf("of RSA with %d bits, of at least %d", [length, allowed.rsa]) if {
	family(kty) == "rsa"
	is_number(length)
	length < allowed.rsa
}

weakness(kty, length, _, allowed) := sprintf("symmetric with %d bits, of at least %d", [length, allowed.oct]) if {
	family(kty) == "oct"
	is_number(length)
	length < allowed.oct
}

weakness(kty, _, curve, allowed) := sprintf("of curve %s", [curve]) if {
	family(kty) == "ec"
	is_string(curve)
	not lower(curve) in {lower(name) | some name in allowed.curves}
}

family(kty) := split(azure.lowered(kty), "-")[0]
