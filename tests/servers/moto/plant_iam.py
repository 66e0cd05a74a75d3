"""Identities, their policies and credentials."""

from moto.iam.models import iam_backends

from plan import ACCOUNT, OTHER, REGION, ago, allow, deny, document, trust

IN_USE = trust({"Service": "lambda.amazonaws.com"})


def backend():
    return iam_backends[ACCOUNT]["aws"]


def role(made, name, assumed_by=IN_USE, inline=None, managed=(), boundary=None):
    iam = made.client("iam")
    if name in {one.name for one in backend().roles.values()}:
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"
    settings = {"PermissionsBoundary": boundary} if boundary else {}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=assumed_by, **settings)["Role"]["Arn"]
    if inline:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*inline))
    for one in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=one)
    return arn


def user(made, name, inline=None, password=False):
    iam = made.client("iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if inline:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*inline))
    if password:
        iam.create_login_profile(UserName=name, Password=made.value())
    return arn


def key(made, name, age, used):
    """An access key of a user; ages in days."""
    made_key = made.client("iam").create_access_key(UserName=name)["AccessKey"]
    made.values.append(made_key["SecretAccessKey"])
    for one in backend().users[name].access_keys:
        if one.access_key_id == made_key["AccessKeyId"]:
            one.create_date = ago(age)
            if used is not None and one.last_used:
                one.last_used.timestamp = ago(used)
            elif used is not None:
                from moto.iam.models import AccessKeyLastUsed

                one.last_used = AccessKeyLastUsed(timestamp=ago(used), service="s3", region=REGION)
    return f"arn:aws:iam::{ACCOUNT}:user/{name}#access-key/{made_key['AccessKeyId']}"


def good(made):
    one = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/sound-*"
    role(made, "app", inline=[allow("secretsmanager:GetSecretValue", one)])
    role(made, "rotator", inline=[allow(["secretsmanager:PutSecretValue", "secretsmanager:DescribeSecret"], one)])
    made.client("iam").update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, PasswordReusePrevention=24, MaxPasswordAge=90,
    )
    user(made, "ci", inline=[allow("s3:GetObject", "arn:aws:s3:::builds/*")])
    key(made, "ci", 30, 1)
    user(made, "plain")


def bad(made):
    iam = made.client("iam")

    def simple(control, *more, **settings):
        arn = role(made, control, **settings)
        for name in (control, *more):
            made.expect(name, arn)
        return arn

    # What policies give.
    admin = iam.create_policy(PolicyName="our-admin", PolicyDocument=document(allow("*")))["Policy"]["Arn"]
    role(made, "administers", managed=[admin])
    made.expect("aws-iam-admin", admin)
    made.expect("aws-iam-unattached-admin", iam.create_policy(
        PolicyName="unattached-admin", PolicyDocument=document(allow("*")))["Policy"]["Arn"])
    simple("aws-iam-managed-admin-attached", managed=["arn:aws:iam::aws:policy/AdministratorAccess"])
    made.expect("aws-iam-getsecret-wildcard", *(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in (
        "administers", "aws-iam-managed-admin-attached")))
    simple("aws-iam-notaction-allow", "aws-iam-assume-role-wildcard", "aws-iam-cloudtrail-full", "aws-iam-kms-full",
           "aws-iam-credential-exposure-actions", "aws-iam-getsecret-wildcard", "aws-iam-privesc", "aws-iam-sm-full",
           "aws-iam-ssm-getparameter-wildcard", inline=[{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}])
    simple("aws-iam-getsecret-wildcard", inline=[allow("secretsmanager:GetSecretValue")])
    simple("aws-iam-sm-full", "aws-iam-getsecret-wildcard", inline=[allow("secretsmanager:*")])
    simple("aws-iam-sm-policy-escalation", inline=[allow("secretsmanager:PutResourcePolicy")])
    simple(
        "aws-iam-batchget-listing", "aws-iam-getsecret-wildcard",
        inline=[allow(["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"])],
    )
    simple("aws-iam-kms-decrypt-wildcard", inline=[allow("kms:Decrypt")])
    simple("aws-iam-kms-full", inline=[allow("kms:*")])
    simple("aws-iam-ssm-getparameter-wildcard", inline=[allow("ssm:GetParameter")])
    simple("aws-iam-privesc", inline=[allow("iam:CreatePolicyVersion")])
    simple("aws-iam-credential-exposure-actions", inline=[allow("sts:GetFederationToken")])
    simple("aws-iam-permission-boundary", "aws-iam-privesc", inline=[allow(["iam:CreateRole", "iam:PutRolePolicy"])])
    simple("aws-iam-assume-role-wildcard", inline=[allow("sts:AssumeRole")])
    simple("aws-iam-cloudtrail-full", inline=[allow("cloudtrail:StopLogging")])
    role(made, "rotator-wide", inline=[allow("secretsmanager:*")])
    for control in ("aws-iam-sm-full", "aws-iam-getsecret-wildcard"):
        made.expect(control, f"arn:aws:iam::{ACCOUNT}:role/rotator-wide")

    # Who may assume them.
    simple("aws-iam-role-trust-public", assumed_by=trust({"AWS": "*"}))
    simple("aws-iam-role-trust-cross-account", assumed_by=trust({"AWS": f"arn:aws:iam::{OTHER}:root"}))
    simple("aws-iam-role-confused-deputy", assumed_by=trust({"Service": "cloudtrail.amazonaws.com"}))
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    simple("aws-iam-oidc-wildcard-sub", assumed_by=trust({"Federated": provider}))

    # Users, and what they have.
    own = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/sound-*"
    made.expect("aws-iam-inline-policy", user(made, "reads", inline=[allow("secretsmanager:GetSecretValue", own)]))
    arn = user(made, "reads-by-key", inline=[allow("secretsmanager:GetSecretValue", own)])
    made.expect("aws-iam-inline-policy", arn)
    made.expect("aws-iam-user-long-lived", arn)
    key(made, "reads-by-key", 5, 1)
    user(made, "old-key")
    made.expect("aws-iam-access-key-age", key(made, "old-key", 120, 1))
    user(made, "unused-key")
    made.expect("aws-iam-access-key-unused", key(made, "unused-key", 60, 50))
    user(made, "two-keys")
    older, _ = key(made, "two-keys", 30, 1), key(made, "two-keys", 20, 1)
    made.expect("aws-iam-two-active-keys", older)
    arn = user(made, "no-mfa", password=True)
    made.expect("aws-iam-console-no-mfa", f"{arn}#credential-report")
    backend().users["no-mfa"].password_last_used = ago(1)
    made.client("iam").update_account_password_policy(MinimumPasswordLength=6)
    # Moto's root user has no second factor.
    for control in ("aws-iam-password-policy", "aws-iam-root-mfa"):
        made.expect(control, f"arn:aws:iam::{ACCOUNT}:root")
