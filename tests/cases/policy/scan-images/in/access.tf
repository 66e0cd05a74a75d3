resource "google_project_iam_member" "reader" {
  project = "shop"
  role    = "roles/secretmanager.secretAccessor"
  member  = "serviceAccount:${google_service_account.shop.email}"
}

resource "aws_iam_user_policy" "keys" {
  user = "ci"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:CreateAccessKey"]
      Resource = "*"
    }]
  })
}

resource "github_actions_secret" "token" {
  repository      = "shop"
  secret_name     = "TOKEN"
  plaintext_value = "tulip-garden"
}
