//! The vendors whose files can be read.

use serde_json::{Map, Value};

use crate::note::Note;
use crate::{Fractional, Imported, twice};

/// A vendor, or a project, that has a flag file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// `LaunchDarkly`: what its SDKs are given, flags and segments.
    LaunchDarkly,
    /// flagd's flag definitions.
    Flagd,
    /// What an Unleash server gives to its SDKs.
    Unleash,
    /// `GrowthBook`'s features.
    GrowthBook,
    /// Eppo's universal flag configuration.
    Eppo,
    /// Flipt's features files and snapshots.
    Flipt,
}

impl Vendor {
    /// All there are.
    pub const ALL: [Vendor; 6] = [
        Vendor::LaunchDarkly,
        Vendor::Flagd,
        Vendor::Unleash,
        Vendor::GrowthBook,
        Vendor::Eppo,
        Vendor::Flipt,
    ];

    /// Its name on the command line: `flagd`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Vendor::LaunchDarkly => "launchdarkly",
            Vendor::Flagd => "flagd",
            Vendor::Unleash => "unleash",
            Vendor::GrowthBook => "growthbook",
            Vendor::Eppo => "eppo",
            Vendor::Flipt => "flipt",
        }
    }

    /// The vendor of which [`Vendor::name`] gave `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Vendor> {
        Vendor::ALL.into_iter().find(|vendor| vendor.name() == name)
    }

    /// Reads its file.
    ///
    /// # Errors
    ///
    /// The text is not a file of this vendor at all.
    pub fn import(self, json: &str) -> Result<Imported, Vec<Note>> {
        let imported = match self {
            Vendor::LaunchDarkly => crate::launchdarkly::launchdarkly(json),
            Vendor::Flagd => crate::flagd(json, Fractional::default()),
            Vendor::Unleash => crate::unleash(json),
            Vendor::GrowthBook => crate::growthbook::growthbook(json),
            Vendor::Eppo => crate::eppo::eppo(json),
            Vendor::Flipt => crate::flipt::flipt(json),
        };
        let mut notes = twice::notes(json);
        imported.map(|imported| {
            notes.extend(imported.notes);
            Imported { notes, ..imported }
        })
    }

    /// The evaluation context in which imported flags answer as the vendor's do in `context`.
    ///
    /// # Errors
    ///
    /// What `context` should be instead, as a sentence.
    pub fn context(self, context: &Value) -> Result<Map<String, Value>, String> {
        match self {
            Vendor::LaunchDarkly => crate::launchdarkly::context(context),
            Vendor::Flagd => crate::flagd::context(context),
            Vendor::Unleash => crate::unleash::context(context),
            Vendor::GrowthBook => crate::growthbook::context(context),
            Vendor::Eppo => crate::eppo::context(context),
            Vendor::Flipt => crate::flipt::context(context),
        }
    }
}
