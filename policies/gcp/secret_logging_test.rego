package keystrel.gcp.secret_logging_test

import data.keystrel.gcp.secret_logging
import data.keystrel.lib.gcp_fixtures_test as fixtures

data_access_logs(facts) := found if {
	found := secret_logging.gcp_sm_data_access_logs with input as fixtures.inventory(facts) with data.params as fixtures.params
}

holding(changes) := array.concat([fixtures.secret({})], fixtures.hierarchy(changes))

unaudited := {"iam_policy": fixtures.policy([])}

test_reads_that_are_not_recorded_are_found if {
	found := data_access_logs(holding(unaudited))
	fixtures.messages(found) == {"ADMIN_READ, DATA_READ of Secret Manager in `shop` are not recorded"}
}

test_another_service_does_not_count if {
	policy := fixtures.audited([fixtures.audit("storage.googleapis.com", ["DATA_READ", "ADMIN_READ"])])
	fixtures.is_found(data_access_logs(holding({"iam_policy": policy})))
}

test_one_type_is_not_enough if {
	policy := fixtures.audited([fixtures.audit("secretmanager.googleapis.com", ["DATA_READ"])])
	fixtures.messages(data_access_logs(holding({"iam_policy": policy}))) == {"ADMIN_READ of Secret Manager in `shop` are not recorded"}
}

test_all_services_count if data_access_logs(holding({})) == set()

test_what_is_above_adds_to_it if {
	policy := fixtures.audited([fixtures.audit("secretmanager.googleapis.com", ["DATA_READ", "ADMIN_READ"])])
	data_access_logs([fixtures.secret({}), fixtures.project(unaudited), fixtures.folder({}), fixtures.organization({"iam_policy": policy})]) == set()
}

test_it_is_not_for_projects_without_secrets if data_access_logs(fixtures.hierarchy(unaudited)) == fixtures.without_secrets

test_data_access_logs_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(data_access_logs([fixtures.secret({}), variant, fixtures.folder({}), fixtures.organization({})]))
	}
	every variant in fixtures.variants(fixtures.project(unaudited), ["ancestors"]) {
		fixtures.is_unknown(data_access_logs([fixtures.secret({}), variant]))
	}
	every variant in fixtures.variants(fixtures.organization({}), ["iam_policy"]) {
		fixtures.is_unknown(data_access_logs([fixtures.secret({}), fixtures.project(unaudited), fixtures.folder({}), variant]))
	}
	fixtures.is_unknown(data_access_logs([fixtures.secret({}), fixtures.project(unaudited), fixtures.folder({})]))
}

data_access_exempt(facts) := found if {
	found := secret_logging.gcp_sm_data_access_exempt with input as fixtures.inventory(facts) with data.params as fixtures.params
}

exempting(service, type) := fixtures.audited([{"service": service, "auditLogConfigs": [{"logType": type, "exemptedMembers": [fixtures.ann]}]}])

test_an_exemption_is_found if {
	found := data_access_exempt(holding({"iam_policy": exempting("secretmanager.googleapis.com", "DATA_READ")}))
	fixtures.messages(found) == {"reads by ann@example.com in projects/shop are not recorded"}
}

test_an_exemption_above_is_found if {
	organization := fixtures.organization({"iam_policy": exempting("allServices", "DATA_READ")})
	found := data_access_exempt([fixtures.secret({}), fixtures.project({}), fixtures.folder({}), organization])
	fixtures.messages(found) == {"reads by ann@example.com in organizations/100 are not recorded"}
}

test_an_exemption_of_something_else_is_fine if {
	data_access_exempt(holding({"iam_policy": exempting("storage.googleapis.com", "DATA_READ")})) == set()
	data_access_exempt(holding({"iam_policy": exempting("allServices", "ADMIN_READ")})) == set()
}

test_nobody_exempt_is_fine if data_access_exempt(holding({})) == set()

test_exemptions_where_no_secrets_are_do_not_count if {
	found := data_access_exempt(fixtures.hierarchy({"iam_policy": exempting("allServices", "DATA_READ")}))
	{finding.not_applicable | some finding in found} == {"there are no secrets in it"}
	{finding.fact | some finding in found} == {fixtures.project_id, fixtures.folder_id, fixtures.organization_id}
}

test_data_access_exempt_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.project({}), ["iam_policy"]) {
		fixtures.is_unknown(data_access_exempt([fixtures.secret({}), variant]))
	}
}

log_exclusion(facts) := found if {
	found := secret_logging.gcp_sm_log_exclusion with input as fixtures.inventory(facts) with data.params as fixtures.params
}

excluding(filter) := fixtures.sink({"exclusions": [{"name": "quiet", "filter": filter, "disabled": false}]})

test_an_exclusion_of_reads_is_found if {
	every filter in [
		"LOG_ID(\"cloudaudit.googleapis.com/data_access\")",
		"logName=\"projects/shop/logs/cloudaudit.googleapis.com%2Fdata_access\" AND sample(insertId, 0.9)",
		"protoPayload.serviceName = \"secretmanager.googleapis.com\"",
		"resource.type=audited_resource AND logName:\"cloudaudit.googleapis.com\"",
	] {
		found := log_exclusion([excluding(filter)])
		fixtures.messages(found) == {"exclusions of `_Default` of projects/shop drop reads of secrets: quiet"}
	}
}

