use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;

#[test]
fn objects_and_variables() {
    let text = format!(
        "# x\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  template:\n    spec:\n      \
         automountServiceAccountToken: no\n      containers:\n      - name: app\n        env:\n        - name: PW\n          value: \"{SECRET}\"\n        \
         - {{name: A, valueFrom: {{secretKeyRef: {{name: a, key: b}}}}}}\n        - {{name: B, value: x$(A)}}\n        - name: C\n      \
         initContainers:\n      - env: [{{name: D, value: \"1\"}}]\n---\n# nothing\n---\nkind: other\n"
    );
    let read = reads("web.yaml", &text);
    assert_eq!(read.gaps, []);
    let web = fact(&read, "Deployment/shop/web");
    assert_eq!(web.fields["api_version"], "apps/v1");
    assert_eq!((&web.fields["name"], &web.fields["namespace"]), (&json!("web"), &json!("shop")));
    let spec = &web.fields["object"]["spec"]["template"]["spec"];
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_eq!(spec["containers"][0]["env"][0]["value"], "***");
    assert_eq!(spec["initContainers"][0]["env"][0]["value"], "1");
    assert_eq!(
        web.fields["secrets"],
        json!([{
            "path": ["spec", "template", "spec", "containers", 0, "env", 0, "value"], "rule": "a-rule", "confidence": "known",
        }])
    );
    assert_eq!(place(web).0, 2);
    assert_eq!(place(fact(&read, "Deployment/shop/web.app.env.PW")), (12, 11, 13, 31));
    for (id, kind, holds) in [
        ("app.env.PW", "literal", true),
        ("app.env.A", "reference", false),
        ("app.env.B", "interpolated", false),
        ("app.env.C", "empty", false),
        ("0.env.D", "literal", false),
    ] {
        let fact = fact(&read, &format!("Deployment/shop/web.{id}"));
        assert_eq!(
            (&fact.fields["value_kind"], &fact.fields["holds_secret"]),
            (&json!(kind), &json!(holds)),
            "{id}"
        );
    }
}

#[test]
fn values_of_secrets_are_blanked() {
    let encoded = |text: &str| STANDARD.encode(text);
    let text = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: db\n    annotations:\n      \
         kubectl.kubernetes.io/last-applied-configuration: '{{\"a\": 1}}'\n  type: Opaque\n  data:\n    password: {}\n    a: {}\n    b: ''\n  \
         stringData:\n    user: admin\n    c: ${{C}}\n    d: |\n      x={SECRET}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: c}}\n  \
         data:\n    f.ini: |\n      a=1\n      pw={SECRET}\n",
        encoded("pass"),
        encoded("<path:a#b>"),
    );
    let read = reads("s.yaml", &text);
    let secret = fact(&read, "Secret/db");
    let object = &secret.fields["object"];
    assert_eq!(object["data"], json!({"password": "***", "a": encoded("<path:a#b>"), "b": ""}));
    assert_eq!(object["stringData"], json!({"user": "***", "c": "${C}", "d": "***"}));
    assert_eq!(
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"],
        "***"
    );
    assert_eq!(object["type"], "Opaque");
    let paths: Vec<String> = secret.fields["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["path"].to_string())
        .collect();
    assert_eq!(
        paths,
        [r#"["data","password"]"#, r#"["stringData","user"]"#, r#"["stringData","d"]"#]
    );
    let map = fact(&read, "ConfigMap/c");
    assert_eq!(map.fields["object"]["data"]["f.ini"], "a=1\npw=***\n");
    assert_eq!(map.fields["secrets"][0]["path"], json!(["data", "f.ini"]));
}

#[test]
fn templates_of_helm() {
    let text = format!(
        "{{{{- if .Values.on }}}}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{{{ include \"a.name\" . }}}}\n  labels:\n    \
         {{{{- include \"a.labels\" . | nindent 4 }}}}\nstringData:\n  a: {{{{ .Values.a | quote }}}}\n  b: \"{{{{ .Values.b }}}}-x\"\n  \
         c: {SECRET}\n{{{{- end }}}}\n---\napiVersion: v1\nkind: [\n"
    );
    let read = reads("templates/s.yaml", &text);
    let secret = fact(&read, "Secret/{{ include \"a.name\" . }}");
    assert_eq!(
        secret.fields["object"]["stringData"],
        json!({"a": "{{ .Values.a | quote }}", "b": "***", "c": "***"})
    );
    assert_eq!(read.gaps.len(), 6);
}

#[test]
fn json_objects() {
    let text = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "env": [{"name": "A", "value": "b"}]}]}}"#;
    fact(&reads("p.json", text), "Pod/p.a.env.A");
}

#[test]
fn which_files_are() {
    assert_eq!(kind("a/b.yaml", b"apiVersion: v1\nkind: Pod"), Some("kubernetes"));
    assert_eq!(kind("a/b.yaml", b"a: b"), None);
    assert_eq!(kind("a/b.rs", b"apiVersion: v1"), None);
}

