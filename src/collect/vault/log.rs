//! What a log of an audit device tells of tokens and policies, if one is given.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::acl::Acl;
use super::gather::{Found, Gather, texts};

/// The variable that names the file.
const VARIABLE: &str = "KEYSTREL_VAULT_AUDIT_LOG";
/// Longest line that is read.
const MAX_LINE: u64 = 4 << 20;
/// Most addresses of an accessor that are told apart.
const MAX_ADDRESSES: usize = 10_000;

/// What a log says of an accessor.
#[derive(Default)]
struct Account {
    display_name: String,
    policies: Vec<String>,
    requests: u64,
    denied: u64,
    addresses: HashSet<String>,
    /// Denials by hour since 1970.
    hours: HashMap<i64, u64>,
    first: String,
    last: String,
}

/// Reads the log.
pub(super) fn read(gather: &Gather<'_>) {
    let kinds = ["vault_audit_accessor", "vault_audit_policy_use"];
    let Some(file) = (gather.request.environment)(VARIABLE).filter(|file| !file.is_empty()) else {
        return;
    };
    if !kinds.iter().any(|kind| gather.wants(kind)) {
        return;
    }
    gather.request.progress.reads("the audit log");
    match File::open(&file)
        .map_err(|error| error.to_string())
        .and_then(|log| lines(log, &gather.found()))
    {
        Ok(log) => log.put(gather),
        Err(why) => kinds.iter().for_each(|kind| gather.gap(kind, "", &file, &why)),
    }
}

#[derive(Default)]
struct Log {
    accounts: BTreeMap<String, Account>,
    /// Requests and the last time, by policy and its path.
    uses: HashMap<((String, String), String), (u64, String)>,
    from: String,
    to: String,
}

fn lines(log: File, found: &Found) -> Result<Log, String> {
    let mut log_read = Log::default();
    let mut matchers: HashMap<(String, String), Acl> = HashMap::new();
    let mut reader = BufReader::new(log);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|error| error.to_string())?;
        if length == 0 {
            return Ok(log_read);
        }
        if length as u64 == MAX_LINE && line.last() != Some(&b'\n') {
            return Err(format!("a line of it is longer than {} MiB", MAX_LINE >> 20));
        }
        // A prefix may stand before the JSON, and devices write JSONx too.
        let Some(start) = line.iter().position(|&byte| byte == b'{') else { continue };
        let Ok(entry) = serde_json::from_slice::<Value>(&line[start..]) else {
            // The last line may still be written.
            if line.last() == Some(&b'\n') {
                return Err("it is no log in JSON".into());
            }
            continue;
        };
        log_read.take(&entry, found, &mut matchers);
    }
}

impl Log {
    fn take(
        &mut self,
        entry: &Value,
        found: &Found,
        matchers: &mut HashMap<(String, String), Acl>,
    ) {
        let time = entry["time"].as_str().unwrap_or_default();
        if self.from.is_empty() || time < self.from.as_str() {
            time.clone_into(&mut self.from);
        }
        if time > self.to.as_str() {
            time.clone_into(&mut self.to);
        }
        // Every request is there once; what became of it is in its response.
        let is_request = entry["type"] == "request";
        let auth = &entry["auth"];
        if let Some(accessor) = auth["accessor"].as_str().filter(|accessor| !accessor.is_empty()) {
            let account = self.accounts.entry(accessor.to_owned()).or_default();
            account.take(entry, time, is_request);
        }
        if !is_request {
            return;
        }
        let request = &entry["request"];
        let (Some(path), namespace) =
            (request["path"].as_str(), request["namespace"]["path"].as_str().unwrap_or_default())
        else {
            return;
        };
        let whole = format!("{namespace}{path}");
        for name in texts(&auth["policies"]) {
            let key = (namespace.to_owned(), name.clone());
            let Some(policy) = found.policies.get(&key) else { continue };
            let acl = matchers.entry(key.clone()).or_insert_with(|| {
                let mut acl = Acl::default();
                for rule in &policy.rules {
                    let one = super::policy::Policy { rules: vec![rule.clone()] };
                    // Each path under its own name, so that the match tells which.
                    acl.add(
                        namespace,
                        &rule.path,
                        &one,
                        Timestamp::UNIX_EPOCH,
                        &super::templates::widen,
                    );
                }
                acl
            });
            let matched =
                if request["operation"] == "list" { acl.of_list(&whole) } else { acl.of(&whole) };
            for rule in matched.into_iter().flat_map(|grant| &grant.via) {
                let entry = self.uses.entry((key.clone(), rule.clone())).or_default();
                entry.0 += 1;
                if time > entry.1.as_str() {
                    time.clone_into(&mut entry.1);
                }
            }
        }
    }

