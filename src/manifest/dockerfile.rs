//! Dockerfiles (<https://docs.docker.com/reference/dockerfile/>). A line that is no instruction is a gap, and the rest is read.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde_json::{Value, json};

use super::dockerlines::{Line, lines};
use super::sheet::Sheet;
use super::values::{Binding, Syntax, value_kind};
use super::{File, Read};

const FORMAT: &str = "dockerfile";

/// The kinds of facts of such files.
pub(super) const FACTS: &[&str] = &["build_argument", "docker_instruction", "env_binding"];

/// Most variables of a stage that are followed.
const MAX_CARRIED: usize = 100;

/// All that there are.
const INSTRUCTIONS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

pub(super) fn read(file: &File<'_>) -> Read {
    let mut build = Build { sheet: Sheet::new(file), stage: Stage::default(), next: 0 };
    for line in lines(file.text) {
        build.line(&line);
    }
    build.sheet.done()
}

struct Build<'a> {
    sheet: Sheet<'a>,
    stage: Stage,
    /// Index of the next stage.
    next: usize,
}

/// What follows a FROM, or stands before the first one.
#[derive(Default)]
struct Stage {
    index: Option<usize>,
    name: Option<String>,
    /// How many instructions of a name there were.
    counts: HashMap<String, usize>,
    /// Variables that hold the value of an argument that takes a secret, and the name of the argument.
    carried: BTreeMap<String, String>,
}

impl Stage {
    /// How ids call it.
    fn shown(&self) -> String {
        match (&self.name, self.index) {
            (Some(name), _) => name.clone(),
            (None, Some(index)) => index.to_string(),
            (None, None) => "global".into(),
        }
    }
}

impl Build<'_> {
    fn line(&mut self, line: &Line) {
        let (keyword, arguments) = first_word(line, 0..line.text.len());
        let keyword = keyword.to_ascii_uppercase();
        if !INSTRUCTIONS.contains(&keyword.as_str()) {
            let number = self.sheet.line(line.at(0).start);
            return self.sheet.gaps(FACTS, &format!("line {number} is no instruction"));
        }
        if keyword == "FROM" {
            let words = words(line, arguments.clone());
            let text = |at: usize| words.get(at).map(|word| &line.text[word.clone()]);
            let at =
                words.iter().position(|word| line.text[word.clone()].eq_ignore_ascii_case("as"));
            let name = at.and_then(|at| text(at + 1)).map(str::to_ascii_lowercase);
            self.stage = Stage { index: Some(self.next), name, ..Stage::default() };
            self.next += 1;
        }
        self.instruction(line, &keyword, &arguments);
        self.bind(line, &keyword, arguments);
    }

    fn instruction(&mut self, line: &Line, keyword: &str, arguments: &Range<usize>) {
        let text = &line.text[arguments.clone()];
        let mut fields = json!({
            "instruction": keyword,
            "arguments": self.sheet.blanked(&line.at_range(arguments), text),
            "stage": self.stage.index,
            "stage_name": self.stage.name,
        });
        if keyword == "RUN" {
            let mounts: Vec<Value> = words(line, arguments.clone())
                .iter()
                .map_while(|word| line.text[word.clone()].strip_prefix("--"))
                .filter_map(|flag| flag.strip_prefix("mount="))
                .map(mount)
                .collect();
            let used: Vec<&String> = self
                .stage
                .carried
                .iter()
                .filter(|(name, _)| uses(text, name))
                .map(|(_, argument)| argument)
                .collect();
            fields["mounts"] = mounts.into();
            fields["secret_arguments"] = json!(used);
        }
        let count = self.stage.counts.entry(keyword.to_owned()).or_default();
        *count += 1;
        let count = *count;
        let id = format!("{}.{keyword}.{count}", self.stage.shown());
        self.sheet.add("docker_instruction", &id, &line.at_range(&(0..line.text.len())), fields);
    }

    fn bind(&mut self, line: &Line, keyword: &str, arguments: Range<usize>) {
        match keyword {
            "ONBUILD" => {
                let (nested, rest) = first_word(line, arguments);
                let nested = nested.to_ascii_uppercase();
                // ONBUILD of ONBUILD is not allowed.
                if nested != "ONBUILD" {
                    self.bind(line, &nested, rest);
                }
            }
            "ENV" | "LABEL" => {
                for (name, value) in pairs(line, arguments) {
                    self.binding(line, keyword, &name, &value);
                }
            }
            "ARG" => {
                for word in words(line, arguments) {
                    let (name, value) =
                        assignment(line, &word).unwrap_or((word.clone(), word.end..word.end));
                    self.argument(line, &name, &value);
                }
            }
            _ => {}
        }
    }

    fn binding(&mut self, line: &Line, keyword: &str, name: &Range<usize>, value: &Range<usize>) {
        let text = &line.text[value.clone()];
        let syntax = if keyword == "ENV" { Syntax::Shell } else { Syntax::None };
        let name_text = unquoted(&line.text, name);
        let name_text = &line.text[name_text];
        let binding = Binding {
            name: name_text,
            value: line.at_range(value),
            kind: value_kind(text, syntax),
            format: FORMAT,
            instruction: keyword,
        };
        let mut fields = binding.fields(&mut self.sheet);
        let carried = self.stage.carried.iter().find(|(name, _)| uses(text, name));
        if let Some(argument) =
            carried.filter(|_| keyword == "ENV").map(|(_, argument)| argument.clone())
        {
            fields["from_argument"] = json!(argument);
            fields["holds_secret"] = json!(true);
            if self.stage.carried.len() < MAX_CARRIED {
                self.stage.carried.insert(name_text.to_owned(), argument);
            }
        }
        let id = format!("{}.{keyword}.{name_text}", self.stage.shown());
        self.sheet.add(
            "env_binding",
            &id,
            &line.at_range(&(name.start..value.end.max(name.end))),
            fields,
        );
    }

    fn argument(&mut self, line: &Line, name: &Range<usize>, value: &Range<usize>) {
        let text = &line.text[value.clone()];
        let name_text = &line.text[name.clone()];
        let binding = Binding {
            name: name_text,
            value: line.at_range(value),
            kind: value_kind(text, Syntax::Shell),
            format: FORMAT,
            instruction: "ARG",
        };
        let fields = binding.argument(&mut self.sheet);
        if fields["holds_secret"] == true && self.stage.carried.len() < MAX_CARRIED {
            self.stage.carried.insert(name_text.to_owned(), name_text.to_owned());
        }
        let id = format!("{}.ARG.{name_text}", self.stage.shown());
        self.sheet.add(
            "build_argument",
            &id,
            &line.at_range(&(name.start..value.end.max(name.end))),
            fields,
        );
    }
}

