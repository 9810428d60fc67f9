//! How many values there are, where they are and how far apart.

/// Count, mean and spread of values, one at a time.
///
/// Source: Welford, "Note on a method for calculating corrected sums of squares and products", 1962.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their mean; 0 of none.
    pub mean: f64,
    /// The sum of the squares of how far each is from the mean.
    pub squares: f64,
}

impl Moments {
    /// With one value more.
    #[must_use]
    pub fn with(self, value: f64) -> Moments {
        let count = self.count.saturating_add(1);
        let off = value - self.mean;
        let mean = self.mean + off / count as f64;
        let squares = self.squares + off * (value - mean);
        Moments {
            count,
            mean,
            squares,
        }
    }

    /// The mean square of how far values are from where they would be in all, of which these are some.
    pub(super) fn variance(self) -> f64 {
        self.squares / self.count.saturating_sub(1).max(1) as f64
    }
}
