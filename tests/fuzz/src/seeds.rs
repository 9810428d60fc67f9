//! Writes the rulesets of the vectors, as text and compiled, to where `cargo fuzz` begins to search.

use std::error::Error;
use std::fs;
use std::path::Path;

use vexil_conformance::{load, vectors_dir};

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (texts, programs) = (corpus.join("decode"), corpus.join("program_from_bytes"));
    fs::create_dir_all(&texts)?;
    fs::create_dir_all(&programs)?;
    let loaded = load(&vectors_dir())?;
    for vector in &loaded.vectors {
        let name = vector.name.replace('/', "-");
        fs::write(texts.join(&name), &vector.ruleset)?;
        if let Ok(ruleset) = vexil_ruleset::decode(&vector.ruleset)
            && let Ok(program) = vexil_ruleset::compile(&ruleset, "test", 1, 0)
        {
            fs::write(programs.join(&name), program.as_bytes())?;
        }
    }
    for wanted in &loaded.issues {
        fs::write(
            texts.join(wanted.name.replace(['/', '#'], "-")),
            &wanted.ruleset,
        )?;
    }
    Ok(())
}
