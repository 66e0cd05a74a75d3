# METADATA
# title: What trails of CloudTrail record
package keystrel.lib.aws_trails

import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts

all_trails := facts.of("aws_cloudtrail_trail")

# Those that an audited account owns and can change; members see the trail of their organization too.
owned := [trail |
	some trail in all_trails
	trail.is_owned == true
]

logging := [trail |
	some trail in all_trails
	trail.IsLogging == true
]

# Whether a trail records in a region of an account.
covers(trail, region) if {
	is_seen_by(trail, region)
	trail.IsMultiRegionTrail == true
}

covers(trail, region) if {
	is_seen_by(trail, region)
	trail.HomeRegion == region.region
}

# The trail of an organization is in the inventory once, wherever it was read, and records in all of its accounts.
is_seen_by(trail, region) if trail.account == region.account

is_seen_by(trail, region) if {
	trail.account != region.account
	trail.IsOrganizationTrail == true
	organization_of(trail.account) == organization_of(region.account)
}

organization_of(account) := id if {
	some fact in facts.of("aws_account")
	fact.account == account
	id := aws_iam.object_of(fact, "Organization").Id
}

# Whether a trail records a management event: `{"eventSource", "eventName", "readOnly"}`, the last as text.
records(trail, event) if {
	some selector in aws_iam.list(trail, "EventSelectors")
	selector.IncludeManagementEvents == true
	selector.ReadWriteType in {"All", read_or_write(event)}
	not event.eventSource in aws_iam.list(selector, "ExcludeManagementEventSources")
}

records(trail, event) if {
	some selector in aws_iam.list(trail, "AdvancedEventSelectors")
	takes(selector, event)
}

read_or_write(event) := "ReadOnly" if {
	event.readOnly == "true"
} else := "WriteOnly"

# Whether all fields of an advanced selector take the event. Of fields that differ from call to call, such as who called,
# only what leaves some out takes it: the rest is recorded.
takes(selector, event) if {
	category := fields_of(selector, "eventCategory")
	count(category) > 0
	every field in aws_iam.list(selector, "FieldSelectors") {
		is_taken(field, event)
	}
}

fields_of(selector, name) := [field |
	some field in aws_iam.list(selector, "FieldSelectors")
	field.Field == name
]

known(field, event) := object.get(event, field, "Management") if {
	field == "eventCategory"
} else := "AwsApiCall" if {
	field == "eventType"
} else := event[field]

is_taken(field, event) if {
	value := known(field.Field, event)
	is_positive(field, value)
	not is_negated(field, value)
}

is_taken(field, event) if {
	not known(field.Field, event)
	not has_positive(field)
}

has_positive(field) if {
	some operator in ["Equals", "StartsWith", "EndsWith"]
	count(aws_iam.list(field, operator)) > 0
}

is_positive(field, _) if not has_positive(field)

is_positive(field, value) if value in aws_iam.list(field, "Equals")

is_positive(field, value) if {
	some prefix in aws_iam.list(field, "StartsWith")
	startswith(value, prefix)
}

is_positive(field, value) if {
	some suffix in aws_iam.list(field, "EndsWith")
	endswith(value, suffix)
}

is_negated(field, value) if value in aws_iam.list(field, "NotEquals")

is_negated(field, value) if {
	some prefix in aws_iam.list(field, "NotStartsWith")
	startswith(value, prefix)
}

is_negated(field, value) if {
	some suffix in aws_iam.list(field, "NotEndsWith")
	endswith(value, suffix)
}

# Whether a trail records calls that read a resource: objects of a bucket, or a function. `kind` is as data events call it.
records_data(trail, kind, arn) if {
	some selector in aws_iam.list(trail, "EventSelectors")
	selector.ReadWriteType in {"All", "ReadOnly"}
	some resource in aws_iam.list(selector, "DataResources")
	resource.Type == kind
	some prefix in aws_iam.list(resource, "Values")
	startswith(arn, prefix)
}

records_data(trail, kind, arn) if {
	event := {"eventCategory": "Data", "readOnly": "true", "resources.type": kind, "resources.ARN": arn}
	some selector in aws_iam.list(trail, "AdvancedEventSelectors")
	takes(selector, event)
}

# Whether any trail that is logging records the event in a region.
recorded(region, event) if {
	some trail in logging
	covers(trail, region)
	records(trail, event)
}

# Trails of which it was not read whether they are logging there, or what they record.
undecided(region) := [trail |
	some trail in all_trails
	trail.IsLogging != false
	covers(trail, region)
	aws_iam.unread(trail, status_fields)
]

status_fields := ["IsLogging", "EventSelectors", "AdvancedEventSelectors"]

# Regions of an account, by name.
regions_of(account) := {fact.region: fact |
	some fact in facts.of("aws_region")
	fact.account == account.account
}
