//! What names secrets and parameters: tasks, functions, builds; and the networks in which they run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::Account;
use super::document;
use super::field::{Field, is_true, plain, string};
use super::functions::Function;
use super::parameters::Parameters;
use super::secrets::Secrets;
use super::service::{EC2, Operation, operation};
use super::sheet::Draft;
use super::tasks::Task;

pub(super) const REFERENCE: &str = "aws_secret_reference";
pub(super) const NETWORK: &str = "aws_vpc";
pub(super) const ENDPOINT: &str = "aws_vpc_endpoint";

pub(super) static ENDPOINTS: Operation = operation(&EC2, "DescribeVpcEndpoints")
    .paged("vpcEndpointSet", "nextToken")
    .tokens("nextToken", "NextToken");
pub(super) static SUBNETS: Operation = operation(&EC2, "DescribeSubnets")
    .paged("subnetSet", "nextToken")
    .tokens("nextToken", "NextToken");

static OF_ENDPOINT: &[Field] = &[
    plain("VpcEndpointId").of("vpcEndpointId"),
    plain("VpcId").of("vpcId"),
    plain("ServiceName").of("serviceName"),
    plain("State").of("state"),
];

/// A place that names a secret or parameter.
pub(super) struct Mention {
    pub(super) consumer: String,
    pub(super) consumer_kind: &'static str,
    pub(super) place: String,
    pub(super) store: &'static str,
    pub(super) reference: String,
    /// `None` with why it is not known.
    pub(super) in_use: Result<bool, String>,
}

/// Where secrets and parameters of a region are looked up.
pub(super) struct Known<'d> {
    own: [String; 2],
    ids: [HashMap<&'d str, &'d str>; 2],
    is_whole: [bool; 2],
}

impl<'d> Known<'d> {
    pub(super) fn new(
        account: &Account<'_>,
        region: &str,
        secrets: &'d Secrets,
        parameters: &'d Parameters,
    ) -> Self {
        let index = |drafts: &'d [Draft], suffix: usize| {
            let mut ids = HashMap::new();
            for draft in drafts {
                let id = draft.id();
                ids.insert(id, id);
                if let Some(short) = id.len().checked_sub(suffix).and_then(|end| id.get(..end)) {
                    ids.insert(short, id);
                }
                if let Some(name) = draft.get("Name").as_str() {
                    ids.insert(name, id);
                }
            }
            ids
        };
        Self {
            own: [
                account.arn("secretsmanager", region, "secret:"),
                account.arn("ssm", region, "parameter/"),
            ],
            // The last part of an ARN is a hyphen and six characters, which may be left out.
            ids: [index(&secrets.drafts, 7), index(&parameters.drafts, 0)],
            is_whole: [secrets.is_whole, parameters.is_whole],
        }
    }

    /// The id of what is named, and whether there would be one if there is such a thing.
    fn look_up(&self, store: &str, reference: &str) -> (Option<&'d str>, bool) {
        let at = usize::from(store == "ssm");
        let is_arn = reference.starts_with("arn:");
        let is_own = !is_arn || reference.starts_with(&self.own[at]);
        let found = self.ids[at].get(reference).copied();
        // Names of parameters may be written without their first slash in an ARN.
        let found = found.or_else(|| {
            let name = reference.strip_prefix(&self.own[at]).filter(|_| at == 1)?;
            self.ids[at]
                .get(name)
                .or_else(|| self.ids[at].get(format!("/{name}").as_str()))
                .copied()
        });
        (found, is_own && self.is_whole[at])
    }
}

/// The store and the reference proper of what a container's secret is from.
fn split_reference(from: &str) -> (&'static str, String) {
    if from.starts_with("arn:") {
        let parts: Vec<&str> = from.split(':').collect();
        if parts.get(2) == Some(&"secretsmanager") {
            // JSON key, label and version may follow.
            return ("secretsmanager", parts[..parts.len().min(7)].join(":"));
        }
    }
    ("ssm", from.to_owned())
}

/// What tasks and functions name.
pub(super) fn mentions(tasks: &[Task], functions: &[Function]) -> Vec<Mention> {
    let mut all = Vec::new();
    for task in tasks {
        for (place, from) in &task.references {
            let (store, reference) = split_reference(from);
            let in_use = match (task.draft.get("in_use").as_bool(), task.draft.why_unread("in_use"))
            {
                (Some(in_use), _) => Ok(in_use),
                (None, why) => Err(why.unwrap_or("it is not known").to_owned()),
            };
            all.push(Mention {
                consumer: task.draft.id().to_owned(),
                consumer_kind: super::tasks::KIND,
                place: place.clone(),
                store,
                reference,
                in_use,
            });
        }
    }
    for function in functions {
        for (name, from) in &function.references {
            let (store, reference) = split_reference(from);
            all.push(Mention {
                consumer: function.draft.id().to_owned(),
                consumer_kind: super::functions::FUNCTION,
                place: format!("Environment.Variables.{name}"),
                store,
                reference,
                in_use: Ok(!function.is_failed),
            });
        }
    }
    all
}

