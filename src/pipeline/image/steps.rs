//! The steps of a build: which instruction they were, and whose.

use crate::model::Maker;
use crate::source::image::{Config, Image, Images};

/// What builders put before the commands of a step.
const SHELL: &str = "/bin/sh -c ";
/// Characters of an instruction that are shown.
const SHOWN: usize = 160;

/// By layer, who made it.
pub(super) fn makers(image: &Image, base: Option<&Images>) -> Vec<Maker> {
    let layers = image.layers.len();
    let of = |count: usize, maker| {
        (0..layers).map(|at| if at < count { maker } else { Maker::Own }).collect()
    };
    match base {
        Some(base) => of(common(image, base), Maker::Base),
        None => of(likely_base(&image.config, layers), Maker::LikelyBase),
    }
}

/// Whether `image` is built on one of the images of `base`.
pub(super) fn is_built_on(image: &Image, base: &Images) -> bool {
    common(image, base) > 0
}

/// How many layers `image` has of an image of `base`, all of whose layers it has at the bottom.
fn common(image: &Image, base: &Images) -> usize {
    let ids = |image: &Image| -> Vec<String> {
        if image.config.diff_ids.len() == image.layers.len() {
            return image.config.diff_ids.clone();
        }
        image.layers.iter().filter_map(|layer| layer.digest.clone()).collect()
    };
    let own = ids(image);
    let of_base = base.images.iter().map(&ids).filter(|ids| own.starts_with(ids));
    of_base.map(|ids| ids.len()).max().unwrap_or(0)
}

/// How many layers come, by the looks of it, from the image that this one is built on: most images end with a
/// `CMD`, so one with layers after it is the end of another.
fn likely_base(config: &Config, layers: usize) -> usize {
    let steps = &config.steps;
    let made_until = |end: usize| steps[..end].iter().filter(|step| !step.is_empty).count();
    if made_until(steps.len()) != layers {
        return 0;
    }
    let ends = (0..steps.len())
        .rev()
        .filter(|at| steps[*at].is_empty && name(&plain(&steps[*at].text)) == "CMD");
    ends.map(made_until).find(|made| *made < layers).unwrap_or(0)
}

/// The step that set a variable, `NAME=value`: the last one that names it.
pub(super) fn of_env(config: &Config, env: &str) -> Option<usize> {
    let variable = env.split_once('=').map_or(env, |(name, _)| name);
    last(config, "ENV", |rest| names(rest, variable))
}

/// The step that set a label.
pub(super) fn of_label(config: &Config, label: &str) -> Option<usize> {
    last(config, "LABEL", |rest| names(rest, label))
}

/// The step that set a command, `CMD ...`.
pub(super) fn of_command(config: &Config, command: &str) -> Option<usize> {
    last(config, name(command), |_| true)
}

fn last(config: &Config, instruction: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    (0..config.steps.len()).rev().find(|at| {
        let text = plain(&config.steps[*at].text);
        let (name, rest) = text.split_once(' ').unwrap_or((&text, ""));
        name == instruction && is_it(rest)
    })
}

/// Whether what follows an instruction sets `name`.
fn names(rest: &str, name: &str) -> bool {
    let mut words = rest.split_whitespace().map(|word| word.trim_start_matches(['"', '\'']));
    let sets = |word: &str| {
        let after = word.strip_prefix(name).map(|after| after.trim_start_matches(['"', '\'']));
        after.is_some_and(|after| after.starts_with('='))
    };
    rest.split_whitespace().next() == Some(name) || words.any(sets)
}

fn name(instruction: &str) -> &str {
    instruction.split(' ').next().unwrap_or_default()
}

/// What a builder noted, as it stood in the Dockerfile: without the shell that runs it (`/bin/sh -c`), the mark
/// of what is no command (`#(nop)`), build arguments (`|2 A=1 B=2`), and the builder's name.
fn plain(text: &str) -> String {
    let text = text.trim().trim_end_matches("# buildkit").trim_end();
    if let Some(rest) = text.strip_prefix(SHELL) {
        return match rest.trim_start().strip_prefix("#(nop)") {
            Some(instruction) => instruction.trim_start().to_owned(),
            None => format!("RUN {rest}"),
        };
    }
    let run = text.strip_prefix("RUN ").unwrap_or(text);
    if run.starts_with('|')
        && let Some(at) = run.find(SHELL)
    {
        return format!("RUN {}", &run[at + SHELL.len()..]);
    }
    match run.strip_prefix(SHELL) {
        Some(command) => format!("RUN {command}"),
        None => text.to_owned(),
    }
}

