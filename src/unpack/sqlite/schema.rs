//! The tables of a database, and the order of their columns in records.

use super::record::{Text, Value};

/// What the schema says of something that has a tree.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) root: u32,
    /// Names of the columns in the order of records; empty of an index.
    pub(super) columns: Vec<String>,
    pub(super) is_index: bool,
}

/// A row of the schema: `type`, `name`, `tbl_name`, `rootpage`, `sql` (fileformat2.html, 2.6).
pub(super) fn table(row: &[Value<'_>], text: Text) -> Option<Table> {
    let word = |at: usize| match row.get(at) {
        Some(Value::Text(bytes)) => String::from_utf8_lossy(&text.decode(bytes)).into_owned(),
        _ => String::new(),
    };
    let Some(Value::Integer(root)) = row.get(3) else { return None };
    let root = u32::try_from(*root).ok().filter(|root| *root > 0)?;
    let is_index = word(0) == "index";
    let columns = if is_index { Vec::new() } else { columns(&word(4)) };
    Some(Table { name: word(1), root, columns, is_index })
}

/// The columns of a `CREATE TABLE`, as records hold them: of a table without row ids the primary key
/// is first.
fn columns(sql: &str) -> Vec<String> {
    let Some(open) = outside(sql).find(|(_, byte, _)| *byte == b'(').map(|(at, ..)| at) else {
        return Vec::new();
    };
    let inner = &sql[open + 1..];
    let (mut parts, mut from, mut end) = (Vec::new(), 0, inner.len());
    for (at, byte, depth) in outside(inner) {
        if byte == b')' && depth < 0 {
            end = at;
            break;
        }
        if byte == b',' && depth == 0 {
            parts.push(&inner[from..at]);
            from = at + 1;
        }
    }
    parts.push(inner.get(from..end).unwrap_or_default());
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    for part in parts {
        let part = part.trim();
        let (name, rest) = name(part);
        let upper = rest.to_ascii_uppercase();
        let is_quoted = part.starts_with(['"', '`', '[', '\'']);
        match name.to_ascii_uppercase().as_str() {
            "CONSTRAINT" | "PRIMARY" | "UNIQUE" | "CHECK" | "FOREIGN" if !is_quoted => {
                if let Some(at) = part.to_ascii_uppercase().find("PRIMARY KEY") {
                    let list = part[at..].split_once('(').map_or("", |(_, list)| list);
                    key.extend(list.split([',', ')']).map(|part| self::name(part.trim()).0));
                }
            }
            _ if name.is_empty() => {}
            // What is computed when it is asked for is not stored.
            _ if upper.contains(" AS (") && !upper.contains("STORED") => {}
            _ => {
                if upper.contains("PRIMARY KEY") {
                    key.push(name.clone());
                }
                columns.push(name);
            }
        }
    }
    let after = inner.get(end..).unwrap_or_default().to_ascii_uppercase();
    if after.contains("WITHOUT") {
        let is_key = |column: &String| key.iter().position(|key| key.eq_ignore_ascii_case(column));
        columns.sort_by_key(|column| is_key(column).unwrap_or(usize::MAX));
    }
    columns
}

/// The bytes outside of quotes and comments that shape a statement, each with how many parentheses are
/// open after it.
fn outside(sql: &str) -> impl Iterator<Item = (usize, u8, i64)> + '_ {
    let (mut quote, mut depth) = (0, 0_i64);
    sql.bytes().enumerate().filter_map(move |(at, byte)| {
        if quote != 0 {
            if byte == quote {
                quote = 0;
            }
            return None;
        }
        match byte {
            b'"' | b'\'' | b'`' => quote = byte,
            b'[' => quote = b']',
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' => {}
            _ => return None,
        }
        matches!(byte, b'(' | b')' | b',').then_some((at, byte, depth))
    })
}

/// The name at the front, without its quotes, and what follows.
fn name(part: &str) -> (String, &str) {
    let closing = match part.chars().next() {
        Some(quote @ ('"' | '`' | '\'')) => Some(quote),
        Some('[') => Some(']'),
        _ => None,
    };
    if let Some(closing) = closing {
        let inner = &part[1..];
        return inner
            .split_once(closing)
            .map_or((inner.to_owned(), ""), |(name, rest)| (name.to_owned(), rest));
    }
    let end = part.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(part.len());
    (part[..end].to_owned(), &part[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_records() {
        let sql = "CREATE TABLE \"a(b\" (id INTEGER PRIMARY KEY, [the name] TEXT DEFAULT ',(', \
                   price DECIMAL(10, 2), twice INT AS (price * 2), CHECK (price > 0), \
                   FOREIGN KEY (id) REFERENCES b (id))";
        assert_eq!(columns(sql), ["id", "the name", "price"]);
        let sql = "create table t(a, b text, c, primary key (c, \"a\")) without rowid";
        assert_eq!(columns(sql), ["c", "a", "b"]);
        assert_eq!(columns("CREATE TABLE"), Vec::<String>::new());
        assert_eq!(columns("CREATE TABLE x(\u{e9}, 'b"), ["\u{e9}", "b"]);
    }
}
