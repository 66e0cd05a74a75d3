//! Stores of engines, made by code.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::build::{self, Image, Layout, Packed, layer};
use super::{leaky, places, report, scan, token};

#[test]
fn stores_of_engines_are_read_without_them() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(&root.join("layout"));
    fs::create_dir(layout.0).unwrap();
    layout.index(&[layout.image(&leaky())]);
    // A compressed layer has another digest there.
    let told = |args: &[&str]| -> Vec<(String, Value)> {
        let found = places(&report(root, args, 1));
        let all = found.into_iter().map(|(path, mut image)| {
            image["digest"] = Value::Null;
            (path, image)
        });
        all.collect()
    };
    let expected = told(&["oci:layout"]);
    assert_eq!(expected.len(), 9);
    build::podman_store(&root.join("podman"), "localhost/demo/app:1", &leaky());
    for name in ["demo/app:1", "localhost/demo/app:1", "app:1"] {
        assert_eq!(
            told(&["--image-store", "podman", &format!("image:{name}")]),
            expected,
            "{name}"
        );
    }
    // Docker keeps no annotations.
    build::docker_store(&root.join("docker"), "demo/app:1", &leaky());
    assert_eq!(told(&["--image-store", "docker", "image:docker.io/demo/app:1"]), expected[1..]);
    // The first store that has it, of several.
    let both = ["--image-store", "docker", "--image-store", "podman", "image:localhost/demo/app:1"];
    assert_eq!(told(&both), expected);
    for (store, why) in [
        ("docker", "it has no such image"),
        ("layout", "it is no store of containerd, Podman or Docker"),
        ("none", "it is not there"),
    ] {
        let output = scan(root, &["--image-store", store, "image:demo/other:1"]);
        assert_eq!(output.status.code(), Some(3));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(&format!("{store}: {why}")), "{said}");
    }
}

/// Where they are kept unless an engine is told otherwise, or as it is told, after the registry was asked.
#[test]
#[cfg(unix)]
fn the_usual_stores_are_looked_into_after_the_registry() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    // No registry has names of this machine.
    let name = "image:localhost:1/demo/app:1";
    let all = places_of_stored(root, name);
    assert_eq!(all, None, "nothing is there");
    build::podman_store(
        &root.join(".local/share/containers/storage"),
        "localhost:1/demo/app:1",
        &leaky(),
    );
    let usual = places_of_stored(root, name).unwrap();
    assert_eq!(usual.len(), 9);
    fs::rename(root.join(".local/share/containers"), root.join("elsewhere")).unwrap();
    assert_eq!(places_of_stored(root, name), None);
    fs::create_dir_all(root.join(".config/containers")).unwrap();
    let settings = "[storage]\ndriver = \"overlay\"\n[storage.options]\nadditionalimagestores = [\"$HOME/elsewhere/storage\"]\n";
    fs::write(root.join(".config/containers/storage.conf"), settings).unwrap();
    assert_eq!(places_of_stored(root, name).as_ref(), Some(&usual));
    let settings = json!({ "data-root": root.join("docker") }).to_string();
    fs::create_dir_all(root.join(".config/docker")).unwrap();
    fs::write(root.join(".config/docker/daemon.json"), settings).unwrap();
    build::docker_store(&root.join("docker"), "localhost:1/demo/docker:1", &leaky());
    let docker = places_of_stored(root, "image:localhost:1/demo/docker:1").unwrap();
    assert_eq!(docker.len(), 8, "Docker keeps no annotations");
}

#[cfg(unix)]
fn places_of_stored(root: &Path, name: &str) -> Option<Vec<(String, Value)>> {
    let output = scan(root, &["--report", "json=-", name]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code();
    assert!(matches!(code, Some(1 | 3)), "{code:?}: {said}");
    (code == Some(1)).then(|| places(&serde_json::from_slice(&output.stdout).unwrap()))
}

#[test]
#[cfg(unix)]
fn what_a_store_lost_is_named_and_links_lead_nowhere_else() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let secret = |seed| format!("t={}\n", token(seed)).into_bytes();
    let image = Image::default().step(
        "ADD",
        Some((
            layer(&[
                ("app/a", &secret(1)),
                ("app/b", &secret(2)),
                ("srv/c", &secret(3)),
                ("usr/lib/d", &secret(4)),
            ]),
            Packed::Plain,
        )),
    );
    build::docker_store(&root.join("docker"), "demo:1", &image);
    let files = root.join("docker/overlay2/id0/diff");
    let args = ["--image-store", "docker", "image:demo:1"];
    let found = |exit| -> (Vec<String>, Vec<String>) {
        let told = report(root, &args, exit);
        let skipped = told["skipped"].as_array().unwrap().iter();
        (
            places(&told).into_iter().map(|(path, _)| path).collect(),
            skipped.map(|skipped| skipped["why"].as_str().unwrap().to_owned()).collect(),
        )
    };
    assert_eq!(
        found(1),
        (["app/a", "app/b", "srv/c", "usr/lib/d"].map(String::from).to_vec(), vec![])
    );
    // A link within the layer leads where it leads in the image, also one that is absolute.
    fs::rename(files.join("usr/lib"), files.join("lib")).unwrap();
    std::os::unix::fs::symlink("/lib", files.join("usr/lib")).unwrap();
    assert_eq!(found(1).1, Vec::<String>::new());
    // One that leads out of the layer leads to nothing, and neither does a file that is one.
    fs::create_dir(root.join("outside")).unwrap();
    fs::write(root.join("outside/c"), secret(5)).unwrap();
    fs::remove_dir_all(files.join("srv")).unwrap();
    std::os::unix::fs::symlink(root.join("outside"), files.join("srv")).unwrap();
    fs::remove_file(files.join("app/a")).unwrap();
    std::os::unix::fs::symlink(root.join("outside/c"), files.join("app/a")).unwrap();
    let (paths, why) = found(1);
    assert_eq!(paths, ["app/b", "usr/lib/d"]);
    assert_eq!(why, ["2 of its files could not be read: app/a: it is no file any more"]);
    // A file that is another, or less than it was.
    fs::remove_file(files.join("app/a")).unwrap();
    fs::write(files.join("app/a"), secret(1)).unwrap();
    fs::remove_file(files.join("srv")).unwrap();
    fs::create_dir(files.join("srv")).unwrap();
    fs::write(files.join("srv/c"), secret(6)).unwrap();
    let (paths, why) = found(1);
    assert_eq!(paths.len(), 4);
    assert!(why.len() == 1 && why[0].starts_with("its digest is sha256:"), "{why:?}");
    fs::write(files.join("srv/c"), "t=").unwrap();
    let (paths, why) = found(1);
    assert_eq!(paths.len(), 3);
    assert_eq!(why, ["1 of its files could not be read: srv/c: it is shorter than it was"]);
    // Nothing but the files is kept: they are read, and the digest is not compared.
    let layers = root.join("docker/image/overlay2/layerdb/sha256");
    let layer = fs::read_dir(&layers).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(layer.join("tar-split.json.gz")).unwrap();
    let (paths, why) = found(1);
    assert_eq!((paths, why), (["app/a", "app/b", "lib/d"].map(String::from).to_vec(), vec![]));
    fs::remove_dir_all(root.join("docker/overlay2")).unwrap();
    let (paths, why) = found(4);
    assert_eq!((paths.len(), why.len()), (0, 1), "{why:?}");
}
