//! Images in stores that containerd, Docker and Skopeo wrote, which end before they are read.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::tools::{add_layer, are_there, left_out, policy, run, umoci};
use super::{places, token};
use crate::cases::quiet;

/// A directory whose files may be root's.
struct Root {
    directory: TempDir,
    /// What makes root of whoever runs the tests.
    prefix: Option<&'static str>,
}

impl Root {
    /// None, which is said, if the tools are missing, or nobody may be root.
    fn new(what: &str, tools: &[&str]) -> Option<Self> {
        if !are_there(what, tools) {
            return None;
        }
        let id = Command::new("id").arg("-u").output().unwrap();
        let may =
            || Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|o| o.status.success());
        let prefix = match id.stdout.trim_ascii() {
            b"0" => None,
            _ if may() => Some("sudo"),
            _ => {
                left_out(what, "needs root, or `sudo` without a password");
                return None;
            }
        };
        let root = Self { directory: tempfile::tempdir().unwrap(), prefix };
        policy(root.path());
        Some(root)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let (program, rest) = args.split_first().unwrap();
        let mut command = match self.prefix {
            Some(prefix) => {
                let mut command = Command::new(prefix);
                command.args(["-n", program]);
                command
            }
            None => Command::new(program),
        };
        command.args(rest);
        quiet(command, self.path())
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Starts an engine, and waits until it says that it is there.
    fn start(&self, args: &[&str], ready: &str) -> Engine<'_> {
        let log = fs::File::create(self.path().join("engine.log")).unwrap();
        let mut command = self.command(args);
        command.stdout(Stdio::null()).stderr(log);
        let engine = Engine { root: self, process: command.spawn().unwrap() };
        let began = Instant::now();
        let log = || fs::read_to_string(self.path().join("engine.log")).unwrap_or_default();
        while !log().contains(ready) {
            assert!(began.elapsed() < Duration::from_mins(1), "{args:?} does not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        engine
    }

    /// What a scan finds, but for digests, which differ with compression.
    fn found(&self, args: &[&str]) -> Vec<(String, Value)> {
        let binary = env!("CARGO_BIN_EXE_keystrel");
        let output =
            self.command(&[&[binary, "scan", "--report", "json=-"], args].concat()).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["skipped"], Value::Array(Vec::new()), "{args:?}");
        let found = places(&report).into_iter().map(|(path, mut image)| {
            image["digest"] = Value::Null;
            (path, image)
        });
        found.collect()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if self.prefix.is_some() {
            // What is root's is not deleted with the directory.
            drop(self.command(&["find", ".", "-mindepth", "1", "-delete"]).output());
        }
    }
}

struct Engine<'a> {
    root: &'a Root,
    process: Child,
}

impl Drop for Engine<'_> {
    fn drop(&mut self) {
        drop(self.root.command(&["kill", &self.process.id().to_string()]).output());
        drop(self.process.wait());
    }
}

/// Four layers in the layout `L`: files, links and a long name, whiteouts of all kinds, and a file of another owner.
fn layout(root: &Path) {
    umoci(root, &["init", "--layout", "L"]);
    umoci(root, &["new", "--image", "L:test"]);
    let line = |seed| format!("token={}\n", token(seed));
    let long = format!("srv/{}/{}", "d".repeat(90), "e".repeat(90));
    fs::create_dir_all(root.join("l1/bin")).unwrap();
    fs::write(root.join("l1/bin/a"), line(5)).unwrap();
    fs::hard_link(root.join("l1/bin/a"), root.join("l1/bin/b")).unwrap();
    std::os::unix::fs::symlink("/srv", root.join("l1/link")).unwrap();
    add_layer(
        root,
        1,
        "COPY . /",
        &[
            ("app/.env", &line(1)),
            ("app/kept", &line(2)),
            ("old/sub/x", &line(3)),
            ("gone/x", &line(6)),
            (&long, &line(4)),
        ],
    );
    add_layer(
        root,
        2,
        "RUN rm",
        &[
            ("app/.wh..env", ""),
            ("bin/.wh.a", ""),
            ("old/sub/.wh..wh..opq", ""),
            ("old/sub/new", "nothing"),
            (".wh.gone", ""),
        ],
    );
    add_layer(root, 3, "COPY again /", &[("app/kept", &line(7)), ("\u{e4}/\u{f6}", &line(8))]);
    let env = format!("CI_TOKEN={}", token(9));
    let history = format!("ENV {env}");
    umoci(
        root,
        &["config", "--image", "L:test", "--config.env", &env, "--history.created_by", &history],
    );
}

/// What is found in the layout, which the other tests of images are about.
fn expected(root: &Root) -> Vec<(String, Value)> {
    let expected = root.found(&["oci:L"]);
    let fates: Vec<(&str, &str)> = expected
        .iter()
        .map(|(path, image)| (path.rsplit('/').next().unwrap(), image["fate"].as_str().unwrap()))
        .collect();
    let long = "e".repeat(90);
    assert_eq!(
        fates,
        [
            (".env", "kept"),
            (".env", "deleted"),
            ("kept", "replaced"),
            ("kept", "kept"),
            ("a", "kept"),
            ("x", "deleted"),
            ("x", "deleted"),
            (long.as_str(), "kept"),
            ("\u{f6}", "kept"),
        ]
    );
    expected
}

