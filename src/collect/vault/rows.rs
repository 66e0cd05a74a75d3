//! What most facts are: an object of the API, found by listing, of which named fields are copied. A row says
//! where; it is all that the collector and the policy for its token need.

use serde_json::{Map, Value};

use super::fields::Field;

/// A kind of facts, and where it is read.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) place: Place,
    /// Where names are listed, below the place; without it there is one object.
    pub(super) list: Option<&'static str>,
    /// Where an object is read, `{}` being its name.
    pub(super) item: &'static str,
    /// Its fields, in parts that rows share.
    pub(super) fields: &'static [&'static [Field]],
    /// Further questions about the same object.
    pub(super) beside: &'static [Beside],
    /// Adds what is derived.
    pub(super) derive: Option<Derive>,
    /// Which of those people write.
    pub(super) texts: &'static [&'static str],
}

/// Adds fields to those that were copied.
pub(super) type Derive = fn(&Object<'_>, &mut Map<String, Value>);

/// Where the paths of a row begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At every secrets engine of one of these types. The first is where policies expect it.
    Engine(&'static [&'static str]),
    /// At every auth method of one of these types.
    Auth(&'static [&'static str]),
    /// At the root of every namespace.
    Namespace,
    /// At the root of the server.
    Server,
}

/// A further question.
pub(super) struct Beside {
    /// As in [`Row::item`].
    pub(super) path: &'static str,
    /// Whether keys are listed there instead of an object being read.
    pub(super) lists: bool,
    /// Fields of it in the fact.
    pub(super) fields: &'static [Field],
}

/// What derived fields are derived from.
pub(super) struct Object<'a> {
    /// Its name; empty if there is one only.
    pub(super) name: &'a str,
    /// Type of the mount, or empty.
    pub(super) mount_type: &'a str,
    /// What its path answers.
    pub(super) answer: &'a Value,
    /// What the list tells of it.
    pub(super) info: &'a Value,
    /// What is beside it, in the order of the row; null if there is none.
    pub(super) beside: &'a [Value],
}

impl Row {
    const NONE: Self = Self {
        kind: "",
        place: Place::Namespace,
        list: None,
        item: "",
        fields: &[],
        beside: &[],
        derive: None,
        texts: &[],
    };

    /// Objects with names.
    pub(super) const fn many(
        kind: &'static str,
        place: Place,
        list: &'static str,
        item: &'static str,
        fields: &'static [&'static [Field]],
    ) -> Self {
        Self { kind, place, list: Some(list), item, fields, ..Self::NONE }
    }

    /// One object.
    pub(super) const fn one(
        kind: &'static str,
        place: Place,
        item: &'static str,
        fields: &'static [&'static [Field]],
    ) -> Self {
        Self { kind, place, item, fields, ..Self::NONE }
    }

    pub(super) const fn beside(self, beside: &'static [Beside]) -> Self {
        Self { beside, ..self }
    }

    pub(super) const fn derive(self, derive: Derive) -> Self {
        Self { derive: Some(derive), ..self }
    }

    pub(super) const fn texts(self, texts: &'static [&'static str]) -> Self {
        Self { texts, ..self }
    }
}

/// All rows.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    super::auth_rows::ROWS
        .iter()
        .chain(super::engine_rows::ROWS)
        .chain(super::pki_rows::ROWS)
        .chain(super::sys_rows::ROWS)
}
