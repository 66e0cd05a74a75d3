//! Which image of a store is meant by a name, as the engines' own commands take it.

/// Where names without a registry are from.
const HUB: &str = "docker.io";
/// What Podman and Buildah put before names of images that were built here.
const HERE: &str = "localhost";
/// Least digits of an id that is not written in full.
const ID: usize = 4;

/// A name that is looked for.
pub(super) struct Wanted {
    /// Whole names that it may stand for, the likeliest first.
    names: Vec<String>,
    /// How a whole name ends that it may be short for.
    end: Option<String>,
    /// The digest that the name asks for.
    digest: Option<String>,
    /// The beginning of an id, in hexadecimal.
    id: Option<String>,
}

/// What a store tells of an image.
pub(super) struct Known<T> {
    pub(super) image: T,
    pub(super) names: Vec<String>,
    /// Digests of its manifests.
    pub(super) digests: Vec<String>,
    /// The digest of its configuration, `sha256:` and hex, if it is told.
    pub(super) id: Option<String>,
}

impl Wanted {
    pub(super) fn parse(reference: &str) -> Self {
        let hex = reference.strip_prefix("sha256:").unwrap_or(reference);
        let is_id = (ID..=64).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let id = is_id.then(|| hex.to_ascii_lowercase());
        let digest = reference.split_once('@').map(|(_, digest)| digest.to_owned());
        if has_registry(reference) {
            return Self { names: vec![full(reference)], end: None, digest, id };
        }
        // With a tag, as `full` has it.
        let whole = full(reference);
        let own = whole.strip_prefix(HUB).unwrap_or(&whole);
        let own = if reference.contains('/') { own } else { own.trim_start_matches("/library") };
        Self {
            names: vec![format!("{HERE}{own}"), whole.clone()],
            end: Some(own.to_owned()),
            digest,
            id,
        }
    }

    /// Those of a store's images that are meant: one, or in several of containerd's namespaces the same.
    ///
    /// # Errors
    /// When there is none, or several images may be meant.
    pub(super) fn choose<T>(&self, all: Vec<Known<T>>) -> Result<Vec<T>, String> {
        let exact = self.names.len();
        let ranked = all.into_iter().filter_map(|known| Some((self.rank(&known)?, known)));
        let mut ranked: Vec<(usize, Known<T>)> = ranked.collect();
        let Some(best) = ranked.iter().map(|(rank, _)| *rank).min() else {
            return Err(super::NO_IMAGE.to_owned());
        };
        ranked.retain(|(rank, _)| *rank == best);
        if best >= exact && ranked.len() > 1 {
            let names = ranked.iter().map(|(_, known)| known.shown()).collect::<Vec<_>>();
            return Err(format!("it has several that may be meant: {}", names.join(", ")));
        }
        Ok(ranked.into_iter().map(|(_, known)| known.image).collect())
    }

    /// How likely an image is meant, 0 the most; none if it is not.
    fn rank<T>(&self, known: &Known<T>) -> Option<usize> {
        let names: Vec<String> = known.names.iter().map(|name| full(name)).collect();
        let is_named = |wanted: &String| names.contains(wanted);
        if let Some(rank) = self.names.iter().position(is_named) {
            return Some(rank);
        }
        // Of `name@digest` the store may have the name with a tag, and the digest beside it.
        if self.digest.as_ref().is_some_and(|digest| known.digests.contains(digest)) {
            let is_of = |wanted: &String| {
                let wanted = repository(wanted);
                known.names.is_empty() || names.iter().any(|name| repository(name) == wanted)
            };
            if let Some(rank) = self.names.iter().position(is_of) {
                return Some(rank);
            }
        }
        let is_id = self.id.as_ref().is_some_and(|id| {
            let hex = known.id.as_deref().and_then(|known| known.strip_prefix("sha256:"));
            hex.is_some_and(|hex| hex.starts_with(id))
        });
        if is_id {
            return Some(self.names.len());
        }
        let end = self.end.as_ref()?;
        names.iter().any(|name| name.ends_with(end.as_str())).then_some(self.names.len() + 1)
    }
}

