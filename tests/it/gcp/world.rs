//! What the APIs have: a project in which everything is as it should be, and what is put beside it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::server::World;

pub(super) const SHOP: &str = "shop";
pub(super) const NUMBER: &str = "415";
pub(super) const READER: &str = "serviceAccount:reader@shop.iam.gserviceaccount.com";
pub(super) const ACCESSOR: &str = "roles/secretmanager.secretAccessor";
const AGENT: &str = "serviceAccount:service-415@gcp-sa-secretmanager.iam.gserviceaccount.com";

/// So many days ago; in as many days, if it is negative.
pub(super) fn ago(days: i64) -> String {
    let time = Timestamp::now() - SignedDuration::from_hours(24 * days);
    Timestamp::from_second(time.as_second()).unwrap().to_string()
}

/// A policy of bindings.
pub(super) fn policy(bindings: &[(&str, &[&str])]) -> Value {
    let bindings: Vec<Value> =
        bindings.iter().map(|(role, members)| json!({"role": role, "members": members})).collect();
    json!({"version": 1, "etag": "BwX", "bindings": bindings})
}

/// A policy with one binding under a condition.
pub(super) fn conditional(role: &str, member: &str, expression: &str) -> Value {
    let condition = json!({"title": "a condition", "expression": expression});
    json!({"version": 3, "bindings": [{"role": role, "members": [member], "condition": condition}]})
}