/// A step as reports show it: without any value that it assigns, and without `secrets`, which were found.
pub(super) fn shown<'a>(text: &str, secrets: impl Iterator<Item = (&'a [u8], &'a str)>) -> String {
    let mut text = plain(text);
    for (secret, preview) in secrets {
        if let Ok(secret) = std::str::from_utf8(secret)
            && !secret.is_empty()
        {
            text = text.replace(secret, preview);
        }
    }
    let mut words = Vec::new();
    let mut value = Quote::default();
    for word in text.split_whitespace() {
        let is_within = value.is_open();
        let assigned = (!is_within).then(|| assignment(word)).flatten();
        match assigned {
            // A value with spaces goes on in the next words.
            Some(at) => {
                value.read(&word[at..]);
                words.push(format!("{}…", &word[..at]));
            }
            None if is_within => value.read(word),
            None => words.push(word.to_owned()),
        }
    }
    // `ENV NAME value`, the old form.
    if words.len() > 2 && matches!(words[0].as_str(), "ENV" | "LABEL") && !words[1].contains('=') {
        words.truncate(2);
        words.push("…".into());
    }
    cut(&words.join(" "))
}

/// Where the value of `NAME=value` begins in a word.
fn assignment(word: &str) -> Option<usize> {
    let at = word.find('=')?;
    let name = word[..at].trim_start_matches(['"', '\'', '-']);
    let is_name = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/\"'".contains(c));
    (is_name && at + 1 < word.len()).then_some(at + 1)
}

/// Whether a quoted value is at its end.
#[derive(Default)]
struct Quote(Option<char>);

impl Quote {
    fn is_open(&self) -> bool {
        self.0.is_some()
    }

    fn read(&mut self, text: &str) {
        let mut last = ' ';
        for c in text.chars() {
            match self.0 {
                Some(quote) if c == quote && last != '\\' => self.0 = None,
                None if matches!(c, '"' | '\'') && last != '\\' => self.0 = Some(c),
                _ => {}
            }
            last = c;
        }
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(SHOWN - 1).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        shown(text, std::iter::empty())
    }

    #[test]
    fn steps_are_shown_as_instructions_without_values() {
        for (step, expected) in [
            ("/bin/sh -c #(nop)  ENV A=1 B=two", "ENV A=… B=…"),
            ("/bin/sh -c #(nop)  ENV TOKEN the value", "ENV TOKEN …"),
            ("ENV A=\"some words\" B=x", "ENV A=… B=…"),
            ("LABEL org.example/a='it is b' c=\"d\\\" e\"", "LABEL org.example/a=… c=…"),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("RUN /bin/sh -c make -j # buildkit", "RUN make -j"),
            ("RUN |2 A=1 B=2 /bin/sh -c make install # buildkit", "RUN make install"),
            ("|1 TOKEN=x /bin/sh -c curl --header=secret u", "RUN curl --header=… u"),
            ("COPY . /app # buildkit", "COPY . /app"),
        ] {
            assert_eq!(show(step), expected, "{step}");
        }
        let secrets = [(&b"hunter-2"[..], "***")];
        assert_eq!(shown("RUN login -p hunter-2", secrets.into_iter()), "RUN login -p ***");
        assert_eq!(show(&"x".repeat(500)).chars().count(), SHOWN);
    }

    fn config(steps: &[(&str, bool)]) -> Config {
        let history: Vec<String> = steps
            .iter()
            .map(|(text, empty)| format!("{{\"created_by\":{text:?},\"empty_layer\":{empty}}}"))
            .collect();
        Config::read(format!("{{\"history\":[{}]}}", history.join(",")).as_bytes()).unwrap()
    }

    #[test]
    fn a_cmd_with_layers_after_it_ends_the_image_below() {
        let config = config(&[
            ("/bin/sh -c #(nop) ADD file:1 in / ", false),
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", true),
            ("COPY . /app # buildkit", false),
            ("ENV A=1", true),
            ("ENV AB=2 C=3", true),
            ("CMD [\"/app\"]", true),
        ]);
        assert_eq!(likely_base(&config, 2), 1);
        assert_eq!(likely_base(&config, 3), 0, "the steps are of other layers");
        assert_eq!(of_env(&config, "A=1"), Some(3));
        assert_eq!(of_env(&config, "C=3"), Some(4));
        assert_eq!(of_env(&config, "D=3"), None);
        assert_eq!(of_command(&config, "CMD /app"), Some(5));
    }
}
