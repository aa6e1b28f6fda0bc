//! Numbers nobody measured, the same at every start: a generator with a fixed seed per sample.

/// SplitMix64 (Steele, Lea and Flood 2014): small, fast and good enough for pictures.
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to but not including 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits fit into a float exactly"
    )]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between two numbers.
    pub(super) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from `low` to `high`, both ends in.
    pub(super) fn whole(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// Normal with a mean of zero (Box and Muller 1958).
    pub(super) fn normal(&mut self, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos() * deviation
    }

    /// Exponential with this rate.
    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        -(1.0 - self.unit()).ln() / rate
    }

    /// One of several.
    pub(super) fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let at = self.next() % (of.len().max(1) as u64);
        of.get(usize::try_from(at).unwrap_or(0))
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_their_bounds() {
        let draw = || {
            let mut numbers = Numbers::seeded(7);
            (0..1_000)
                .map(|_| numbers.uniform(2.0, 3.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().all(|x| (2.0..3.0).contains(x)));
        let mut numbers = Numbers::seeded(1);
        let mean = (0..10_000).map(|_| numbers.normal(2.5)).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.1, "{mean}");
    }
}
