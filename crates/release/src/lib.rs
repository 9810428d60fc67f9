//! Staged releases as pure decisions.
