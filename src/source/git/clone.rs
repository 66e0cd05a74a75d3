//! Clones repositories, so that their histories can be scanned: the scanner's only network code.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gix::credentials::helper::Action;
use gix::credentials::protocol::{Context, Outcome};
use gix::progress::Discard;
use gix::remote::Direction;
use gix::sec::identity::Account;
use sha2::{Digest, Sha256};

use super::objects::{chain, guarded};
use crate::source::SourceError;

/// Everything that the other side has, under its own name.
const ALL: &str = "+refs/*:refs/*";

/// Clones `url` as a bare mirror, all references included, into a directory of its own below
/// `cache`, and returns that. A clone that is there already is brought up to date.
///
/// Credentials come from the URL or from the helpers that git's configuration names, and are not
/// stored with the clone. SSH goes through the `ssh` program, local repositories (`file://`) through
/// `git-upload-pack`. References that are gone on the other side stay.
///
/// # Errors
/// [`SourceError::Clone`], without credentials. What was begun is removed then.
pub fn clone_url(url: &str, cache: &Path) -> Result<PathBuf, SourceError> {
    let parsed = guarded(|| gix::url::parse(url).map_err(|_| "not a URL".to_owned()));
    let mut parsed = parsed.map_err(|why| SourceError::Clone { url: without_user(url), why })?;
    let account = take_account(&mut parsed);
    let shown = parsed.to_bstring().to_string();
    let refused = |why| SourceError::Clone { url: shown.clone(), why };
    match parsed.scheme {
        gix::url::Scheme::Ext | gix::url::Scheme::Helper(_) | gix::url::Scheme::HelperUrl(_) => {
            return Err(refused("the scheme is not supported".to_owned()));
        }
        _ => {}
    }
    let directory = cache.join(directory_name(&shown));
    if directory.join("HEAD").is_file() {
        guarded(|| fetch(&directory, account)).map_err(refused)?;
        return Ok(directory);
    }
    std::fs::create_dir_all(cache).map_err(|error| refused(error.to_string()))?;
    // Only whole clones have the name that later runs look for.
    let partial = cache.join(format!("{}.{}", directory_name(&shown), std::process::id()));
    let cloned = guarded(|| clone(parsed, &partial, account))
        .and_then(|()| std::fs::rename(&partial, &directory).map_err(|error| error.to_string()));
    if let Err(why) = cloned {
        // Usually gone already; if not, the directory's name tells what it is.
        let _ = std::fs::remove_dir_all(&partial);
        // Another run may have finished the same clone meanwhile.
        return if directory.join("HEAD").is_file() { Ok(directory) } else { Err(refused(why)) };
    }
    Ok(directory)
}

fn options() -> gix::open::Options {
    // The user's configuration has the credential helpers and proxies.
    gix::open::Options::default().with(gix::sec::Trust::Full)
}

fn clone(url: gix::Url, directory: &Path, account: Option<Account>) -> Result<(), String> {
    let mut prepared = gix::clone::PrepareFetch::new(
        url,
        directory,
        gix::create::Kind::Bare,
        gix::create::Options::default(),
        options(),
    )
    .map_err(|e| chain(&e))?
    .configure_remote(|remote| {
        Ok(remote
            .with_refspecs([ALL], Direction::Fetch)?
            .with_fetch_tags(gix::remote::fetch::Tags::All))
    })
    .with_fetch_options(unfiltered());
    if let Some(account) = account {
        prepared = prepared.configure_connection(move |connection| {
            connection.set_credentials(answering(account.clone()));
            Ok(())
        });
    }
    prepared.fetch_only(Discard, &AtomicBool::new(false)).map_err(|e| chain(&e))?;
    Ok(())
}

/// All references of the other side are asked for: gix would ask for those that begin with `refs/*`,
/// asterisk and all, of which there are none.
fn unfiltered() -> gix::remote::ref_map::Options {
    gix::remote::ref_map::Options {
        prefix_from_spec_as_filter_on_remote: false,
        ..gix::remote::ref_map::Options::default()
    }
}

fn fetch(directory: &Path, account: Option<Account>) -> Result<(), String> {
    let fetched = || -> gix::Result<()> {
        let repo =
            gix::ThreadSafeRepository::open_opts(directory, options().open_path_as_is(true))?
                .to_thread_local();
        let remote = repo.find_remote("origin")?;
        let mut connection = remote.connect(Direction::Fetch)?;
        if let Some(account) = account {
            connection.set_credentials(answering(account));
        }
        connection
            .prepare_fetch(Discard, unfiltered())?
            .receive(Discard, &AtomicBool::new(false))?;
        Ok(())
    };
    fetched().map_err(|e| chain(&e))
}

/// A credential helper that knows one account and stores nothing.
fn answering(account: Account) -> impl FnMut(Action) -> gix::Result<Option<Outcome>> {
    move |action| {
        Ok(match action {
            Action::Get(_) => {
                Some(Outcome { identity: account.clone(), next: Context::default().into() })
            }
            Action::Store(_) | Action::Erase(_) => None,
        })
    }
}

/// Takes what grants access out of a URL. The user name stays where it is part of the address.
fn take_account(url: &mut gix::Url) -> Option<Account> {
    let password = url.set_password(None);
    let http = matches!(url.scheme, gix::url::Scheme::Http | gix::url::Scheme::Https);
    // Forges take tokens as user names.
    let user = if http { url.set_user(None) } else { url.user().map(ToOwned::to_owned) };
    if !http || (user.is_none() && password.is_none()) {
        return None;
    }
    Some(Account {
        username: user.unwrap_or_default(),
        password: password.unwrap_or_default(),
        oauth_refresh_token: None,
    })
}

/// Whatever it is, without what stands before an `@`.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

/// A name that people recognise, and that no two addresses share.
fn directory_name(url: &str) -> String {
    let digest = Sha256::digest(url.as_bytes());
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tail = url.trim_end_matches('/').rsplit(['/', ':', '\\']).next().unwrap_or_default();
    let tail = tail.strip_suffix(".git").unwrap_or(tail);
    let name: String = tail
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(64)
        .collect();
    let name = name.trim_matches('.');
    format!("{}-{hash}", if name.is_empty() { "repository" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clones_are_readable_and_stay_inside_the_cache() {
        let name = directory_name("https://host/group/project.git");
        assert!(name.starts_with("project-"), "{name}");
        assert!(directory_name("https://host/..").starts_with("repository-"));
        assert_ne!(directory_name("https://a/x"), directory_name("https://b/x"));
    }

    #[test]
    fn no_error_repeats_what_grants_access() {
        let cache = tempfile::tempdir().unwrap();
        let token = concat!("tok", "en-1234");
        for url in [
            format!("https://user:{token}@127.0.0.1:1/x.git"),
            format!("https://{token}@127.0.0.1:1/x.git"),
            format!("nonsense://user:{token}@127.0.0.1:1/x.git"),
            format!("https://user:{token}@[::bad/x"),
        ] {
            let error = clone_url(&url, cache.path()).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(!text.contains(token), "{url}: {text}");
        }
        let left = std::fs::read_dir(cache.path()).unwrap().count();
        assert_eq!(left, 0, "an incomplete clone is left");
    }
}
