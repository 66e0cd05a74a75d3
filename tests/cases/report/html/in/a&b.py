t = "ghp_${alnum:30}${checksum}"
