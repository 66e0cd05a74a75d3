# METADATA
# title: Facts for tests of the policies on clusters
package keystrel.lib.kubernetes_fixtures_test

now := "2026-11-30T00:00:00Z"

# The inventory of a cluster, without gaps.
cluster(facts) := {"source": "k8s:test", "now": now, "facts": facts, "gaps": []}

# The same of files.
files(facts) := {"source": "files", "now": now, "facts": facts, "gaps": []}

# The inventory of a cluster that does not let list a resource.
without(facts, resource) := {
	"source": "k8s:test",
	"now": now,
	"facts": facts,
	"gaps": [{"needs": "k8s_object:Kind", "what": sprintf("/api/v1/%s", [resource]), "why": "403"}],
}

resource(kind, namespace, name, document) := {
	"kind": "k8s_object",
	"id": sprintf("%s/%v/%s", [kind, namespace, name]),
	"object_kind": kind,
	"namespace": namespace,
	"name": name,
	"object": document,
	"secrets": [],
}

# A Secret that was made and written on a day, with an owner.
secret(namespace, name, type, day) := resource("Secret", namespace, name, {
	"metadata": {
		"name": name,
		"creationTimestamp": sprintf("%sT00:00:00Z", [day]),
		"labels": {"owner": "team"},
		"managedFields": [{"manager": "kubectl", "time": sprintf("%sT00:00:00Z", [day]), "fields": ["data", "metadata", "type"]}],
	},
	"type": type,
	"data_count": 2,
	"keys": ["password", "username"],
})

deployment(namespace, name, spec) := resource("Deployment", namespace, name, {"spec": {"template": {"spec": spec}}})

# A pod that mounts a Secret as files.
mounts(source) := {
	"serviceAccountName": "app",
	"containers": [{"name": "app", "image": "registry.example/app:1", "volumeMounts": [{"name": "s", "mountPath": "/run/s"}]}],
	"volumes": [{"name": "s", "secret": source}],
}

# The facts that a control finds, and those that it cannot tell of.
found(findings) := {finding.fact | some finding in findings; finding.message}

unknown(findings) := {finding.fact | some finding in findings; finding.unknown}

test_what_is_found_and_what_is_not_known if {
	said := {{"fact": "a", "message": "it is wrong"}, {"fact": "b", "unknown": "it was not read"}}
	found(said) == {"a"}
	unknown(said) == {"b"}
}

test_inventories if {
	cluster([]).source != files([]).source
	count(cluster([]).gaps) == 0
	without([], "secrets").gaps[0].what == "/api/v1/secrets"
}
