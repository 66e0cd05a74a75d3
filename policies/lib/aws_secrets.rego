# METADATA
# title: Secrets of AWS, and what uses them
package keystrel.lib.aws_secrets

import data.keystrel.lib.age
import data.keystrel.lib.aws_iam
import data.keystrel.lib.facts
import data.keystrel.lib.gaps

# Why a field of a fact is not known; undefined where it is. Null is known: there is none.
untold(fact, field) := sprintf("`%s` could not be read: %v", [field, aws_iam.object_of(fact, "unread")[field]]) if {
	field in object.keys(aws_iam.object_of(fact, "unread"))
} else := sprintf("the fact does not say its `%s`", [field]) if {
	not field in object.keys(fact)
}

# Whether all of the fields are known. Asked of every fact by every control, so that it compares sets.
is_told(fact, fields) if lacks_none(fact, {field | some field in fields})

lacks_none(fact, fields) if {
	count(fields - object.keys(fact)) == 0
	count(fields & object.keys(aws_iam.object_of(fact, "unread"))) == 0
}

# The facts of which all of the fields are known.
told(subjects, fields) := [fact |
	wanted := {field | some field in fields}
	some fact in subjects
	lacks_none(fact, wanted)
]

# What a control says of the facts of which it would have to know more.
unknown(subjects, fields) := {{"fact": fact.id, "unknown": why} |
	wanted := {field | some field in fields}
	some fact in subjects
	not lacks_none(fact, wanted)
	some field in fields
	why := untold(fact, field)
}

# A list of a fact, empty where it has none.
list(fact, field) := fact[field] if {
	is_array(fact[field])
} else := []

# What a message calls a fact: its name, where it has one.
named(fact) := sprintf("`%s`", [names[0]]) if {
	names := [name |
		some field in ["Name", "name", "FunctionName", "family", "StackName", "DomainName", "logGroupName"]
		name := fact[field]
		is_string(name)
	]
	count(names) > 0
} else := sprintf("`%s`", [fact.id])

all_secrets := facts.of("aws_secret")

# Secrets that are in use or could be: not scheduled for deletion.
active contains secret if {
	some secret in all_secrets
	not is_string(object.get(secret, "DeletedDate", null))
}

# Secrets that are written here. Replicas get value, tags, rotation and resource policy from their primary.
primary contains secret if {
	some secret in active
	object.get(secret, "is_replica", false) != true
}

# Secrets that are managed here, and not by the AWS service that made them.
own contains secret if {
	some secret in primary
	not owner_of(secret)
}

# The AWS service that made a secret; undefined for others.
owner_of(secret) := trim_suffix(service, ".amazonaws.com") if {
	service := secret.OwningService
	is_string(service)
	service != ""
}

# A secret by its id.
secret_by_id := {secret.id: secret | some secret in all_secrets}

# The labels of each version of a secret.
stages_of(secret) := {version: stages |
	some version, stages in aws_iam.object_of(secret, "SecretVersionsToStages")
	is_array(stages)
}

# Whether a secret holds a value.
has_value(secret) if {
	some stages in stages_of(secret)
	"AWSCURRENT" in stages
}

# Whether a secret has one of the tags, `key=value`, in any case.
is_tagged(secret, tags) if {
	wanted := {lower(tag) | some tag in tags}
	some key, value in tags_of(secret)
	lower(sprintf("%s=%s", [key, text(value)])) in wanted
}

# Keys of the tags of a secret that have a value, in lower case.
tag_keys(secret) := {lower(key) |
	some key, value in tags_of(secret)
	text(value) != ""
}

tags_of(secret) := secret.Tags if {
	is_object(secret.Tags)
} else := {}

text(value) := value if {
	is_string(value)
} else := ""

# regorus has constants of another package undefined in functions, so that these are not those of `age`.
seconds_per_hour := 3600

ns_per_day := 86400000000000

