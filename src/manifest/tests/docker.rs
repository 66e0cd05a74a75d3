use serde_json::json;

use super::*;

#[test]
fn which_files_are() {
    for path in
        ["Dockerfile", "a/Dockerfile.dev", "web.Dockerfile", "x.dockerfile", "Containerfile"]
    {
        assert_eq!(kind(path, b""), Some("dockerfile"), "{path}");
    }
    for path in [
        "Dockerfile.dockerignore",
        "dockerfiles/a.txt",
        "MyDockerfile",
        "Dockerfile.md",
        "dockerfile.mdx",
        "Dockerfile.json",
    ] {
        assert_eq!(kind(path, b""), None, "{path}");
    }
    // What may be a variant or a program is told by what is in it.
    let image = b"# syntax=docker/dockerfile:1\n\n{{ if x }}\nFROM --platform=linux/amd64 golang:1 AS build\n";
    for path in
        ["Dockerfile.go", "Dockerfile.tmpl", "dockerfile.ts", "Dockerfile-dev", "Dockerfile.txt"]
    {
        assert_eq!(kind(path, image), Some("dockerfile"), "{path}");
        assert_eq!(kind(path, b"ARG A=1\nFROM $A\n"), Some("dockerfile"), "{path}");
        for other in [
            "package dockerfile\n",
            "from dockerfile import parse\n",
            "From time to time\n",
            "import x from 'y'\n",
            "#!/bin/sh\necho FROM x\n",
            "ARG = 1 + 2\n",
        ] {
            assert_eq!(kind(path, other.as_bytes()), None, "{path}: {other}");
        }
        assert!(may_be(path), "{path}");
    }
    assert_eq!(kind("Dockerfile.dev", b"anything"), Some("dockerfile"));
}

#[test]
fn variables_and_arguments() {
    let text = format!(
        "ARG BASE=1\nFROM x:$BASE AS Build\nARG NPM_TOKEN\nARG OTHER={SECRET}\n\
         ENV A=1 B=\"{SECRET}\" C=$NPM_TOKEN \\\n    # a comment\n    D='x y' E=${{A}}-b\nENV F {SECRET} b\n\
         LABEL key=$A\nONBUILD ENV G={SECRET}\nFROM y\nENV A= H=$NPM_TOKEN\n"
    );
    let read = reads("Dockerfile", &text);
    assert_eq!(read.gaps, []);
    let b = fact(&read, "build.ENV.B");
    assert_eq!(place(b), (5, 9, 5, 12 + SECRET.len() as u64 - 1));
    assert_eq!(
        serde_json::to_value(&b.fields).unwrap(),
        json!({
            "name": "B", "value_kind": "literal", "holds_secret": true, "secret_rule": "a-rule",
            "secret_confidence": "known", "container_format": "dockerfile", "instruction": "ENV",
        })
    );
    for (id, kind, holds) in [
        ("global.ARG.BASE", "literal", false),
        ("build.ARG.NPM_TOKEN", "empty", true),
        ("build.ARG.OTHER", "literal", true),
        ("build.ENV.A", "literal", false),
        ("build.ENV.C", "reference", true),
        ("build.ENV.D", "literal", false),
        ("build.ENV.E", "interpolated", false),
        ("build.ENV.F", "literal", true),
        ("build.LABEL.key", "literal", false),
        ("build.ENV.G", "literal", true),
        ("1.ENV.A", "empty", false),
        // Arguments end with their stage.
        ("1.ENV.H", "reference", false),
    ] {
        let fact = fact(&read, id);
        assert_eq!(fact.fields["value_kind"], kind, "{id}");
        assert_eq!(fact.fields["holds_secret"], holds, "{id}");
    }
    assert_eq!(fact(&read, "build.ENV.C").fields["from_argument"], "NPM_TOKEN");
    assert_eq!(place(fact(&read, "build.ENV.D")), (7, 5, 7, 10));
    let from = fact(&read, "build.FROM.1");
    assert_eq!((&from.fields["stage"], &from.fields["stage_name"]), (&json!(0), &json!("build")));
}

#[test]
fn instructions_are_blanked() {
    let text = format!(
        "FROM x\nARG MY_TOKEN\nENV NPM=$MY_TOKEN\nRUN --mount=type=secret,id=npm --network=none \\\r\n  curl -u me:{SECRET} x && \
         echo $NPM\r\nRUN <<EOF\necho {SECRET}\n# no comment\nEOF\nCMD [\"a\", \"{SECRET}\"]\n"
    );
    let read = reads("Dockerfile", &text);
    let run = fact(&read, "0.RUN.1");
    assert_eq!(
        run.fields["arguments"],
        "--mount=type=secret,id=npm --network=none   curl -u me:*** x && echo $NPM"
    );
    assert_eq!(run.fields["mounts"], json!([{"type": "secret", "id": "npm"}]));
    assert_eq!(run.fields["secret_arguments"], json!(["MY_TOKEN"]));
    assert_eq!(place(run).0, 4);
    assert_eq!(fact(&read, "0.RUN.2").fields["arguments"], "<<EOF\necho ***\n# no comment");
    assert_eq!(fact(&read, "0.CMD.1").fields["arguments"], "[\"a\", \"***\"]");
}

#[test]
fn other_escapes() {
    let text = "# syntax=x\n# escape=`\nFROM x\nENV A=c:\\ `\n  B=1\n";
    let read = reads("Dockerfile", text);
    assert_eq!(fact(&read, "0.ENV.B").fields["value_kind"], "literal");
}

#[test]
fn what_is_no_instruction_is_a_gap() {
    let read = reads("Dockerfile", "FROM x\n{% if a %}\nENV A=1\nENV\nENV =\nARG\nRUN <<A <<B\n");
    assert_eq!(read.gaps.len(), 3);
    assert_eq!(read.gaps[0].why, "line 2 is no instruction");
    fact(&read, "0.ENV.A");
}
