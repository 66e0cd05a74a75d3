//! How long it is between rotations: rates, and schedules as EventBridge and Secrets Manager write them.
//! Source: "Schedule expressions" in the User Guide of Secrets Manager.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// Years over which a schedule is followed: a leap day is among them.
const YEARS: i16 = 4;
/// Most seconds of a day.
const DAY: f64 = 86_400.0;

/// The longest time between two rotations in days, over four years from `now`; `None` of an expression that
/// cannot be read, or that gives fewer than two times.
pub(super) fn interval(expression: &str, now: Timestamp) -> Option<f64> {
    let (kind, inner) = split(expression)?;
    match kind {
        "rate" => {
            let mut words = inner.split_ascii_whitespace();
            let count: u32 = words.next()?.parse().ok().filter(|count| *count > 0)?;
            let unit = match words.next()? {
                "minute" | "minutes" => 60.0 / DAY,
                "hour" | "hours" => 3600.0 / DAY,
                "day" | "days" => 1.0,
                _ => return None,
            };
            words.next().is_none().then_some(f64::from(count) * unit)
        }
        "cron" => longest_gap(&Cron::parse(inner)?, now),
        _ => None,
    }
}

/// Whether a schedule is in hours, and not in days.
pub(super) fn is_hourly(expression: &str) -> bool {
    match split(expression) {
        Some(("rate", inner)) => inner.contains("hour") || inner.contains("minute"),
        Some(("cron", inner)) => inner
            .split_ascii_whitespace()
            .nth(1)
            .is_some_and(|hours| hours.contains(['/', '*', ',', '-'])),
        _ => false,
    }
}

/// `Duration` of the rules, in hours.
pub(super) fn window_hours(duration: Option<&str>, expression: Option<&str>) -> f64 {
    let given = duration.and_then(|text| text.trim().strip_suffix('h')?.parse().ok());
    given.unwrap_or_else(|| if expression.is_some_and(is_hourly) { 1.0 } else { 24.0 })
}

fn split(expression: &str) -> Option<(&str, &str)> {
    let (kind, rest) = expression.trim().split_once('(')?;
    Some((kind, rest.strip_suffix(')')?))
}

/// `cron(Minutes Hours Day-of-month Month Day-of-week Year)`.
struct Cron {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Days,
    months: Vec<i8>,
    weekdays: Weekdays,
    years: Option<Vec<i16>>,
}

enum Days {
    /// `?`
    Any,
    These(Vec<i8>),
    /// `L`, and so many days before it.
    Last(i8),
    /// `15W`: the weekday that is nearest in the month.
    Nearest(i8),
    /// `LW`
    LastWeekday,
}

enum Weekdays {
    /// `?`
    Any,
    /// 1 is Sunday.
    These(Vec<i8>),
    /// `6L`: the last of the month.
    Last(i8),
    /// `3#2`: the second Tuesday.
    Nth(i8, i8),
}

const MONTHS: &[&str] =
    &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.try_into().ok()?;
        let years = match years {
            "*" | "?" => None,
            list => Some(numbers(list, 1970, 2199, &[])?),
        };
        Some(Self {
            minutes: narrow(&numbers(minutes, 0, 59, &[])?),
            hours: narrow(&numbers(hours, 0, 23, &[])?),
            days: Days::parse(days)?,
            months: narrow(&numbers(months, 1, 12, MONTHS)?),
            weekdays: Weekdays::parse(weekdays)?,
            years,
        })
    }

    /// Whether it is due on a day.
    fn is_on(&self, day: Date) -> bool {
        self.months.contains(&day.month())
            && self.years.as_ref().is_none_or(|years| years.contains(&day.year()))
            && self.days.hold(day)
            && self.weekdays.hold(day)
    }
}

impl Days {
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<i8>().ok().filter(|day| (1..=31).contains(day));
        Some(match text {
            "?" | "*" => Self::Any,
            "L" => Self::Last(0),
            "LW" | "WL" => Self::LastWeekday,
            text if text.starts_with("L-") => Self::Last(number(&text[2..])?),
            text => match text.strip_suffix('W') {
                Some(day) => Self::Nearest(number(day)?),
                None => Self::These(narrow(&numbers(text, 1, 31, &[])?)),
            },
        })
    }

    fn hold(&self, date: Date) -> bool {
        let day = date.day();
        let last = date.last_of_month();
        match self {
            Self::Any => true,
            Self::These(days) => days.contains(&day),
            Self::Last(before) => day == last.day() - before,
            Self::Nearest(wanted) => nearest_weekday(date, *wanted) == Some(day),
            Self::LastWeekday => nearest_weekday(date, last.day()) == Some(day),
        }
    }
}

/// The day of the weekday nearest to a day of `date`'s month, within that month.
fn nearest_weekday(date: Date, day: i8) -> Option<i8> {
    let wanted = Date::new(date.year(), date.month(), day).ok()?;
    let last = wanted.last_of_month().day();
    Some(match wanted.weekday() {
        Weekday::Saturday if day == 1 => 3,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == last => day - 2,
        Weekday::Sunday => day + 1,
        _ => day,
    })
}

