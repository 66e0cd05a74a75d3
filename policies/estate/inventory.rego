# METADATA
# title: What is known of the secrets of all stores, and what they are for
package keystrel.estate.inventory

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

# METADATA
# title: Secret has no owner
# description: >-
#   Nobody to ask whether it is in use, and nobody who rotates it or answers when it leaks. The threshold has the names of labels that
#   name an owner; case and `-_.` do not count, nor what stands before a `/`. Secrets that a service keeps have that owner, and copies
#   that of their source. A store without labels cannot say, which is told too. Tags of parameters of Systems Manager are not read.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#211-metadata-include-information-about-the-secret
# custom:
#   id: x-inventory-owner
#   severity: low
#   subject: stored_secret
#   where:
#     is_copy: [false]
#     entry_kind: [aws_secret, azure_secret, gcp_secret, k8s_object, vault_kv1_secret, vault_kv_secret]
#   needs: [stored_secret]
#   threshold: [owner, team, contact, owned-by]
#   remediation: >-
#     `vault kv metadata patch -mount=MOUNT -custom-metadata=owner=TEAM PATH`, `aws secretsmanager tag-resource --secret-id NAME --tags
#     Key=owner,Value=TEAM`, `az keyvault secret set-attributes --id ID --tags owner=TEAM`, `gcloud secrets update NAME --update-labels
#     owner=TEAM`, `kubectl label secret NAME -n NAMESPACE owner=TEAM`.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.9]
#     csa_ccm_4: [DSP-06]
#     owasp_secrets: ["2.11"]
x_inventory_owner contains finding if {
	some secret in estate.told(labelled, label_fields)
	not estate.has_label(secret, data.params["x-inventory-owner"].threshold)
	finding := {"fact": secret.id, "message": sprintf("%s has no owner", [estate.named(secret)])}
}

x_inventory_owner contains finding if {
	some finding in estate.unknown(labelled, label_fields)
}

# METADATA
# title: Secret has no data class
# description: >-
#   How long it may live, who may read it and where it may be copied depends on what it opens, and nothing says what that is. The
#   threshold has the names of labels that tell it, read as those of an owner. Copies, and secrets that a
#   service keeps, are left out, and parameters of Systems Manager.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#211-metadata-include-information-about-the-secret
# custom:
#   id: x-inventory-class
#   severity: low
#   subject: stored_secret
#   where:
#     is_copy: [false]
#     entry_kind: [aws_secret, azure_secret, gcp_secret, k8s_object, vault_kv1_secret, vault_kv_secret]
#   needs: [stored_secret]
#   threshold: [data-class, classification, data-classification, sensitivity, confidentiality]
#   remediation: >-
#     `vault kv metadata patch -mount=MOUNT -custom-metadata=data-class=restricted PATH`, `aws secretsmanager tag-resource --secret-id NAME
#     --tags Key=data-class,Value=restricted`, `az keyvault secret set-attributes --id ID --tags data-class=restricted`, `gcloud secrets
#     update NAME --update-labels data-class=restricted`, `kubectl label secret NAME -n NAMESPACE data-class=restricted`.
#   frameworks:
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.12]
#     csa_ccm_4: [DSP-04]
#     owasp_secrets: ["2.11"]
x_inventory_class contains finding if {
	some secret in estate.told(labelled, label_fields)
	not estate.has_label(secret, data.params["x-inventory-class"].threshold)
	finding := {"fact": secret.id, "message": sprintf("%s has no data class", [estate.named(secret)])}
}

x_inventory_class contains finding if {
	some finding in estate.unknown(labelled, label_fields)
}

label_fields := ["labels", "managed_by"]

# Secrets whose labels are read.
labelled := [secret |
	some secret in own
	secret.entry_kind in {"aws_secret", "azure_secret", "gcp_secret", "k8s_object", "vault_kv1_secret", "vault_kv_secret"}
]

# METADATA
# title: Secret is not declared in infrastructure as code
# description: >-
#   Nobody reviews how it is set up, and nothing puts it back when it is changed or lost. Told if code was given that
#   declares other secrets of the same store. Its entry belongs into the code, never its value.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/cli/import
# custom:
#   id: x-ref-undeclared
#   severity: low
#   subject: stored_secret
#   where: {is_copy: [false], is_declared: [true, false]}
#   needs: [stored_secret]
#   remediation: >-
#     Declare the entry without a value and take it over: `terraform import aws_secretsmanager_secret.NAME ARN`, `terraform import
#     google_secret_manager_secret.NAME projects/PROJECT/secrets/NAME`; or delete it if nobody needs it.
#   frameworks:
#     nist_800_53: [CM-2]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.9]
#     csa_ccm_4: [CCC-07]
#     owasp_secrets: ["2.11"]
x_ref_undeclared contains finding if {
	some secret in estate.told(declarable, ["managed_by"])
	secret.is_declared == false
	finding := {"fact": secret.id, "message": sprintf("%s is declared nowhere in the code that was given", [estate.named(secret)])}
}

x_ref_undeclared contains finding if {
	some finding in estate.unknown(declarable, ["managed_by"])
}

# Secrets of stores of which code was given.
declarable := [secret |
	some secret in own
	is_boolean(secret.is_declared)
]

