//! Databases, written here after fileformat2.html.

use super::*;

const PAGE: usize = 512;

enum Value<'a> {
    Null,
    Number(u8),
    Text(&'a str),
}

use Value::{Null, Number, Text};

fn varint(value: usize) -> Vec<u8> {
    match value {
        0..0x80 => vec![value as u8],
        _ => vec![0x80 | (value >> 7) as u8, (value & 0x7f) as u8],
    }
}

fn row(values: &[Value<'_>]) -> Vec<u8> {
    let (mut types, mut content) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Null => types.push(0),
            Number(number) => {
                types.push(1);
                content.push(*number);
            }
            Text(text) => {
                types.extend(varint(13 + 2 * text.len()));
                content.extend_from_slice(text.as_bytes());
            }
        }
    }
    [varint(types.len() + 1), types, content].concat()
}

/// A cell of a table's leaf.
fn cell(id: usize, row: &[u8]) -> Vec<u8> {
    [varint(row.len()), varint(id), row.to_vec()].concat()
}

/// A node of the kind, with what comes after its head of eight bytes.
fn node(start: usize, kind: u8, right: &[u8], cells: &[Vec<u8>]) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    let (mut at, mut pointer) = (PAGE, start + 8 + right.len());
    for cell in cells {
        at -= cell.len();
        page[at..at + cell.len()].copy_from_slice(cell);
        page[pointer..pointer + 2].copy_from_slice(&(at as u16).to_be_bytes());
        pointer += 2;
    }
    page[start] = kind;
    page[start + 3..start + 5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
    page[start + 5..start + 7].copy_from_slice(&(at as u16).to_be_bytes());
    page[start + 8..start + 8 + right.len()].copy_from_slice(right);
    page
}

fn leaf(cells: &[Vec<u8>]) -> Vec<u8> {
    node(0, 13, &[], cells)
}

fn table(name: &str, root: u8, sql: &str) -> Vec<u8> {
    row(&[Text("table"), Text(name), Text(name), Number(root), Text(sql)])
}

/// A database of a schema and of the pages from the second on.
fn database(schema: &[Vec<u8>], pages: &[Vec<u8>]) -> Vec<u8> {
    let cells: Vec<Vec<u8>> =
        schema.iter().enumerate().map(|(at, row)| cell(at + 1, row)).collect();
    let mut first = node(100, 13, &[], &cells);
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    first[59] = 1;
    first[28..32].copy_from_slice(&(pages.len() as u32 + 1).to_be_bytes());
    [first, pages.concat()].concat()
}

fn found(bytes: &[u8]) -> Vec<(String, String)> {
    let (members, skipped) = unpacked("x.db", bytes);
    assert_eq!(skipped, []);
    let text = |(name, bytes): (String, Vec<u8>)| (name, String::from_utf8(bytes).unwrap());
    members.into_iter().map(text).filter(|(name, _)| name != "x.db!schema").collect()
}

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT, age INT)";

