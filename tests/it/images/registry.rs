//! Images that the tools of the field made, in a real registry.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::tools::{add_layer, are_there, policy, run, umoci};
use super::{places, report, scan, short, token};

const TOOLS: &[&str] = &["docker-registry", "umoci", "skopeo"];

/// Bytes of the file in the huge layer.
const HUGE: u64 = 2 << 30;

/// A registry that ends with the test.
struct Registry {
    process: Child,
    host: String,
}

impl Registry {
    fn start(directory: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let storage = directory.join("registry");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {host}}}\n",
            storage.display()
        );
        fs::write(directory.join("registry.yml"), config).unwrap();
        let mut process = Command::new("docker-registry")
            .args(["serve", "registry.yml"])
            .current_dir(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while TcpStream::connect(&host).is_err() {
            assert!(process.try_wait().unwrap().is_none(), "docker-registry ended");
            assert!(began.elapsed() < Duration::from_secs(30), "docker-registry does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, host }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn an_image_of_the_tools_of_the_field_is_read_from_a_real_registry() {
    if !are_there("images in a real registry", TOOLS) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    umoci(root, &["init", "--layout", "L"]);
    umoci(root, &["new", "--image", "L:test"]);
    let line = |seed| format!("token={}\n", token(seed));
    add_layer(root, 1, "COPY . /app", &[("app/.env", &line(1)), ("etc/motd", "hi")]);
    add_layer(root, 2, "RUN /bin/sh -c rm /app/.env # buildkit", &[("app/.wh..env", "")]);
    fs::create_dir(root.join("in")).unwrap();
    fs::write(root.join("in/settings"), line(2)).unwrap();
    run(root, "tar", &["-czf", "nested.tgz", "in"]);
    fs::create_dir_all(root.join("l3/srv")).unwrap();
    fs::rename(root.join("nested.tgz"), root.join("l3/srv/nested.tgz")).unwrap();
    let step = format!("RUN |1 TOKEN={} /bin/sh -c make # buildkit", token(3));
    add_layer(root, 3, &step, &[("srv/note", "")]);
    // Mostly a hole: it is the layer that is huge, and not the disk.
    fs::create_dir(root.join("l4")).unwrap();
    let huge = fs::File::create(root.join("l4/huge")).unwrap();
    huge.set_len(HUGE).unwrap();
    {
        use std::os::unix::fs::FileExt as _;
        huge.write_all_at(format!("\n{}", line(4)).as_bytes(), HUGE - 100).unwrap();
    }
    add_layer(root, 4, "COPY huge /", &[]);
    let env = format!("CI_TOKEN={}", token(5));
    umoci(
        root,
        &[
            "config",
            "--image",
            "L:test",
            "--config.env",
            &env,
            "--history.created_by",
            &format!("ENV {env}"),
        ],
    );
    let label = format!("note={}", token(6));
    umoci(
        root,
        &[
            "config",
            "--image",
            "L:test",
            "--config.label",
            &label,
            "--history.created_by",
            &format!("LABEL {label}"),
        ],
    );

    let registry = Registry::start(root);
    policy(root);
    let image = format!("{}/demo/app:1", registry.host);
    let to = format!("docker://{image}");
    let copy = ["--policy", "policy.json", "copy", "-q", "--dest-tls-verify=false"];
    run(root, "skopeo", &[&copy[..], &["oci:L:test", &to]].concat());
    let told = |layer: Value, instruction: &str, fate: &str| json!([layer, instruction, fate]);
    let expected = [
        ("[config]/.env", told(Value::Null, "ENV CI_TOKEN=…", "kept")),
        ("[config]/labels.properties", told(Value::Null, "LABEL note=…", "kept")),
        ("[history]/3.dockerfile", told(json!(3), "RUN make", "kept")),
        ("app/.env", told(json!(1), "COPY . /app", "deleted")),
        ("huge", told(json!(4), "COPY huge /", "kept")),
        ("srv/nested.tgz!in/settings", told(json!(3), "RUN make", "kept")),
    ];
    let check = |target: &str| {
        let found = places(&report(root, &[target], 1));
        let found: Vec<(&str, Value)> = found
            .iter()
            .map(|(path, image)| {
                let image = short(image);
                (path.as_str(), json!([image["layer"], image["instruction"], image["fate"]]))
            })
            .collect();
        assert_eq!(found, expected, "{target}");
    };
    check(&format!("image:{image}"));
    // Layers as Podman packs them so that it can pull parts of them: what tells of the parts is no file.
    let packed =
        ["--dest-compress", "--dest-compress-format", "zstd:chunked", "oci:L:test", "oci:Z:test"];
    run(root, "skopeo", &[&copy[..4], &packed].concat());
    let index = fs::read_to_string(root.join("Z/index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().replace(':', "/");
    let manifest = fs::read_to_string(root.join("Z/blobs").join(digest)).unwrap();
    assert!(manifest.contains("zstd-chunked.manifest-checksum"), "{manifest}");
    check("oci:Z");
    // Docker's kinds of manifests, and what `docker save` writes.
    let to = format!("docker://{}/demo/app:2", registry.host);
    run(root, "skopeo", &[&copy[..], &["--format", "v2s2", "oci:L:test", &to]].concat());
    check(&format!("image:{}/demo/app:2", registry.host));
    let nothing = scan(root, &[&format!("image:{}/demo/none:1", registry.host)]);
    assert_eq!(nothing.status.code(), Some(3));
    drop(registry);
    let gone = scan(root, &[&format!("image:{image}")]);
    assert_eq!(gone.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&gone.stdout).contains("cannot be reached"));
}
