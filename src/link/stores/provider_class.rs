//! Secrets that a `SecretProviderClass` of the Secrets Store CSI driver mounts, by what each provider calls them in its
//! parameters, which are YAML in texts.
//!
//! Sources: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating_csi_driver_SecretProviderClass.html>,
//! <https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage/>,
//! <https://github.com/GoogleCloudPlatform/secrets-store-csi-driver-provider-gcp>,
//! <https://developer.hashicorp.com/vault/docs/deploy/kubernetes/csi/configurations>.

use serde_json::Value;

use super::{azure, gcp};
use crate::link::part::Named;

/// What a class names, of its `spec`. What a provider of another kind reads is not known.
pub(super) fn named(spec: &Value) -> Vec<Named> {
    let of = |name: &str| spec.get("parameters")?.get(name)?.as_str();
    let list = |name: &str| of(name).map(parsed).unwrap_or_default();
    match spec.get("provider").and_then(Value::as_str) {
        Some("aws") => items(&list("objects")).filter_map(|one| of_aws(&one)).collect(),
        Some("azure") => {
            // Names of vaults in other clouds have another end.
            let is_public =
                of("cloudName").is_none_or(|cloud| cloud.is_empty() || cloud == "AzurePublicCloud");
            let Some(vault) = of("keyvaultName").filter(|_| is_public) else { return Vec::new() };
            let host = format!("{vault}.vault.azure.net");
            let objects = list("objects");
            let all = objects.get("array").map(items).into_iter().flatten();
            all.filter_map(|one| of_azure(&host, &one)).collect()
        }
        Some("gcp") => items(&list("secrets")).filter_map(|one| of_google(&one)).collect(),
        Some("vault") => {
            let place = of("vaultAddress").map(|url| url.trim_end_matches('/').to_owned());
            let path = |one: Value| {
                let name = text(&one, "secretPath")?.trim_matches('/').to_owned();
                Some(Named { store_kind: "vault", name, place: place.clone() })
            };
            items(&list("objects")).filter_map(path).collect()
        }
        _ => Vec::new(),
    }
}

fn parsed(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_default()
}

/// The items of a list, which may be texts of YAML again.
fn items(list: &Value) -> impl Iterator<Item = Value> + use<> {
    let all = list.as_array().cloned().unwrap_or_default();
    all.into_iter().map(|one| one.as_str().map(parsed).unwrap_or(one))
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn of_aws(object: &Value) -> Option<Named> {
    let name = text(object, "objectName")?;
    // Which account, its role decides.
    let place =
        name.starts_with("arn:").then(|| name.split(':').nth(4).unwrap_or_default().to_owned());
    Some(Named { store_kind: "aws", name: name.to_owned(), place })
}

fn of_azure(host: &str, object: &Value) -> Option<Named> {
    let is_secret = text(object, "objectType").is_none_or(|kind| kind == "secret");
    Some(azure::in_vault(host, text(object, "objectName").filter(|_| is_secret)?))
}

/// `projects/shop/secrets/db/versions/latest`
fn of_google(object: &Value) -> Option<Named> {
    let parts: Vec<&str> = text(object, "resourceName")?.split('/').collect();
    let after = |name: &str| parts.iter().skip_while(|part| **part != name).nth(1).copied();
    Some(gcp::in_project(after("projects")?, after("secrets")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(spec: &Value) -> Vec<(&'static str, String, Option<String>)> {
        named(spec).into_iter().map(|one| (one.store_kind, one.name, one.place)).collect()
    }

    #[test]
    fn each_provider_has_its_own_form() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf";
        let objects =
            format!("- objectName: a\n  objectType: secretsmanager\n- objectName: {arn}\n");
        let aws = json!({"provider": "aws", "parameters": {"objects": objects}});
        assert_eq!(
            told(&aws),
            [("aws", "a".into(), None), ("aws", arn.into(), Some("123456789012".into())),]
        );
        let objects = "array:\n  - |\n    objectName: db\n    objectType: secret\n  - |\n    objectName: sign\n    objectType: key\n";
        let azure = json!({"provider": "azure", "parameters": {"keyvaultName": "shop-kv", "objects": objects}});
        let expected = azure::in_vault("shop-kv.vault.azure.net", "db");
        assert_eq!(named(&azure), [expected]);
        let secrets = "- resourceName: projects/shop/secrets/db/versions/latest\n  path: db\n- resourceName: odd\n";
        let google = json!({"provider": "gcp", "parameters": {"secrets": secrets}});
        assert_eq!(named(&google), [gcp::in_project("shop", "db")]);
        let objects =
            "- objectName: password\n  secretPath: secret/data/db\n  secretKey: password\n";
        let vault = json!({"provider": "vault", "parameters": {"vaultAddress": "https://vault.example:8200/", "objects": objects}});
        let place = Some("https://vault.example:8200".to_owned());
        assert_eq!(told(&vault), [("vault", "secret/data/db".into(), place)]);
    }

    #[test]
    fn what_is_not_understood_names_nothing() {
        for spec in [
            json!({}),
            json!({"provider": "akeyless", "parameters": {"objects": "- objectName: a\n"}}),
            json!({"provider": "aws"}),
            json!({"provider": "aws", "parameters": {"objects": "{ not: [closed"}}),
            json!({"provider": "aws", "parameters": {"objects": "- 3\n- [a]\n"}}),
            json!({"provider": "azure", "parameters": {"objects": "array: []"}}),
            json!({"provider": "azure", "parameters": {"keyvaultName": "a", "cloudName": "AzureChinaCloud",
                "objects": "array:\n  - |\n    objectName: db\n"}}),
        ] {
            assert_eq!(named(&spec), [], "{spec}");
        }
    }
}
