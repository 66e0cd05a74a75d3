job "shop" {
  group "web" {
    task "server" {
      template {
        env  = true
        data = <<EOF
API_TOKEN={{ with nomadVar "shop" }}{{ .token }}{{ end }}
EOF
      }
    }
  }
}
