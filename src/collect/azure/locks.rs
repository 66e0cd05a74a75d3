//! Management locks.

use serde_json::{Value, json};

use super::calls::LOCKS;
use super::context::{Azure, Scope};
use super::rbac::reaches;
use super::sheet::whole;
use crate::collect::field::string;

/// The locks of a subscription, its groups and resources, or why they are not known.
#[derive(Debug, Clone)]
pub(super) struct Locks(Result<Vec<Lock>, String>);

#[derive(Debug, Clone)]
struct Lock {
    name: String,
    level: String,
    /// What it holds.
    scope: String,
}

impl Locks {
    /// Where nobody wants to know.
    pub(super) fn none() -> Self {
        Self(Ok(Vec::new()))
    }

    pub(super) async fn read(azure: &Azure<'_>, scope: &Scope) -> Self {
        let path = format!("{}/providers/Microsoft.Authorization/locks", scope.path());
        let all = whole(azure.list(&LOCKS, &path, "").await);
        Self(all.map(|all| all.iter().filter_map(lock).collect()))
    }

    /// Those that hold a resource: its own, and those of its group and subscription.
    pub(super) fn of(&self, resource: &str) -> Result<Value, String> {
        let all = self.0.as_ref().map_err(Clone::clone)?;
        let holding = all.iter().filter(|lock| reaches(&lock.scope, resource));
        let told =
            |lock: &Lock| json!({"name": lock.name, "level": lock.level, "scope": lock.scope});
        let mut told: Vec<Value> = holding.map(told).collect();
        told.sort_by_key(|lock| lock["scope"].as_str().map(str::to_owned));
        Ok(told.into())
    }
}

/// Its id is that of what it holds, `/providers/Microsoft.Authorization/locks/NAME`.
fn lock(one: &Value) -> Option<Lock> {
    let id = string(one, "id")?.to_lowercase();
    let scope = id.rsplit_once("/providers/microsoft.authorization/locks/")?.0.to_owned();
    Some(Lock {
        name: string(one, "name")?.to_owned(),
        level: string(one, "properties.level")?.to_owned(),
        scope,
    })
}
