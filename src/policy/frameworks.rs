//! Frameworks that ask for what controls check, and how an audit stands against them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{PolicyError, Problem};
use crate::model::{Audit, Compliance, Control, Requirement, Standing, Tally, Verdict};

/// The files of `policies/frameworks`, in the order in which they are listed.
static FILES: &[(&str, &str)] = &[
    ("ccm", include_str!("../../policies/frameworks/ccm.toml")),
    ("cis-aks", include_str!("../../policies/frameworks/cis-aks.toml")),
    ("cis-aws", include_str!("../../policies/frameworks/cis-aws.toml")),
    ("cis-azure", include_str!("../../policies/frameworks/cis-azure.toml")),
    ("cis-eks", include_str!("../../policies/frameworks/cis-eks.toml")),
    ("cis-gcp", include_str!("../../policies/frameworks/cis-gcp.toml")),
    ("cis-gke", include_str!("../../policies/frameworks/cis-gke.toml")),
    ("cis-kubernetes", include_str!("../../policies/frameworks/cis-kubernetes.toml")),
    ("iso-27001", include_str!("../../policies/frameworks/iso-27001.toml")),
    ("nist-800-53", include_str!("../../policies/frameworks/nist-800-53.toml")),
    ("owasp-secrets", include_str!("../../policies/frameworks/owasp-secrets.toml")),
    ("pci-dss-4", include_str!("../../policies/frameworks/pci-dss-4.toml")),
    ("soc2", include_str!("../../policies/frameworks/soc2.toml")),
];

/// A framework: what it asks for, as far as controls can tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Name on the command line: `pci-dss-4`.
    pub name: String,
    /// Its key in the metadata of controls: `pci_dss_4`.
    pub key: String,
    /// What its requirements begin with there: `aws/`; may be empty.
    #[serde(default)]
    prefix: String,
    /// Name and version.
    pub title: String,
    /// Where its text is.
    pub source: String,
    /// What it asks for, in its order.
    #[serde(rename = "requirement")]
    requirements: Vec<Asked>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    id: String,
    title: String,
}

/// All frameworks.
///
/// # Errors
/// None in practice: tests read them.
pub fn all() -> Result<Vec<Framework>, PolicyError> {
    let read = |(name, text): &(&str, &str)| {
        toml::from_str(text).map_err(|error| {
            let file = format!("frameworks/{name}.toml");
            PolicyError::Invalid(vec![Problem { file, line: 1, why: error.to_string() }])
        })
    };
    FILES.iter().map(read).collect()
}

impl Framework {
    /// The requirements of it that the control is for.
    fn names<'a>(&'a self, control: &'a Control) -> impl Iterator<Item = &'a str> {
        let named = control.frameworks.get(&self.key).into_iter().flatten();
        named.filter_map(|id| id.strip_prefix(self.prefix.as_str()))
    }

    /// Whether the control is for a requirement of it.
    pub fn has(&self, control: &Control) -> bool {
        self.names(control).next().is_some()
    }

    /// Whether it asks for a requirement, as controls name it.
    pub fn asks_for(&self, named: &str) -> bool {
        let id = named.strip_prefix(self.prefix.as_str());
        id.is_some_and(|id| self.requirements.iter().any(|asked| asked.id == id))
    }

    /// How an audit stands against it. `controls` are those that were asked.
    pub fn judge<'a>(
        &self,
        audit: &Audit,
        controls: impl IntoIterator<Item = &'a Control>,
    ) -> Compliance {
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        for check in &audit.checks {
            let tally = tallies.entry(&check.control.id).or_default();
            match check.verdict {
                Verdict::Failed => tally.failed += 1,
                Verdict::Accepted(_) => tally.accepted += 1,
                Verdict::Unknown => tally.unknown += 1,
                Verdict::Passed => tally.passed += 1,
            }
        }
        let mut by_requirement: BTreeMap<&str, Vec<Tally>> = BTreeMap::new();
        for control in controls {
            let mut tally = tallies.get(control.id.as_str()).cloned().unwrap_or_default();
            tally.control.clone_from(&control.id);
            for id in self.names(control) {
                if let Some(asked) = self.requirements.iter().find(|asked| asked.id == id) {
                    by_requirement.entry(&asked.id).or_default().push(tally.clone());
                }
            }
        }
        let requirements = self.requirements.iter().filter_map(|asked| {
            let mut controls = by_requirement.remove(asked.id.as_str())?;
            controls.sort();
            Some(Requirement {
                id: asked.id.clone(),
                title: asked.title.clone(),
                standing: standing(&controls),
                controls,
            })
        });
        Compliance {
            framework: self.name.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            requirements: requirements.collect(),
        }
    }
}

/// One control that fails is enough; one that does not know is enough for the others not to count as met.
fn standing(controls: &[Tally]) -> Standing {
    let any = |count: fn(&Tally) -> usize| controls.iter().any(|tally| count(tally) > 0);
    if any(|tally| tally.failed) {
        Standing::NotMet
    } else if any(|tally| tally.unknown) {
        Standing::Unknown
    } else if any(|tally| tally.passed + tally.accepted) {
        Standing::Met
    } else {
        Standing::NotApplicable
    }
}
