use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Audit, Check, Control, Severity, Standing, Verdict};
use crate::policy::{Bundle, frameworks};

#[test]
fn every_requirement_that_a_control_names_is_in_a_framework() {
    let frameworks = frameworks().unwrap();
    let names: BTreeSet<&str> = frameworks.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), frameworks.len());
    let bundle = Bundle::builtin().unwrap();
    let mut strangers = Vec::new();
    for control in bundle.controls() {
        for (key, requirements) in &control.frameworks {
            for id in requirements {
                // A benchmark that asks for one thing here makes no report.
                if id.starts_with("docker/") {
                    continue;
                }
                let is_in = |one: &&crate::policy::Framework| one.key == *key && one.asks_for(id);
                if !frameworks.iter().any(|one| is_in(&one)) {
                    strangers.push(format!("{}: {key} {id}", control.id));
                }
            }
        }
    }
    assert_eq!(strangers, Vec::<String>::new());
}

#[test]
fn a_requirement_stands_as_its_worst_control_does() {
    let soc2 = frameworks().unwrap().into_iter().find(|one| one.name == "soc2").unwrap();
    let bundle = Bundle::builtin().unwrap();
    let is_for = |control: &&Arc<Control>| {
        control.frameworks.get("soc2").is_some_and(|all| all.iter().any(|id| id == "CC6.1"))
    };
    let controls: Vec<Arc<Control>> =
        bundle.controls().iter().filter(is_for).take(2).cloned().collect();
    let standing = |verdicts: &[(usize, Verdict)]| {
        let check = |(at, verdict): &(usize, Verdict)| Check {
            control: controls[*at].clone(),
            source: "s".into(),
            resource: "r".into(),
            at: None,
            severity: Severity::Low,
            message: String::new(),
            verdict: verdict.clone(),
        };
        let audit = Audit { checks: verdicts.iter().map(check).collect(), ..Audit::default() };
        let compliance = soc2.judge(&audit, controls.iter().map(AsRef::as_ref));
        let found = compliance.requirements.iter().find(|one| one.id == "CC6.1").unwrap();
        (found.standing, compliance.score())
    };
    let accepted = || Verdict::Accepted("for now".into());
    assert_eq!(standing(&[]), (Standing::NotApplicable, None));
    assert_eq!(standing(&[(0, Verdict::Passed)]).0, Standing::Met);
    assert_eq!(standing(&[(0, accepted())]).0, Standing::Met);
    assert_eq!(standing(&[(0, Verdict::Passed), (1, Verdict::Unknown)]).0, Standing::Unknown);
    assert_eq!(standing(&[(0, Verdict::Failed), (1, Verdict::Unknown)]).0, Standing::NotMet);
}
