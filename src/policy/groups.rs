//! Controls that are asked at once.
//!
//! The interpreter forgets after each question what the rules that it asked for came to. Controls on the same facts share most of
//! those: which objects are workloads, say. So what is asked for is a rule that names the controls of a group, or the groups of a
//! family.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bundle::OWN;
use super::metadata::query;
use crate::model::Control;

/// Package of the rules that name the controls of groups. It is keystrel's, so no policy of a user is in it.
const PACKAGE: &str = "keystrel.groups";

/// A package where parameters are. What is read below `data` and is no rule makes the interpreter go through all packages, each time,
/// unless it has been through the package itself. So there is one, and rules of groups name it first.
const PARAMS: &str = "package params\n";

/// Controls with the same subjects and needs: of an inventory, all of them have something to check, or none.
pub(super) struct Group {
    /// Their places among all controls, ascending. Not empty.
    pub(super) controls: Vec<usize>,
    /// The rule that gives what each of them says, in their order, as an array.
    pub(super) query: String,
}

/// Groups of controls that are built in and need some kinds of facts together, whatever each of them needs: policies that are built in
/// take facts by their kind, so that more of them change nothing.
pub(super) struct Family {
    /// Their places among all groups, ascending. Two or more.
    pub(super) groups: Vec<usize>,
    /// The kinds of facts that they need, sorted.
    pub(super) needs: Vec<String>,
    /// The rule that gives what each of them says, in their order, as an array.
    pub(super) query: String,
}

/// The groups of some controls.
pub(super) fn groups(controls: &[Arc<Control>]) -> Vec<Group> {
    let mut by_subjects: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, control) in controls.iter().enumerate() {
        let Control { needs, subject, conditions, .. } = &**control;
        // Values of JSON have no order.
        let conditions = conditions.iter().map(|(field, values)| (field, format!("{values:?}")));
        let conditions: Vec<_> = conditions.collect();
        let is_own = is_own(control);
        by_subjects.entry((needs, subject, conditions, is_own)).or_default().push(index);
    }
    let query = |at: usize| format!("data.{PACKAGE}.group_{at}");
    let groups = by_subjects.into_values().enumerate();
    groups.map(|(at, controls)| Group { controls, query: query(at) }).collect()
}

/// The families of groups.
pub(super) fn families(groups: &[Group], controls: &[Arc<Control>]) -> Vec<Family> {
    let mut families: Vec<(BTreeSet<&str>, Vec<usize>)> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let Some(control) = group.controls.first().and_then(|first| controls.get(*first)) else {
            continue;
        };
        if !is_own(control) {
            continue;
        }
        let own: BTreeSet<&str> = control.needs.iter().map(String::as_str).collect();
        let (mut needs, mut members) = (own.clone(), vec![at]);
        // What needs kinds of several families makes one of them.
        for (others, groups) in families.extract_if(.., |(others, _)| !others.is_disjoint(&own)) {
            needs.extend(others);
            members.extend(groups);
        }
        families.push((needs, members));
    }
    families.retain(|(_, groups)| groups.len() > 1);
    let family = |(at, (needs, mut groups)): (usize, (BTreeSet<&str>, Vec<usize>))| {
        groups.sort_unstable();
        let needs = needs.into_iter().map(str::to_owned).collect();
        Family { groups, needs, query: format!("data.{PACKAGE}.family_{at}") }
    };
    families.into_iter().enumerate().map(family).collect()
}

/// Whether a control is built in.
fn is_own(control: &Control) -> bool {
    control.package.starts_with(OWN)
}

/// The policies with the rules of groups and families, each with what stands for its file.
pub(super) fn policies(
    groups: &[Group],
    families: &[Family],
    controls: &[Arc<Control>],
) -> [(String, String); 2] {
    let mut text = format!("package {PACKAGE}\n");
    let mut rule = |name: String, members: &mut dyn Iterator<Item = String>| {
        text.push_str(&format!("\n{name} := [\n"));
        for member in members {
            text.push_str(&format!("\t{member},\n"));
        }
        text.push_str("] if data.params\n");
    };
    for (at, group) in groups.iter().enumerate() {
        let members = &mut group.controls.iter().map(|control| query(&controls[*control]));
        rule(format!("group_{at}"), members);
    }
    for (at, family) in families.iter().enumerate() {
        let members = &mut family.groups.iter().map(|group| groups[*group].query.clone());
        rule(format!("family_{at}"), members);
    }
    let files = ["groups", "params"].map(|name| format!("<keystrel>/{name}.rego"));
    let [of_groups, of_params] = files;
    [(of_groups, text), (of_params, PARAMS.to_owned())]
}
