# METADATA
# title: Leaks that are values of stored secrets
package keystrel.estate.leaks

import data.keystrel.lib.age
import data.keystrel.lib.estate
import data.keystrel.lib.facts

# METADATA
# title: Leaked value is the current value of a stored secret
# description: >-
#   Whoever has the repository, a clone of it or an old copy has what the store guards now. No guess by form is in this: the
#   value was compared, by keyed digests, with what the store holds. It counts where only the history has it, and where
#   somebody suppressed the finding. Leaks that were compared and match nothing pass; without `--read-values` none is compared.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#8-detection
# custom:
#   id: x-repo-leak-live
#   severity: critical
#   subject: leak
#   where: {is_compared: [true]}
#   needs: [leak, leak_match]
#   remediation: >-
#     Change the credential where it is made, then write the new value: `vault kv put -mount=MOUNT PATH FIELD=@NEW`,
#     `aws secretsmanager put-secret-value --secret-id NAME --secret-string file://NEW`, `az keyvault secret set --vault-name VAULT
#     --name NAME --file NEW`, `gcloud secrets versions add NAME --data-file=NEW`. Revoke the old one at its issuer, look in the
#     store's audit log for readers that nobody knows, and take it out of the files. Rewriting the history takes nothing back.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8", "9"]
x_repo_leak_live contains finding if {
	some match in estate.settled(matches, ["is_current"])
	match.is_current == true
	finding := {"fact": match.leak, "message": live_text(match)}
}

x_repo_leak_live contains finding if {
	some match in matches
	some unsure in estate.unsettled([match], ["is_current"])
	finding := {"fact": match.leak, "unknown": unsure.unknown}
}

x_repo_leak_live contains finding if {
	some finding in estate.unknown(leaks, ["matches"])
}

# METADATA
# title: Leaked value is an old version of a stored secret
# description: >-
#   The store holds another value by now, as it should. Whether the old one still opens what it was for its issuer alone can
#   say, and a version that can still be used is low rather than info. Told of leaks that are the current value of no secret.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html#8-detection
# custom:
#   id: x-repo-leak-rotated
#   severity: info
#   subject: leak
#   where: {is_compared: [true]}
#   needs: [leak, leak_match]
#   remediation: >-
#     Make sure that the old value is revoked at its issuer: `aws iam delete-access-key --user-name USER --access-key-id ID`,
#     `gcloud iam service-accounts keys delete ID --iam-account ACCOUNT`, `az ad app credential delete --id APP --key-id ID`,
#     `ALTER ROLE`. Disable the version: `gcloud secrets versions disable N --secret NAME`, `az keyvault secret set-attributes
#     --id ID --enabled false`, `vault kv destroy -mount=MOUNT -versions=N PATH`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     pci_dss_4: ["8.3.2", "8.6.2"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.28]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["8", "9"]
x_repo_leak_rotated contains finding if {
	some match in estate.settled(matches, ["is_current"])
	match.is_current == false
	not match.leak in live
	finding := {
		"fact": match.leak,
		"message": rotated_text(match),
		"severity": rotated_severity(match),
	}
}

x_repo_leak_rotated contains finding if {
	some match in matches
	some unsure in estate.unsettled([match], ["is_current"])
	finding := {"fact": match.leak, "unknown": unsure.unknown}
}

x_repo_leak_rotated contains finding if {
	some finding in estate.unknown(leaks, ["matches"])
}

leaks := facts.of("leak")

leak_by_id := {leak.id: leak | some leak in leaks}

# Matches of leaks that are there.
matches contains match if {
	some match in facts.of("leak_match")
	leak_by_id[match.leak]
}

# Leaks of which some match is a current value, or may be.
live contains match.leak if {
	some match in matches
	match.is_current != false
}

# All that has to be known to act, on one line.
live_text(match) := sprintf("%s is the current value of %s%s, %s, %s%s", [
	place(match),
	estate.named(match),
	part(match),
	unrotated(match),
	readable(match),
	concat("", array.concat(ended(match), accepted(match))),
])

rotated_text(match) := sprintf("%s is an old value of %s%s, %s%s", [
	place(match),
	estate.named(match),
	part(match),
	replaced(match),
	usable(match),
])

# Where the leak is, since when, and whether it is only in the history.
place(match) := sprintf("%s (%s; %s)", [spot(match), since(match), head(match)])

spot(match) := sprintf("`%s:%v`", [match.path, match.line]) if {
	is_number(match.line)
} else := sprintf("`%v`", [match.path])

since(match) := sprintf("commit %s, since %s", [substring(estate.text(match, "commit"), 0, 12), estate.day(match.committed)]) if {
	estate.text(match, "commit")
} else := "in no commit that is known"

head(match) := "still in HEAD" if {
	match.in_head == true
	estate.text(match, "commit")
} else := "in the files as they are" if {
	match.in_head == true
} else := "only in the history" if {
	match.in_head == false
} else := "not known whether HEAD has it"

# Which version of the secret, and which part of it.
part(match) := sprintf(" (%s)", [concat(", ", told)]) if {
	told := array.concat(
		[sprintf("version %v", [match.version]) | not match.version in {null, ""}],
		[sprintf("field `%s`", [match.field]) | is_string(match.field)],
	)
	count(told) > 0
} else := ""

unrotated(match) := sprintf("not rotated since %s", [estate.day(match.changed)]) if {
	age.is_time(match.changed)
} else := "rotated nobody knows when"

readable(match) := sprintf("readable by %s%s", [estate.principals(match), names(match)]) if {
	is_number(match.reader_count)
} else := "readable by principals that are not known"

# The first principals, if any are named.
names(match) := sprintf(": %s", [estate.listed(readers, 3, match.reader_count)]) if {
	readers := [sprintf("`%s`", [reader]) | some reader in estate.list(match, "readers")]
	count(readers) > 0
} else := ""

ended(match) := [sprintf("; the store says that it expired on %s", [estate.day(match.expires)])] if {
	age.is_past(match.expires)
} else := []

accepted(match) := ["; the finding is suppressed"] if {
	leak_by_id[match.leak].is_suppressed == true
} else := []

replaced(match) := sprintf("replaced on %s, before it leaked", [estate.day(match.changed)]) if {
	match.rotated_since == false
	age.is_time(match.changed)
} else := sprintf("replaced since: the current value is of %s", [estate.day(match.changed)]) if {
	match.rotated_since == true
	age.is_time(match.changed)
} else := sprintf("replaced by now: the current value is of %s", [estate.day(match.changed)]) if {
	age.is_time(match.changed)
} else := "replaced by now"

usable(match) := "; that version can still be used" if {
	match.state == "usable"
} else := ""

rotated_severity(match) := "low" if {
	match.state == "usable"
} else := "info"
