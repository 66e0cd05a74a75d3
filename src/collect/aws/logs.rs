//! Secrets in logs: the newest events of each log group, looked at and not kept.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Account;
use super::field::{Field, items, number, plain, string};
use super::leaks::Leaks;
use super::references::LOG_GROUPS;
use super::service::{LOGS, Operation, operation};
use crate::collect::values::wipe;

pub(super) const KIND: &str = "aws_log_group";

/// Asked for with `--read-values` alone: what is in logs may be anything.
pub(super) static EVENTS: Operation = operation(&LOGS, "FilterLogEvents");

static OF_GROUP: &[Field] = &[plain("logGroupName"), number("retentionInDays")];
/// How far back events are looked at.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Most events of a group.
const SAMPLE: u32 = 500;

/// Looks at the events of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str) {
    if account.values.is_none() || !account.wants(&[KIND]) {
        return;
    }
    account.reads("events of logs");
    let listed = account.client.list(&LOG_GROUPS, region, json!({})).await;
    let groups = account.sheet.whole(&[KIND], &account.arn("logs", region, "log-group:*"), listed);
    join_all(groups.iter().map(|group| one(account, region, group))).await;
}

async fn one(account: &Account<'_>, region: &str, group: &Value) {
    let Some(name) = string(group, "logGroupName") else { return };
    let arn = account.arn("logs", region, &format!("log-group:{name}"));
    let mut draft = account.draft(KIND, arn, Some(region));
    draft.copy(OF_GROUP, group);
    let from = account.now.checked_sub(WINDOW).unwrap_or(account.now).as_millisecond();
    let input = json!({"logGroupName": name, "startTime": from, "limit": SAMPLE});
    match account.client.call(&EVENTS, region, input).await {
        Ok(mut answer) => {
            let events = items(&answer, "events");
            let mut leaks = Leaks::new(account.judge);
            for message in events.iter().filter_map(|event| string(event, "message")) {
                leaks.text("events", "app.log", message);
            }
            draft.set("sampled_events", events.len());
            draft.set("leaks", leaks.tell());
            wipe(&mut answer);
        }
        Err(failure) => draft.unread(&["sampled_events", "leaks"], &failure.why),
    }
    account.sheet.fact(draft);
}
