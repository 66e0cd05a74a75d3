"""Trails, their buckets, alarms; what regions have switched on."""

import json

from plan import ACCOUNT, REGION, ago, allow, document
from plant_secrets import key_arn

ACCOUNT_FACT = f"arn:aws:iam::{ACCOUNT}:root"


def bucket(made, name, lock=True, log_to=None):
    s3 = made.client("s3")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
    if lock:
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}},
        )
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
        },
    )
    if log_to:
        s3.put_bucket_logging(
            Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": log_to, "TargetPrefix": "access/"}}
        )


def trail(made, name, bucket_name, logs=True, validates=True, key=None, group=None, multi=True):
    trails = made.client("cloudtrail")
    settings = {}
    if key:
        settings["KmsKeyId"] = key
    if group:
        settings.update(CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/app")
    arn = trails.create_trail(
        Name=name, S3BucketName=bucket_name, IsMultiRegionTrail=multi, IncludeGlobalServiceEvents=multi,
        EnableLogFileValidation=validates, **settings,
    )["TrailARN"]
    if logs:
        trails.start_logging(Name=arn)
    return arn


def good(made):
    logs = made.client("logs")
    logs.create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"
    made.client("s3").create_bucket(Bucket="access-logs", ACL="log-delivery-write", ObjectOwnership="BucketOwnerPreferred")
    bucket(made, "sound-trail", log_to="access-logs")
    arn = trail(made, "sound", "sound-trail", key=key_arn(made), group=group)
    made.client("cloudtrail").put_insight_selectors(
        TrailName=arn, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
    )
    made.client("cloudtrail").put_event_selectors(
        TrailName=arn, EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    # Moto's root user has no second factor. It has no analyzers either, and cannot list them: unknown, and no finding.
    made.expect("aws-iam-root-mfa", ACCOUNT_FACT)
    events = made.client("events")
    for name, pattern in (
        ("keys", {"source": ["aws.kms"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}}),
        ("secrets", {"source": ["aws.secretsmanager"], "detail": {"eventName": [
            "DeleteSecret", "PutResourcePolicy", "RotationFailed", "CancelRotateSecret"]}}),
    ):
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED")
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarm"}])
    made.client("guardduty").create_detector(Enable=True)
    config = made.client("config")
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/app",
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    })
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "sound-trail"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def bad(made):
    s3 = made.client("s3")
    s3.create_bucket(Bucket="bad-trail")
    s3.put_bucket_acl(Bucket="bad-trail", ACL="public-read")
    # It would be judged with the account's own block, which moto does not have.
    arn = trail(made, "bad", "bad-trail", logs=False, validates=False)
    for control in ("aws-ct-validation", "aws-ct-cmk"):
        made.expect(control, arn)
    for control in ("aws-ct-bucket-public", "aws-ct-bucket-lock", "aws-ct-bucket-access-logging"):
        made.expect(control, "arn:aws:s3:::bad-trail")
    for control in ("aws-ct-none-logging", "aws-ct-mgmt-events-read-write", "aws-ct-alert-kms-deletion", "aws-ct-alert-secret-events"):
        made.expect(control, ACCOUNT_FACT)
    for control in ("aws-guardduty-off", "aws-config-recorder-secrets", "aws-ct-coverage-secret-region"):
        made.expect(control, f"{ACCOUNT_FACT}#{REGION}")
