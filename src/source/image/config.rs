//! What the configuration of an image says (`config.md` of the OCI image specification): environment, labels,
//! commands, and the steps of its build.
//!
//! Read leniently: what is missing or of another type is as good as empty, since an image that a runtime
//! refuses may leak all the same.

use serde_json::{Map, Value};

use super::platform::Platform;

/// What a configuration says, in its order.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `NAME=value`.
    pub env: Vec<String>,
    /// Labels by name.
    pub labels: Vec<(String, String)>,
    /// What is run: each an instruction of a Dockerfile, as `ENTRYPOINT /bin/server --port 80`.
    pub commands: Vec<String>,
    /// The steps of the build, the first one first.
    pub steps: Vec<Step>,
    /// Digests of the layers when they are not compressed, the bottom first.
    pub diff_ids: Vec<String>,
    /// Who made it, as it says.
    pub author: Option<String>,
    /// For which platform it is.
    pub platform: Option<Platform>,
}

/// A step of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was run, as the builder writes it, and its comment.
    pub text: String,
    /// Whether it made no layer.
    pub is_empty: bool,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let all: Map<String, Value> = serde_json::from_slice(bytes)?;
        let inner = all.get("config").and_then(Value::as_object);
        let get = |key: &str| inner.and_then(|inner| inner.get(key));
        let pairs = get("Labels").and_then(Value::as_object).into_iter().flatten();
        Ok(Self {
            env: strings(get("Env")),
            labels: pairs.map(|(name, value)| (name.clone(), text(value))).collect(),
            commands: commands(&get),
            steps: list(all.get("history")).map(step).collect(),
            diff_ids: strings(all.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids"))),
            author: all.get("author").map(text).filter(|author| !author.is_empty()),
            platform: platform(&all),
        })
    }

    /// By layer, which step made it; none where the steps are not told, or are not as many.
    pub fn step_of_layer(&self, layers: usize) -> Vec<Option<usize>> {
        let made: Vec<usize> =
            (0..self.steps.len()).filter(|at| !self.steps[*at].is_empty).collect();
        if made.len() == layers { made.into_iter().map(Some).collect() } else { vec![None; layers] }
    }
}

fn commands<'a>(get: &impl Fn(&str) -> Option<&'a Value>) -> Vec<String> {
    let mut commands = Vec::new();
    let mut add = |name: &str, value: Option<&Value>| {
        let words = strings(value);
        if !words.is_empty() {
            commands.push(format!("{name} {}", words.join(" ")));
        }
    };
    add("ENTRYPOINT", get("Entrypoint"));
    add("CMD", get("Cmd"));
    add("SHELL", get("Shell"));
    add("HEALTHCHECK", get("Healthcheck").and_then(|check| check.get("Test")));
    add("USER", get("User"));
    for trigger in strings(get("OnBuild")) {
        commands.push(format!("ONBUILD {trigger}"));
    }
    commands
}

fn platform(all: &Map<String, Value>) -> Option<Platform> {
    let get = |key: &str| all.get(key).map(text).filter(|value| !value.is_empty());
    Some(Platform { os: get("os")?, architecture: get("architecture")?, variant: get("variant") })
}

fn step(step: &Value) -> Step {
    let get = |key: &str| step.get(key).map(text).unwrap_or_default();
    let (mut created_by, comment) = (get("created_by"), get("comment"));
    // Builders name themselves in the comment.
    if !comment.is_empty() && !comment.starts_with("buildkit.") {
        created_by = format!("{created_by}\n# {comment}");
    }
    let is_empty = step.get("empty_layer").and_then(Value::as_bool).unwrap_or(false);
    Step { text: created_by, is_empty }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// The strings of a list, or the one that stands for a list.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) if !one.is_empty() => vec![one.clone()],
        other => list(other).map(text).collect(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_as_far_as_it_is_one() {
        let config = Config::read(
            br#"{"os":"linux","architecture":"arm64","variant":"v8","author":null,
                "config":{"Env":["A=1",2],"Labels":{"b":"x"},"Cmd":"run it","Entrypoint":["/bin/x","-v"]},
                "rootfs":{"diff_ids":["sha256:00"]},
                "history":[{"created_by":"ENV A=1","empty_layer":true},{"created_by":"COPY","comment":"mine"}]}"#,
        )
        .unwrap();
        assert_eq!(config.env, ["A=1", "2"]);
        assert_eq!(config.labels, [("b".to_owned(), "x".to_owned())]);
        assert_eq!(config.commands, ["ENTRYPOINT /bin/x -v", "CMD run it"]);
        assert_eq!(config.platform.as_ref().unwrap().to_string(), "linux/arm64/v8");
        assert_eq!(config.steps[1].text, "COPY\n# mine");
        assert_eq!(config.step_of_layer(1), [Some(1)]);
        assert_eq!(config.step_of_layer(2), [None, None]);
        for odd in [&b"{}"[..], br#"{"config":[1],"history":{},"rootfs":3}"#] {
            assert_eq!(Config::read(odd).unwrap().env, Vec::<String>::new());
        }
        assert!(Config::read(b"[]").is_err());
    }
}
