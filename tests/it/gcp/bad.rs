//! What is wrong, one thing each, beside what is as it should be.

use serde_json::{Value, json};

use super::server::World;
use super::world::{
    ACCESSOR, READER, ago, change, conditional, good, key_version, policy, project, read, service,
    version,
};

const DECRYPTER: &str = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

/// A token of GitHub, put together here so that none is in this file, with its checksum.
fn token(seed: u32) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body: String = (0..30)
        .map(|at| char::from(b"Zq7Lm2Vx9Tb4Kw8Rn5Yd"[(at * 7 + seed as usize) % 20]))
        .collect();
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut check = [b'0'; 6];
    for digit in check.iter_mut().rev() {
        *digit = DIGITS[rest as usize % 62];
        rest /= 62;
    }
    ["gh", "p_", &body, std::str::from_utf8(&check).unwrap()].concat()
}

/// Values that nothing may hold.
pub(super) fn values() -> Vec<String> {
    (0..4).map(token).collect()
}

/// All that is wrong.
pub(super) fn world() -> World {
    let mut world = good();
    secrets(&mut world);
    access(&mut world);
    keys(&mut world);
    accounts(&mut world);
    consumers(&mut world);
    till(&mut world);
    world
}

/// So many secrets as they should be.
pub(super) fn many(count: u32) -> impl FnOnce(&mut World) {
    move |world| {
        world.page = 0;
        for number in 0..count {
            let name = format!("many-{number}");
            let versions = vec![version(&name, 1, "ENABLED", 10)];
            world.secret(&name, json!({}), versions, policy(&[(ACCESSOR, &[READER])]));
        }
    }
}

