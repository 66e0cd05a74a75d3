# METADATA
# title: Who can act as service accounts of Google Cloud
package keystrel.gcp.iam_impersonation

import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

accounts := facts.of("gcp_service_account")

# METADATA
# title: Token creator or account user given at project level
# description: >-
#   Such a binding acts as every service account that is below it, those too that are made tomorrow, and has what any
#   of them has. The threshold lists the roles. Google's own accounts are left out.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/service-account-permissions
# custom:
#   id: gcp-iam-sa-impersonation
#   severity: high
#   subject: [gcp_project, gcp_folder, gcp_organization]
#   needs: [gcp_project, gcp_folder, gcp_organization]
#   threshold: [roles/iam.serviceAccountTokenCreator, roles/iam.serviceAccountUser]
#   remediation: >-
#     `gcloud iam service-accounts add-iam-policy-binding ACCOUNT --member=MEMBER --role=ROLE` for the accounts that
#     are needed, and `gcloud projects remove-iam-policy-binding PROJECT --member=MEMBER --role=ROLE`.
#   frameworks:
#     cis: [gcp/1.7]
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_iam_sa_impersonation contains finding if {
	roles := {role | some role in data.params["gcp-iam-sa-impersonation"].threshold}
	some scope in gcp.told(data.keystrel.lib.gcp_iam.hierarchy, ["iam_policy"])
	held := {sprintf("%s (%s)", [gcp_iam.show(grant.member), gcp.last_part(grant.role)]) |
		some grant in gcp_iam.bound(scope, roles)
		gcp_iam.is_principal(grant.member)
	}
	count(held) > 0
	finding := {
		"fact": scope.id,
		"message": sprintf("all service accounts in %s are open to %s", [gcp_iam.short(scope.id), gcp.listed(held)]),
	}
}

gcp_iam_sa_impersonation contains finding if {
	some finding in gcp.unknown(data.keystrel.lib.gcp_iam.hierarchy, ["iam_policy"])
}

# METADATA
# title: Principal reaches a secret by impersonating an account
# description: >-
#   The account reads a secret, and somebody who may not read it can act as the account: take its tokens, sign as it,
#   make keys of it, or run something as it; also by way of up to two other accounts. Identities from outside
#   (workloads of clusters and pipelines) that the account's own policy names are what it is for, and left out, and so
#   are Google's own accounts.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/service-account-impersonation
# - ref: https://cloud.google.com/iam/docs/best-practices-service-accounts
# custom:
#   id: gcp-iam-sa-impersonation-path
#   severity: high
#   subject: gcp_service_account
#   needs: [gcp_service_account, gcp_project, gcp_folder, gcp_organization, gcp_role, gcp_secret_readers]
#   remediation: >-
#     `gcloud iam service-accounts get-iam-policy ACCOUNT`, and `gcloud iam service-accounts remove-iam-policy-binding
#     ACCOUNT --member=MEMBER --role=ROLE`, or `gcloud projects remove-iam-policy-binding` where it is given above.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_iam_sa_impersonation_path contains finding if {
	some account in accounts
	secrets := read_by(member_of(account))
	count(secrets) > 0
	strangers := {gcp_iam.show(member) |
		some member in reach(account)
		member != member_of(account)
		misses(member, secrets)
	}
	count(strangers) > 0
	finding := {
		"fact": account.id,
		"message": sprintf("%s reads %s, and can be impersonated by %s", [
			gcp.named(account),
			gcp.listed({gcp.last_part(secret) | some secret in secrets}),
			gcp.listed(strangers),
		]),
	}
}

gcp_iam_sa_impersonation_path contains finding if {
	some account in accounts
	count(read_by(member_of(account))) > 0
	some why in gcp_iam.unknown_grants(account)
	finding := {"fact": account.id, "unknown": why}
}

# An account may read what is not known to be read.
gcp_iam_sa_impersonation_path contains finding if {
	some account in accounts
	count(read_by(member_of(account))) == 0
	some readers in facts.of("gcp_secret_readers")
	readers.complete != true
	finding := {"fact": account.id, "unknown": sprintf("not all readers of %s are known", [gcp.last_part(readers.secret)])}
}

# What makes one act as an account, https://cloud.google.com/iam/docs/service-account-permissions.
acting := {
	"iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.signJwt", "iam.serviceAccounts.signBlob",
	"iam.serviceAccounts.implicitDelegation", "iam.serviceAccounts.actAs", "iam.serviceAccountKeys.create",
	"iam.serviceAccounts.setIamPolicy",
}

member_of(account) := sprintf("serviceAccount:%s", [account.email])

# Secrets that a member reads, by ids.
read_by(member) := secrets if {
	secrets := secrets_by_reader[member]
} else := set()

secrets_by_reader[member] contains readers.secret if {
	some readers in facts.of("gcp_secret_readers")
	some reader in gcp.list(readers, "readers")
	"read" in reader.access
	member := reader.principal
}

# Whether there is one of the secrets that a member does not read.
misses(member, _) if not secrets_by_reader[member]

misses(member, secrets) if count(secrets - secrets_by_reader[member]) > 0

# Who can act as each account by policies: by its own, and by those above.
direct := {account.id: members |
	some account in accounts
	members := own_actors(account) | union({actors_above[id] | some id in gcp_iam.above(account)})
}

