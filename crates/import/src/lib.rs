//! Other vendors flag files, turned into rulesets and notes.
