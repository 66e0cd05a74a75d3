# METADATA
# title: Ages of things, times to come, and durations
package keystrel.lib.age

seconds_per_minute := 60

seconds_per_hour := 3600

seconds_per_day := 86400

# Whether a value is a time that can be reckoned with: RFC 3339, of a day that there is, from 1900 to 2199. Stores
# give years 1 and 0 where they mean never, and those are none.
is_time(value) if {
	is_string(value)
	regex.match(`^(?:19|20|21)[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`, value)
}

is_time(value) if {
	is_string(value)
	regex.match(`^(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`, value)
}

# Seconds from a time to the time of the inventory, with a fraction; less than 0 where it is yet to come. Undefined
# where either is none.
seconds_since(past) := (time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(past)) / 1000000000 if {
	is_time(past)
	is_time(input.now)
}

# Whole days from a time to the time of the inventory.
days_since(past) := whole_days(seconds_since(past))

# Whole days from the time of the inventory to a time; less than 0 where it is past, be it by a minute.
days_until(future) := whole_days(0 - seconds_since(future))

# Rounded down. OPA and the interpreter that is built in differ in `floor` of what is less than 0.
whole_days(amount) := floor(amount / seconds_per_day) if amount >= 0

whole_days(amount) := 0 - ceil((0 - amount) / seconds_per_day) if amount < 0

is_past(value) if seconds_since(value) >= 0

# Whether more whole days than `days` have gone by. What is 90 days and an hour old is not older than 90 days, so that
# a message never says "90 days, of at most 90".
older_than(past, days) if days_since(past) > days

# Whether a time is past, or comes in fewer whole days than `days`.
within(future, days) if days_until(future) < days

# Seconds of a duration as stores write it: a number, or text as `3600`, `15m`, `1h30m`, `30d`. Undefined of
# anything else.
seconds(duration) := duration if is_number(duration)

seconds(duration) := to_number(duration) if {
	is_string(duration)
	regex.match(`^[0-9]{1,15}$`, duration)
}

seconds(duration) := to_number(trim_suffix(duration, "d")) * seconds_per_day if {
	is_string(duration)
	regex.match(`^[0-9]{1,6}d$`, duration)
}

seconds(duration) := time.parse_duration_ns(duration) / 1000000000 if {
	is_string(duration)
	regex.match(`^(?:[0-9]{1,6}(?:\.[0-9]{1,9})?(?:h|m|s|ms|us|ns))+$`, duration)
}

# Days for people: `1 day`, `214 days`.
show_days(1) := "1 day"

show_days(days) := sprintf("%v days", [days]) if days != 1

# How old something is, for people: `214 days`, `less than a day`.
show_age(past) := show_days(days_since(past)) if days_since(past) > 0

# Also where the store's clock is ahead of ours.
show_age(past) := "less than a day" if days_since(past) <= 0

# Seconds for people, in the largest unit that divides them: `2 hours`, `90 minutes`, `1 second`.
show_seconds(amount) := show_days(floor(amount) / seconds_per_day) if {
	amount >= seconds_per_day
	floor(amount) % seconds_per_day == 0
} else := counted(floor(amount) / seconds_per_hour, "hour") if {
	amount >= seconds_per_hour
	floor(amount) % seconds_per_hour == 0
} else := counted(floor(amount) / seconds_per_minute, "minute") if {
	amount >= seconds_per_minute
	floor(amount) % seconds_per_minute == 0
} else := counted(floor(amount), "second")

counted(1, unit) := sprintf("1 %s", [unit])

counted(amount, unit) := sprintf("%v %ss", [amount, unit]) if amount != 1
