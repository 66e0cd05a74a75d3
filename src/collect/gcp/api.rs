//! The APIs that are asked, and what each call needs to be allowed.
//!
//! Shapes of answers are those of the discovery documents (<https://developers.google.com/discovery/v1/reference/apis>)
//! and of the protocol buffers in <https://github.com/googleapis/googleapis>, read in November 2026.

use std::collections::BTreeMap;

/// An API.
#[derive(Debug)]
pub(super) struct Api {
    /// What its host begins with: `secretmanager`.
    pub(super) name: &'static str,
    /// Whether all that it has is out of reach while it is switched off in a project.
    pub(super) is_empty_if_off: bool,
}

const fn api(name: &'static str) -> Api {
    Api { name, is_empty_if_off: false }
}

const fn holder(name: &'static str) -> Api {
    Api { name, is_empty_if_off: true }
}

pub(super) static SECRETS: Api = holder("secretmanager");
pub(super) static KMS: Api = holder("cloudkms");
pub(super) static PUBSUB: Api = holder("pubsub");
pub(super) static RUN: Api = holder("run");
pub(super) static FUNCTIONS: Api = holder("cloudfunctions");
pub(super) static COMPUTE: Api = holder("compute");
pub(super) static GKE: Api = holder("container");
pub(super) static RESOURCES: Api = api("cloudresourcemanager");
pub(super) static IAM: Api = api("iam");
pub(super) static ASSETS: Api = api("cloudasset");
pub(super) static APPROVAL: Api = api("accessapproval");
pub(super) static ORG_POLICY: Api = api("orgpolicy");
pub(super) static ANALYZER: Api = api("policyanalyzer");
pub(super) static RECOMMENDER: Api = api("recommender");
pub(super) static API_KEYS: Api = api("apikeys");
pub(super) static KMS_INVENTORY: Api = api("kmsinventory");
pub(super) static CLOUD_IDENTITY: Api = api("cloudidentity");
pub(super) static PERIMETERS: Api = api("accesscontextmanager");
pub(super) static LOGGING: Api = api("logging");
pub(super) static MONITORING: Api = api("monitoring");

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) api: &'static Api,
    /// The permission that it needs; or what it is called, if it needs none.
    pub(super) name: &'static str,
    /// Whether it needs that permission.
    pub(super) is_permission: bool,
    /// Whether it is asked of nothing but folders and organizations: roles of projects cannot have such permissions.
    pub(super) is_above: bool,
}

/// A call that needs a permission.
pub(super) const fn call(api: &'static Api, permission: &'static str) -> Call {
    Call { api, name: permission, is_permission: true, is_above: false }
}

impl Call {
    /// A call that everybody may do, or that no permission of a role lets anybody do.
    pub(super) const fn free(self) -> Self {
        Self { is_permission: false, ..self }
    }

    /// A call that is about folders and organizations.
    pub(super) const fn above(self) -> Self {
        Self { is_above: true, ..self }
    }
}

/// Where APIs are.
pub(super) struct Endpoints {
    universe: String,
    own: BTreeMap<&'static str, String>,
}

/// All APIs.
static ALL: &[&Api] = &[
    &SECRETS,
    &KMS,
    &PUBSUB,
    &RUN,
    &FUNCTIONS,
    &COMPUTE,
    &GKE,
    &RESOURCES,
    &IAM,
    &ASSETS,
    &APPROVAL,
    &ORG_POLICY,
    &ANALYZER,
    &RECOMMENDER,
    &API_KEYS,
    &KMS_INVENTORY,
    &CLOUD_IDENTITY,
    &PERIMETERS,
    &LOGGING,
    &MONITORING,
];

impl Endpoints {
    /// Those of a universe, save for what the environment names, as for `gcloud`:
    /// `CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER`.
    pub(super) fn new(
        environment: &dyn Fn(&str) -> Option<String>,
        universe: Option<String>,
    ) -> Self {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let own = ALL.iter().filter_map(|api| {
            let name = api.name.to_ascii_uppercase();
            let address = variable(&format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}"))?;
            // Of Compute Engine `gcloud` has the path in it, of others not.
            let address = address.trim_end_matches('/').trim_end_matches("/compute/v1");
            Some((api.name, address.to_owned()))
        });
        Self {
            own: own.collect(),
            universe: universe
                .or_else(|| variable("GOOGLE_CLOUD_UNIVERSE_DOMAIN"))
                .filter(|domain| is_domain(domain))
                .unwrap_or_else(|| "googleapis.com".into()),
        }
    }

    /// What addresses of an API begin with, without a slash at the end.
    pub(super) fn of(&self, api: &Api) -> String {
        let own = self.own.get(api.name);
        own.cloned().unwrap_or_else(|| format!("https://{}.{}", api.name, self.universe))
    }

    /// The same of a location that has an endpoint of its own.
    pub(super) fn regional(&self, api: &Api, location: &str) -> String {
        let own = self.own.get(api.name);
        own.cloned()
            .unwrap_or_else(|| format!("https://{}.{location}.rep.{}", api.name, self.universe))
    }
}

/// Whether a name can be a part of a host.
fn is_domain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// Whether a location can be a part of a host.
pub(super) fn is_location(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_those_of_the_universe_or_ones_own() {
        let variables = |name: &str| match name {
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER" => {
                Some("http://127.0.0.1:1/".to_owned())
            }
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE" => {
                Some("http://127.0.0.1:1/compute/v1/".to_owned())
            }
            _ => None,
        };
        let own = Endpoints::new(&variables, Some("cloud.example".into()));
        assert_eq!(own.of(&SECRETS), "http://127.0.0.1:1");
        assert_eq!(own.regional(&SECRETS, "eu"), "http://127.0.0.1:1");
        assert_eq!(own.of(&COMPUTE), "http://127.0.0.1:1");
        assert_eq!(own.of(&KMS), "https://cloudkms.cloud.example");
        let plain = Endpoints::new(&|_| None, Some("bad/domain".into()));
        assert_eq!(plain.of(&KMS), "https://cloudkms.googleapis.com");
        let regional = plain.regional(&SECRETS, "europe-west1");
        assert_eq!(regional, "https://secretmanager.europe-west1.rep.googleapis.com");
    }
}