#[test]
fn the_store_of_containerd_is_read_without_it() {
    let tools = ["containerd", "ctr", "skopeo", "umoci"];
    let Some(root) = Root::new("images in the store of containerd", &tools) else { return };
    let at = root.path().display().to_string();
    layout(root.path());
    let expected = expected(&root);
    let copy = ["--policy", "policy.json", "copy", "-q", "oci:L:test"];
    let archive = ["oci-archive:app.tar:docker.io/acme/app:1"];
    run(root.path(), "skopeo", &[&copy[..], &archive].concat());
    let settings = format!(
        "version = 2\nroot = \"{at}/store\"\nstate = \"{at}/state\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\naddress = \"{at}/engine.sock\"\n"
    );
    fs::write(root.path().join("config.toml"), settings).unwrap();
    let engine = root.start(&["containerd", "--config", "config.toml"], "successfully booted");
    let ctr = |args: &[&str]| {
        // A name of its own in another namespace, and many of them: their tree has branches.
        root.run(&[&["ctr", "--address", "engine.sock"], args].concat());
    };
    ctr(&["images", "import", "--snapshotter", "overlayfs", "app.tar"]);
    for at in 0..200 {
        let name = format!("registry.example/a-rather-long-name-of-a-team/app-{at}:1");
        ctr(&["images", "tag", "docker.io/acme/app:1", &name]);
    }
    ctr(&["--namespace", "k8s.io", "images", "import", "--no-unpack", "app.tar"]);
    ctr(&["--namespace", "k8s.io", "images", "tag", "docker.io/acme/app:1", "localhost/only:1"]);
    let names = ["acme/app:1", "docker.io/acme/app:1", "only:1", "app-7:1"];
    // While it runs, and after it.
    assert_eq!(root.found(&["--image-store", "store", "image:acme/app:1"]), expected);
    drop(engine);
    for name in names {
        let found = root.found(&["--image-store", "store", &format!("image:{name}")]);
        assert_eq!(found, expected, "{name}");
    }
    // Kubernetes has blobs of layers deleted that are unpacked: then those are read.
    let content = "store/io.containerd.content.v1.content/blobs/sha256";
    let layers = root.run(&["find", content, "-type", "f", "-size", "-1000k"]).stdout;
    for path in String::from_utf8(layers).unwrap().lines() {
        let head = root.run(&["head", "-c", "2", path]).stdout;
        if head == b"\x1f\x8b" {
            root.run(&["rm", path]);
        }
    }
    assert_eq!(root.found(&["--image-store", "store", "image:acme/app:1"]), expected);
}

#[test]
fn the_store_of_podman_is_read_without_it() {
    let tools = ["skopeo", "umoci", "unshare"];
    let Some(root) = Root::new("images in the store of Podman", &tools) else { return };
    layout(root.path());
    let expected = expected(&root);
    let at = root.path().display().to_string();
    for driver in ["vfs", "overlay"] {
        let to = format!(
            "containers-storage:[{driver}@{at}/{driver}+{at}/run-{driver}]localhost/acme/app:1"
        );
        // What it mounts ends with it.
        root.run(&[
            "unshare",
            "--mount",
            "skopeo",
            "--policy",
            "policy.json",
            "copy",
            "-q",
            "oci:L:test",
            &to,
        ]);
        for name in ["acme/app:1", "localhost/acme/app:1"] {
            let found = root.found(&["--image-store", driver, &format!("image:{name}")]);
            assert_eq!(found, expected, "{driver} {name}");
        }
    }
}

#[test]
fn the_store_of_docker_is_read_without_it() {
    let tools = ["dockerd", "containerd", "runc", "skopeo", "umoci"];
    let Some(root) = Root::new("images in the store of Docker", &tools) else { return };
    layout(root.path());
    let expected = expected(&root);
    let at = root.path().display().to_string();
    let host = format!("unix://{at}/engine.sock");
    let [store, run, pid] = ["store", "run", "pid"].map(|name| format!("{at}/{name}"));
    let places = ["--data-root", &store, "--exec-root", &run, "--pidfile", &pid, "--host", &host];
    let network = ["--iptables=false", "--ip6tables=false", "--bridge=none"];
    let engine = root.start(&[&["dockerd"], &places[..], &network].concat(), "API listen on");
    let copy = ["skopeo", "--policy", "policy.json", "copy", "-q", "--dest-daemon-host", &host];
    root.run(&[&copy[..], &["oci:L:test", "docker-daemon:acme/app:1"]].concat());
    drop(engine);
    for name in ["acme/app:1", "docker.io/acme/app:1", "app:1"] {
        let found = root.found(&["--image-store", "store", &format!("image:{name}")]);
        assert_eq!(found, expected, "{name}");
    }
    // Whoever may not look into it is told so.
    let binary = root.path().join("keystrel");
    fs::copy(env!("CARGO_BIN_EXE_keystrel"), &binary).unwrap();
    root.run(&["chmod", "0755", ".", "keystrel"]);
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let scan = ["./keystrel", "scan", "--image-store", "store", "image:acme/app:1"];
    let output = root.command(&[&nobody[..], &scan].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("store: it may be read by another user alone, such as root"), "{said}");
}
