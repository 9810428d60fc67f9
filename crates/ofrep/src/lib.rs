//! The OpenFeature remote evaluation protocol as pure functions.
