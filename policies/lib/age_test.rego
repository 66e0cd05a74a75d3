package keystrel.lib.age_test

import data.keystrel.lib.age

now := {"now": "2026-03-01T12:00:00Z"}

test_times if {
	every value in ["2026-01-31T00:00:00Z", "2024-02-29T23:59:59.123456789Z", "2000-02-29T00:00:00Z", "2026-01-01T00:00:00+02:00"] {
		age.is_time(value)
		time.parse_rfc3339_ns(value) > 0
	}
}

test_what_is_no_time if {
	every value in [null, 0, "", "never", "0001-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z"] {
		not age.is_time(value)
		not age.days_since(value) with input as now
	}
}

test_days_since if {
	age.days_since("2026-02-28T12:00:00Z") == 1 with input as now
	age.days_since("2026-02-28T12:00:01Z") == 0 with input as now
	age.days_since("2025-03-01T12:00:00Z") == 365 with input as now
	age.days_since("2026-03-01T14:00:00+02:00") == 0 with input as now
	age.days_since("2026-03-02T12:00:00Z") == -1 with input as now
	age.days_since("2026-03-01T12:00:01Z") == -1 with input as now
}

test_nothing_has_an_age_without_a_time_of_the_inventory if not age.days_since("2026-01-01T00:00:00Z") with input as {}

test_older_than if {
	age.older_than("2026-02-19T12:00:00Z", 9) with input as now
	not age.older_than("2026-02-19T12:00:00Z", 10) with input as now
	not age.older_than("2026-02-19T11:00:00Z", 10) with input as now
	age.older_than("2026-02-18T12:00:00Z", 10) with input as now
	not age.older_than(null, 0) with input as now
}

test_within if {
	age.within("2026-03-02T11:00:00Z", 1) with input as now
	not age.within("2026-03-02T12:00:00Z", 1) with input as now
	age.within("2026-02-01T12:00:00Z", 0) with input as now
	age.within("2026-03-01T11:00:00Z", 0) with input as now
	age.days_until("2026-03-31T12:00:00Z") == 30 with input as now
	age.days_until("2026-03-01T11:59:59Z") == -1 with input as now
	age.days_until("2026-03-01T12:00:00Z") == 0 with input as now
}

test_past if {
	age.is_past("2026-03-01T12:00:00Z") with input as now
	not age.is_past("2026-03-01T12:00:01Z") with input as now
	not age.is_past(null) with input as now
}

test_durations if {
	age.seconds(3600) == 3600
	age.seconds("3600") == 3600
	age.seconds("15m") == 900
	age.seconds("1h30m") == 5400
	age.seconds("30d") == 2592000
	age.seconds("0s") == 0
	every value in [null, "", "soon", "1w", "-1h", "d", true] {
		not age.seconds(value)
	}
}

test_shown if {
	age.show_days(1) == "1 day"
	age.show_days(214) == "214 days"
	age.show_seconds(0) == "0 seconds"
	age.show_seconds(1) == "1 second"
	age.show_seconds(90) == "90 seconds"
	age.show_seconds(5400) == "90 minutes"
	age.show_seconds(3600) == "1 hour"
	age.show_seconds(2764800) == "32 days"
	age.show_seconds(3600.5) == "1 hour"
}

test_shown_age if {
	age.show_age("2026-02-28T12:00:00Z") == "1 day" with input as now
	age.show_age("2026-03-01T11:00:00Z") == "less than a day" with input as now
}
