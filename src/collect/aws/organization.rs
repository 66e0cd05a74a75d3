//! The account's organization, and the policies of it that reach the account.
//!
//! What is allowed has to be allowed at every level from the root to the account, by one policy of each; a denial at
//! any level holds (IAM, "Policy evaluation logic"; Organizations, "SCP evaluation").

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Account;
use super::client::Failure;
use super::document;
use super::field::string;
use super::service::{ORGANIZATIONS, Operation, operation};

pub(super) static PARENTS: Operation =
    operation(&ORGANIZATIONS, "ListParents").paged("Parents", "NextToken");
pub(super) static ATTACHED: Operation =
    operation(&ORGANIZATIONS, "ListPoliciesForTarget").paged("Policies", "NextToken");
pub(super) static CONTENT: Operation = operation(&ORGANIZATIONS, "DescribePolicy");

/// On what principals of the account may do.
pub(super) const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";
/// On what may be done with resources of the account.
pub(super) const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";

/// Most levels of units in an organization: five, the root and the account.
const MAX_LEVELS: usize = 8;

/// What is known of the account's organization.
#[derive(Debug, Default, Clone)]
pub(super) struct Organization {
    /// `o-a1b2c3d4e5`; `None` if the account is in none.
    pub(super) id: Option<String>,
    /// The account that manages it.
    pub(super) management: Option<String>,
    /// Ids of its active accounts, where they are told.
    pub(super) accounts: Vec<String>,
    /// Why it is not known, if so.
    pub(super) failure: Option<String>,
    /// The account, the units that it is in, and the root; those whose policies are known.
    pub(super) path: Vec<String>,
    /// Policies that reach the account, once for each level that has them.
    pub(super) policies: Vec<Attached>,
    /// Why policies of the organization may be missing.
    pub(super) policies_failure: Option<String>,
}

/// A policy at a level.
#[derive(Debug, Clone)]
pub(super) struct Attached {
    /// [`SERVICE_CONTROL`] or [`RESOURCE_CONTROL`].
    pub(super) kind: &'static str,
    /// The account, a unit or the root.
    pub(super) target: String,
    pub(super) name: String,
    pub(super) document: Value,
}

impl Organization {
    /// Policies of a kind at each level, from the account to the root; none of it where the organization has the kind
    /// switched off. A level without one allows nothing.
    pub(super) fn levels(&self, kind: &str) -> Vec<Vec<&Value>> {
        if self.policies.iter().all(|policy| policy.kind != kind) {
            return Vec::new();
        }
        let at = |target: &String| {
            let own = self
                .policies
                .iter()
                .filter(|policy| policy.kind == kind && policy.target == *target);
            own.map(|policy| &policy.document).collect()
        };
        self.path.iter().map(at).collect()
    }

    /// The documents of a kind at all levels.
    pub(super) fn documents(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.policies
            .iter()
            .filter(move |policy| policy.kind == kind)
            .map(|policy| &policy.document)
    }
}

/// Reads the policies that reach the account, into `known`.
pub(super) async fn policies(account: &Account<'_>, known: &mut Organization) {
    // None of them binds the account that manages.
    if known.management.as_deref() == Some(account.id.as_str()) {
        return;
    }
    let levels = match above(account).await {
        Ok(levels) => levels,
        Err(failure) => {
            known.policies_failure = Some(failure.why);
            return;
        }
    };
    let kinds = [SERVICE_CONTROL, RESOURCE_CONTROL];
    let asked = levels.iter().flat_map(|target| kinds.map(|kind| (target, kind)));
    let answers = join_all(asked.map(|(target, kind)| async move {
        let input = json!({"TargetId": target, "Filter": kind});
        let listed = account.client.list(&ATTACHED, &account.home, input).await;
        (target, kind, listed)
    }))
    .await;
    let mut attached: Vec<(&String, &'static str, String, String)> = Vec::new();
    let mut broken = BTreeSet::new();
    let off = ["PolicyTypeNotEnabledException", "PolicyTypeNotAvailableForOrganizationException"];
    for (target, kind, listed) in &answers {
        if let Some(failure) = listed.failure.as_ref().filter(|failure| !failure.is(&off)) {
            known.policies_failure = Some(failure.why.clone());
            broken.insert(*target);
        }
        for policy in &listed.items {
            let Some(id) = string(policy, "Id") else { continue };
            let name = string(policy, "Name").unwrap_or(id);
            attached.push((target, kind, id.to_owned(), name.to_owned()));
        }
    }
    // One policy may be at many levels.
    let ids: BTreeSet<&str> = attached.iter().map(|(_, _, id, _)| id.as_str()).collect();
    let read = ids.iter().map(|id| async move { (*id, content(account, id).await) });
    let documents: BTreeMap<&str, Result<Value, Failure>> =
        join_all(read).await.into_iter().collect();
    for (target, kind, id, name) in &attached {
        match documents.get(id.as_str()) {
            Some(Ok(document)) => known.policies.push(Attached {
                kind,
                target: (*target).clone(),
                name: name.clone(),
                document: document.clone(),
            }),
            Some(Err(failure)) => {
                known.policies_failure = Some(failure.why.clone());
                broken.insert(*target);
            }
            None => {}
        }
    }
    known.path = levels.iter().filter(|target| !broken.contains(target)).cloned().collect();
}

async fn content(account: &Account<'_>, id: &str) -> Result<Value, Failure> {
    let answer = account.client.call(&CONTENT, &account.home, json!({"PolicyId": id})).await?;
    string(&answer, "Policy.Content").and_then(document::parse).ok_or_else(|| Failure {
        code: String::new(),
        why: format!("policy {id} is no policy document"),
    })
}

/// The account, all units above it, and the root.
async fn above(account: &Account<'_>) -> Result<Vec<String>, Failure> {
    let mut levels = vec![account.id.clone()];
    while let Some(at) = levels.last().filter(|at| !at.starts_with("r-"))
        && levels.len() < MAX_LEVELS
    {
        let listed = account.client.list(&PARENTS, &account.home, json!({"ChildId": at})).await;
        if let Some(failure) = listed.failure {
            return Err(failure);
        }
        let parent = listed.items.first().and_then(|one| string(one, "Id")).map(str::to_owned);
        match parent {
            Some(parent) => levels.push(parent),
            None => break,
        }
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(kind: &'static str, target: &str, name: &str) -> Attached {
        let (target, name) = (target.to_owned(), name.to_owned());
        Attached { kind, target, document: json!(name), name }
    }

    #[test]
    fn each_level_has_its_own() {
        let mut known = Organization {
            path: vec!["1".into(), "ou-1".into(), "r-1".into()],
            ..Organization::default()
        };
        assert!(known.levels(SERVICE_CONTROL).is_empty());
        known.policies = vec![
            attached(SERVICE_CONTROL, "r-1", "all"),
            attached(SERVICE_CONTROL, "1", "all"),
            attached(SERVICE_CONTROL, "1", "some"),
        ];
        let expected: [&[Value]; 3] = [&[json!("all"), json!("some")], &[], &[json!("all")]];
        let levels: Vec<Vec<Value>> = known
            .levels(SERVICE_CONTROL)
            .into_iter()
            .map(|level| level.into_iter().cloned().collect())
            .collect();
        assert_eq!(levels, expected);
        assert!(known.levels(RESOURCE_CONTROL).is_empty());
        assert_eq!(known.documents(SERVICE_CONTROL).count(), 3);
    }
}
