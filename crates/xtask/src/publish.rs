//! What would be published to npm. Publishing is done by `.github/workflows/publish.yml`, the one place whose
//! provenance npm can attest.

use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::packaging;
use crate::shell::Shell;

const FOLDER: &str = "bindings/browser";

#[derive(Args)]
pub(crate) struct Options {
    /// Publishes nothing: prints what would be.
    #[arg(long, required = true)]
    dry_run: bool,
}

/// Builds and packs the npm package, judges it by the rows that need neither a browser nor an edge, and prints what is in it.
pub(crate) fn run(shell: &Shell) -> Result<(), Failure> {
    let rows = packaging::quick(shell)?;
    print!("{}", packaging::table(&rows));
    packaging::passed(&rows).map_err(|_| Failure::Reported)?;
    let mut command = shell.command("npm");
    command
        .args(["pack", "--dry-run", "--json"])
        .current_dir(shell.root.join(FOLDER));
    let printed = shell.step("packing", &mut command)?;
    let packed: Value = serde_json::from_slice(&printed.stdout).unwrap_or_default();
    let summary = packed.get(0).and_then(summary);
    print!(
        "\n{}",
        summary.ok_or_else(|| Failure::Wrong("`npm pack --json` names no package".to_owned()))?
    );
    Ok(())
}

/// The package and its files, as `npm pack --json` describes them.
fn summary(packed: &Value) -> Option<String> {
    let text = |key: &str| packed.get(key).and_then(Value::as_str);
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_u64);
    let head = format!(
        "{}\n  {} bytes packed, {} unpacked\n  {}\n",
        text("id")?,
        number(packed, "size")?,
        number(packed, "unpackedSize")?,
        text("integrity")?,
    );
    let file = |file: &Value| {
        let path = file.get("path")?.as_str()?;
        Some(format!("  {:>9}  {path}\n", number(file, "size")?))
    };
    let files: Option<String> = packed.get("files")?.as_array()?.iter().map(file).collect();
    Some(head + &files?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_is_summed_up_with_all_its_files() {
        let packed = json!({
            "id": "vexil@1.2.3", "size": 10, "unpackedSize": 30, "integrity": "sha512-x",
            "files": [{ "path": "LICENSE", "size": 20, "mode": 420 }],
        });
        assert_eq!(
            summary(&packed).as_deref(),
            Some("vexil@1.2.3\n  10 bytes packed, 30 unpacked\n  sha512-x\n         20  LICENSE\n")
        );
        assert_eq!(summary(&json!({ "id": "vexil@1.2.3" })), None);
    }
}