# METADATA
# title: Secret is not read, not referred to and not rotated
# description: >-
#   Nobody would miss it, and whoever finds it can use it. Told of values older than so many days that nothing was seen to read in
#   as many, and that no code, workload or copy which was looked at refers to. Where reads are not known for as long it is
#   unknown. Secrets for emergencies are told by `x-breakglass-old`.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#273-revocation
# custom:
#   id: x-stale-everywhere
#   severity: medium
#   subject: stored_secret
#   where: {is_copy: [false], is_break_glass: [false], knows_reads: [true]}
#   needs: [stored_secret, secret_reference, secret_consumer]
#   threshold: 90
#   remediation: >-
#     Ask its owner, revoke the credential where it was made, then delete the entry so that it can be had back: `aws secretsmanager
#     delete-secret --secret-id NAME --recovery-window-in-days 30`, `vault kv delete -mount=MOUNT PATH`, `az keyvault secret delete --vault-name
#     VAULT --name NAME`, `gcloud secrets versions disable N --secret NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.10]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.3"]
x_stale_everywhere contains finding if {
	some secret in idle
	count(doubts(secret)) == 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the value is of %s, %s, and nothing refers to it", [
			estate.named(secret),
			estate.day(secret.changed),
			last_read(secret),
		]),
	}
}

x_stale_everywhere contains finding if {
	some secret in idle
	some why in doubts(secret)
	finding := {"fact": secret.id, "unknown": why}
}

x_stale_everywhere contains finding if {
	some finding in (estate.unsettled(candidates, ["changed"]) | estate.unknown(candidates, read_fields))
}

read_fields := ["last_read", "reads_from"]

# Secrets that are to be used, and of which reads are known.
candidates := [secret |
	some secret in own
	secret.is_break_glass == false
	secret.knows_reads == true
	not secret.id in used
]

# Secrets that are old, and that nothing was seen to read.
idle := [secret |
	limit := data.params["x-stale-everywhere"].threshold
	some secret in estate.told(candidates, array.concat(read_fields, ["changed"]))
	age.older_than(secret.changed, limit)
	not is_read_within(secret, limit)
]

is_read_within(secret, days) if age.days_since(secret.last_read) <= days

# Why it is not known whether anything uses a secret.
doubts(secret) := {sprintf("reads are known since %s alone", [estate.day(secret.reads_from)]) | not knows_long(secret)} | {why |
	some kind in using
	not gaps.none(kind)
	why := sprintf("not all facts of `%s` could be read", [kind])
}

knows_long(secret) if age.days_since(secret.reads_from) >= data.params["x-stale-everywhere"].threshold

last_read(secret) := sprintf("it was read last on %s", [estate.day(secret.last_read)]) if {
	age.is_time(secret.last_read)
} else := "it was not seen to be read"

using := ["secret_reference", "secret_consumer"]

# Secrets that something refers to.
used contains fact.secret if {
	some kind in using
	some fact in facts.of(kind)
	is_string(object.get(fact, "secret", null))
}

# METADATA
# title: Static secret where the store could make a dynamic one
# description: >-
#   A credential that a store makes for each use ends by itself, and can be taken back from one user alone. Told of secrets for a database
#   or cloud, or for SSH, that nothing rotates, if a store that was audited has an engine mounted for such. The threshold has the
#   engines for each content.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#62-consider-using-dynamic-secrets
# custom:
#   id: x-static-where-dynamic
#   severity: low
#   subject: stored_secret
#   where: {is_copy: [false]}
#   needs: [stored_secret, audited_store]
#   threshold: {database: [database], cloud: [aws, azure, gcp], ssh: [ssh]}
#   remediation: >-
#     Make a role and let the workload ask for credentials: `vault write database/roles/NAME db_name=DB creation_statements=@FILE
#     default_ttl=1h`, then `vault read database/creds/NAME`; or sign in by identity (IAM authentication of the database, workload identity). Then
#     delete the static one.
#   frameworks:
#     nist_800_53: [IA-5]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-14]
#     owasp_secrets: ["6.2"]
x_static_where_dynamic contains finding if {
	some secret in static
	engines := engines_for(secret)
	count(engines) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is a static secret (%s), and %s", [
			estate.named(secret),
			secret.content,
			concat(" and ", engines),
		]),
	}
}

# An engine may be there that was not seen.
x_static_where_dynamic contains finding if {
	some secret in static
	count(engines_for(secret)) == 0
	some store in stores
	why := estate.untold(store, "dynamic_engines")
	finding := {"fact": secret.id, "unknown": sprintf("of %s, %s", [store.id, why])}
}

x_static_where_dynamic contains finding if {
	some finding in estate.unknown(made_for, ["content", "rotation", "managed_by"])
}

made_for := [secret |
	some secret in own
	secret.content in object.keys(data.params["x-static-where-dynamic"].threshold)
]

static := [secret |
	some secret in estate.told(made_for, ["content", "rotation", "managed_by"])
	not is_rotated(secret)
]

is_rotated(secret) if secret.rotation.enabled == true

stores := facts.of("audited_store")

# Engines for the content of a secret, with the stores that have them.
engines_for(secret) := sort({sprintf("%s has the engine `%s`", [store.store, engine]) |
	some store in stores
	some engine in estate.list(store, "dynamic_engines")
	engine in data.params["x-static-where-dynamic"].threshold[secret.content]
})

# Secrets that somebody has to look after: no copies, and none that a service keeps.
own := [secret |
	some secret in facts.of("stored_secret")
	secret.is_copy == false
	not is_string(object.get(secret, "managed_by", null))
]
