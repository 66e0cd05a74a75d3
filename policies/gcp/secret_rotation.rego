# METADATA
# title: Rotation of secrets of Secret Manager
package keystrel.gcp.secret_rotation

import data.keystrel.lib.age
import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

secrets := facts.of("gcp_secret")

# METADATA
# title: Secret has no rotation schedule
# description: >-
#   Nobody is reminded to change the value, and whoever once read it keeps it. A schedule does not change it by itself:
#   it sends a message to the topics of the secret. What is rotated elsewhere says so by one of the labels of the
#   threshold.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/rotation-recommendations
# custom:
#   id: gcp-sm-rotation-set
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: [rotation=external]
#   remediation: >-
#     `gcloud secrets update NAME --topics=projects/PROJECT/topics/TOPIC --rotation-period=30d
#     --next-rotation-time=TIME`; or, if something else rotates it, `gcloud secrets update NAME
#     --update-labels=rotation=external`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_rotation_set contains finding if {
	some secret in gcp.told(secrets, set_fields)
	not has_schedule(secret)
	count(gcp.enabled_versions(secret)) > 0
	not gcp.has_label(secret, data.params["gcp-sm-rotation-set"].threshold)
	finding := {"fact": secret.id, "message": sprintf("%s has no rotation schedule", [gcp.named(secret)])}
}

gcp_sm_rotation_set contains finding if {
	some finding in gcp.unknown(secrets, set_fields)
}

set_fields := ["rotation", "labels", "versions"]

has_schedule(secret) if is_string(gcp.object_of(secret, "rotation").nextRotationTime)

# METADATA
# title: Rotation period too long
# description: >-
#   A value that leaks unseen is good until it is rotated. Counted in days.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-rotation
# custom:
#   id: gcp-sm-rotation-period
#   severity: medium
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 90
#   remediation: >-
#     `gcloud secrets update NAME --rotation-period=30d --next-rotation-time=TIME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_rotation_period contains finding if {
	allowed := data.params["gcp-sm-rotation-period"].threshold
	some secret in gcp.told(secrets, ["rotation"])
	period := gcp.object_of(secret, "rotation").rotationPeriod
	gcp.days(period) > allowed
	finding := {
		"fact": secret.id,
		"message": sprintf("%s is rotated every %s, of at most %v", [gcp.named(secret), gcp.show_days(period), allowed]),
	}
}

gcp_sm_rotation_period contains finding if {
	some secret in gcp.told(secrets, ["rotation"])
	has_schedule(secret)
	not gcp.days(secret.rotation.rotationPeriod)
	finding := {"fact": secret.id, "unknown": "it is to be rotated once, and its period cannot be told"}
}

gcp_sm_rotation_period contains finding if {
	some finding in gcp.unknown(secrets, ["rotation"])
}

# METADATA
# title: Rotation notice fired but no new version followed
# description: >-
#   The message that the value is due was sent, or should have been, and after the hours of the threshold there is
#   still none that is newer: whatever rotates the secret does not work.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/secret-rotation
# custom:
#   id: gcp-sm-rotation-overdue
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 24
#   remediation: >-
#     Look at the log of what listens to the topic, rotate the credential where it is made, and `gcloud secrets
#     versions add NAME --data-file=FILE`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_rotation_overdue contains finding if {
	grace := data.params["gcp-sm-rotation-overdue"].threshold
	some secret in gcp.told(secrets, overdue_fields)
	due := last_due(secret)
	gcp.hours_between(due, input.now) > grace
	not is_followed(secret, due)
	count(gcp.enabled_versions(secret)) > 0
	finding := {
		"fact": secret.id,
		"message": sprintf("%s was due on %s, and has no version since", [gcp.named(secret), gcp.day(due)]),
	}
}

gcp_sm_rotation_overdue contains finding if {
	some finding in gcp.unknown(secrets, overdue_fields)
}

overdue_fields := ["rotation", "versions", "createTime"]

