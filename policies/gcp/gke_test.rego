package keystrel.gcp.gke_test

import data.keystrel.gcp.gke
import data.keystrel.lib.gcp_fixtures_test as fixtures

pool(account, mode) := {"name": "main", "serviceAccount": account, "workloadMetadataMode": mode}

cluster(changes) := fixtures.changed(
	{
		"kind": "gcp_gke_cluster", "id": "//container.googleapis.com/projects/shop/locations/europe-west1/clusters/main", "project": "shop",
		"location": "europe-west1", "name": "main", "status": "RUNNING", "autopilot": {"enabled": false},
		"legacyAbac": {"enabled": false}, "shieldedNodes": {"enabled": true},
		"workloadIdentityConfig": {"workloadPool": "shop.svc.id.goog"}, "static_logins": [], "public_endpoint": true,
		"masterAuthorizedNetworksConfig": {"enabled": true, "cidrBlocks": ["203.0.113.0/24"]},
		"nodePools": [pool("nodes@shop.iam.gserviceaccount.com", "GKE_METADATA")], "unread": {},
	},
	changes,
)

# What each control says of a cluster.
said("identity", fact) := found if {
	found := gke.gcp_gke_workload_identity with input as fixtures.inventory([fact])
}

said("metadata", fact) := found if {
	found := gke.gcp_gke_metadata_server with input as fixtures.inventory([fact])
}

said("account", fact) := found if {
	found := gke.gcp_gke_default_account with input as fixtures.inventory([fact])
}

said("abac", fact) := found if {
	found := gke.gcp_gke_legacy_abac with input as fixtures.inventory([fact])
}

said("login", fact) := found if {
	found := gke.gcp_gke_static_login with input as fixtures.inventory([fact])
}

said("open", fact) := found if {
	found := gke.gcp_gke_api_open with input as fixtures.inventory([fact])
}

said("shield", fact) := found if {
	found := gke.gcp_gke_shielded_nodes with input as fixtures.inventory([fact])
}

of(control, changes) := said(control, cluster(changes))

controls := ["identity", "metadata", "account", "abac", "login", "open", "shield"]

test_a_sound_cluster_is_fine if {
	every control in controls {
		of(control, {}) == set()
	}
}

test_a_cluster_without_a_workload_pool_is_found if {
	found := of("identity", {"workloadIdentityConfig": {"workloadPool": null}})
	fixtures.messages(found) == {"cluster `main` has no workload pool"}
}

test_pools_that_show_the_metadata_of_nodes_are_found if {
	every mode in ["GCE_METADATA", null] {
		found := of("metadata", {"nodePools": [pool("nodes@shop.iam.gserviceaccount.com", mode)]})
		fixtures.messages(found) == {"cluster `main` shows the metadata of nodes to pods of: main"}
	}
}

test_the_default_account_is_found if {
	every account in ["default", null, "123456789012-compute@developer.gserviceaccount.com"] {
		found := of("account", {"nodePools": [pool(account, "GKE_METADATA")]})
		fixtures.messages(found) == {"nodes of cluster `main` run as the default service account: main"}
	}
}

test_legacy_authorization_is_found if {
	fixtures.messages(of("abac", {"legacyAbac": {"enabled": true}})) == {"cluster `main` has legacy authorization"}
}

test_static_logins_are_found if {
	found := of("login", {"static_logins": ["client certificate"]})
	fixtures.messages(found) == {"cluster `main` has a static login: client certificate"}
	fixtures.severities(found) == {"medium"}
	fixtures.severities(of("login", {"static_logins": ["client certificate", "password"]})) == {"high"}
}

test_a_control_plane_for_all_is_found if {
	every config in [null, {"enabled": true, "cidrBlocks": ["203.0.113.0/24", "0.0.0.0/0"]}, {"enabled": true, "cidrBlocks": ["::/0"]}] {
		found := of("open", {"masterAuthorizedNetworksConfig": config})
		fixtures.messages(found) == {"the control plane of cluster `main` answers every address"}
	}
}

test_a_control_plane_that_is_not_public_is_fine if {
	of("open", {"public_endpoint": false, "masterAuthorizedNetworksConfig": null}) == set()
}

test_nodes_that_are_not_shielded_are_found if {
	fixtures.messages(of("shield", {"shieldedNodes": {"enabled": false}})) == {"nodes of cluster `main` are not shielded"}
}

test_nodes_of_autopilot_are_those_of_google if {
	fact := cluster({
		"autopilot": {"enabled": true}, "shieldedNodes": {"enabled": false}, "workloadIdentityConfig": {"workloadPool": null},
		"nodePools": [pool("nodes@shop.iam.gserviceaccount.com", null)],
	})
	every control in ["identity", "metadata", "shield"] {
		said(control, fact) == set()
	}
}

test_what_is_not_told_is_unknown if {
	fields := {
		"identity": ["workloadIdentityConfig", "autopilot"], "metadata": ["nodePools", "autopilot"], "account": ["nodePools"],
		"abac": ["legacyAbac"], "login": ["static_logins"], "open": ["public_endpoint", "masterAuthorizedNetworksConfig"],
		"shield": ["shieldedNodes", "autopilot"],
	}
	every control, names in fields {
		every variant in fixtures.variants(cluster({}), names) {
			fixtures.is_unknown(said(control, variant))
		}
	}
}
