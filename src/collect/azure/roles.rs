//! Roles: definitions, assignments, schedules and denials, of each subscription.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calls::{
    DENY_ASSIGNMENTS, ELIGIBILITIES, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, SCHEDULES,
};
use super::context::{Azure, Scope};
use super::rbac::{Assignment, Definitions, Denial, last};
use super::sheet::{Draft, whole};
use crate::collect::field::{Field, plain, string, strings, time};
use crate::collect::rest::Listed;

pub(super) const DEFINITION: &str = "azure_role_definition";
pub(super) const ASSIGNMENT: &str = "azure_role_assignment";

/// Codes with which ARM says that the directory has no Privileged Identity Management: nothing is scheduled.
const NO_SCHEDULES: &[&str] =
    &["AadPremiumLicenseRequired", "InvalidResourceType", "NoRegisteredProviderFound"];

/// What roles a subscription has, and why not all is known.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) scope: Option<Scope>,
    /// Answers of `roleAssignments`.
    answers: Vec<Value>,
    answers_failure: Option<String>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) definitions: Definitions,
    definition_answers: Vec<Value>,
    definitions_failure: Option<String>,
    pub(super) denials: Vec<Denial>,
    denials_failure: Option<String>,
    schedules: Vec<Value>,
    schedules_failure: Option<String>,
    eligible_failure: Option<String>,
}

impl Roles {
    /// Why it is not known who has which role.
    pub(super) fn unknown(&self) -> Vec<String> {
        let parts = [
            &self.answers_failure,
            &self.definitions_failure,
            &self.denials_failure,
            &self.eligible_failure,
        ];
        parts.into_iter().flatten().cloned().collect()
    }

    /// Why there may be more who have a role.
    pub(super) fn unnamed(&self) -> Option<&str> {
        self.answers_failure.as_deref()
    }

    /// Object ids of those who have a role.
    pub(super) fn principals(&self) -> impl Iterator<Item = (&str, &str)> {
        self.assignments.iter().map(|one| (one.principal.as_str(), one.principal_type.as_str()))
    }
}

/// Reads the roles of a subscription, or those that reach one vault.
pub(super) async fn read(azure: &Azure<'_>, scope: &Scope) -> Roles {
    let of = |kind: &str| format!("{}/providers/Microsoft.Authorization/{kind}", scope.of_roles());
    let paths = [
        "roleAssignments",
        "roleDefinitions",
        "denyAssignments",
        "roleAssignmentScheduleInstances",
        "roleEligibilityScheduleInstances",
    ]
    .map(of);
    let (answers, definitions, denials, schedules, eligible) = futures_util::join!(
        azure.list(&ROLE_ASSIGNMENTS, &paths[0], ""),
        azure.list(&ROLE_DEFINITIONS, &paths[1], ""),
        azure.list(&DENY_ASSIGNMENTS, &paths[2], ""),
        azure.list(&SCHEDULES, &paths[3], ""),
        azure.list(&ELIGIBILITIES, &paths[4], ""),
    );
    let why = |listed: &Listed| listed.failure.as_ref().map(|failure| failure.why.clone());
    let (answers_failure, definitions_failure, denials_failure) =
        (why(&answers), why(&definitions), why(&denials));
    if let Some(why) = &answers_failure {
        azure.sheet.gap(&[ASSIGNMENT, super::principals::KIND], &paths[0], why);
    }
    if let Some(why) = &definitions_failure {
        azure.sheet.gap(&[DEFINITION], &paths[1], why);
    }
    let schedules = without_license(schedules);
    let eligible = whole(without_license(eligible));
    let mut assignments: Vec<Assignment> =
        answers.items.iter().filter_map(|one| Assignment::of(one, false)).collect();
    let may_take = eligible.iter().flatten().filter_map(|one| Assignment::of(one, true));
    assignments.extend(may_take);
    Roles {
        scope: Some(scope.clone()),
        answers: answers.items,
        answers_failure,
        assignments,
        definitions: Definitions::new(&definitions.items),
        definition_answers: definitions.items,
        definitions_failure,
        denials: denials.items.iter().filter_map(Denial::of).collect(),
        denials_failure,
        schedules_failure: why(&schedules),
        schedules: schedules.items,
        eligible_failure: eligible.err(),
    }
}

