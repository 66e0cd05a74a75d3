//! Logins for registries, where Docker and Podman keep them: `config.json` (Docker CLI reference, "Configuration
//! files") and `auth.json` (containers-auth.json(5)), with credential helpers.

use std::fs::File;
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

/// The login for a registry from the first of `files` that has one.
///
/// # Errors
/// When a file, or the helper that it names, fails otherwise than by having none; without any login.
pub(super) fn find(files: &[PathBuf], registry: &str) -> Result<Option<Credential>, String> {
    let names: &[&str] = if matches!(registry, "docker.io" | "index.docker.io") {
        &[HUB, "docker.io"]
    } else {
        &[registry]
    };
    for path in files {
        for name in names {
            let file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(format!("{}: {error}", path.display())),
            };
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
