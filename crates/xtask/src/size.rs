//! How many bytes a page downloads before it can read a flag, and how many more before it can explain one.

use std::fs;
use std::io::Write;
use std::path::Path;

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::build::{self, Part};
use crate::failure::Failure;
use crate::npm;
use crate::shell::Shell;
use crate::stamp;

/// The most bytes that a part may have, compressed with brotli at its best, and where that is more than it should have, the
/// aim. Of other parts only the sum counts.
const BUDGET: [(&str, u64, u64); 4] = [
    ("values", 5_375, 4_000),
    ("together", 16_300, 14_000),
    ("explainer", 90_000, 90_000),
    // 6,000 with gzip.
    ("devtools", 5_250, 5_250),
];

/// One part of the download, or their sum, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    name: &'static str,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the sizes; fails when one is over its budget.
pub(crate) fn run(shell: &Shell, as_json: bool) -> Result<(), Failure> {
    let sizes = measure(shell)?;
    if as_json {
        for size in &sizes {
            println!("{}", line(size));
        }
    } else {
        print!("{}", table(&sizes));
    }
    check(&sizes)
}

/// A size as one line of JSON.
fn line(size: &Size) -> Value {
    json!({
        "name": size.name,
        "raw": size.raw,
        "gzip": size.gzip,
        "brotli": size.brotli,
        "budget": budget(size).map(|(most, _)| most),
    })
}

/// Fails when one of `sizes` is over its budget.
pub(crate) fn check(sizes: &[Size]) -> Result<(), Failure> {
    sizes.iter().try_for_each(within_budget)
}

/// Builds the npm package, bundles it as an application would, and measures the files that a page fetches.
pub(crate) fn measure(shell: &Shell) -> Result<Vec<Size>, Failure> {
    build::run(shell, &[Part::Browser])?;
    let dist = shell.root.join("bindings/browser/dist");
    let wasm = |name: &str| {
        let path = dist.join(name);
        fs::read(&path).map_err(Failure::file(&path))
    };
    let (values, local) = bundle(shell, "entry/browser")?;
    let values = compress("values", &values)?;
    let local = compress("local", &local)?;
    let engine = compress("engine", &wasm("engine.wasm")?)?;
    let together = sum("together", &[&values, &local, &engine]);
    let (explain, _) = bundle(shell, "entry/explain-browser")?;
    let explainer = sum(
        "explainer",
        &[
            &compress("explainer.wasm", &wasm("explainer.wasm")?)?,
            &compress("explain.js", &explain)?,
        ],
    );
    let (switch, overlay) = bundle(shell, "devtools")?;
    let devtools = sum(
        "devtools",
        &[
            &compress("devtools.js", &switch)?,
            &compress("overlay.js", &overlay)?,
        ],
    );
    Ok(vec![values, local, engine, together, explainer, devtools])
}

/// An entry of the npm package with all it imports, and what it imports later, as an application would bundle them.
fn bundle(shell: &Shell, entry: &str) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let folder = shell.made(&format!("bundle-{}", entry.replace('/', "-")));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    let mut command = npm::tool(shell, "esbuild");
    command
        .arg(format!("bindings/browser/dist/{entry}.js"))
        .arg(format!("--outdir={}", folder.display()))
        .args([
            "--bundle",
            "--splitting",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--log-level=error",
            // The tools fetch it when they need it: it counts as `explainer`.
            "--external:./entry/explain-browser.js",
        ]);
    shell.step(&format!("bundling {entry}.js"), &mut command)?;
    let name = entry.rsplit('/').next().unwrap_or(entry);
    let first = folder.join(format!("{name}.js"));
    let mut later = Vec::new();
    for file in stamp::files(&folder)? {
        if file != first {
            later.extend(fs::read(&file).map_err(Failure::file(&file))?);
        }
    }
    Ok((fs::read(&first).map_err(Failure::file(&first))?, later))
}

/// The sizes as a table in Markdown.
pub(crate) fn table(sizes: &[Size]) -> String {
    let row = |size: &Size| {
        let what = match size.name {
            "values" => "client, which the edge answers",
            "local" => "what evaluates in the page, fetched later",
            "engine" => "its engine, `engine.wasm`",
            "explainer" => "explainer, fetched by pages that explain",
            "devtools" => "devtools, fetched where somebody asked for them",
            _ => "**together**",
        };
        let budget = match budget(size) {
            Some((most, aim)) if aim < most => {
                format!("{}, aim {}", thousands(most), thousands(aim))
            }
            Some((most, _)) => thousands(most),
            None => String::new(),
        };
        format!(
            "| {what} | {} | {} | {} | {budget} |\n",
            thousands(size.raw),
            thousands(size.gzip),
            thousands(size.brotli)
        )
    };
    let rows: String = sizes.iter().map(row).collect();
    format!(
        "| bytes, minified | raw | gzip | brotli | budget, brotli |\n| --- | --: | --: | --: | --: |\n{rows}"
    )
}

