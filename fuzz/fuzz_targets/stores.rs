//! Any answer of a store, given to what reads policies, conditions, roles, certificates and times in it; what
//! holds of each is asserted in `src/collect/*/fuzzing.rs`.
#![no_main]

use jiff::Timestamp;
use keystrel::collect::fuzzing::{answer, aws, azure, gcp, patterns, vault};
use keystrel_fuzz::{Words, value};
use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// What answers are made of.
const WORDS: &str = "Statement Effect Allow Deny Action NotAction Resource NotResource Principal NotPrincipal AWS Service \
    Condition StringEquals StringLike ArnLike Bool Null ForAnyValue Version Sid value properties permissions actions \
    notActions dataActions notDataActions roleName scope roleDefinitionId principalId principalType condition principals \
    excludePrincipals denyAssignmentName doNotApplyToChildScopes id name path capabilities read list deny sudo";

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let now = Timestamp::UNIX_EPOCH;
    let text = std::str::from_utf8(rest).unwrap_or_default();
    let (first, second) = text.split_once('\0').unwrap_or((text, "projects/1/secrets/a"));
    match which.wrapping_sub(b'0') % 10 {
        0 => aws::body(rest),
        1 => aws::policy(first, "secretsmanager:GetSecretValue", second),
        2 => aws::schedule(text, now),
        3 => gcp::condition(first, second, now),
        4 => vault::policy(first, second, now),
        5 => vault::certificates(rest),
        6 => patterns(first, second),
        7 => vault::template(first, &serde_json::from_str(second).unwrap_or(Value::Null)),
        8 => vault::times(&serde_json::from_str(text).unwrap_or_else(|_| json!(text))),
        _ => {
            if let Ok(value) = value(&mut Unstructured::new(rest), &Words::of(WORDS).lists()) {
                aws::policy(&value.to_string(), "kms:Decrypt", "arn:aws:kms:::key/a");
                vault::policy(&value.to_string(), "secret/data/a", now);
                azure::roles(&json!({"value": [value]}));
                answer(&value);
            }
        }
    }
});
