resource "aws_iam_policy" "reader" {
  policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"ssm:GetParameter\", \"Resource\": \"${aws_ssm_parameter.greeting.arn}\"}]}"
}

resource "aws_ssm_parameter" "greeting" {
  type   = "SecureString"
  key_id = aws_kms_key.own.arn
  value  = var.greeting
}

resource "azurerm_key_vault" "main" {
  sku_name                 = "premium"
  purge_protection_enabled = true
  network_acls {
    bypass         = "None"
    default_action = "Deny"
  }
}

resource "azurerm_key_vault_key" "main" {
  key_type        = "RSA-HSM"
  expiration_date = "2027-01-01T00:00:00Z"
}

resource "azurerm_key_vault_secret" "main" {
  value           = var.value
  content_type    = "connection string"
  expiration_date = "2027-01-01T00:00:00Z"
}

resource "azurerm_security_center_subscription_pricing" "vaults" {
  tier          = "Standard"
  resource_type = "KeyVaults"
}

resource "google_kms_crypto_key" "main" {
  rotation_period = "7776000s"
  lifecycle {
    prevent_destroy = true
  }
}

resource "alicloud_kms_key" "main" {
  automatic_rotation = "Enabled"
  rotation_interval  = "90d"
}

resource "yandex_kms_symmetric_key" "main" {
  rotation_period = "2160h"
}

resource "gitlab_project" "shop" {
  push_rules {
    prevent_secrets = true
  }
}

data "http" "hook" {
  url = "https://hooks.example/?name=${data.aws_ssm_parameter.key.name}"
}
