//! What kind of file a path names, as far as it matters for values.

use super::translations::is_translation;

/// Families of syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Family {
    /// A programming language: what is not quoted is code.
    Code,
    /// Settings in which what is not quoted is a value up to the end of the line: YAML, INI,
    /// properties, env, and files without an extension.
    Settings,
    /// JSON and HCL: what is a value is quoted.
    Data,
    /// XML and HTML.
    Markup,
    /// Documentation and logs.
    Prose,
    /// Shell scripts, PowerShell, batch files, Dockerfiles.
    Shell,
    /// Something else.
    Unknown,
}

/// What a path tells.
#[expect(clippy::struct_excessive_bools, reason = "what the model asks, each by itself")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) struct Place {
    /// Whether its path is known.
    pub(super) known: Known,
    /// Family of its syntax.
    pub(super) family: Family,
    /// Tests, specs, fixtures, mocks.
    pub(super) is_test: bool,
    /// Documentation, examples, samples, templates.
    pub(super) is_example: bool,
    /// Third parties' code, minified or generated code, lock files, translations.
    pub(super) is_foreign: bool,
    /// Texts of a program in a language: of `password` they say what it is called there.
    pub(super) is_translation: bool,
}

/// How much is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Known {
    /// Its path.
    Path,
    /// Only that it is code: an object of git, as below.
    Code,
    /// Nothing yet: an object of git, which is looked at again under its names if it holds anything.
    Nothing,
}

impl Place {
    /// Some code, of which nothing else is known.
    const NOWHERE: Self = Self {
        known: Known::Nothing,
        family: Family::Code,
        is_test: false,
        is_example: false,
        is_foreign: false,
        is_translation: false,
    };

    /// Of an object of git whose names are not known yet.
    pub(in crate::detect) fn unnamed(text: &[u8]) -> Self {
        let known = if looks_like_code(text) { Known::Code } else { Known::Nothing };
        Self { known, ..Self::NOWHERE }
    }

    /// Of a message that people wrote.
    pub(in crate::detect) fn message() -> Self {
        Self { known: Known::Path, family: Family::Prose, ..Self::NOWHERE }
    }

    /// What the least probability is multiplied by: what is looked at again may be less sure.
    pub(super) fn caution(self) -> f32 {
        match self.known {
            Known::Path => 1.0,
            Known::Code | Known::Nothing => 0.3,
        }
    }

    /// Another place that the same bytes may have.
    pub(super) fn otherwise(self) -> Option<Self> {
        let is_first = self.known == Known::Nothing && self.family == Family::Code;
        is_first.then_some(Self { family: Family::Settings, ..Self::NOWHERE })
    }

    /// What `path`, `/`-separated, tells, and the first line of `text` where it has no extension.
    pub(in crate::detect) fn of(path: &str, text: &[u8]) -> Self {
        let path = path.to_ascii_lowercase();
        let file = path.rsplit('/').next().unwrap_or_default();
        let has = |words: &[&str]| words.iter().any(|word| path.contains(word));
        Self {
            known: Known::Path,
            family: family(file).unwrap_or_else(|| of_script(text)),
            is_test: has(&["test", "spec/", "fixture", "mock", "_spec.", ".spec.", "stub", "snap"]),
            is_example: has(&[
                "doc", "example", "sample", "readme", "tutorial", "demo", "template", ".dist",
            ]),
            is_foreign: has(&[
                "vendor/",
                "node_modules/",
                ".min.",
                "bundle",
                "locale",
                "i18n",
                "translation",
                "lang/",
                ".lock",
                "-lock.",
                "lproj",
                "generated",
                "third_party",
                ".resx",
                ".strings",
            ]),
            is_translation: is_translation(&path),
        }
    }
}

/// The family of a script by its interpreter; settings where there is none.
fn of_script(text: &[u8]) -> Family {
    let line = &text[..text.len().min(80)];
    let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
    match line.strip_prefix(b"#!") {
        None => Family::Settings,
        Some(rest) if rest.trim_ascii_end().ends_with(b"sh") => Family::Shell,
        Some(_) => Family::Code,
    }
}

/// Bytes of a text that tell what kind of file it seems to be.
pub(in crate::detect) const HEAD: usize = 1024;

