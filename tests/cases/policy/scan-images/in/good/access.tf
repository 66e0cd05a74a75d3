resource "google_secret_manager_secret_iam_member" "reader" {
  secret_id = google_secret_manager_secret.shop.id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.shop.email}"
}

resource "github_actions_secret" "token" {
  repository      = "shop"
  secret_name     = "TOKEN"
  plaintext_value = var.token
}
