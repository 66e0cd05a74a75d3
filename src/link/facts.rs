//! The facts of the estate as they are put together: docs/facts/estate.md tells the fields.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{Fact, Gap, Place};

/// What could not be read: fields, with why.
pub(super) type Unread = BTreeMap<&'static str, String>;

/// A kind of facts of the estate.
pub(super) trait Kind: Serialize {
    /// Its name.
    const NAME: &'static str;

    /// As a fact. `id` is a field of each, `at` of those that stand in files.
    fn fact(&self) -> Fact {
        // Texts, numbers and maps by texts: nothing in them can fail.
        let mut fields = match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let id = fields.shift_remove("id").and_then(|id| id.as_str().map(str::to_owned));
        fields.entry("unread").or_insert_with(|| Value::Object(Map::new()));
        let at = fields.shift_remove("at").and_then(|at| serde_json::from_value(at).ok());
        Fact { at, ..Fact::new(Self::NAME, id.unwrap_or_default(), Value::Object(fields)) }
    }
}

macro_rules! kinds {
    ($($kind:ident: $name:literal),* $(,)?) => {
        $(impl Kind for $kind {
            const NAME: &'static str = $name;
        })*
    };
}

kinds! {
    AuditedStore: "audited_store",
    StoredSecret: "stored_secret",
    StoredKey: "stored_key",
    SharedValue: "shared_value",
    SecretCopy: "secret_copy",
    SecretReference: "secret_reference",
    SecretConsumer: "secret_consumer",
    SecretReader: "secret_reader",
    StoreReader: "store_reader",
    HeldCredential: "held_credential",
    AuditSink: "audit_sink",
    StoreSeal: "store_seal",
    StoreBackup: "store_backup",
    LeakFact: "leak",
    LeakMatch: "leak_match",
    ExceptionFact: "exception",
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct AuditedStore {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) lost: Option<String>,
    pub(super) gaps: Vec<Gap>,
    pub(super) gap_count: usize,
    pub(super) reads_values: bool,
    pub(super) can_read_values: Option<bool>,
    pub(super) value_rights: Vec<String>,
    pub(super) dynamic_engines: Vec<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Rotation {
    pub(super) enabled: bool,
    pub(super) days: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "stores say `version` of its name")]
pub(super) struct Version {
    pub(super) version: String,
    pub(super) created: Option<String>,
    /// `current`, `usable`, `kept` or `disabled`.
    pub(super) state: &'static str,
    pub(super) superseded: Option<String>,
}

/// The last read of a version that is neither the current one nor the next.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OldRead {
    pub(super) version: String,
    pub(super) at: String,
}