/// Whether many of the first lines of `text` end or begin as those of programs do, and of nothing else.
fn looks_like_code(text: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"import ",
        b"from ",
        b"def ",
        b"class ",
        b"func ",
        b"function ",
        b"return",
        b"if ",
        b"#include",
        b"package ",
        b"use ",
        b"require",
        b"public ",
        b"private ",
        b"static ",
        b"const ",
        b"let ",
        b"var ",
        b"module ",
        b"end",
        b"using ",
        b"namespace ",
        b"//",
        b"/*",
        b"* ",
        b"self.",
        b"assert",
        b"fn ",
        b"pub ",
        b"it ",
        b"test ",
        b"@",
    ];
    let head = &text[..text.len().min(HEAD)];
    let (mut code, mut lines) = (0, 0);
    for line in head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
    {
        lines += 1;
        let ends = matches!(line.last(), Some(b';' | b'{' | b'(')) || line == b"}";
        // Nearly all lines begin with another byte than all of those.
        let starts = || STARTS.iter().any(|start| start[0] == line[0] && line.starts_with(start));
        code += usize::from(ends || starts());
    }
    lines >= 5 && code * 3 >= lines
}

fn family(file: &str) -> Option<Family> {
    let stem = file.split('.').next().unwrap_or_default();
    if file.split('.').any(|part| part == "env") {
        return Some(Family::Settings);
    }
    if stem == "dockerfile" || stem == "containerfile" || stem == "makefile" {
        return Some(Family::Shell);
    }
    // What packages of distributions come with.
    if matches!(file, "changelog" | "news" | "copyright" | "authors" | "thanks" | "todo") {
        return Some(Family::Prose);
    }
    let (_, mut extension) = file.rsplit_once('.')?;
    if is_section(extension) {
        return Some(Family::Prose);
    }
    // `settings.yml.example` is a settings file.
    if matches!(
        extension,
        "example" | "sample" | "dist" | "template" | "tmpl" | "tpl" | "j2" | "erb" | "in"
    ) && let Some(inner) = file.rsplit('.').nth(1)
    {
        extension = inner;
    }
    Some(match extension {
        "py" | "js" | "ts" | "jsx" | "tsx" | "mjs" | "cjs" | "go" | "rb" | "java" | "kt"
        | "kts" | "cs" | "php" | "scala" | "c" | "h" | "cc" | "cpp" | "hpp" | "rs" | "swift"
        | "m" | "mm" | "hs" | "lua" | "pl" | "pm" | "ex" | "exs" | "erl" | "clj" | "dart"
        | "groovy" | "gradle" | "vb" | "fs" | "sql" | "r" | "jl" | "vue" | "svelte" | "proto"
        | "sol" | "nix" | "zig" | "coffee" | "aspx" | "jsp" => Family::Code,
        "yml" | "yaml" | "ini" | "conf" | "cfg" | "cnf" | "properties" | "env" | "toml"
        | "config" | "example" | "sample" | "dist" | "template" | "service" | "rc" | "netrc"
        | "pgpass" => Family::Settings,
        "json" | "json5" | "jsonc" | "tf" | "tfvars" | "hcl" | "har" | "ipynb" | "tfstate" => {
            Family::Data
        }
        "xml" | "html" | "htm" | "xaml" | "xib" | "storyboard" | "resx" | "plist" | "csproj"
        | "svg" | "pom" | "xhtml" => Family::Markup,
        "md" | "rst" | "txt" | "adoc" | "asciidoc" | "log" | "org" | "tex" | "mdx" | "csv"
        | "rdoc" => Family::Prose,
        "sh" | "bash" | "zsh" | "fish" | "ps1" | "psm1" | "bat" | "cmd" | "dockerfile" | "ksh" => {
            Family::Shell
        }
        _ => Family::Unknown,
    })
}

/// Whether it is a section of the manual, `1` or `3pm`: `curl.1`, `HTTP::Tiny.3pm`.
fn is_section(extension: &str) -> bool {
    let mut bytes = extension.bytes();
    bytes.next().is_some_and(|first| (b'1'..=b'9').contains(&first))
        && extension.len() <= 4
        && bytes.all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_family_and_purpose() {
        assert_eq!(Place::of("src/Main.java", b"").family, Family::Code);
        assert_eq!(Place::of("config/app.yml.example", b"").family, Family::Settings);
        assert!(Place::of("config/app.yml.example", b"").is_example);
        assert_eq!(Place::of("deploy/.env.production", b"").family, Family::Settings);
        assert_eq!(Place::of("bin/run", b"#!/usr/bin/env ruby\n").family, Family::Code);
        assert_eq!(Place::of("build/Dockerfile", b"").family, Family::Shell);
        assert!(Place::of("spec/models/user_spec.rb", b"").is_test);
        assert!(Place::of("web/vendor/jquery.min.js", b"").is_foreign);
        for manual in ["man/man1/curl.1", "HTTP::Tiny.3pm", "usr/share/doc/git/changelog"] {
            assert_eq!(Place::of(manual, b"").family, Family::Prose, "{manual}");
        }
        assert_ne!(Place::of("app.10", b"").family, Family::Prose);
        assert_eq!(Place::message(), Place::of("message.txt", b""));
    }
}
