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
    let mut in_raw = false;
    let mut lines = 0;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        lines = number;
        let starts_in_raw = in_raw;
        in_raw = ends_in_raw(line, in_raw);
        if starts_in_raw {
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
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
        let above = read_code(line, number, &mut outline);
        if let Some((line, yaml)) = open.take() {
            outline.blocks.push(Block { line, yaml, above });
        }
    }
    if let Some((line, yaml)) = open {
        outline.blocks.push(Block { line, yaml, above: Above::Nothing });
    }
    let mut end = lines + 1;
    for rule in outline.rules.iter_mut().rev() {
        rule.end = end;
        end = rule.line;
    }
    outline
}

fn read_code(line: &str, number: usize, outline: &mut Outline) -> Above {
    let line = line.strip_prefix("default ").unwrap_or(line);
    let name: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
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

/// Whether the next line is within a raw string (in backquotes), if this one begins so.
fn ends_in_raw(line: &str, mut in_raw: bool) -> bool {
    let mut in_string = false;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '`' if !in_string => in_raw = !in_raw,
            _ if in_raw => {}
            '\\' if in_string => {
                chars.next();
            }
            '"' => in_string = !in_string,
            '#' if !in_string => break,
            _ => {}
        }
    }
    in_raw
}

#[cfg(test)]
mod tests {
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
        let rules: Vec<_> =
            outline.rules.iter().map(|r| (r.line, r.end, r.is_control)).collect();
        assert_eq!(rules, [(8, 12, true), (12, 13, false)]);
    }

    #[test]
    fn a_raw_string_holds_no_rules() {
        let text = "package a\nx := `\ny contains finding if true\n# METADATA\n`\nz := \"`\"\nw := 1\n";
        let names: Vec<_> = outline(text).rules.into_iter().map(|rule| rule.name).collect();
        assert_eq!(names, ["x", "z", "w"]);
    }

    #[test]
    fn an_empty_line_parts_metadata_from_a_rule() {
        let outline = outline("package a\n# METADATA\n# title: A\n\nx := 1\n");
        assert_eq!(outline.blocks[0].above, Above::Nothing);
    }
}
