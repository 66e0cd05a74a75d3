"""Secrets: a sound one, and for each control one that has its defect alone."""

import json

import boto3
from moto.awslambda.models import lambda_backends
from moto.secretsmanager.models import ReplicaSecret, secretsmanager_backends

from plan import ACCOUNT, OTHER, REGION, ago, allow, deny, document, trust
import plant_code

TLS = deny(
    "secretsmanager:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}
)


def backend(region=REGION):
    return secretsmanager_backends[ACCOUNT][region]


def key_arn(made, alias="alias/secrets"):
    for one in made.client("kms").list_aliases()["Aliases"]:
        if one["AliasName"] == alias:
            return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{one['TargetKeyId']}"
    raise KeyError(alias)


def secret(made, name, tags=None, rotation=30, function="rotate", key=None, policy=None, age=10, value=True, **extra):
    """A secret that is rotated, used, owned and encrypted with a key of ours; `age` in days is that of its value."""
    tags = {"owner": "team", **(tags or {})}
    client = made.client("secretsmanager")
    more = {"SecretString": made.value()} if value else {}
    if key != "default":
        more["KmsKeyId"] = key or key_arn(made)
    arn = client.create_secret(
        Name=name, Tags=[{"Key": k, "Value": v} for k, v in tags.items() if v is not None], **more
    )["ARN"]
    if policy:
        client.put_resource_policy(SecretId=arn, ResourcePolicy=document(*policy))
    one = backend().secrets[name]
    created = ago(age).timestamp()
    one.created_date = one.last_changed_date = int(created)
    for version in one.versions.values():
        version["createdate"] = int(created)
    if rotation:
        one.rotation_requested = one.rotation_enabled = True
        one.auto_rotate_after_days = rotation
        one.rotation_lambda_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
        one.last_rotation_date = int(created)
        one.next_rotation_date = int(ago(age - rotation).timestamp())
    one.extra = {"LastAccessedDate": int(ago(1).timestamp()), **extra}
    return arn, one