# When a message was last due: at a time that is past, or a period before the next one, if the secret was there then.
last_due(secret) := secret.rotation.nextRotationTime if {
	age.is_past(secret.rotation.nextRotationTime)
} else := due if {
	age.is_time(secret.rotation.nextRotationTime)
	next := time.parse_rfc3339_ns(secret.rotation.nextRotationTime)
	period := gcp.seconds(secret.rotation.rotationPeriod)
	due := time.format([next - round(period * 1000000000), "UTC", "2006-01-02T15:04:05Z07:00"])
	gcp.hours_between(secret.createTime, due) > 0
}

is_followed(secret, due) if gcp.hours_between(due, gcp.newest_enabled(secret)) >= 0

# METADATA
# title: Rotation schedule has nobody listening
# description: >-
#   The message that a value is due goes to no topic, or to topics of which nothing reads. Then nothing rotates,
#   however well the schedule looks.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/event-notifications
# custom:
#   id: gcp-sm-rotation-no-topic
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_pubsub_topic]
#   remediation: >-
#     `gcloud secrets update NAME --add-topics=projects/PROJECT/topics/TOPIC`, and a subscription of what rotates:
#     `gcloud pubsub subscriptions create NAME --topic=TOPIC --push-endpoint=URL`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_rotation_no_topic contains finding if {
	some secret in gcp.told(secrets, ["rotation", "topics"])
	has_schedule(secret)
	not is_managed(secret)
	topics := gcp.list(secret, "topics")
	every topic in topics {
		is_deaf(topic)
	}
	finding := {"fact": secret.id, "message": sprintf("%s is to be rotated, and %s", [gcp.named(secret), deafness(topics)])}
}

gcp_sm_rotation_no_topic contains finding if {
	some secret in gcp.told(secrets, ["rotation", "topics"])
	has_schedule(secret)
	some id in gcp.list(secret, "topics")
	some why in topic_unknown(id, ["exists", "subscriptions"])
	finding := {"fact": secret.id, "unknown": why}
}

gcp_sm_rotation_no_topic contains finding if {
	some finding in gcp.unknown(secrets, ["rotation", "topics"])
}

# Secret Manager rotates users of Cloud SQL by itself.
is_managed(secret) if gcp.object_of(secret.rotation, "managedRotationStatus").state == "ACTIVE"

topic_by_id := {topic.id: topic | some topic in facts.of("gcp_pubsub_topic")}

is_deaf(id) if topic_by_id[id].exists == false

is_deaf(id) if {
	topic := topic_by_id[id]
	gcp.is_told(topic, ["exists", "subscriptions"])
	count(gcp.list(topic, "subscriptions")) == 0
}

deafness(topics) := "has no topic for it" if {
	count(topics) == 0
} else := sprintf("nothing reads %s", [gcp.listed({gcp.last_part(id) | some id in topics})])

topic_unknown(id, fields) := {sprintf("topic %s: %s", [gcp.last_part(id), why]) |
	topic := topic_by_id[id]
	object.get(topic, "exists", null) != false
	some field in fields
	why := gcp.untold(topic, field)
} | {sprintf("topic %s was not read", [gcp.last_part(id)]) | not topic_by_id[id]}

# METADATA
# title: Service agent cannot publish to the rotation topic
# description: >-
#   Messages of Secret Manager are sent by its service agent,
#   `service-NUMBER@gcp-sa-secretmanager.iam.gserviceaccount.com`. Without a role that publishes, they are lost, and
#   nothing rotates.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/event-notifications
# custom:
#   id: gcp-sm-topic-not-publishable
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret, gcp_pubsub_topic, gcp_project, gcp_folder, gcp_organization, gcp_role]
#   remediation: >-
#     `gcloud pubsub topics add-iam-policy-binding TOPIC --role=roles/pubsub.publisher
#     --member=serviceAccount:service-NUMBER@gcp-sa-secretmanager.iam.gserviceaccount.com`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_topic_not_publishable contains finding if {
	some secret in gcp.told(secrets, ["topics"])
	agent := agent_of(secret)
	some id in gcp.list(secret, "topics")
	topic := topic_by_id[id]
	topic.exists != false
	count(publishing_unknown[topic.id]) == 0
	not can_publish(topic, agent)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: %s may not publish to %s", [gcp.named(secret), agent, gcp.last_part(id)]),
	}
}

