# METADATA
# title: PKI of Vault and OpenBao
package keystrel.lib.vault_pki

import data.keystrel.lib.facts
import data.keystrel.lib.vault_engines

# Whether a role issues certificates that a server can use: it has the flag, and extended uses that it names add to it.
is_for_servers(role) if role.server_flag == true

is_for_servers(role) if "server" in uses(role)

# What certificates of a role are for, by its flags and its extended key usages.
uses(role) := {use |
	some flag, use in {
		"server_flag": "server",
		"client_flag": "client",
		"code_signing_flag": "code signing",
	}
	role[flag] == true
} | {use |
	some name in vault_engines.list(role, "ext_key_usage")
	is_string(name)
	use := {"any": "any use", "serverauth": "server", "clientauth": "client", "codesigning": "code signing"}[usage_name(name)]
}

# Whether a domain of a role lets it issue for names of others.
is_wide(role, domain) if {
	is_string(domain)
	role.allow_glob_domains == true
	contains(domain, "*")
	not regex.match(`[^.*]\.[^.*]+$`, regex.replace(domain, `^.*\*`, ""))
	not is_private(regex.replace(domain, `^.*\*\.?`, ""))
}

is_wide(role, domain) if {
	is_string(domain)
	is_public_suffix(domain)
	some field in ["allow_subdomains", "allow_bare_domains"]
	role[field] == true
}

# Whether names below a domain belong to different owners. The zones of one's own network are none: they are in no public suffix.
is_public_suffix(domain) if regex.match(`^(?i:com|org|net|edu|gov|mil|int|info|biz|io|dev|app|cloud|ai|online|site|tech|xyz|shop|[a-z]{2})$`, domain)

is_public_suffix(domain) if regex.match(`^(?i:co|com|org|net|ac|gov|edu|ne|or|go)\.[a-z]{2}$`, domain)

is_public_suffix(domain) if {
	lower(domain) in {
		"github.io", "gitlab.io", "herokuapp.com", "appspot.com", "run.app", "web.app", "cloudfront.net", "azurewebsites.net",
		"cloudapp.net", "amazonaws.com", "elb.amazonaws.com", "netlify.app", "vercel.app", "pages.dev", "workers.dev", "fly.dev",
	}
}

# Top-level zones of private networks.
is_private(zone) if {
	lower(zone) in {"internal", "local", "localdomain", "lan", "home", "corp", "private", "intranet", "test", "svc", "consul", "home.arpa"}
}

# Whether a key has too few bits.
is_weak(algorithm, length, rsa_bits) if {
	algorithm == "rsa"
	length < rsa_bits
}

is_weak(algorithm, length, _) if {
	algorithm == "ec"
	length < 256
}

# Issuers by their mount.
issuers[issuer.mount] contains issuer if some issuer in facts.of("vault_pki_issuer")

# The issuer that a role uses: the default one of the mount, or the one that it names.
issuers_of(role) := {issuer.id |
	some issuer in issuers[role.mount]
	is_meant(object.get(role, "issuer_ref", null), issuer)
}

is_meant(reference, issuer) if {
	reference in {"default", "", null}
	issuer.is_default == true
}

is_meant(reference, issuer) if {
	is_string(reference)
	reference != ""
	reference in {issuer.issuer_id, object.get(issuer, "issuer_name", null)}
}

# Go's and RFC 5280's names of an extended use are told with and without what is before and between them.
usage_name(name) := replace(lower(trim_prefix(name, "ExtKeyUsage")), "_", "")
