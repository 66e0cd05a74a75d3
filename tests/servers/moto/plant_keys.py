"""Keys of KMS."""

from moto.kms.models import kms_backends

from plan import ACCOUNT, OTHER, REGION, ago, allow, document

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def statements(*more):
    """A sound policy: the account administers, one role uses, for secrets alone."""
    return [
        allow(["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Schedule*", "kms:Disable*", "kms:Enable*"],
              Principal={"AWS": ROOT}),
        allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"},
              Condition={"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}),
        *more,
    ]


def key(made, name, policy=None, tags=None, rotates=True, age=20, **more):
    """A key that rotates, has an owner and an alias; gives its ARN and moto's own object."""
    kms = made.client("kms")
    tags = {"owner": "team"} if tags is None else tags
    more.setdefault("KeyUsage", "ENCRYPT_DECRYPT")
    arn = kms.create_key(
        Policy=document(*(policy or statements())), Description="planted",
        Tags=[{"TagKey": k, "TagValue": v} for k, v in tags.items()], **more,
    )["KeyMetadata"]["Arn"]
    if name:
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=arn)
    if rotates:
        kms.enable_key_rotation(KeyId=arn)
    one = kms_backends[ACCOUNT][REGION].keys[arn.rsplit("/", 1)[1]]
    one.creation_date = ago(age).timestamp()
    return arn, one


def good(made):
    arn, _ = key(made, "secrets")
    key(made, "sign", rotates=False, KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    return arn


def bad(made):
    def simple(control, *more, **settings):
        arn, one = key(made, f"bad/{control}", **settings)
        for name in (control, *more):
            made.expect(name, arn)
        return arn, one

    kms = made.client("kms")
    simple("aws-kms-rotation", rotates=False)
    _, one = simple("aws-kms-rotation-period")
    one.rotation_period = 1000
    simple("aws-kms-last-rotation", age=500)
    simple("aws-kms-asymmetric-age", rotates=False, age=800, KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    simple("aws-kms-weak-spec", rotates=False, KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    simple("aws-kms-tags", tags={})
    arn, one = key(made, None)
    one.description = ""
    made.expect("aws-kms-no-alias", arn)
    simple("aws-kms-multi-region", MultiRegion=True)

    simple("aws-kms-policy-public", policy=statements(allow("kms:Decrypt", Principal={"AWS": "*"})))
    simple(
        "aws-kms-policy-cross-account",
        policy=statements(allow("kms:Encrypt", Principal={"AWS": f"arn:aws:iam::{OTHER}:root"})),
    )
    app = f"arn:aws:iam::{ACCOUNT}:role/app"
    simple("aws-kms-policy-wildcard-action", policy=statements(allow("kms:*", Principal={"AWS": app})))
    simple(
        "aws-kms-policy-admin-and-user",
        policy=statements(allow(["kms:PutKeyPolicy", "kms:Decrypt"], Principal={"AWS": app})),
    )
    simple("aws-kms-policy-defer-to-iam", policy=[allow("kms:*", Principal={"AWS": ROOT})])
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    simple("aws-kms-policy-lockout", policy=[allow("kms:PutKeyPolicy", Principal={"AWS": gone})])
    zeros = "0" * 96
    simple(
        "aws-kms-enclave-attestation",
        policy=statements(allow("kms:Decrypt", Principal={"AWS": app},
                                Condition={"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": zeros}})),
    )
    arn, _ = simple("aws-kms-disabled")
    kms.create_alias(AliasName="alias/disabled", TargetKeyId=arn)
    kms.disable_key(KeyId=arn.rsplit("/", 1)[1])
    arn, _ = simple("aws-kms-pending-deletion")
    kms.schedule_key_deletion(KeyId=arn.rsplit("/", 1)[1], PendingWindowInDays=30)
    arn, _ = simple("aws-kms-pending-deletion-in-use", "aws-kms-pending-deletion")
    made.client("logs").create_log_group(logGroupName="of-a-key-that-goes", kmsKeyId=arn)
    kms.schedule_key_deletion(KeyId=arn.rsplit("/", 1)[1], PendingWindowInDays=30)

    arn, one = key(made, "bad/grants")
    kms.create_grant(KeyId=arn, GranteePrincipal=f"arn:aws:iam::{OTHER}:role/stranger", Operations=["Encrypt"])
    kms.create_grant(KeyId=arn, GranteePrincipal=gone, Operations=["Encrypt"])
    for grant in one.grants.values():
        if grant.grantee_principal == gone:
            grant.creation_date = ago(300)
            made.expect("aws-kms-grants-stale", f"{arn}#grant/{grant.id}")
        else:
            made.expect("aws-kms-grants-broad", f"{arn}#grant/{grant.id}")