/// Changes fields of an object; null takes them away.
#[expect(clippy::needless_pass_by_value, reason = "it is written out where it is called")]
pub(super) fn change(mut object: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

/// A version of a secret.
pub(super) fn version(secret: &str, number: u32, state: &str, days: i64) -> Value {
    json!({
        "name": format!("projects/{NUMBER}/secrets/{secret}/versions/{number}"), "createTime": ago(days), "state": state,
        "replicationStatus": {"automatic": {}}, "etag": "e",
    })
}

impl World {
    /// A secret of the shop as it should be, with changes, and with its versions and policy.
    pub(super) fn secret(
        &mut self,
        name: &str,
        changes: Value,
        versions: Vec<Value>,
        policy: Value,
    ) {
        let secret = json!({
            "name": format!("projects/{NUMBER}/secrets/{name}"),
            "createTime": ago(20),
            "labels": {"owner": "shop-team"},
            "replication": {"automatic": {}},
            "topics": [{"name": "projects/shop/topics/rotate"}],
            "rotation": {"nextRotationTime": ago(-40), "rotationPeriod": "5184000s"},
            "versionDestroyTtl": "864000s",
            "etag": "e",
        });
        self.list("secretmanager", "v1/projects/shop/secrets", vec![change(secret, changes)]);
        self.list("secretmanager", &format!("v1/projects/shop/secrets/{name}/versions"), versions);
        self.policy(&format!("projects/shop/secrets/{name}"), policy);
    }

    /// A key of the shop as it should be, with changes, in the ring `main`.
    pub(super) fn key(&mut self, name: &str, changes: Value, versions: Vec<Value>, count: u32) {
        let full = format!("projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/{name}");
        let key = json!({
            "name": full, "createTime": ago(200), "purpose": "ENCRYPT_DECRYPT", "labels": {"owner": "shop-team"},
            "rotationPeriod": "5184000s", "nextRotationTime": ago(-30), "destroyScheduledDuration": "2592000s",
            "versionTemplate": {"protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
            "primary": {
                "name": format!("{full}/cryptoKeyVersions/2"), "state": "ENABLED", "createTime": ago(30),
                "generateTime": ago(30), "protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
            },
        });
        let ring = "v1/projects/shop/locations/europe-west1/keyRings/main";
        let key = change(key, changes);
        self.object("cloudkms", &format!("v1/{full}"), key.clone());
        self.list("cloudkms", &format!("{ring}/cryptoKeys"), vec![key]);
        let versions = versions.into_iter().map(|mut version| {
            let number = version["number"].take();
            version["name"] = format!("{full}/cryptoKeyVersions/{number}").into();
            version
        });
        self.list("cloudkms", &format!("v1/{full}/cryptoKeyVersions"), versions.collect());
        self.policy(&full, policy(&[("roles/cloudkms.cryptoKeyEncrypterDecrypter", &[READER])]));
        // 64 bits are texts in JSON.
        self.object(
            "kmsinventory",
            &format!("v1/{full}/protectedResourcesSummary"),
            json!({"name": format!("{full}/protectedResourcesSummary"), "resourceCount": count.to_string()}),
        );
        if count > 0 {
            let protected = json!({
                "name": "//storage.googleapis.com/orders", "project": "projects/999", "projectId": "data",
                "resourceType": "storage.googleapis.com/Bucket",
            });
            self.list(
                "kmsinventory",
                &format!("v1/organizations/1/protectedResources:search?{full}"),
                vec![protected],
            );
        }
    }
}

/// A version of a key.
pub(super) fn key_version(number: u32, state: &str, days: i64) -> Value {
    json!({
        "number": number, "state": state, "createTime": ago(days), "generateTime": ago(days), "protectionLevel": "HSM",
        "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
    })
}

/// A project, folder and organization in which all is as it should be.
pub(super) fn good() -> World {
    let mut world = World { page: 3, ..World::default() };
    project(&mut world, SHOP, NUMBER);
    roles(&mut world);
    world.object(
        "cloudresourcemanager",
        "v3/folders/456",
        json!({"name": "folders/456", "parent": "organizations/1", "displayName": "web", "state": "ACTIVE"}),
    );
    world.object(
        "cloudresourcemanager",
        "v3/organizations/1",
        json!({"name": "organizations/1", "displayName": "example.com", "state": "ACTIVE", "directoryCustomerId": "C1"}),
    );
    world.list("cloudresourcemanager", "v3/folders?organizations/1", vec![
        json!({"name": "folders/456", "parent": "organizations/1", "displayName": "web", "state": "ACTIVE"}),
    ]);
    world.list("cloudasset", "v1/organizations/1:searchAllResources", vec![
        json!({"name": "//cloudresourcemanager.googleapis.com/projects/shop", "project": "projects/415", "state": "ACTIVE"}),
        json!({"name": "//cloudresourcemanager.googleapis.com/projects/gone", "state": "DELETE_REQUESTED"}),
    ]);
    world.policy(
        "organizations/1",
        json!({
            "bindings": [{"role": "roles/viewer", "members": ["group:security@example.com"]}],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [
                {"logType": "ADMIN_READ"}, {"logType": "DATA_READ"}, {"logType": "DATA_WRITE"},
            ]}],
        }),
    );
    world.list("logging", "v2/organizations/1/sinks", vec![
        json!({"name": "_Default", "destination": "logging.googleapis.com/organizations/1/locations/global/buckets/_Default"}),
    ]);
    world.list(
        "accesscontextmanager",
        "v1/accessPolicies?organizations/1",
        vec![json!({"name": "accessPolicies/7", "parent": "organizations/1"})],
    );
    world.list("accesscontextmanager", "v1/accessPolicies/7/servicePerimeters", vec![json!({
        "name": "accessPolicies/7/servicePerimeters/main", "title": "main",
        "status": {"resources": ["projects/415"], "restrictedServices": ["secretmanager.googleapis.com", "cloudkms.googleapis.com"]},
    })]);
    world.object(
        "accessapproval",
        "v1/organizations/1/accessApprovalSettings",
        json!({"enrolledServices": [{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}]}),
    );
    world.secret(
        "db",
        json!({}),
        vec![version("db", 1, "ENABLED", 10)],
        policy(&[(ACCESSOR, &[READER])]),
    );
    regional(&mut world);
    world.key(
        "db",
        json!({}),
        vec![key_version(2, "ENABLED", 30), key_version(1, "ENABLED", 200)],
        3,
    );
    rest(&mut world);
    world
}

