//! Logging in, and out again.

use serde_json::Value;
use zeroize::Zeroizing;

use super::client::{Answer, Client, Question};
use super::settings::{Login, Settings};

/// Who we are.
pub(super) struct Session {
    /// The namespace to begin with.
    pub(super) namespace: String,
    /// Accessor of our token, if it may know it.
    pub(super) accessor: Option<String>,
    /// Whether the token was made for this.
    pub(super) is_ours: bool,
}

/// Gets a token and tries it.
///
/// # Errors
/// Why there is none, without it.
pub(super) async fn log_in(
    client: &mut Client<'_>,
    settings: &Settings<'_>,
) -> Result<Session, String> {
    let namespace = settings.namespace();
    let login = settings.login().map_err(|error| error.to_string())?.ok_or(
        "no login was given: set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, or VAULT_AUTH_METHOD, or run \
         `vault login`",
    )?;
    let (token, is_ours) = match login {
        Login::Token(token) => (token, false),
        Login::Method { mount, body } => (exchange(client, &namespace, &mount, &body).await?, true),
    };
    client.log_in(&token)?;
    // The default policy allows it, but there may be none.
    let accessor =
        match client.ask(Question::get(&namespace, "auth/token/lookup-self")).await.map_data() {
            Answer::Found(own) => {
                client.token_works();
                own["accessor"].as_str().map(str::to_owned)
            }
            Answer::Failed(why) if why == "permission denied" => {
                // A token that is none may not do this either, which everybody may.
                let question = Question::get(&namespace, "sys/internal/ui/resultant-acl");
                match client.ask(question).await {
                    Answer::Failed(why) if why == "permission denied" => {
                        return Err("the token is refused: it may not even look itself up".into());
                    }
                    _ => None,
                }
            }
            Answer::Failed(why) => return Err(why),
            Answer::Absent => None,
        };
    Ok(Session { namespace, accessor, is_ours })
}

async fn exchange(
    client: &Client<'_>,
    namespace: &str,
    mount: &str,
    body: &Zeroizing<String>,
) -> Result<Zeroizing<String>, String> {
    let path = format!("auth/{mount}/login");
    let body: Value = serde_json::from_str(body).map_err(|_| "the login is no text".to_owned())?;
    let mut question = Question::post(namespace, &path, &body);
    question.as_nobody = true;
    let refused = || format!("`{path}` refuses it");
    match client.ask(question).await {
        Answer::Found(answer) => {
            let token = answer["auth"]["client_token"].as_str().ok_or_else(refused)?;
            Ok(Zeroizing::new(token.to_owned()))
        }
        Answer::Absent => Err(format!("there is no `{path}`")),
        Answer::Failed(why) if why.contains("HTTP 400") || why == "permission denied" => {
            Err(refused())
        }
        Answer::Failed(why) => Err(format!("`{path}`: {why}")),
    }
}

/// Revokes a token that was made for this. If that fails, it ends by itself.
pub(super) async fn log_out(client: &Client<'_>) {
    let body = Value::Object(serde_json::Map::new());
    drop(client.ask(Question::post("", "auth/token/revoke-self", &body)).await);
}
