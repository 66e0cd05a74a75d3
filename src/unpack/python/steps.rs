//! Instructions of compiled Python, and which names they set texts to (`opcode.h` of each version).

use std::collections::BTreeSet;

use super::{Lines, Value, Version};

pub(super) const LOAD_CONST: u8 = 100;
pub(super) const STORE_NAME: u8 = 90;
pub(super) const STORE_ATTR: u8 = 95;
pub(super) const STORE_GLOBAL: u8 = 97;
pub(super) const LOAD_FAST: u8 = 124;
pub(super) const STORE_FAST: u8 = 125;
pub(super) const EXTENDED_ARG: u8 = 144;
const KW_NAMES: u8 = 172;

/// Instructions with their arguments, those that take none left out (`opcode.h` of each version).
pub(super) fn steps(code: &[u8], version: Version) -> Vec<(u8, usize)> {
    let (mut steps, mut upper, mut at) = (Vec::new(), 0_usize, 0);
    let extended = if version.is_2() { 145 } else { EXTENDED_ARG };
    while let Some(operation) = code.get(at).map(|byte| version.numbered(*byte)) {
        let two =
            || Some(usize::from(u16::from_le_bytes([*code.get(at + 1)?, *code.get(at + 2)?])));
        let (argument, size, bits) = match operation {
            _ if version.is_wide() => (code.get(at + 1).map(|byte| usize::from(*byte)), 2, 8),
            90.. => (two(), 3, 16),
            _ => (None, 1, 0),
        };
        at += size;
        let Some(argument) = argument else { continue };
        let argument = upper << bits & 0xffff_ffff | argument;
        upper = if operation == extended { argument } else { 0 };
        if operation >= 90 && operation != extended {
            steps.push((operation, argument));
        }
    }
    steps
}

/// Tells which names texts are set to: variables, attributes, keys and arguments.
pub(super) fn set(
    steps: &[(u8, usize)],
    constants: &[Value],
    names: &[Value],
    locals: &[Value],
    named: &mut BTreeSet<usize>,
    lines: &mut Lines,
) -> Option<()> {
    let text = |values: &[Value], at: usize| match values.get(at) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    for (at, &step) in steps.iter().enumerate() {
        let next = &steps[at + 1..];
        if let (LOAD_CONST, constant) = step
            && let Some(value) = text(constants, constant)
        {
            let name = match next {
                [(STORE_NAME | STORE_GLOBAL, name), ..]
                | [(LOAD_FAST, _), (STORE_ATTR, name), ..] => text(names, *name),
                [(STORE_FAST, name), ..] => text(locals, *name),
                _ => None,
            };
            if let Some(name) = name {
                lines.assign(&name, &value)?;
                named.insert(constant);
            }
        }
        // Names of keys or arguments after as many values.
        if let (LOAD_CONST | KW_NAMES, constant) = step
            && let Some(Value::List(keys, _)) = constants.get(constant)
            && let Some(first) = at.checked_sub(keys.len())
        {
            for (index, (operation, value)) in steps[first..at].iter().enumerate() {
                if *operation == LOAD_CONST
                    && let (Some(key), Some(text)) = (text(keys, index), text(constants, *value))
                {
                    lines.assign(&key, &text)?;
                    named.insert(*value);
                }
            }
        }
    }
    Some(())
}
