//! The written language: decode, encode, validate and compile rulesets.
