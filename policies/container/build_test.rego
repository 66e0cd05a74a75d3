package keystrel.container.build_test

import data.keystrel.container.build

fact(instruction, arguments) := {
	"kind": "docker_instruction", "id": "f", "instruction": instruction, "arguments": arguments, "stage": 0, "mounts": [],
}

found(control, facts) := findings if {
	results := build with input as {"facts": facts}
	findings := results[control]
}

copied(arguments) := found("image_secret_file_copied", [fact("COPY", arguments)])

test_files_of_secrets_are_found if {
	copied("--chown=1:1 .env package.json ./") == {{
		"fact": "f",
		"message": "COPY puts .env into the image",
		"severity": "medium",
	}}
	every source in [
		".env.production", "config/.npmrc", "~/.ssh/", "/root/.aws/credentials", "deploy/id_ed25519", "tls/server.key",
		"tls/private.pem", "credentials.json", "kubeconfig",
	] {
		count(copied(sprintf("%s /x", [source]))) == 1
	}
	count(found("image_secret_file_copied", [fact("ADD", `["a", ".netrc", "/root/"]`)])) == 1
}

test_other_files_are_fine if {
	every arguments in [
		". .", "package.json .env", ".env.example .env", "tls/ca.pem tls/server.crt /tls/", "id_ed25519.pub /x", "src/keys.rs /x",
		".environment /x", "x",
	] {
		copied(arguments) == set()
	}
	found("image_secret_file_copied", [fact("RUN", "cp .env /x")]) == set()
}

test_other_stages_are_less if {
	later := object.union(fact("COPY", "a b"), {"id": "g", "stage": 1})
	{one.severity | some one in found("image_secret_file_copied", [fact("COPY", ".env /x"), later])} == {"low"}
}

test_passwords_are_found if {
	every arguments, command in {
		"echo 'root:***' | chpasswd": "chpasswd",
		"apk add x && echo a | /usr/sbin/chpasswd -e": "chpasswd",
		"echo a | passwd --stdin root": "passwd --stdin",
		"useradd -m -p *** app": "useradd -m -p",
		"usermod --password=*** app": "usermod --password",
	} {
		found("image_password_set", [fact("RUN", arguments)]) == {{
			"fact": "f",
			"message": sprintf("RUN sets a password by %s", [command]),
		}}
	}
}

test_accounts_without_passwords_are_fine if {
	every arguments in ["useradd -m app", "adduser --disabled-password app", "passwd -l root", "mkdir -p x && useradd app"] {
		found("image_password_set", [fact("RUN", arguments)]) == set()
	}
}

kept(arguments) := found("image_mounted_secret_kept", [object.union(fact("RUN", arguments), {"mounts": [{"type": "secret", "id": "a"}]})])

test_mounted_secrets_that_are_kept_are_found if {
	every arguments in ["cp /run/secrets/a /root/.npmrc && npm ci", "cat /run/secrets/a > /root/.npmrc", "x < /run/secrets/a >>.env"] {
		kept(arguments) == {{"fact": "f", "message": "RUN copies a mounted secret into a layer"}}
	}
}

test_mounted_secrets_that_are_used_are_fine if {
	every arguments in [
		"TOKEN=$(cat /run/secrets/a) npm ci", "cat /run/secrets/a > /x && npm ci && rm -f /x", "login < /run/secrets/a >/dev/null",
		"login < /run/secrets/a 2>&1",
	] {
		kept(arguments) == set()
	}
	found("image_mounted_secret_kept", [fact("RUN", "cp /run/secrets/a /b")]) == set()
}

test_what_was_not_read_is_unknown if {
	every control in ["image_secret_file_copied", "image_password_set", "image_mounted_secret_kept"] {
		some finding in found(control, [{"kind": "docker_instruction", "id": "f"}])
		finding.unknown
	}
}
