//! What a collection has so far: facts, and what could not be read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::client::{Answer, Client};
use super::fields::{self, Field};
use super::policy::Policy;
use super::rows::{Object, Place, Row};
use super::text::{Judge, Texts};
use crate::collect::Request;
use crate::model::{Fact, Gap};

/// Most gaps of one kind for one reason that are named one by one.
const NAMED_GAPS: usize = 50;
/// Deepest folders of names that are followed.
const MAX_FOLDERS: usize = 32;

/// Everything a part of the collector needs.
pub(super) struct Gather<'a> {
    pub(super) client: Client<'a>,
    pub(super) request: &'a Request<'a>,
    pub(super) judge: &'a Judge<'a>,
    /// The kinds that are read: those that are wanted, and what they are derived from.
    pub(super) kinds: Option<BTreeSet<String>>,
    found: Mutex<Found>,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) facts: Vec<Fact>,
    pub(super) gaps: Vec<Gap>,
    ids: HashSet<String>,
    /// Policies that could be read, by namespace and name.
    pub(super) policies: BTreeMap<(String, String), Policy>,
    /// Entities and groups by id, with their namespace and as the API has them, for templates; they stay here.
    pub(super) entities: BTreeMap<String, (String, Value)>,
    pub(super) groups: BTreeMap<String, (String, Value)>,
    /// How many secret ids roles of AppRole have, by the id of the role.
    pub(super) secret_ids: Vec<(String, usize)>,
}

/// A secrets engine or auth method.
#[derive(Debug, Clone)]
pub(super) struct Mount {
    /// Empty, or ending in a slash.
    pub(super) namespace: String,
    /// `secret/`, `auth/approle/`.
    pub(super) path: String,
    /// `kv`, `approle`.
    pub(super) kind: String,
    /// Id of its fact.
    pub(super) fact: String,
    /// Of KV, 1 or 2.
    pub(super) version: Option<u8>,
}

impl<'a> Gather<'a> {
    pub(super) fn new(
        client: Client<'a>,
        request: &'a Request<'a>,
        judge: &'a Judge<'a>,
        kinds: Option<BTreeSet<String>>,
    ) -> Self {
        Self { client, request, judge, kinds, found: Mutex::default() }
    }

