resource "aws_secretsmanager_secret" "db" {
  kms_key_id = aws_kms_key.main.arn
}

resource "aws_kms_key" "main" {}

resource "azurerm_key_vault" "main" {
  purge_protection_enabled = false
  network_acls {
    default_action = "Deny"
  }
}

resource "google_kms_crypto_key" "main" {
  rotation_period = "31536000s"
}
