//! Numbers that look random and are the same everywhere.
//!
//! Only additions, multiplications, divisions and square roots, which IEEE 754 rounds exactly: a logarithm from the
//! system's library may differ in its last bit from machine to machine, and with it the bytes of a table.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
    /// The second of two normal numbers made at once.
    spare: Option<f64>,
}

/// 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// A stream for one sample and one table. The seeds are mixed so that neighbouring ones share nothing.
    pub(crate) fn new(seed: u64, sample: u32, table: u64) -> Self {
        let sample = mixed(u64::from(sample).wrapping_add(GOLDEN));
        Self {
            state: mixed(mixed(seed).wrapping_add(sample)).wrapping_add(mixed(table)),
            spare: None,
        }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mixed(self.state)
    }

    /// A whole number from 0 up to, and without, the bound. Its bias is the bound divided by 2^64.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u128::from(self.bits()) * u128::from(bound);
        u32::try_from(product >> 64).unwrap_or(0)
    }

    /// One of several.
    pub(crate) fn one_of<T: Copy + Default>(&mut self, of: &[T]) -> T {
        let bound = u32::try_from(of.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(self.below(bound)).unwrap_or(0);
        of.get(at).copied().unwrap_or_default()
    }

    /// A number above 0 and up to 1.
    fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits, which a float64 holds")]
        let whole = ((self.bits() >> 11) + 1) as f64;
        whole / (1_u64 << 53) as f64
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -ln(self.unit())
    }

    /// Normal with mean 0 and standard deviation 1 (Marsaglia's polar method, 1964).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = u * u + v * v;
            if square < 1.0 && square > 0.0 {
                let factor = (-2.0 * ln(square) / square).sqrt();
                self.spare = Some(v * factor);
                return u * factor;
            }
        }
    }
}

/// The natural logarithm of a number above 0, to about 1e-12, by exactly rounded operations.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    // x = m * 2^e with m from 0.707 to 1.414, where the series is short.
    let shift = bits.wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits()) >> 52;
    #[expect(clippy::cast_possible_wrap, reason = "at most 12 bits")]
    let exponent = ((shift << 52) as i64) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(shift << 52));
    let s = (m - 1.0) / (m + 1.0);
    let q = s * s;
    // 2 artanh(s); what follows the last term is below 1e-12.
    let mut sum = 1.0 / 13.0;
    for odd in [11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * q + 1.0 / odd;
    }
    #[expect(clippy::cast_precision_loss, reason = "an exponent")]
    let exponent = exponent as f64;
    2.0 * s * sum + exponent * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_the_logarithm() {
        for x in [
            1.0,
            0.5,
            2.0,
            1e-16,
            0.999_999,
            1.4,
            1.5,
            0.7,
            3.7e-5,
            123_456.789,
        ] {
            assert!(
                (ln(x) - f64::ln(x)).abs() < 1e-11,
                "{x}: {} {}",
                ln(x),
                f64::ln(x)
            );
        }
    }

    #[test]
    fn the_stream_is_the_published_one() {
        // The first numbers of SplitMix64 from state 1234567, as its authors' test vectors have them.
        let mut random = Random {
            state: 1_234_567,
            spare: None,
        };
        let first: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn the_numbers_have_the_moments_they_should() {
        let n = 200_000;
        let mut random = Random::new(7, 3, 1);
        let moments = |draw: &mut dyn FnMut() -> f64| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..n {
                let x = draw();
                sum += x;
                squares += x * x;
            }
            let mean = sum / f64::from(n);
            (mean, (squares / f64::from(n) - mean * mean).sqrt())
        };
        // Five standard errors.
        let (mean, deviation) = moments(&mut || random.normal());
        assert!(
            mean.abs() < 0.012 && (deviation - 1.0).abs() < 0.008,
            "{mean} {deviation}"
        );
        let (mean, deviation) = moments(&mut || random.exponential());
        assert!(
            (mean - 1.0).abs() < 0.012 && (deviation - 1.0).abs() < 0.02,
            "{mean} {deviation}"
        );
        let (mean, deviation) = moments(&mut || f64::from(random.below(1_000)));
        assert!(
            (mean - 499.5).abs() < 3.3 && (deviation - 288.7).abs() < 1.5,
            "{mean} {deviation}"
        );
    }
}