    fn put(self, gather: &Gather<'_>) {
        for (accessor, account) in
            self.accounts.into_iter().filter(|_| gather.wants("vault_audit_accessor"))
        {
            let most = account.hours.values().max().copied().unwrap_or(0);
            let facts = Map::from_iter([
                ("accessor".to_owned(), accessor.as_str().into()),
                ("display_name".to_owned(), account.display_name.into()),
                ("policies".to_owned(), account.policies.into()),
                ("requests".to_owned(), account.requests.into()),
                ("remote_addresses".to_owned(), account.addresses.len().into()),
                ("denied".to_owned(), account.denied.into()),
                ("denied_per_hour".to_owned(), most.into()),
                ("first_time".to_owned(), account.first.into()),
                ("last_time".to_owned(), account.last.into()),
            ]);
            gather.put("vault_audit_accessor", "", &format!("audit#{accessor}"), facts);
        }
        if !gather.wants("vault_audit_policy_use") {
            return;
        }
        let mut paths: Vec<((String, String), String)> = Vec::new();
        for (key, policy) in &gather.found().policies {
            paths.extend(policy.rules.iter().map(|rule| (key.clone(), rule.path.clone())));
        }
        for (key, path) in paths {
            let (requests, last) =
                self.uses.get(&(key.clone(), path.clone())).cloned().unwrap_or_default();
            let (namespace, name) = &key;
            let last = Some(last).filter(|time| !time.is_empty());
            let facts = Map::from_iter([
                ("policy".to_owned(), format!("{namespace}sys/policies/acl/{name}").into()),
                ("path".to_owned(), path.as_str().into()),
                ("requests".to_owned(), requests.into()),
                ("last_time".to_owned(), last.into()),
                ("log_from".to_owned(), self.from.as_str().into()),
                ("log_to".to_owned(), self.to.as_str().into()),
            ]);
            gather.put("vault_audit_policy_use", namespace, &format!("audit#{name}#{path}"), facts);
        }
    }
}

impl Account {
    fn take(&mut self, entry: &Value, time: &str, is_request: bool) {
        if self.first.is_empty() || time < self.first.as_str() {
            time.clone_into(&mut self.first);
        }
        if time > self.last.as_str() {
            time.clone_into(&mut self.last);
        }
        if is_request {
            self.requests += 1;
            if let Some(address) = entry["request"]["remote_address"].as_str()
                && self.addresses.len() < MAX_ADDRESSES
            {
                self.addresses.insert(address.to_owned());
            }
            let name = entry["auth"]["display_name"].as_str().unwrap_or_default();
            name.clone_into(&mut self.display_name);
            self.policies = texts(&entry["auth"]["policies"]);
        }
        let error = entry["error"].as_str().unwrap_or_default();
        // Of a denial the request has the error, of newer versions the response too.
        if is_request && error.contains("permission denied") {
            self.denied += 1;
            let hour = time.parse::<Timestamp>().map_or(0, |time| time.as_second() / 3600);
            *self.hours.entry(hour).or_default() += 1;
        }
    }
}
