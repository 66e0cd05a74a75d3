//! Clusters of AKS, and virtual machines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::calls::{CLUSTERS, EXTENSIONS, MACHINES, SCALE_SETS};
use super::context::{Azure, Scope};
use super::data;
use super::index::Index;
use super::sheet::{Draft, whole};
use super::vaults::diagnostics;
use crate::collect::field::{is_true, items, pick, plain, string, strings};
use crate::collect::leaks::Leaks;
use crate::collect::rest::Failure;
use crate::collect::values::wipe;

pub(super) const CLUSTER: &str = "azure_kubernetes_cluster";
pub(super) const MACHINE: &str = "azure_virtual_machine";

/// The add-on that mounts secrets of vaults.
const PROVIDER: &str = "azureKeyvaultSecretsProvider";

/// Reads the clusters of a subscription.
pub(super) async fn clusters(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    if !azure.wants(&[CLUSTER, data::REFERENCE]) || scope.vault.is_some() {
        return;
    }
    let kinds = [CLUSTER, data::REFERENCE];
    let of_type = "Microsoft.ContainerService/managedClusters";
    for one in azure.all(&CLUSTERS, &kinds, scope, of_type).await {
        let Some(mut draft) = Draft::of(CLUSTER, &one, &scope.tenant) else { continue };
        let properties = &one["properties"];
        for name in ["kubernetesVersion", "provisioningState"] {
            draft.set(name, properties[name].clone());
        }
        let addons = properties["addonProfiles"].as_object().into_iter().flatten();
        let addons = addons.filter(|(name, _)| name.eq_ignore_ascii_case(PROVIDER));
        let addons: Map<String, Value> = addons
            .map(|(_, addon)| (PROVIDER.to_owned(), pick(&[plain("enabled")], addon), addon))
            .map(|(name, mut told, addon)| {
                told["config"] = addon["config"].clone();
                (name, told)
            })
            .collect();
        draft.set("addonProfiles", addons);
        let kms = &properties["securityProfile"]["azureKeyVaultKms"];
        let fields = ["enabled", "keyId", "keyVaultNetworkAccess", "keyVaultResourceId"].map(plain);
        draft.set("azureKeyVaultKms", kms.is_object().then(|| pick(&fields, kms)));
        if let Some(key) = string(kms, "keyId").filter(|_| is_true(&kms["enabled"])) {
            let named = data::Named { url: key, kind: "kubernetes_cluster", follows: false };
            data::reference(azure, scope, &one, index, &named);
        }
        if azure.wants(&[CLUSTER]) {
            access(&mut draft, properties);
            match diagnostics(azure, string(&one, "id").unwrap_or_default()).await {
                Ok((settings, _)) => draft.set("diagnostic_settings", settings),
                Err(why) => draft.unread(&["diagnostic_settings"], &why),
            }
            azure.sheet.fact(draft);
        }
    }
}

/// Who may ask the API server, from where, and as whom pods ask for tokens.
fn access(draft: &mut Draft, properties: &Value) {
    for name in ["disableLocalAccounts", "publicNetworkAccess"] {
        draft.set(name, plain(name).read(properties));
    }
    let users = &properties["aadProfile"];
    let fields = ["managed", "enableAzureRBAC"].map(plain);
    draft.set("aadProfile", users.is_object().then(|| pick(&fields, users)));
    let network = &properties["apiServerAccessProfile"];
    let ranges = strings(network, "authorizedIPRanges");
    let is_private = plain("enablePrivateCluster").read(network);
    let told = json!({"enablePrivateCluster": is_private, "authorizedIPRanges": ranges});
    draft.set("apiServerAccessProfile", network.is_object().then_some(told));
    let issuer = &properties["oidcIssuerProfile"];
    let identity = &properties["securityProfile"]["workloadIdentity"];
    for (name, given) in [("oidcIssuerProfile", issuer), ("workloadIdentity", identity)] {
        draft.set(name, given.is_object().then(|| pick(&[plain("enabled")], given)));
    }
}

