//! Logins of each kind that can be tried without Azure.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use super::plants::{self, GOOD};
use super::server::{Options, Plane, QUOTE, Server};
use crate::cases::quiet;

/// Runs keystrel with other variables in place of those of the login.
fn with(server: &Server, variables: &[(&str, String)], path: Option<&str>) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    let of_login = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    command.envs(server.environment().into_iter().filter(|(name, _)| !of_login.contains(name)));
    command.envs(variables.iter().map(|(name, value)| (*name, value.as_str())));
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.args(["collect", &format!("azure:{GOOD}"), "-o", "/dev/null"]).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_workload_identity_logs_in_with_its_file() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "planted").unwrap();
    let variables = [
        ("AZURE_TENANT_ID", super::server::TENANT.to_owned()),
        ("AZURE_CLIENT_ID", super::server::CLIENT.to_owned()),
        ("AZURE_FEDERATED_TOKEN_FILE", file.path().to_string_lossy().into_owned()),
        ("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential".to_owned()),
    ];
    let output = with(&server, &variables, None);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_managed_identity_of_an_app_logs_in() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let variables = [
        ("IDENTITY_ENDPOINT", format!("https://127.0.0.1:{}/msi/token", server.port(Plane::Login))),
        ("IDENTITY_HEADER", "planted".to_owned()),
        ("AZURE_TOKEN_CREDENTIALS", "prod".to_owned()),
    ];
    let output = with(&server, &variables, None);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn azure_cli_logs_in() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    // It asks the server for a token, as `az` would ask Entra ID.
    let directory = tempfile::tempdir().unwrap();
    let az = directory.path().join("az");
    let address = format!("https://127.0.0.1:{}/msi/token?resource=", server.port(Plane::Login));
    let script = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --scope ] && scope=$2; shift; done\n\
         curl -s --cacert '{}' -H 'x-identity-header: planted' \"{address}${{scope%/.default}}\" |\n\
         sed 's/\"access_token\"/\"accessToken\"/; s/\"token_type\"/\"tokenType\"/; s/\"expires_on\":\"\\([0-9]*\\)\"/\"expires_on\":\\1/'\n",
        server.authority().display(),
    );
    std::fs::write(&az, script).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let path = format!(
        "{}:{}",
        directory.path().display(),
        std::env::var_os("PATH").unwrap().to_string_lossy()
    );
    let output = with(&server, &[("AZURE_TOKEN_CREDENTIALS", "dev".to_owned())], Some(&path));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_login_that_is_none_is_said_to_be() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let wrong = ["not", "the", "login"].join("+");
    let variables = [
        ("AZURE_TENANT_ID", super::server::TENANT.to_owned()),
        ("AZURE_CLIENT_ID", super::server::CLIENT.to_owned()),
        ("AZURE_CLIENT_SECRET", wrong.clone()),
        ("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential".to_owned()),
    ];
    let output = with(&server, &variables, None);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let said_of_it = said(&output);
    assert!(said_of_it.contains("AADSTS7000215"), "{said_of_it}");
    assert!(!said_of_it.contains(QUOTE) && !said_of_it.contains(&wrong), "{said_of_it}");
    // Without any variable, and without `az`.
    for (name, part) in [
        ("dev", "AzureCliCredential: not found on PATH"),
        ("EnvironmentCredential", "AZURE_CLIENT_SECRET are not all set"),
        ("WorkloadIdentityCredential", "AZURE_FEDERATED_TOKEN_FILE are not all set"),
        ("AnotherCredential", "names none that is known here"),
    ] {
        let chosen = [("AZURE_TOKEN_CREDENTIALS", name.to_owned())];
        let output = with(&server, &chosen, Some("/nowhere"));
        assert_eq!(output.status.code(), Some(3));
        assert!(said(&output).contains(part), "{name}: {}", said(&output));
    }
}
