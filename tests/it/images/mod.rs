//! Container images: what is found in them, where, and what became of it.

mod build;
#[cfg(target_os = "linux")]
mod engines;
mod layers;
mod manifests;
#[cfg(all(unix, feature = "registry"))]
mod registry;
mod stores;
#[cfg(unix)]
mod tools;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keystrel::detect::examples;
use serde_json::{Value, json};

use crate::cases::quiet;
use build::{Image, Layout, Packed, docker_archive, gzip, layer};

fn scan(directory: &Path, args: &[&str]) -> Output {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), directory);
    command.arg("scan").args(args).output().unwrap()
}

/// The report, after an end with the code `exit`.
fn report(directory: &Path, args: &[&str], exit: i32) -> Value {
    let output = scan(directory, &[&["--report", "json=-"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn token(seed: u64) -> String {
    examples::fill("ghp_${alnum:30}${checksum}", Some("crc32-base62"), seed).unwrap()
}

/// Where the findings are: the path within the image, then what is told of the image.
fn places(report: &Value) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let path = finding["path"].as_str().unwrap().split_once('!').unwrap().1.to_owned();
            let members = finding["members"].as_array().unwrap().iter();
            let path =
                members.fold(path, |path, member| format!("{path}!{}", member.as_str().unwrap()));
            (path, finding["image"].clone())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// A secret in each place where an image can hold one; the seeds are 1 to 9.
fn leaky() -> Image {
    let zip = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("inner/settings.yml", options).unwrap();
        std::io::Write::write_all(&mut zip, format!("token: {}\n", token(5)).as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let env = |seed| format!("GITHUB_TOKEN={}\n", token(seed)).into_bytes();
    let image = Image {
        config: json!({
            "Env": ["PATH=/bin", format!("CI_TOKEN={}", token(6))],
            "Labels": { "org.example.token": token(7) },
            "Cmd": ["/app"],
        }),
        annotations: json!({ "org.example.note": token(8) }),
        ..Image::default()
    };
    image
        .step(
            "/bin/sh -c #(nop) ADD file:0 in / ",
            Some((layer(&[("etc/", b""), ("etc/motd", b"hi")]), Packed::Gzip)),
        )
        .step("CMD [\"sh\"]", None)
        .step(
            "COPY . /app # buildkit",
            Some((
                layer(&[
                    ("app/.env", &env(1)),
                    ("app/old/.env", &env(2)),
                    ("app/conf", &env(3)),
                    ("app/kept", &env(4)),
                ]),
                Packed::Zstd,
            )),
        )
        .step(&format!("ENV CI_TOKEN={}", token(6)), None)
        .step(&format!("LABEL org.example.token={}", token(7)), None)
        .step(
            &format!("RUN |1 NPM_TOKEN={} /bin/sh -c make # buildkit", token(9)),
            Some((
                layer(&[
                    ("app/.wh..env", b""),
                    ("app/old/.wh..wh..opq", b""),
                    ("app/conf", b"nothing"),
                    ("srv/app.zip", &zip),
                ]),
                Packed::Plain,
            )),
        )
        .step("CMD [\"/app\"]", None)
}

fn told(layer: &Value, instruction: &str, maker: &str, fate: &str, by: &Value) -> Value {
    json!({ "layer": layer, "instruction": instruction, "maker": maker, "fate": fate, "by": by })
}

fn short(image: &Value) -> Value {
    json!({
        "layer": image["layer"],
        "instruction": image["instruction"],
        "maker": image["maker"],
        "fate": image["fate"],
        "by": image["ended_in_layer"],
    })
}

#[test]
fn a_secret_in_any_place_is_found_with_layer_instruction_and_fate() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(&root.join("layout"));
    fs::create_dir(layout.0).unwrap();
    layout.index(&[layout.image(&leaky())]);
    fs::write(root.join("layout.tar"), layout.archive()).unwrap();
    fs::write(root.join("layout.tar.gz"), gzip(&layout.archive())).unwrap();
    let null = Value::Null;
    let run = "RUN make";
    let copy = "COPY . /app";
    let expected = [
        (
            "[annotations].properties",
            json!({ "layer": null, "instruction": null, "maker": "own", "fate": "kept", "by": null }),
        ),
        ("[config]/.env", told(&null, "ENV CI_TOKEN=…", "own", "kept", &null)),
        (
            "[config]/labels.properties",
            told(&null, "LABEL org.example.token=…", "own", "kept", &null),
        ),
        ("[history]/6.dockerfile", told(&json!(3), run, "own", "kept", &null)),
        ("app/.env", told(&json!(2), copy, "own", "deleted", &json!(3))),
        ("app/conf", told(&json!(2), copy, "own", "replaced", &json!(3))),
        ("app/kept", told(&json!(2), copy, "own", "kept", &null)),
        ("app/old/.env", told(&json!(2), copy, "own", "deleted", &json!(3))),
        ("srv/app.zip!inner/settings.yml", told(&json!(3), run, "own", "kept", &null)),
    ];
    for target in ["oci:layout", "oci-archive:layout.tar", "oci-archive:layout.tar.gz"] {
        let found = places(&report(root, &[target], 1));
        let found: Vec<(&str, Value)> =
            found.iter().map(|(path, image)| (path.as_str(), short(image))).collect();
        assert_eq!(found, expected, "{target}");
    }
    let image = &places(&report(root, &["oci:layout"], 1))[6].1;
    assert_eq!(image["file"], json!({ "size": 54, "uid": 1000, "gid": 100, "mode": "0600" }));
    // Of archives of `docker save` nothing but the annotations is missing.
    fs::write(root.join("docker.tar"), docker_archive(&leaky())).unwrap();
    fs::write(root.join("docker.tar.gz"), gzip(&docker_archive(&leaky()))).unwrap();
    for target in ["docker-archive:docker.tar", "docker-archive:docker.tar.gz"] {
        let found = places(&report(root, &[target], 1));
        let found: Vec<(&str, Value)> =
            found.iter().map(|(path, image)| (path.as_str(), short(image))).collect();
        assert_eq!(found, expected[1..], "{target}");
    }
}

#[test]
fn sarif_tells_all_of_it_as_logical_locations() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::write(root.join("docker.tar"), docker_archive(&leaky())).unwrap();
    let output = scan(root, &["docker-archive:docker.tar", "--report", "sarif=-"]);
    let sarif: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let of = |path: &str| {
        let is_it = |place: &Value| {
            let uri = &place["physicalLocation"]["artifactLocation"]["uri"];
            uri.as_str().is_some_and(|uri| uri.ends_with(path))
        };
        let places = results.iter().map(|result| &result["locations"][0]);
        places.into_iter().find(|place| is_it(place)).unwrap()["logicalLocations"].clone()
    };
    let digest = |places: &Value| places[0]["fullyQualifiedName"].as_str().unwrap().to_owned();
    let deleted = of("app/.env");
    assert!(digest(&deleted).starts_with("sha256:"), "{deleted}");
    let file = json!({ "size": 54, "uid": 1000, "gid": 100, "mode": "0600" });
    let expected = json!([
        {
            "name": "layer 2", "kind": "layer", "fullyQualifiedName": digest(&deleted),
            "properties": { "maker": "own", "fate": "deleted", "ended_in_layer": 3, "file": file },
        },
        { "name": "COPY . /app", "kind": "instruction" },
    ]);
    assert_eq!(deleted, expected);
    let nested = of("srv/app.zip");
    assert_eq!(nested[2], json!({ "name": "inner/settings.yml", "kind": "member" }), "{nested}");
    let environment = of("config%5D/.env");
    let expected = json!([
        { "name": "configuration", "kind": "configuration", "properties": { "maker": "own", "fate": "kept" } },
        { "name": "ENV CI_TOKEN=…", "kind": "instruction" },
    ]);
    assert_eq!(environment, expected);
}

#[test]
fn no_report_holds_a_value_that_an_instruction_holds() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::write(root.join("docker.tar"), docker_archive(&leaky())).unwrap();
    for format in ["text", "json", "jsonl", "sarif", "csv", "html", "junit", "github"] {
        let output = scan(root, &["docker-archive:docker.tar", "--format", format]);
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        assert!(all.contains("app/.env"), "{format}");
        for seed in 1..=9 {
            assert!(!all.contains(&token(seed)), "{format}: {seed}");
        }
    }
}

#[test]
fn platforms_are_chosen_and_layers_that_they_share_are_looked_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(root);
    let secret = format!("t={}\n", token(1)).into_bytes();
    let shared = || Some((layer(&[("shared", &secret)]), Packed::Gzip));
    let own = format!("t={}\n", token(2)).into_bytes();
    let amd = Image::default().step("COPY a", shared());
    let arm = Image { platform: "linux/arm64", ..Image::default() }
        .step("COPY a", shared())
        .step("COPY b", Some((layer(&[("arm", &own)]), Packed::Gzip)));
    layout.index(&[layout.image(&amd), layout.image(&arm)]);
    let found = places(&report(root, &["oci:."], 1));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].1["platforms"], json!(["linux/arm64"]));
    assert_eq!(found[1].1["platforms"], json!(["linux/amd64", "linux/arm64"]));
    let found = places(&report(root, &["oci:.", "--platform", "linux/amd64"], 1));
    assert_eq!(found.len(), 1, "{found:#?}");
    let output = scan(root, &["oci:.", "--platform", "linux/s390x"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("there are linux/amd64, linux/arm64"), "{said}");
}

