//! Who can read a secret: what roles at every scope, denials, access policies and the vault's settings say together.
//!
//! Under RBAC roles count, else access policies. Who may write either can let themselves in. Who is in a group is told by
//! its principal and does not count here, so that a denial that names a group, or spares one, makes a reader conditional.
//! Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide>,
//! <https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::context::Azure;
use super::principals::{Principals, id_of};
use super::rbac::{Assignment, Denied, On, reaches};
use super::roles::Roles;
use super::sheet::Draft;
use super::vaults::Vault;
use crate::collect::field::{items, string, strings};

pub(super) const KIND: &str = "azure_secret_readers";

/// What lets somebody do something to the values of secrets, by roles on data.
static BY_DATA: &[(&str, &[&str])] = &[
    ("read", &["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
    ("list", &["Microsoft.KeyVault/vaults/secrets/readMetadata/action"]),
    (
        "update",
        &[
            "Microsoft.KeyVault/vaults/secrets/setSecret/action",
            "Microsoft.KeyVault/vaults/secrets/update/action",
        ],
    ),
    (
        "delete",
        &[
            "Microsoft.KeyVault/vaults/secrets/delete",
            "Microsoft.KeyVault/vaults/secrets/purge/action",
        ],
    ),
];
/// The same by access policies.
static BY_POLICY: &[(&str, &[&str])] = &[
    ("read", &["get", "all"]),
    ("list", &["list", "all"]),
    ("update", &["set", "all"]),
    ("delete", &["delete", "purge", "all"]),
];
/// By roles of management, whichever counts for data.
static BY_MANAGEMENT: &[(&str, &[&str])] = &[
    ("update", &["Microsoft.KeyVault/vaults/secrets/write"]),
    ("grant", &["Microsoft.Authorization/roleAssignments/write"]),
];
/// By roles of management, where access policies count.
static TO_POLICIES: &[(&str, &[&str])] = &[(
    "grant",
    &["Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/vaults/accessPolicies/write"],
)];
/// Reads all secrets, for templates, in a vault that is enabled for them.
static BY_TEMPLATE: &[(&str, &[&str])] = &[("read", &["Microsoft.KeyVault/vaults/deploy/action"])];
const TEMPLATE: &str = "by a template deployment";
const ELIGIBLE: &str = "after activation of an eligible role";

/// Who can do what to the secrets of a vault.
pub(super) struct Readers<'d> {
    vault: &'d Vault,
    roles: &'d Roles,
    principals: &'d Principals,
    /// Assignments at the vault and above.
    above: Vec<&'d Assignment>,
    /// Those at secrets.
    inside: Vec<&'d Assignment>,
    /// What holds for secrets with nothing of their own.
    common: Found,
}

type Found = BTreeMap<String, Entry>;

/// What one principal can do.
#[derive(Debug, Clone, Default)]
struct Entry {
    plain: BTreeMap<&'static str, BTreeSet<String>>,
    conditional: BTreeMap<&'static str, BTreeSet<String>>,
    conditions: BTreeSet<String>,
}

impl<'d> Readers<'d> {
    pub(super) fn new(vault: &'d Vault, roles: &'d Roles, principals: &'d Principals) -> Self {
        let id = vault.id();
        let secrets = format!("{id}/secrets/");
        let all = || roles.assignments.iter();
        let above = all().filter(|one| reaches(&one.scope, id)).collect();
        let inside = all().filter(|one| one.scope.to_lowercase().starts_with(&secrets)).collect();
        let mut readers = Self { vault, roles, principals, above, inside, common: BTreeMap::new() };
        readers.common = readers.found(&format!("{secrets}*"), &[]);
        readers
    }

    /// The fact about who can read a secret.
    pub(super) fn of(&self, azure: &Azure<'_>, secret: &Draft) -> Draft {
        let id = secret.id();
        let own: Vec<&Assignment> =
            self.inside.iter().filter(|one| reaches(&one.scope, id)).copied().collect();
        let is_denied_apart = self.roles.denials.iter().any(|one| one.is_inside(self.vault.id()));
        let found = if own.is_empty() && !is_denied_apart {
            self.common.clone()
        } else {
            self.found(id, &own)
        };
        let mut draft = Draft::new(KIND, &format!("{id}#readers"), Some(&azure.tenant));
        draft.set("tenant", self.vault.scope.tenant.as_str());
        draft.set("name", secret.get("name").clone());
        draft.set("secret", id);
        draft.set("readers", self.told(&found));
        let unknown = self.unknown(&own);
        draft.set("complete", unknown.is_empty());
        draft.set("unknown", unknown);
        draft
    }

    fn unknown(&self, own: &[&Assignment]) -> Vec<String> {
        let mut unknown = self.roles.unknown();
        if unknown.iter().all(|why| !why.ends_with("roleDefinitions")) {
            let missing = self
                .above
                .iter()
                .chain(own)
                .filter(|one| self.roles.definitions.find(&one.role).is_none());
            unknown.extend(
                missing
                    .map(|one| format!("the role {} of {} is not known", one.role, one.principal)),
            );
        }
        unknown.sort();
        unknown.dedup();
        unknown
    }

    fn found(&self, secret: &str, own: &[&Assignment]) -> Found {
        let mut found = Found::new();
        let has_policies = self.vault.has_access_policies();
        for assignment in self.above.iter().chain(own) {
            if !has_policies {
                self.by_role(&mut found, secret, assignment, On::Data, BY_DATA, None);
            }
            self.by_role(&mut found, secret, assignment, On::Management, BY_MANAGEMENT, None);
        }
        for assignment in &self.above {
            let vault = self.vault.id();
            if has_policies {
                self.by_role(&mut found, vault, assignment, On::Management, TO_POLICIES, None);
            }
            if *self.vault.draft.get("enabledForTemplateDeployment") == true {
                let how = Some(TEMPLATE);
                self.by_role(&mut found, vault, assignment, On::Management, BY_TEMPLATE, how);
            }
        }
        if has_policies {
            self.by_policies(&mut found);
        }
        found
    }

    /// Adds what a role lets its holder do to a resource.
    fn by_role(
        &self,
        found: &mut Found,
        resource: &str,
        assignment: &Assignment,
        on: On,
        ways: &[(&'static str, &[&str])],
        how: Option<&str>,
    ) {
        let Some(role) = self.roles.definitions.find(&assignment.role) else { return };
        for (access, actions) in ways {
            for action in actions.iter().filter(|action| role.allows(on, action)) {
                let denied = self.roles.denials.iter().map(|one| {
                    (one.denies(on, action, resource, &assignment.principal, None), &one.name)
                });
                let denied: Vec<(Denied, &String)> = denied.collect();
                if denied.iter().any(|(denied, _)| *denied == Denied::Yes) {
                    continue;
                }
                let mut conditions: Vec<String> = how.map(str::to_owned).into_iter().collect();
                conditions.extend(assignment.condition.iter().map(|text| shortened(text)));
                if assignment.is_eligible {
                    conditions.push(ELIGIBLE.into());
                }
                let perhaps = denied.iter().filter(|(denied, _)| *denied == Denied::Perhaps);
                conditions.extend(perhaps.map(|(_, name)| format!("unless `{name}` denies it")));
                let via = format!("{} at {}", role.name, assignment.scope.to_lowercase());
                let entry = found.entry(assignment.principal.clone()).or_default();
                entry.add(access, via, conditions);
            }
        }
    }

    fn by_policies(&self, found: &mut Found) {
        let tenant = self.vault.draft.text("tenantId").to_lowercase();
        for policy in items(self.vault.draft.get("accessPolicies"), "") {
            let object = string(policy, "objectId").unwrap_or_default();
            let of = string(policy, "tenantId").unwrap_or_default();
            // Nobody of another directory gets in.
            if object.is_empty() || (!tenant.is_empty() && !of.is_empty() && of != tenant) {
                continue;
            }
            let permissions = strings(policy, "permissions.secrets");
            let through = string(policy, "applicationId");
            for (access, names) in BY_POLICY {
                if permissions.iter().any(|one| names.contains(&one.as_str())) {
                    let conditions = through.map(|id| format!("through the application {id}"));
                    let conditions = conditions.into_iter().collect();
                    let entry = found.entry(object.to_owned()).or_default();
                    entry.add(access, "access policy".into(), conditions);
                }
            }
        }
    }

    fn told(&self, found: &Found) -> Value {
        let mut all = Vec::new();
        for (object, entry) in found {
            let mut tell = |ways: &BTreeMap<&'static str, BTreeSet<String>>,
                            conditions: &BTreeSet<String>| {
                if ways.is_empty() {
                    return;
                }
                let via: BTreeSet<&String> = ways.values().flatten().collect();
                all.push(json!({
                    "principal": id_of(object),
                    "principal_kind": self.principals.kind(object),
                    "access": ways.keys().collect::<Vec<_>>(),
                    "via": via,
                    "conditional": !conditions.is_empty(),
                    "conditions": conditions,
                }));
            };
            tell(&entry.plain, &BTreeSet::new());
            let mut rest = entry.conditional.clone();
            rest.retain(|access, _| !entry.plain.contains_key(access));
            tell(&rest, &entry.conditions);
        }
        all.into()
    }
}

impl Entry {
    fn add(&mut self, access: &'static str, via: String, conditions: Vec<String>) {
        if conditions.is_empty() {
            self.plain.entry(access).or_default().insert(via);
        } else {
            self.conditional.entry(access).or_default().insert(via);
            self.conditions.extend(conditions);
        }
    }
}

/// Longest condition that is shown, in characters.
const MAX_CONDITION: usize = 200;

fn shortened(text: &str) -> String {
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= MAX_CONDITION {
        return plain;
    }
    plain.chars().take(MAX_CONDITION).chain("...".chars()).collect()
}
