# METADATA
# title: Who hears of an event in AWS
package keystrel.lib.aws_alarms

import data.keystrel.lib.aws_iam
import data.keystrel.lib.aws_trails
import data.keystrel.lib.facts

# A call of the API, and an event of a service itself, as CloudTrail gives them to EventBridge.
call(service, name) := {
	"source": sprintf("aws.%s", [service]), "detail-type": "AWS API Call via CloudTrail",
	"eventSource": sprintf("%s.amazonaws.com", [service]), "eventName": name,
}

service_event(service, name) := object.union(call(service, name), {"detail-type": "AWS Service Event via CloudTrail"})

# Whether anything tells somebody of the event in a region: `{"account", "region"}`. EventBridge gets what CloudTrail
# tells only where a trail is logging, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-ct-api-tutorial.html.
is_heard(region, event) if {
	# The whole path, as in aws_identities.
	some trail in data.keystrel.lib.aws_trails.logging
	aws_trails.covers(trail, region)
	some rule in facts.of("aws_eventbridge_rule")
	rule.account == region.account
	rule.region == region.region
	startswith(rule.State, "ENABLED")
	count(aws_iam.list(rule, "Targets")) > 0
	matches(rule.EventPattern, event)
}

is_heard(region, event) if {
	some trail in data.keystrel.lib.aws_trails.logging
	aws_trails.covers(trail, region)
	is_string(trail.CloudWatchLogsLogGroupArn)
	some filter in facts.of("aws_log_metric_filter")
	filter.log_group == trim_suffix(trail.CloudWatchLogsLogGroupArn, ":*")
	names(filter.filterPattern, event.eventName)
	some alarm in aws_iam.list(filter, "alarms")
	alarm.ActionsEnabled == true
	count(aws_iam.list(alarm, "AlarmActions")) > 0
}

# Whether the pattern of a metric filter is about an event, by its name.
names(pattern, name) if {
	is_string(pattern)
	regex.match(sprintf(`\$\.eventName\s*=\s*"?%s\b`, [name]), pattern)
}

# Whether a pattern of EventBridge takes an event, as far as it asks for the fields that we know. One that asks for others
# is for some events only.
matches(pattern, event) if {
	is_object(pattern)
	every field, wanted in pattern {
		takes(field, wanted, event)
	}
}

takes("detail", wanted, event) if {
	is_object(wanted)
	every field, values in wanted {
		takes_detail(field, values, event)
	}
}

takes(field, wanted, event) if {
	field in {"source", "detail-type"}
	is_any_of(wanted, event[field])
}

# Rules are of one account and region.
takes(field, _, _) if field in {"account", "region"}

takes_detail(field, values, event) if {
	field in {"eventName", "eventSource"}
	is_any_of(values, event[field])
}

# Only calls that succeeded.
takes_detail("errorCode", values, _) if values == [{"exists": false}]

is_any_of(values, text) if {
	is_array(values)
	some value in values
	is_one(value, text)
}

is_one(value, text) if value == text

is_one(value, text) if {
	is_object(value)
	some operator, operand in value
	is_operator(operator, operand, text)
}

is_operator("prefix", operand, text) if {
	is_string(operand)
	startswith(text, operand)
}

is_operator("suffix", operand, text) if {
	is_string(operand)
	endswith(text, operand)
}

is_operator("equals-ignore-case", operand, text) if {
	is_string(operand)
	lower(operand) == lower(text)
}

is_operator("wildcard", operand, text) if {
	is_string(operand)
	aws_iam.matches(operand, text)
}

is_operator("exists", true, _) := true

is_operator("anything-but", operand, text) if {
	is_array(operand)
	not text in operand
}

is_operator("anything-but", operand, text) if {
	is_string(operand)
	operand != text
}
