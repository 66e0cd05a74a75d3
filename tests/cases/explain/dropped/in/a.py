t = "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
adobe
