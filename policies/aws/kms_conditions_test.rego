package keystrel.aws.kms_conditions_test

import data.keystrel.aws.kms_conditions
import data.keystrel.lib.aws_fixtures_test as aws

id := aws.key_arn("1")

with_statements(statements) := [aws.key({"Policy": aws.document(statements)})]

decrypt(principal, condition) := aws.admit(["kms:Decrypt"], "AWS", [principal], condition)

attested := {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": ["ab12"]}}

enclave(facts) := found if found := kms_conditions.aws_kms_enclave_attestation with input as {"facts": facts}

test_an_enclave_key_with_a_way_round_is_found if {
	enclave(with_statements([aws.root_statement, decrypt(aws.arn("role/enclave"), attested)])) == {{
		"fact": id, "message": "key alias/app in eu-west-1 is for enclaves, and may be used without attestation by root",
	}}
}

test_an_enclave_key_with_a_guard_is_fine if {
	unless := {"StringNotEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": ["ab12"]}}
	guard := object.union(aws.deny(["kms:Decrypt"], ["*"]), {"Condition": unless, "Principal": aws.principal("AWS", ["*"])})
	enclave(with_statements([aws.root_statement, decrypt(aws.arn("role/enclave"), attested), guard])) == set()
	enclave(with_statements([decrypt(aws.arn("role/enclave"), attested)])) == set()
}

test_debug_enclaves_are_found if {
	zeros := {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": [concat("", ["0" | some _ in numbers.range(1, 96)])]}}
	some finding in enclave(with_statements([decrypt(aws.arn("role/enclave"), zeros)]))
	finding.message == "key alias/app in eu-west-1 may be used by enclaves in debug mode"
}

test_keys_that_are_not_for_enclaves_are_fine if enclave([aws.key({})]) == set()

context(facts) := found if found := kms_conditions.aws_kms_encryption_context with input as {"facts": facts}

secret := aws.reference("AWS::SecretsManager::Secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-abcdef")

test_a_key_of_secrets_without_limit_is_found if {
	facts := array.concat(with_statements([aws.root_statement, decrypt(aws.arn("role/app"), {})]), [secret])
	context(facts) == {{
		"fact": id, "message": "key alias/app in eu-west-1 encrypts secrets, and decrypts anything for role/app",
	}}
}

test_a_key_of_secrets_with_limit_is_fine if {
	every condition in [
		{"StringEquals": {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}},
		{"StringLike": {"kms:EncryptionContext:SecretARN": ["arn:aws:secretsmanager:*:*:secret:app-*"]}}, attested,
	] {
		context(array.concat(with_statements([decrypt(aws.arn("role/app"), condition)]), [secret])) == set()
	}
	context(array.concat(with_statements([aws.root_statement]), [secret])) == set()
}

test_keys_of_other_things_are_fine if {
	facts := with_statements([decrypt(aws.arn("role/app"), {})])
	context(facts) == set()
	context(array.concat(facts, [aws.reference("AWS::EC2::Volume", "arn:aws:ec2:eu-west-1:111122223333:volume/v")])) == set()
}

test_policies_that_were_not_read_are_unknown if {
	unread := aws.key({"Policy": null, "unread": {"Policy": "AccessDenied"}})
	enclave([unread]) == {{"fact": id, "unknown": "AccessDenied"}}
	context([unread, secret]) == {{"fact": id, "unknown": "AccessDenied"}}
}
