//! Revisions to the commits between them.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::bstr::BStr;
use gix::objs::Kind;

use super::objects::{chain, guarded};

/// The ends of a range.
#[derive(Default)]
pub(super) struct Ends {
    /// What is left out with all that it reaches.
    pub(super) from: Vec<ObjectId>,
    /// Empty for a branch that was deleted.
    pub(super) to: Vec<ObjectId>,
    /// The annotated tags by which `to` was named.
    pub(super) tags: BTreeSet<ObjectId>,
}

/// What `spec` names, as [`super::Range::open`] says.
///
/// # Errors
/// When a revision in it is no commit, or cannot be read.
pub(super) fn ends(repo: &gix::Repository, spec: &str) -> Result<Ends, String> {
    if spec.split_whitespace().any(|word| word.starts_with('^')) {
        return several(repo, spec);
    }
    // Three dots leave out what the merge base reaches, which is what A and B share: the same
    // commits as with two.
    let halves = spec.split_once("...").or_else(|| spec.split_once(".."));
    let (from, to) = halves.unwrap_or((spec, "HEAD"));
    let or_head = |end: &str| if end.is_empty() { "HEAD".to_owned() } else { end.to_owned() };
    let (from, to) = (or_head(from), or_head(to));
    if is_null(&to) {
        return Ok(Ends::default());
    }
    let mut ends = Ends::default();
    let end = ends.reach(repo, &to)?;
    ends.from =
        if is_null(&from) { known_elsewhere(repo, end) } else { vec![resolve(repo, &from)?] };
    Ok(ends)
}

fn several(repo: &gix::Repository, words: &str) -> Result<Ends, String> {
    let mut ends = Ends::default();
    for word in words.split_whitespace() {
        match word.strip_prefix('^') {
            Some(word) if is_null(word) => {}
            Some(word) => ends.from.push(resolve(repo, word)?),
            None => {
                ends.reach(repo, word)?;
            }
        }
    }
    Ok(ends)
}

impl Ends {
    /// Adds what a revision reaches; gives back its commit.
    fn reach(&mut self, repo: &gix::Repository, revision: &str) -> Result<ObjectId, String> {
        let commit = resolve(repo, revision)?;
        self.to.push(commit);
        let named = guarded(|| {
            let id = repo.rev_parse_single(BStr::new(revision)).map_err(|e| chain(&e))?.detach();
            let header = repo.find_header(id).map_err(|e| chain(&e))?;
            Ok((header.kind() == Kind::Tag).then_some(id))
        });
        self.tags.extend(named.ok().flatten());
        Ok(commit)
    }
}

fn is_null(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b == b'0')
}

fn resolve(repo: &gix::Repository, revision: &str) -> Result<ObjectId, String> {
    let commit = guarded(|| {
        let id = repo.rev_parse_single(BStr::new(revision)).map_err(|e| chain(&e))?;
        let object = id.object().and_then(|o| o.peel_to_kind(Kind::Commit));
        object.map(|commit| commit.id).map_err(|e| chain(&e))
    });
    commit.map_err(|why| {
        if repo.is_shallow().unwrap_or(false) {
            format!(
                "`{revision}` is not in this shallow clone; `git fetch --deepen=100` or `git fetch \
                 --unshallow` gets more of the history"
            )
        } else if why.contains("could not be found") {
            format!("there is no branch, tag or commit `{revision}`")
        } else {
            format!("`{revision}`: {why}")
        }
    })
}

/// Tips of remote branches and of the default branch, as far as they are not `to` itself.
fn known_elsewhere(repo: &gix::Repository, to: ObjectId) -> Vec<ObjectId> {
    let mut tips = BTreeSet::new();
    if let Ok(references) = repo.references()
        && let Ok(remotes) = references.remote_branches()
    {
        tips.extend(remotes.flatten().filter_map(|mut r| r.peel_to_id().ok().map(gix::Id::detach)));
    }
    for name in ["refs/heads/main", "refs/heads/master"] {
        if let Ok(mut branch) = repo.find_reference(name) {
            tips.extend(branch.peel_to_id().ok().map(gix::Id::detach));
        }
    }
    tips.remove(&to);
    tips.into_iter().collect()
}

/// The commits that a range ends in or reaches and that it does not begin after, older ones first.
///
/// # Errors
/// When a commit cannot be read.
pub(super) fn walk(repo: &gix::Repository, ends: &Ends) -> Result<Vec<ObjectId>, String> {
    use gix::revision::walk::Sorting;
    use gix::traverse::commit::simple::CommitTimeOrder::NewestFirst;
    let Ends { from, to, .. } = ends;
    let to: Vec<ObjectId> = to.iter().copied().filter(|id| !from.contains(id)).collect();
    if to.is_empty() {
        return Ok(Vec::new());
    }
    guarded(|| {
        let walk = repo
            .rev_walk(to)
            .with_hidden(from.iter().copied())
            .sorting(Sorting::ByCommitTime(NewestFirst))
            .all()
            .map_err(|e| chain(&e))?;
        let mut commits = Vec::new();
        for commit in walk {
            commits.push(commit.map_err(|e| chain(&e))?.id);
        }
        commits.reverse();
        Ok(commits)
    })
}
