# METADATA
# title: Who can read secrets, and who does
package keystrel.estate.readers

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Too many principals can read a secret
# description: >-
#   Each of them can leak it, and none of them can be told from the others by it. Counted are all that can read the value in effect:
#   by identity and resource policies, the policy of the key, groups and impersonation, with administrators. A group whose members
#   are not known counts as one, and the number is a least one. Of parameters of Systems Manager readers are not known.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#23-access-control
# custom:
#   id: x-effective-reader-count
#   severity: high
#   subject: stored_secret
#   where: {entry_kind: [aws_secret, azure_secret, gcp_secret, k8s_object, vault_kv1_secret, vault_kv_secret]}
#   needs: [stored_secret]
#   threshold: 10
#   remediation: >-
#     See who they are by `keystrel audit STORE --show-all`. Take `secretsmanager:GetSecretValue` on `*` out of IAM policies, remove
#     bindings: `gcloud secrets remove-iam-policy-binding NAME --member M --role R`, `az role assignment delete --assignee ID --scope
#     SCOPE`, `kubectl delete rolebinding NAME`; `vault policy write NAME FILE` without `secret/*`.
#   frameworks:
#     nist_800_53: [AC-3, AC-6]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
x_effective_reader_count contains finding if {
	allowed := data.params["x-effective-reader-count"].threshold
	some secret in estate.settled(counted, ["reader_count"])
	secret.reader_count > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s can be read by %v, of at most %v", [
			estate.named(secret),
			estate.principals(secret),
			allowed,
		]),
	}
}

# Those whom a reader stands for may be more.
x_effective_reader_count contains finding if {
	some secret in estate.settled(counted, ["reader_count"])
	secret.reader_count <= data.params["x-effective-reader-count"].threshold
	groups := estate.list(secret, "unknown_groups")
	count(groups) > 0
	finding := {
		"fact": secret.id,
		"unknown": sprintf("it can be read by %v: who is in %s is not known", [
			estate.principals(secret),
			estate.listed([sprintf("`%v`", [group]) | some group in groups], 3, count(groups)),
		]),
	}
}

x_effective_reader_count contains finding if {
	some finding in estate.unsettled(counted, ["reader_count"])
}

# Secrets of which readers can be known.
counted := [secret |
	some secret in facts.of("stored_secret")
	secret.entry_kind in {"aws_secret", "azure_secret", "gcp_secret", "k8s_object", "vault_kv1_secret", "vault_kv_secret"}
]

# METADATA
# title: Principal has a right to a secret without that to its key, or the reverse
# description: >-
#   A grant that was half taken back, or never worked. The half that is left becomes whole when somebody gives the other half for
#   another reason, and nobody looks at the secret then.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# custom:
#   id: x-read-without-key
#   severity: info
#   subject: secret_reader
#   where: {knows_missing: [true]}
#   needs: [secret_reader]
#   remediation: >-
#     Give both or none: `aws iam delete-role-policy --role-name ROLE --policy-name NAME`, or `aws kms put-key-policy --key-id KEY --policy
#     file://POLICY` with a condition `kms:ViaService`.
x_read_without_key contains finding if {
	some reader in estate.told(paired, ["missing", "may_read"])
	is_string(reader.missing)
	reader.may_read != true
	finding := {
		"fact": reader.id,
		"message": sprintf("%s cannot read %s: it lacks %s", [estate.principal(reader), secret_of(reader), reader.missing]),
	}
}

x_read_without_key contains finding if {
	some finding in estate.unknown(paired, ["missing", "may_read"])
}

# Readers of whom both rights were worked out.
paired := [reader |
	some reader in readers
	reader.knows_missing == true
]

