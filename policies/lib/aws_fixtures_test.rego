# METADATA
# title: Facts of AWS that tests begin with
package keystrel.lib.aws_fixtures_test

now := "2026-11-30T00:00:00Z"

account_id := "111122223333"

# A time so many days before `now`.
ago(days) := time.format(time.parse_rfc3339_ns(now) - (days * 86400000000000))

test_a_day_ago if ago(1) == "2026-11-29T00:00:00Z"

statement(effect, actions, resources, condition) := {
	"Sid": null, "Effect": effect, "Action": actions, "NotAction": null, "Resource": resources, "NotResource": null,
	"Principal": null, "NotPrincipal": null, "Condition": condition,
}

allow(actions, resources) := statement("Allow", actions, resources, {})

deny(actions, resources) := statement("Deny", actions, resources, {})

# A statement of a resource's policy.
principal(kind, values) := object.union(
	{"AWS": [], "Service": [], "Federated": [], "CanonicalUser": []},
	{kind: values},
)

admit(actions, kind, values, condition) := object.union(
	statement("Allow", actions, ["*"], condition),
	{"Principal": principal(kind, values)},
)

document(statements) := {"Version": "2012-10-17", "Statement": statements}

arn(name) := sprintf("arn:aws:iam::%s:%s", [account_id, name])

account(fields) := object.union(
	{
		"kind": "aws_account", "id": arn("root"), "account": account_id, "region": null, "unread": {},
		"AccountAliases": [], "SummaryMap": {"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1},
		"PasswordPolicy": {}, "root_mfa": "hardware", "Organization": {}, "organization_accounts": [],
		"EnabledFeatures": null, "organization_policies": [], "PublicAccessBlockConfiguration": {},
	},
	fields,
)

region(name, fields) := object.union(
	{
		"kind": "aws_region", "id": sprintf("%s#%s", [arn("root"), name]), "account": account_id, "region": name,
		"unread": {}, "detectors": [], "recorders": [],
	},
	fields,
)

identity(kind, name, fields) := object.union(
	{
		"kind": "aws_iam_identity", "id": arn(sprintf("%s/%s", [kind, name])), "account": account_id, "region": null,
		"unread": {}, "identity_kind": kind, "name": name, "Path": "/", "CreateDate": ago(400), "inline_policies": [],
		"AttachedManagedPolicies": [], "PermissionsBoundaryArn": null, "GroupList": [], "members": [],
		"AssumeRolePolicyDocument": null, "RoleLastUsed": null, "Tags": {}, "is_service_linked": false,
	},
	fields,
)

inline(statements) := {"inline_policies": [{"PolicyName": "p", "PolicyDocument": document(statements)}]}

role(statements) := identity("role", "app", inline(statements))

user(statements) := identity("user", "bob", inline(statements))

trusting(statements) := identity("role", "app", {"AssumeRolePolicyDocument": document(statements)})

managed(name, statements) := {
	"kind": "aws_iam_policy", "id": arn(sprintf("policy/%s", [name])), "account": account_id, "region": null,
	"unread": {}, "PolicyName": name, "Path": "/", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0,
	"Document": document(statements), "is_aws_managed": false,
}

attached(name) := {"AttachedManagedPolicies": [{
	"PolicyName": name,
	"PolicyArn": arn(sprintf("policy/%s", [name])),
}]}

of_aws(name, statements) := object.union(managed(name, statements), {
	"id": sprintf("arn:aws:iam::aws:policy/%s", [name]), "is_aws_managed": true,
})

attached_of_aws(name) := {"AttachedManagedPolicies": [{
	"PolicyName": name,
	"PolicyArn": sprintf("arn:aws:iam::aws:policy/%s", [name]),
}]}

key_arn(id) := sprintf("arn:aws:kms:eu-west-1:%s:key/%s", [account_id, id])

# The statement that lets the policies of the account decide.
root_statement := admit(["kms:*"], "AWS", [arn("root")], {})

key(fields) := object.union(
	{
		"kind": "aws_kms_key", "id": key_arn("1"), "account": account_id, "region": "eu-west-1", "unread": {},
		"KeyId": "1", "AWSAccountId": account_id, "CreationDate": ago(100), "Description": "", "KeyUsage": "ENCRYPT_DECRYPT",
		"KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
		"DeletionDate": null, "ValidTo": null, "ExpirationModel": null, "CustomKeyStoreId": null,
		"EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "SigningAlgorithms": [], "MultiRegion": false,
		"MultiRegionConfiguration": null, "KeyRotationEnabled": true, "RotationPeriodInDays": 365,
		"NextRotationDate": null, "Rotations": [], "Policy": document([root_statement]), "Tags": {"owner": "shop"},
		"Aliases": [{"AliasName": "alias/app", "CreationDate": ago(100), "LastUpdatedDate": ago(100)}],
		"LastUsage": {"Operation": "Decrypt", "Timestamp": ago(1)}, "TrackingStartDate": ago(400),
	},
	fields,
)

reference(resource_type, resource) := {
	"kind": "aws_kms_key_reference", "id": sprintf("%s#kms", [resource]), "account": account_id,
	"region": "eu-west-1", "unread": {}, "key": key_arn("1"), "named": "alias/app", "resource": resource,
	"resource_type": resource_type,
}

secret(fields) := object.union(
	{
		"kind": "aws_secret", "id": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-abcdef",
		"account": account_id, "region": "eu-west-1", "unread": {}, "Name": "db", "kms_key_arn": key_arn("1"),
		"current_version_created": ago(10), "DeletedDate": null,
	},
	fields,
)

trail(fields) := object.union(
	{
		"kind": "aws_cloudtrail_trail", "id": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
		"account": account_id, "region": "eu-west-1", "unread": {}, "Name": "main", "S3BucketName": "logs",
		"S3KeyPrefix": null, "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "HomeRegion": "eu-west-1",
		"LogFileValidationEnabled": true, "KmsKeyId": key_arn("1"), "HasInsightSelectors": true,
		"CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*",
		"IsOrganizationTrail": false, "IsLogging": true, "LatestDeliveryTime": now, "LatestDeliveryError": null,
		"StartLoggingTime": ago(300), "StopLoggingTime": null, "LatestCloudWatchLogsDeliveryTime": now,
		"LatestCloudWatchLogsDeliveryError": null, "EventSelectors": [selector({})], "AdvancedEventSelectors": [],
		"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}], "is_owned": true,
	},
	fields,
)

selector(fields) := object.union(
	{
		"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
		"ExcludeManagementEventSources": [],
	},
	fields,
)
