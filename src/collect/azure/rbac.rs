//! Azure RBAC: which actions permissions allow, and where an assignment counts.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/role-definitions> and
//! <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>, read in November 2026.

use std::collections::BTreeMap;

use serde_json::Value;

/// Whether an action is one of the management plane or one on data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// `actions` and `notActions`.
    Management,
    /// `dataActions` and `notDataActions`.
    Data,
}

/// One entry of a definition's `permissions`, or of a deny assignment's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Permission {
    actions: Vec<String>,
    not_actions: Vec<String>,
    data_actions: Vec<String>,
    not_data_actions: Vec<String>,
    /// Of a deny assignment.
    condition: Option<String>,
}

impl Permission {
    fn of(value: &Value) -> Self {
        let list = |name: &str| -> Vec<String> {
            let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
        };
        Self {
            actions: list("actions"),
            not_actions: list("notActions"),
            data_actions: list("dataActions"),
            not_data_actions: list("notDataActions"),
            condition: text(value, "condition").map(str::to_owned),
        }
    }

    /// Whether it covers an action; names are compared without case.
    pub(super) fn covers(&self, on: On, action: &str) -> bool {
        let (wanted, unwanted) = match on {
            On::Management => (&self.actions, &self.not_actions),
            On::Data => (&self.data_actions, &self.not_data_actions),
        };
        let action = action.to_ascii_lowercase();
        let is_in = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &action));
        is_in(wanted) && !is_in(unwanted)
    }
}

/// The permissions of a definition or deny assignment.
pub(super) fn permissions(value: &Value) -> Vec<Permission> {
    let list = value.get("permissions").and_then(Value::as_array);
    list.into_iter().flatten().map(Permission::of).collect()
}

/// A role definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    /// `Key Vault Secrets User`.
    pub(super) name: String,
    pub(super) permissions: Vec<Permission>,
}

impl Definition {
    pub(super) fn allows(&self, on: On, action: &str) -> bool {
        self.permissions.iter().any(|permission| permission.covers(on, action))
    }
}

/// Definitions by the last part of their ids, which is theirs alone.
#[derive(Debug, Default)]
pub(super) struct Definitions(BTreeMap<String, Definition>);

impl Definitions {
    /// Of the answers of `roleDefinitions`.
    pub(super) fn new<'v>(answers: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut all = BTreeMap::new();
        for answer in answers {
            let (Some(id), Some(properties)) = (text(answer, "id"), answer.get("properties"))
            else {
                continue;
            };
            let name = text(properties, "roleName").unwrap_or_default().to_owned();
            let definition = Definition { name, permissions: permissions(properties) };
            all.insert(last(id), definition);
        }
        Self(all)
    }

    /// That of an assignment, by the id that it names.
    pub(super) fn find(&self, id: &str) -> Option<&Definition> {
        self.0.get(&last(id))
    }
}

/// The last part of an id, in lower case.
pub(super) fn last(id: &str) -> String {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// A role that somebody has, or may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) scope: String,
    /// Id of the definition.
    pub(super) role: String,
    /// Object id.
    pub(super) principal: String,
    /// `User`, `Group`, `ServicePrincipal`...
    pub(super) principal_type: String,
    /// Attribute-based access control.
    pub(super) condition: Option<String>,
    /// Whether it has to be activated first (Privileged Identity Management).
    pub(super) is_eligible: bool,
}

impl Assignment {
    /// An item of `roleAssignments` or `roleEligibilityScheduleInstances`.
    pub(super) fn of(item: &Value, is_eligible: bool) -> Option<Self> {
        let properties = item.get("properties")?;
        Some(Self {
            scope: text(properties, "scope")?.to_owned(),
            role: text(properties, "roleDefinitionId")?.to_owned(),
            principal: text(properties, "principalId")?.to_ascii_lowercase(),
            principal_type: text(properties, "principalType").unwrap_or("Unknown").to_owned(),
            condition: text(properties, "condition").map(str::to_owned),
            is_eligible,
        })
    }
}

/// A deny assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denial {
    pub(super) name: String,
    scope: String,
    permissions: Vec<Permission>,
    /// Object ids, and [`EVERYONE`].
    principals: Vec<String>,
    excluded: Vec<String>,
    /// Whether it counts at its scope alone.
    stays: bool,
    condition: Option<String>,
}

/// The principal of deny assignments that is everyone.
const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// What a denial does to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Denied {
    No,
    /// Under a condition, or if somebody is in a group whose members are not known.
    Perhaps,
    Yes,
}

impl Denial {
    /// An item of `denyAssignments`.
    pub(super) fn of(item: &Value) -> Option<Self> {
        let properties = item.get("properties")?;
        let ids = |name: &str| -> Vec<String> {
            let list = properties.get(name).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(|one| text(one, "id")).map(str::to_ascii_lowercase).collect()
        };
        Some(Self {
            name: text(properties, "denyAssignmentName").unwrap_or_default().to_owned(),
            scope: text(properties, "scope")?.to_owned(),
            permissions: permissions(properties),
            principals: ids("principals"),
            excluded: ids("excludePrincipals"),
            stays: properties.get("doNotApplyToChildScopes") == Some(&Value::Bool(true)),
            condition: text(properties, "condition").map(str::to_owned),
        })
    }

    /// Whether it counts for something in `resource`, and not for all of it.
    pub(super) fn is_inside(&self, resource: &str) -> bool {
        self.scope.len() > resource.len() && reaches(resource, &self.scope)
    }

