# METADATA
# title: Resources of infrastructure as code
package keystrel.lib.iac

import data.keystrel.lib.facts

# The resources of a type of Terraform or CloudFormation.
of_type(name) := {resource |
	some resource in facts.of("iac_resource")
	resource.resource_type == name
	is_object(object.get(resource, "properties", null))
}

# The resources of several types that are alike.
of_types(names) := {resource |
	some name in names
	some resource in of_type(name)
}

# Resources of which it is not known what they are set to.
unread := {resource |
	some resource in facts.of("iac_resource")
	not is_read(resource)
}

is_read(resource) if {
	facts.has(resource, ["resource_type", "properties"])
	is_object(resource.properties)
}

# What a property is set to, by its names in Terraform and CloudFormation; null where it is not.
property(resource, names) := value if {
	found := [value |
		some name in names
		value := object.get(resource.properties, name, null)
		value != null
	]
	count(found) > 0
	value := found[0]
} else := null

# The path of a property within the fact, by the first of its names that it has; undefined where it has none.
property_path(resource, names) := ["properties", found[0]] if {
	found := [name |
		some name in names
		object.get(resource.properties, name, null) != null
	]
	count(found) > 0
}

# A finding about a resource, at the first of some properties that it has.
found(resource, names, message) := {"fact": resource.id, "path": path, "message": message} if {
	path := property_path(resource, names)
} else := {"fact": resource.id, "message": message}

# The same, at a field of a property that is an object or a block.
found_in(resource, names, field, message) := {"fact": resource.id, "path": array.concat(path, [field]), "message": message} if {
	path := property_path(resource, names)
} else := {"fact": resource.id, "message": message}

# The first text at a property, empty where there is none.
text(resource, names) := value if {
	value := property(resource, names)
	is_string(value)
} else := ""

# Whether something is said of a property, be it an expression.
is_given(resource, names) if not property(resource, names) in [null, ""]

# Whether a property is true; an expression is neither that nor false.
is_true(resource, names) if property(resource, names) in [true, "true"]

is_false(resource, names) if property(resource, names) in [false, "false"]

# A number, also as text; undefined of anything else.
number(value) := value if is_number(value)

number(value) := to_number(value) if {
	is_string(value)
	regex.match(`^[0-9]{1,15}$`, value)
}

# What a message calls a resource.
named(resource) := sprintf("%s %s", [resource.resource_type, resource.name]) if is_string(resource.name)

else := resource.resource_type

# Whether a value names another resource: `${TYPE.NAME.id}`, `{"Ref": NAME}`, `{"Fn::GetAtt": ...}`.
refers(value, resource) if {
	is_string(value)
	some part in regex.find_n(`[A-Za-z0-9_.-]+`, value, -1)
	startswith(part, sprintf("%s.%s.", [resource.resource_type, resource.name]))
}

refers(value, resource) if {
	is_string(value)
	some part in regex.find_n(`[A-Za-z0-9_.-]+`, value, -1)
	part == sprintf("%s.%s", [resource.resource_type, resource.name])
}

refers(value, resource) if {
	is_string(value)
	startswith(value, sprintf("${%s.%s[", [resource.resource_type, resource.name]))
}

refers(value, resource) if {
	is_object(value)
	value.Ref == resource.name
}

refers(value, resource) if {
	is_object(value)
	is_string(resource.name)
	some function in ["Fn::GetAtt", "Fn::Sub"]
	said := value[function]
	is_string(said)
	contains(said, resource.name)
}
