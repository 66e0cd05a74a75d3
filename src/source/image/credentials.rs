//! Logins for registries, where Docker and Podman keep them: `config.json` (Docker CLI reference, "Configuration
//! files") and `auth.json` (containers-auth.json(5)), with credential helpers.

use std::io;
use std::path::PathBuf;

use docker_credential::{CredentialRetrievalError as Error, DockerCredential};

/// The name under which logins of Docker Hub are kept.
const HUB: &str = "https://index.docker.io/v1/";

/// A login.
pub(super) enum Credential {
    /// A user's name and password.
    Password(String, String),
    /// A token.
    Token(String),
}

/// The login for a repository of a registry from the first of `files` that has one; Podman keeps some for a namespace
/// or a repository, of which the nearest counts.
///
/// # Errors
/// When a file, or the helper that it names, fails otherwise than by having none; without any login.
pub(super) fn find(
    files: &[PathBuf],
    registry: &str,
    repository: &str,
) -> Result<Option<Credential>, String> {
    let is_hub = matches!(registry, "docker.io" | "index.docker.io");
    for path in files {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let mut names = nearest(&bytes, if is_hub { "docker.io" } else { registry }, repository);
        names.extend(is_hub.then(|| HUB.to_owned()));
        names.push(if is_hub { "docker.io" } else { registry }.to_owned());
        for name in &names {
            let file = bytes.as_slice();
            match docker_credential::get_credential_from_reader(file, name) {
                Ok(DockerCredential::UsernamePassword(user, password)) => {
                    return Ok(Some(Credential::Password(user, password)));
                }
                Ok(DockerCredential::IdentityToken(token)) => {
                    return Ok(Some(Credential::Token(token)));
                }
                // Helpers fail for registries that they have no login for; the registry says whether it needs one.
                Err(
                    Error::NoCredentialConfigured
                    | Error::ConfigNotFound
                    | Error::HelperFailure { .. },
                ) => {}
                Err(Error::HelperCommunicationError) => {
                    return Err(format!(
                        "the credential helper of {} cannot be run",
                        path.display()
                    ));
                }
                Err(_) => return Err(format!("{}: it is not of the right form", path.display())),
            }
        }
    }
    Ok(None)
}

/// The names in a file that are of the repository or of a namespace that it is in, the longest first. Others are not
/// asked for: a helper would be run for each.
fn nearest(file: &[u8], registry: &str, repository: &str) -> Vec<String> {
    let all: serde_json::Value = serde_json::from_slice(file).unwrap_or_default();
    let has = |name: &String| {
        ["auths", "credHelpers"].iter().any(|key| all[key].get(name.as_str()).is_some())
    };
    let whole = format!("{registry}/{repository}");
    let ends = whole.match_indices('/').map(|(at, _)| at).chain([whole.len()]);
    let mut names: Vec<String> = ends.skip(1).map(|end| whole[..end].to_owned()).collect();
    names.reverse();
    names.retain(has);
    names
}
