//! What a ruleset, a program and a context may at most hold, each with the reason it is bounded.

/// Flags in one ruleset: one evaluation of all of them stays within a frame.
pub const FLAGS: usize = 10_000;
/// Rules of one flag: they are tried in order.
pub const RULES: usize = 1_000;
/// Variants of one flag: an answer packs the number of its variant into 16 bits.
pub const VARIANTS: usize = 1_000;
/// How deep conditions may nest, and how long a chain of segments and prerequisites may be: bounds the stack.
pub const DEPTH: usize = 32;
/// Members of one segment, and operands of one list.
pub const MEMBERS: usize = 1_000_000;
/// Attributes that one ruleset may read: each takes a slot in every context.
pub const ATTRIBUTES: usize = 10_000;
/// Bytes of one evaluation context, as JSON.
pub const CONTEXT_BYTES: usize = 64 * 1024;
/// Members that the objects of one evaluation context may have together.
pub const CONTEXT_MEMBERS: usize = 1_000;
/// How deep objects and arrays of one evaluation context may nest.
pub const CONTEXT_DEPTH: usize = 32;
/// Bytes of one ruleset, as JSON.
pub const RULESET_BYTES: usize = 25 * 1024 * 1024;
/// Tests that the evaluation of one flag may run, everything it reaches counted: bounds the time of an answer.
pub const STEPS: u32 = 1_000_000;
/// Places of a table that are taken without a gap: a look-up may pass all of them. Tables are at most half full, so a
/// million strings leave none that are fifty.
pub const RUN: u32 = 4_096;
/// Characters of the key of a flag, variant, segment or release.
pub const KEY_CHARACTERS: usize = 128;
/// Bytes of one automaton.
pub const AUTOMATON_BYTES: usize = 64 * 1024;
/// Bytes of all automata of one ruleset: a short pattern can take the most that one may.
pub const AUTOMATA_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of what is made on the way to all automata of one ruleset, and characters looked up for them: a small automaton
/// can take a tenth of a second to make. Bounds the time of publishing to a few seconds.
pub const AUTOMATA_WORK: usize = 64 * 1024 * 1024;
/// Stages of one release.
pub const STAGES: usize = 100;
/// The largest instant, in ms since 1970 and before it: what a JavaScript `Date` can hold.
pub const INSTANT: i64 = 8_640_000_000_000_000;