gcp_sm_topic_not_publishable contains finding if {
	some secret in gcp.told(secrets, ["topics"])
	some id in gcp.list(secret, "topics")
	topic := topic_by_id[id]
	topic.exists != false
	not may_publish(topic, secret)
	some why in publishing_unknown[topic.id]
	finding := {"fact": secret.id, "unknown": sprintf("topic %s: %s", [gcp.last_part(id), why])}
}

gcp_sm_topic_not_publishable contains finding if {
	some secret in gcp.told(secrets, ["topics"])
	count(gcp.list(secret, "topics")) > 0
	not agent_of(secret)
	finding := {"fact": secret.id, "unknown": "the number of its project is not known"}
}

gcp_sm_topic_not_publishable contains finding if {
	some secret in gcp.told(secrets, ["topics"])
	some id in gcp.list(secret, "topics")
	some why in topic_unknown(id, ["exists"])
	finding := {"fact": secret.id, "unknown": why}
}

gcp_sm_topic_not_publishable contains finding if {
	some finding in gcp.unknown(secrets, ["topics"])
}

agent_of(secret) := sprintf("service-%s@gcp-sa-secretmanager.iam.gserviceaccount.com", [number]) if {
	number := data.keystrel.lib.gcp_iam.scopes[gcp.project_id(secret.project)].project_number
	is_string(number)
}

may_publish(topic, secret) if can_publish(topic, agent_of(secret))

can_publish(topic, agent) if {
	some member in publishers[topic.id]
	gcp_iam.address(member) == agent
}

can_publish(topic, _) if {
	some member in publishers[topic.id]
	gcp_iam.is_public(member)
}

# Who may publish to each topic, and why it is not known, once for all secrets that name it.
publishers := {topic.id: members |
	some topic in facts.of("gcp_pubsub_topic")
	members := {grant.member |
		some scope in gcp_iam.with_above(topic)
		some grant in gcp_iam.granted(scope, {"pubsub.topics.publish"})
	}
}

publishing_unknown := {topic.id: gcp_iam.unknown_grants(topic) | some topic in facts.of("gcp_pubsub_topic")}

# METADATA
# title: Newest enabled version older than allowed
# description: >-
#   All who could ever read it can still use it. Counted in days since the newest version that is enabled was added.
#   High from twice the allowed age on, medium before.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/best-practices
# custom:
#   id: gcp-sm-version-age
#   severity: high
#   subject: gcp_secret
#   needs: [gcp_secret]
#   threshold: 90
#   remediation: >-
#     Change the credential where it is made, and `gcloud secrets versions add NAME --data-file=FILE`; then disable the
#     old version by `gcloud secrets versions disable VERSION --secret=NAME`.
#   frameworks:
#     nist_800_53: [IA-5]
#     pci_dss_4: ["8.6.3"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17]
#     csa_ccm_4: [IAM-15]
#     owasp_secrets: ["2.7.2"]
gcp_sm_version_age contains finding if {
	allowed := data.params["gcp-sm-version-age"].threshold
	some secret in gcp.told(secrets, ["versions"])
	newest := gcp.newest_enabled(secret)
	age.older_than(newest, allowed)
	days := age.days_since(newest)
	finding := {
		"fact": secret.id,
		"message": sprintf("%s: the value is %s old, of at most %v", [gcp.named(secret), age.show_days(days), allowed]),
		"severity": age_severity(days, allowed),
	}
}

gcp_sm_version_age contains finding if {
	some finding in gcp.unknown(secrets, ["versions"])
}

age_severity(days, allowed) := "high" if {
	days >= allowed * 2
} else := "medium"
