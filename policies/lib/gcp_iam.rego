# METADATA
# title: Policies, roles and members of Google Cloud
package keystrel.lib.gcp_iam

import data.keystrel.lib.facts
import data.keystrel.lib.gcp

# The roles that give each permission, as far as roles were read.
givers[permission] contains role.name if {
	some role in facts.of("gcp_role")
	some permission in gcp.list(role, "includedPermissions")
}

# The roles that give one of the permissions.
giving(permissions) := {role |
	some permission in permissions
	some role in data.keystrel.lib.gcp_iam.givers[permission]
}

gives_any(role, permissions) if role in giving(permissions)

known_roles := {role.name |
	some role in gcp.told(facts.of("gcp_role"), ["includedPermissions"])
}

knows_role(role) if role in data.keystrel.lib.gcp_iam.known_roles

# What holds policies for what is below it.
scopes := {fact.id: fact |
	some kind in ["gcp_organization", "gcp_folder", "gcp_project", "gcp_kms_key_ring"]
	some fact in facts.of(kind)
}

# Projects, folders and organizations.
hierarchy := {fact |
	some kind in ["gcp_organization", "gcp_folder", "gcp_project"]
	some fact in facts.of(kind)
}

# Those of which a control on secrets speaks: all above, and projects that hold secrets.
secret_scopes := [fact |
	holders := {secret.project | some secret in facts.of("gcp_secret")}
	some fact in hierarchy
	holds(fact, holders)
]

# The same for keys.
key_scopes := [fact |
	holders := {key.project | some key in facts.of("gcp_kms_key"); key.is_foreign != true}
	some fact in hierarchy
	holds(fact, holders)
]

# What a control on them says of the others.
without_secrets := {{"fact": id, "not_applicable": "there are no secrets in it"} |
	some id in ({fact.id | some fact in hierarchy} - {fact.id | some fact in secret_scopes})
}

without_keys := {{"fact": id, "not_applicable": "there are no keys in it"} |
	some id in ({fact.id | some fact in hierarchy} - {fact.id | some fact in key_scopes})
}

holds(fact, holders) if fact.project in holders

# Folders and organizations that have a project with them below; all, where it is not known what is below.
holds(fact, holders) if {
	fact.kind != "gcp_project"
	some project in facts.of("gcp_project")
	project.project in holders
	is_below(project, fact)
}

is_below(project, fact) if fact.id in gcp.list(project, "ancestors")

is_below(project, _) if not gcp.is_told(project, ["ancestors"])

# Ids of what stands above a thing, nearest first.
above(fact) := gcp.list(fact, "ancestors") if {
	fact.kind in {"gcp_project", "gcp_folder"}
} else := [] if {
	fact.kind == "gcp_organization"
} else := array.concat([fact.key_ring], above_in_project(fact)) if {
	fact.kind == "gcp_kms_key"
} else := above_in_project(fact)

above_in_project(fact) := array.concat([project], ancestors_of(project)) if project := gcp.project_id(fact.project)

ancestors_of(project) := gcp.list(data.keystrel.lib.gcp_iam.scopes[project], "ancestors") if {
	data.keystrel.lib.gcp_iam.scopes[project]
} else := []

# A thing and what stands above it, as far as there are facts of it.
with_above(fact) := array.concat([fact], [scope |
	some id in above(fact)
	scope := data.keystrel.lib.gcp_iam.scopes[id]
])

# Why it is not known which policies hold for a thing.
unknown_policies(fact) := (own_unknown(fact) | missing_above(fact)) | unread_above(fact)

own_unknown(fact) := {why | why := gcp.untold(fact, "iam_policy")}

missing_above(fact) := {why |
	some id in above(fact)
	not data.keystrel.lib.gcp_iam.scopes[id]
	why := sprintf("the policy of %s was not read", [short(id)])
}

