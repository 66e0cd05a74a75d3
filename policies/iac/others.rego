# METADATA
# title: Keys of other clouds, and what leaves a module, in Terraform
package keystrel.iac.others

import data.keystrel.lib.iac

# METADATA
# title: A key of Alibaba Cloud or Yandex Cloud does not rotate
# description: >-
#   All that was ever encrypted with the key hangs on one key material.
# related_resources:
# - ref: https://www.alibabacloud.com/help/en/kms/key-management-service/user-guide/configure-key-rotation
# - ref: https://yandex.cloud/en/docs/kms/concepts/version
# custom:
#   id: iac-key-no-rotation
#   severity: medium
#   subject: iac_resource
#   where: {resource_type: [alicloud_kms_key, yandex_kms_symmetric_key]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `automatic_rotation = "Enabled"` and `rotation_interval = "90d"` (Alibaba Cloud), `rotation_period = "2160h"` (Yandex Cloud).
#   frameworks:
#     nist_800_53: [SC-12]
#     pci_dss_4: ["3.7.4"]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.24]
#     csa_ccm_4: [CEK-12]
iac_key_no_rotation contains finding if {
	some key in iac.of_type("alicloud_kms_key")
	iac.property(key, ["automatic_rotation"]) in [null, "", "Disabled"]
	iac.property(key, ["key_spec"]) in [null, "Aliyun_AES_256"]
	iac.property(key, ["origin"]) in [null, "Aliyun_KMS"]
	finding := iac.found(key, ["automatic_rotation"], sprintf("%s does not rotate", [iac.named(key)]))
}

iac_key_no_rotation contains finding if {
	some key in iac.of_type("yandex_kms_symmetric_key")
	not iac.is_given(key, ["rotation_period"])
	finding := {"fact": key.id, "message": sprintf("%s does not rotate", [iac.named(key)])}
}

iac_key_no_rotation contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A module sends a secret to a web address
# description: >-
#   Planning is enough: `terraform plan` of a pull request asks the address, with the value in it, and it is in the logs and the state.
# related_resources:
# - ref: https://registry.terraform.io/providers/hashicorp/http/latest/docs/data-sources/http
# custom:
#   id: terraform-secret-in-request
#   severity: high
#   subject: iac_resource
#   where: {resource_type: [data.http]}
#   needs: [iac_resource]
#   remediation: >-
#     Take the value out of the request, and rotate it if it was sent. Where the address needs it, send it as a header from a
#     provider that is made for it.
#   frameworks:
#     nist_800_53: [IA-5(6)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.5.17, A.8.12]
terraform_secret_in_request contains finding if {
	some request in iac.of_type("data.http")
	sends_secret(iac.text(request, ["url"]))
	finding := iac.found(request, ["url"], sprintf("%s has a secret in its url", [iac.named(request)]))
}

# Headers are for logins, with TLS.
terraform_secret_in_request contains finding if {
	some request in iac.of_type("data.http")
	startswith(iac.text(request, ["url"]), "http://")
	some name in ["request_headers", "request_body"]
	value := iac.property(request, [name])
	some text in texts(value)
	sends_secret(text)
	finding := iac.found(request, [name], sprintf("%s sends a secret in its %s without TLS", [iac.named(request), name]))
}

terraform_secret_in_request contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

texts(value) := {value} if is_string(value)

else := {text | some text in value; is_string(text)} if is_object(value)

else := set()

# Whether an expression has the value of a secret in it. Names and addresses of secrets are none.
sends_secret(text) if {
	some part in regex.find_n(`\$\{[^}]*\}`, text, -1)
	regex.match(`aws_ssm_parameter\.[A-Za-z0-9_-]+(?:\[[^\]]*\])?\.(?:value|insecure_value)\b`, part)
}

sends_secret(text) if {
	some part in regex.find_n(`\$\{[^}]*\}`, text, -1)
	regex.match(`(?:secretsmanager_secret_version|secret_manager_secret_version|key_vault_secret)\.[^}]*\.(?:secret_string|secret_binary|secret_data|value)\b`, part)
}

sends_secret(text) if {
	some part in regex.find_n(`\$\{[^}]*\}`, text, -1)
	regex.match(`(?:random_password\.[A-Za-z0-9_-]+\.result|vault_(?:kv_secret(?:_v2)?|generic_secret)\.[A-Za-z0-9_-]+\.data(?:_json)?|\bvar\.[A-Za-z0-9_]*(?:password|secret|passwd|private_key|api_key|access_key|token))\b`, part)
}

# METADATA
# title: A project of GitLab takes commits with secrets
# description: >-
#   GitLab can refuse commits with files that hold keys. The push rules of the project do not ask for that.
# related_resources:
# - ref: https://docs.gitlab.com/user/project/repository/push_rules/
# custom:
#   id: iac-gitlab-secrets-allowed
#   severity: low
#   subject: iac_resource
#   where: {resource_type: [gitlab_project, gitlab_project_push_rules]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `prevent_secrets = true` in `push_rules`.
#   frameworks:
#     nist_800_53: [IA-5(7)]
#     soc2: [CC6.1]
#     iso27001_2022: [A.8.12]
iac_gitlab_secrets_allowed contains finding if {
	some project in iac.of_type("gitlab_project")
	rules := iac.property(project, ["push_rules"])
	is_object(rules)
	object.get(rules, "prevent_secrets", false) in [false, "false"]
	message := sprintf("%s takes commits with secrets", [iac.named(project)])
	finding := iac.found_in(project, ["push_rules"], "prevent_secrets", message)
}

iac_gitlab_secrets_allowed contains finding if {
	some rules in iac.of_type("gitlab_project_push_rules")
	iac.property(rules, ["prevent_secrets"]) in [null, false, "false"]
	finding := iac.found(rules, ["prevent_secrets"], sprintf("%s takes commits with secrets", [iac.named(rules)]))
}

iac_gitlab_secrets_allowed contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# METADATA
# title: A plan may destroy a key of Cloud KMS
# description: >-
#   A change of an argument that needs a new key destroys the versions of the old one, and what was encrypted with them is lost with
#   them.
# related_resources:
# - ref: https://cloud.google.com/kms/docs/destroy-restore
# - ref: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/kms_crypto_key
# custom:
#   id: iac-google-key-destroyable
#   severity: info
#   subject: iac_resource
#   where: {resource_type: [google_kms_crypto_key]}
#   needs: [iac_resource]
#   remediation: >-
#     Say `lifecycle { prevent_destroy = true }`.
#   frameworks:
#     nist_800_53: [SC-12(1)]
#     soc2: [A1.2]
#     iso27001_2022: [A.8.24]
#     owasp_secrets: ["2.9"]
iac_google_key_destroyable contains finding if {
	some key in iac.of_type("google_kms_crypto_key")
	lifecycle := iac.property(key, ["lifecycle"])
	not is_kept(lifecycle)
	message := sprintf("%s is not kept from being destroyed by a plan", [iac.named(key)])
	finding := iac.found_in(key, ["lifecycle"], "prevent_destroy", message)
}

iac_google_key_destroyable contains finding if {
	some resource in data.keystrel.lib.iac.unread
	finding := {"fact": resource.id, "unknown": unread}
}

# An expression is not allowed there.
is_kept(lifecycle) if {
	is_object(lifecycle)
	object.get(lifecycle, "prevent_destroy", false) in [true, "true"]
}

unread := "what the resource is set to was not read"