#[test]
fn layers_of_the_base_image_are_told_from_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let of = |seed| {
        Some((
            layer(&[(&*format!("f{seed}"), format!("t={}", token(seed)).as_bytes())]),
            Packed::Plain,
        ))
    };
    let base = Image::default().step("ADD base", of(1));
    let image = Image::default().step("ADD base", of(1)).step("COPY app", of(2));
    fs::write(root.join("base.tar"), docker_archive(&base)).unwrap();
    fs::write(root.join("image.tar"), docker_archive(&image)).unwrap();
    fs::write(root.join("other.tar"), docker_archive(&Image::default().step("ADD", of(3))))
        .unwrap();
    let makers = |args: &[&str]| {
        let found = places(&report(root, args, 1));
        found.into_iter().map(|(_, image)| image["maker"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(makers(&["docker-archive:image.tar"]), ["own", "own"]);
    assert_eq!(
        makers(&["docker-archive:image.tar", "--base", "docker-archive:base.tar"]),
        ["base", "own"]
    );
    let other = ["docker-archive:image.tar", "--base", "docker-archive:other.tar"];
    assert_eq!(makers(&other), ["own", "own"]);
    let skipped = &report(root, &other, 1)["skipped"];
    assert!(skipped[0]["why"].as_str().unwrap().contains("not built on"), "{skipped}");
}

#[test]
fn what_cannot_be_read_is_named_and_hides_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(root);
    let secret = |seed| format!("t={}\n", token(seed)).into_bytes();
    let image = Image::default()
        .step("COPY a", Some((layer(&[("a", &secret(1))]), Packed::Gzip)))
        .step(
            "COPY b",
            Some((layer(&[("b", &secret(2)), ("pad", &vec![b'x'; 4000])]), Packed::Plain)),
        )
        .step("COPY c", Some((layer(&[("c", &secret(3))]), Packed::Plain)));
    layout.index(&[layout.image(&image)]);
    let lost = |report: &Value| {
        let all = report["skipped"].as_array().unwrap().iter();
        all.map(|s| format!("{}: {}", s["what"].as_str().unwrap(), s["why"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let stored = |bytes: &[u8]| {
        root.join("blobs/sha256").join(build::digest(bytes).trim_start_matches("sha256:"))
    };
    let b = layer(&[("b", &secret(2)), ("pad", &vec![b'x'; 4000])]);
    // Another content of the same size, then less of it, then none.
    let mut other = b.clone();
    let at = other.iter().position(|byte| *byte == b'x').unwrap();
    other[at] = b'y';
    fs::write(stored(&b), &other).unwrap();
    let told = report(root, &["oci:."], 1);
    assert_eq!(told["findings"].as_array().unwrap().len(), 3);
    assert!(lost(&told)[0].contains("its digest is sha256:"), "{:?}", lost(&told));
    fs::write(stored(&b), &b[..1024 + 512 + 100]).unwrap();
    let told = report(root, &["oci:."], 1);
    assert_eq!(told["findings"].as_array().unwrap().len(), 3);
    assert_eq!(lost(&told).len(), 1, "{:?}", lost(&told));
    fs::remove_file(stored(&b)).unwrap();
    let told = report(root, &["oci:."], 1);
    assert_eq!(told["findings"].as_array().unwrap().len(), 2);
    assert!(lost(&told)[0].contains("No such file"), "{:?}", lost(&told));
    // A manifest that is not what the index says, and no other image.
    let index: Value = serde_json::from_slice(&fs::read(root.join("index.json")).unwrap()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap();
    fs::write(root.join("blobs/sha256").join(&digest[7..]), "{}").unwrap();
    let output = scan(root, &["oci:."]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn attestations_and_other_artifacts_are_scanned_as_files() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(root);
    let image =
        layout.image(&Image::default().step("COPY", Some((layer(&[("a", b"x")]), Packed::Gzip))));
    let statement = json!({ "predicate": { "invocation": { "parameters": { "args": { "build-arg:TOKEN": token(1) } } } } });
    let mut attestation = layout.manifest(b"{}", &[statement.to_string().into_bytes()], &json!({}));
    attestation["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    attestation["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image["digest"],
    });
    layout.index(&[image, attestation]);
    let found = places(&report(root, &["oci:."], 1));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].0.starts_with("blobs/sha256/"), "{found:#?}");
    let none = report(root, &["oci:.", "--platform", "linux/amd64"], 1);
    assert_eq!(places(&none).len(), 1, "an attestation is about its image");
}
