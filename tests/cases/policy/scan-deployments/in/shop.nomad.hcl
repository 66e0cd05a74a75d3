job "shop" {
  group "web" {
    task "server" {
      driver = "docker"
      env {
        API_TOKEN = "ghp_${alnum:30}${checksum}"
      }
    }
  }
}
