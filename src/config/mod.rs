//! Configuration files to the stages' options.