#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "fields of a fact")]
pub(super) struct StoredSecret {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) secret: String,
    pub(super) entry_kind: &'static str,
    pub(super) name: String,
    pub(super) content: Option<&'static str>,
    pub(super) managed_by: Option<String>,
    pub(super) created: Option<String>,
    pub(super) changed: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) rotation: Option<Rotation>,
    pub(super) versions: Option<Vec<Version>>,
    pub(super) key: Option<String>,
    pub(super) labels: Option<BTreeMap<String, String>>,
    pub(super) owner: Option<String>,
    pub(super) data_class: Option<String>,
    pub(super) environment: Option<&'static str>,
    pub(super) is_break_glass: bool,
    pub(super) last_read: Option<String>,
    pub(super) old_read: Option<OldRead>,
    pub(super) knows_reads: bool,
    pub(super) knows_who_reads: bool,
    pub(super) is_copy: bool,
    pub(super) is_declared: Option<bool>,
    pub(super) reads_from: Option<String>,
    pub(super) audited: Option<bool>,
    pub(super) audit_paths: Vec<String>,
    pub(super) reader_count: Option<usize>,
    /// Readers that stand for others, of whom not all are known.
    pub(super) unknown_groups: Vec<String>,
    pub(super) declared_in: Option<Vec<String>>,
    pub(super) values_read: bool,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct StoredKey {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) key: String,
    pub(super) entry_kind: Option<&'static str>,
    pub(super) state: Option<&'static str>,
    pub(super) deletion: Option<String>,
    pub(super) algorithm: Option<&'static str>,
    pub(super) bits: Option<u64>,
    pub(super) expires: Option<String>,
    pub(super) rotation: Option<Rotation>,
    pub(super) latest_version: Option<u64>,
    pub(super) latest_created: Option<String>,
    pub(super) oldest_usable_version: Option<u64>,
    pub(super) oldest_usable_created: Option<String>,
    pub(super) oldest_usable_superseded: Option<String>,
    pub(super) rewrapped: Option<bool>,
    pub(super) used_by: Vec<String>,
    pub(super) environments: Vec<&'static str>,
    pub(super) labels: Option<BTreeMap<String, String>>,
    pub(super) environment: Option<&'static str>,
    pub(super) owner: Option<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct ValuePlace {
    pub(super) secret: String,
    pub(super) field: Option<String>,
    pub(super) environment: Option<&'static str>,
    pub(super) store_kind: String,
    pub(super) name: String,
    pub(super) store: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SharedValue {
    pub(super) id: String,
    pub(super) places: Vec<ValuePlace>,
    pub(super) environments: Vec<&'static str>,
    pub(super) is_declared: bool,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct SecretCopy {
    pub(super) id: String,
    pub(super) copy: String,
    pub(super) name: String,
    pub(super) store: String,
    pub(super) source: Option<String>,
    pub(super) has_source: bool,
    pub(super) source_named: String,
    pub(super) via: String,
    pub(super) copied: Option<String>,
    pub(super) source_changed: Option<String>,
    pub(super) is_equal: Option<bool>,
    pub(super) interval: Option<u64>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct SecretReference {
    pub(super) id: String,
    pub(super) from: String,
    pub(super) from_kind: &'static str,
    pub(super) store_kind: String,
    pub(super) named: String,
    pub(super) secret: Option<String>,
    pub(super) is_complete: bool,
    pub(super) store: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct SecretConsumer {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) name: String,
    pub(super) store: String,
    pub(super) entry_kind: &'static str,
    pub(super) consumer: String,
    pub(super) how: &'static str,
    pub(super) started: Option<String>,
    pub(super) refreshes: bool,
    pub(super) secret_changed: Option<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "fields of a fact")]
pub(super) struct SecretReader {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) principal: String,
    pub(super) principal_kind: String,
    pub(super) is_human: Option<bool>,
    pub(super) may_read: bool,
    pub(super) conditional: bool,
    pub(super) missing: Option<String>,
    pub(super) knows_missing: bool,
    pub(super) first_seen: Option<String>,
    pub(super) last_seen: Option<String>,
    pub(super) reads: Option<u64>,
    pub(super) reads_from: Option<String>,
    pub(super) hours: Option<Vec<u64>>,
    pub(super) is_seen: bool,
    pub(super) knows_hours: bool,
    pub(super) secret_created: Option<String>,
    pub(super) secret_name: String,
    pub(super) store: String,
    pub(super) is_complete: bool,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct NeverRead {
    pub(super) secret: String,
    pub(super) name: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct StoreReader {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) principal: String,
    pub(super) principal_kind: String,
    pub(super) is_human: Option<bool>,
    pub(super) knows_reads: bool,
    pub(super) reads_from: Option<String>,
    pub(super) may_read: usize,
    pub(super) never_read: Vec<NeverRead>,
    pub(super) never_read_count: usize,
    pub(super) is_complete: bool,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct HeldCredential {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) name: String,
    pub(super) store: String,
    pub(super) version: String,
    pub(super) is_current: bool,
    pub(super) issuer: String,
    pub(super) credential: String,
    pub(super) principal: Option<String>,
    pub(super) created: Option<String>,
    pub(super) state: Option<&'static str>,
    pub(super) last_used: Option<String>,
    pub(super) superseded: Option<String>,
    pub(super) is_known: bool,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct AuditSink {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) sink: String,
    pub(super) enabled: Option<bool>,
    pub(super) retention_days: Option<u64>,
    pub(super) hot_days: Option<u64>,
    pub(super) tells_retention: bool,
    pub(super) tells_delivery: bool,
    pub(super) latest_delivery: Option<String>,
    pub(super) latest_error: Option<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct StoreSeal {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) key: Option<String>,
    pub(super) key_named: Option<String>,
    /// Of a transit seal, where its server is.
    #[serde(skip)]
    pub(super) address: Option<String>,
    pub(super) is_own: bool,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct StoreBackup {
    pub(super) id: String,
    pub(super) store: String,
    pub(super) store_kind: String,
    pub(super) backup: String,
    pub(super) place: String,
    pub(super) is_public: Option<bool>,
    pub(super) is_encrypted: Option<bool>,
    pub(super) key: Option<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct LeakFact {
    pub(super) id: String,
    pub(super) rule: String,
    pub(super) severity: String,
    pub(super) confidence: String,
    pub(super) at: Place,
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) commit: Option<String>,
    pub(super) committed: Option<String>,
    pub(super) author: Option<String>,
    pub(super) in_head: bool,
    pub(super) is_suppressed: bool,
    pub(super) matches: Vec<String>,
    pub(super) is_compared: bool,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct LeakMatch {
    pub(super) id: String,
    pub(super) leak: String,
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) commit: Option<String>,
    pub(super) committed: Option<String>,
    pub(super) in_head: bool,
    pub(super) secret: String,
    pub(super) name: String,
    pub(super) store: String,
    pub(super) field: Option<String>,
    pub(super) version: String,
    pub(super) state: Option<&'static str>,
    pub(super) is_current: bool,
    pub(super) changed: Option<String>,
    pub(super) rotated_since: Option<bool>,
    pub(super) readers: Option<Vec<String>>,
    pub(super) reader_count: Option<usize>,
    pub(super) unknown_groups: Vec<String>,
    pub(super) expires: Option<String>,
    pub(super) unread: Unread,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct ExceptionFact {
    pub(super) id: String,
    pub(super) control: String,
    pub(super) resources: Vec<String>,
    pub(super) owner: String,
    pub(super) reason: String,
    pub(super) expires: Option<String>,
    pub(super) is_used: Option<bool>,
}
