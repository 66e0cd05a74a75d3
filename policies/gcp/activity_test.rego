package keystrel.gcp.activity_test

import data.keystrel.gcp.activity
import data.keystrel.lib.gcp_fixtures_test as fixtures

config_alert(facts) := found if {
	found := activity.gcp_iam_audit_config_alert with input as fixtures.inventory(array.concat([fixtures.project({})], facts))
		with data.params as fixtures.params
}

settings := "protoPayload.methodName=\"SetIamPolicy\" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*"

metric(changes) := fixtures.changed(
	{
		"kind": "gcp_log_metric", "id": "//logging.googleapis.com/projects/shop/metrics/audit-config", "project": "shop",
		"location": null, "name": "audit-config", "filter": settings, "disabled": false, "bucketName": null, "unread": {},
	},
	changes,
)

alert(changes) := fixtures.changed(
	{
		"kind": "gcp_alert_policy", "id": "//monitoring.googleapis.com/projects/shop/alertPolicies/1", "project": "shop",
		"location": null, "displayName": "Audit settings", "enabled": true,
		"notificationChannels": ["projects/shop/notificationChannels/1"],
		"conditions": [{"condition_kind": "threshold", "filter": "metric.type=\"logging.googleapis.com/user/audit-config\" AND resource.type=\"global\""}],
		"unread": {},
	},
	changes,
)

test_a_project_without_alerts_is_found if {
	fixtures.messages(config_alert([])) == {"nobody is told when the audit settings of `shop` change"}
}

test_an_alert_that_tells_nobody_is_none if {
	fixtures.is_found(config_alert([metric({}), alert({"notificationChannels": []})]))
	fixtures.is_found(config_alert([metric({}), alert({"enabled": false})]))
}

test_a_metric_of_something_else_does_not_count if {
	fixtures.is_found(config_alert([metric({"filter": "severity>=ERROR"}), alert({})]))
	fixtures.is_found(config_alert([metric({"filter": "NOT protoPayload.serviceData.policyDelta.auditConfigDeltas:*"}), alert({})]))
	fixtures.is_found(config_alert([metric({"disabled": true}), alert({})]))
}

test_an_alert_on_another_metric_does_not_count if {
	conditions := [{"condition_kind": "threshold", "filter": "metric.type=\"logging.googleapis.com/user/errors\""}]
	fixtures.is_found(config_alert([metric({}), alert({"conditions": conditions})]))
}

test_metrics_of_another_project_do_not_count if fixtures.is_found(config_alert([metric({"project": "mail"}), alert({})]))

test_an_alert_on_a_metric_is_fine if {
	config_alert([metric({}), alert({})]) == set()
	conditions := [{"condition_kind": "promql", "filter": "rate(logging_googleapis_com:user_audit_config[5m]) > 0"}]
	config_alert([metric({}), alert({"conditions": conditions})]) == set()
}

test_an_alert_on_the_log_is_fine if {
	config_alert([alert({"conditions": [{"condition_kind": "matched_log", "filter": settings}]})]) == set()
}

test_config_alert_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(metric({}), ["filter", "disabled"]) {
		fixtures.is_unknown(config_alert([variant, alert({"enabled": false})]))
	}
	every variant in fixtures.variants(alert({}), ["enabled", "notificationChannels", "conditions"]) {
		fixtures.is_unknown(config_alert([metric({}), variant]))
	}
	every kind in ["gcp_log_metric", "gcp_alert_policy"] {
		found := activity.gcp_iam_audit_config_alert with input as fixtures.with_gap([fixtures.project({})], kind) with data.params as fixtures.params
		found == set()
	}
}

log_sink(facts) := found if {
	found := activity.gcp_log_sink with input as fixtures.inventory(array.concat([fixtures.project({})], facts)) with data.params as fixtures.params
}

archive(changes) := fixtures.sink(object.union(
	{"id": "//logging.googleapis.com/projects/shop/sinks/archive", "name": "archive", "filter": null, "bucket": null},
	changes,
))

test_a_project_without_a_whole_sink_is_found if {
	fixtures.messages(log_sink([fixtures.sink({})])) == {"no sink takes all logs of `shop`"}
}

test_a_sink_that_leaves_something_out_is_not_whole if {
	fixtures.is_found(log_sink([archive({"exclusions": [{"name": "quiet", "filter": "severity<ERROR", "disabled": false}]})]))
	fixtures.is_found(log_sink([archive({"disabled": true})]))
	fixtures.is_found(log_sink([archive({"parent": fixtures.organization_id})]))
}

test_a_whole_sink_is_fine if {
	log_sink([archive({})]) == set()
	log_sink([archive({"filter": " ", "exclusions": [{"name": "quiet", "filter": "severity<ERROR", "disabled": true}]})]) == set()
	log_sink([archive({"parent": fixtures.organization_id, "includeChildren": true})]) == set()
}

test_log_sink_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(archive({}), ["filter", "disabled", "exclusions"]) {
		fixtures.is_unknown(log_sink([variant]))
	}
	every variant in fixtures.variants(fixtures.project({}), ["ancestors"]) {
		found := activity.gcp_log_sink with input as fixtures.inventory([variant]) with data.params as fixtures.params
		fixtures.is_unknown(found)
	}
	found := activity.gcp_log_sink with input as fixtures.with_gap([fixtures.project({})], "gcp_log_sink") with data.params as fixtures.params
	found == set()
}

access_approval(facts) := found if {
	found := activity.gcp_access_approval with input as fixtures.inventory(array.concat([fixtures.secret({})], facts))
		with data.params as fixtures.params
}

none := {"access_approval": null}

enrolled(products) := {"access_approval": {
	"enrolledServices": [{"cloudProduct": name, "enrollmentLevel": "BLOCK_ALL"} | some name in products],
	"enrolledAncestor": false,
}}

test_a_project_without_approval_is_found if {
	fixtures.messages(access_approval(fixtures.hierarchy(none))) == {"Google's staff needs no approval for secrets of `shop`"}
}

test_another_product_does_not_count if {
	facts := [fixtures.project(none), fixtures.folder({}), fixtures.organization(enrolled(["Cloud SQL"]))]
	fixtures.is_found(access_approval(facts))
}

test_approval_is_fine if {
	access_approval(fixtures.hierarchy({})) == set()
	access_approval([fixtures.project(none), fixtures.folder({}), fixtures.organization(enrolled(["Secret Manager"]))]) == set()
}

test_it_is_not_for_projects_without_secrets if {
	found := activity.gcp_access_approval with input as fixtures.inventory(fixtures.hierarchy(none)) with data.params as fixtures.params
	found == fixtures.without_secrets
}

test_access_approval_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["access_approval"]) {
		fixtures.is_unknown(access_approval([variant, fixtures.folder({}), fixtures.organization({})]))
	}
	every variant in fixtures.variants(fixtures.folder({}), ["access_approval"]) {
		fixtures.is_unknown(access_approval([fixtures.project(none), variant, fixtures.organization({})]))
		above := fixtures.project({"access_approval": {"enrolledServices": [], "enrolledAncestor": true}})
		fixtures.is_unknown(access_approval([above, variant, fixtures.organization({})]))
	}
	every variant in fixtures.variants(fixtures.project(none), ["ancestors"]) {
		fixtures.is_unknown(access_approval([object.union(variant, none)]))
	}
	fixtures.is_unknown(access_approval([fixtures.project(none), fixtures.folder({})]))
}
