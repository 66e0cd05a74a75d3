package keystrel.azure.kubernetes_clusters_test

import data.keystrel.azure.kubernetes_clusters
import data.keystrel.lib.azure_fixtures_test as fixtures

cluster(changes) := fixtures.fact(
	"azure_kubernetes_cluster", sprintf("%s/providers/microsoft.containerservice/managedclusters/shop", [fixtures.group]),
	{
		"kubernetesVersion": "1.33", "provisioningState": "Succeeded", "addonProfiles": provider(true, {"enableSecretRotation": "true"}),
		"azureKeyVaultKms": {"enabled": true, "keyId": "https://shop-kv.vault.azure.net/keys/etcd/1", "keyVaultNetworkAccess": "Private", "keyVaultResourceId": fixtures.vault_id},
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
