package keystrel.gcp.consumers_test

import data.keystrel.gcp.consumers
import data.keystrel.lib.gcp_fixtures_test as fixtures

env_literal(facts) := found if {
	found := consumers.gcp_run_env_literal with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_credential_in_a_variable_is_found if {
	every kind in ["gcp_run_workload", "gcp_function"] {
		found := env_literal([fixtures.leaky(kind, [fixtures.leak("containers.0.env.TOKEN", "known")])])
		fixtures.messages(found) == {"`web`: containers.0.env.TOKEN (example-rule) holds a secret"}
		fixtures.severities(found) == {"high"}
		fixtures.severities(env_literal([fixtures.leaky(kind, [fixtures.leak("containers.0.env.TOKEN", "likely")])])) == {"medium"}
	}
}

test_variables_without_credentials_are_fine if env_literal([fixtures.leaky("gcp_run_workload", []), fixtures.project({})]) == set()

test_env_literal_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("gcp_function", []), ["leaks"]) {
		fixtures.is_unknown(env_literal([variant]))
	}
}

metadata_secret(facts) := found if {
	found := consumers.gcp_compute_metadata_secret with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_credential_in_metadata_is_found if {
	leaks := [fixtures.leak("metadata.items.startup-script", "known"), fixtures.leak("metadata.items.token", "likely")]
	every kind in ["gcp_compute_instance", "gcp_compute_project"] {
		found := metadata_secret([fixtures.leaky(kind, leaks)])
		fixtures.messages(found) == {"`web`: metadata.items.startup-script (example-rule), metadata.items.token (example-rule) hold secrets"}
		fixtures.severities(found) == {"high"}
	}
}

test_metadata_without_credentials_is_fine if metadata_secret([fixtures.leaky("gcp_compute_instance", [])]) == set()

test_metadata_secret_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(fixtures.leaky("gcp_compute_instance", []), ["leaks"]) {
		fixtures.is_unknown(metadata_secret([variant]))
	}
}

ssh_keys(facts) := found if {
	found := consumers.gcp_project_ssh_keys with input as fixtures.inventory(facts) with data.params as fixtures.params
}

compute(changes) := fixtures.changed(
	{
		"kind": "gcp_compute_project", "id": "//compute.googleapis.com/projects/shop", "project": "shop", "location": null,
		"leaks": [], "ssh_keys": 2, "enable_oslogin": null, "unread": {},
	},
	changes,
)

instance(changes) := fixtures.changed(
	{
		"kind": "gcp_compute_instance", "id": "//compute.googleapis.com/projects/shop/zones/europe-west1-b/instances/web", "project": "shop",
		"location": "europe-west1-b", "name": "web", "status": "RUNNING", "leaks": [], "ssh_keys": 0, "enable_oslogin": null,
		"block_project_ssh_keys": false, "is_managed_by_gke": false, "unread": {},
	},
	changes,
)

test_keys_that_open_a_machine_are_found if {
	fixtures.messages(ssh_keys([compute({}), instance({})])) == {"2 SSH keys of the project open 1 machines: web"}
	fixtures.is_found(ssh_keys([compute({"enable_oslogin": true}), instance({"enable_oslogin": false})]))
}

test_machines_that_refuse_them_are_fine if {
	ssh_keys([compute({}), instance({"block_project_ssh_keys": true})]) == set()
	ssh_keys([compute({}), instance({"enable_oslogin": true})]) == set()
	ssh_keys([compute({"enable_oslogin": true}), instance({})]) == set()
}

test_a_project_without_keys_is_fine if ssh_keys([compute({"ssh_keys": 0}), instance({})]) == set()

test_it_is_not_for_projects_without_machines if {
	found := ssh_keys([compute({}), instance({"project": "mail"})])
	found == {{"fact": compute({}).id, "not_applicable": "the project has no machines"}}
}

test_ssh_keys_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(compute({}), ["ssh_keys", "enable_oslogin"]) {
		fixtures.is_unknown(ssh_keys([variant, instance({})]))
	}
	every variant in fixtures.variants(instance({}), ["block_project_ssh_keys", "enable_oslogin"]) {
		fixtures.is_unknown(ssh_keys([compute({}), variant]))
	}
}

cluster(changes) := fixtures.changed(
	{
		"kind": "gcp_gke_cluster", "id": "//container.googleapis.com/projects/shop/locations/europe-west1/clusters/main", "project": "shop",
		"location": "europe-west1", "name": "main", "status": "RUNNING",
		"databaseEncryption": {"state": "ENCRYPTED", "currentState": "CURRENT_STATE_ENCRYPTED", "keyName": "a key"},
		"secretManagerConfig": {"enabled": true, "rotationConfig": {"enabled": true, "rotationInterval": "120s"}},
		"secretSyncConfig": null, "unread": {},
	},
	changes,
)

etcd_kms(facts) := found if {
	found := consumers.gcp_gke_etcd_kms with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_a_cluster_without_a_key_is_found if {
	found := etcd_kms([cluster({"databaseEncryption": {"state": "DECRYPTED", "currentState": "CURRENT_STATE_DECRYPTED", "keyName": null}})])
	fixtures.messages(found) == {"cluster `main`: Secrets are not encrypted with a key of Cloud KMS"}
	fixtures.is_found(etcd_kms([cluster({"databaseEncryption": null})]))
}

test_an_encryption_that_failed_is_found if {
	found := etcd_kms([cluster({"databaseEncryption": {"state": "ENCRYPTED", "currentState": "CURRENT_STATE_ENCRYPTION_ERROR", "keyName": "a key"}})])
	fixtures.messages(found) == {"cluster `main`: the encryption of Secrets failed: CURRENT_STATE_ENCRYPTION_ERROR"}
}

test_a_cluster_with_a_key_is_fine if {
	etcd_kms([cluster({})]) == set()
	etcd_kms([cluster({"databaseEncryption": {"state": "ALL_OBJECTS_ENCRYPTION_ENABLED", "currentState": null, "keyName": "a key"}})]) == set()
}

test_etcd_kms_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["databaseEncryption"]) {
		fixtures.is_unknown(etcd_kms([variant]))
	}
}

addon_rotation(facts) := found if {
	found := consumers.gcp_gke_sm_addon_rotation with input as fixtures.inventory(facts) with data.params as fixtures.params
}

test_an_addon_that_does_not_rotate_is_found if {
	found := addon_rotation([cluster({"secretManagerConfig": {"enabled": true, "rotationConfig": null}, "secretSyncConfig": {
		"enabled": true,
		"rotationConfig": {"enabled": false, "rotationInterval": null},
	}})])
	fixtures.messages(found) == {"cluster `main` mounts and syncs secrets, and does not look for new versions"}
}

test_an_addon_that_rotates_is_fine if addon_rotation([cluster({})]) == set()

test_a_cluster_without_the_addon_is_fine if {
	addon_rotation([cluster({"secretManagerConfig": null})]) == set()
	addon_rotation([cluster({"secretManagerConfig": {"enabled": false, "rotationConfig": null}})]) == set()
}

test_addon_rotation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["secretManagerConfig", "secretSyncConfig"]) {
		fixtures.is_unknown(addon_rotation([variant]))
	}
}
