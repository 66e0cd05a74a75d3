# METADATA
# title: Who may use keys of Cloud KMS
package keystrel.gcp.kms_access

import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam
import data.keystrel.lib.gcp_kms

# Keys and rings.
things := [fact |
	some fact in array.concat(data.keystrel.lib.gcp_kms.own_keys, [ring | some ring in facts.of("gcp_kms_key_ring")])
]

# METADATA
# title: Key or key ring open to all
# description: >-
#   `allUsers` is everybody on the internet, `allAuthenticatedUsers` everybody with a Google account.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/iam
# custom:
#   id: gcp-kms-public
#   severity: critical
#   subject: [gcp_kms_key, gcp_kms_key_ring]
#   needs: [gcp_kms_key, gcp_kms_key_ring]
#   remediation: >-
#     `gcloud kms keys remove-iam-policy-binding KEY --keyring=RING --location=LOCATION --member=allUsers --role=ROLE`,
#     of a ring `gcloud kms keyrings remove-iam-policy-binding`; then rotate the key and encrypt anew.
#   frameworks:
#     cis: [gcp/1.10]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.3.3"]
#     soc2: [CC6.1, CC6.6]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-16]
#     owasp_secrets: ["2.3"]
gcp_kms_public contains finding if {
	some fact in gcp.told(things, ["iam_policy"])
	open := {sprintf("%s for %s", [binding.role, member]) |
		some binding in gcp_iam.bindings(fact)
		some member in gcp.list(binding, "members")
		gcp_iam.is_public(member)
	}
	count(open) > 0
	finding := {"fact": fact.id, "message": sprintf("%s is open to everybody: %s", [gcp.named(fact), gcp.listed(open)])}
}

gcp_kms_public contains finding if {
	some finding in gcp.unknown(things, ["iam_policy"])
}

# METADATA
# title: Decrypter role given at ring, project or above
# description: >-
#   Such a binding decrypts with all keys that are below it, those too that are made tomorrow. Owner is told of by
#   `gcp-kms-owner-project`; service agents of Google are left out.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/separation-of-duties
# custom:
#   id: gcp-kms-decrypter-broad
#   severity: high
#   subject: [gcp_kms_key_ring, gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_kms_key_ring, gcp_project, gcp_folder, gcp_organization, gcp_kms_key, gcp_role]
#   remediation: >-
#     `gcloud kms keys add-iam-policy-binding KEY --keyring=RING --location=LOCATION --member=MEMBER --role=ROLE` for
#     the keys that it needs, then `gcloud kms keyrings remove-iam-policy-binding` or `gcloud projects
#     remove-iam-policy-binding`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_kms_decrypter_broad contains finding if {
	some scope in gcp.told(wide_scopes, ["iam_policy"])
	wide := {gcp_iam.show(grant.member) |
		some grant in gcp_iam.granted(scope, {"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToDecapsulate"})
		grant.role != "roles/owner"
		gcp_iam.is_principal(grant.member)
	}
	count(wide) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("all keys in %s decrypt for %s", [gcp_iam.short(scope.id), gcp.listed(wide)]),
	}
}

gcp_kms_decrypter_broad contains finding if {
	some scope in wide_scopes
	some why in gcp_iam.unknown_roles(scope)
	finding := {"fact": scope.id, "unknown": why}
}

gcp_kms_decrypter_broad contains finding if {
	some finding in gcp.unknown(wide_scopes, ["iam_policy"])
}

gcp_kms_decrypter_broad contains finding if some finding in data.keystrel.lib.gcp_iam.without_keys

wide_scopes := array.concat(data.keystrel.lib.gcp_iam.key_scopes, [ring | some ring in facts.of("gcp_kms_key_ring")])

# METADATA
# title: Same principal is KMS admin and key user
# description: >-
#   Whoever may change the policy of a key and use it answers to nobody. Told where the narrower of the two roles is given;
#   the other may be given there or above. Owner, which has both, is told of by `gcp-kms-owner-project`.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/separation-of-duties
# custom:
#   id: gcp-kms-sod
#   severity: medium
#   subject: [gcp_kms_key, gcp_kms_key_ring, gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_kms_key, gcp_kms_key_ring, gcp_project, gcp_folder, gcp_organization, gcp_role]
#   remediation: >-
#     `gcloud projects remove-iam-policy-binding PROJECT --member=MEMBER --role=roles/cloudkms.admin`, and let somebody
#     else administer keys, best in a project of their own.
#   frameworks:
#     cis: [gcp/1.12]
#     nist_800_53: [AC-5]
#     soc2: [CC6.3]
#     iso27001_2022: [A.5.3]
#     csa_ccm_4: [IAM-04, IAM-09]
gcp_kms_sod contains finding if {
	some scope in policies
	both := {gcp_iam.show(member) | some member in conflicted(scope)}
	count(both) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("%s administers keys and uses them: %s", [gcp_iam.short(scope.id), gcp.listed(both)]),
	}
}

