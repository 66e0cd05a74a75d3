//! What logs tell of reads of secrets and uses of keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calls::QUERY;
use super::context::Azure;
use super::objects::part;
use super::sheet::Draft;
use super::sinks::Workspaces;
use super::vaults::Vault;
use crate::collect::field::{as_time, items, string};

/// How far back reads are looked for, in days.
const DAYS: i64 = 180;

/// What was done with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    operation: String,
    /// The first of these records.
    first: String,
    /// Of the object, in lower case.
    url: String,
    last: String,
    count: i64,
}

/// Reads of one vault, and from when on they were looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Records {
    since: String,
    all: Vec<Record>,
}

/// What is known of each vault, by its id; why nothing is.
pub(super) type Known = BTreeMap<String, Result<Records, String>>;

/// Asks the workspaces that get the records of vaults.
pub(super) async fn read(azure: &Azure<'_>, vaults: &[Vault], workspaces: &Workspaces) -> Known {
    let mut of_workspace: BTreeMap<String, Vec<&Vault>> = BTreeMap::new();
    for vault in vaults {
        let named = vault
            .settings
            .iter()
            .filter(|one| one.audits)
            .filter_map(|one| one.workspace.as_deref().map(str::to_lowercase));
        let mut named: Vec<String> = named.collect();
        named.sort();
        // One that can be asked, if there are several.
        let named = named.iter().find(|id| matches!(workspaces.get(*id), Some(Ok(_))));
        if let Some(id) = named {
            of_workspace.entry(id.clone()).or_default().push(vault);
        }
    }
    let answers = super::each(of_workspace, |(id, vaults)| async move {
        let answer = match workspaces.get(&id) {
            Some(Ok(workspace)) => match &workspace.days {
                Ok(days) => ask(azure, &workspace.customer, (*days).clamp(1, DAYS)).await,
                Err(why) => Err(why.clone()),
            },
            _ => Err("the workspace is not known".to_owned()),
        };
        (vaults, answer)
    })
    .await;
    let mut known = Known::new();
    for (vaults, answer) in answers {
        for vault in vaults {
            let of_vault = answer.as_ref().map_err(Clone::clone).and_then(|(since, all)| {
                // Before the first record nobody may have been listening.
                let all = all.get(vault.id()).cloned().unwrap_or_default();
                let first = all.iter().map(|record| record.first.clone()).min();
                let first = first.ok_or_else(|| "the workspace has no record of it".to_owned())?;
                Ok(Records { since: first.max(since.clone()), all })
            });
            known.insert(vault.id().to_owned(), of_vault);
        }
    }
    for vault in vaults {
        let why = reason(vault, workspaces);
        known.entry(vault.id().to_owned()).or_insert(Err(why));
    }
    known
}

/// Why nothing is known of a vault.
fn reason(vault: &Vault, workspaces: &Workspaces) -> String {
    if let Some(why) = vault.draft.why_unread("diagnostic_settings") {
        return why.to_owned();
    }
    let named = vault.settings.iter().filter(|one| one.audits);
    let failed = named.filter_map(|one| one.workspace.as_deref()).find_map(|id| {
        workspaces.get(&id.to_lowercase()).and_then(|one| one.as_ref().err()).cloned()
    });
    failed.unwrap_or_else(|| "no setting sends AuditEvent to a workspace".to_owned())
}

/// Records by the id of their vault, and from when on.
type Asked = (String, BTreeMap<String, Vec<Record>>);

async fn ask(azure: &Azure<'_>, customer: &str, days: i64) -> Result<Asked, String> {
    let since = azure.days_ago(days);
    let body = json!({"query": query(&since, &azure.now_text())});
    let path = format!("/v1/workspaces/{customer}/query");
    let answer = azure.post(&QUERY, &path, &body).await.map_err(|failure| failure.why)?;
    let answer = answer.ok_or_else(|| "there is no such thing at log query".to_owned())?;
    if answer.get("error").is_some_and(|error| !error.is_null()) {
        return Err("a part of the answer is missing at log query".into());
    }
    let mut all: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    let table = items(&answer, "tables").first().cloned().unwrap_or_default();
    let names: Vec<&str> =
        items(&table, "columns").iter().filter_map(|column| string(column, "name")).collect();
    let at = |name: &str| names.iter().position(|known| *known == name);
    let columns = ["Vault", "OperationName", "Object", "First", "Last", "Count"].map(at);
    let [Some(vault), Some(operation), Some(object), Some(first), Some(last), Some(count)] =
        columns
    else {
        return Err("an answer that is no table at log query".into());
    };
    for row in items(&table, "rows") {
        let text = |index: usize| row[index].as_str().unwrap_or_default().to_owned();
        let record = Record {
            operation: text(operation),
            url: text(object),
            first: as_time(&row[first]).unwrap_or_default(),
            last: as_time(&row[last]).unwrap_or_default(),
            count: row[count].as_i64().unwrap_or_default(),
        };
        all.entry(text(vault)).or_default().push(record);
    }
    Ok((since, all))
}

