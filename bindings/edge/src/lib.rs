//! The Cloudflare Worker: I/O and arrangement over core, ruleset, release and ofrep.
