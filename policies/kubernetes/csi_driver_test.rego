package keystrel.kubernetes.csi_driver_test

import data.keystrel.kubernetes.csi_driver
import data.keystrel.lib.kubernetes_fixtures_test as fixtures

params := {"k8s-csi-poll-interval": {"threshold": 600}}

driver(args) := fixtures.resource("DaemonSet", "kube-system", "csi", {"spec": {"template": {"spec": {"containers": [
	{"name": "registrar", "image": "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2"},
	{"name": "driver", "image": "registry.k8s.io/csi-secrets-store/driver:v1.4.0", "args": args},
]}}}})

rotates(facts) := found if {
	found := csi_driver.k8s_csi_rotation_off with input as fixtures.files(facts)
}

test_no_rotation if {
	rotates([driver(["--endpoint=x"])]) == {{"fact": "DaemonSet/kube-system/csi", "message": "DaemonSet csi does not renew mounted secrets"}}
	count(rotates([driver(["--enable-secret-rotation=false"])])) == 1
}

test_rotation if {
	count(rotates([driver(["--enable-secret-rotation=true"])])) == 0
	count(rotates([driver(["--enable-secret-rotation", "--v=5"])])) == 0
	count(rotates([driver(["--enable-secret-rotation"])])) == 0
	republished := fixtures.resource("CSIDriver", null, "secrets-store.csi.k8s.io", {"spec": {"requiresRepublish": true}})
	count(rotates([driver([]), republished])) == 0
	other := fixtures.resource("CSIDriver", null, "efs.csi.aws.com", {"spec": {"requiresRepublish": true}})
	count(rotates([driver([]), other])) == 1
}

polls(args) := found if {
	found := csi_driver.k8s_csi_poll_interval with input as fixtures.files([driver(args)]) with data.params as params
}

test_they_are_not_for_other_daemon_sets if {
	proxy := fixtures.resource("DaemonSet", "kube-system", "kube-proxy", {"spec": {"template": {"spec": {"containers": [{"image": "kube-proxy:v1"}]}}}})
	other := {{"fact": "DaemonSet/kube-system/kube-proxy", "not_applicable": "it is no CSI driver for secrets"}}
	rotates([proxy]) == other
	found := csi_driver.k8s_csi_poll_interval with input as fixtures.files([proxy]) with data.params as params
	found == other
}

test_polls_rarely if {
	polls(["--rotation-poll-interval=1h"]) == {{
		"fact": "DaemonSet/kube-system/csi",
		"message": "DaemonSet csi looks for new values every 1 hour, of at most 10 minutes",
	}}
	count(polls(["--rotation-poll-interval", "601s"])) == 1
	count(polls(["--rotation-poll-interval=10m"])) == 0
	count(polls(["--rotation-poll-interval=?"])) == 0
	count(polls([])) == 0
}

status(name, day, class, version) := fixtures.resource("SecretProviderClassPodStatus", "shop", name, {
	"metadata": {"creationTimestamp": sprintf("%sT00:00:00Z", [day])},
	"status": {"podName": name, "secretProviderClassName": class, "objects": [{"id": "secret/db", "version": version}]},
})

versions(facts) := found if {
	found := csi_driver.k8s_csi_stale_version with input as fixtures.cluster(facts)
}

test_versions_differ if {
	versions([status("old", "2026-11-01", "db", "1"), status("new", "2026-11-02", "db", "2")]) == {{
		"fact": "SecretProviderClassPodStatus/shop/old",
		"message": "pod old has an older version of secret/db than pod new",
	}}
}

test_versions_are_fine if {
	count(versions([status("old", "2026-11-01", "db", "2"), status("new", "2026-11-02", "db", "2")])) == 0
	count(versions([status("old", "2026-11-01", "db", "1"), status("new", "2026-11-02", "web", "2")])) == 0
	count(versions([status("old", "2026-11-01", "db", ""), status("new", "2026-11-02", "db", "2")])) == 0
}

class := fixtures.resource("SecretProviderClass", "shop", "db", {"spec": {"provider": "vault"}})

orphans(facts) := found if {
	found := csi_driver.k8s_csi_orphan_class with input as fixtures.cluster(facts)
}

test_orphans if {
	orphans([class]) == {{"fact": "SecretProviderClass/shop/db", "message": "no pod uses SecretProviderClass db"}}
	elsewhere := fixtures.deployment("web", "web", {"volumes": [{"name": "s", "csi": {"volumeAttributes": {"secretProviderClass": "db"}}}]})
	count(orphans([class, elsewhere])) == 1
	files := csi_driver.k8s_csi_orphan_class with input as fixtures.files([class])
	count(files) == 0
}

test_no_orphans if {
	user := fixtures.deployment("shop", "web", {"volumes": [{"name": "s", "csi": {"volumeAttributes": {"secretProviderClass": "db"}}}]})
	count(orphans([class, user])) == 0
	count(orphans([class, status("p", "2026-11-01", "db", "1")])) == 0
}

test_drivers_that_could_not_be_read if {
	found := csi_driver.k8s_csi_rotation_off with input as fixtures.without([driver([])], "csidrivers")
	found == {{"fact": "DaemonSet/kube-system/csi", "unknown": "whether kubelets ask the driver again could not be read"}}
	rotating := csi_driver.k8s_csi_rotation_off with input as fixtures.without([driver(["--enable-secret-rotation=true"])], "csidrivers")
	count(rotating) == 0
}

test_orphans_among_workloads_that_could_not_be_read if {
	every resource in ["pods", "secretproviderclasspodstatuses"] {
		found := csi_driver.k8s_csi_orphan_class with input as fixtures.without([class], resource)
		found == {{"fact": "SecretProviderClass/shop/db", "unknown": "not all workloads could be read"}}
	}
}
