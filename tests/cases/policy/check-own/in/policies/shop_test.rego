package user.shop_test

import data.user.shop

found(name) := result if {
	result := shop.shop_variable_prefix with input as {"facts": [{"kind": "env_binding", "id": "a", "name": name}]}
}

test_a_foreign_name_is_found if count(found("DB_HOST")) == 1

test_our_name_is_fine if count(found("SHOP_HOST")) == 0
