//! The least that a reader needs: a ClusterRole of what is listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::resources::RESOURCES;
use super::{CLUSTER, OF_OBJECTS, READERS, pods, readers, settings};

/// A ClusterRole for facts of these kinds, in YAML. It has `list` alone: nothing is got or watched one by one.
pub(super) fn cluster_role(kinds: &BTreeSet<&str>) -> String {
    let wants_objects = OF_OBJECTS.iter().any(|kind| kinds.contains(kind));
    let wants_readers = kinds.contains(READERS);
    let mut by_group: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in RESOURCES {
        let is_wanted = wants_objects
            || (wants_readers && readers::needs(resource))
            || (kinds.contains(pods::KIND) && resource.kind == "Pod")
            || (kinds.contains(settings::KUBELET) && resource.kind == "ConfigMap")
            || (kinds.contains(CLUSTER) && resource.kind == "Node");
        if is_wanted {
            by_group.entry(resource.group).or_default().push(resource.plural);
        }
    }
    let mut yaml = String::from(
        "# What `keystrel audit k8s:` and `keystrel scan k8s:` read. Kubernetes has no verb for the metadata of Secrets\n\
         # alone: whoever may list them may read their values, though keystrel asks for a table without any. Take\n\
         # `secrets` out if that is too much: what needs them is unknown then.\n\
         # Discovery (/apis, /version) is open to all who are logged in (system:discovery).\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: ClusterRole\n\
         metadata:\n  name: keystrel-audit\n\
         rules:\n",
    );
    for (group, mut plurals) in by_group {
        plurals.sort_unstable();
        let _ = writeln!(yaml, "- apiGroups: [\"{group}\"]");
        let _ = writeln!(yaml, "  resources: [{}]", plurals.join(", "));
        yaml.push_str("  verbs: [list]\n");
    }
    if kinds.contains(settings::ENVELOPE) {
        yaml.push_str("- nonResourceURLs: [/metrics]\n  verbs: [get]\n");
    }
    if yaml.ends_with("rules:\n") {
        yaml.truncate(yaml.len() - 1);
        yaml.push_str(" []\n");
    }
    yaml
}
