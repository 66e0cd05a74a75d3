# METADATA
# title: Facts for tests of the policies on secrets of AWS, with every field, and nothing wrong with them
package keystrel.lib.aws_secrets_fixtures_test

import data.keystrel.lib.aws_secrets

now := "2026-11-30T00:00:00Z"

# An inventory of facts without gaps.
inventory(facts) := {"now": now, "facts": facts, "gaps": []}

# The defaults of the controls that have a threshold.
params := {
	"aws-sm-weak-value": {"threshold": 16},
	"aws-acm-expiry": {"threshold": 30},
	"aws-acm-weak-key": {"threshold": 2048},
	"aws-lambda-env-cmk": {"threshold": "named"},
	"aws-sm-bulk-read": {"threshold": 25},
	"aws-sm-cmk": {"threshold": ["data-class=restricted"]},
	"aws-sm-denied-burst": {"threshold": 20},
	"aws-sm-kms-cross-account": {"threshold": []},
	"aws-sm-managed-external-rotation": {"threshold": ["rds", "redshift", "ecs-sc"]},
	"aws-sm-manual-rotation-drift": {"threshold": 1},
	"aws-sm-no-replica": {"threshold": ["tier=critical"]},
	"aws-sm-no-value": {"threshold": 24},
	"aws-sm-pending-deletion": {"threshold": 14},
	"aws-sm-policy-cross-account": {"threshold": []},
	"aws-sm-policy-no-deny-guard": {"threshold": ["data-class=restricted"]},
	"aws-sm-policy-wildcard-principal-cond": {"threshold": 24},
	"aws-sm-previous-still-valid": {"threshold": 7},
	"aws-sm-rds-not-managed": {"threshold": ["aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres", "oracle", "sqlserver", "db2"]},
	"aws-sm-read-by-human": {"threshold": ["prod", "production", "prd", "live"]},
	"aws-sm-replica-failed": {"threshold": 24},
	"aws-sm-replica-region-not-allowed": {"threshold": []},
	"aws-sm-rotation-enabled": {"threshold": ["rotation=external"]},
	"aws-sm-rotation-interval": {"threshold": 90},
	"aws-sm-rotation-never-succeeded": {"threshold": 24},
	"aws-sm-rotation-overdue": {"threshold": 24},
	"aws-sm-rotation-pending-stuck": {"threshold": 24},
	"aws-sm-rotation-runtime-eol": {"threshold": 0},
	"aws-sm-shared-by-many": {"threshold": 5},
	"aws-sm-short-recovery": {"threshold": 30},
	"aws-sm-tags-owner": {"threshold": ["owner"]},
	"aws-sm-unused": {"threshold": 90},
	"aws-sm-value-age": {"threshold": 90},
	"aws-sm-version-sprawl": {"threshold": 3},
	"aws-ssm-param-age": {"threshold": 90},
	"aws-ssm-param-expiring": {"threshold": 14},
	"aws-ssm-param-no-expiry": {"threshold": ["Advanced"]},
	"aws-ssm-param-shared": {"threshold": []},
	"aws-ssm-param-version-label-sprawl": {"threshold": 50},
}

# The parameters with another threshold for one control.
with_threshold(id, threshold) := object.union(object.remove(params, [id]), {id: {"threshold": threshold}})

# A fact with some of its fields replaced.
changed(fact, changes) := object.union(object.remove(fact, object.keys(changes)), changes)

# What was found, without the ids.
messages(found) := {finding.message | some finding in found}

severities(found) := {object.get(finding, "severity", "default") | some finding in found}

# Whether nothing is found and something is not known.
is_unknown(found) if {
	count(found) > 0
	every finding in found {
		is_string(finding.unknown)
	}
}

# Whether a control says `unknown` of a fact that lacks any of the fields, and of one of which any could not be read.
# Arguments are what it says of each variant.
variants(fact, fields) := {variant |
	some field in fields
	some variant in [
		object.remove(fact, [field]),
		changed(fact, {field: null, "unread": {field: "AccessDeniedException at Something"}}),
	]
}