    /// What it does to `principal`, who is in `groups` (`None` if that is not known), for an action on a resource.
    pub(super) fn denies(
        &self,
        on: On,
        action: &str,
        resource: &str,
        principal: &str,
        groups: Option<&[String]>,
    ) -> Denied {
        let is_there = if self.stays {
            resource.trim_end_matches('/').eq_ignore_ascii_case(self.scope.trim_end_matches('/'))
        } else {
            reaches(&self.scope, resource)
        };
        let covering: Vec<&Permission> =
            self.permissions.iter().filter(|one| one.covers(on, action)).collect();
        if !is_there || covering.is_empty() {
            return Denied::No;
        }
        let is_one_of = |ids: &[String]| {
            if ids.iter().any(|id| id == principal || id == EVERYONE) {
                return Denied::Yes;
            }
            match groups {
                Some(groups) if groups.iter().any(|group| ids.contains(group)) => Denied::Yes,
                // Whoever is named by itself may be a group.
                None if !ids.is_empty() => Denied::Perhaps,
                _ => Denied::No,
            }
        };
        let is_conditional =
            self.condition.is_some() || covering.iter().all(|one| one.condition.is_some());
        match (is_one_of(&self.principals), is_one_of(&self.excluded)) {
            (Denied::No, _) | (_, Denied::Yes) => Denied::No,
            (Denied::Yes, Denied::No) if !is_conditional => Denied::Yes,
            _ => Denied::Perhaps,
        }
    }
}

/// Whether what holds at a scope holds for a resource: at it, above it, at a management group (only those above
/// are told of a subscription) or everywhere.
pub(super) fn reaches(scope: &str, resource: &str) -> bool {
    let scope = scope.trim_end_matches('/').to_ascii_lowercase();
    if scope.is_empty() || scope.starts_with("/providers/microsoft.management/managementgroups/") {
        return true;
    }
    let resource = resource.to_ascii_lowercase();
    resource.strip_prefix(&scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a pattern of lower case, with `*` for anything, fits a text of lower case.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(mut last) = parts.next() else { return rest.is_empty() };
    for part in parts {
        match rest.find(last) {
            Some(at) => rest = &rest[at + last.len()..],
            None => return false,
        }
        last = part;
    }
    rest.ends_with(last)
}

/// A text of an object; an empty one is none.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const READ: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

    fn definition(permissions: &Value) -> Definition {
        let answer = json!({"id": "/x/ROLE", "properties": {"permissions": permissions}});
        Definitions::new([&answer]).find("/subscriptions/s/providers/role").unwrap().clone()
    }

    #[test]
    fn actions_are_allowed_less_those_that_are_not() {
        for (permissions, expected) in [
            (json!([{"dataActions": ["*"]}]), true),
            (json!([{"dataActions": ["microsoft.keyvault/vaults/*"]}]), true),
            (json!([{"dataActions": ["Microsoft.KeyVault/vaults/secrets/*/action"]}]), true),
            (json!([{"dataActions": ["*/getSecret/action"]}]), true),
            (json!([{"dataActions": ["Microsoft.KeyVault/vaults/secrets/get"]}]), false),
            (json!([{"dataActions": ["Microsoft.KeyVault/vaults/keys/*"]}]), false),
            (json!([{"actions": ["*"]}]), false),
            (
                json!([{"dataActions": ["*"], "notDataActions": ["Microsoft.KeyVault/*/getSecret/action"]}]),
                false,
            ),
            // What is left out of one is in another.
            (
                json!([{"dataActions": ["*"], "notDataActions": ["*"]}, {"dataActions": [READ]}]),
                true,
            ),
            (json!([]), false),
        ] {
            assert_eq!(definition(&permissions).allows(On::Data, READ), expected, "{permissions}");
        }
    }

    #[test]
    fn scopes_reach_what_is_below() {
        let secret =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/a";
        for (scope, expected) in [
            ("/", true),
            ("/providers/Microsoft.Management/managementGroups/root", true),
            ("/subscriptions/S", true),
            ("/subscriptions/s/resourcegroups/G", true),
            ("/subscriptions/s/resourceGroups/g2", false),
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v", true),
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v2", false),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/ab",
                false,
            ),
        ] {
            assert_eq!(reaches(scope, secret), expected, "{scope}");
        }
    }

    #[test]
    fn a_denial_spares_who_is_excluded() {
        let denial = |more: Value| {
            let mut properties = json!({
                "scope": "/subscriptions/s", "denyAssignmentName": "no",
                "permissions": [{"dataActions": ["*"]}],
                "principals": [{"id": EVERYONE}], "excludePrincipals": [{"id": "A"}, {"id": "g"}],
            });
            properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Denial::of(&json!({"properties": properties})).unwrap()
        };
        let plain = denial(json!({}));
        let ask = |denial: &Denial, principal: &str, groups: Option<&[String]>| {
            denial.denies(On::Data, READ, "/subscriptions/s/x", principal, groups)
        };
        assert_eq!(ask(&plain, "a", Some(&[])), Denied::No);
        assert_eq!(ask(&plain, "b", Some(&["g".into()])), Denied::No);
        assert_eq!(ask(&plain, "b", Some(&["h".into()])), Denied::Yes);
        assert_eq!(ask(&plain, "b", None), Denied::Perhaps);
        assert_eq!(ask(&denial(json!({"condition": "c"})), "b", Some(&[])), Denied::Perhaps);
        assert_eq!(
            ask(&denial(json!({"doNotApplyToChildScopes": true})), "b", Some(&[])),
            Denied::No
        );
        assert_eq!(
            plain.denies(On::Management, READ, "/subscriptions/s/x", "b", Some(&[])),
            Denied::No
        );
    }

    proptest! {
        #[test]
        fn patterns_fit_as_a_regex_would(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            let regex = pattern.split('*').map(regex::escape).collect::<Vec<_>>().join(".*");
            let regex = regex::Regex::new(&format!("^{regex}$")).unwrap();
            prop_assert_eq!(fits(&pattern, &text), regex.is_match(&text));
        }
    }
}
