//! Writes what the vectors are made of to where `cargo fuzz` begins to search.

use std::error::Error;
use std::fs;
use std::path::Path;

use targets::Corpus;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let corpus = Corpus::load()?;
    for (target, seeds) in [
        ("program_from_bytes", &corpus.program_from_bytes),
        ("decode", &corpus.decode),
        ("laws", &corpus.laws),
        ("patterns", &corpus.patterns),
    ] {
        fs::create_dir_all(folder.join(target))?;
        for (name, input) in seeds {
            fs::write(folder.join(target).join(name), input)?;
        }
    }
    Ok(())
}
