//! One run to text, JSON, SARIF and more.
