//! Layers of all sorts: how they are packed, links in them, how large they may be, and those that are known.

use std::fs;

use serde_json::{Value, json};

use super::build::{self, Image, Layout, Packed, gzip, layer};
use super::{places, report, token};

/// eStargz (stargz-snapshotter, `docs/estargz.md`): a member of gzip for each entry, then what tells of them, and a
/// foot that is a member without content. Landmarks say what is fetched first.
fn estargz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| {
            let digest = build::digest(bytes);
            json!({ "name": name, "type": "reg", "size": bytes.len(), "offset": 1, "digest": digest, "chunkDigest": digest })
        })
        .collect();
    let toc = json!({ "version": 1, "entries": entries }).to_string().into_bytes();
    let mut bytes = Vec::new();
    let landmark: &[(&str, &[u8])] = &[(".no.prefetch.landmark", b"\x0f")];
    for file in landmark.iter().chain(files) {
        // Without the end of a tar, which comes once.
        let entry = layer(&[*file]);
        bytes.extend(gzip(&entry[..entry.len() - 1024]));
    }
    let offset = bytes.len();
    bytes.extend(gzip(&layer(&[("stargz.index.json", &toc)])));
    let mut foot = flate2::GzBuilder::new()
        .extra([b"SG\x16\0".as_slice(), format!("{offset:016x}STARGZ").as_bytes()].concat())
        .write(Vec::new(), flate2::Compression::none());
    std::io::Write::flush(&mut foot).unwrap();
    bytes.extend(foot.finish().unwrap());
    bytes
}

#[test]
fn what_tells_of_the_parts_of_a_layer_is_neither_file_nor_leak() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(root);
    let secret = |seed| format!("t={}\n", token(seed)).into_bytes();
    let bytes = estargz(&[("app/.env", &secret(1)), ("etc/motd", b"hi"), ("srv/x", &secret(2))]);
    let image = Image::default()
        .step("COPY a", Some((bytes, Packed::Plain)))
        .step("COPY b", Some((layer(&[("srv/.wh.x", b"")]), Packed::Zstd)));
    layout.index(&[layout.image(&image)]);
    let told = report(root, &["oci:."], 1);
    assert_eq!(told["skipped"], json!([]));
    let found = places(&told);
    let found: Vec<(&str, &str, u64)> = found
        .iter()
        .map(|(path, image)| {
            (
                path.as_str(),
                image["fate"].as_str().unwrap(),
                image["file"]["size"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("app/.env", "kept", 43), ("srv/x", "deleted", 43)]);
}

/// Since version 25 Docker saves a layout, beside the list that there was before.
#[test]
fn what_docker_saves_is_read_by_its_index_where_it_has_one() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let layout = Layout(&root.join("layout"));
    fs::create_dir(layout.0).unwrap();
    let secret = |seed| format!("t={}\n", token(seed)).into_bytes();
    let bytes = layer(&[("app/.env", &secret(1))]);
    let image = Image { annotations: json!({ "note": token(2) }), ..Image::default() }
        .step("COPY a", Some((bytes.clone(), Packed::Plain)));
    let entry = layout.image(&image);
    let statement = json!({ "predicate": { "args": { "build-arg:TOKEN": token(3) } } });
    let mut attestation = layout.manifest(b"{}", &[statement.to_string().into_bytes()], &json!({}));
    attestation["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    layout.index(&[entry.clone(), attestation]);
    let path = |digest: &str| format!("blobs/{}", digest.replace(':', "/"));
    let manifest = fs::read(layout.0.join(path(entry["digest"].as_str().unwrap()))).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let list = json!([{
        "Config": path(manifest["config"]["digest"].as_str().unwrap()),
        "RepoTags": ["demo:1"],
        "Layers": [path(&build::digest(&bytes))],
    }]);
    fs::write(layout.0.join("manifest.json"), list.to_string()).unwrap();
    fs::write(root.join("docker.tar"), layout.archive()).unwrap();
    let paths = || {
        let told = report(root, &["docker-archive:docker.tar"], 1);
        assert_eq!(told["skipped"], json!([]));
        places(&told).into_iter().map(|(path, _)| path).collect::<Vec<_>>()
    };
    let found = paths();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0] == "[annotations].properties" && found[1] == "app/.env", "{found:?}");
    // An index that is not whole says less than the list.
    fs::remove_file(layout.0.join(path(entry["digest"].as_str().unwrap()))).unwrap();
    fs::write(root.join("docker.tar"), layout.archive()).unwrap();
    assert_eq!(paths(), ["app/.env"]);
}

