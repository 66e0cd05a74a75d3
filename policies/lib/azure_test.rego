package keystrel.lib.azure_test

import data.keystrel.lib.azure
import data.keystrel.lib.azure_fixtures_test as fixtures

test_names_say_where_things_are if {
	azure.named(fixtures.secret({})) == "`db` in `shop-kv`"
	azure.named(fixtures.vault({})) == "`shop-kv`"
	azure.named(fixtures.application({})) == "`Shop`"
	azure.named({"id": "/x/y"}) == "`/x/y`"
}

test_a_group_is_that_of_an_id if {
	azure.group_of(fixtures.vault_id) == sprintf("%s/", [fixtures.group])
	not azure.group_of(fixtures.scope)
	not azure.group_of("/providers/microsoft.management/managementgroups/corp/x/y")
}

test_tags_count_in_any_case if {
	vault := fixtures.vault({"tags": {"Data-Class": "Restricted", "Owner": "", "ENV": " Prod ", "n": null}})
	azure.is_tagged(vault, ["data-class=restricted"])
	not azure.is_tagged(vault, ["data-class=public"])
	azure.tag_keys(vault) == {"data-class", "env"}
	azure.environments(vault) == {"prod"}
	azure.environments(fixtures.vault({"tags": null})) == set()
}

test_lists_are_cut if {
	azure.listed({"a"}) == "a"
	azure.listed({"c", "a", "b"}) == "a, b, c"
	azure.listed({"e", "c", "a", "b", "d"}) == "a, b, c and 2 more"
}

test_days_are_between_times if {
	azure.days_between("2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z") == 1.5
	not azure.days_between(null, "2026-01-02T12:00:00Z")
	azure.day(null) == "a day unknown"
}
