//! Values of binary formats as lines that rules can read.

/// Adds `name = "value"`, without the quotes where they would not tell where the value ends.
pub(super) fn assign(name: &[u8], value: &[u8], lines: &mut Vec<u8>) {
    let is_plain = !value.iter().any(|byte| matches!(byte, b'"' | b'\\') || *byte < b' ');
    let quote: &[u8] = if is_plain { b"\"" } else { b"" };
    for part in [name, b" = ", quote, value, quote, b"\n"] {
        lines.extend_from_slice(part);
    }
}

/// Adds the text as a line of its own.
pub(super) fn line(text: &[u8], lines: &mut Vec<u8>) {
    lines.extend_from_slice(text);
    lines.push(b'\n');
}
