resource "aws_iam_policy" "reader" {
  name   = "reader"
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "s3:GetObject",
          "Resource": "*"
        },
        {
          "Effect": "Allow",
          "Action": "secretsmanager:GetSecretValue",
          "Resource": "*"
        }
      ]
    }
  EOF
}

resource "aws_secretsmanager_secret" "shop" {
  name       = "shop"
  kms_key_id = aws_kms_key.shop.arn
  policy     = <<EOF
{"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}
EOF
}

resource "aws_secretsmanager_secret_rotation" "shop" {
  secret_id           = aws_secretsmanager_secret.shop.id
  rotation_lambda_arn = aws_lambda_function.rotate.arn
  rotation_rules {
    automatically_after_days = 30
  }
}
