package keystrel.aws.platform_test

import data.keystrel.aws.platform
import data.keystrel.lib.aws_secrets_fixtures_test as fixtures

eks_key(facts) := found if {
	found := platform.aws_eks_secrets_kms with input as fixtures.inventory(facts) with data.params as fixtures.params
}

cluster(changes) := fixtures.changed(
	{
		"kind": "aws_eks_cluster", "id": "arn:aws:eks:eu-west-1:111122223333:cluster/shop", "account": "111122223333",
		"region": "eu-west-1", "name": "shop", "version": "1.33", "status": "ACTIVE", "is_external": false,
		"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": fixtures.key_arn}}],
		"logging": {"clusterLogging": [{"types": ["api", "audit"], "enabled": true}]}, "unread": {},
	},
	changes,
)

test_a_cluster_before_1_28_is_found if {
	found := eks_key([cluster({"version": "1.27", "encryptionConfig": []})])
	fixtures.messages(found) == {"`shop`: secrets are not encrypted in etcd (version 1.27)"}
	fixtures.severities(found) == {"high"}
}

test_a_cluster_from_1_28_on_is_low if {
	found := eks_key([cluster({"version": "1.28", "encryptionConfig": []})])
	fixtures.messages(found) == {"`shop`: secrets are encrypted with a key of EKS, as version 1.28 does, and with none of yours"}
	fixtures.severities(found) == {"low"}
}

test_a_cluster_with_a_key_is_fine if eks_key([cluster({})]) == set()

test_a_cluster_that_aws_does_not_run_is_its_own_matter if eks_key([cluster({"encryptionConfig": [], "is_external": true})]) == set()

test_eks_key_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["name", "version", "encryptionConfig"]) {
		fixtures.is_unknown(eks_key([variant]))
	}
}

eks_log(facts) := found if {
	found := platform.aws_eks_audit_logs with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_cluster_without_an_audit_log_is_found if {
	found := eks_log([cluster({"logging": {"clusterLogging": [{"types": ["api"], "enabled": true}, {"types": ["audit"], "enabled": false}]}})])
	fixtures.messages(found) == {"`shop`: the audit log is off"}
}

test_no_logging_is_no_audit_log if count(eks_log([cluster({"logging": null})])) == 1

test_a_cluster_with_an_audit_log_is_fine if eks_log([cluster({})]) == set()

test_a_log_that_aws_does_not_keep_is_its_own_matter if eks_log([cluster({"logging": null, "is_external": true})]) == set()

test_eks_log_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["name", "logging"]) {
		fixtures.is_unknown(eks_log([variant]))
	}
}

expiry(facts) := found if {
	found := platform.aws_acm_expiry with input as fixtures.inventory(facts) with data.params as fixtures.params
}

certificate(changes) := fixtures.changed(
	{
		"kind": "aws_acm_certificate", "id": "arn:aws:acm:eu-west-1:111122223333:certificate/1", "account": "111122223333",
		"region": "eu-west-1", "DomainName": "shop.example.org", "Status": "ISSUED", "Type": "AMAZON_ISSUED",
		"KeyAlgorithm": "RSA_2048", "NotBefore": "2026-09-01T00:00:00Z", "NotAfter": "2026-12-30T00:00:00Z", "InUse": true,
		"RenewalEligibility": "ELIGIBLE", "unread": {},
	},
	changes,
)

test_a_certificate_near_its_end_is_found if {
	found := expiry([certificate({"NotAfter": "2026-12-29T23:00:00Z"})])
	fixtures.messages(found) == {"`shop.example.org` (AMAZON_ISSUED) expires in 29 days"}
	fixtures.severities(found) == {"high"}
}

test_a_certificate_that_expired_is_found if {
	found := expiry([certificate({"Status": "EXPIRED", "Type": "IMPORTED", "NotAfter": "2026-11-01T00:00:00Z"})])
	fixtures.messages(found) == {"`shop.example.org` (IMPORTED) expired on 2026-11-01"}
}

test_a_certificate_that_nothing_uses_is_low if fixtures.severities(expiry([certificate({"NotAfter": "2026-12-01T00:00:00Z", "InUse": false})])) == {"low"}

test_a_certificate_of_30_days_is_fine if expiry([certificate({})]) == set()

test_a_certificate_that_was_never_issued_is_fine if expiry([certificate({"Status": "FAILED", "NotAfter": null})]) == set()

test_days_before_the_end_can_be_set if {
	found := platform.aws_acm_expiry with input as fixtures.inventory([certificate({})])
		with data.params as fixtures.with_threshold("aws-acm-expiry", 60)
	count(found) == 1
}

test_expiry_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(certificate({}), ["NotAfter", "Status", "InUse", "Type"]) {
		fixtures.is_unknown(expiry([variant]))
	}
}

weak_key(facts) := found if {
	found := platform.aws_acm_weak_key with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_short_key_is_found if {
	found := weak_key([certificate({"KeyAlgorithm": "RSA_1024"})])
	fixtures.messages(found) == {"`shop.example.org` has a key of RSA with 1024 bits, of at least 2048"}
}

test_names_of_keys_have_two_forms if count(weak_key([certificate({"KeyAlgorithm": "RSA-1024"})])) == 1

test_long_keys_and_curves_are_fine if {
	weak_key([certificate({})]) == set()
	weak_key([certificate({"KeyAlgorithm": "EC_prime256v1"})]) == set()
}

test_a_certificate_that_expired_is_another_control if weak_key([certificate({"KeyAlgorithm": "RSA_1024", "Status": "EXPIRED"})]) == set()

test_bits_can_be_set if {
	found := platform.aws_acm_weak_key with input as fixtures.inventory([certificate({})])
		with data.params as fixtures.with_threshold("aws-acm-weak-key", 3072)
	count(found) == 1
}

test_weak_key_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(certificate({}), ["KeyAlgorithm", "Status"]) {
		fixtures.is_unknown(weak_key([variant]))
	}
}

glue(facts) := found if {
	found := platform.aws_glue_conn_password with input as fixtures.inventory(facts) with data.params as fixtures.params
}

catalog(changes) := fixtures.changed(
	{
		"kind": "aws_glue_catalog", "id": "arn:aws:glue:eu-west-1:111122223333:catalog", "account": "111122223333",
		"region": "eu-west-1", "password_connections": ["warehouse"], "unread": {},
		"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": true, "AwsKmsKeyId": fixtures.key_arn},
	},
	changes,
)

test_plain_passwords_are_found if {
	found := glue([catalog({"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": false, "AwsKmsKeyId": null}})])
	fixtures.messages(found) == {"1 connection in eu-west-1: the password is not encrypted"}
}

test_no_setting_encrypts_nothing if count(glue([catalog({"ConnectionPasswordEncryption": null})])) == 1

test_encrypted_passwords_are_fine if glue([catalog({})]) == set()

test_it_is_not_for_catalogues_without_passwords if {
	bare := catalog({"ConnectionPasswordEncryption": null, "password_connections": []})
	glue([bare]) == {{"fact": bare.id, "not_applicable": "no connection has a password of its own"}}
}

test_glue_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(catalog({}), ["ConnectionPasswordEncryption", "password_connections", "region"]) {
		fixtures.is_unknown(glue([variant]))
	}
}