fn secrets(world: &mut World) {
    let own = || policy(&[(ACCESSOR, &[READER])]);
    let new = |name: &str| vec![version(name, 1, "ENABLED", 10)];
    let mut add = |name: &str, changes: Value| world.secret(name, changes, new(name), own());
    add("no-rotation", json!({"rotation": null, "topics": null}));
    add(
        "long-period",
        json!({"rotation": {"nextRotationTime": ago(-40), "rotationPeriod": "17280000s"}}),
    );
    add("overdue", json!({"rotation": {"nextRotationTime": ago(5), "rotationPeriod": "5184000s"}}));
    add("no-topic", json!({"topics": null}));
    add("no-listener", json!({"topics": [{"name": "projects/shop/topics/silent"}]}));
    add("no-publisher", json!({"topics": [{"name": "projects/shop/topics/closed"}]}));
    add("lost-topic", json!({"topics": [{"name": "projects/shop/topics/lost"}]}));
    add(
        "critical",
        json!({"labels": {"owner": "a", "tier": "critical"}, "replication": {"userManaged": {"replicas": [{"location": "europe-west1"}]}}}),
    );
    add("temporary", json!({"labels": {"owner": "a", "temp": "true"}}));
    add("expiring", json!({"expireTime": ago(-5)}));
    add("no-delay", json!({"versionDestroyTtl": null}));
    add("restricted", json!({"labels": {"owner": "a", "data-class": "restricted"}}));
    add("resident", json!({"labels": {"owner": "a", "residency": "eu"}}));
    add("no-owner", json!({"labels": null}));
    add("leak", json!({"annotations": {"note": format!("the old one was {}", token(0))}}));
    add("unused", json!({"createTime": ago(200)}));
    // A name that is a secret itself.
    add(&token(1), json!({}));
    world.object(
        "pubsub",
        "v1/projects/shop/topics/silent",
        json!({"name": "projects/shop/topics/silent"}),
    );
    world.object(
        "pubsub",
        "v1/projects/shop/topics/closed",
        json!({"name": "projects/shop/topics/closed"}),
    );
    world.list(
        "pubsub",
        "v1/projects/shop/topics/closed/subscriptions",
        vec![json!("projects/shop/subscriptions/a")],
    );
    let agent = "serviceAccount:service-415@gcp-sa-secretmanager.iam.gserviceaccount.com";
    world.policy("projects/shop/topics/silent", policy(&[("roles/pubsub.publisher", &[agent])]));
    let mut with_versions = |name: &str, changes: Value, versions: &[(u32, &str, i64)]| {
        let versions =
            versions.iter().map(|(number, state, days)| version(name, *number, state, *days));
        world.secret(name, changes, versions.collect(), own());
    };
    with_versions("old", json!({"createTime": ago(300)}), &[(1, "ENABLED", 100)]);
    with_versions(
        "sprawl",
        json!({}),
        &[(3, "ENABLED", 20), (2, "ENABLED", 30), (1, "ENABLED", 40)],
    );
    with_versions(
        "kept",
        json!({}),
        &[(3, "ENABLED", 10), (2, "DISABLED", 100), (1, "DISABLED", 300)],
    );
    with_versions(
        "alias",
        json!({"versionAliases": {"live": "1", "next": "2"}}),
        &[(2, "ENABLED", 10), (1, "DISABLED", 12)],
    );
    with_versions("empty", json!({}), &[(1, "DESTROYED", 10)]);
    let broken = "projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/broken";
    let changes = json!({"replication": {"automatic": {"customerManagedEncryption": {"kmsKeyName": broken}}}});
    let mut sealed = version("sealed", 1, "ENABLED", 10);
    sealed["replicationStatus"] = json!({"automatic": {"customerManagedEncryption": {"kmsKeyVersionName": format!("{broken}/cryptoKeyVersions/2")}}});
    world.secret("sealed", changes, vec![sealed], own());
    let foreign = "projects/vault/locations/europe-west1/keyRings/main/cryptoKeys/theirs";
    let changes = json!({"replication": {"automatic": {"customerManagedEncryption": {"kmsKeyName": foreign}}}});
    world.secret("foreign-key", changes, new("foreign-key"), own());
    world.object(
        "cloudkms",
        &format!("v1/{foreign}"),
        json!({"name": foreign, "purpose": "ENCRYPT_DECRYPT", "primary": {
        "name": format!("{foreign}/cryptoKeyVersions/1"), "state": "ENABLED"}}),
    );
    world.list(
        "cloudkms",
        &format!("v1/{foreign}/cryptoKeyVersions"),
        vec![json!({"name": format!("{foreign}/cryptoKeyVersions/1"), "state": "ENABLED"})],
    );
}

fn access(world: &mut World) {
    world.entries.push(read("expiring", 1, 0));
    // A role of another project, and what is denied above.
    world.object("iam", "v1/projects/tools/roles/peek", json!({
        "name": "projects/tools/roles/peek", "title": "Peek", "includedPermissions": ["secretmanager.versions.list"],
    }));
    let point = "v2/policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies";
    let name = "policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies/no";
    world.list("iam", point, vec![json!({"name": name})]);
    world.object(
        "iam",
        &format!("{point}/no"),
        json!({"name": name, "rules": [{"denyRule": {
            "deniedPrincipals": ["principal://goog/subject/mallory@example.com"],
            "deniedPermissions": ["secretmanager.googleapis.com/versions.access"],
        }}]}),
    );
    let mut open = |name: &str, policy: Value| {
        world.secret(name, json!({}), vec![version(name, 1, "ENABLED", 10)], policy);
    };
    open("public", policy(&[(ACCESSOR, &[READER, "allUsers"])]));
    open("person", policy(&[(ACCESSOR, &["user:ada@example.com"])]));
    open("stranger", policy(&[(ACCESSOR, &["serviceAccount:x@evil.iam.gserviceaccount.com"])]));
    open("ghost", policy(&[(ACCESSOR, &[READER, "deleted:user:bob@example.com?uid=1"])]));
    open("both", policy(&[("roles/secretmanager.admin", &["group:admins@example.com"])]));
    open(
        "default",
        policy(&[(ACCESSOR, &["serviceAccount:415-compute@developer.gserviceaccount.com"])]),
    );
    open(
        "pool",
        policy(&[(
            ACCESSOR,
            &[
                "principalSet://iam.googleapis.com/projects/415/locations/global/workloadIdentityPools/ci/*",
            ],
        )]),
    );
    let peek = ("projects/tools/roles/peek", &["group:ops@example.com"][..]);
    open("denied", policy(&[(ACCESSOR, &[READER, "user:mallory@example.com"]), peek]));
    open(
        "dated",
        conditional(ACCESSOR, READER, &format!("request.time < timestamp(\"{}\")", ago(-30))),
    );
}

