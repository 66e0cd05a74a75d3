//! Paths of policies that depend on who asks
//! (<https://developer.hashicorp.com/vault/docs/concepts/policies#templated-policies>).

use serde_json::Value;

/// What stands in a path for an identity; `{{time...}}` is in no path that lasts.
pub(super) struct Identity<'a> {
    /// The entity, as the API has it.
    pub(super) entity: &'a Value,
    /// Its groups, as the API has them.
    pub(super) groups: Vec<&'a Value>,
}

/// The path for an identity; None if something in it does not exist for it, when the server leaves the rule out.
pub(super) fn resolve(path: &str, identity: &Identity<'_>) -> Option<String> {
    replace(path, &mut |template| lookup(template, identity))
}

/// The path for somebody who is not known: whatever a template may become.
pub(super) fn widen(path: &str) -> Option<String> {
    // A wildcard is for a whole segment only; elsewhere the rest of the path is open.
    let marked = replace(path, &mut |_| Some("\0".to_owned()))?;
    let mut wide = Vec::new();
    for segment in marked.split('/') {
        match segment.split_once('\0') {
            None => wide.push(segment),
            Some(("", "")) => wide.push("+"),
            Some((before, _)) => {
                let open = format!("{before}*");
                return Some(
                    wide.iter().map(|part| format!("{part}/")).collect::<String>() + &open,
                );
            }
        }
    }
    Some(wide.join("/"))
}

/// Replaces what is in double braces; None where they do not pair, or `with` says so.
fn replace(path: &str, with: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut pieces = path.split("{{");
    let mut replaced = pieces.next()?.to_owned();
    if replaced.contains("}}") {
        return None;
    }
    for piece in pieces {
        let (template, rest) = piece.split_once("}}")?;
        if rest.contains("}}") {
            return None;
        }
        replaced.push_str(&with(template.trim())?);
        replaced.push_str(rest);
    }
    Some(replaced)
}

fn lookup(template: &str, identity: &Identity<'_>) -> Option<String> {
    let value = if let Some(rest) = template.strip_prefix("identity.entity.") {
        match rest.strip_prefix("aliases.") {
            Some(rest) => {
                let (accessor, field) = rest.split_once('.')?;
                let aliases = identity.entity["aliases"].as_array()?;
                let alias = aliases.iter().find(|alias| alias["mount_accessor"] == accessor)?;
                of(alias, field)?
            }
            None => of(identity.entity, rest)?,
        }
    } else {
        let rest = template.strip_prefix("identity.groups.")?;
        let (by, rest) = rest.split_once('.')?;
        let (wanted, field) = rest.split_once('.')?;
        let key = match by {
            "ids" => "id",
            "names" => "name",
            _ => return None,
        };
        of(identity.groups.iter().find(|group| group[key] == wanted)?, field)?
    };
    Some(value.to_owned())
}

/// `id`, `name`, `metadata.KEY` or `custom_metadata.KEY`; what is empty is not there.
fn of<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    let value = match field.split_once('.') {
        Some((map @ ("metadata" | "custom_metadata"), key)) => &object[map][key],
        None if matches!(field, "id" | "name") => &object[field],
        _ => return None,
    };
    value.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_are_what_the_identity_says() {
        let entity = json!({
            "id": "e1", "name": "ann", "metadata": {"team": "a.b"},
            "aliases": [{"mount_accessor": "acc", "name": "ann@x", "custom_metadata": {"k": "v"}}],
        });
        let group = json!({"id": "g1", "name": "ops", "metadata": {"area": "x"}});
        let identity = Identity { entity: &entity, groups: vec![&group] };
        for (path, expected) in [
            ("s/{{identity.entity.id}}/*", Some("s/e1/*")),
            ("s/{{ identity.entity.metadata.team }}-x", Some("s/a.b-x")),
            (
                "{{identity.entity.aliases.acc.name}}/{{identity.entity.aliases.acc.custom_metadata.k}}",
                Some("ann@x/v"),
            ),
            (
                "{{identity.groups.ids.g1.name}}/{{identity.groups.names.ops.metadata.area}}",
                Some("ops/x"),
            ),
            ("{{identity.entity.metadata.none}}", None),
            ("{{identity.groups.names.others.id}}", None),
            ("{{identity.entity.id}", None),
            ("a}}", None),
            ("plain", Some("plain")),
        ] {
            assert_eq!(resolve(path, &identity).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn of_nobody_a_template_is_anything() {
        for (path, expected) in [
            ("s/{{identity.entity.id}}/x", "s/+/x"),
            ("s/team-{{identity.entity.name}}/x", "s/team-*"),
            ("s/{{identity.entity.name}}-x/y", "s/*"),
            ("s/*", "s/*"),
        ] {
            assert_eq!(widen(path).as_deref(), Some(expected), "{path}");
        }
    }
}
