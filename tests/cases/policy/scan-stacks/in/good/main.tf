resource "aws_secretsmanager_secret" "db" {
  kms_key_id = aws_kms_key.main.arn
}

resource "aws_kms_key" "main" {
  enable_key_rotation = true
}
