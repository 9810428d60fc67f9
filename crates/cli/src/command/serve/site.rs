//! What is served: the last ruleset without issues.

use std::cell::{Ref, RefCell};
use std::path::Path;

use tokio::sync::watch;
use vexil_core::Program;
use vexil_ofrep::{Entries, LiveState, Snapshot, Trust, Visibility};
use vexil_ruleset::{Ruleset, compile};

use super::origin::Origins;
use crate::failure::Failure;
use crate::source::Source;
use crate::time::Instant;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Site {
    current: RefCell<Current>,
    /// What was wrong with the last save.
    issues: RefCell<Vec<String>>,
    live: LiveState,
    version: watch::Sender<u64>,
    /// What OFREP clients see.
    pub(super) visibility: Visibility,
    pub(super) origins: Origins,
}

#[derive(Debug)]
struct Current {
    ruleset: Ruleset,
    program: Program,
    entries: Entries,
}

impl Current {
    fn read(path: &Path, version: u64) -> Result<Current, Failure> {
        let source = Source::read(path)?;
        let published = i64::try_from(version).unwrap_or(i64::MAX);
        let compiled = source
            .ruleset()
            .and_then(|ruleset| Ok((compile(&ruleset, "local", version, published)?, ruleset)));
        let (program, ruleset) = compiled.map_err(|issues| Failure::issues(source, issues))?;
        Ok(Current {
            ruleset,
            program,
            entries: Entries::default(),
        })
    }
}

impl Site {
    pub(super) fn new(
        path: &Path,
        visibility: Visibility,
        origins: Origins,
    ) -> Result<Site, Failure> {
        let version = after(0);
        Ok(Site {
            current: RefCell::new(Current::read(path, version)?),
            issues: RefCell::default(),
            live: LiveState::default(),
            version: watch::Sender::new(version),
            visibility,
            origins,
        })
    }

    /// Serves what is in the file from now on; whether it is another ruleset, or the first after issues.
    pub(super) fn read(&self, path: &Path) -> Result<bool, Failure> {
        let current = Current::read(path, after(self.version()))?;
        let had_issues = !self.issues.take().is_empty();
        if self.current.borrow().ruleset == current.ruleset {
            return Ok(had_issues);
        }
        self.version.send_replace(current.program.number());
        *self.current.borrow_mut() = current;
        Ok(true)
    }

    pub(super) fn set_issues(&self, issues: Vec<String>) {
        *self.issues.borrow_mut() = issues;
    }

    pub(super) fn issues(&self) -> Ref<'_, Vec<String>> {
        self.issues.borrow()
    }

    pub(super) fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// Every version that there will be.
    pub(super) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    pub(super) fn flags(&self) -> usize {
        self.current.borrow().ruleset.flags().len()
    }

    /// `1 flag`, `2 flags`
    pub(super) fn count(&self) -> String {
        match self.flags() {
            1 => "1 flag".to_owned(),
            flags => format!("{flags} flags"),
        }
    }

    /// Calls `answer` with what is served now, and the answers that were written before.
    pub(super) fn with<T>(&self, answer: impl FnOnce(&Snapshot<'_>, &mut Entries) -> T) -> T {
        let current = &mut *self.current.borrow_mut();
        let snapshot = Snapshot {
            program: &current.program,
            live: &self.live,
            version: self.version(),
            now: Instant::now().0,
            trust: Trust::Caller,
            facts: None,
            is_expired: false,
        };
        answer(&snapshot, &mut current.entries)
    }
}

/// A version after `before`, and after those of servers that were here earlier: pages remember what they were told.
fn after(before: u64) -> u64 {
    let now = u64::try_from(Instant::now().0).unwrap_or_default();
    now.max(before.saturating_add(1))
}
