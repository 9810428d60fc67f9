//! The rules, as tables.

/// What a crate may depend on directly, beside which everything is refused.
pub(crate) struct Arrow {
    pub(crate) from: &'static str,
    /// Crates of this workspace.
    pub(crate) ours: &'static [&'static str],
    /// Crates of others.
    pub(crate) others: Others,
    /// What it must not even lead to through others, and why.
    pub(crate) never: &'static [&'static str],
}

pub(crate) enum Others {
    Any,
    Only(&'static [&'static str]),
}

use Others::{Any, Only};

pub(crate) const ARROWS: &[Arrow] = &[
    // The same everywhere, and small: no host, no std, no parser.
    Arrow {
        from: "vexil-core",
        ours: &[],
        others: Only(&["md-5", "sha1", "xxhash-rust"]),
        never: &[
            "wasm-bindgen",
            "js-sys",
            "worker",
            "regex",
            "serde",
            "serde_json",
        ],
    },
    // Nothing that does I/O.
    Arrow {
        from: "vexil-ruleset",
        ours: &["vexil-core"],
        others: Only(&[
            "serde_json",
            "regex-automata",
            "regex-syntax",
            "ryu-js",
            "serde",
            "strsim",
        ]),
        never: &["tokio", "ureq", "worker", "wasm-bindgen"],
    },
    // Deciding a release must not depend on serving one.
    Arrow {
        from: "vexil-release",
        ours: &["vexil-ruleset"],
        others: Only(&["libm", "serde", "serde_json"]),
        never: &["tokio", "worker"],
    },
    // An importer must not encode our semantics.
    Arrow {
        from: "vexil-import",
        ours: &["vexil-ruleset"],
        others: Only(&["serde", "serde_json"]),
        never: &["tokio", "worker"],
    },
    // Anybody can verify a chain, wherever it comes from.
    Arrow {
        from: "vexil-audit",
        ours: &[],
        others: Only(&["serde_json", "sha2"]),
        never: &["worker", "wasm-bindgen", "tokio"],
    },
    // It runs in a unit test.
    Arrow {
        from: "vexil-ofrep",
        ours: &["vexil-core"],
        others: Only(&["serde_json"]),
        never: &["worker", "wasm-bindgen", "hyper"],
    },
    Arrow {
        from: "vexil-cli",
        ours: &[
            "vexil-core",
            "vexil-ruleset",
            "vexil-release",
            "vexil-import",
            "vexil-ofrep",
            "vexil-audit",
        ],
        others: Any,
        never: &["wasm-bindgen", "worker"],
    },
    // The browser only evaluates.
    Arrow {
        from: "vexil-browser",
        ours: &["vexil-core"],
        others: Only(&["wasm-bindgen", "lol_alloc", "spin"]),
        never: &["vexil-ruleset", "vexil-release", "vexil-import"],
    },
    Arrow {
        from: "vexil-explainer",
        ours: &["vexil-core", "vexil-ruleset"],
        others: Only(&["serde_json", "wasm-bindgen"]),
        never: &["vexil-release", "vexil-import", "vexil-edge"],
    },
    Arrow {
        from: "vexil-playground",
        ours: &["vexil-core", "vexil-ruleset", "vexil-import", "vexil-ofrep"],
        others: Only(&[
            "serde",
            "serde-wasm-bindgen",
            "serde_json",
            "wasm-bindgen",
            "js-sys",
        ]),
        never: &["vexil-release", "vexil-edge"],
    },
    Arrow {
        from: "vexil-edge",
        ours: &[
            "vexil-core",
            "vexil-ruleset",
            "vexil-release",
            "vexil-ofrep",
            "vexil-audit",
        ],
        others: Only(&[
            "worker",
            "lru",
            "serde",
            "serde_json",
            "wasm-bindgen",
            "js-sys",
            "web-sys",
        ]),
        never: &["vexil-import", "vexil-cli", "vexil-browser"],
    },
    // The door for building knows tools, not flags.
    Arrow {
        from: "xtask",
        ours: &[],
        others: Any,
        never: &["vexil-edge", "vexil-browser"],
    },
    Arrow {
        from: "vexil-conformance",
        ours: &[
            "vexil-core",
            "vexil-ruleset",
            "vexil-ofrep",
            "vexil-release",
        ],
        others: Any,
        never: &["vexil-edge", "vexil-browser"],
    },
    Arrow {
        from: "vexil-vendors",
        ours: &["vexil-core", "vexil-ruleset", "vexil-import", "vexil-ofrep"],
        others: Any,
        never: &["vexil-edge", "vexil-browser"],
    },
];

/// What the modules of a folder may import, beside which everything is refused.
pub(crate) struct Imports {
    pub(crate) folder: &'static str,
    /// Whether modules beside them may be imported, as `./…` within the folder.
    pub(crate) within: bool,
    /// Packages by name, a trailing `/` meaning anything below it.
    pub(crate) packages: &'static [&'static str],
}

pub(crate) const IMPORTS: &[Imports] = &[
    // Types are the ground that everything else stands on.
    Imports {
        folder: "bindings/browser/ts/types.ts",
        within: false,
        packages: &[],
    },
    // Its own name stands for the entry that suits whoever imports it.
    Imports {
        folder: "bindings/browser/ts",
        within: true,
        packages: &[
            "@openfeature/web-sdk",
            "@openfeature/server-sdk",
            "@openfeature/core",
            "node:",
            "vexil",
        ],
    },
    // The page sees what any user of the package sees, and the playground module as it was built.
    Imports {
        folder: "www/src",
        within: true,
        packages: &["vexil", "vexil/"],
    },
];

/// The line at which a file of source is too long to be read in one sitting.
pub(crate) const LONGEST: usize = 500;
pub(crate) const SOURCE: &[&str] = &["rs", "ts", "js", "mjs", "css", "html", "py", "sh"];
/// What is not written by hand.
pub(crate) const GENERATED: &[&str] = &["target", "node_modules", "dist", ".git", ".vexil"];
/// What the lint wall is made of, as it stands in the workspace.
pub(crate) const WALL: &[&str] = &[
    "unsafe_code = \"forbid\"",
    "arithmetic_side_effects = \"deny\"",
    "expect_used = \"deny\"",
    "indexing_slicing = \"deny\"",
    "panic = \"deny\"",
    "string_slice = \"deny\"",
    "unreachable = \"deny\"",
    "unwrap_used = \"deny\"",
];
