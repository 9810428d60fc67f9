//! Compiles rulesets in the page: used by www alone.
