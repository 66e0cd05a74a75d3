//! Puts the stages together.