fn compress(name: &'static str, bytes: &[u8]) -> Result<Size, Failure> {
    let failed = Failure::file(Path::new(name));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let gzip = gzip
        .write_all(bytes)
        .and_then(|()| gzip.finish())
        .map_err(&failed)?;
    let mut brotli = Vec::new();
    CompressorWriter::new(&mut brotli, 4096, 11, 22)
        .write_all(bytes)
        .map_err(&failed)?;
    Ok(Size {
        name,
        raw: count(bytes),
        gzip: count(&gzip),
        brotli: count(&brotli),
    })
}

/// What is fetched as separate files: their sizes add up.
fn sum(name: &'static str, parts: &[&Size]) -> Size {
    parts.iter().fold(
        Size {
            name,
            ..Size::default()
        },
        |sum, part| Size {
            name: sum.name,
            raw: sum.raw.saturating_add(part.raw),
            gzip: sum.gzip.saturating_add(part.gzip),
            brotli: sum.brotli.saturating_add(part.brotli),
        },
    )
}

/// The most that it may have, and the aim.
fn budget(size: &Size) -> Option<(u64, u64)> {
    BUDGET
        .iter()
        .find(|(name, ..)| *name == size.name)
        .map(|(_, most, aim)| (*most, *aim))
}

fn within_budget(size: &Size) -> Result<(), Failure> {
    match budget(size) {
        Some((most, _)) if size.brotli > most => Err(Failure::Wrong(format!(
            "`{}` is {} bytes with brotli: its budget is {}",
            size.name,
            thousands(size.brotli),
            thousands(most)
        ))),
        Some(_) | None => Ok(()),
    }
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// `12345` as `12,345`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if left > 0 && left.is_multiple_of(3) {
            text.push(',');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(name: &'static str, brotli: u64) -> Size {
        Size {
            name,
            raw: 12_345,
            gzip: 1_000,
            brotli,
        }
    }

    #[test]
    fn every_measured_part_is_in_the_table() {
        let want = "| bytes, minified | raw | gzip | brotli | budget, brotli |\n\
                    | --- | --: | --: | --: | --: |\n\
                    | its engine, `engine.wasm` | 12,345 | 1,000 | 999 |  |\n\
                    | explainer, fetched by pages that explain | 12,345 | 1,000 | 13,000 | 90,000 |\n";
        assert_eq!(
            table(&[size("engine", 999), size("explainer", 13_000)]),
            want
        );
    }

    #[test]
    fn an_aim_that_is_missed_is_seen() {
        for (name, most, aim) in BUDGET {
            let text = table(&[size(name, 1)]);
            assert_eq!(
                text.contains(&format!(", aim {}", thousands(aim))),
                aim < most
            );
            assert!(text.contains(&thousands(most)), "{text}");
        }
    }

    #[test]
    fn a_part_over_its_budget_fails_and_one_at_it_does_not() {
        assert!(within_budget(&size("explainer", 90_000)).is_ok());
        let failure = within_budget(&size("explainer", 90_001)).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "`explainer` is 90,001 bytes with brotli: its budget is 90,000"
        );
        assert!(within_budget(&size("engine", u64::MAX)).is_ok());
    }

    #[test]
    fn a_line_of_json_names_the_part_and_its_budget() {
        let want = json!({ "name": "explainer", "raw": 12_345, "gzip": 1_000, "brotli": 5, "budget": 90_000 });
        assert_eq!(line(&size("explainer", 5)), want);
        assert_eq!(line(&size("engine", 5))["budget"], Value::Null);
    }

    #[test]
    fn parts_add_up() {
        let want = Size {
            name: "together",
            raw: 24_690,
            gzip: 2_000,
            brotli: 3,
        };
        let parts = [&size("engine", 1), &size("values", 2)];
        assert_eq!(sum("together", &parts), want);
    }

    #[test]
    fn compressed_is_smaller_and_never_nothing() {
        let size = compress("engine", &[b'a'; 10_000]).unwrap();
        assert_eq!(size.raw, 10_000);
        assert!(
            (1..100).contains(&size.gzip) && (1..100).contains(&size.brotli),
            "{size:?}"
        );
    }
}
