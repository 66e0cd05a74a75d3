//! Input that is broken, huge or odd: no panic, the rest is scanned, what was lost is named.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keystrel::detect::examples;

use crate::cases::quiet;

/// A line with a GitHub token, made here so that none is stored.
fn leak() -> String {
    examples::fill("token = ghp_${alnum:30}${checksum}\n", Some("crc32-base62"), 3).unwrap()
}

fn scan(directory: &Path, args: &[&str]) -> Output {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), directory);
    command.arg("scan").args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

#[test]
fn invalid_utf_8_hides_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = [b"\xff\xfe\xfd\x00 \xc3\x28 ".as_slice(), leak().as_bytes(), b"\xf0\x28"].concat();
    fs::write(directory.path().join("x.bin"), [b"\x80".as_slice(), &bytes].concat()).unwrap();
    let output = scan(directory.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

#[test]
fn a_huge_single_line_is_scanned_to_its_end_in_little_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("line.txt");
    let mut content = vec![b'x'; 40 << 20];
    content.extend_from_slice(b" ");
    content.extend_from_slice(leak().as_bytes());
    fs::write(&path, content).unwrap();
    let output = scan(directory.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let column = (40 << 20) + 2 + "token = ".len();
    assert!(text(&output).contains(&format!("line.txt:1:{column}")), "{}", text(&output));
}

#[test]
fn text_made_to_be_slow_is_scanned_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let head = ["-----BEGIN RSA PRIVATE", " KEY-----\n"].concat();
    for (name, unit) in [
        ("begin", head.as_str()),
        ("escapes", "%41%42 "),
        ("names", "\"token\":\"abc\",\"api_key\":x,password:y;"),
        ("urls", "://a:b@"),
        ("base64", "aGVsbG8gdGhpcyBpcyBzb21lIHRleHQ= "),
    ] {
        let content = [unit.repeat((2 << 20) / unit.len()), leak()].join(" ");
        fs::write(directory.path().join(name), content).unwrap();
        let output = scan(directory.path(), &[name]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_target_that_cannot_be_read_is_named_and_the_rest_is_scanned() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.txt"), leak()).unwrap();
    // The first page of a process is not mapped: reading it fails, for root too.
    let output = scan(directory.path(), &["a.txt", "/proc/self/mem"]);
    let text = text(&output);
    assert!(text.contains("a.txt:1:9"), "{text}");
    assert!(text.contains("/proc/self/mem"), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
    let alone = scan(directory.path(), &["/proc/self/mem"]);
    assert_eq!(alone.status.code(), Some(3), "{}", self::text(&alone));
}

#[test]
fn files_that_change_while_they_are_read_end_no_scan() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.txt");
    fs::write(directory.path().join("a.txt"), leak()).unwrap();
    fs::write(&path, vec![b'x'; 4 << 20]).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Grows, shrinks, goes and comes back.
            while !done.load(Ordering::Relaxed) {
                let _ = fs::write(&path, vec![b'y'; 6 << 20]);
                let _ = fs::write(&path, b"short");
                let _ = fs::remove_file(&path);
                let _ = fs::write(&path, vec![b'z'; 1 << 20]);
            }
        });
        for _ in 0..10 {
            let output = scan(directory.path(), &["."]);
            let text = text(&output);
            assert!(text.contains("a.txt:1:9"), "{text}");
            assert!(matches!(output.status.code(), Some(1 | 4)), "{text}");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_path_that_does_not_exist_is_exit_3_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let output = scan(directory.path(), &["nowhere"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output).contains("nowhere"), "{}", text(&output));
}

#[test]
fn hostile_configurations_are_exit_2_with_file_and_line() {
    let directory = tempfile::tempdir().unwrap();
    for (config, expected) in [
        ("[[rules]]\nid = \"x\"\nregex = '''(a'''\n", "c.toml:3"),
        ("[[rules]]\nregex = 'a'\n", "c.toml:1"),
        ("[[rules]]\nid = 5\n", "c.toml:2"),
        ("[[rules]\n", "c.toml:1"),
        ("[[allowlists]]\ndescription = 'empty'\n", "c.toml:1"),
        ("[[rules]]\nid = 'x'\nregex = '((a{1000}){1000}){1000}'\n", "c.toml:3"),
    ] {
        fs::write(directory.path().join("c.toml"), config).unwrap();
        let output = scan(directory.path(), &["--config", "c.toml", "."]);
        assert_eq!(output.status.code(), Some(2), "{config}: {}", text(&output));
        assert!(text(&output).contains(expected), "{config}: {}", text(&output));
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn sockets_fifos_and_symlink_loops_are_passed_over_and_named() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let _socket = UnixListener::bind(root.join("socket")).unwrap();
        assert!(Command::new("mkfifo").arg(root.join("fifo")).status().unwrap().success());
        symlink(".", root.join("loop")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        fs::write(root.join("leak.txt"), leak()).unwrap();
        let output = scan(root, &["."]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("socket"), "{}", text(&output));
    }

    #[test]
    fn deep_trees_are_walked_to_their_end() {
        let directory = tempfile::tempdir().unwrap();
        let mut deep = directory.path().to_owned();
        for _ in 0..300 {
            deep.push("d");
        }
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("leak.txt"), leak()).unwrap();
        let output = scan(directory.path(), &["."]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    }
}