/// Reads the virtual machines and scale sets of a subscription.
pub(super) async fn machines(azure: &Azure<'_>, scope: &Scope) {
    if !azure.wants(&[MACHINE]) || scope.vault.is_some() {
        return;
    }
    azure.reads("machines");
    let all = azure.all(&MACHINES, &[MACHINE], scope, "Microsoft.Compute/virtualMachines").await;
    super::each(&all, |one| machine(azure, scope, one)).await;
    let of_type = "Microsoft.Compute/virtualMachineScaleSets";
    let all = azure.all(&SCALE_SETS, &[MACHINE], scope, of_type).await;
    super::each(&all, |one| scale_set(azure, scope, one)).await;
}

async fn machine(azure: &Azure<'_>, scope: &Scope, one: &Value) {
    let Some(mut draft) = Draft::of(MACHINE, one, &scope.tenant) else { return };
    let arm = string(one, "id").unwrap_or_default();
    draft.set("machine_kind", "virtual_machine");
    let path = format!("{arm}/extensions");
    let (answer, extensions) = futures_util::join!(
        azure.get(&MACHINES, arm, "$expand=userData"),
        azure.list(&EXTENSIONS, &path, ""),
    );
    let user_data = answer.map(|answer| {
        let mut answer = answer.unwrap_or_default();
        let data = string(&answer, "properties.userData").map(str::to_owned).map(Zeroizing::new);
        wipe(&mut answer);
        data
    });
    tell(azure, draft, user_data, whole(extensions));
}

async fn scale_set(azure: &Azure<'_>, scope: &Scope, one: &Value) {
    let Some(mut draft) = Draft::of(MACHINE, one, &scope.tenant) else { return };
    let arm = string(one, "id").unwrap_or_default();
    draft.set("machine_kind", "scale_set");
    let profile = "properties.virtualMachineProfile";
    let answer = azure.get(&SCALE_SETS, arm, "$expand=userData").await.map(|answer| {
        let mut answer = answer.unwrap_or_default();
        let data = string(&answer, &format!("{profile}.userData")).map(str::to_owned);
        wipe(&mut answer);
        data.map(Zeroizing::new)
    });
    let extensions = items(one, &format!("{profile}.extensionProfile.extensions")).to_vec();
    tell(azure, draft, answer, Ok(extensions));
}

fn tell(
    azure: &Azure<'_>,
    mut draft: Draft,
    user_data: Result<Option<Zeroizing<String>>, Failure>,
    extensions: Result<Vec<Value>, String>,
) {
    let mut leaks = Leaks::new(azure.judge);
    let mut failure = None;
    match user_data {
        Ok(Some(data)) => {
            let bytes = Zeroizing::new(STANDARD.decode(data.trim()).unwrap_or_default());
            leaks.text(
                "userData",
                "user-data.sh",
                &Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()),
            );
        }
        Ok(None) => {}
        Err(Failure { why, .. }) => failure = Some(why),
    }
    match extensions {
        Ok(mut all) => {
            let told = all.iter().map(|one| {
                json!({
                    "name": one["name"], "publisher": one["properties"]["publisher"],
                    "type": one["properties"]["type"],
                })
            });
            draft.set("extensions", told.collect::<Value>());
            for one in &all {
                let place =
                    format!("extensions.{}.settings.", string(one, "name").unwrap_or_default());
                let mut pairs = Vec::new();
                leaves(&one["properties"]["settings"], String::new(), &mut pairs);
                leaks.variables(&place, pairs.iter().map(|(name, text)| (name.as_str(), *text)));
            }
            all.iter_mut().for_each(wipe);
        }
        Err(why) => {
            draft.unread(&["extensions"], &why);
            failure = Some(why);
        }
    }
    match failure {
        None => draft.set("leaks", leaks.tell()),
        Some(why) => draft.unread(&["leaks"], &why),
    }
    azure.sheet.fact(draft);
}

/// The texts in a value, by their path.
fn leaves<'v>(value: &'v Value, path: String, pairs: &mut Vec<(String, &'v str)>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::String(text) => pairs.push((path, text)),
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                leaves(item, below(&index.to_string()), pairs);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                leaves(item, below(name), pairs);
            }
        }
        _ => {}
    }
}