    /// Whether facts of a kind are read.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.request.now
    }

    pub(super) fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn into_found(self) -> Found {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn texts(&self) -> Texts<'a> {
        Texts::new(self.judge)
    }

    /// Adds a fact. Its id is `namespace` and `path`.
    pub(super) fn put(&self, kind: &str, namespace: &str, path: &str, fields: Map<String, Value>) {
        let id = format!("{namespace}{path}");
        let mut found = self.found();
        // Two names of one thing, as `a` and `a/` of old servers.
        if !found.ids.insert(id.clone()) {
            return;
        }
        let mut all = Map::with_capacity(fields.len() + 1);
        all.insert("namespace".into(), namespace.into());
        all.extend(fields);
        found.facts.push(Fact::new(kind, id, Value::Object(all)));
        drop(found);
        self.request.progress.found(1);
    }

    /// Notes that facts of a kind could not be read.
    pub(super) fn gap(&self, kind: &str, namespace: &str, path: &str, why: &str) {
        let gap = Gap { needs: kind.into(), what: format!("{namespace}{path}"), why: why.into() };
        self.found().gaps.push(gap);
    }

    /// What is at a path; what cannot be told is a gap of `kind`.
    pub(super) async fn read(&self, kind: &str, namespace: &str, path: &str) -> Option<Value> {
        let answer = self.client.read(namespace, path).await;
        self.settle(kind, namespace, path, answer)
    }

    /// The names below a path; of nothing none.
    pub(super) async fn names(&self, kind: &str, namespace: &str, path: &str) -> Vec<String> {
        let answer = self.client.list(namespace, path).await;
        let keys = self.settle(kind, namespace, path, answer).unwrap_or_default();
        texts(&keys)
    }

    pub(super) fn settle(
        &self,
        kind: &str,
        namespace: &str,
        path: &str,
        answer: Answer,
    ) -> Option<Value> {
        match answer {
            Answer::Found(value) => Some(value),
            Answer::Absent => None,
            Answer::Failed(why) => {
                self.gap(kind, namespace, path, &why);
                None
            }
        }
    }

    /// Does the same for all items, as many at a time as there may be requests.
    pub(super) async fn each<T, F>(&self, items: impl IntoIterator<Item = T>, ask: impl Fn(T) -> F)
    where
        F: Future<Output = ()>,
    {
        // More than requests in flight, since some wait for their turn to be asked again.
        let width = self.request.concurrency.max(1) * 2;
        stream::iter(items.into_iter().map(ask)).buffer_unordered(width).collect::<()>().await;
    }

    /// Reads all facts of a row, at a mount, or of a namespace or the server.
    pub(super) async fn row(&self, row: &'static Row, namespace: &str, mount: Option<&Mount>) {
        if !self.wants(row.kind) {
            return;
        }
        let base = mount.map_or("", |mount| mount.path.as_str());
        let Some(list) = row.list else {
            self.object(row, namespace, mount, "", &Value::Null).await;
            return;
        };
        let mut folders = vec![String::new()];
        let mut objects: Vec<(String, Value)> = Vec::new();
        while let Some(folder) = folders.pop() {
            let path = match folder.as_str() {
                "" => format!("{base}{list}"),
                folder => format!("{base}{list}/{}", folder.trim_end_matches('/')),
            };
            let answer = self.client.pages(namespace, &path).await;
            let Some(mut page) = self.settle(row.kind, namespace, &path, answer) else { continue };
            for key in texts(&page["keys"]) {
                let name = format!("{folder}{key}");
                if key.ends_with('/') {
                    if name.matches('/').count() <= MAX_FOLDERS {
                        folders.push(name);
                    }
                } else {
                    let info = page["key_info"].get_mut(&key).map(Value::take).unwrap_or_default();
                    objects.push((name, info));
                }
            }
        }
        self.each(objects, async |(name, info): (String, Value)| {
            self.object(row, namespace, mount, &name, &info).await;
        })
        .await;
    }

    async fn object(
        &self,
        row: &'static Row,
        namespace: &str,
        mount: Option<&Mount>,
        name: &str,
        info: &Value,
    ) {
        let base = mount.map_or("", |mount| mount.path.as_str());
        let path = |below: &str| format!("{base}{}", below.replace("{}", name));
        let own = path(row.item);
        let Some(answer) = self.read(row.kind, namespace, &own).await else { return };
        let mut texts = self.texts();
        let mut fields = Map::new();
        if let Some(mount) = mount {
            fields.insert("mount".into(), mount.fact.clone().into());
            fields.insert("mount_path".into(), mount.path.clone().into());
        }
        if row.list.is_some() {
            fields.insert("name".into(), name.into());
        }
        for part in row.fields {
            copy(part, &answer, &mut texts, &mut fields);
        }
        let mut beside = Vec::new();
        for further in row.beside {
            let path = path(further.path);
            let answer = if further.lists {
                self.client.pages(namespace, &path).await
            } else {
                self.client.read(namespace, &path).await
            };
            let answer = self.settle(row.kind, namespace, &path, answer).unwrap_or_default();
            copy(further.fields, &answer, &mut texts, &mut fields);
            beside.push(answer);
        }
        if let Some(derive) = row.derive {
            let mount_type = mount.map_or("", |mount| mount.kind.as_str());
            derive(
                &Object { name, mount_type, answer: &answer, info, beside: &beside },
                &mut fields,
            );
        }
        for name in row.texts {
            if let Some(value) = fields.get_mut(*name) {
                *value = texts.blank(name, value);
            }
        }
        let has_texts = row.fields.iter().copied().flatten().any(Field::is_text);
        if has_texts || !row.texts.is_empty() {
            fields.insert("secret_rules".into(), texts.rules());
        }
        self.put(row.kind, namespace, &own, fields);
    }
}

fn copy(part: &[Field], answer: &Value, texts: &mut Texts<'_>, fields: &mut Map<String, Value>) {
    fields::copy(part, answer, texts, fields);
}

/// The texts of a list.
pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a row is read at mounts of a type.
pub(super) fn is_at(row: &Row, is_auth: bool, kind: &str) -> bool {
    match row.place {
        Place::Engine(types) => !is_auth && types.contains(&kind),
        Place::Auth(types) => is_auth && types.contains(&kind),
        Place::Namespace | Place::Server => false,
    }
}

/// Gaps in order, once each, and of many alike only some by name.
pub(super) fn settled(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by(|a, b| (&a.needs, &a.why, &a.what).cmp(&(&b.needs, &b.why, &b.what)));
    gaps.dedup();
    let mut all: Vec<Gap> = Vec::new();
    for alike in gaps.chunk_by(|a, b| (&a.needs, &a.why) == (&b.needs, &b.why)) {
        all.extend(alike.iter().take(NAMED_GAPS).cloned());
        if let (Some(first), true) = (alike.first(), alike.len() > NAMED_GAPS) {
            let more = alike.len() - NAMED_GAPS;
            all.push(Gap { what: format!("{more} more"), ..first.clone() });
        }
    }
    all
}