fn keys(world: &mut World) {
    let both = || vec![key_version(2, "ENABLED", 30), key_version(1, "ENABLED", 200)];
    let mut add = |name: &str, changes: Value| world.key(name, changes, both(), 3);
    add("no-rotation", json!({"rotationPeriod": null, "nextRotationTime": null}));
    add("long-period", json!({"rotationPeriod": "17280000s"}));
    add("window", json!({"destroyScheduledDuration": "86400s"}));
    add(
        "soft",
        json!({"labels": {"owner": "a", "protection": "hsm"}, "versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}}),
    );
    add("import", json!({"importOnly": true, "rotationPeriod": null, "nextRotationTime": null}));
    add("no-owner", json!({"labels": null}));
    add("public", json!({}));
    add("crowd", json!({}));
    add("alone", json!({}));
    let main = "projects/shop/locations/europe-west1/keyRings/main/cryptoKeys";
    let primary = |state: &str, days: i64| json!({"primary": {"name": format!("{main}/x/cryptoKeyVersions/2"), "state": state, "createTime": ago(days), "generateTime": ago(days)}});
    world.key("old-primary", primary("ENABLED", 100), vec![key_version(2, "ENABLED", 100)], 3);
    world.key(
        "broken",
        primary("DISABLED", 30),
        vec![key_version(2, "DISABLED", 30), key_version(1, "ENABLED", 200)],
        3,
    );
    world.key(
        "going",
        json!({}),
        vec![
            key_version(2, "ENABLED", 30),
            change(key_version(1, "DESTROY_SCHEDULED", 200), json!({"destroyTime": ago(-20)})),
        ],
        3,
    );
    world.key(
        "many",
        json!({}),
        (1..=11)
            .map(|number| key_version(number, "ENABLED", 200 - i64::from(number) * 15))
            .collect(),
        3,
    );
    world.key("unused", json!({}), both(), 0);
    let signing = json!({"purpose": "ASYMMETRIC_SIGN", "primary": null, "rotationPeriod": null, "nextRotationTime": null,
        "versionTemplate": {"protectionLevel": "HSM", "algorithm": "RSA_SIGN_PKCS1_2048_SHA256"}});
    world.key(
        "signing",
        signing,
        vec![change(
            key_version(1, "ENABLED", 800),
            json!({"algorithm": "RSA_SIGN_PKCS1_2048_SHA256"}),
        )],
        0,
    );
    world.policy(&format!("{main}/public"), policy(&[(DECRYPTER, &["allAuthenticatedUsers"])]));
    world.policy(
        &format!("{main}/crowd"),
        policy(&[(
            DECRYPTER,
            &[
                "group:a@example.com",
                "group:b@example.com",
                "group:c@example.com",
                "group:d@example.com",
            ],
        )]),
    );
    world.policy(
        &format!("{main}/alone"),
        policy(&[
            (DECRYPTER, &["group:k@example.com"]),
            ("roles/cloudkms.admin", &["group:k@example.com"]),
        ]),
    );
    world.policy(
        "projects/shop/locations/europe-west1/keyRings/main",
        policy(&[(DECRYPTER, &["group:wide@example.com"])]),
    );
    // Its own project's.
    world.list("kmsinventory", &format!("v1/organizations/1/protectedResources:search?{main}/alone"), vec![
        json!({"name": "//storage.googleapis.com/own", "projectId": "shop", "resourceType": "storage.googleapis.com/Bucket"}),
    ]);
    // What the log says of the key that protects nothing.
    world.entries.push(json!({"project": "projects/shop", "timestamp": ago(3), "protoPayload": {
        "methodName": "AsymmetricSign", "resourceName": format!("{main}/signing/cryptoKeyVersions/1")}}));
    world.object(
        "cloudkms",
        "v1/projects/shop/locations/europe-west1/ekmConnections/broken:verifyConnectivity",
        json!({}),
    );
    world.list(
        "cloudkms",
        "v1/projects/shop/locations/europe-west1/ekmConnections",
        vec![json!({"name": "projects/shop/locations/europe-west1/ekmConnections/broken"})],
    );
}

fn accounts(world: &mut World) {
    let email = |name: &str| format!("{name}@shop.iam.gserviceaccount.com");
    world.list(
        "iam",
        "v1/projects/shop/serviceAccounts",
        vec![
            json!({"email": email("keyed"), "uniqueId": "1002"}),
            json!({"email": email("idle"), "uniqueId": "1003"}),
            json!({"email": email("lent"), "uniqueId": "1004"}),
            json!({"email": "415-compute@developer.gserviceaccount.com", "uniqueId": "1005"}),
        ],
    );
    let used = "v1/projects/shop/locations/global/activityTypes";
    for name in ["keyed", "lent"] {
        world.list("policyanalyzer", &format!("{used}/serviceAccountLastAuthentication/activities:query"), vec![json!({
            "fullResourceName": format!("//iam.googleapis.com/projects/shop/serviceAccounts/{}", email(name)),
            "activity": {"lastAuthenticatedTime": ago(1)},
        })]);
    }
    let keys = format!("v1/projects/shop/serviceAccounts/{}/keys", email("keyed"));
    let key = |id: &str, days: i64, until: String| {
        json!({
            "name": format!("projects/shop/serviceAccounts/{}/keys/{id}", email("keyed")), "keyAlgorithm": "KEY_ALG_RSA_2048",
            "validAfterTime": ago(days), "validBeforeTime": until, "keyType": "USER_MANAGED",
        })
    };
    world.list(
        "iam",
        &keys,
        vec![key("0a", 200, ago(-30)), key("0b", 10, "9999-12-31T23:59:59Z".into())],
    );
    world.list("policyanalyzer", &format!("{used}/serviceAccountKeyLastAuthentication/activities:query"), vec![json!({
        "fullResourceName": format!("//iam.googleapis.com/projects/shop/serviceAccounts/1002/keys/0b"),
        "activity": {"lastAuthenticatedTime": ago(1)},
    })]);
    for name in ["idle", "lent"] {
        let member = format!("serviceAccount:{}", email(name));
        world.secret(
            name,
            json!({}),
            vec![version(name, 1, "ENABLED", 10)],
            policy(&[(ACCESSOR, &[&member])]),
        );
    }
    let creator = "roles/iam.serviceAccountTokenCreator";
    world.policy(&format!("projects/shop/serviceAccounts/{}", email("lent")), policy(&[
        (creator, &["user:eve@example.com"]),
        ("roles/iam.workloadIdentityUser", &["principalSet://iam.googleapis.com/projects/415/locations/global/workloadIdentityPools/ci/*"]),
    ]));
    world.list("iam", "v1/projects/shop/locations/global/workloadIdentityPools/ci/providers", vec![json!({
        "name": "projects/415/locations/global/workloadIdentityPools/ci/providers/gitlab", "state": "ACTIVE",
        "oidc": {"issuerUri": "https://gitlab.com"},
    })]);
    world.list("iam", "v1/projects/shop/roles", vec![json!({
        "name": "projects/shop/roles/helper", "title": "Helper", "stage": "GA", "includedPermissions": ["secretmanager.versions.access"],
    })]);
    world.list("recommender", "v1/projects/shop/locations/global/recommenders/google.iam.policy.Recommender/recommendations", vec![json!({
        "name": "projects/415/locations/global/recommenders/google.iam.policy.Recommender/recommendations/r1",
        "recommenderSubtype": "REMOVE_ROLE", "priority": "P2", "stateInfo": {"state": "ACTIVE"},
        "content": {"overview": {"member": READER, "removedRole": ACCESSOR, "resourceName": "//cloudresourcemanager.googleapis.com/projects/415"}},
    })]);
    let key = |id: &str, days: i64, restrictions: Value| {
        json!({
            "name": format!("projects/415/locations/global/keys/{id}"), "uid": id, "displayName": id, "createTime": ago(days),
            "restrictions": restrictions,
        })
    };
    world.list("apikeys", "v2/projects/shop/locations/global/keys", vec![
        key("open", 10, Value::Null),
        key("aged", 200, json!({"apiTargets": [{"service": "maps"}], "serverKeyRestrictions": {"allowedIps": ["192.0.2.1"]}})),
    ]);
}

fn consumers(world: &mut World) {
    world.list(
        "run",
        "v2/projects/shop/locations/europe-west1/services",
        vec![
            service("late", "critical", "latest", vec![]),
            service(
                "leaky",
                "projects/415/secrets/db",
                "3",
                vec![json!({"name": "GITHUB_TOKEN", "value": token(2)})],
            ),
        ],
    );
    world.list("run", "v2/projects/shop/locations/europe-west1/jobs", vec![json!({
        "name": "projects/shop/locations/europe-west1/jobs/nightly",
        "template": {"template": {"containers": [{}], "volumes": [{"name": "certs", "secret": {"secret": "gone", "items": [{"path": "tls.key", "version": "1"}]}}]}},
    })]);
    world.list("cloudfunctions", "v2/projects/shop/locations/-/functions", vec![json!({
        "name": "projects/shop/locations/europe-west1/functions/mail", "environment": "GEN_2", "state": "ACTIVE",
        "serviceConfig": {
            "environmentVariables": {"GITHUB_TOKEN": token(3)},
            "secretEnvironmentVariables": [{"key": "DB", "projectId": "415", "secret": "db", "version": "1"}],
            "secretVolumes": [{"mountPath": "/etc/keys", "projectId": "shop", "secret": "db", "versions": [{"version": "2", "path": "/db"}]}],
        },
    })]);
    world.object(
        "compute",
        "compute/v1/projects/shop",
        json!({"commonInstanceMetadata": {"items": [
            {"key": "ssh-keys", "value": "ada:ssh-ed25519 AAAA ada\nbob:ssh-ed25519 AAAA bob\n"},
        ]}}),
    );
    let script = format!("#!/bin/sh\nexport GITHUB_TOKEN={}\n", token(0));
    world.object("compute", "compute/v1/projects/shop/aggregated/instances", json!({"items": {"zones/europe-west1-b": {"instances": [
        {"name": "vm", "status": "RUNNING", "metadata": {"items": [{"key": "startup-script", "value": script}]}},
    ]}}}));
    world.list("container", "v1/projects/shop/locations/-/clusters", vec![json!({
        "name": "open", "location": "europe-west1", "status": "RUNNING", "databaseEncryption": {"state": "DECRYPTED"},
        "secretManagerConfig": {"enabled": true}, "legacyAbac": {"enabled": true},
        "masterAuth": {"clientCertificate": "x", "clientKey": token(3)},
        "nodePools": [{"name": "main", "config": {"serviceAccount": "default"}}],
    })]);
    let labels = json!({"quota_metric": "secretmanager.googleapis.com/access_requests"});
    world.list(
        "monitoring",
        "v3/projects/shop/timeSeries#usage",
        vec![json!({
            "metric": {"labels": labels}, "resource": {"labels": {"location": "global"}},
            "points": [{"interval": {"endTime": ago(2)}, "value": {"int64Value": "85000"}}],
        })],
    );
}

/// A project that is badly kept as a whole.
fn till(world: &mut World) {
    project(world, "till", "416");
    let name = "projects/416/secrets/key";
    world.list("secretmanager", "v1/projects/till/secrets", vec![json!({
        "name": name, "createTime": ago(20), "labels": {"owner": "a"}, "replication": {"automatic": {}},
        "topics": [{"name": "projects/shop/topics/rotate"}], "versionDestroyTtl": "864000s",
        "rotation": {"nextRotationTime": ago(-40), "rotationPeriod": "5184000s"},
    })]);
    world.list("secretmanager", "v1/projects/till/secrets/key/versions", vec![
        json!({"name": format!("{name}/versions/1"), "createTime": ago(10), "state": "ENABLED"}),
    ]);
    world.list("cloudkms", "v1/projects/till/locations", vec![json!({"locationId": "global"})]);
    let ring = "projects/till/locations/global/keyRings/r";
    world.list(
        "cloudkms",
        "v1/projects/till/locations/global/keyRings",
        vec![json!({"name": ring})],
    );
    world.list("cloudkms", &format!("v1/{ring}/cryptoKeys"), vec![json!({
        "name": format!("{ring}/cryptoKeys/k"), "purpose": "ENCRYPT_DECRYPT", "createTime": ago(20), "labels": {"owner": "a"},
        "rotationPeriod": "5184000s", "nextRotationTime": ago(-30), "destroyScheduledDuration": "2592000s",
        "versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
        "primary": {"name": format!("{ring}/cryptoKeys/k/cryptoKeyVersions/1"), "state": "ENABLED", "createTime": ago(20), "generateTime": ago(20)},
    })]);
    world.list("cloudkms", &format!("v1/{ring}/cryptoKeys/k/cryptoKeyVersions"), vec![
        json!({"name": format!("{ring}/cryptoKeys/k/cryptoKeyVersions/1"), "state": "ENABLED", "createTime": ago(20), "protectionLevel": "SOFTWARE"}),
    ]);
    world.object(
        "kmsinventory",
        &format!("v1/{ring}/cryptoKeys/k/protectedResourcesSummary"),
        json!({"resourceCount": "1"}),
    );
    world.policy("projects/till", json!({
        "bindings": [
            {"role": "roles/owner", "members": ["user:ada@example.com"]},
            {"role": "roles/viewer", "members": ["allAuthenticatedUsers"]},
            {"role": ACCESSOR, "members": ["group:devs@example.com"]},
            {"role": "roles/iam.serviceAccountTokenCreator", "members": ["group:devs@example.com"]},
            {"role": "roles/iam.serviceAccountUser", "members": ["group:ops@example.com"]},
            {"role": "roles/iam.serviceAccountAdmin", "members": ["group:ops@example.com"]},
        ],
        "auditConfigs": [{"service": "secretmanager.googleapis.com", "auditLogConfigs": [
            {"logType": "DATA_READ", "exemptedMembers": ["user:ada@example.com"]},
        ]}],
    }));
    // What all projects below have is not set above them here.
    let organization = world.policies.get_mut("organizations/1").unwrap();
    let configs = organization["auditConfigs"].take();
    world.policy("projects/shop", json!({"auditConfigs": configs}));
    world.objects.remove("accessapproval v1/organizations/1/accessApprovalSettings");
    world.object(
        "accessapproval",
        "v1/projects/shop/accessApprovalSettings",
        json!({"enrolledServices": [{"cloudProduct": "all"}]}),
    );
    world.lists.insert("logging v2/projects/till/sinks".into(), vec![json!({
        "name": "_Default", "destination": "logging.googleapis.com/projects/till/locations/global/buckets/_Default",
        "exclusions": [{"name": "less", "filter": "log_id(\"cloudaudit.googleapis.com/data_access\")"}],
    })]);
    world.lists.insert(
        "logging v2/projects/till/locations/-/buckets".into(),
        vec![
            json!({"name": "projects/416/locations/global/buckets/_Default", "retentionDays": 30}),
        ],
    );
    world.objects.retain(|key, _| !key.starts_with("orgpolicy v2/projects/till/"));
}