gcp_kms_sod contains finding if {
	some scope in policies
	some why in gcp_iam.unknown_grants(scope)
	finding := {"fact": scope.id, "unknown": why}
}

gcp_kms_sod contains finding if some finding in (data.keystrel.lib.gcp_iam.without_keys | of_others)

policies := array.concat(wide_scopes, data.keystrel.lib.gcp_kms.own_keys)

of_others := {{"fact": key.id, "not_applicable": "the key is of a project that was not read"} |
	some key in facts.of("gcp_kms_key")
	key.is_foreign == true
}

administration := {"cloudkms.cryptoKeys.setIamPolicy", "cloudkms.keyRings.setIamPolicy"}

# Members who get one of the two here, and the other here or above.
conflicted(scope) := (administrators[scope.id] & union(with_above(scope, users))) | (users[scope.id] & union(with_above(scope, administrators)))

administrators := {scope.id: holders(scope, administration) | some scope in policies}

users := {scope.id: holders(scope, data.keystrel.lib.gcp_kms.use) | some scope in policies}

# The sets of a thing, and of what stands above it.
with_above(scope, sets) := {sets[scope.id]} | {sets[id] | some id in gcp_iam.above(scope)}

holders(scope, permissions) := {grant.member |
	some grant in gcp_iam.granted(scope, permissions)
	grant.role != "roles/owner"
	gcp_iam.is_principal(grant.member)
}

# METADATA
# title: More than a few principals use one key
# description: >-
#   Counted are the members who may encrypt, decrypt or sign by the key's own policy, each group as one. Service agents
#   of Google are left out.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/iam
# custom:
#   id: gcp-kms-users-max
#   severity: low
#   subject: gcp_kms_key
#   needs: [gcp_kms_key, gcp_role]
#   threshold: 3
#   remediation: >-
#     Give each use a key of its own: `gcloud kms keys create KEY --keyring=RING --location=LOCATION
#     --purpose=encryption`, and `gcloud kms keys remove-iam-policy-binding` for whoever does not need this one.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_kms_users_max contains finding if {
	allowed := data.params["gcp-kms-users-max"].threshold
	some key in gcp.told(data.keystrel.lib.gcp_kms.live_keys, ["iam_policy"])
	users := {grant.member |
		some grant in gcp_iam.granted(key, data.keystrel.lib.gcp_kms.use)
		gcp_iam.is_principal(grant.member)
	}
	count(users) > allowed
	finding := {
		"fact": key.id,
		"message": sprintf("%v principals use %s, of at most %v", [count(users), gcp_kms.label(key), allowed]),
	}
}

gcp_kms_users_max contains finding if {
	some key in data.keystrel.lib.gcp_kms.live_keys
	some why in gcp_iam.unknown_roles(key)
	finding := {"fact": key.id, "unknown": why}
}

gcp_kms_users_max contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_kms.live_keys, ["iam_policy"])
}

# METADATA
# title: Project that holds keys has an Owner
# description: >-
#   An owner uses every key, changes every policy, and destroys every version. A project for keys alone needs none: the
#   organization's administrators can still reach it.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/separation-of-duties
# custom:
#   id: gcp-kms-owner-project
#   severity: medium
#   subject: gcp_project
#   needs: [gcp_project, gcp_kms_key]
#   remediation: >-
#     `gcloud projects remove-iam-policy-binding PROJECT --member=MEMBER --role=roles/owner`, after giving
#     `roles/cloudkms.admin` to whoever administers keys.
#   frameworks:
#     nist_800_53: [AC-6(5)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.8.2]
#     csa_ccm_4: [IAM-05, IAM-09]
#     owasp_secrets: ["2.3"]
gcp_kms_owner_project contains finding if {
	some project in gcp.told(data.keystrel.lib.gcp.projects_with_keys, ["iam_policy"])
	owners := {gcp_iam.show(grant.member) |
		some grant in gcp_iam.bound(project, {"roles/owner"})
		gcp_iam.is_principal(grant.member)
	}
	count(owners) > 0
	finding := {"fact": project.id, "message": sprintf("%s holds keys, and is owned by %s", [gcp.named(project), gcp.listed(owners)])}
}

gcp_kms_owner_project contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp.projects_with_keys, ["iam_policy"])
}

gcp_kms_owner_project contains finding if some finding in data.keystrel.lib.gcp.without_keys
