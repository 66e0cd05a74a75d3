# METADATA
# title: What is recorded in Google Cloud, and where records go
package keystrel.lib.gcp_logs

import data.keystrel.lib.facts
import data.keystrel.lib.gcp
import data.keystrel.lib.gcp_iam

# Types of records that the policies of a fact and above it switch on for a service; exempt members still count.
recorded(fact, service) := {config.logType |
	some scope in gcp_iam.with_above(fact)
	some audit in gcp.list(gcp.object_of(scope, "iam_policy"), "auditConfigs")
	audit.service in {service, "allServices"}
	some config in gcp.list(audit, "auditLogConfigs")
}

# Members who are exempt from one of the types for a service by the fact's own policy.
exempt(fact, services, types) := {member |
	some audit in gcp.list(gcp.object_of(fact, "iam_policy"), "auditConfigs")
	audit.service in services
	some config in gcp.list(audit, "auditLogConfigs")
	config.logType in types
	some member in gcp.list(config, "exemptedMembers")
}

all_sinks := facts.of("gcp_log_sink")

# A filter in lower case, without escapes of URLs and blanks around operators.
plain(filter) := regex.replace(replace(lower(gcp.text(filter)), "%2f", "/"), `\s*(=|:|!=)\s*`, "$1")

# Whether a filter is about reads of secrets: their log, or their service, and no other service alone.
is_about_reads(filter) if {
	text := plain(filter)
	regex.match(`data_access|secretmanager|cloudaudit\.googleapis\.com"?\s*(?:\)|$|and\b|or\b)`, text)
	not is_denied(text)
	not is_elsewhere(text)
}

# `NOT` and `-` before it, `!=` in it.
is_denied(text) if regex.match(`(?:\bnot\s+|(?:^|\s)-)\(?\s*[^\s]*(?:data_access|secretmanager)|!="?[^"\s]*(?:data_access|secretmanager)`, text)

# It names services, and Secret Manager is not one of them.
is_elsewhere(text) if {
	regex.match(`servicename(?:=|:)`, text)
	not contains(text, "secretmanager")
}

# Whether reads of secrets go through a sink, as far as its filter tells.
takes_reads(sink) if {
	sink.disabled != true
	has_no_filter(sink)
}

takes_reads(sink) if {
	sink.disabled != true
	is_about_reads(sink.filter)
}

# What stands in the filter that Google gives `_Default` does not leave out data access.
takes_reads(sink) if {
	sink.disabled != true
	sink.name == "_Default"
	not is_denied(plain(sink.filter))
}

has_no_filter(sink) if trim_space(gcp.text(sink.filter)) == ""

# Exclusions of a sink that leave out reads of secrets.
dropping(sink) := {exclusion.name |
	some exclusion in gcp.list(sink, "exclusions")
	exclusion.disabled != true
	is_about_reads(exclusion.filter)
}

# Sinks of a project, and those above it that take what is below.
sinks_of(project) := {sink |
	some sink in data.keystrel.lib.gcp_logs.all_sinks
	sink.parent == project.id
} | {sink |
	some sink in data.keystrel.lib.gcp_logs.all_sinks
	sink.parent in gcp.list(project, "ancestors")
	sink.includeChildren == true
}
