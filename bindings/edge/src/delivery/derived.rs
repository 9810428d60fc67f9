//! What this isolate derives from a program, once and when it is first needed.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use vexil_core::{Program, Reads, private_readers};
use vexil_ofrep::{Entries, Visibility};

/// Kept beside the program that it is derived from, and as long.
#[derive(Default)]
pub(crate) struct Derived {
    exposed_reads: OnceCell<Reads>,
    all_reads: OnceCell<Reads>,
    program_reads: OnceCell<Reads>,
    withheld: OnceCell<Rc<[bool]>>,
    /// What has been written of its flags' answers.
    pub(crate) entries: RefCell<Entries>,
}

impl Derived {
    /// What those flags of `program` read that `visibility` shows.
    pub(super) fn reads(&self, program: &Program, visibility: Visibility) -> &Reads {
        let reads = match visibility {
            Visibility::Exposed => &self.exposed_reads,
            Visibility::All => &self.all_reads,
        };
        reads.get_or_init(|| Reads::of(program, |flag| visibility.shows(flag)))
    }

    /// What decides which program is sent of `program`.
    pub(super) fn program_reads(&self, program: &Program) -> &Reads {
        let reads = &self.program_reads;
        reads.get_or_init(|| vexil_ofrep::program_reads(program))
    }

    /// The flags of `program` that are hidden from contexts that are not signed but could be, by index.
    pub(super) fn withheld(&self, program: &Program) -> Rc<[bool]> {
        let withheld = self
            .withheld
            .get_or_init(|| private_readers(program).into());
        Rc::clone(withheld)
    }
}