impl Weekdays {
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            numbers(text, 1, 7, WEEKDAYS).and_then(|list| narrow(&list).first().copied())
        };
        Some(match text {
            "?" | "*" => Self::Any,
            "L" => Self::These(vec![7]),
            text => match (text.split_once('#'), text.strip_suffix('L')) {
                (Some((day, nth)), _) => {
                    let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
                    Self::Nth(number(day)?, nth)
                }
                (None, Some(day)) => Self::Last(number(day)?),
                _ => Self::These(narrow(&numbers(text, 1, 7, WEEKDAYS)?)),
            },
        })
    }

    fn hold(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_one_offset();
        match self {
            Self::Any => true,
            Self::These(days) => days.contains(&weekday),
            Self::Last(day) => weekday == *day && date.day() + 7 > date.last_of_month().day(),
            Self::Nth(day, nth) => weekday == *day && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

/// `1,5-9,0/15,MON`; names count from `low`.
fn numbers(text: &str, low: i16, high: i16, names: &[&str]) -> Option<Vec<i16>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(index) => low + index as i16,
            None => text.parse().ok()?,
        };
        (low..=high).contains(&number).then_some(number)
    };
    let mut all = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((first, last)) => (number(first)?, number(last)?),
            None if part.contains('/') => (number(range)?, high),
            None => (number(range)?, number(range)?),
        };
        if first <= last {
            all.extend((first..=last).step_by(step));
        } else {
            // `FRI-MON`
            all.extend((first..=high).chain(low..=last).step_by(step));
        }
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

fn narrow(numbers: &[i16]) -> Vec<i8> {
    numbers.iter().filter_map(|&number| i8::try_from(number).ok()).collect()
}

fn longest_gap(cron: &Cron, now: Timestamp) -> Option<f64> {
    let start = Offset::UTC.to_datetime(now).date();
    let end = start.checked_add(Span::new().years(YEARS)).ok()?;
    let mut before: Option<DateTime> = None;
    let mut longest: f64 = 0.0;
    let seconds = |from: DateTime, to: DateTime| to.duration_since(from).as_secs_f64();
    let mut day = start;
    while day < end {
        if cron.is_on(day) {
            for &hour in &cron.hours {
                for &minute in &cron.minutes {
                    let at = day.at(hour, minute, 0, 0);
                    if let Some(before) = before {
                        longest = longest.max(seconds(before, at));
                    }
                    before = Some(at);
                }
            }
        }
        day = day.tomorrow().ok()?;
    }
    (longest > 0.0).then_some(longest / DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_the_longest_between_two_times() {
        let now: Timestamp = "2026-11-30T00:00:00Z".parse().unwrap();
        for (expression, days) in [
            ("rate(10 days)", Some(10.0)),
            ("rate(1 day)", Some(1.0)),
            ("rate(4 hours)", Some(4.0 / 24.0)),
            ("rate(0 days)", None),
            ("rate(4 weeks)", None),
            ("cron(0 16 1,15 * ? *)", Some(17.0)),
            ("cron(0 0 1 * ? *)", Some(31.0)),
            ("cron(0 8/8 * * ? *)", Some(16.0 / 24.0)),
            ("cron(0/30 * * * ? *)", Some(0.5 / 24.0)),
            ("cron(0 0 L * ? *)", Some(31.0)),
            ("cron(0 0 ? * SUN *)", Some(7.0)),
            ("cron(0 0 ? * 1L *)", Some(35.0)),
            ("cron(0 0 ? * MON#1 *)", Some(35.0)),
            ("cron(0 0 ? 1/3 SUN#1 *)", Some(98.0)),
            ("cron(0 0 ? * FRI-MON *)", Some(4.0)),
            ("cron(0 0 1 JAN ? *)", Some(366.0)),
            ("cron(0 0 1 1 ? 2027)", None),
            ("cron(0 0 31 2 ? *)", None),
            ("cron(0 0 1 * *)", None),
            ("cron(61 0 1 * ? *)", None),
            ("rate(10 days", None),
            ("", None),
        ] {
            let found = interval(expression, now);
            let same = match (found, days) {
                (Some(found), Some(days)) => (found - days).abs() < 1e-9,
                (None, None) => true,
                _ => false,
            };
            assert!(same, "{expression}: {found:?}");
        }
    }

    #[test]
    fn weekdays_near_a_day_stay_in_its_month() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        // 1 August 2026 is a Saturday: Monday the 3rd. 31 May is a Sunday: Friday the 29th.
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(nearest_weekday(date("2026-08-01"), 1), Some(3));
        assert_eq!(nearest_weekday(date("2026-05-31"), 31), Some(29));
        assert_eq!(nearest_weekday(date("2026-02-01"), 30), None);
        assert!(interval("cron(0 0 15W * ? *)", now).is_some_and(|days| days <= 35.0));
        assert!(interval("cron(0 0 LW * ? *)", now).is_some_and(|days| days <= 35.0));
    }

    #[test]
    fn windows_are_a_day_or_an_hour() {
        for (duration, expression, hours) in [
            (Some("3h"), Some("rate(10 days)"), 3.0),
            (None, Some("rate(10 days)"), 24.0),
            (None, Some("rate(4 hours)"), 1.0),
            (None, Some("cron(0 0/4 * * ? *)"), 1.0),
            (None, Some("cron(0 4 1 * ? *)"), 24.0),
            (None, None, 24.0),
            (Some("soon"), None, 24.0),
        ] {
            assert!((window_hours(duration, expression) - hours).abs() < 1e-9, "{expression:?}");
        }
    }
}
