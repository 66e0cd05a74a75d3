package keystrel.vault.kv_values_test

import data.keystrel.vault.kv_values

values(fields) := {"facts": [object.union(
	{"kind": "vault_kv_values", "id": "secret/metadata/app/db#values", "secret": "secret/metadata/app/db"},
	fields,
)]}

test_a_value_that_comes_back_is_found if {
	found := kv_values.vault_kv2_rollback with input as values({"equal_versions": [[1, 3]]})
	{finding.message | some finding in found} == {"`secret/metadata/app/db`: versions 1, 3 have one value"}
}

test_different_values_are_fine if {
	count(kv_values.vault_kv2_rollback) == 0 with input as values({"equal_versions": []})
}

test_values_that_were_not_compared_are_unknown if {
	found := kv_values.vault_kv2_rollback with input as values({"equal_versions": null})
	{finding.unknown | some finding in found} == {"the values of its versions were not compared"}
}