own_actors(account) := {member |
	some member in actors(account)
	not is_meant(member)
}

# Once for each policy above, not for each account.
actors_above := {id: actors(scope) | some id, scope in data.keystrel.lib.gcp_iam.scopes}

actors(scope) := {grant.member |
	some grant in gcp_iam.granted(scope, acting)
	gcp_iam.is_principal(grant.member)
}

# Identities of workloads, which the account's own policy is for.
is_meant(member) if startswith(member, "principal")

is_meant(member) if contains(member, ".svc.id.goog[")

# The same, and who can act as those: over up to two accounts on the way.
reach(account) := once_more(once_more(direct[account.id]))

once_more(members) := members | union({direct[id_by_member[one]] | some one in members})

id_by_member := {member_of(account): account.id | some account in accounts}

# METADATA
# title: Workload identity provider for a shared issuer has no attribute condition
# description: >-
#   The issuer signs tokens for everybody who has an account there: without a condition, a pipeline of any stranger
#   gets identities of the pool. The threshold lists such issuers, without their scheme; what begins with one counts.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
# - ref: https://cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
# custom:
#   id: gcp-iam-wif-condition
#   severity: critical
#   subject: gcp_workload_identity_provider
#   needs: [gcp_workload_identity_provider, gcp_workload_identity_pool]
#   threshold:
#   - token.actions.githubusercontent.com
#   - gitlab.com
#   - app.terraform.io
#   - agent.buildkite.com
#   - oidc.vercel.com
#   - accounts.google.com
#   - cognito-identity.amazonaws.com
#   - app.pulumi.com
#   - api.pulumi.com
#   remediation: >-
#     `gcloud iam workload-identity-pools providers update-oidc PROVIDER --workload-identity-pool=POOL
#     --location=global --attribute-condition="assertion.repository_owner_id == 'ID'"`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_iam_wif_condition contains finding if {
	some provider in gcp.told(all_providers, provider_fields)
	is_on(provider)
	trim_space(gcp.text(provider.attributeCondition)) == ""
	issuer := shared_issuer(provider)
	finding := {
		"fact": provider.id,
		"message": sprintf("provider %s takes every token of %s", [gcp.last_part(provider.id), issuer]),
	}
}

gcp_iam_wif_condition contains finding if {
	some finding in gcp.unknown(all_providers, provider_fields)
}

all_providers := facts.of("gcp_workload_identity_provider")

provider_fields := ["attributeCondition", "oidc", "disabled", "state", "pool"]

is_on(provider) if {
	provider.disabled != true
	provider.state == "ACTIVE"
	not is_of_pool_that_is_off(provider)
}

is_of_pool_that_is_off(provider) if {
	some pool in facts.of("gcp_workload_identity_pool")
	pool.id == provider.pool
	is_off(pool)
}

is_off(pool) if pool.disabled == true

is_off(pool) if {
	gcp.is_told(pool, ["state"])
	pool.state != "ACTIVE"
}

shared_issuer(provider) := issuer if {
	issuer := regex.replace(lower(gcp.text(gcp.object_of(provider, "oidc").issuerUri)), `^https?://`, "")
	some shared in data.params["gcp-iam-wif-condition"].threshold
	startswith(issuer, lower(shared))
	regex.match(`^(?:$|/)`, trim_prefix(issuer, lower(shared)))
}

# METADATA
# title: Whole identity pool may impersonate a reader account
# description: >-
#   A member ends in `/*`: every identity of the pool, from each of its providers, may act as the account or read the
#   secret. Medium for an account that is not known to read a secret. Members that name an attribute, a group or a
#   subject let in what they name.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principal-identifiers
# - ref: https://cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
# custom:
#   id: gcp-iam-wif-principalset-wide
#   severity: high
#   subject: [gcp_service_account, gcp_secret]
#   needs: [gcp_service_account, gcp_secret, gcp_secret_readers]
#   remediation: >-
#     `gcloud iam service-accounts add-iam-policy-binding ACCOUNT --role=roles/iam.workloadIdentityUser
#     --member=principalSet://iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/attribute.repository/OWNER/NAME`,
#     and remove the binding of the whole pool.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
gcp_iam_wif_principalset_wide contains finding if {
	some fact in gcp.told(targets, ["iam_policy"])
	pools := {pool |
		some binding in gcp_iam.bindings(fact)
		some member in gcp.list(binding, "members")
		pool := whole_pool(member)
	}
	count(pools) > 0
	finding := {
		"fact": fact.id,
		"message": sprintf("%s is open to all identities of the pool %s", [gcp.named(fact), gcp.listed(pools)]),
		"severity": pool_severity(fact),
	}
}

gcp_iam_wif_principalset_wide contains finding if {
	some finding in gcp.unknown(targets, ["iam_policy"])
}

targets := accounts | facts.of("gcp_secret")

whole_pool(member) := gcp.last_part(trim_suffix(member, "/*")) if {
	regex.match(`^principalSet://iam\.googleapis\.com/.*/workloadIdentityPools/[^/]+/\*$`, member)
}

pool_severity(fact) := "high" if {
	fact.kind == "gcp_secret"
} else := "high" if {
	count(read_by(member_of(fact))) > 0
} else := "medium"