account := "111122223333"

secret_arn := "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf"

key_arn := "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

function_arn := "arn:aws:lambda:eu-west-1:111122223333:function:rotate"

role_arn := "arn:aws:iam::111122223333:role/rotate"

secret(changes) := changed(
	{
		"kind": "aws_secret", "id": secret_arn, "account": account, "region": "eu-west-1",
		"ARN": secret_arn, "Name": "shop/db", "Description": null, "Type": null, "OwningService": null,
		"KmsKeyId": null, "kms_key_arn": null, "kms_key_is_default": true,
		"RotationEnabled": true, "RotationLambdaARN": function_arn,
		"RotationRules": {"AutomaticallyAfterDays": 30, "Duration": null, "ScheduleExpression": "rate(30 days)"},
		"rotation_interval_days": 30, "rotation_window_hours": 24,
		"LastRotatedDate": "2026-11-20T01:00:00Z", "LastChangedDate": "2026-11-20T01:00:00Z",
		"LastAccessedDate": "2026-11-29T00:00:00Z", "NextRotationDate": "2026-12-20T23:59:59Z",
		"DeletedDate": null, "CreatedDate": "2025-01-01T00:00:00Z",
		"Tags": {"owner": "shop"}, "SecretVersionsToStages": {"v2": ["AWSCURRENT"], "v1": ["AWSPREVIOUS"]},
		"PrimaryRegion": null, "is_replica": false, "Versions": null,
		"current_version_created": "2026-11-20T00:59:00Z", "pending_version_created": null,
		"previous_version_accessed": "2026-11-20T00:00:00Z", "ReplicationStatus": [], "ResourcePolicy": null,
		"leaks": [], "unread": {},
	},
	changes,
)

# A statement that allows an account of ours to read, with some of its fields replaced.
statement(changes) := changed(
	{
		"Sid": "Read", "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "NotAction": null,
		"Resource": ["*"], "NotResource": null, "Principal": aws_principals(["arn:aws:iam::111122223333:role/shop"]),
		"NotPrincipal": null, "Condition": {},
	},
	changes,
)

aws_principals(names) := {"AWS": names, "Service": [], "Federated": [], "CanonicalUser": []}

services(names) := {"AWS": [], "Service": names, "Federated": [], "CanonicalUser": []}

document(statements) := {"Version": "2012-10-17", "Statement": statements}

# A secret with a resource policy of one statement.
secret_with(changes) := secret({"ResourcePolicy": document([statement(changes)])})

owner := {
	"kind": "aws_account", "id": "arn:aws:iam::111122223333:root", "account": account, "region": null,
	"Organization": {"Id": "o-ours000000", "MasterAccountId": "999988887777"},
	"organization_accounts": [account, "444455556666"], "unread": {},
}

key(changes) := changed(
	{
		"kind": "aws_kms_key", "id": key_arn, "account": account, "region": "eu-west-1", "KeyState": "Enabled",
		"KeyManager": "CUSTOMER", "DeletionDate": null, "unread": {},
	},
	changes,
)

function(changes) := changed(
	{
		"kind": "aws_rotation_function", "id": sprintf("%s#rotation", [function_arn]), "account": account,
		"region": "eu-west-1", "FunctionArn": function_arn, "secrets": [secret_arn], "exists": true, "State": "Active",
		"StateReasonCode": null, "LastUpdateStatus": "Successful", "LastUpdateStatusReasonCode": null,
		"Runtime": "python3.14", "PackageType": "Zip", "Role": role_arn,
		"Policy": document([invocation({})]), "last_error": null, "unread": {},
	},
	changes,
)

# A statement that lets Secrets Manager invoke a function.
invocation(changes) := changed(
	statement({
		"Sid": "secretsmanager", "Action": ["lambda:InvokeFunction"],
		"Principal": services(["secretsmanager.amazonaws.com"]),
		"Condition": {"StringEquals": {"AWS:SourceAccount": [account]}},
	}),
	changes,
)

