//! What a push brings in, as git tells it a `pre-push` hook.
//!
//! Source: <https://git-scm.com/docs/githooks#_pre_push>, read November 2026.

use std::fmt::Write as _;

use gix::ObjectId;

use super::objects::{chain, guarded};
use super::repo::Repo;

/// One reference that is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// What it becomes: an id, or a revision; none for one that is deleted.
    pub to: Option<String>,
    /// The id that the remote has; none for a new one.
    pub from: Option<String>,
}

/// Reads the lines that git writes to a hook, `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID` each.
///
/// # Errors
/// Says which line is none.
pub fn updates(text: &str) -> Result<Vec<Update>, String> {
    let known = |id: &str| (!id.bytes().all(|b| b == b'0')).then(|| id.to_owned());
    text.lines()
        .map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
            // The local side is what was typed, which may hold spaces.
            [.., to, _, from] if is_id(to) && is_id(from) => {
                Ok(Update { to: known(to), from: known(from) })
            }
            _ => Err(format!("`{line}` is not what git tells a pre-push hook")),
        })
        .collect()
}

/// The range, as [`Range::open`](super::Range::open) takes it, of all that `updates` bring to `remote` and it does not have, as
/// far as is known here: by what it says it has, and by its branches when it was last fetched. None if they only delete.
///
/// # Errors
/// When references cannot be read.
pub fn brings_in(repo: &Repo, remote: &str, updates: &[Update]) -> Result<Option<String>, String> {
    let local = repo.local();
    let to: Vec<&str> = updates.iter().filter_map(|update| update.to.as_deref()).collect();
    if to.is_empty() {
        return Ok(None);
    }
    let mut range = to.join(" ");
    // Somebody else's commits, if they were never fetched: they tell nothing about what is here.
    let is_here = |id: &&String| {
        ObjectId::from_hex(id.as_bytes())
            .is_ok_and(|id| guarded(|| local.find_commit(id).map_err(|e| chain(&e))).is_ok())
    };
    let mut known: Vec<String> =
        updates.iter().filter_map(|update| update.from.as_ref()).filter(is_here).cloned().collect();
    known.extend(branches_of(&local, remote)?);
    if known.is_empty() {
        known.push("0".repeat(40));
    }
    for id in known {
        write!(range, " ^{id}").map_err(|e| e.to_string())?;
    }
    Ok(Some(range))
}

/// The tips of the branches that were last fetched from a remote, in hexadecimal.
fn branches_of(repo: &gix::Repository, remote: &str) -> Result<Vec<String>, String> {
    let prefix = format!("refs/remotes/{remote}/");
    let references = repo.references().map_err(|e| chain(&e))?;
    let branches = references.remote_branches().map_err(|e| chain(&e))?;
    Ok(branches
        .flatten()
        .filter(|branch| branch.name().as_bstr().starts_with(prefix.as_bytes()))
        .filter_map(|mut branch| Some(branch.peel_to_id().ok()?.to_string()))
        .collect())
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