test_other_exclusions_are_fine if {
	every filter in [
		"resource.type=\"k8s_container\"", "LOG_ID(\"cloudaudit.googleapis.com/activity\")",
		"LOG_ID(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.serviceName=\"bigquery.googleapis.com\"",
		"LOG_ID(\"cloudaudit.googleapis.com/data_access\") AND protoPayload.serviceName!=\"secretmanager.googleapis.com\"",
		"LOG_ID(\"cloudaudit.googleapis.com/data_access\") AND NOT protoPayload.serviceName=\"secretmanager.googleapis.com\"",
	] {
		log_exclusion([excluding(filter)]) == set()
	}
}

test_an_exclusion_that_is_off_is_fine if {
	sink := fixtures.sink({"exclusions": [{"name": "quiet", "filter": "LOG_ID(\"cloudaudit.googleapis.com/data_access\")", "disabled": true}]})
	log_exclusion([sink]) == set()
}

off := fixtures.sink({"disabled": true})

archive(changes) := fixtures.sink(object.union(
	{
		"id": "//logging.googleapis.com/projects/shop/sinks/archive", "name": "archive", "filter": null,
		"destination": "storage.googleapis.com/archive", "bucket": null,
	},
	changes,
))

test_a_sink_that_is_off_is_found if {
	found := log_exclusion([off, archive({"filter": "severity>=ERROR"})])
	fixtures.messages(found) == {"`_Default` of projects/shop is switched off, and no other sink takes reads of secrets"}
}

test_another_sink_may_take_them if {
	log_exclusion([off, archive({})]) == set()
	log_exclusion([off, archive({"filter": "LOG_ID(\"cloudaudit.googleapis.com/data_access\")"})]) == set()
}

test_a_sink_without_exclusions_is_fine if log_exclusion([fixtures.sink({})]) == set()

test_log_exclusion_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.sink({}), ["exclusions", "disabled", "parent"]) {
		fixtures.is_unknown(log_exclusion([variant]))
	}
}

log_retention(facts) := found if {
	found := secret_logging.gcp_sm_log_retention with input as fixtures.inventory(array.concat(facts, holding({})))
		with data.params as fixtures.params
}

short := fixtures.bucket({"retentionDays": 30})

test_a_short_retention_is_found if {
	found := log_retention([fixtures.sink({}), short])
	fixtures.messages(found) == {"reads of secrets in `shop` are kept for 30 days, of at least 365"}
}

test_reads_that_go_nowhere_are_kept_for_no_time if {
	found := log_retention([fixtures.sink({"filter": "severity>=ERROR", "name": "errors"}), fixtures.bucket({})])
	fixtures.messages(found) == {"reads of secrets in `shop` are kept for 0 days, of at least 365"}
}

test_a_long_retention_is_fine if log_retention([fixtures.sink({}), fixtures.bucket({})]) == set()

test_retention_is_not_for_projects_without_secrets if {
	found := secret_logging.gcp_sm_log_retention with input as fixtures.inventory([fixtures.project({}), fixtures.sink({}), short])
		with data.params as fixtures.params
	found == fixtures.without_secrets
}

test_the_longest_counts if {
	long := fixtures.bucket({"id": "//logging.googleapis.com/projects/shop/locations/global/buckets/audit", "name": "audit", "retentionDays": 400})
	sink := archive({"bucket": long.id, "filter": "LOG_ID(\"cloudaudit.googleapis.com/data_access\")"})
	log_retention([fixtures.sink({}), short, sink, long]) == set()
}

test_what_a_sink_drops_is_not_kept if {
	sink := fixtures.sink({"exclusions": [{"name": "quiet", "filter": "LOG_ID(\"cloudaudit.googleapis.com/data_access\")", "disabled": false}]})
	fixtures.is_found(log_retention([sink, fixtures.bucket({})]))
}

test_an_export_elsewhere_is_unknown if {
	found := log_retention([fixtures.sink({}), short, archive({})])
	{finding.unknown | some finding in found} == {"sink `archive` exports them to storage.googleapis.com/archive"}
}

test_an_export_above_is_unknown if {
	above := archive({"parent": fixtures.organization_id, "includeChildren": true})
	fixtures.is_unknown(log_retention([fixtures.sink({}), short, above]))
	fixtures.is_found(log_retention([fixtures.sink({}), short, object.union(above, {"includeChildren": false})]))
}

test_log_retention_is_unknown_without_what_it_reads if {
	every kind in ["gcp_log_sink", "gcp_log_bucket"] {
		found := secret_logging.gcp_sm_log_retention with input as fixtures.with_gap(array.concat([fixtures.sink({}), short], holding({})), kind)
			with data.params as fixtures.params
		found == set()
	}
	every variant in fixtures.variants(fixtures.bucket({}), ["retentionDays"]) {
		fixtures.is_unknown(log_retention([fixtures.sink({}), variant]))
	}
	every variant in fixtures.variants(fixtures.sink({}), ["filter", "disabled", "exclusions", "bucket"]) {
		fixtures.is_unknown(log_retention([variant, short]))
	}
}
