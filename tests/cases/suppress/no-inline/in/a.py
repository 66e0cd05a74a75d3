t = "ghp_${alnum:30}${checksum}" # keystrel:allow(github-pat): revoked in May
