//! The text of a policy to its package, its rules, and the metadata above them.
//!
//! regorus gives no comments, and names no rule by its line; both are on lines that begin at the first
//! column, so that reading lines is enough.

/// What stands at the first column of a policy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The package, without quotes, and its line.
    pub(super) package: Option<(String, usize)>,
    /// The rules, in the order of the file; one of several bodies is there several times.
    pub(super) rules: Vec<Rule>,
    /// The blocks of metadata, in the order of the file.
    pub(super) blocks: Vec<Block>,
}

/// The head of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its name.
    pub(super) name: String,
    /// 1-based line.
    pub(super) line: usize,
    /// 1-based line after the rule's last.
    pub(super) end: usize,
    /// Whether it is one of `contains finding`, that is, a control.
    pub(super) is_control: bool,
}

/// A `# METADATA` comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// 1-based line of the word `METADATA`: its YAML begins on the next.
    pub(super) line: usize,
    /// The YAML.
    pub(super) yaml: String,
    /// What it is above.
    pub(super) above: Above,
}

/// What a block of metadata is above.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Above {
    /// The package.
    Package,
    /// The rule of this name.
    Rule(String),
    /// Neither.
    Nothing,
}

/// Reads the outline of a policy.
pub(super) fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    let mut open: Option<(usize, String)> = None;
    let code = code(text);
    for (index, (line, code)) in text.lines().zip(code.lines()).enumerate() {
        let number = index + 1;
        if code.starts_with('#') {
            let comment = line.strip_prefix('#').unwrap_or_default();
            match &mut open {
                Some((_, yaml)) => {
                    yaml.push_str(comment.strip_prefix(' ').unwrap_or(comment));
                    yaml.push('\n');
                }
                None if comment.trim() == "METADATA" => open = Some((number, String::new())),
                None => {}
            }
            continue;
        }
        let above = read_code(code, number, &mut outline);
        if let Some((line, yaml)) = open.take() {
            outline.blocks.push(Block { line, yaml, above });
        }
    }
    if let Some((line, yaml)) = open {
        outline.blocks.push(Block { line, yaml, above: Above::Nothing });
    }
    let mut end = text.lines().count() + 1;
    for rule in outline.rules.iter_mut().rev() {
        rule.end = end;
        end = rule.line;
    }
    outline
}

/// The text with what strings and comments say left blank, but for their first character, and its lines as
/// they are.
pub(super) fn code(text: &str) -> String {
    /// What ends what is left blank.
    #[derive(Clone, Copy, PartialEq)]
    enum In {
        Code,
        String,
        Raw,
        Comment,
    }
    let mut now = In::Code;
    let mut code = String::with_capacity(text.len());
    let mut is_escaped = false;
    for c in text.chars() {
        let next = match (now, c) {
            (In::Code, '"') => In::String,
            (In::Code, '`') => In::Raw,
            (In::Code, '#') => In::Comment,
            (In::String, '"') if !is_escaped => In::Code,
            (In::String | In::Comment, '\n') | (In::Raw, '`') => In::Code,
            _ => now,
        };
        is_escaped = now == In::String && c == '\\' && !is_escaped;
        let is_code = now == In::Code || next == In::Code || c == '\n';
        code.push(if is_code { c } else { ' ' });
        now = next;
    }
    code
}

fn read_code(line: &str, number: usize, outline: &mut Outline) -> Above {
    let line = line.strip_prefix("default ").unwrap_or(line);
    let name: String =
        line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let rest = line.get(name.len()..).unwrap_or_default();
    match name.as_str() {
        "" | "import" | "else" => Above::Nothing,
        "package" => {
            let package = rest.split('#').next().unwrap_or_default().trim();
            outline.package = Some((package.to_owned(), number));
            Above::Package
        }
        _ => {
            let mut words = rest.split_whitespace();
            let is_control = words.next() == Some("contains") && words.next() == Some("finding");
            outline.rules.push(Rule { name: name.clone(), line: number, end: 0, is_control });
            Above::Rule(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn metadata_is_that_of_the_rule_below_it() {
        let text = "# METADATA\n# title: A\npackage a.b # c\n\n# METADATA\n# custom:\n#   id: x\n\
                    x contains finding if {\n\ttrue\n}\n\nx contains other if false\n";
        let outline = outline(text);
        assert_eq!(outline.package, Some(("a.b".into(), 3)));
        let [package, rule] = outline.blocks.as_slice() else { panic!("{outline:?}") };
        assert_eq!(package.above, Above::Package);
        assert_eq!(rule.above, Above::Rule("x".into()));
        assert_eq!((rule.line, rule.yaml.as_str()), (5, "custom:\n  id: x\n"));
        let rules: Vec<_> = outline.rules.iter().map(|r| (r.line, r.end, r.is_control)).collect();
        assert_eq!(rules, [(8, 12, true), (12, 13, false)]);
    }

    #[test]
    fn a_raw_string_holds_no_rules() {
        let text =
            "package a\nx := `\ny contains finding if true\n# METADATA\n`\nz := \"`\"\nw := 1\n";
        let names: Vec<_> = outline(text).rules.into_iter().map(|rule| rule.name).collect();
        assert_eq!(names, ["x", "z", "w"]);
    }

    proptest! {
        #[test]
        fn any_text_has_an_outline_with_the_lines_that_it_has(
            text in "([a-z\\\\\"`#{}é \\r\\n]|# METADATA\\n|package |contains finding){0,60}",
        ) {
            prop_assert_eq!(code(&text).lines().count(), text.lines().count());
            let found = outline(&text);
            for rule in &found.rules {
                prop_assert!(rule.line < rule.end && rule.end <= text.lines().count() + 1);
            }
            let (_, problems) = crate::policy::metadata::controls("f", &found);
            for problem in problems {
                prop_assert!((1..=text.lines().count() + 1).contains(&problem.line), "{}", problem);
            }
        }
    }

    #[test]
    fn strings_and_comments_are_no_code() {
        let text = "a(\"b\\\"(\") # c(\nd(`e(\n#f(`)";
        assert_eq!(code(text), "a(\"    \") #   \nd(`  \n   `)");
    }

    #[test]
    fn an_empty_line_parts_metadata_from_a_rule() {
        let outline = outline("package a\n# METADATA\n# title: A\n\nx := 1\n");
        assert_eq!(outline.blocks[0].above, Above::Nothing);
    }
}
