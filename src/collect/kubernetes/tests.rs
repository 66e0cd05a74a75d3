use std::collections::BTreeSet;

use super::permissions::cluster_role;
use super::*;

#[test]
fn the_role_lets_list_what_is_listed_and_nothing_else() {
    let role = cluster_role(&BTreeSet::from(["k8s_object"]));
    let verbs: Vec<&str> = role.lines().filter(|line| line.contains("verbs:")).collect();
    assert!(!verbs.is_empty() && verbs.iter().all(|line| *line == "  verbs: [list]"), "{role}");
    for resource in RESOURCES {
        assert!(role.contains(resource.plural), "{} is missing", resource.plural);
    }
    let readers = cluster_role(&BTreeSet::from([READERS]));
    assert!(readers.contains("secrets") && !readers.contains("configmaps"), "{readers}");
    assert!(cluster_role(&BTreeSet::from(["vault_mount"])).ends_with("rules: []\n"));
}

#[test]
fn platforms_are_told_by_their_versions() {
    assert_eq!(platform("v1.33.4-eks-113cf36"), Some("eks"));
    assert_eq!(platform("v1.33.4-gke.1172000"), Some("gke"));
    assert_eq!(platform("v1.34.1+k3s1"), Some("k3s"));
    assert_eq!(platform("v1.34.1"), None);
}