/// Writes mentions down.
pub(super) fn write(account: &Account<'_>, region: &str, known: &Known<'_>, mentions: &[Mention]) {
    if !account.wants(&[REFERENCE]) {
        return;
    }
    for mention in mentions {
        let id = format!("{}#{}", mention.consumer, mention.place);
        let mut draft = account.draft(REFERENCE, id, Some(region));
        let (target, is_readable) = known.look_up(mention.store, &mention.reference);
        draft.set("consumer", mention.consumer.as_str());
        draft.set("consumer_kind", mention.consumer_kind);
        draft.set("where", mention.place.as_str());
        draft.set("store", mention.store);
        draft.set("reference", mention.reference.as_str());
        draft.set("target", target);
        draft.set("is_readable", is_readable);
        match &mention.in_use {
            Ok(in_use) => draft.set("in_use", *in_use),
            Err(why) => draft.unread(&["in_use"], why),
        }
        account.sheet.fact(draft);
    }
}

/// Reads the networks in which something uses secrets, and their endpoints.
pub(super) async fn networks(
    account: &Account<'_>,
    region: &str,
    secrets: &Secrets,
    tasks: &[Task],
    functions: &[Function],
) {
    if !account.wants(&[NETWORK, ENDPOINT]) {
        return;
    }
    let rotating: BTreeSet<&str> = secrets
        .drafts
        .iter()
        .filter_map(|secret| secret.get("RotationLambdaARN").as_str())
        .collect();
    let mut consumers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in functions {
        let uses = !function.references.is_empty() || rotating.contains(function.draft.id());
        if let (true, Some(vpc)) = (uses, &function.vpc) {
            consumers.entry(vpc.clone()).or_default().insert(function.draft.id().to_owned());
        }
    }
    let services: Vec<&(String, Vec<String>)> = tasks
        .iter()
        .filter(|task| !task.references.is_empty())
        .flat_map(|task| &task.services)
        .collect();
    let subnets: BTreeSet<&String> = services.iter().flat_map(|(_, subnets)| subnets).collect();
    if !subnets.is_empty() {
        let input = json!({"Filter": [{"Name": "subnet-id", "Value": subnets}]});
        let listed = account.client.list(&SUBNETS, region, input).await;
        let what = account.arn("ec2", region, "subnet/*");
        let subnets = account.sheet.whole(&[NETWORK], &what, listed);
        let vpcs: HashMap<&str, &str> = subnets
            .iter()
            .filter_map(|subnet| Some((string(subnet, "subnetId")?, string(subnet, "vpcId")?)))
            .collect();
        for (service, subnets) in services {
            for vpc in subnets.iter().filter_map(|subnet| vpcs.get(subnet.as_str())) {
                consumers.entry((*vpc).to_owned()).or_default().insert(service.clone());
            }
        }
    }
    for (vpc, consumers) in &consumers {
        let mut draft =
            account.draft(NETWORK, account.arn("ec2", region, &format!("vpc/{vpc}")), Some(region));
        draft.set("VpcId", vpc.as_str());
        draft.set("secret_consumers", consumers.iter().cloned().collect::<Vec<String>>());
        account.sheet.fact(draft);
    }
    endpoints(account, region).await;
}

async fn endpoints(account: &Account<'_>, region: &str) {
    let listed = account.client.list(&ENDPOINTS, region, json!({})).await;
    let what = account.arn("ec2", region, "vpc-endpoint/*");
    for endpoint in account.sheet.whole(&[ENDPOINT], &what, listed) {
        let service = string(&endpoint, "serviceName").unwrap_or_default();
        if service.rsplit('.').next() != Some("secretsmanager") {
            continue;
        }
        let Some(id) = string(&endpoint, "vpcEndpointId") else { continue };
        let id = account.arn("ec2", region, &format!("vpc-endpoint/{id}"));
        let mut draft = account.draft(ENDPOINT, id, Some(region));
        draft.copy(OF_ENDPOINT, &endpoint);
        draft.set("PrivateDnsEnabled", endpoint.get("privateDnsEnabled").is_some_and(is_true));
        match string(&endpoint, "policyDocument") {
            None => draft.set("PolicyDocument", Value::Null),
            Some(text) => match document::parse(text) {
                Some(document) => draft.set("PolicyDocument", document),
                None => draft.unread(&["PolicyDocument"], "it is no policy document"),
            },
        }
        account.sheet.fact(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::tests::with_account;

    #[test]
    fn references_find_what_they_name() {
        with_account(|account| {
            let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-AbCdEf";
            let draft = |kind, id: &str, name: &str| {
                let mut draft = account.draft(kind, id, Some("eu-west-1"));
                draft.set("Name", name);
                draft
            };
            let parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/app/key";
            let secrets =
                Secrets { drafts: vec![draft("aws_secret", arn, "app/db")], is_whole: true };
            let parameters = Parameters {
                drafts: vec![draft("aws_ssm_parameter", parameter, "/app/key")],
                is_whole: false,
            };
            let known = Known::new(account, "eu-west-1", &secrets, &parameters);
            let own = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";
            for (from, target, is_readable) in [
                (format!("{arn}:password::"), Some(arn), true),
                (format!("{own}app/db"), Some(arn), true),
                (format!("{own}gone-AbCdEf"), None, true),
                (
                    "arn:aws:secretsmanager:eu-west-1:999999999999:secret:x-AbCdEf".into(),
                    None,
                    false,
                ),
                (parameter.to_owned(), Some(parameter), false),
                ("/app/key".into(), Some(parameter), false),
            ] {
                let (store, reference) = split_reference(&from);
                assert_eq!(known.look_up(store, &reference), (target, is_readable), "{from}");
            }
        });
    }
}