unread_above(fact) := {why |
	some scope in with_above(fact)
	some field in ["ancestors", "iam_policy"]
	not is_top(scope, field)
	scope.id != fact.id
	why := sprintf("of %s, %s", [short(scope.id), gcp.untold(scope, field)])
} | {why |
	fact.kind in {"gcp_project", "gcp_folder"}
	why := gcp.untold(fact, "ancestors")
}

# Organizations and key rings have no such field.
is_top(scope, field) if {
	field == "ancestors"
	scope.kind in {"gcp_organization", "gcp_kms_key_ring"}
}

# `projects/shop` of an id.
short(id) := concat("/", array.slice(split(gcp.text(id), "/"), 3, 100))

bindings(fact) := gcp.list(gcp.object_of(fact, "iam_policy"), "bindings")

# Why it is not known what the bindings of a fact's own policy give: roles that could not be read.
unknown_roles(fact) := {sprintf("what the role %s gives could not be read", [role]) |
	some role in ({binding.role | some binding in bindings(fact)} - data.keystrel.lib.gcp_iam.known_roles)
}

# The same of what stands above, worked out once.
unknown_roles_of_scopes := {id: unknown_roles(scope) | some id, scope in scopes}

# Why it is not known what all policies give that hold for a thing.
unknown_grants(fact) := (unknown_policies(fact) | unknown_roles(fact)) | union({found |
	some id in above(fact)
	found := data.keystrel.lib.gcp_iam.unknown_roles_of_scopes[id]
})

# Members, with their roles and conditions, whom the fact's own policy gives one of the permissions.
granted(fact, permissions) := bound(fact, giving(permissions))

# The same of one of some roles.
bound(fact, roles) := {grant |
	some binding in bindings(fact)
	binding.role in roles
	some member in gcp.list(binding, "members")
	grant := {"member": member, "role": binding.role, "condition": object.get(binding, "condition", null)}
}

is_public(member) if member in {"allUsers", "allAuthenticatedUsers"}

is_deleted(member) if startswith(member, "deleted:")

# Whether a member is somebody who still is, and no service of Google.
is_principal(member) if {
	not is_deleted(member)
	not is_agent(member)
}

# What stands behind the kind of a member, in lower case: an address.
address(member) := lower(split(parts[1], "?")[0]) if {
	not startswith(member, "principal")
	parts := split(member, ":")
	count(parts) > 1
}

kind_of(member) := split(member, ":")[0]

# The domain of an address.
domain(member) := parts[1] if {
	parts := split(address(member), "@")
	count(parts) == 2
}

domain(member) := address(member) if startswith(member, "domain:")

# Accounts that Google's services act by, https://cloud.google.com/iam/docs/service-agents. Their projects are
# Google's.
is_agent(member) if {
	kind_of(member) == "serviceAccount"
	regex.match(`^gcp-sa-[a-z0-9-]+\.iam\.gserviceaccount\.com$`, domain(member))
}

is_agent(member) if {
	kind_of(member) == "serviceAccount"
	domain(member) in agent_domains
}

is_agent(member) if {
	kind_of(member) == "serviceAccount"
	regex.match(`^service-[0-9]+@(?:[a-z0-9-]+-(?:system|robot|accounts)|compute-system|containerregistry|firebase-rules|serverless-robot-prod|gcf-admin-robot|bigquery-encryption|dataflow-service-producer-prod|cloud-tpu|cloud-redis|cloud-filer|service-networking|sourcerepo-service-accounts|endpoints-portal|genomics-api)\.iam\.gserviceaccount\.com$`, address(member))
}

agent_domains := {"cloudservices.gserviceaccount.com", "system.gserviceaccount.com", "cloud-ml.google.com.iam.gserviceaccount.com"}

# The default accounts of Compute Engine and App Engine.
is_default_account(member) if {
	kind_of(member) == "serviceAccount"
	regex.match(`^(?:[0-9]+-compute@developer|[^@]+@appspot)\.gserviceaccount\.com$`, address(member))
}

# Somebody to name in messages: `ann@example.com`, `allUsers`.
show(member) := address(member) if {
	address(member) != ""
} else := member

shown(members) := {show(member) | some member in members}