# The role of a rotation function, with one statement in a policy of its own.
role(statements) := {
	"kind": "aws_iam_identity", "id": role_arn, "account": account, "region": null, "identity_kind": "role",
	"name": "rotate", "inline_policies": [{"PolicyName": "own", "PolicyDocument": document(statements)}],
	"AttachedManagedPolicies": [], "unread": {},
}

event(changes) := changed(
	{
		"kind": "aws_secret_event", "id": sprintf("%s#event/1", [secret_arn]), "account": account,
		"region": "eu-west-1", "EventName": "DeleteSecret", "EventTime": "2026-11-25T12:00:00Z", "secret": secret_arn,
		"principal": "arn:aws:iam::111122223333:role/admin", "principal_kind": "role", "errorCode": null,
		"recoveryWindowInDays": null, "forceDeleteWithoutRecovery": false, "blockPublicPolicy": null, "unread": {},
	},
	changes,
)

# Reads of a secret by a role.
read(name, changes) := changed(
	{
		"kind": "aws_secret_read", "id": sprintf("%s#reads/%s", [secret_arn, name]), "account": account,
		"region": "eu-west-1", "secret": secret_arn, "principal": sprintf("arn:aws:iam::111122223333:role/%s", [name]),
		"principal_kind": "role", "count": 4, "first": "2026-11-21T00:00:00Z", "last": "2026-11-28T10:00:00Z",
		"from_console": false, "last_previous": null, "window_start": "2026-09-01T00:00:00Z", "unread": {},
	},
	changes,
)

activity(changes) := changed(
	{
		"kind": "aws_secret_reader_activity", "id": sprintf("%s#reads/eu-west-1", [role_arn]), "account": account,
		"region": "eu-west-1", "principal": role_arn, "principal_kind": "role", "window_start": "2026-09-01T00:00:00Z",
		"max_secrets_per_hour": 25, "max_secrets_at": "2026-11-28T10:00:00Z", "max_denied_per_hour": 20,
		"max_denied_at": "2026-11-28T11:00:00Z", "unread": {},
	},
	changes,
)

reference(changes) := changed(
	{
		"kind": "aws_secret_reference", "id": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7#secrets.DB",
		"account": account, "region": "eu-west-1",
		"consumer": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7",
		"consumer_kind": "aws_ecs_task_definition", "where": "containerDefinitions.web.secrets.DB",
		"store": "secretsmanager", "reference": secret_arn, "target": secret_arn, "is_readable": true, "in_use": true,
		"unread": {},
	},
	changes,
)

parameter(changes) := changed(
	{
		"kind": "aws_ssm_parameter", "id": "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db", "account": account,
		"region": "eu-west-1", "Name": "/shop/db", "ARN": "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db",
		"Type": "SecureString", "KeyId": key_arn, "LastModifiedDate": "2026-11-01T00:00:00Z", "Description": null,
		"Version": 3, "Tier": "Standard", "DataType": "text", "Policies": [], "kms_key_arn": key_arn,
		"kms_key_is_default": false, "resource_policies": [], "shared_with": [], "name_is_secret": true,
		"value_is_secret": null, "leaks": [], "unread": {},
	},
	changes,
)

# A fact of a kind of which only `leaks` matters.
leaky(kind, leaks) := {
	"kind": kind, "id": "arn:aws:example:eu-west-1:111122223333:thing/web", "account": account, "region": "eu-west-1",
	"name": "web", "leaks": leaks, "unread": {},
}

leak(place, confidence) := {"where": place, "rule": "example-rule", "confidence": confidence}

test_what_is_complete_is_told if {
	aws_secrets.is_told(secret({}), ["Name", "ResourcePolicy"])
	not aws_secrets.is_told(object.remove(secret({}), ["Name"]), ["Name"])
	not aws_secrets.is_told(secret({"unread": {"Name": "denied"}}), ["Name"])
}

test_a_field_that_is_replaced_is_not_merged if secret({"Tags": {"a": "b"}}).Tags == {"a": "b"}