# METADATA
# title: Right to read secrets that is not used
# description: >-
#   What nobody uses can be taken away, and is what an intruder gets for nothing. Told once for each principal, of secrets that the log
#   never saw it read, if the log goes back as many days as the threshold says; a shorter one makes it unknown. Secrets for
#   emergencies are left out, and those that were made within the log.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# - ref: https://docs.cloud.google.com/policy-intelligence/docs/role-recommendations-overview
# custom:
#   id: x-unused-right
#   severity: medium
#   subject: store_reader
#   where: {knows_reads: [true]}
#   needs: [store_reader]
#   threshold: 90
#   remediation: >-
#     Ask its owner, then narrow it to the secrets that it reads: `aws iam put-role-policy --role-name ROLE --policy-name NAME
#     --policy-document file://POLICY`, `gcloud projects remove-iam-policy-binding PROJECT --member M --role
#     roles/secretmanager.secretAccessor`, `az role assignment delete --assignee ID --scope SCOPE`, `vault policy write NAME FILE`.
#   frameworks:
#     nist_800_53: [AC-6, AC-6(7)]
#     pci_dss_4: ["7.2.2", "7.2.5"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.18]
#     csa_ccm_4: [IAM-05, IAM-08]
#     owasp_secrets: ["2.3"]
x_unused_right contains finding if {
	some reader in estate.settled(store_readers, unused_fields)
	reader.never_read_count > 0
	days := age.days_since(reader.reads_from)
	days >= data.params["x-unused-right"].threshold
	finding := {
		"fact": reader.id,
		"message": sprintf("%s may read %s of %v and read %v of them in %s: not %s", [
			estate.principal(reader),
			age.counted(reader.may_read, "secret"),
			reader.store,
			reader.may_read - reader.never_read_count,
			age.show_days(days),
			estate.listed(unread_names(reader), 3, reader.never_read_count),
		]),
	}
}

x_unused_right contains finding if {
	wanted := data.params["x-unused-right"].threshold
	some reader in estate.settled(store_readers, unused_fields)
	reader.never_read_count > 0
	days := age.days_since(reader.reads_from)
	days < wanted
	finding := {
		"fact": reader.id,
		"unknown": sprintf("reads are known for %s, of at least %v", [age.show_days(days), wanted]),
	}
}

x_unused_right contains finding if {
	some finding in estate.unsettled(store_readers, unused_fields)
}

unused_fields := ["may_read", "never_read", "never_read_count", "reads_from"]

store_readers := [reader |
	some reader in facts.of("store_reader")
	reader.knows_reads == true
]

unread_names(reader) := [sprintf("`%v`", [secret.name]) | some secret in estate.list(reader, "never_read")]

# METADATA
# title: People and machines read the same production secret
# description: >-
#   What the machine does cannot be told from what the person does with its credential, and the person has it when he leaves. Told of
#   secrets of production that both were seen to read; principals that could be either count as neither.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#23-access-control
# custom:
#   id: x-machine-human-mix
#   severity: medium
#   subject: stored_secret
#   where: {environment: [production], knows_who_reads: [true]}
#   needs: [stored_secret, secret_reader]
#   remediation: >-
#     Give people a credential of their own, or none, and take the right to this one from them; then rotate it: `aws secretsmanager
#     rotate-secret --secret-id NAME`, `vault kv put -mount=MOUNT PATH FIELD=@NEW`.
#   frameworks:
#     nist_800_53: [AC-6]
#     pci_dss_4: ["8.2.2"]
#     soc2: [CC6.1, CC6.3]
#     iso27001_2022: [A.5.15, A.8.3]
#     csa_ccm_4: [IAM-05]
#     owasp_secrets: ["2.3"]
x_machine_human_mix contains finding if {
	some secret in production
	people := object.get(seen_people, secret.id, set())
	count(people) > 0
	machines := object.get(seen_machines, secret.id, set())
	count(machines) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was read by people (%s) and by machines (%s)", [
			estate.named(secret),
			estate.listed(sort(people), 3, count(people)),
			estate.listed(sort(machines), 3, count(machines)),
		]),
	}
}

# A reader of which it cannot be told whether it read leaves the secret open.
x_machine_human_mix contains finding if {
	some reader in unclear
	some secret in production
	secret.id == reader.secret
	some unsure in estate.unknown([reader], seen_fields)
	finding := {"fact": secret.id, "unknown": sprintf("of a reader, %s", [unsure.unknown])}
}

seen_fields := ["is_seen", "is_human"]

unclear := [reader |
	wanted := {field | some field in seen_fields}
	some reader in readers
	not reader.is_seen == false
	not estate.lacks_none(reader, wanted)
]

production := [secret |
	some secret in facts.of("stored_secret")
	secret.environment == "production"
	secret.knows_who_reads == true
]

# Principals that were seen to read, by the secret.
seen_people[reader.secret] contains estate.principal(reader) if {
	some reader in readers
	reader.is_seen == true
	reader.is_human == true
}

seen_machines[reader.secret] contains estate.principal(reader) if {
	some reader in readers
	reader.is_seen == true
	reader.is_human == false
}

readers := facts.of("secret_reader")

secret_of(reader) := sprintf("`%s`", [estate.text(reader, "secret_name")]) if {
	estate.text(reader, "secret_name")
} else := sprintf("`%v`", [reader.secret])
