resource "aws_secretsmanager_secret_version" "db" {
  secret_id = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({
    username = "admin"
    password = "letmein"
    endpoint = aws_db_instance.main.endpoint
  })
}

resource "aws_secretsmanager_secret_version" "fine" {
  secret_id     = aws_secretsmanager_secret.fine.id
  secret_string = jsonencode({ username = "admin", password = random_password.db.result })
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "LEVEL", value = "info" },
      { name = "GITHUB_TOKEN", value = "ghp_${alnum:30}${checksum}" },
    ]
    secrets = [{ name = "DB_PASSWORD", valueFrom = aws_ssm_parameter.db.arn }]
  }])
}

resource "aws_kms_key" "open" {
  enable_key_rotation = true
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }]
  })
}
