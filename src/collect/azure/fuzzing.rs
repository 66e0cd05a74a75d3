//! Answers of Azure, for fuzz targets.

use serde_json::Value;

use super::rbac::{Assignment, Definitions, Denial, On, reaches};

pub use super::rbac::fits;

/// Role definitions, assignments and deny assignments: items of one list, each taken for all of them.
pub fn roles(answer: &Value) {
    let items = answer.get("value").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let definitions = Definitions::new(items);
    for item in items {
        if let Some(assignment) = Assignment::of(item, false) {
            assert!(reaches(&assignment.scope, &assignment.scope));
            if let Some(role) = definitions.find(&assignment.role) {
                let _ = role.allows(On::Data, "Microsoft.KeyVault/vaults/secrets/getSecret/action");
            }
        }
        if let Some(denial) = Denial::of(item) {
            let resource = "/subscriptions/a/resourceGroups/b";
            let _ = denial.is_inside(resource);
            let _ = denial.denies(On::Management, "a/b/read", resource, "c", None);
        }
    }
}
