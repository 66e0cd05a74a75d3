//! Templates of Helm as YAML without their actions.

use std::ops::Range;

/// A text in which the actions of a template (`{{ }}`) are placeholders of their length, so that it may be YAML: empty
/// lines where there is nothing else on theirs (blanks would indent blocks), else a word.
pub(super) fn without_actions(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut actions: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|start| at + start) {
        // In a comment there may be others.
        let inner = text[start + 2..].trim_start_matches('-').trim_start();
        let body = if inner.starts_with("/*") {
            let Some(end) = inner.find("*/") else { break };
            text.len() - inner.len() + end
        } else {
            start
        };
        let Some(end) = text[body..].find("}}").map(|end| body + end + 2) else { break };
        // What closes three is the last.
        let end = if text[end..].starts_with('}') { end + 1 } else { end };
        actions.push(start..end);
        at = end;
    }
    let mut first = 0;
    while first < actions.len() {
        // Actions that share lines.
        let mut last = first;
        let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
        let mut end = line_end(actions[first].end);
        while actions.get(last + 1).is_some_and(|next| next.start < end) {
            last += 1;
            if actions[last].end > end {
                end = line_end(actions[last].end);
            }
        }
        let start = text[..actions[first].start].rfind('\n').map_or(0, |line| line + 1);
        let mut between = start;
        let mut is_alone = true;
        for action in &actions[first..=last] {
            is_alone &= text[between..action.start].trim().is_empty();
            between = action.end;
        }
        is_alone &= text[between..end].trim().is_empty();
        let line = &text[start..actions[first].start];
        if is_alone {
            bytes[start..start + line.len()].fill(b'\n');
        } else if line.trim_end().ends_with(':') && text[actions[first].end..end].trim().is_empty()
        {
            // What it gives are entries before those that follow.
            is_alone = next_indent(&text[end..]) > line.len() - line.trim_start().len();
        }
        for action in &actions[first..=last] {
            for byte in &mut bytes[action.clone()] {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = if is_alone { b'\n' } else { b'x' };
                }
            }
        }
        first = last + 1;
    }
    // Whole actions were replaced, so that what is left is UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}

/// How far the next line is indented that is neither empty nor an action.
fn next_indent(rest: &str) -> usize {
    let mut lines = rest.lines().take(20).filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with("{{") && !line.starts_with('#')
    });
    lines.next().map_or(0, |line| line.len() - line.trim_start().len())
}

#[cfg(test)]
mod tests {
    use super::super::yaml::documents;
    use super::*;

    #[test]
    fn actions_become_placeholders() {
        let text =
            "{{- if .a }}\nb: {{ .é }}\n{{ /* two {{ f }}\nlines */ }}\n  c: \"x{{ d }}\" # {{ e\n";
        let bare = without_actions(text);
        assert_eq!(bare.len(), text.len());
        let lines: Vec<&str> = bare.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["b: xxxxxxxxx", "  c: \"xxxxxxxx\" # {{ e"]);
        let text =
            "a: {{ x }}\n{{ if y }}\n  b: |\n    {{ if z }}\n  {{ w }}\n    c\nd: {{ e }}\nf: g\n";
        let bare = without_actions(text);
        let read = documents(&bare);
        assert_eq!(read.bad, [], "{bare}");
        assert_eq!(read.roots[0].at(&["a", "b"]).and_then(|b| b.text()).map(str::trim), Some("c"));
        assert_eq!(read.roots[0].text_at(&["d"]), Some("xxxxxxx"));
    }
}
