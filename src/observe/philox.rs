//! Random numbers by number: any thread can have the `i`-th without those before it.

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011): ten rounds of multiplications that turn a counter into
/// four random words, under a key.
///
/// In tree because it is a dozen lines with published test vectors, and draws must never change with a
/// dependency.
#[derive(Clone, Copy, Debug)]
struct Philox {
    key: [u32; 2],
}

/// What random numbers are for: counters of different purposes never meet.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The place of a shot.
    Shot = 0,
    /// How the shots at a node of a tree are split.
    Split = 1,
    /// The outcomes of measurements.
    Measure = 2,
}

impl Philox {
    /// The four words of a counter.
    #[inline(always)]
    fn words(self, mut counter: [u32; 4]) -> [u32; 4] {
        let [mut k0, mut k1] = self.key;
        for _ in 0..10 {
            let [low0, high0] = halves(u64::from(counter[0]) * 0xD251_1F53);
            let [low1, high1] = halves(u64::from(counter[2]) * 0xCD9E_8D57);
            counter = [high1 ^ counter[1] ^ k0, low1, high0 ^ counter[3] ^ k1, low0];
            (k0, k1) = (k0.wrapping_add(0x9E37_79B9), k1.wrapping_add(0xBB67_AE85));
        }
        counter
    }
}

/// A generator for one state of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Keyed {
    philox: Philox,
    state: u32,
}

impl Keyed {
    /// The generator for the state with this number.
    pub fn new(key: u64, state: usize) -> Keyed {
        Keyed { philox: Philox { key: halves(key) }, state: state as u32 }
    }

    /// Two numbers in [0, 1), multiples of `2**-53`.
    #[inline(always)]
    pub fn uniforms(self, purpose: Purpose, number: u64, attempt: u32) -> [f64; 2] {
        debug_assert!(attempt < 1 << 30);
        let [low, high] = halves(number);
        let words = self.philox.words([low, high, self.state, (purpose as u32) << 30 | attempt]);
        // (Not `map`: on arrays it may stay a call.)
        let uniform =
            |low: u32, high: u32| ((u64::from(high) << 32 | u64::from(low)) >> 11) as f64 * UNIT;
        [uniform(words[0], words[1]), uniform(words[2], words[3])]
    }
}

/// `2**-53`.
const UNIT: f64 = 1.0 / (1u64 << 53) as f64;

#[inline(always)]
fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// Numbers in [0, 1) for measurements, always the same for a seed.
pub fn uniforms(seed: u64) -> impl Iterator<Item = f64> {
    let random = Keyed::new(seed, 0);
    (0..).flat_map(move |number| random.uniforms(Purpose::Measure, number, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with Random123.
    #[test]
    fn known_answers() {
        for (counter, key, expected) in [
            ([0; 4], [0; 2], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]),
            (
                [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
                [0xA409_3822, 0x299F_31D0],
                [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1],
            ),
        ] {
            assert_eq!(Philox { key }.words(counter), expected);
        }
    }

    #[test]
    fn uniforms_are_below_1_and_differ() {
        let mut seen: Vec<u64> = (0..1000)
            .flat_map(|i| Keyed::new(7, i % 3).uniforms(Purpose::Shot, i as u64, 0))
            .chain(Keyed::new(7, 0).uniforms(Purpose::Split, 0, 0))
            .chain(Keyed::new(7, 0).uniforms(Purpose::Shot, 0, 1))
            .chain(Keyed::new(7, 0).uniforms(Purpose::Shot, 1 << 32, 0))
            .inspect(|u| assert!((0.0..1.0).contains(u)))
            .map(f64::to_bits)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 2006);
    }
}
