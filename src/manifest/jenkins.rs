//! Pipelines of Jenkins (<https://www.jenkins.io/doc/book/pipeline/syntax/>), declarative and scripted: what steps run, and
//! which credentials and variables they get. Groovy is not evaluated.

use std::ops::Range;

use super::groovy::{Sort, Token, filled, tokens};
use super::names::names_a_secret;
use super::sheet::Sheet;
use super::steps::{FACTS, MAX_AROUND, MAX_STEPS, Script, Step, Variable, Workflow, variables_in};
use super::{File, Read, file_name, has_extension};

pub(super) const FORMAT: &str = "jenkins";

/// The id of the fact of a pipeline.
const PIPELINE: &str = "pipeline";

/// Most blocks in each other.
const MAX_DEPTH: usize = 100;

/// Steps that run a script.
const SHELLS: &[&str] = &["sh", "bat", "powershell", "pwsh"];

/// Steps that write to the log.
const PRINTERS: &[&str] = &["echo", "print", "println"];

pub(super) fn is(path: &str, head: &[u8]) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let is_named = name == "jenkinsfile"
        || name.starts_with("jenkinsfile.")
        || name.starts_with("jenkinsfile-")
        || name.ends_with(".jenkinsfile")
        || name.ends_with(".jenkins");
    let has = |words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    let is_text = !has_extension(path, &["md", "txt", "html", "rst", "adoc"]);
    is_named && is_text
        || has_extension(path, &["groovy"]) && (has("pipeline {") || has("withCredentials("))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let (tokens, bad) = tokens(file.text);
    if let Some(at) = bad {
        let why = format!("line {} has a string or comment that does not end", sheet.line(at));
        sheet.gaps(FACTS, &why);
    }
    let workflow = Workflow { system: FORMAT, ..Workflow::default() };
    workflow.add(&mut sheet, PIPELINE, &(0..file.text.len()));
    let mut pipeline = Pipeline { text: file.text, tokens: &tokens, sheet, blocks: Vec::new() };
    pipeline.find_blocks();
    for at in 0..pipeline.blocks.len() {
        pipeline.bind(at);
    }
    pipeline.parameters();
    pipeline.steps();
    pipeline.sheet.done()
}

/// What is between braces.
pub(super) struct Block {
    /// The word before it: `stage`, `environment`.
    pub(super) name: Range<usize>,
    /// Tokens of its arguments.
    pub(super) arguments: Range<usize>,
    /// Tokens in it.
    pub(super) body: Range<usize>,
    /// Index of the block that it is in.
    pub(super) parent: Option<usize>,
    pub(super) variables: Vec<Variable>,
}

