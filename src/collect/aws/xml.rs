//! XML of answers to JSON: elements are fields, those of lists items, all values texts.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Most levels of an answer.
const MAX_DEPTH: usize = 64;
/// Names of elements that are items of the list around them, whatever that is called.
const ITEMS: &[&str] = &["member", "item", "entry"];
/// Fields that are there once for each item, of S3 and S3 Control.
const REPEATED: &[&str] = &["Rule", "Grant", "Transition", "NoncurrentVersionTransition", "Tag"];

/// The content of the root element; `None` if it is no whole XML.
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader::from_reader(bytes);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                open.push(Element::new(start.local_name().as_ref())?);
            }
            Event::Empty(start) => {
                let element = Element::new(start.local_name().as_ref())?;
                match open.last_mut() {
                    Some(parent) => parent.children.push((element.name, Value::Null)),
                    None => return Some(Value::Object(Map::new())),
                }
            }
            Event::End(_) => {
                let element = open.pop()?;
                let name = element.name.clone();
                let value = element.close();
                match open.last_mut() {
                    Some(parent) => parent.children.push((name, value)),
                    None => {
                        return Some(if value.is_null() {
                            Value::Object(Map::new())
                        } else {
                            value
                        });
                    }
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().ok()?);
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().ok()?);
                }
            }
            Event::GeneralRef(entity) => {
                let element = open.last_mut()?;
                if let Some(c) = entity.resolve_char_ref().ok()? {
                    element.text.push(c);
                } else {
                    let name = entity.decode().ok()?;
                    element.text.push_str(quick_xml::escape::resolve_xml_entity(&name)?);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn new(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?.to_owned();
        Some(Self { name, text: String::new(), children: Vec::new() })
    }

    fn close(self) -> Value {
        let Self { name, text, children } = self;
        if children.is_empty() {
            // Nothing, an empty list and an empty text look alike.
            return if text.is_empty() { Value::Null } else { Value::String(text) };
        }
        // `<DBInstances><DBInstance>` is a list too.
        let is_list = children.iter().all(|(child, _)| {
            ITEMS.contains(&child.as_str())
                || name.strip_suffix('s').is_some_and(|one| one == child)
        });
        if is_list {
            return children.into_iter().map(|(_, value)| value).collect();
        }
        let mut fields = Map::new();
        for (child, value) in children {
            if REPEATED.contains(&child.as_str()) {
                let list = fields.entry(child).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            } else {
                fields.insert(child, value);
            }
        }
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_fields_and_items() {
        let text = r#"<?xml version="1.0"?>
<R xmlns="http://x/"><Users><member><Name>a &amp; &#98;</Name></member></Users><Empty/><No></No>
<DBInstances><DBInstance><Id>1</Id></DBInstance></DBInstances>
<Rule><ID>x</ID></Rule><Rule><ID>y</ID></Rule></R>"#;
        let expected = json!({
            "Users": [{"Name": "a & b"}], "Empty": null, "No": null, "DBInstances": [{"Id": "1"}],
            "Rule": [{"ID": "x"}, {"ID": "y"}],
        });
        assert_eq!(parse(text.as_bytes()), Some(expected));
    }

    #[test]
    fn what_is_no_xml_is_none() {
        for text in
            ["", "{}", "<A>", "<A><B></A>", "<A>&nothing;</A>", "<A>\u{0}", "<html><p>x</html>"]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        assert_eq!(parse(deep.as_bytes()), None);
    }
}