#[test]
fn a_file_of_several_names_is_there_as_long_as_one_of_them_is() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let linked = |names: &[&str]| {
        let secret = format!("t={}\n", token(1)).into_bytes();
        let mut builder = tar::Builder::new(layer(&[(names[0], &secret)])[..1024].to_vec());
        for name in &names[1..] {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(tar::EntryType::Link);
            header.set_size(0);
            builder.append_link(&mut header, name, format!("./{}", names[0])).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let fate = |deleted: &[&str]| {
        let layout = Layout(root);
        let deleted: Vec<(&str, &[u8])> =
            deleted.iter().map(|name| (*name, b"".as_slice())).collect();
        let image = Image::default()
            .step("COPY a", Some((linked(&["bin/a", "bin/b", "lib/c"]), Packed::Gzip)))
            .step("RUN rm", Some((layer(&deleted), Packed::Plain)));
        layout.index(&[layout.image(&image)]);
        let mut fates = Vec::new();
        for args in
            [&["oci:."][..], &["oci:.", "--ledger", "layers"], &["oci:.", "--ledger", "layers"]]
        {
            let found = places(&report(root, args, 1));
            assert_eq!(found.len(), 1, "one file is one finding");
            assert_eq!(found[0].0, "bin/a");
            fates.push(found[0].1["fate"].clone());
        }
        assert!(fates.iter().all(|fate| *fate == fates[0]), "{fates:?}");
        fates.remove(0)
    };
    assert_eq!(fate(&["bin/.wh.a"]), "kept");
    assert_eq!(fate(&["bin/.wh.a", "lib/.wh.c"]), "kept");
    assert_eq!(fate(&["bin/.wh.a", "bin/.wh.b", ".wh.lib"]), "deleted");
}

#[test]
fn with_a_ledger_a_layer_is_read_once_save_for_files_that_hold_something() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let clean = || Some((layer(&[("etc/a", b"nothing"), (".wh.gone", b"")]), Packed::Gzip));
    let leak = format!("t={}", token(1)).into_bytes();
    let leaks = || Some((layer(&[("gone", &leak), ("other", b"nothing at all")]), Packed::Gzip));
    let image = Image::default().step("COPY a", leaks()).step("COPY b", clean());
    let layout = Layout(root);
    layout.index(&[layout.image(&image)]);
    let args = ["oci:.", "--ledger", "layers"];
    let first = report(root, &args, 1);
    assert_eq!(first["counts"]["known"], 0);
    let bytes = fs::read(root.join("layers")).unwrap();
    assert!(!bytes.windows(8).any(|part| part == &token(1).as_bytes()[4..12]), "a value is in it");
    // The layer that holds nothing is not even there any more.
    let name = build::digest(&gzip(&clean().unwrap().0)).trim_start_matches("sha256:").to_owned();
    fs::remove_file(root.join("blobs/sha256").join(name)).unwrap();
    let second = report(root, &args, 1);
    assert_eq!(second["counts"]["known"], 2);
    let bytes = |report: &Value| report["counts"]["bytes"].as_u64().unwrap();
    assert_eq!(
        bytes(&first) - bytes(&second),
        "nothing at all".len() as u64 + "nothing".len() as u64
    );
    assert_eq!(places(&second), places(&first));
    assert_eq!(places(&second)[0].1["fate"], "deleted");
    // Other rules know nothing of it.
    let other = report(root, &["oci:.", "--ledger", "layers", "--decode-depth", "0"], 1);
    assert_eq!(other["counts"]["known"], 0);
    assert!(!other["complete"].as_bool().unwrap());
}

/// Memory stays bounded, and the end is reached: a file that is larger than what is held at once, in a layer
/// that is compressed.
#[test]
fn a_huge_file_in_a_layer_is_scanned_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let mut huge = vec![b' '; 70 << 20];
    huge.extend_from_slice(format!("\ntoken={}\n", token(1)).as_bytes());
    let layout = Layout(root);
    let image = Image::default().step("COPY", Some((layer(&[("huge", &huge)]), Packed::Gzip)));
    layout.index(&[layout.image(&image)]);
    let found = report(root, &["oci:."], 1);
    assert_eq!(found["findings"][0]["start"]["line"], 2);
    assert_eq!(places(&found)[0].0, "huge");
}
