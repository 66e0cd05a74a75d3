//! Services of the Serverless Framework (<https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>).

use super::attributes::{Format, scalar_kind};
use super::cloudformation;
use super::sheet::Sheet;
use super::values::Syntax;
use super::yaml::documents;
use super::{File, Read, file_name, has_extension};

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = cloudformation::FACTS;

static FORMAT: Format = Format {
    system: "serverless",
    kind: |node| scalar_kind(node, Syntax::Braces),
    takes_secret: |_| false,
    is_elsewhere: |name| matches!(name, "environment" | "Resources"),
};

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path);
    has_extension(path, &["yml", "yaml", "json"])
        && (name.starts_with("serverless.") || name.starts_with("serverless-"))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        let provider = root.at(&["provider", "environment"]);
        FORMAT.variables(&mut sheet, "provider.environment", provider, "environment");
        for (name, function) in root.get("functions").map(|all| all.entries()).unwrap_or_default() {
            let id = format!("functions.{}.environment", name.text().unwrap_or_default());
            FORMAT.variables(&mut sheet, &id, function.get("environment"), "environment");
        }
        for section in ["custom", "params", "provider", "functions"] {
            if let Some(node) = root.get(section) {
                FORMAT.attributes(&mut sheet, section, "", node);
            }
        }
        // One template, or several.
        let resources = root.get("resources");
        for template in resources.into_iter().chain(resources.iter().flat_map(|all| all.items())) {
            cloudformation::template(&mut sheet, template);
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}