impl<T> Known<T> {
    fn shown(&self) -> String {
        self.names.first().or(self.id.as_ref()).cloned().unwrap_or_default()
    }
}

/// Whether the first part of a name is a registry (Docker's `reference` package: it has a dot or a port, or is
/// `localhost`).
fn has_registry(name: &str) -> bool {
    let name = name.split('@').next().unwrap_or(name);
    let registry = name.split_once('/').map(|(registry, _)| registry);
    registry.is_some_and(|it| it.contains(['.', ':']) || it == HERE)
}

/// The whole name: registry, path, and a tag or a digest.
fn full(name: &str) -> String {
    let registry = if has_registry(name) {
        String::new()
    } else if name.contains('/') && !name.starts_with('@') {
        format!("{HUB}/")
    } else {
        format!("{HUB}/library/")
    };
    let name = format!("{registry}{name}");
    let name = match name.strip_prefix("index.docker.io/") {
        Some(rest) => format!("{HUB}/{rest}"),
        None => name,
    };
    match name.split_once('@') {
        // What is asked for by a digest is not asked for by its tag.
        Some((before, digest)) => format!("{}@{digest}", untagged(before)),
        None if untagged(&name) == name => format!("{name}:latest"),
        None => name,
    }
}

/// A whole name without its tag or digest.
fn repository(name: &str) -> &str {
    untagged(name.split('@').next().unwrap_or(name))
}

fn untagged(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(at: usize, name: &str) -> Known<usize> {
        Known {
            image: at,
            names: vec![name.to_owned()],
            digests: vec![format!("sha256:d{at}")],
            id: Some(format!("sha256:{at:02}abcdef")),
        }
    }

    fn chosen(wanted: &str, names: &[&str]) -> Result<Vec<usize>, String> {
        let all = names.iter().enumerate().map(|(at, name)| known(at, name)).collect();
        Wanted::parse(wanted).choose(all)
    }

    #[test]
    fn names_are_completed_as_engines_do_it() {
        for (wanted, there) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3", "docker.io/library/alpine:3"),
            ("alpine:3", "index.docker.io/library/alpine:3"),
            ("docker.io/library/alpine:3", "alpine:3"),
            ("acme/app", "docker.io/acme/app:latest"),
            ("app", "localhost/app:latest"),
            ("acme/app:1", "localhost/acme/app:1"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("app:1", "registry.example/acme/app:1"),
            ("acme/app@sha256:d0", "docker.io/acme/app:9"),
            ("acme/app:8@sha256:d0", "docker.io/acme/app:9"),
            ("00abc", "anything:1"),
            ("sha256:00abcdef", "anything:1"),
        ] {
            assert_eq!(chosen(wanted, &[there]), Ok(vec![0]), "{wanted} {there}");
        }
        for (wanted, there) in [
            ("alpine:3", "docker.io/library/alpine:3.1"),
            ("alpine", "docker.io/library/myalpine:latest"),
            ("ghcr.io/acme/app:1", "docker.io/acme/app:1"),
            ("docker.io/acme/app:1", "localhost/acme/app:1"),
            ("acme/app@sha256:d7", "docker.io/acme/app:9"),
            ("other/app@sha256:d0", "docker.io/acme/app:9"),
            ("0ab", "anything:1"),
            ("01abcd", "anything:1"),
        ] {
            assert_eq!(chosen(wanted, &[there]), Err("it has no such image".into()), "{wanted}");
        }
    }

    #[test]
    fn the_likeliest_is_meant_and_nothing_is_guessed() {
        let names =
            ["ghcr.io/x/app:latest", "docker.io/library/app:latest", "localhost/app:latest"];
        assert_eq!(chosen("app", &names), Ok(vec![2]));
        assert_eq!(chosen("app", &names[..2]), Ok(vec![1]));
        let why = chosen("app", &["ghcr.io/x/app:latest", "quay.io/x/app:latest"]).unwrap_err();
        assert!(why.contains("ghcr.io/x/app:latest, quay.io/x/app:latest"), "{why}");
        let names = ["docker.io/library/app:latest", "app:latest"];
        assert_eq!(chosen("app", &names), Ok(vec![0, 1]));
    }
}
