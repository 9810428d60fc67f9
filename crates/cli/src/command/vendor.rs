//! Vendors, as the command line names them.

use clap::builder::PossibleValuesParser;
use vexil_import::Vendor;

use super::unknown;
use crate::failure::Failure;

/// The names of all vendors.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(Vendor::ALL.map(Vendor::name))
}

/// The vendor that [`names`] let through.
pub(crate) fn named(name: &str) -> Result<Vendor, Failure> {
    let names = Vendor::ALL.iter().map(|vendor| vendor.name());
    Vendor::from_name(name).ok_or_else(|| unknown("vendor", name, names))
}