fn without_license(listed: Listed) -> Listed {
    match &listed.failure {
        Some(failure) if failure.is(NO_SCHEDULES) => Listed::default(),
        _ => listed,
    }
}

static OF_DEFINITION: &[Field] = &[
    plain("roleName").of("properties.roleName"),
    plain("description").of("properties.description"),
];

/// Writes the facts of all subscriptions: what several inherit is told once.
pub(super) fn write(azure: &Azure<'_>, all: &[Roles]) {
    let ids = definitions(azure, all);
    if azure.wants(&[ASSIGNMENT]) {
        assignments(azure, all, &ids);
    }
}

/// Definitions that are custom or assigned; gives their ids and names by the last part of an id.
fn definitions(azure: &Azure<'_>, all: &[Roles]) -> BTreeMap<String, (String, Value)> {
    let assigned: BTreeSet<String> =
        all.iter().flat_map(|roles| &roles.assignments).map(|one| last(&one.role)).collect();
    let mut known = BTreeMap::new();
    let answers = all.iter().flat_map(|roles| {
        let tenant = roles.scope.as_ref().map_or("", |scope| scope.tenant.as_str());
        roles.definition_answers.iter().map(move |one| (tenant, one))
    });
    let mut answers: Vec<(&str, &Value)> = answers.collect();
    answers.sort_by_key(|(_, one)| string(one, "id").unwrap_or_default().to_lowercase());
    for (tenant, one) in answers {
        let Some(given) = string(one, "id") else { continue };
        let key = last(given);
        let is_custom = string(one, "properties.type") == Some("CustomRole");
        if known.contains_key(&key) || !(is_custom || assigned.contains(&key)) {
            continue;
        }
        // Roles of Azure are the same everywhere, under ids of each subscription.
        let id = if is_custom {
            given.to_lowercase()
        } else {
            format!("/providers/microsoft.authorization/roledefinitions/{key}")
        };
        known.insert(key, (id.clone(), one["properties"]["roleName"].clone()));
        if azure.wants(&[DEFINITION]) {
            azure.sheet.fact(definition(azure, &id, one, tenant));
        }
    }
    known
}

fn definition(azure: &Azure<'_>, id: &str, one: &Value, tenant: &str) -> Draft {
    let mut draft = Draft::new(DEFINITION, id, Some(tenant));
    draft.set("name", one["name"].clone());
    draft.copy(OF_DEFINITION, one);
    draft.set("role_type", one["properties"]["type"].clone());
    draft.set("assignableScopes", strings(one, "properties.assignableScopes"));
    let permission = |permission: &Value| {
        let list = |name: &str| strings(permission, name);
        json!({
            "actions": list("actions"), "notActions": list("notActions"),
            "dataActions": list("dataActions"), "notDataActions": list("notDataActions"),
        })
    };
    let permissions = one["properties"]["permissions"].as_array();
    draft.set("permissions", permissions.into_iter().flatten().map(permission).collect::<Value>());
    let mut leaks = crate::collect::leaks::Leaks::new(azure.judge);
    draft.blank(&mut leaks, &["roleName", "description"]);
    draft
}

static OF_ASSIGNMENT: &[Field] = &[
    plain("principalId").of("properties.principalId"),
    plain("principalType").of("properties.principalType"),
    plain("scope").of("properties.scope"),
    plain("condition").of("properties.condition"),
    time("createdOn").of("properties.createdOn"),
];