/// What of a project is there whatever is in it.
pub(super) fn project(world: &mut World, id: &str, number: &str) {
    world.numbers.insert(id.to_owned(), number.to_owned());
    let project = json!({
        "name": format!("projects/{number}"), "parent": "folders/456", "projectId": id, "state": "ACTIVE",
        "displayName": "Shop", "createTime": ago(900), "etag": "e",
    });
    world.object("cloudresourcemanager", &format!("v3/projects/{id}"), project.clone());
    world.list("cloudresourcemanager", "v3/projects?folders/456", vec![project]);
    world.object(
        "cloudresourcemanager",
        &format!("v1/projects/{id}:getAncestry"),
        json!({"ancestor": [
            {"resourceId": {"type": "project", "id": id}}, {"resourceId": {"type": "folder", "id": "456"}},
            {"resourceId": {"type": "organization", "id": "1"}},
        ]}),
    );
    world.list("logging", &format!("v2/projects/{id}/sinks"), vec![
        json!({
            "name": "_Default", "filter": "NOT LOG_ID(\"cloudaudit.googleapis.com/activity\") AND NOT LOG_ID(\"externalaudit.googleapis.com/activity\")",
            "destination": format!("logging.googleapis.com/projects/{id}/locations/global/buckets/_Default"),
        }),
        json!({"name": "all", "destination": "storage.googleapis.com/all-logs"}),
    ]);
    world.list("logging", &format!("v2/projects/{id}/locations/-/buckets"), vec![
        json!({"name": format!("projects/{number}/locations/global/buckets/_Default"), "retentionDays": 400, "lifecycleState": "ACTIVE"}),
    ]);
    for constraint in ["iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload"]
    {
        world.object(
            "orgpolicy",
            &format!("v2/projects/{id}/policies/{constraint}:getEffectivePolicy"),
            json!({"name": "p", "spec": {"rules": [{"enforce": true}]}}),
        );
    }
}

fn regional(world: &mut World) {
    let name = "projects/415/locations/europe-west1/secrets/eu";
    let secret = json!({
        "name": name, "createTime": ago(20), "labels": {"owner": "shop-team", "residency": "eu"},
        "topics": [{"name": "projects/shop/topics/rotate"}],
        "rotation": {"nextRotationTime": ago(-40), "rotationPeriod": "5184000s"}, "versionDestroyTtl": "864000s",
        "customerManagedEncryption": {"kmsKeyName": "projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/db"},
    });
    let base = "v1/projects/shop/locations";
    world.list(
        "secretmanager",
        base,
        vec![
            json!({"name": "l", "locationId": "europe-west1"}),
            json!({"name": "l", "locationId": "us-east1"}),
        ],
    );
    world.list("secretmanager", &format!("{base}/europe-west1/secrets"), vec![secret]);
    world.list("secretmanager", &format!("{base}/europe-west1/secrets/eu/versions"), vec![json!({
        "name": format!("{name}/versions/1"), "createTime": ago(10), "state": "ENABLED", "customerManagedEncryption":
            {"kmsKeyVersionName": "projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/db/versions/2"},
    })]);
    world.policy(
        "projects/shop/locations/europe-west1/secrets/eu",
        policy(&[(ACCESSOR, &[READER])]),
    );
}

