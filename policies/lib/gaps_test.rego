package keystrel.lib.gaps_test

import data.keystrel.lib.gaps

test_no_gap if {
	gaps.none("a") with input as {"gaps": []}
	gaps.none("a") with input as {}
	gaps.none("a") with input as {"gaps": [{"needs": "b", "what": "x", "why": "denied"}]}
}

test_a_gap if not gaps.none("a") with input as {"gaps": [{"needs": "b"}, {"needs": "a"}]}