fn assignments(azure: &Azure<'_>, all: &[Roles], definitions: &BTreeMap<String, (String, Value)>) {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for roles in all {
        let Some(scope) = &roles.scope else { continue };
        let schedules = match &roles.schedules_failure {
            None => Ok(Schedules::new(&roles.schedules)),
            Some(why) => Err(why),
        };
        for one in &roles.answers {
            let Some(id) = string(one, "id").map(str::to_lowercase) else { continue };
            seen.entry(id.clone()).or_default().insert(scope.subscription.clone());
            if drafts.contains_key(&id) {
                continue;
            }
            let mut draft = Draft::new(ASSIGNMENT, &id, Some(&scope.tenant));
            draft.set("name", one["name"].clone());
            draft.copy(OF_ASSIGNMENT, one);
            let principal = draft.text("principalId").to_lowercase();
            draft.set("principal", super::principals::id_of(&principal));
            let role = string(one, "properties.roleDefinitionId").unwrap_or_default();
            let known = definitions.get(&last(role));
            let own = format!("/providers/microsoft.authorization/roledefinitions/{}", last(role));
            draft.set("role", known.map_or(own, |(id, _)| id.clone()));
            draft.set("role_name", known.map(|(_, name)| name.clone()));
            let at = draft.text("scope").to_lowercase();
            draft.set("scope_kind", scope_kind(&at));
            draft.set("scope_id", at);
            match &schedules {
                Ok(schedules) => {
                    let instance = schedules.of(&id, one);
                    let kind = instance.and_then(|one| string(one, "properties.assignmentType"));
                    draft.set("assignment_type", kind.unwrap_or("Assigned"));
                    let ends = instance.and_then(|one| {
                        crate::collect::field::as_time(&one["properties"]["endDateTime"])
                    });
                    draft.set("ends", ends);
                }
                Err(why) => draft.unread(&["assignment_type", "ends"], why),
            }
            drafts.insert(id, draft);
        }
    }
    for (id, mut draft) in drafts {
        draft.set("subscriptions", seen.remove(&id).into_iter().flatten().collect::<Vec<_>>());
        azure.sheet.fact(draft);
    }
}

/// Schedules by the assignments that they made.
struct Schedules<'v> {
    by_origin: BTreeMap<String, &'v Value>,
    by_parts: BTreeMap<(String, String, String), &'v Value>,
}

impl<'v> Schedules<'v> {
    fn new(all: &'v [Value]) -> Self {
        let origin = |one: &'v Value| {
            Some((string(one, "properties.originRoleAssignmentId")?.to_lowercase(), one))
        };
        Self {
            by_origin: all.iter().filter_map(origin).collect(),
            by_parts: all.iter().filter_map(|one| Some((parts(one)?, one))).collect(),
        }
    }

    fn of(&self, id: &str, assignment: &Value) -> Option<&'v Value> {
        let by_parts = || self.by_parts.get(&parts(assignment)?);
        self.by_origin.get(id).or_else(by_parts).copied()
    }
}

fn parts(one: &Value) -> Option<(String, String, String)> {
    let of = |name: &str| string(one, &format!("properties.{name}")).map(str::to_lowercase);
    Some((of("scope")?, last(&of("roleDefinitionId")?), of("principalId")?))
}

/// What a scope, in lower case, is.
fn scope_kind(scope: &str) -> &'static str {
    let parts: Vec<&str> = scope.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => "root",
        ["providers", "microsoft.management", "managementgroups", _] => "management_group",
        ["subscriptions", _] => "subscription",
        ["subscriptions", _, "resourcegroups", _] => "resource_group",
        [.., "microsoft.keyvault", "vaults", _, "secrets" | "keys" | "certificates", _] => "object",
        _ => "resource",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_by_their_form() {
        for (scope, kind) in [
            ("/", "root"),
            ("/providers/microsoft.management/managementgroups/corp", "management_group"),
            ("/subscriptions/s", "subscription"),
            ("/subscriptions/s/resourcegroups/g", "resource_group"),
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/v", "resource"),
            (
                "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/v/secrets/a",
                "object",
            ),
        ] {
            assert_eq!(scope_kind(scope), kind, "{scope}");
        }
    }
}
