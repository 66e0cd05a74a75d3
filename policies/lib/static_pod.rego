# METADATA
# title: The control plane, by the flags of its static pods
package keystrel.lib.static_pod

import data.keystrel.lib.facts
import data.keystrel.lib.kubernetes

components := {"kube-apiserver", "etcd", "kube-controller-manager"}

# The instances of a component: `{"cluster" (id of its fact, or of that of the manifest), "name", "flags", "complete"}`. `flags` are by
# name without dashes, each a list of texts in their order; `complete` is whether no argument comes from what cannot be seen. Of a
# manifest, `places` are the paths of flags within the fact, and `place` is that of the command.
of(component) := {instance |
	some [name, instance] in instances
	name == component
}

instances contains [component, instance] if {
	some cluster in facts.of("k8s_cluster")
	some pod in kubernetes.objects("Pod")
	pod.namespace == "kube-system"
	some container in kubernetes.containers(kubernetes.pod_spec(pod))
	some component in components
	runs(container, component)
	instance := {
		"cluster": cluster.id,
		"name": pod.name,
		"flags": flags(container),
		"complete": is_complete(container, component),
	}
}

instances contains [component, instance] if {
	some pod in facts.of("k8s_control_plane")
	some [path, container] in kubernetes.placed_containers(pod)
	some component in components
	runs(container, component)
	instance := {
		"cluster": pod.id,
		"name": pod.name,
		"flags": flags(container),
		"complete": is_complete(container, component),
		"place": array.concat(path, ["command"]),
		"places": {name: array.concat(path, place) | some name in flag_names(container); place := place_of(container, name)},
	}
}

flags(container) := object.union(environment(container), {name: given(container, name) | some name in flag_names(container)})

# Where a flag stands in a container, the last of several.
place_of(container, name) := places[count(places) - 1] if {
	places := [[field, index] |
		some field in ["command", "args"]
		some index, word in kubernetes.list(container, field)
		is_string(word)
		flag_name(word) == name
	]
	count(places) > 0
}

# A finding about an instance: of a manifest, at the last of some flags that it has, else at its command.
found(instance, names, message) := {"fact": instance.cluster, "path": places[count(places) - 1], "message": message} if {
	places := [place |
		some name in names
		place := instance.places[name]
	]
	count(places) > 0
} else := {"fact": instance.cluster, "path": instance.place, "message": message} if {
	is_array(object.get(instance, "place", null))
} else := {"fact": instance.cluster, "message": message}

# Whether kubelets start a pod of a file: such a pod has neither an account nor a token.
is_static(pod) if {
	pod.object_kind == "Pod"
	pod.namespace == "kube-system"
	some container in kubernetes.containers(kubernetes.pod_spec(pod))
	some component in data.keystrel.lib.static_pod.components
	runs(container, component)
}

is_static(pod) if is_string(kubernetes.field(pod, ["metadata", "annotations", "kubernetes.io/config.mirror"], null))

# Clusters whose provider does not run the control plane, and of which no instance of a component is seen.
without(component) := {cluster |
	some cluster in facts.of("k8s_cluster")
	cluster.managed == false
	count(of(component)) == 0
}

runs(container, component) if {
	is_string(object.get(container, "image", null))
	regex.match(sprintf(`(^|/)%s(-(amd64|arm64|arm|ppc64le|s390x))?(:|@|$)`, [component]), container.image)
}

runs(container, component) if program(container) == component

# The name of what is run, without its directory.
program(container) := parts[count(parts) - 1] if {
	first := words(container)[0]
	parts := split(first, "/")
}

is_complete(container, component) if is_direct(container, component)

else := false

# Whether arguments are the program's own, and it reads none from a file.
is_direct(container, component) if {
	program(container) == component
	not reads_file(container, component)
}

# Without a command it is what the image runs.
is_direct(container, component) if {
	count(kubernetes.list(container, "command")) == 0
	startswith(program(container), "-")
	not reads_file(container, component)
}

reads_file(container, component) if {
	component == "etcd"
	"config-file" in flag_names(container)
}

reads_file(container, component) if {
	component == "etcd"
	count(kubernetes.list(container, "envFrom")) > 0
}

# Units of systemd take flags out of variables.
reads_file(container, _) if {
	some word in words(container)
	regex.match(`^\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)$`, word)
}

words(container) := [word |
	some field in ["command", "args"]
	some word in kubernetes.list(container, field)
	is_string(word)
]

flag_names(container) := {name |
	some word in words(container)
	name := flag_name(word)
}

# Underscores count as hyphens, and etcd takes one dash for two.
flag_name(word) := replace(trim_left(split(word, "=")[0], "-"), "_", "-") if regex.match(`^--?[a-z]`, word)

# What a container's program is given for a flag, in its order.
given(container, name) := [text |
	list := words(container)
	some index, word in list
	flag_name(word) == name
	text := value_of(list, index, word)
]

value_of(_, _, word) := concat("=", array.slice(split(word, "="), 1, count(split(word, "=")))) if contains(word, "=")

value_of(list, index, word) := following(list, index) if not contains(word, "=")

# A flag alone is true; what follows it is its value unless it is a flag.
following(list, index) := list[index + 1] if {
	index + 1 < count(list)
	not startswith(list[index + 1], "-")
} else := "true"

# etcd takes its flags from variables too; what is on the command line wins.
environment(container) := {name: values |
	some [name, _] in variables(container)
	values := [text | some [other, text] in variables(container); other == name]
}

variables(container) := [[name, variable.value] |
	some variable in kubernetes.list(container, "env")
	is_object(variable)
	is_string(object.get(variable, "name", null))
	startswith(variable.name, "ETCD_")
	is_string(object.get(variable, "value", null))
	name := replace(lower(trim_prefix(variable.name, "ETCD_")), "_", "-")
]

# What a flag was given, the last of several; undefined if it was not given, or given nothing.
value(instance, flag) := last if {
	written := object.get(instance.flags, flag, [])
	count(written) > 0
	last := written[count(written) - 1]
	last != ""
}

# The same, with what the program does without the flag. Undefined where not all arguments can be seen.
value_or(instance, flag, _) := value(instance, flag)

value_or(instance, flag, absent) := absent if lacks(instance, flag)

# Whether a flag was not given. Undefined where not all arguments can be seen.
lacks(instance, flag) if {
	instance.complete == true
	not has(instance, flag)
}

has(instance, flag) if value(instance, flag) != ""

# The names in a list with commas. A flag that is given several times adds to its list.
names(instance, flag) := {name |
	some part in object.get(instance.flags, flag, [])
	some written in split(part, ",")
	name := trim_space(written)
	name != ""
}

# Whether one of the flags may have been given where it cannot be seen.
hides(instance, wanted) if {
	instance.complete != true
	some flag in wanted
	not has(instance, flag)
}

# What a message calls an instance.
named(instance) := sprintf("%v", [instance.name])

# What a message calls flags.
shown(flags) := concat(", ", [sprintf("--%s", [flag]) | some flag in flags])

hidden := "its arguments come from what cannot be seen"

unseen(component) := sprintf("no static pod of %s is visible", [component])
