//! Values that options take, so that help and completions list them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::detect::Profile;
use crate::model::{Confidence, Severity};
use crate::report;

pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name))
        .try_map(|name| name.parse::<Severity>())
}

pub(super) fn confidence() -> impl TypedValueParser<Value = Confidence> {
    PossibleValuesParser::new(Confidence::ALL.map(Confidence::name))
        .try_map(|name| name.parse::<Confidence>())
}

pub(super) fn profile() -> impl TypedValueParser<Value = Profile> {
    let names = [("pre-commit", "precise"), ("ci", "balanced"), ("audit", "thorough")];
    let values = names.map(|(name, alias)| PossibleValue::new(name).alias(alias));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<Profile>())
}

/// Of reports of scans.
pub(super) fn format() -> PossibleValuesParser {
    PossibleValuesParser::new(report::FORMATS.iter().map(|format| format.name))
}

/// Of reports of audits.
pub(super) fn audit_format() -> PossibleValuesParser {
    PossibleValuesParser::new(report::audit::FORMATS.iter().map(|format| format.name))
}

/// A number of bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is a number of bytes without a unit, such as 1000000".to_owned())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn parse<P: TypedValueParser>(parser: &P, text: &str) -> Option<P::Value> {
        parser.parse_ref(&clap::Command::new("x"), None, OsStr::new(text)).ok()
    }

    #[test]
    fn what_is_listed_is_what_is_taken() {
        for severity in Severity::ALL {
            assert_eq!(parse(&super::severity(), severity.name()), Some(severity));
        }
        for confidence in Confidence::ALL {
            assert_eq!(parse(&super::confidence(), confidence.name()), Some(confidence));
        }
        for name in ["pre-commit", "ci", "audit", "precise", "balanced", "thorough"] {
            assert_eq!(parse(&profile(), name), name.parse().ok(), "{name}");
        }
        assert!(parse(&severity(), "never").is_none() && parse(&profile(), "all").is_none());
    }

    #[test]
    fn a_size_with_a_unit_is_told_what_it_has_to_be() {
        assert_eq!(bytes("1000000"), Ok(1_000_000));
        assert!(bytes("1MB").is_err_and(|why| why.contains("without a unit")));
    }
}
