//! What all kinds have in common.