#[test]
fn parts_of_objects_have_places() {
    let text = "# head\napiVersion: v1\nkind: Pod\nspec:\n  volumes:\n    - &v\n      name: a\n    - *v\n  x: {{ .Values.x }}\n  é: b\n---\n\
                {\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"a\": \"Yg==\", \"c\": \"\"}}\n";
    let read = reads("a.yaml", text);
    let at = |id: &str, path: &Value| {
        let place = fact(&read, id).place_of(path.as_array().unwrap()).unwrap();
        (place.line, place.column, place.end_line, place.end_column)
    };
    assert_eq!(at("Pod", &json!([])), place(fact(&read, "Pod")));
    assert_eq!(at("Pod", &json!(["object", "spec", "volumes", 0, "name"])), (7, 7, 7, 13));
    // What an alias stands for is where it was written, and its item too.
    assert_eq!(at("Pod", &json!(["object", "spec", "volumes", 1])), (7, 7, 7, 13));
    assert_eq!(at("Pod", &json!(["object", "spec", "x"])), (9, 3, 9, 20));
    assert_eq!(at("Pod", &json!(["object", "spec", "é"])), (10, 3, 10, 6));
    assert_eq!(at("Pod", &json!(["object", "spec", "absent", 3])), (4, 1, 10, 6));
    assert_eq!(at("Secret", &json!(["object", "data", "a"])), (12, 49, 12, 59));
}

#[test]
fn static_pods_of_the_control_plane() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: kube-system\nspec:\n  containers:\n  - image: \
                registry.k8s.io/kube-apiserver:v1\n    command:\n    - kube-apiserver\n    - --a=1\n";
    let read = reads("a.yaml", text);
    let plane = fact(&read, "Pod/kube-system/a.kube-apiserver");
    assert_eq!(plane.kind, "k8s_control_plane");
    assert_eq!(plane.fields["component"], "kube-apiserver");
    assert_eq!(plane.fields["managed"], false);
    let path = json!(["object", "spec", "containers", 0, "command", 1]);
    assert_eq!(plane.place_of(path.as_array().unwrap()).unwrap().line, 11);
    for other in [
        text.replace("kube-system", "shop"),
        text.replace("kind: Pod", "kind: Thing"),
        text.replace("kube-apiserver", "other"),
    ] {
        let read = reads("a.yaml", &other);
        assert!(read.facts.iter().all(|fact| fact.kind != "k8s_control_plane"), "{other}");
    }
}

#[test]
fn settings_of_clusters() {
    let key = STANDARD.encode([7; 32]);
    let text = format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  \
         - aescbc:\n      keys:\n      - name: k\n        secret: {key}\n      - {{name: l, secret: <BASE64>}}\n---\napiVersion: \
         kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 10255\n---\napiVersion: audit.k8s.io/v1\nkind: \
         Policy\nrules:\n- level: None\n"
    );
    let read = reads("a.yaml", &text);
    assert!(!serde_json::to_string(&read.facts).unwrap().contains(&key));
    let config = fact(&read, "EncryptionConfiguration");
    let path = json!(["resources", 0, "providers", 0, "aescbc", "keys", 0, "secret"]);
    assert_eq!(config.fields["secrets"], json!([{"path": path, "rule": null, "confidence": null}]));
    let encryption = fact(&read, "EncryptionConfiguration.settings");
    assert_eq!(encryption.kind, "k8s_encryption_config");
    assert_eq!(encryption.fields["resources"][0]["providers"][0]["keys"], json!(["k", "l"]));
    let line = |fact: &Fact, path: Value| fact.place_of(path.as_array().unwrap()).unwrap().line;
    assert_eq!(line(encryption, json!(["resources", 0, "providers", 0])), 6);
    let kubelet = fact(&read, "KubeletConfiguration.settings");
    assert_eq!(kubelet.kind, "k8s_kubelet_config");
    assert_eq!(line(kubelet, json!(["readOnlyPort"])), 14);
    assert_eq!(fact(&read, "Policy.settings").kind, "k8s_audit_policy");
}

#[test]
fn control_planes_of_kubeadm() {
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: \
                authorization-mode\n    value: AlwaysAllow\ncontrollerManager:\n  extraArgs:\n    profiling: \"false\"\n";
    let read = reads("a.yaml", text);
    let commands = |id: &str| {
        let fact = fact(&read, id);
        assert_eq!(fact.kind, "k8s_control_plane");
        fact.fields["object"]["spec"]["containers"][0]["command"].as_array().unwrap().clone()
    };
    let server = commands("ClusterConfiguration.kube-apiserver");
    assert_eq!(server[0], "kube-apiserver");
    assert_eq!(server.last().unwrap(), "--authorization-mode=AlwaysAllow");
    assert!(server.contains(&json!("--etcd-servers=https://127.0.0.1:2379")));
    let at =
        |id: &str, path: Value| fact(&read, id).place_of(path.as_array().unwrap()).unwrap().line;
    let path = json!(["object", "spec", "containers", 0, "command", server.len() - 1]);
    assert_eq!(at("ClusterConfiguration.kube-apiserver", path), 5);
    let command = json!(["object", "spec", "containers", 0, "command"]);
    assert_eq!(at("ClusterConfiguration.kube-apiserver", command.clone()), 4);
    let manager = commands("ClusterConfiguration.kube-controller-manager");
    assert_eq!(manager.last().unwrap(), "--profiling=false");
    assert_eq!(at("ClusterConfiguration.etcd", command), 1);
    let external = text.to_owned() + "etcd:\n  external:\n    endpoints: [http://a:2379]\n";
    let read = reads("a.yaml", &external);
    let server = &fact(&read, "ClusterConfiguration.kube-apiserver").fields["object"];
    let server = server["spec"]["containers"][0]["command"].as_array().unwrap();
    assert!(server.contains(&json!("--etcd-servers=http://a:2379")));
    let components: Vec<&Value> =
        read.facts.iter().filter_map(|fact| fact.fields.get("component")).collect();
    assert_eq!(components, ["kube-apiserver", "kube-controller-manager"]);
}
