client = Client(api_key="${hex:40}")
headers = {"Authorization": "Bearer ${alnum:40}"}
token_type = "bearer"
password = getpass("Password: ")
