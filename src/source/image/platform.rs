//! For which machines an image is.

use std::fmt;
use std::str::FromStr;

/// A platform, as `linux/amd64` or `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system, in the words of Go (`GOOS`).
    pub os: String,
    /// The architecture, in the words of Go (`GOARCH`).
    pub architecture: String,
    /// The variant of the architecture, if it has one.
    pub variant: Option<String>,
}

impl Platform {
    /// Whether an image for this platform is meant by `wanted`, which may leave the variant open.
    pub fn is(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || wanted.variant == self.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None)
                if !os.is_empty() && !architecture.is_empty() =>
            {
                Ok(Self { os, architecture, variant })
            }
            _ => Err(format!("`{text}` is not OS/ARCHITECTURE[/VARIANT], as `linux/arm64`")),
        }
    }
}
