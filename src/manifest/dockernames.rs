//! Which files are Dockerfiles: by their names, and by how they begin where a name does not tell.

use super::file_name;

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let (first, last) = (name.split('.').next(), name.rsplit('.').next());
    // What follows a known name: nothing, or a variant, as in `Dockerfile-dev`.
    let variant = |part: Option<&str>| {
        let rest =
            ["dockerfile", "containerfile"].iter().find_map(|own| part?.strip_prefix(own))?;
        (rest.is_empty() || rest.starts_with(['-', '_'])).then_some(!rest.is_empty())
    };
    let Some(has_variant) = variant(first).or_else(|| variant(last)) else { return false };
    match last {
        Some(last) if OTHERS.contains(&last) => false,
        Some(last) if has_variant || UNSURE.contains(&last) => begins(head),
        _ => true,
    }
}

/// Whether a text begins like a Dockerfile: behind comments, blank lines and actions of templates with `ARG NAME` or `FROM IMAGE`. One
/// of which nothing is seen may be one.
fn begins(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let is_aside = |line: &&[u8]| {
        line.is_empty()
            || ["#", "{{", "{%", "{#", "<%"].iter().any(|mark| line.starts_with(mark.as_bytes()))
    };
    let Some(first) = lines.find(|line| !is_aside(line)) else { return true };
    let mut words = first.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is = |word: Option<&[u8]>, own: &str| {
        word.is_some_and(|word| word.eq_ignore_ascii_case(own.as_bytes()))
    };
    let instruction = words.next();
    let mut words = words.skip_while(|word| word.starts_with(b"--"));
    let (object, third) = (words.next(), words.next());
    object.is_some()
        && (is(instruction, "ARG") && third.is_none()
            || is(instruction, "FROM") && (third.is_none() || is(third, "AS")))
}

/// Endings of names that a variant and a program may have alike, `Dockerfile.go`, and those of templates and copies: what is in the
/// file tells.
const UNSURE: &[&str] = &[
    "bak", "bash", "c", "cc", "clj", "cpp", "cs", "dart", "dist", "el", "erb", "erl", "ex", "exs",
    "example", "go", "groovy", "h", "hs", "in", "j2", "java", "jinja", "jinja2", "js", "kt", "lua",
    "m", "mustache", "nim", "nix", "old", "orig", "php", "pl", "ps1", "py", "r", "rb", "rs",
    "sample", "scala", "sh", "sql", "swift", "template", "tera", "tf", "tmpl", "tpl", "ts", "txt",
    "zig",
];

/// Endings of files that are about Dockerfiles and are none.
const OTHERS: &[&str] = &[
    "adoc",
    "asciidoc",
    "bat",
    "bicep",
    "bzl",
    "cfg",
    "cjs",
    "cmd",
    "conf",
    "css",
    "csv",
    "cue",
    "diff",
    "dockerignore",
    "fish",
    "gif",
    "gradle",
    "gz",
    "hbs",
    "hcl",
    "hpp",
    "htm",
    "html",
    "ini",
    "ipynb",
    "jpeg",
    "jpg",
    "json",
    "json5",
    "jsonc",
    "jsx",
    "kts",
    "less",
    "lock",
    "log",
    "markdown",
    "md",
    "mdx",
    "mjs",
    "mts",
    "org",
    "patch",
    "pdf",
    "png",
    "properties",
    "proto",
    "pyc",
    "pyi",
    "rego",
    "rst",
    "sass",
    "scss",
    "snap",
    "sum",
    "svelte",
    "svg",
    "tar",
    "tgz",
    "toml",
    "tsx",
    "vim",
    "vue",
    "xml",
    "xz",
    "yaml",
    "yml",
    "zip",
    "zsh",
];
