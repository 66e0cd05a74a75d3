package keystrel.azure.kubernetes_clusters_test

import data.keystrel.azure.kubernetes_clusters
import data.keystrel.lib.azure_fixtures_test as fixtures

cluster(changes) := fixtures.fact(
	"azure_kubernetes_cluster", sprintf("%s/providers/microsoft.containerservice/managedclusters/shop", [fixtures.group]),
	{
		"kubernetesVersion": "1.33", "provisioningState": "Succeeded", "addonProfiles": provider(true, {"enableSecretRotation": "true"}),
		"azureKeyVaultKms": {"enabled": true, "keyId": "https://shop-kv.vault.azure.net/keys/etcd/1", "keyVaultNetworkAccess": "Private", "keyVaultResourceId": fixtures.vault_id},
		"disableLocalAccounts": true, "aadProfile": {"managed": true, "enableAzureRBAC": true},
		"apiServerAccessProfile": {"enablePrivateCluster": false, "authorizedIPRanges": ["203.0.113.0/24"]}, "publicNetworkAccess": null,
		"oidcIssuerProfile": {"enabled": true}, "workloadIdentity": {"enabled": true},
		"diagnostic_settings": [setting("kube-audit", null, true)],
	},
	changes,
)

provider(enabled, config) := {"azureKeyvaultSecretsProvider": {"enabled": enabled, "config": config}}

rotation(facts) := found if found := kubernetes_clusters.az_aks_csi_rotation with input as fixtures.inventory(facts)

test_a_provider_that_does_not_rotate_is_found if {
	every config in [{"enableSecretRotation": "false"}, {}, null] {
		fixtures.messages(rotation([cluster({"addonProfiles": provider(true, config)})])) == {"the secrets provider of `shop` does not fetch new values"}
	}
}

test_a_provider_that_rotates_is_fine if rotation([cluster({})]) == set()

test_a_cluster_without_the_provider_is_fine if {
	rotation([cluster({"addonProfiles": {}}), cluster({"addonProfiles": provider(false, null)}), cluster({"addonProfiles": null})]) == set()
}

test_rotation_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["addonProfiles"]) {
		fixtures.is_unknown(rotation([variant]))
	}
}

etcd(facts) := found if found := kubernetes_clusters.az_aks_kms_etcd with input as fixtures.inventory(facts)

test_a_cluster_without_a_vault_key_is_found if {
	every kms in [null, {"enabled": false, "keyId": null}] {
		fixtures.messages(etcd([cluster({"azureKeyVaultKms": kms})])) == {"Secrets of `shop` are not encrypted with a key of a vault"}
	}
}

test_a_cluster_with_a_vault_key_is_fine if etcd([cluster({})]) == set()

test_etcd_is_unknown_without_what_it_reads if {
	every variant in fixtures.variants(cluster({}), ["azureKeyVaultKms"]) {
		fixtures.is_unknown(etcd([variant]))
	}
}

setting(category, group, enabled) := {
	"name": "audit", "sinks": ["a workspace"],
	"logs": [{"category": category, "categoryGroup": group, "enabled": enabled}],
}

# What each control says of a cluster.
said("local", fact) := found if {
	found := kubernetes_clusters.az_aks_local_accounts with input as fixtures.inventory([fact])
}

said("entra", fact) := found if {
	found := kubernetes_clusters.az_aks_entra with input as fixtures.inventory([fact])
}

said("open", fact) := found if {
	found := kubernetes_clusters.az_aks_api_open with input as fixtures.inventory([fact])
}

said("identity", fact) := found if {
	found := kubernetes_clusters.az_aks_workload_identity with input as fixtures.inventory([fact])
}

said("logs", fact) := found if {
	found := kubernetes_clusters.az_aks_audit_logs with input as fixtures.inventory([fact])
}

of(control, changes) := said(control, cluster(changes))

test_a_sound_cluster_is_fine if {
	every rule in ["local", "entra", "open", "identity", "logs"] {
		of(rule, {}) == set()
	}
}

test_local_accounts_are_found if {
	every given in [false, null] {
		fixtures.messages(of("local", {"disableLocalAccounts": given})) == {"`shop` has local accounts"}
	}
}

test_users_of_elsewhere_are_found if {
	fixtures.messages(of("entra", {"aadProfile": null})) == {"users of `shop` do not come from Entra ID"}
}

profile(is_private, ranges) := {"apiServerAccessProfile": {"enablePrivateCluster": is_private, "authorizedIPRanges": ranges}}

test_an_api_server_for_all_is_found if {
	every given in [profile(false, []), profile(null, null), profile(false, ["203.0.113.0/24", "0.0.0.0/0"]), {"apiServerAccessProfile": null}] {
		fixtures.messages(of("open", given)) == {"the API server of `shop` answers every address"}
	}
}

test_an_api_server_that_is_not_public_is_fine if {
	of("open", profile(true, [])) == set()
	of("open", {"apiServerAccessProfile": null, "publicNetworkAccess": "Disabled"}) == set()
}

test_pods_without_identities_are_found if {
	fixtures.messages(of("identity", {"workloadIdentity": null})) == {"workload identity of `shop` is off"}
	fixtures.messages(of("identity", {"workloadIdentity": null, "oidcIssuerProfile": {"enabled": false}})) == {"OIDC issuer and workload identity of `shop` is off"}
}

test_a_log_that_is_not_kept_is_found if {
	nowhere := object.union(setting("kube-audit", null, true), {"sinks": []})
	every given in [[], [setting("kube-audit", null, false)], [setting("kube-apiserver", null, true)], [nowhere]] {
		fixtures.messages(of("logs", {"diagnostic_settings": given})) == {"the audit log of `shop` is not kept"}
	}
}

test_a_log_without_reads_is_low if {
	found := of("logs", {"diagnostic_settings": [setting("kube-audit-admin", null, true)]})
	fixtures.messages(found) == {"reads are not in the audit log of `shop`"}
	{finding.severity | some finding in found} == {"low"}
}

test_groups_have_the_audit_log if {
	every group in ["audit", "allLogs"] {
		of("logs", {"diagnostic_settings": [setting(null, group, true)]}) == set()
	}
}

test_settings_that_are_not_told_are_unknown if {
	fields := {
		"local": ["disableLocalAccounts"], "entra": ["aadProfile"], "open": ["apiServerAccessProfile", "publicNetworkAccess"],
		"identity": ["oidcIssuerProfile", "workloadIdentity"], "logs": ["diagnostic_settings"],
	}
	every rule, names in fields {
		every variant in fixtures.variants(cluster({}), names) {
			fixtures.is_unknown(said(rule, variant))
		}
	}
}