fn roles(world: &mut World) {
    let all: [(&str, &[&str]); 11] = [
        (ACCESSOR, &["resourcemanager.projects.get", "secretmanager.versions.access"]),
        (
            "roles/secretmanager.admin",
            &[
                "secretmanager.secrets.delete",
                "secretmanager.secrets.setIamPolicy",
                "secretmanager.versions.access",
                "secretmanager.versions.add",
                "secretmanager.versions.destroy",
                "secretmanager.versions.list",
            ],
        ),
        ("roles/viewer", &["compute.instances.get", "secretmanager.versions.list"]),
        (
            "roles/owner",
            &[
                "secretmanager.versions.access",
                "secretmanager.secrets.setIamPolicy",
                "resourcemanager.projects.setIamPolicy",
                "cloudkms.cryptoKeys.setIamPolicy",
            ],
        ),
        (
            "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            &["cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"],
        ),
        (
            "roles/cloudkms.admin",
            &["cloudkms.cryptoKeys.setIamPolicy", "cloudkms.keyRings.setIamPolicy"],
        ),
        ("roles/pubsub.publisher", &["pubsub.topics.publish"]),
        ("roles/iam.serviceAccountTokenCreator", &["iam.serviceAccounts.getAccessToken"]),
        ("roles/iam.serviceAccountUser", &["iam.serviceAccounts.actAs"]),
        ("roles/iam.serviceAccountAdmin", &["iam.serviceAccounts.setIamPolicy"]),
        ("roles/iam.workloadIdentityUser", &["iam.serviceAccounts.getAccessToken"]),
    ];
    for (name, permissions) in all {
        world.object(
            "iam",
            &format!("v1/{name}"),
            json!({"name": name, "title": name, "stage": "GA", "includedPermissions": permissions}),
        );
    }
}

