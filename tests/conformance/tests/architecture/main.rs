//! What may lead where, and what must never be: the rules of `crates/README.md` as tables, checked against
//! `cargo metadata` and the imports of every source file.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod sources;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use sources::{has_ending, imports, is_test, resolve, root, sources};
use tables::{ARROWS, IMPORTS, Imports, LONGEST, Others, WALL};

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(vec!["--locked".into()])
        .exec()
        .expect("cargo metadata")
}

#[test]
fn every_crate_depends_only_on_what_its_arrows_allow() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(arrow) = ARROWS
            .iter()
            .find(|arrow| arrow.from == package.name.as_str())
        else {
            wrong.push(format!("{} is in no arrow: give it one", package.name));
            continue;
        };
        for dependency in direct(package) {
            let is_allowed = match (dependency.starts_with("vexil-"), &arrow.others) {
                (true, _) => arrow.ours.contains(&dependency),
                (false, Others::Only(others)) => others.contains(&dependency),
                (false, Others::Any) => true,
            };
            if !is_allowed {
                wrong.push(format!("{} must not depend on {dependency}", arrow.from));
            }
        }
        let reached = reached(&metadata, package);
        for never in arrow.never.iter().filter(|never| reached.contains(**never)) {
            wrong.push(format!("{} leads to {never}", arrow.from));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything but what only tests use.
fn direct(package: &Package) -> impl Iterator<Item = &str> {
    let ships = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    package
        .dependencies
        .iter()
        .filter(move |dependency| ships(dependency.kind))
        .map(|dependency| dependency.name.as_str())
}

fn reached(metadata: &Metadata, package: &Package) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.to_string()))
        .collect();
    let mut reached = BTreeSet::new();
    let mut open = vec![&package.id];
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let ships = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal);
            if ships && reached.insert(names[&dependency.pkg].clone()) {
                open.push(&dependency.pkg);
            }
        }
    }
    reached
}

#[test]
fn nothing_depends_on_the_tests() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        assert!(
            package
                .dependencies
                .iter()
                .all(|it| !["vexil-conformance", "vexil-vendors"].contains(&it.name.as_str())),
            "{}",
            package.name
        );
    }
    for (file, text) in sources()
        .iter()
        .filter(|(file, _)| !file.starts_with("tests/"))
    {
        let uses = imports(text)
            .into_iter()
            .find(|import| resolve(file, import).is_some_and(|to| to.starts_with("tests/")));
        assert_eq!(uses, None, "{file} imports a test");
        assert!(
            !text.contains("include_str!(\"../../../tests") && !text.contains("#[path = \"../"),
            "{file} includes a test"
        );
    }
}

#[test]
fn every_module_imports_only_what_its_folder_may() {
    let mut wrong = Vec::new();
    for (file, text) in sources()
        .iter()
        .filter(|(file, _)| has_ending(file, &["ts", "js", "mjs"]) && !is_test(file))
    {
        let Some(rule) = IMPORTS
            .iter()
            .find(|rule| Path::new(file).starts_with(rule.folder))
        else {
            continue;
        };
        for import in imports(text) {
            let is_allowed = match resolve(file, &import) {
                Some(to) => {
                    rule.within && Path::new(&to).starts_with(rule.folder) || is_built(&to, rule)
                }
                None => rule.packages.iter().any(|package| {
                    import == *package
                        || package.ends_with(['/', ':']) && import.starts_with(package)
                }),
            };
            if !is_allowed {
                wrong.push(format!("{file} must not import {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Built modules are named where they are built: the engine's glue beside the package's modules, the playground's for the page.
fn is_built(to: &str, rule: &Imports) -> bool {
    match rule.folder {
        "www/src" => to.starts_with("bindings/playground/dist/"),
        "bindings/browser/ts" => {
            to.starts_with("bindings/browser/dist/") || to == "bindings/browser/engine.js"
        }
        _ => false,
    }
}

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_core_knows_no_std() {
    let sources = sources();
    let core: Vec<_> = sources
        .iter()
        .filter(|(file, _)| file.starts_with("crates/core/src/"))
        .collect();
    let lib = core
        .iter()
        .find(|(file, _)| file.ends_with("src/lib.rs"))
        .expect("crates/core/src/lib.rs");
    assert!(lib.1.lines().any(|line| line == "#![no_std]"));
    for (file, text) in core {
        let uses = text.lines().find(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains("std::") || line.contains("extern crate std"))
        });
        assert_eq!(uses, None, "{file} uses std");
    }
}

#[test]
fn every_crate_stands_behind_the_lint_wall() {
    let root_manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest");
    for lint in WALL {
        assert!(
            root_manifest.lines().any(|line| line == *lint),
            "the workspace lacks {lint}"
        );
    }
    for package in metadata().workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).expect("a manifest");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} does not inherit the lints",
            package.name
        );
    }
    for (file, text) in sources()
        .iter()
        .filter(|(file, _)| has_ending(file, &["rs"]) && !is_test(file))
    {
        let hole = text
            .lines()
            .find(|line| line.contains("allow(clippy::") || line.contains("allow(unsafe_code"));
        assert_eq!(
            hole, None,
            "{file} lowers the wall: use expect with a reason"
        );
    }
}