/// The options of `--mount`.
fn mount(options: &str) -> Value {
    // Bind is what a mount is that says nothing.
    let mut fields = serde_json::Map::from_iter([("type".to_owned(), json!("bind"))]);
    for option in options.trim_matches(['"', '\'']).split(',') {
        let (key, value) = option.split_once('=').unwrap_or((option, "true"));
        fields.insert(key.trim().to_ascii_lowercase(), json!(value.trim()));
    }
    fields.into()
}

/// Whether a text uses a variable.
fn uses(text: &str, name: &str) -> bool {
    !name.is_empty()
        && text.match_indices('$').any(|(at, _)| {
            let after = &text[at + 1..];
            let after = after.strip_prefix('{').unwrap_or(after);
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            after.strip_prefix(name).is_some_and(|rest| !rest.starts_with(is_name))
        })
}

/// The first word of a stretch, and what follows it.
fn first_word(line: &Line, within: Range<usize>) -> (&str, Range<usize>) {
    let text = &line.text[within.clone()];
    let start = text.len() - text.trim_start().len();
    let word = text[start..].split(char::is_whitespace).next().unwrap_or_default();
    let rest = &text[start + word.len()..];
    let gap = rest.len() - rest.trim_start().len();
    let from = within.start + start + word.len() + gap;
    (word, from..from + rest.trim().len())
}

/// `NAME=value NAME="value"`, or `NAME value` to the end, as ENV and LABEL take them: names and values without quotes.
fn pairs(line: &Line, arguments: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let words = words(line, arguments.clone());
    let Some(first) = words.first() else { return Vec::new() };
    if assignment(line, first).is_none() {
        let value =
            words.get(1).map_or(arguments.end..arguments.end, |next| next.start..arguments.end);
        return vec![(first.clone(), unquoted(&line.text, &value))];
    }
    words.iter().filter_map(|word| assignment(line, word)).collect()
}

/// The name and the value of `NAME=value`, the value without quotes.
fn assignment(line: &Line, word: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let at = word.start + line.text[word.clone()].find('=')?;
    Some((word.start..at, unquoted(&line.text, &(at + 1..word.end))))
}

/// A stretch without the quotes around it.
fn unquoted(text: &str, range: &Range<usize>) -> Range<usize> {
    let written = &text[range.clone()];
    let is_quoted =
        |quote| written.len() >= 2 && written.starts_with(quote) && written.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') { range.start + 1..range.end - 1 } else { range.clone() }
}

/// Words between blanks that are neither quoted nor escaped.
fn words(line: &Line, within: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in line.text[within.clone()].char_indices() {
        let at = within.start + at;
        match quote {
            None if c.is_whitespace() && !is_escaped => {
                words.extend(start.take().map(|start| start..at));
                continue;
            }
            None if matches!(c, '"' | '\'') && !is_escaped => quote = Some(c),
            Some(open) if c == open && !is_escaped => quote = None,
            _ => {}
        }
        start.get_or_insert(at);
        is_escaped = c == line.escape && !is_escaped && quote != Some('\'');
    }
    words.extend(start.map(|start| start..within.end));
    words
}
