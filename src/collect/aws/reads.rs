//! Who read which secret, as CloudTrail's event history tells.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::Account;
use super::events::{Found, Known, WINDOW, look_up, principal, record};
use super::field::{as_time, is_true, string};

pub(super) const READ: &str = "aws_secret_read";
pub(super) const ACTIVITY: &str = "aws_secret_reader_activity";

/// Most pages of reads: at two calls a second that is half a minute.
const MAX_READ_PAGES: usize = 60;
static READS: &[&str] = &["GetSecretValue", "BatchGetSecretValue"];

/// What a principal read.
#[derive(Default)]
struct Reader {
    kind: &'static str,
    /// By secret.
    reads: BTreeMap<String, Reads>,
    /// Secrets by hour since 1970.
    hours: BTreeMap<i64, BTreeSet<String>>,
    /// Refusals by hour since 1970.
    denied: BTreeMap<i64, u64>,
}

#[derive(Default)]
struct Reads {
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// By hour of the day, in UTC.
    hours: [u64; 24],
    from_console: bool,
    last_previous: Option<Timestamp>,
}

/// Reads who read the secrets of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str, known: &Known<'_>) {
    let kinds = [READ, ACTIVITY];
    let what = account.arn("cloudtrail", region, "");
    let mut readers: BTreeMap<String, Reader> = BTreeMap::new();
    let mut start = account.now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    let found =
        join_all(READS.iter().map(|name| look_up(account, region, name, MAX_READ_PAGES))).await;
    for Found { events, failure, is_cut } in &found {
        let oldest = events.iter().filter_map(time_of).min();
        if failure.is_some() || *is_cut {
            let why = failure
                .as_ref()
                .map_or("there are more reads than are read", |failure| &failure.why);
            let since = oldest
                .map_or_else(String::new, |oldest| format!("; all is known from {oldest} on"));
            account.sheet.gap(&kinds, &what, &format!("{why}{since}"));
            start = start.max(oldest.unwrap_or(account.now));
        }
    }
    for event in found.iter().flat_map(|found| &found.events) {
        take(&mut readers, known, event);
    }
    let start = Timestamp::from_second(start.as_second()).unwrap_or(start).to_string();
    for (principal, reader) in &readers {
        write(account, region, principal, reader, &start);
    }
}

fn time_of(event: &Value) -> Option<Timestamp> {
    as_time(event.get("EventTime")?)?.parse().ok()
}

fn take(readers: &mut BTreeMap<String, Reader>, known: &Known<'_>, event: &Value) {
    let record = record(event);
    let Some((principal, kind)) = principal(&record) else { return };
    let Some(time) = time_of(event) else { return };
    let reader = readers.entry(principal).or_default();
    reader.kind = kind;
    let hour = time.as_second().div_euclid(3600);
    if let Some(code) = string(&record, "errorCode") {
        if matches!(code, "AccessDenied" | "AccessDeniedException") {
            *reader.denied.entry(hour).or_default() += 1;
        }
        return;
    }
    // Of `BatchGetSecretValue` each secret has an event of its own, `GetSecretValue`.
    if string(event, "EventName") == Some("BatchGetSecretValue") {
        return;
    }
    let Some(secret) = string(&record, "requestParameters.secretId").map(|named| known.arn(named))
    else {
        return;
    };
    let reads = reader.reads.entry(secret.clone()).or_default();
    reads.count += 1;
    reads.first = Some(reads.first.map_or(time, |first| first.min(time)));
    reads.last = Some(reads.last.map_or(time, |last| last.max(time)));
    reads.hours[hour.rem_euclid(24) as usize] += 1;
    reads.from_console |= record.get("sessionCredentialFromConsole").is_some_and(is_true);
    if string(&record, "requestParameters.versionStage") == Some("AWSPREVIOUS") {
        reads.last_previous = Some(reads.last_previous.map_or(time, |last| last.max(time)));
    }
    reader.hours.entry(hour).or_default().insert(secret);
}

fn write(account: &Account<'_>, region: &str, principal: &str, reader: &Reader, start: &str) {
    let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
    for (secret, reads) in reader.reads.iter().filter(|_| account.wants(&[READ])) {
        let mut draft = account.draft(READ, format!("{secret}#reads/{principal}"), Some(region));
        draft.set("secret", secret.as_str());
        draft.set("principal", principal);
        draft.set("principal_kind", reader.kind);
        draft.set("count", reads.count);
        draft.set("first", text(reads.first));
        draft.set("last", text(reads.last));
        draft.set("hours", reads.hours.to_vec());
        draft.set("from_console", reads.from_console);
        draft.set("last_previous", text(reads.last_previous));
        draft.set("window_start", start);
        account.sheet.fact(draft);
    }
    if !account.wants(&[ACTIVITY]) {
        return;
    }
    let begin = |hour: i64| Timestamp::from_second(hour * 3600).ok().map(|time| time.to_string());
    // Of hours with as much the last.
    let most = reader.hours.iter().map(|(hour, secrets)| (secrets.len() as u64, *hour)).max();
    let refused = reader.denied.iter().map(|(hour, count)| (*count, *hour)).max();
    let mut draft = account.draft(ACTIVITY, format!("{principal}#reads/{region}"), Some(region));
    draft.set("principal", principal);
    draft.set("principal_kind", reader.kind);
    draft.set("window_start", start);
    draft.set("max_secrets_per_hour", most.map(|(count, _)| count));
    draft.set("max_secrets_at", most.and_then(|(_, hour)| begin(hour)));
    draft.set("max_denied_per_hour", refused.map(|(count, _)| count));
    draft.set("max_denied_at", refused.and_then(|(_, hour)| begin(hour)));
    account.sheet.fact(draft);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::events::tests::session;
    use super::super::secrets::Secrets;
    use super::*;
    use crate::collect::aws::tests::with_account;

    fn event(time: i64, record: &Value) -> Value {
        json!({"EventId": format!("e{time}"), "EventName": "GetSecretValue", "EventTime": time,
            "EventSource": "secretsmanager.amazonaws.com", "CloudTrailEvent": record.to_string()})
    }

    #[test]
    fn reads_are_counted_by_role_and_hour() {
        with_account(|account| {
            let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf";
            let mut secret = account.draft("aws_secret", arn, Some("eu-west-1"));
            secret.set("Name", "a");
            let secrets = Secrets { drafts: vec![secret], is_whole: true };
            let known = Known::new(account, "eu-west-1", &secrets);
            let mut readers = BTreeMap::new();
            let read = |named: &str| json!({"userIdentity": session("r"), "requestParameters": {"secretId": named}});
            let mut previous = read(arn);
            previous["requestParameters"]["versionStage"] = "AWSPREVIOUS".into();
            previous["sessionCredentialFromConsole"] = "true".into();
            let mut denied = read("b");
            denied["errorCode"] = "AccessDenied".into();
            for (time, record) in [
                (3600, read(arn)),
                (3700, read("a")),
                (3800, read(&arn[..arn.len() - 7])),
                (3900, read("b")),
                (7300, previous),
                (7400, denied),
            ] {
                take(&mut readers, &known, &event(time, &record));
            }
            let reader = &readers["arn:aws:iam::123456789012:role/r"];
            assert_eq!(reader.reads[arn].count, 4);
            assert_eq!(reader.reads[arn].hours[1..3], [3, 1]);
            assert!(reader.reads[arn].from_console);
            assert_eq!(reader.reads[arn].last_previous.unwrap().as_second(), 7300);
            assert_eq!(reader.hours[&1].len(), 2);
            assert_eq!(reader.denied[&2], 1);
        });
    }
}