# Days between two times, with a fraction; less than 0 where the second is the earlier. Undefined where one is none.
days_between(earlier, later) := (time.parse_rfc3339_ns(later) - time.parse_rfc3339_ns(earlier)) / ns_per_day if {
	age.is_time(earlier)
	age.is_time(later)
}

# Hours from a time to the time of the inventory, with a fraction.
hours_since(past) := age.seconds_since(past) / seconds_per_hour

# The day of a time, for messages.
day(value) := substring(value, 0, 10) if {
	age.is_time(value)
} else := "a day unknown"

# A key by its id.
key_by_id := {key.id: key | some key in facts.of("aws_kms_key")}

# States of a key in which it decrypts nothing. `Creating` and `Updating` pass by themselves.
unusable_states := {"Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable"}

# What is wrong with the key that encrypts a secret or parameter; undefined where it works, or that is not known.
key_fault(fact) := sprintf("key %s is %s", [fact.kms_key_arn, key_by_id[fact.kms_key_arn].KeyState]) if {
	is_string(fact.kms_key_arn)
	key_by_id[fact.kms_key_arn].KeyState in unusable_states
} else := sprintf("key %s does not exist", [fact.kms_key_arn]) if {
	is_string(fact.kms_key_arn)
	not key_by_id[fact.kms_key_arn]
	contains(fact.kms_key_arn, ":key/")
	aws_iam.account_of(fact.kms_key_arn) == fact.account
	region_of(fact.kms_key_arn) == fact.region
	gaps.none("aws_kms_key")
}

# The region of an ARN; undefined where it has none.
region_of(arn) := region if {
	region := split(arn, ":")[3]
	region != ""
}

# How bad an account is that is not known as ours: one degree less while the accounts of the organization are not known,
# as in all accounts but a few.
default stranger_severity := "medium"

stranger_severity := "high" if {
	count(facts.of("aws_account")) > 0
	gaps.none("aws_account")
	every owner in facts.of("aws_account") {
		knows_organization(owner)
	}
}

knows_organization(owner) if is_array(owner.organization_accounts)

knows_organization(owner) if {
	is_told(owner, ["Organization"])
	owner.Organization == {}
}

# Findings for facts in which secrets were found, one a fact, one degree below `severity` where all are told by their
# names and form alone.
leaking(kind, severity) := {finding |
	some fact in told(facts.of(kind), ["leaks"])
	count(list(fact, "leaks")) > 0
	finding := {
		"fact": fact.id,
		"message": sprintf("%s: %s", [named(fact), leaks_text(fact.leaks)]),
		"severity": leak_severity(fact.leaks, severity),
	}
}

leak_severity(leaks, severity) := severity if {
	some leak in leaks
	leak.confidence == "known"
} else := {"critical": "high", "high": "medium", "medium": "low"}[severity]

# Up to three places with their rules, and how many more there are.
leaks_text(leaks) := sprintf("%s and %d more hold secrets", [concat(", ", array.slice(places(leaks), 0, 3)), count(leaks) - 3]) if {
	count(leaks) > 3
} else := sprintf("%s hold secrets", [concat(", ", places(leaks))]) if {
	count(leaks) > 1
} else := sprintf("%s holds a secret", [concat(", ", places(leaks))])

places(leaks) := [sprintf("%s (%s)", [leak.where, leak.rule]) | some leak in leaks]

# Why it is not known whether the key works; undefined where it is.
key_unknown(fact) := sprintf("the state of key %s could not be read: %s", [fact.kms_key_arn, why]) if {
	is_string(fact.kms_key_arn)
	why := aws_iam.unread(key_by_id[fact.kms_key_arn], ["KeyState"])
} else := sprintf("key %s was not read", [fact.kms_key_arn]) if {
	is_string(fact.kms_key_arn)
	not key_by_id[fact.kms_key_arn]
	not key_fault(fact)
} else := sprintf("the alias %v of its key could not be resolved", [object.get(fact, "KmsKeyId", object.get(fact, "KeyId", null))]) if {
	not is_string(fact.kms_key_arn)
	fact.kms_key_is_default == false
}
