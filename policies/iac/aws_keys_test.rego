package keystrel.iac.aws_keys_test

import data.keystrel.iac.aws_keys

resource(own, properties) := {
	"kind": "iac_resource", "id": "r", "resource_type": own, "name": "main", "properties": properties,
}

found(control, own, properties) := findings if {
	results := aws_keys with input as {"facts": [resource(own, properties)]}
	findings := results[control]
}

test_rotation_of_keys if {
	found("iac_aws_key_no_rotation", "aws_kms_key", {}) == {{"fact": "r", "message": "aws_kms_key main does not rotate"}}
	count(found("iac_aws_key_no_rotation", "AWS::KMS::Key", {"EnableKeyRotation": false})) == 1
	found("iac_aws_key_no_rotation", "aws_kms_key", {"enable_key_rotation": true}) == set()
	found("iac_aws_key_no_rotation", "aws_kms_key", {"enable_key_rotation": "${var.x}"}) == set()
	found("iac_aws_key_no_rotation", "aws_kms_key", {"key_usage": "SIGN_VERIFY"}) == set()
	found("iac_aws_key_no_rotation", "aws_kms_key", {"customer_master_key_spec": "RSA_2048"}) == set()
	found("iac_aws_key_no_rotation", "AWS::KMS::Key", {"Origin": "EXTERNAL"}) == set()
	found("iac_aws_key_no_rotation", "aws_kms_key", {"custom_key_store_id": "x"}) == set()
}

test_open_keys if {
	every principal in ["*", {"AWS": "*"}, {"AWS": ["x", "*"]}] {
		policy := {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": principal}]}}
		found("iac_aws_key_public", "AWS::KMS::Key", policy) == {{
			"fact": "r",
			"path": ["properties", "KeyPolicy", "Statement", 0],
			"message": "AWS::KMS::Key main is open to everybody",
		}}
	}
	statement := {"Effect": "Allow", "Principal": "*"}
	count(found("iac_aws_key_public", "AWS::SecretsManager::ResourcePolicy", {"ResourcePolicy": {"Statement": statement}})) == 1
	count(found("iac_aws_key_public", "aws_kms_key", {"policy": {"Statement": [statement]}})) == 1
	found("iac_aws_key_public", "aws_kms_key", {"policy": "${data.x.y.json}"}) == set()
}

test_keys_that_are_not_open if {
	every statement in [
		{"Effect": "Deny", "Principal": "*"},
		{"Effect": "Allow", "Principal": {"AWS": "arn"}},
		{"Effect": "Allow", "Principal": "*", "Condition": {}},
		{"Effect": "Allow"},
		"x",
	] {
		found("iac_aws_key_public", "AWS::KMS::Key", {"KeyPolicy": {"Statement": [statement]}}) == set()
	}
	found("iac_aws_key_public", "AWS::KMS::Key", {}) == set()
}

test_clusters if {
	count(found("iac_aws_eks_no_encryption", "aws_eks_cluster", {})) == 1
	found("iac_aws_eks_no_encryption", "aws_eks_cluster", {"encryption_config": {"resources": "${[\"secrets\"]}"}}) == set()
	found("iac_aws_eks_no_encryption", "AWS::EKS::Cluster", {"EncryptionConfig": [{}]}) == set()
}

test_trails if {
	count(found("iac_aws_trail_no_validation", "aws_cloudtrail", {})) == 1
	found("iac_aws_trail_no_validation", "AWS::CloudTrail::Trail", {"EnableLogFileValidation": true}) == set()
}

test_access_keys if {
	count(found("iac_aws_access_key", "AWS::IAM::AccessKey", {})) == 1
	found("iac_aws_access_key", "aws_iam_access_key", {"pgp_key": "keybase:x"}) == set()
}

test_what_was_not_read_is_unknown if {
	results := aws_keys with input as {"facts": [{"kind": "iac_resource", "id": "b"}]}
	every control in [
		"iac_aws_key_no_rotation", "iac_aws_key_public", "iac_aws_eks_no_encryption", "iac_aws_trail_no_validation",
		"iac_aws_access_key",
	] {
		some finding in results[control]
		finding.unknown
	}
}
