//! Projects of CodeBuild.

use serde_json::{Value, json};

use super::Account;
use super::field::{items, plain, string};
use super::leaks::Leaks;
use super::service::{CODEBUILD, Operation, operation};
use super::usage::{self, Mention};

pub(super) const KIND: &str = "aws_codebuild_project";

pub(super) static PROJECTS: Operation =
    operation(&CODEBUILD, "ListProjects").paged("projects", "nextToken");
pub(super) static PROJECT: Operation = operation(&CODEBUILD, "BatchGetProjects");

/// Reads build projects. Gives where they name secrets.
pub(super) async fn collect(account: &Account<'_>, region: &str) -> Vec<Mention> {
    let kinds = [KIND, usage::REFERENCE];
    let mut mentions = Vec::new();
    if !account.wants(&kinds) {
        return mentions;
    }
    let what = account.arn("codebuild", region, "project/*");
    let listed = account.client.list(&PROJECTS, region, json!({})).await;
    let names = account.sheet.whole(&kinds, &what, listed);
    for part in names.chunks(100) {
        let answer = account.client.call(&PROJECT, region, json!({"names": part})).await;
        let Some(answer) = account.sheet.answer(&kinds, &what, answer) else { continue };
        for project in items(&answer, "projects") {
            build(account, region, project, &mut mentions);
        }
    }
    mentions
}

fn build(account: &Account<'_>, region: &str, project: &Value, mentions: &mut Vec<Mention>) {
    let Some(arn) = string(project, "arn") else { return };
    let mut draft = account.draft(KIND, arn, Some(region));
    draft.copy(&[plain("name")], project);
    let variables = items(project, "environment.environmentVariables");
    let of_type = |kind: &str| {
        variables
            .iter()
            .filter(move |one| string(one, "type").unwrap_or("PLAINTEXT") == kind)
            .filter_map(|one| Some((string(one, "name")?, string(one, "value")?)))
            .collect::<Vec<_>>()
    };
    let mut leaks = Leaks::new(account.judge);
    leaks.variables("environment.environmentVariables.", of_type("PLAINTEXT").into_iter());
    leaks.text(
        "source.buildspec",
        "buildspec.yml",
        string(project, "source.buildspec").unwrap_or_default(),
    );
    draft.set("leaks", leaks.tell());
    let first = project.get("source").into_iter().map(|one| ("source".to_owned(), one));
    let others = items(project, "secondarySources").iter().enumerate();
    let others = others.map(|(index, one)| (format!("secondarySources.{index}"), one));
    let sources = first.chain(others).filter_map(|(place, source)| {
        let (host, has_credentials) = url(string(source, "location")?)?;
        Some(json!({"where": format!("{place}.location"), "host": host, "has_credentials": has_credentials}))
    });
    draft.set("source_urls", sources.collect::<Value>());
    if account.wants(&[KIND]) {
        account.sheet.fact(draft);
    }
    for (store, kind) in [("secretsmanager", "SECRETS_MANAGER"), ("ssm", "PARAMETER_STORE")] {
        for (name, value) in of_type(kind) {
            let parts: Vec<&str> = value.split(':').collect();
            // An ARN has seven parts before the JSON key, a name has one.
            let reference = match (store, value.starts_with("arn:")) {
                ("secretsmanager", true) => parts[..parts.len().min(7)].join(":"),
                ("secretsmanager", false) => parts[0].to_owned(),
                _ => value.to_owned(),
            };
            mentions.push(Mention {
                consumer: arn.to_owned(),
                consumer_kind: KIND,
                place: format!("environment.environmentVariables.{name}"),
                store,
                reference,
                in_use: Ok(true),
            });
        }
    }
}

/// The host of a URL, and whether it has a user or password.
fn url(location: &str) -> Option<(String, bool)> {
    let (_, rest) = location.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, host) = match authority.rsplit_once('@') {
        Some((login, host)) => (login, host),
        None => ("", authority),
    };
    // A user without a password names a token too, save for the usual one of SSH.
    Some((host.to_owned(), !login.is_empty() && login != "git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_tell_of_a_login_and_nothing_of_it() {
        for (location, expected) in [
            ("https://git.example/a.git", Some(("git.example", false))),
            ("https://user:word@git.example/a@b.git", Some(("git.example", true))),
            ("https://token@git.example", Some(("git.example", true))),
            ("ssh://git@git.example/a", Some(("git.example", false))),
            ("bucket/key.zip", None),
        ] {
            assert_eq!(
                url(location),
                expected.map(|(host, has)| (host.to_owned(), has)),
                "{location}"
            );
        }
    }
}
