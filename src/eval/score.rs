//! Findings and labels to counts.

use std::collections::BTreeMap;

use super::labels::{Label, Labelled, Text};
use crate::model::{Confidence, Finding};

/// What was found on one line: the surest finding of those on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// How sure it is.
    pub confidence: Confidence,
    /// The model's probability, 0 to 1; none for a rule that knows a format.
    pub probability: Option<f32>,
}

/// Counts of lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// True ones with a finding.
    pub right: u64,
    /// Others with a finding.
    pub wrong: u64,
    /// True ones without.
    pub missed: u64,
}

impl Score {
    /// The share of findings that are right; 1 without findings.
    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// The share of true lines that were found; 1 without true lines.
    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// Their harmonic mean.
    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// All scores of one selection of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scores {
    /// Of all lines.
    pub total: Score,
    /// By category; what is wrong on lines without a label is under the empty name.
    pub categories: BTreeMap<String, Score>,
}

/// What was found in a text by line, 1-based.
pub fn spots(findings: &[Finding]) -> BTreeMap<u64, Spot> {
    let mut spots: BTreeMap<u64, Spot> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.is_open()) {
        let Some(leak) = finding.leak() else { continue };
        let new = Spot { confidence: finding.confidence, probability: leak.evidence.probability };
        let sureness = |spot: &Spot| spot.probability.unwrap_or(1.0);
        let spot = spots.entry(leak.start.line).or_insert(new);
        if sureness(&new) > sureness(spot) {
            *spot = new;
        }
    }
    spots
}

/// Counts the findings that `counts` selects. Rows of which all categories are `neutral` are no secrets and no
/// false alarms either.
pub fn score(
    labelled: &Labelled,
    found: &[(&Text, BTreeMap<u64, Spot>)],
    neutral: &[String],
    counts: impl Fn(&Spot) -> bool,
) -> Scores {
    let mut scores = Scores::default();
    let is_neutral = |category: &str| {
        !category.is_empty() && category.split(':').all(|c| neutral.iter().any(|n| n == c))
    };
    for (text, spots) in found {
        let hit: Vec<u64> =
            spots.iter().filter(|(_, spot)| counts(spot)).map(|(l, _)| *l).collect();
        let mut explained = vec![false; hit.len()];
        let mut blamed: Vec<Option<&str>> = vec![None; hit.len()];
        let mut told = std::collections::BTreeSet::new();
        for row in text.rows.iter().map(|index| &labelled.rows[*index]) {
            let lines = row.line_start..=row.last_line();
            let on_it = || hit.iter().enumerate().filter(|(_, line)| lines.contains(line));
            if row.label == Label::True && is_neutral(&row.category) {
                on_it().for_each(|(at, _)| explained[at] = true);
            } else if row.label == Label::True {
                let is_found = on_it().next().is_some();
                on_it().for_each(|(at, _)| explained[at] = true);
                // Several true values on a line are one true line.
                if told.insert(row.line_start) {
                    for score in [
                        &mut scores.total,
                        scores.categories.entry(row.category.clone()).or_default(),
                    ] {
                        score.right += u64::from(is_found);
                        score.missed += u64::from(!is_found);
                    }
                }
            } else {
                on_it().for_each(|(at, _)| blamed[at] = Some(&row.category));
            }
        }
        for at in 0..hit.len() {
            if !explained[at] {
                scores.total.wrong += 1;
                let category = blamed[at].unwrap_or_default();
                scores.categories.entry(category.to_owned()).or_default().wrong += 1;
            }
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::read;

    #[test]
    fn lines_count_once_whatever_stands_on_them() {
        let labels = r#"
            {"path": "a", "line_start": 1, "label": "T", "category": "Password", "lines": ["x"]}
            {"path": "a", "line_start": 1, "label": "T", "category": "Token", "lines": ["x"]}
            {"path": "a", "line_start": 2, "line_end": 3, "label": "T", "category": "Key", "lines": ["x", "y"]}
            {"path": "a", "line_start": 5, "label": "F", "category": "Key", "lines": ["x"]}
            {"path": "a", "line_start": 6, "label": "T", "category": "UUID", "lines": ["x"]}
            {"path": "a", "line_start": 7, "label": "T", "category": "Token", "lines": ["x"]}"#;
        let labelled = read(labels, std::path::Path::new(".")).unwrap();
        let spot = Spot { confidence: Confidence::High, probability: None };
        let spots = [1, 3, 5, 6, 9].into_iter().map(|line| (line, spot)).collect();
        let found = [(&labelled.texts[0], spots)];
        let scores = score(&labelled, &found, &["UUID".to_owned()], |_| true);
        assert_eq!(scores.total, Score { right: 2, wrong: 2, missed: 1 });
        assert_eq!(scores.categories["Key"], Score { right: 1, wrong: 1, missed: 0 });
        assert_eq!(scores.categories[""], Score { right: 0, wrong: 1, missed: 0 });
        assert!((scores.total.precision() - 0.5).abs() < 1e-9);
    }
}
