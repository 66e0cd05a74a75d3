use serde_json::json;

use super::*;

#[test]
fn procfiles() {
    let text = format!(
        "# A: B=c\nweb: A={SECRET} B=\"$C\" node D=1\nworker: env E='$F' x && G=2 y\n\nbad\n"
    );
    let read = reads("Procfile", &text);
    for (id, kind, holds) in [
        ("web.A", "literal", true),
        ("web.B", "reference", false),
        ("worker.E", "literal", false),
        ("worker.G", "literal", false),
    ] {
        let binding = fact(&read, id);
        assert_eq!(
            (&binding.fields["value_kind"], &binding.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
    assert_eq!(read.facts.len(), 4);
}

#[test]
fn nomad_jobs() {
    let text = format!(
        "variable \"db_password\" {{\n  default = \"{SECRET}\"\n}}\njob \"j\" {{\n  group \"g\" {{\n    task \"t\" {{\n      env {{\n        A = \"{SECRET}\"\n        B = \"${{NOMAD_PORT}}\"\n      }}\n\
         \x20     template {{\n        data = <<EOF\nC = \"{SECRET}\"\nD={{{{ with secret \"a\" }}}}\n# x\n EOF\n        env = true\n      }}\n      template {{\n        data = \"E=1\"\n      }}\n      config {{\n        auth {{\n          password = \"{SECRET}\"\n          username = \"u\"\n        }}\n      }}\n    }}\n  }}\n}}\n"
    );
    let read = reads("a.nomad.hcl", &text);
    assert_eq!(read.gaps, []);
    let task = "job.j.group.g.task.t";
    for (id, kind, holds) in [
        ("env.A", "literal", true),
        ("env.B", "reference", false),
        ("template.C", "literal", true),
        ("template.D", "reference", false),
        ("config.auth.password", "literal", true),
    ] {
        let binding = fact(&read, &format!("{task}.{id}"));
        assert_eq!(
            (&binding.fields["value_kind"], &binding.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
    assert_eq!(fact(&read, "variable.db_password.default").fields["holds_secret"], true);
    assert_eq!(read.facts.len(), 6);
}

#[test]
fn generators() {
    let text = format!(
        "secretGenerator:\n- name: db\n  literals:\n  - password=plain\n  - user={SECRET}\n  - token=${{TOKEN}}\n  envs: [a.env]\n  files: [x=y.key]\n- env: b.env\nconfigMapGenerator:\n- name: c\n  literals: [A=1, 'B={SECRET}']\n"
    );
    let read = reads("base/kustomization.yaml", &text);
    let generator = fact(&read, "secretGenerator.db");
    assert_eq!(
        serde_json::to_value(&generator.fields).unwrap(),
        json!({
            "generator": "secret", "name": "db", "literals": ["password", "user", "token"], "envs": ["a.env"],
            "files": ["x=y.key"],
        })
    );
    assert_eq!(fact(&read, "secretGenerator.1").fields["envs"], json!(["b.env"]));
    let password = fact(&read, "secretGenerator.db.password");
    assert_eq!(
        (&password.fields["takes_secret"], &password.fields["value_kind"]),
        (&json!(true), &json!("literal"))
    );
    assert_eq!(fact(&read, "secretGenerator.db.user").fields["holds_secret"], true);
    assert_eq!(fact(&read, "secretGenerator.db.token").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "configMapGenerator.c.B").fields["takes_secret"], false);
    assert_eq!(read.facts.iter().filter(|fact| fact.kind == "iac_attribute").count(), 4);
}

#[test]
fn playbooks() {
    let text = format!(
        "- hosts: all\n  vars:\n    db_password: {SECRET}\n    api_token: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n    c_token: '{{{{ lookup(1) }}}}'\n  environment: {{A: {SECRET}}}\n  tasks:\n  - name: log in\n    shell: tool --password {{{{ db_password }}}} {SECRET}\n  - block:\n    - ansible.builtin.uri:\n        url: x\n        headers: {{X: '{{{{ api_token }}}}'}}\n      with_items: '{{{{ user_passwords }}}}'\n    no_log: true\n\
         \x20 - debug: {{msg: hi}}\n    no_log: '{{{{ x }}}}'\n  - when: x\n"
    );
    let read = reads("site.yml", &text);
    assert_eq!(read.gaps, []);
    assert_eq!(fact(&read, "0.vars.db_password").fields["holds_secret"], true);
    assert_eq!(fact(&read, "0.vars.api_token").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "0.vars.c_token").fields["value_kind"], "reference");
    assert_eq!(fact(&read, "0.environment.A").fields["container_format"], "ansible");
    assert_eq!(
        serde_json::to_value(&fact(&read, "0.tasks.0").fields).unwrap(),
        json!({
            "name": "log in", "module": "shell", "no_log": false, "secrets": ["db_password"], "loop_secrets": [],
            "file": null,
        })
    );
    let uri = fact(&read, "0.tasks.1.block.0");
    assert_eq!(
        serde_json::to_value(&uri.fields).unwrap(),
        json!({
            "name": null, "module": "ansible.builtin.uri", "no_log": true, "secrets": ["api_token"],
            "loop_secrets": ["user_passwords"], "file": null,
        })
    );
    assert_eq!(fact(&read, "0.tasks.2").fields["no_log"], json!(null));
    assert_eq!(read.facts.iter().filter(|fact| fact.kind == "ansible_task").count(), 3);
}

#[test]
fn variables_of_ansible() {
    let read = reads(
        "group_vars/all",
        &format!("a:\n  password: {SECRET}\n  list: [{{key: {SECRET}}}]\n"),
    );
    assert_eq!(fact(&read, "a.password").fields["holds_secret"], true);
    assert_eq!(fact(&read, "a.list.0.key").fields["holds_secret"], true);
    let other = format!("  hosts: a\n  vars:\n    password: {SECRET}\n");
    assert_eq!(reads("x.yml", &other).facts, []);
    assert_eq!(reads("host_vars/x.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n").facts, []);
}

#[test]
fn which_files_are() {
    for (path, head, name) in [
        ("Procfile", "", Some("procfile")),
        ("Procfile.dev", "", Some("procfile")),
        ("a.nomad", "", Some("nomad")),
        ("a.hcl", "job \"a\" { task \"b\" {", Some("nomad")),
        ("a.hcl", "locals {", None),
        ("k/kustomization.yml", "apiVersion", Some("kustomize")),
        ("group_vars/all/x.yml", "", Some("ansible")),
        ("group_vars/all", "", Some("ansible")),
        ("group_vars/x.py", "", None),
        ("roles/a/tasks/main.yml", "", Some("ansible")),
        ("roles/a/meta/main.yml", "", None),
        ("site.yml", "- hosts: all\n  tasks:", Some("ansible")),
        ("deploy/tasks/x.yml", "- name: a", Some("ansible")),
        ("x.yml", "apiVersion: v1\nspec:\n  hosts: a\n  vars:", Some("kubernetes")),
        ("x.yml", "hosts: a", None),
    ] {
        assert_eq!(kind(path, head.as_bytes()), name, "{path} {head}");
    }
}

#[test]
fn files_that_tasks_make() {
    let text = "- name: a\n  ansible.builtin.copy:\n    dest: /etc/kubernetes/pki/ca.key\n    mode: 0644\n- file: path=/var/lib/etcd \
                mode=\"0755\" state=directory\n- template: {src: a, dest: \"{{ b }}\"}\n- debug: {msg: path}\n";
    let read = reads("roles/x/tasks/main.yml", text);
    let file = |id: &str| fact(&read, id).fields["file"].clone();
    assert_eq!(file("0"), json!({"path": "/etc/kubernetes/pki/ca.key", "mode": "0644"}));
    assert_eq!(file("1"), json!({"path": "/var/lib/etcd", "mode": "0755"}));
    assert_eq!(file("2"), json!({"path": "{{ b }}", "mode": null}));
    assert_eq!(file("3"), json!(null));
    let place = fact(&read, "0").place_of(json!(["file", "mode"]).as_array().unwrap()).unwrap();
    assert_eq!((place.line, place.column), (4, 5));
}