#[test]
fn rows_are_lines_under_the_names_of_their_columns() {
    let settings = "CREATE TABLE settings (key TEXT, value TEXT)";
    let users = [
        cell(1, &row(&[Null, Text("anna"), Number(7)])),
        cell(2, &row(&[Null, Text("a \"b\""), Null])),
    ];
    let bytes = database(
        &[table("users", 2, USERS), table("settings", 3, settings)],
        &[leaf(&users), leaf(&[cell(1, &row(&[Text("smtp.login"), Text("v")]))])],
    );
    let expected = [
        ("x.db!table users", "login = \"anna\"\nage = 7\n\nlogin = a \"b\"\n\n"),
        ("x.db!table settings", "key = \"smtp.login\"\nsmtp.login = \"v\"\n\n"),
    ];
    assert_eq!(found(&bytes), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let (members, _) = unpacked("x.db", &bytes);
    assert_eq!(members[0].1, format!("{USERS};\n{settings};\n").as_bytes());
}

#[test]
fn inner_nodes_and_overflow_are_followed() {
    // A row that is longer than a page: what of it is here follows from its size (U, X, M, K).
    let long = "0123456789".repeat(80);
    let record = row(&[Null, Text(&long), Null]);
    let least = (PAGE - 12) * 32 / 255 - 23;
    let fits = least + (record.len() - least) % (PAGE - 4);
    let local = if fits <= PAGE - 35 { fits } else { least };
    let mut head = [varint(record.len()), varint(2), record[..local].to_vec()].concat();
    head.extend(5_u32.to_be_bytes());
    let (mid, end) = record[local..].split_at((record.len() - local).min(PAGE - 4));
    let next = if end.is_empty() { 0 } else { 6_u32 };
    let mut over = [&next.to_be_bytes(), mid].concat();
    over.resize(PAGE, 0);
    let mut last = [&[0; 4], end].concat();
    last.resize(PAGE, 0);
    let inner =
        node(0, 5, &4_u32.to_be_bytes(), &[[3_u32.to_be_bytes().to_vec(), varint(1)].concat()]);
    let pages =
        [inner, leaf(&[cell(1, &row(&[Null, Text("first"), Null]))]), leaf(&[head]), over, last];
    let bytes = database(&[table("users", 2, USERS)], &pages);
    let text = format!("login = \"first\"\n\nlogin = \"{long}\"\n\n");
    assert_eq!(found(&bytes), [("x.db!table users".to_owned(), text)]);
}

#[test]
fn deleted_rows_are_read_as_they_are() {
    let mut users = leaf(&[cell(1, &row(&[Null, Text("anna"), Null]))]);
    users[200..207].copy_from_slice(b"deleted");
    let mut unused = vec![0; PAGE];
    unused[8..12].copy_from_slice(b"free");
    let found = found(&database(&[table("users", 2, USERS)], &[users, unused]));
    assert_eq!(found[1], ("x.db!free space".to_owned(), "deleted\nfree\n".to_owned()));
}

#[test]
fn tables_without_row_ids_begin_with_their_key() {
    let sql = "CREATE TABLE t (a, b, PRIMARY KEY (b)) WITHOUT ROWID";
    let record = row(&[Text("key"), Text("other")]);
    let cell = [varint(record.len()), record].concat();
    let bytes = database(&[table("t", 2, sql)], &[node(0, 10, &[], &[cell])]);
    let text = "b = \"key\"\na = \"other\"\n\n";
    assert_eq!(found(&bytes), [("x.db!table t".to_owned(), text.to_owned())]);
}

#[test]
fn circles_and_broken_pages_are_lost_and_their_bytes_are_read() {
    // The root is its own child; the other table is no tree, and lies in no page.
    let circle =
        node(0, 5, &2_u32.to_be_bytes(), &[[2_u32.to_be_bytes().to_vec(), varint(1)].concat()]);
    let noise = [b"\x07 noise".as_slice(), &[0; PAGE - 7]].concat();
    let schema = [table("a", 2, "CREATE TABLE a (x)"), table("b", 3, ""), table("c", 99, "")];
    let (members, skipped) = unpacked("x.db", &database(&schema, &[circle, noise]));
    let lost: Vec<&str> = skipped.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(lost, ["x.db!table a", "x.db!table b", "x.db!table c"]);
    assert!(skipped.iter().all(|one| one.lost));
    let rest = members.iter().find(|(name, _)| name == "x.db!free space").unwrap();
    assert!(memchr::memmem::find(&rest.1, b" noise").is_some());
}

proptest! {
    #[test]
    fn any_page_is_read_without_a_panic(
        noise in proptest::collection::vec(any::<u8>(), PAGE),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        kind in proptest::sample::select(vec![2_u8, 5, 10, 13]),
    ) {
        let cells = [cell(1, &row(&[Null, Text("anna"), Null]))];
        let mut noise = noise;
        noise[0] = kind;
        let schema = [table("users", 2, USERS), table("b", 3, "CREATE TABLE b (x, y)")];
        let mut bytes = database(&schema, &[leaf(&cells), noise]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        unpacked("x.db", &bytes);
    }
}