/// Topics, accounts, logs and consumers.
fn rest(world: &mut World) {
    world.object(
        "pubsub",
        "v1/projects/shop/topics/rotate",
        json!({"name": "projects/shop/topics/rotate"}),
    );
    world.list(
        "pubsub",
        "v1/projects/shop/topics/rotate/subscriptions",
        vec![json!("projects/shop/subscriptions/rotator")],
    );
    world.policy("projects/shop/topics/rotate", policy(&[("roles/pubsub.publisher", &[AGENT])]));
    world.list(
        "cloudkms",
        "v1/projects/shop/locations",
        vec![json!({"locationId": "europe-west1"}), json!({"locationId": "global"})],
    );
    let ring = "projects/shop/locations/europe-west1/keyRings/main";
    world.list(
        "cloudkms",
        "v1/projects/shop/locations/europe-west1/keyRings",
        vec![json!({"name": ring, "createTime": ago(300)})],
    );
    let connection = "projects/shop/locations/europe-west1/ekmConnections/outside";
    world.list(
        "cloudkms",
        "v1/projects/shop/locations/europe-west1/ekmConnections",
        vec![json!({"name": connection, "keyManagementMode": "MANUAL"})],
    );
    world.list("iam", "v1/projects/shop/serviceAccounts", vec![
        json!({"email": "reader@shop.iam.gserviceaccount.com", "uniqueId": "1001", "displayName": "Reader"}),
    ]);
    let used = "v1/projects/shop/locations/global/activityTypes";
    world.list("policyanalyzer", &format!("{used}/serviceAccountLastAuthentication/activities:query"), vec![json!({
        "fullResourceName": "//iam.googleapis.com/projects/shop/serviceAccounts/reader@shop.iam.gserviceaccount.com",
        "activity": {"lastAuthenticatedTime": ago(1)},
    })]);
    world.list("iam", "v1/projects/shop/locations/global/workloadIdentityPools", vec![
        json!({"name": "projects/415/locations/global/workloadIdentityPools/ci", "state": "ACTIVE"}),
    ]);
    world.list("iam", "v1/projects/shop/locations/global/workloadIdentityPools/ci/providers", vec![json!({
        "name": "projects/415/locations/global/workloadIdentityPools/ci/providers/github", "state": "ACTIVE",
        "attributeCondition": "assertion.repository_owner == 'example'", "attributeMapping": {"google.subject": "assertion.sub"},
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    })]);
    world.list("logging", "v2/projects/shop/metrics", vec![json!({
        "name": "audit", "filter": "protoPayload.methodName=\"SetIamPolicy\" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*",
    })]);
    world.list("monitoring", "v3/projects/shop/alertPolicies", vec![json!({
        "name": "projects/shop/alertPolicies/1", "displayName": "audit settings", "enabled": true,
        "notificationChannels": ["projects/shop/notificationChannels/1"],
        "conditions": [{"conditionThreshold": {"filter": "metric.type=\"logging.googleapis.com/user/audit\""}}],
    })]);
    let labels = json!({"quota_metric": "secretmanager.googleapis.com/access_requests", "limit_name": "AccessRequestsPerMinutePerProject"});
    let series = |value: &str| {
        json!({
            "metric": {"labels": labels}, "resource": {"labels": {"location": "global"}},
            "points": [{"interval": {"endTime": ago(1)}, "value": {"int64Value": value}}],
        })
    };
    world.list("monitoring", "v3/projects/shop/timeSeries#limit", vec![series("90000")]);
    world.list("monitoring", "v3/projects/shop/timeSeries#usage", vec![series("100")]);
    for (secret, days) in [("db", 1), ("db", 5)] {
        world.entries.push(read(secret, days, 0));
    }
    world.list("run", "v1/projects/shop/locations", vec![json!({"locationId": "europe-west1"})]);
    world.list(
        "run",
        "v2/projects/shop/locations/europe-west1/services",
        vec![service("web", "db", "3", vec![])],
    );
    world.object(
        "compute",
        "compute/v1/projects/shop",
        json!({"name": "shop", "commonInstanceMetadata": {"items": [
            {"key": "enable-oslogin", "value": "TRUE"},
        ]}}),
    );
    world.object("compute", "compute/v1/projects/shop/aggregated/instances", json!({"items": {"zones/europe-west1-b": {"instances": [
        {"name": "vm", "status": "RUNNING", "metadata": {"items": [{"key": "startup-script", "value": "#!/bin/sh\necho ok\n"}]}},
    ]}, "zones/us-east1-b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}}));
    world.object("cloudidentity", "v1/groups:lookup", json!({"name": "groups/01"}));
    world.list("container", "v1/projects/shop/locations/-/clusters", vec![json!({
        "name": "main", "location": "europe-west1", "status": "RUNNING",
        "databaseEncryption": {"state": "ENCRYPTED", "keyName": "k"},
        "secretManagerConfig": {"enabled": true, "rotationConfig": {"enabled": true, "rotationInterval": "120s"}},
        "currentMasterVersion": "1.33.4-gke.1", "autopilot": {}, "legacyAbac": {}, "shieldedNodes": {"enabled": true},
        "masterAuth": {"clientCertificateConfig": {}},
        "workloadIdentityConfig": {"workloadPool": "shop.svc.id.goog"},
        "masterAuthorizedNetworksConfig": {"enabled": true, "cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}]},
        "nodePools": [{"name": "main", "config": {
            "serviceAccount": "reader@shop.iam.gserviceaccount.com", "workloadMetadataConfig": {"mode": "GKE_METADATA"}}}],
    })]);
}

/// A read of a secret in the log of data access.
pub(super) fn read(secret: &str, days: i64, code: i64) -> Value {
    json!({
        "project": "projects/shop", "timestamp": ago(days),
        "protoPayload": {
            "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
            "resourceName": format!("projects/415/secrets/{secret}/versions/1"), "status": {"code": code},
        },
    })
}

/// A service of Cloud Run.
pub(super) fn service(name: &str, secret: &str, version: &str, mut env: Vec<Value>) -> Value {
    env.push(json!({"name": "DB_PASSWORD", "valueSource": {"secretKeyRef": {"secret": secret, "version": version}}}));
    json!({
        "name": format!("projects/shop/locations/europe-west1/services/{name}"),
        "template": {"serviceAccount": "reader@shop.iam.gserviceaccount.com", "containers": [{"name": "app", "image": "i", "env": env}]},
    })
}
