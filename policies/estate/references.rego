# METADATA
# title: Places that name secrets
package keystrel.estate.references

import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Secret that something refers to does not exist
# description: >-
#   What refers to it fails when it starts or deploys next, and whoever may create the secret decides what it gets. Told if the
#   store that is meant was audited, and its list of secrets is whole. In code it is medium: the name may be one of an example or a test.
# related_resources:
# - ref: https://external-secrets.io/latest/guides/common-k8s-secret-types/
# - ref: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
# custom:
#   id: x-ref-dangling
#   severity: high
#   subject: secret_reference
#   where: {is_complete: [true]}
#   needs: [secret_reference]
#   remediation: >-
#     Correct the name, or create the secret: `vault kv put -mount=MOUNT PATH FIELD=@FILE`, `aws secretsmanager create-secret --name NAME
#     --secret-string file://FILE`, `gcloud secrets create NAME --data-file=FILE`; one that was deleted by mistake comes back by `aws
#     secretsmanager restore-secret --secret-id NAME`, `vault kv undelete -mount=MOUNT -versions=N PATH`, `az keyvault secret recover
#     --vault-name VAULT --name NAME`.
x_ref_dangling contains finding if {
	some reference in estate.told(references, ["secret", "from_kind"])
	is_null(reference.secret)
	finding := {
		"fact": reference.id,
		"message": sprintf("`%v` refers to %v `%v`, which %v does not have", [
			reference.from,
			reference.store_kind,
			reference.named,
			reference.store,
		]),
		"severity": severity(reference),
	}
}

x_ref_dangling contains finding if {
	some finding in estate.unknown(references, ["secret", "from_kind"])
}

references := [reference |
	some reference in facts.of("secret_reference")
	reference.is_complete == true
]

severity(reference) := "medium" if {
	reference.from_kind == "code"
} else := "high"