def statement(effect="Allow", principal="*", action="secretsmanager:GetSecretValue", **more):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def good(made):
    plant_code.function(made, "rotate")
    secret(made, "app/sound")
    secret(made, "app/shared-inside", policy=[TLS, statement(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"})])
    _, one = secret(made, "app/rotated")
    one.versions["before"] = {
        "secret_string": made.value(), "version_id": "before", "version_stages": ["AWSPREVIOUS"],
        "createdate": int(ago(40).timestamp()),
    }
    secret(made, "app/by-hand", rotation=None, tags={"rotation": "external"})
    secret(
        made, "app/restricted", tags={"data-class": "restricted"},
        policy=[TLS, statement("Deny", Condition={"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}})],
    )


def bad(made, key):
    def plant(control, arn, *more):
        made.expect(control, arn)
        for other in more:
            made.expect(other, arn)

    def simple(control, *more, **settings):
        arn, one = secret(made, f"bad/{control.removeprefix('aws-sm-')}", **settings)
        plant(control, arn, *more)
        return arn, one

    simple("aws-sm-rotation-enabled", rotation=None)
    _, one = simple("aws-sm-rotation-overdue")
    one.next_rotation_date = int(ago(3).timestamp())
    _, one = simple("aws-sm-rotation-never-succeeded", age=60)
    one.last_rotation_date = None
    one.next_rotation_date = int(ago(-5).timestamp())
    _, one = simple("aws-sm-rotation-pending-stuck")
    one.versions["pending"] = {
        "secret_string": made.value(), "version_id": "pending", "version_stages": ["AWSPENDING"],
        "createdate": int(ago(3).timestamp()),
    }
    simple("aws-sm-rotation-interval", rotation=120)
    simple("aws-sm-value-age", rotation=None, age=200, tags={"rotation": "external"})
    _, one = simple("aws-sm-manual-rotation-drift")
    for version in one.versions.values():
        version["createdate"] = int(ago(2).timestamp())
    one.last_changed_date = int(ago(2).timestamp())
    simple("aws-sm-unused", LastAccessedDate=int(ago(100).timestamp()))
    _, one = simple("aws-sm-version-sprawl")
    for index in range(4):
        one.versions[f"kept-{index}"] = {
            "secret_string": made.value(), "version_id": f"kept-{index}", "version_stages": [f"kept-{index}"],
            "createdate": int(ago(20).timestamp()),
        }
    simple("aws-sm-no-value", value=False, rotation=None)
    simple("aws-sm-tags-owner", tags={"owner": None})
    _, one = simple("aws-sm-secret-in-description")
    one.description = f"the old token was {made.github_token()}"
    simple("aws-sm-managed-external-rotation", rotation=None, tags={"aws:secretsmanager:owningService": "rds"})

    # Functions that rotate.
    made.expect("aws-sm-rotation-lambda-missing", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gone#rotation")
    secret(made, "bad/rotation-lambda-missing", function="gone")
    plant_code.function(made, "rotate-open", role="rotator-wide")
    made.expect("aws-sm-rotation-lambda-open", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate-open#rotation")
    secret(made, "bad/rotation-lambda-open", function="rotate-open")
    plant_code.function(made, "rotate-old", runtime="python3.7")
    made.expect("aws-sm-rotation-runtime-eol", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate-old#rotation")
    secret(made, "bad/rotation-runtime-eol", function="rotate-old")

    # Policies.
    simple("aws-sm-policy-public", policy=[TLS, statement()])
    simple("aws-sm-policy-cross-account", policy=[TLS, statement(principal={"AWS": f"arn:aws:iam::{OTHER}:root"})])
    simple(
        "aws-sm-policy-wildcard-action",
        policy=[TLS, statement(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}, action="secretsmanager:*")],
    )
    simple(
        "aws-sm-policy-wildcard-principal-cond",
        policy=[TLS, statement(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}})],
    )
    simple("aws-sm-policy-confused-deputy", policy=[TLS, statement(principal={"Service": "serverlessrepo.amazonaws.com"})])
    simple("aws-sm-policy-dangling-principal", policy=[TLS, statement(principal={"AWS": "AROA" + "A" * 17})])
    simple(
        "aws-sm-policy-no-tls", policy=[statement(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"})],
    )
    simple("aws-sm-policy-no-deny-guard", tags={"data-class": "restricted"})
    guard = statement("Deny", Condition={"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}})
    simple("aws-sm-cmk", key="default", tags={"data-class": "restricted"}, policy=[TLS, guard])
    simple(
        "aws-sm-cmk-required-cross-account", "aws-sm-policy-cross-account", key="default",
        policy=[TLS, statement(principal={"AWS": OTHER})],
    )

    # Keys.
    simple("aws-sm-kms-unusable", key=key_arn(made, "alias/disabled"))
    simple("aws-sm-kms-cross-account", key=f"arn:aws:kms:{REGION}:{OTHER}:key/11111111-2222-3333-4444-555555555555")

    # Replicas.
    simple("aws-sm-no-replica", tags={"tier": "critical"})
    for control, status in (("aws-sm-replica-failed", "Failed"), ("aws-sm-replica-default-kms", None)):
        _, one = simple(control, PrimaryRegion=REGION)
        made.expect("aws-sm-replica-region-not-allowed", one.arn)
        copy = ReplicaSecret(one, "eu-west-1", status)
        if control == "aws-sm-replica-failed":
            copy.config["KmsKeyId"] = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-3333-4444-555555555555"
        one.replicas = [copy]

    # Scheduled for deletion while a service names it.
    arn, one = simple("aws-sm-pending-deletion")
    one.extra["LastAccessedDate"] = int(ago(100).timestamp())
    made.gone = arn


def many(made, count):
    client = made.client("secretsmanager")
    for index in range(count):
        client.create_secret(Name=f"app/{index:05}", SecretString=f"value-{index}")