pub(super) struct Pipeline<'a> {
    text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) sheet: Sheet<'a>,
    pub(super) blocks: Vec<Block>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn word(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn find_blocks(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        // Where each parenthesis opened, and the last pair that closed.
        let mut parens: Vec<usize> = Vec::new();
        let mut closed = 0..0;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.sort {
                Sort::Mark(b'(') => parens.push(at),
                Sort::Mark(b')') => closed = parens.pop().unwrap_or(at)..at,
                Sort::Mark(b'{') => {
                    if open.len() >= MAX_DEPTH {
                        let line = self.sheet.line(token.span.start);
                        let why = format!("line {line} is nested more than 100 deep");
                        return self.sheet.gaps(FACTS, &why);
                    }
                    let before = at.checked_sub(1);
                    // `stage('x') {`, or `environment {`.
                    let is_call = before.is_some_and(|before| {
                        self.tokens[before].is_mark(b')') && closed.end == before
                    });
                    let arguments = if is_call { closed.start + 1..closed.end } else { at..at };
                    let name = if is_call { closed.start.checked_sub(1) } else { before };
                    let name = name
                        .and_then(|name| self.tokens.get(name))
                        .filter(|name| name.sort == Sort::Word)
                        .map_or(0..0, |name| name.span.clone());
                    let parent = open.last().copied();
                    open.push(self.blocks.len());
                    let body = at + 1..self.tokens.len();
                    self.blocks.push(Block {
                        name,
                        arguments,
                        body,
                        parent,
                        variables: Vec::new(),
                    });
                }
                Sort::Mark(b'}') => {
                    if let Some(block) = open.pop().and_then(|open| self.blocks.get_mut(open)) {
                        block.body.end = at;
                    }
                }
                _ => {}
            }
        }
    }

    /// Every step that runs a script, and every one that prints what Groovy filled in.
    fn steps(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        let mut next = 0;
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            while open.last().is_some_and(|open| self.blocks[*open].body.end <= at) {
                open.pop();
            }
            while self.blocks.get(next).is_some_and(|block| block.body.start <= at + 1) {
                open.push(next);
                next += 1;
            }
            let name = self.word(&token.span);
            let is_step = token.sort == Sort::Word && self.is_call(at);
            if is_step && (SHELLS.contains(&name) || PRINTERS.contains(&name)) {
                let arguments = self.arguments(at + 1);
                at = arguments.end.max(at + 1);
                if self.sheet.count("ci_step") >= MAX_STEPS {
                    return self.sheet.gap("ci_step", format!("more than {MAX_STEPS} steps"));
                }
                self.step(name, token, arguments, &open);
            } else {
                at += 1;
            }
        }
    }

    /// Whether a word begins a statement or value, so that it is a step and no argument or method.
    fn is_call(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| self.tokens.get(before)) else {
            return true;
        };
        let is_argument = self
            .tokens
            .get(at + 1)
            .is_some_and(|next| next.is_text() || next.is_mark(b'(') || next.sort == Sort::Word);
        is_argument
            && match before.sort {
                Sort::Mark(mark) => matches!(mark, b'{' | b'}' | b';' | b'=' | b'(' | b'>' | b')'),
                Sort::Word => matches!(self.word(&before.span), "return" | "else"),
                _ => before.sort == Sort::Break,
            }
    }

    /// The tokens of a statement or value that begins at `at`: up to the end of the line, or of what it is in.
    pub(super) fn statement(&self, at: usize, end: usize) -> Range<usize> {
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().take(end).skip(at).take(MAX_AROUND) {
            match token.sort {
                Sort::Mark(b'(' | b'[' | b'{') => depth += 1,
                Sort::Break | Sort::Mark(b')' | b']' | b'}' | b';') if depth == 0 => {
                    return at..index;
                }
                Sort::Mark(b')' | b']' | b'}') => depth -= 1,
                _ => {}
            }
        }
        at..end.min(at + MAX_AROUND)
    }

    /// The arguments of a step, in parentheses or not.
    fn arguments(&self, at: usize) -> Range<usize> {
        let end = self.tokens.len();
        if self.tokens.get(at).is_some_and(|token| token.is_mark(b'(')) {
            let mut at = at + 1;
            while self.tokens.get(at).is_some_and(|token| token.sort == Sort::Break) {
                at += 1;
            }
            // Lines break within parentheses.
            let mut last = self.statement(at, end);
            while self.tokens.get(last.end).is_some_and(|token| token.sort == Sort::Break)
                && last.len() < MAX_AROUND
            {
                last.end = self.statement(last.end + 1, end).end;
            }
            return last;
        }
        self.statement(at, end)
    }

    fn step(&mut self, name: &str, token: &Token, arguments: Range<usize>, open: &[usize]) {
        let mut known: Vec<&Variable> = Vec::new();
        let mut job = None;
        for block in open.iter().rev().filter_map(|open| self.blocks.get(*open)) {
            known.extend(&block.variables);
            if self.word(&block.name) == "stage" && job.is_none() {
                let title = self.tokens[block.arguments.clone()].iter().find(|t| t.is_text());
                job = title.map(|title| self.word(&title.inner));
            }
        }
        known.truncate(MAX_AROUND);
        let last = arguments.end;
        let mut texts: Vec<&Token> = Vec::new();
        for at in arguments {
            // Of what is named, only the script.
            let label = at.checked_sub(2).filter(|_| at > 0 && self.tokens[at - 1].is_mark(b':'));
            let label = label.map(|label| self.word(&self.tokens[label].span));
            if self.tokens[at].is_text() && label.is_none_or(|label| label == "script") {
                texts.push(&self.tokens[at]);
            }
        }
        let fills = |token: &&Token| token.sort == Sort::Text { is_filled: true };
        let holding = known.iter().filter(|variable| !variable.secrets.is_empty());
        let mut variables: Vec<String> = holding.map(|variable| variable.name.clone()).collect();
        let secrets = variables.clone();
        let mut interpolated: Vec<String> = Vec::new();
        for token in texts.iter().filter(|token| fills(token)) {
            let names = filled(self.word(&token.inner)).into_iter();
            let is_secret =
                |name: &&str| secrets.iter().any(|known| known == name) || is_global(name);
            interpolated.extend(names.filter(is_secret).map(str::to_owned));
        }
        let is_printer = PRINTERS.contains(&name);
        if texts.is_empty() || is_printer && interpolated.is_empty() {
            return;
        }
        let used = texts.iter().flat_map(|text| variables_in(self.word(&text.inner)));
        variables.extend(used.filter(|name| names_a_secret(name)));
        variables.extend(interpolated.iter().cloned());
        let run = texts.iter().map(|token| {
            let text = self.word(&token.inner);
            let text = if is_printer { format!("echo {text}") } else { text.to_owned() };
            Script { at: token.inner.clone(), text }
        });
        let step = Step {
            system: FORMAT,
            workflow: Some(PIPELINE),
            job,
            run: run.collect(),
            shell: (!is_printer).then_some(name),
            env: known.iter().map(|variable| variable.name.clone()).collect(),
            secrets,
            secret_variables: variables,
            // Of what is printed something else is told.
            interpolated: if is_printer { Vec::new() } else { interpolated },
            ..Step::default()
        };
        let end =
            self.tokens.get(last.saturating_sub(1)).map_or(token.span.end, |last| last.span.end);
        let id = format!("{}.{name}", job.unwrap_or("steps"));
        step.add(&mut self.sheet, &id, &(token.span.start..end.max(token.span.end)));
    }
}

/// Whether a variable that nothing in the file binds is a secret by its name, as those are that folders and agents bind;
/// not one that Groovy itself has.
fn is_global(name: &str) -> bool {
    let is_constant =
        name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_constant && names_a_secret(name)
}