/// Of both tables that vaults write to, whichever there are. No record holds a value.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/logging> and the tables `AzureDiagnostics` and
/// `AZKVAuditLogs` of the reference of Azure Monitor.
fn query(since: &str, until: &str) -> String {
    format!(
        "union isfuzzy=true \
         (AzureDiagnostics | where ResourceProvider =~ 'MICROSOFT.KEYVAULT' \
         | project TimeGenerated, Vault = tolower(ResourceId), OperationName, \
         Status = toint(column_ifexists('httpStatusCode_d', real(null))), \
         Object = tolower(column_ifexists('id_s', ''))), \
         (AZKVAuditLogs | project TimeGenerated, Vault = tolower(_ResourceId), OperationName, \
         Status = toint(HttpStatusCode), Object = tolower(Id)) \
         | where TimeGenerated between (datetime({since}) .. datetime({until})) \
         | extend Use = Status == 200 \
         and OperationName in ('SecretGet', 'KeyDecrypt', 'KeyUnwrap', 'KeySign') \
         | summarize First = min(TimeGenerated), Last = max(TimeGenerated), Count = count() \
         by Vault, OperationName = iff(Use, OperationName, ''), Object = iff(Use, Object, '')"
    )
}

/// Tells vaults, secrets and keys what is known.
pub(super) fn tell(known: &Known, vaults: &mut [Vault], secrets: &mut [Draft], keys: &mut [Draft]) {
    for vault in vaults {
        match known.get(vault.id()) {
            Some(Ok(records)) => vault.draft.set("audit_query", records.since.as_str()),
            Some(Err(why)) => vault.draft.unread(&["audit_query"], why),
            None => {}
        }
    }
    let mut read: BTreeMap<(&str, String), &str> = BTreeMap::new();
    let mut used: BTreeMap<(&str, String), Vec<&Record>> = BTreeMap::new();
    for (vault, records) in known {
        for record in records.iter().flat_map(|records| &records.all) {
            if record.operation == "SecretGet" {
                let Some(name) = part(&record.url, "secrets", 0) else { continue };
                let last = read.entry((vault, name)).or_default();
                *last = (*last).max(record.last.as_str());
            } else if let Some(name) = part(&record.url, "keys", 0) {
                used.entry((vault, name)).or_default().push(record);
            }
        }
    }
    for secret in secrets {
        let vault = secret.text("vault").to_owned();
        match known.get(&vault) {
            Some(Ok(_)) => {
                let last = read.get(&(vault.as_str(), secret.key.clone())).copied();
                secret.set("last_read", last);
            }
            Some(Err(why)) => secret.unread(&["last_read"], why),
            None => secret.set("last_read", Value::Null),
        }
    }
    for key in keys {
        let vault = key.text("vault").to_owned();
        match known.get(&vault) {
            Some(Ok(_)) => {
                let records =
                    used.get(&(vault.as_str(), key.key.clone())).map_or(&[][..], Vec::as_slice);
                match old_uses(key, records) {
                    Ok(uses) => key.set("old_version_uses", uses),
                    Err(why) => key.unread(&["old_version_uses"], &why),
                }
            }
            Some(Err(why)) => key.unread(&["old_version_uses"], why),
            None => key.set("old_version_uses", Value::Null),
        }
    }
}

/// Uses of versions other than the newest.
fn old_uses(key: &Draft, records: &[&Record]) -> Result<Value, String> {
    if let Some(why) = key.why_unread("versions") {
        return Err(why.to_owned());
    }
    let newest = items(key.get("versions"), "").first().and_then(|one| string(one, "version"));
    let newest = newest.map(str::to_lowercase);
    let mut uses: Vec<Value> = Vec::new();
    for record in records {
        let version = part(&record.url, "keys", 1);
        if version.is_none() || version == newest {
            continue;
        }
        uses.push(json!({
            "version": version, "operation": record.operation, "last": record.last, "count": record.count,
        }));
    }
    uses.sort_by_key(ToString::to_string);
    Ok(uses.into())
}
