//! TOML with places: every value knows its line, every key may be written in any case, and what nobody
//! asked for is named in a warning.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;

/// A table of the file that is being read.
pub(super) struct Table<'a> {
    file: &'a Source<'a>,
    /// Where the table is, for messages: `rules[3]`, empty for the top.
    name: String,
    line: usize,
    /// Keys in lower case.
    entries: BTreeMap<String, (String, &'a Spanned<DeValue<'a>>)>,
}

/// The file that is being read.
pub(super) struct Source<'a> {
    /// Its name, for messages.
    pub(super) name: &'a str,
    /// Its text.
    pub(super) text: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        memchr::memchr_iter(b'\n', &self.text.as_bytes()[..offset.min(self.text.len())]).count() + 1
    }

    fn error(&self, line: usize, why: impl Into<String>) -> ConfigError {
        ConfigError::Invalid { file: self.name.to_owned(), line, why: why.into() }
    }

    /// Parses the text.
    pub(super) fn parse(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            self.error(line, error.message())
        })
    }
}

impl<'a> Table<'a> {
    /// The top of the file.
    pub(super) fn top(file: &'a Source<'a>, table: &'a DeTable<'a>) -> Self {
        Self::new(file, String::new(), 1, table)
    }

    fn new(file: &'a Source<'a>, name: String, line: usize, table: &'a DeTable<'a>) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| {
                let written = key.get_ref().to_string();
                (written.to_lowercase().replace(['-', '_'], ""), (written, value))
            })
            .collect();
        Self { file, name, line, entries }
    }

    /// Line of the table's header.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// An error at the table's header.
    pub(super) fn error(&self, why: impl Into<String>) -> ConfigError {
        self.file.error(self.line, self.prefixed(&why.into()))
    }

    /// An error at a line within the table.
    pub(super) fn error_at(&self, line: usize, why: impl Into<String>) -> ConfigError {
        self.file.error(line, self.prefixed(&why.into()))
    }

    fn prefixed(&self, why: &str) -> String {
        if self.name.is_empty() { why.to_owned() } else { format!("{}: {why}", self.name) }
    }

    /// Puts another name on the table, for messages: a rule's id is better than its number.
    pub(super) fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// Takes a value and the line it is on.
    fn take<T>(
        &mut self,
        key: &str,
        kind: &str,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Result<Option<(T, usize)>, ConfigError> {
        let Some((written, value)) = self.entries.remove(&key.to_lowercase()) else {
            return Ok(None);
        };
        let line = self.file.line(value.span().start);
        let inner = value.get_ref();
        let Some(value) = read(inner) else {
            let why = format!("`{written}` is {} and should be {kind}", inner.type_str());
            return Err(self.file.error(line, self.prefixed(&why)));
        };
        Ok(Some((value, line)))
    }

    /// A string and its line.
    pub(super) fn string_at(&mut self, key: &str) -> Result<Option<(String, usize)>, ConfigError> {
        self.take(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A string.
    pub(super) fn string(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        Ok(self.string_at(key)?.map(|(value, _)| value))
    }

    /// A date, which may be written with quotes or without.
    pub(super) fn date(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        let read = |value: &DeValue<'_>| match value {
            DeValue::Datetime(date) => Some(date.to_string()),
            value => value.as_str().map(str::to_owned),
        };
        Ok(self.take(key, "a date", read)?.map(|(value, _)| value))
    }

    /// A value of any type that JSON has.
    pub(super) fn value(&mut self, key: &str) -> Result<Option<serde_json::Value>, ConfigError> {
        Ok(self.take(key, "a string, number, boolean or list of them", json)?.map(|(v, _)| v))
    }

    /// The tables below this one, by their names as they are written.
    pub(super) fn into_tables(mut self) -> Result<Vec<(String, Self)>, ConfigError> {
        let keys: Vec<(String, String)> =
            self.entries.iter().map(|(key, (written, _))| (key.clone(), written.clone())).collect();
        let mut tables = Vec::new();
        for (key, written) in keys {
            let name = self.child(&written);
            if let Some(mut table) = self.table(&key)? {
                table.rename(name);
                tables.push((written, table));
            }
        }
        Ok(tables)
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, ConfigError> {
        Ok(self.take(key, "true or false", DeValue::as_bool)?.map(|(value, _)| value))
    }

    /// A whole number that is not negative.
    pub(super) fn number(&mut self, key: &str) -> Result<Option<u64>, ConfigError> {
        let read = |value: &DeValue<'_>| {
            let integer = value.as_integer()?;
            u64::from_str_radix(integer.as_str(), integer.radix()).ok()
        };
        Ok(self.take(key, "a whole number", read)?.map(|(value, _)| value))
    }

    /// A number.
    pub(super) fn float(&mut self, key: &str) -> Result<Option<f64>, ConfigError> {
        let read = |value: &DeValue<'_>| match value {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            _ => None,
        };
        Ok(self.take(key, "a number", read)?.map(|(value, _)| value))
    }

    /// A list of strings, each with its line; empty if absent.
    pub(super) fn strings_at(&mut self, key: &str) -> Result<Vec<(String, usize)>, ConfigError> {
        let file = self.file;
        let read = |value: &'a DeValue<'a>| {
            let list = value.as_array()?.iter().map(|item| {
                let text = item.get_ref().as_str()?.to_owned();
                Some((text, file.line(item.span().start)))
            });
            list.collect::<Option<Vec<_>>>()
        };
        Ok(self.take(key, "a list of strings", read)?.map_or_else(Vec::new, |(list, _)| list))
    }

    /// A list of strings; empty if absent.
    pub(super) fn strings(&mut self, key: &str) -> Result<Vec<String>, ConfigError> {
        Ok(self.strings_at(key)?.into_iter().map(|(text, _)| text).collect())
    }

    /// A table.
    pub(super) fn table(&mut self, key: &str) -> Result<Option<Self>, ConfigError> {
        let name = self.child(key);
        let found = self.take(key, "a table", DeValue::as_table)?;
        Ok(found.map(|(table, line)| Self::new(self.file, name, line, table)))
    }

    /// A list of tables; empty if absent. A single table counts as a list of one.
    pub(super) fn tables(&mut self, key: &str) -> Result<Vec<Self>, ConfigError> {
        if self.is_table(key) {
            return Ok(self.table(key)?.into_iter().collect());
        }
        let name = self.child(key);
        let file = self.file;
        let read = |value: &'a DeValue<'a>| {
            let tables = value.as_array()?.iter().enumerate().map(|(i, item)| {
                let line = file.line(item.span().start);
                let table = item.get_ref().as_table()?;
                Some(Self::new(file, format!("{name}[{i}]"), line, table))
            });
            tables.collect::<Option<Vec<_>>>()
        };
        Ok(self.take(key, "a list of tables", read)?.map_or_else(Vec::new, |(list, _)| list))
    }

    fn child(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Whether the key is there and holds a table.
    pub(super) fn is_table(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|(_, value)| value.get_ref().is_table())
    }

    /// Leaves `key` out of the warnings although nothing reads it.
    pub(super) fn ignore(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Warns of every key that was not taken.
    pub(super) fn warn_of_rest(self, warnings: &mut Vec<String>) {
        for (written, value) in self.entries.values() {
            let line = self.file.line(value.span().start);
            let why = self.prefixed(&format!("unknown key `{written}`"));
            warnings.push(format!("{}:{line}: {why}", self.file.name));
        }
    }
}

/// The value as JSON; none for tables and dates.
fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    Some(match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).ok()?.into()
        }
        DeValue::Float(float) => float.as_str().parse::<f64>().ok()?.into(),
        DeValue::Array(items) => {
            items.iter().map(|item| json(item.get_ref())).collect::<Option<Vec<_>>>()?.into()
        }
        DeValue::Table(_) | DeValue::Datetime(_) => return None,
    })
}
