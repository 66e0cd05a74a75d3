package keystrel.azure.consumers_test

import data.keystrel.azure.consumers
import data.keystrel.lib.azure_fixtures_test as fixtures

settings(facts) := found if found := consumers.az_appservice_literal_secret with input as fixtures.inventory(facts)

test_a_setting_with_a_credential_is_found if {
	found := settings([fixtures.web_app({"leaks": [fixtures.leak("appSettings.TOKEN", "known")]})])
	fixtures.messages(found) == {"`shop`: appSettings.TOKEN (example-rule) holds a secret"}
	fixtures.severities(found) == {"high"}
}

test_a_setting_with_what_is_likely_a_credential_is_medium if {
	fixtures.severities(settings([fixtures.web_app({"leaks": [fixtures.leak("appSettings.TOKEN", "likely")]})])) == {"medium"}
}

test_settings_without_credentials_are_fine if settings([fixtures.web_app({})]) == set()

test_settings_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.web_app({}), ["leaks"]) {
		fixtures.is_unknown(settings([variant]))
	}
}

machine(leaks) := fixtures.fact(
	"azure_virtual_machine", sprintf("%s/providers/microsoft.compute/virtualmachines/web", [fixtures.group]),
	{"machine_kind": "virtual_machine", "extensions": [], "leaks": leaks},
	{},
)

machines(facts) := found if found := consumers.az_vm_customdata_secret with input as fixtures.inventory(facts)

test_user_data_with_a_credential_is_found if {
	found := machines([machine([fixtures.leak("userData", "known"), fixtures.leak("extensions.setup.settings.commandToExecute", "known")])])
	fixtures.messages(found) == {"`web`: extensions.setup.settings.commandToExecute (example-rule), userData (example-rule) hold a secret"}
}

test_machines_without_credentials_are_fine if machines([machine([])]) == set()

test_machines_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(machine([]), ["leaks"]) {
		fixtures.is_unknown(machines([variant]))
	}
}

params := {"az-function-keys-old": {"threshold": 90}}

keys(facts) := found if {
	found := consumers.az_function_keys_old with input as fixtures.inventory(facts) with data.params as params
}

test_keys_that_were_not_changed_are_found if {
	found := keys([fixtures.web_app({"keys_changed": null})])
	fixtures.messages(found) == {"keys of `shop` were not changed since 2026-09-01, for 90 days, of at most 90"}
}

test_keys_that_were_changed_long_ago_are_found if {
	found := keys([fixtures.web_app({"keys_changed": "2026-08-01T00:00:00Z", "keys_known_since": "2026-01-01T00:00:00Z"})])
	fixtures.messages(found) == {"keys of `shop` were changed 121 days ago, of at most 90"}
}

test_keys_that_were_changed_are_fine if keys([fixtures.web_app({})]) == set()

test_young_functions_and_other_apps_are_fine if {
	keys([fixtures.web_app({"keys_changed": null, "created": "2026-11-01T00:00:00Z"})]) == set()
	keys([fixtures.web_app({"keys_changed": null, "app_kind": "web"})]) == set()
}

test_a_function_without_a_time_is_old if count(keys([fixtures.web_app({"keys_changed": null, "created": null})])) == 1

test_keys_are_unknown_where_the_log_does_not_go_back_enough if {
	found := consumers.az_function_keys_old with input as fixtures.inventory([fixtures.web_app({"keys_changed": null})])
		with data.params as {"az-function-keys-old": {"threshold": 180}}
	found == {{"fact": fixtures.web_app({}).id, "unknown": "changes of keys are known since 2026-09-01 alone"}}
}

test_keys_are_unknown_without_what_they_read if {
	every variant in fixtures.variants(fixtures.web_app({}), ["created", "keys_changed", "keys_known_since"]) {
		fixtures.is_unknown(keys([variant]))
	}
}
