//! What the APIs answer to, and the permission that each call needs, as their references have it
//! (<https://cloud.google.com/iam/docs/permissions-reference> and the reference of each API).

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// An object, or 404.
    Object,
    /// A listing; the field that has the items, and the parameter that has the size of a page.
    List(&'static str, &'static str),
    /// A policy.
    Policy,
    /// Log entries.
    Entries,
    /// Time series.
    Series,
    /// Assets that a project has.
    Assets,
    /// Found, whatever is asked.
    Verify,
}

use How::{Assets, Entries, List, Object, Policy, Series, Verify};

/// A call: API, method, path, permission (none for everybody), answer.
pub(super) type Route = (&'static str, &'static str, &'static str, &'static str, How);

const fn list(field: &'static str) -> How {
    List(field, "pageSize")
}

pub(super) static ROUTES: &[Route] = &[
    ("cloudresourcemanager", "GET", "v3/projects/*", "resourcemanager.projects.get", Object),
    (
        "cloudresourcemanager",
        "POST",
        "v1/projects/*:getAncestry",
        "resourcemanager.projects.get",
        Object,
    ),
    ("cloudresourcemanager", "GET", "v3/folders/*", "resourcemanager.folders.get", Object),
    (
        "cloudresourcemanager",
        "GET",
        "v3/organizations/*",
        "resourcemanager.organizations.get",
        Object,
    ),
    (
        "cloudresourcemanager",
        "GET",
        "v3/projects",
        "resourcemanager.projects.list",
        list("projects"),
    ),
    ("cloudresourcemanager", "GET", "v3/folders", "resourcemanager.folders.list", list("folders")),
    (
        "cloudresourcemanager",
        "POST",
        "v3/projects/*:getIamPolicy",
        "resourcemanager.projects.getIamPolicy",
        Policy,
    ),
    (
        "cloudresourcemanager",
        "POST",
        "v3/folders/*:getIamPolicy",
        "resourcemanager.folders.getIamPolicy",
        Policy,
    ),
    (
        "cloudresourcemanager",
        "POST",
        "v3/organizations/*:getIamPolicy",
        "resourcemanager.organizations.getIamPolicy",
        Policy,
    ),
    ("cloudidentity", "GET", "v1/groups:lookup", "", Object),
    (
        "cloudidentity",
        "GET",
        "v1/groups/*/memberships:searchTransitiveMemberships",
        "",
        list("memberships"),
    ),
    (
        "accessapproval",
        "GET",
        "v1/*/*/accessApprovalSettings",
        "accessapproval.settings.get",
        Object,
    ),
    (
        "cloudasset",
        "GET",
        "v1/organizations/*:searchAllResources",
        "cloudasset.assets.searchAllResources",
        list("results"),
    ),
    ("cloudasset", "GET", "v1/projects/*/assets", "cloudasset.assets.listResource", Assets),
    (
        "orgpolicy",
        "GET",
        "v2/projects/*/policies/*:getEffectivePolicy",
        "orgpolicy.policy.get",
        Object,
    ),
    ("iam", "GET", "v1/roles/*", "", Object),
    ("iam", "GET", "v1/projects/*/roles/*", "iam.roles.get", Object),
    ("iam", "GET", "v1/projects/*/roles", "iam.roles.list", list("roles")),
    ("iam", "GET", "v1/organizations/*/roles", "iam.roles.list", list("roles")),
    ("iam", "GET", "v1/projects/*/serviceAccounts", "iam.serviceAccounts.list", list("accounts")),
    (
        "iam",
        "POST",
        "v1/projects/*/serviceAccounts/*:getIamPolicy",
        "iam.serviceAccounts.getIamPolicy",
        Policy,
    ),
    (
        "iam",
        "GET",
        "v1/projects/*/serviceAccounts/*/keys",
        "iam.serviceAccountKeys.list",
        List("keys", ""),
    ),
    (
        "iam",
        "GET",
        "v1/projects/*/locations/global/workloadIdentityPools",
        "iam.workloadIdentityPools.list",
        list("workloadIdentityPools"),
    ),
    (
        "iam",
        "GET",
        "v1/projects/*/locations/global/workloadIdentityPools/*/providers",
        "iam.workloadIdentityPoolProviders.list",
        list("workloadIdentityPoolProviders"),
    ),
    ("iam", "GET", "v2/policies/*/denypolicies", "iam.denypolicies.list", list("policies")),
    ("iam", "GET", "v2/policies/*/denypolicies/*", "iam.denypolicies.get", Object),
    (
        "policyanalyzer",
        "GET",
        "v1/projects/*/locations/global/activityTypes/serviceAccountLastAuthentication/activities:query",
        "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
        list("activities"),
    ),
    (
        "policyanalyzer",
        "GET",
        "v1/projects/*/locations/global/activityTypes/serviceAccountKeyLastAuthentication/activities:query",
        "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
        list("activities"),
    ),
    (
        "recommender",
        "GET",
        "v1/projects/*/locations/global/recommenders/google.iam.policy.Recommender/recommendations",
        "recommender.iamPolicyRecommendations.list",
        list("recommendations"),
    ),
    ("apikeys", "GET", "v2/projects/*/locations/global/keys", "apikeys.keys.list", list("keys")),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/locations",
        "secretmanager.locations.list",
        list("locations"),
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/secrets",
        "secretmanager.secrets.list",
        list("secrets"),
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/locations/*/secrets",
        "secretmanager.secrets.list",
        list("secrets"),
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/secrets/*/versions",
        "secretmanager.versions.list",
        list("versions"),
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/locations/*/secrets/*/versions",
        "secretmanager.versions.list",
        list("versions"),
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/secrets/*:getIamPolicy",
        "secretmanager.secrets.getIamPolicy",
        Policy,
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/locations/*/secrets/*:getIamPolicy",
        "secretmanager.secrets.getIamPolicy",
        Policy,
    ),
    (
        "secretmanager",
        "GET",
        "v1/projects/*/secrets/*/versions/*:access",
        "secretmanager.versions.access",
        Object,
    ),
    ("pubsub", "GET", "v1/projects/*/topics/*", "pubsub.topics.get", Object),
    (
        "pubsub",
        "GET",
        "v1/projects/*/topics/*/subscriptions",
        "pubsub.topics.get",
        list("subscriptions"),
    ),
    ("pubsub", "GET", "v1/projects/*/topics/*:getIamPolicy", "pubsub.topics.getIamPolicy", Policy),
    ("cloudkms", "GET", "v1/projects/*/locations", "cloudkms.locations.list", list("locations")),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings",
        "cloudkms.keyRings.list",
        list("keyRings"),
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings/*:getIamPolicy",
        "cloudkms.keyRings.getIamPolicy",
        Policy,
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings/*/cryptoKeys",
        "cloudkms.cryptoKeys.list",
        list("cryptoKeys"),
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings/*/cryptoKeys/*",
        "cloudkms.cryptoKeys.get",
        Object,
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings/*/cryptoKeys/*:getIamPolicy",
        "cloudkms.cryptoKeys.getIamPolicy",
        Policy,
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/keyRings/*/cryptoKeys/*/cryptoKeyVersions",
        "cloudkms.cryptoKeyVersions.list",
        list("cryptoKeyVersions"),
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/ekmConnections",
        "cloudkms.ekmConnections.list",
        list("ekmConnections"),
    ),
    (
        "cloudkms",
        "GET",
        "v1/projects/*/locations/*/ekmConnections/*:verifyConnectivity",
        "cloudkms.ekmConnections.verifyConnectivity",
        Verify,
    ),
    (
        "kmsinventory",
        "GET",
        "v1/projects/*/locations/*/keyRings/*/cryptoKeys/*/protectedResourcesSummary",
        "cloudkms.cryptoKeys.get",
        Object,
    ),
    (
        "kmsinventory",
        "GET",
        "v1/organizations/*/protectedResources:search",
        "cloudkms.protectedResources.search",
        list("protectedResources"),
    ),
    (
        "accesscontextmanager",
        "GET",
        "v1/accessPolicies",
        "accesscontextmanager.policies.list",
        list("accessPolicies"),
    ),
    (
        "accesscontextmanager",
        "GET",
        "v1/accessPolicies/*/servicePerimeters",
        "accesscontextmanager.servicePerimeters.list",
        list("servicePerimeters"),
    ),
    ("logging", "GET", "v2/*/*/sinks", "logging.sinks.list", list("sinks")),
    (
        "logging",
        "GET",
        "v2/projects/*/locations/-/buckets",
        "logging.buckets.list",
        list("buckets"),
    ),
    ("logging", "GET", "v2/projects/*/metrics", "logging.logMetrics.list", list("metrics")),
    ("logging", "POST", "v2/entries:list", "logging.privateLogEntries.list", Entries),
    (
        "monitoring",
        "GET",
        "v3/projects/*/alertPolicies",
        "monitoring.alertPolicies.list",
        list("alertPolicies"),
    ),
    ("monitoring", "GET", "v3/projects/*/timeSeries", "monitoring.timeSeries.list", Series),
    ("run", "GET", "v1/projects/*/locations", "run.locations.list", list("locations")),
    ("run", "GET", "v2/projects/*/locations/*/services", "run.services.list", list("services")),
    ("run", "GET", "v2/projects/*/locations/*/jobs", "run.jobs.list", list("jobs")),
    (
        "run",
        "GET",
        "v2/projects/*/locations/*/workerPools",
        "run.workerpools.list",
        list("workerPools"),
    ),
    (
        "cloudfunctions",
        "GET",
        "v2/projects/*/locations/-/functions",
        "cloudfunctions.functions.list",
        list("functions"),
    ),
    ("compute", "GET", "compute/v1/projects/*", "compute.projects.get", Object),
    (
        "compute",
        "GET",
        "compute/v1/projects/*/aggregated/instances",
        "compute.instances.list",
        Object,
    ),
    (
        "container",
        "GET",
        "v1/projects/*/locations/-/clusters",
        "container.clusters.list",
        List("clusters", ""),
    ),
];

/// The call behind a method and path of an API.
pub(super) fn find(api: &str, method: &str, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|(of, by, pattern, _, _)| *of == api && *by == method && fits(pattern, path))
}

fn fits(pattern: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(&given).all(|(wanted, given)| match wanted.strip_prefix('*') {
            Some("") => !given.is_empty() && !given.contains(':'),
            Some(verb) => given.strip_suffix(verb).is_some_and(|name| !name.is_empty()),
            None => wanted == given,
        })
}
