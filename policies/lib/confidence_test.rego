package keystrel.lib.confidence_test

import data.keystrel.lib.confidence

test_known_is_more_than_likely if confidence.at_least("known", "likely")

test_likely_is_less_than_known if not confidence.at_least("likely", "known")

test_what_nobody_says_is_likely if {
	confidence.at_least(null, "likely")
	not confidence.at_least(null, "known")
}
