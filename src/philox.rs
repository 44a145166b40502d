//! Random numbers by number: any thread can have the `i`-th without those before it, and several side by side.

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

/// So many counters are turned into words side by side: two registers of 512 bits for each word.
pub const BESIDE: usize = 16;

impl Philox {
    const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const ROUNDS: usize = 10;

    /// The key of the next round.
    #[inline(always)]
    fn next([k0, k1]: [u32; 2]) -> [u32; 2] {
        [k0.wrapping_add(0x9E37_79B9), k1.wrapping_add(0xBB67_AE85)]
    }

    /// The four words of a counter.
    #[inline(always)]
    fn words(self, mut counter: [u32; 4]) -> [u32; 4] {
        let mut key = self.key;
        for _ in 0..Self::ROUNDS {
            let [low0, high0] = halves(u64::from(counter[0]) * Self::MULTIPLIERS[0]);
            let [low1, high1] = halves(u64::from(counter[2]) * Self::MULTIPLIERS[1]);
            counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
            key = Self::next(key);
        }
        counter
    }

    /// The same for several counters. The upper half of each number is left to be what it happens to be.
    #[inline(always)]
    fn words_beside(self, mut counters: [[u64; BESIDE]; 4]) -> [[u64; BESIDE]; 4] {
        let mut key = self.key;
        for _ in 0..Self::ROUNDS {
            let [k0, k1] = [u64::from(key[0]), u64::from(key[1])];
            // One loop, which becomes a few instructions on whole registers.
            for i in 0..BESIDE {
                let product0 = lower(counters[0][i]) * Self::MULTIPLIERS[0];
                let product1 = lower(counters[2][i]) * Self::MULTIPLIERS[1];
                counters[0][i] = product1 >> 32 ^ counters[1][i] ^ k0;
                counters[1][i] = product1;
                counters[2][i] = product0 >> 32 ^ counters[3][i] ^ k1;
                counters[3][i] = product0;
            }
            key = Self::next(key);
        }
        counters
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
        [uniform(words[0].into(), words[1].into()), uniform(words[2].into(), words[3].into())]
    }

    /// The same for several numbers, at the first attempt: of each the first, then of each the second.
    ///
    /// To be called where the CPU's lanes are in use. With AVX-512 a number takes 2 ns, alone 8.
    #[inline(always)]
    pub fn uniforms_beside(self, purpose: Purpose, numbers: &[u64; BESIDE]) -> [[f64; BESIDE]; 2] {
        let others = [u64::from(self.state), u64::from((purpose as u32) << 30)];
        let mut counters = [[0; BESIDE], [0; BESIDE], [others[0]; BESIDE], [others[1]; BESIDE]];
        for i in 0..BESIDE {
            (counters[0][i], counters[1][i]) = (numbers[i], numbers[i] >> 32);
        }
        let words = self.philox.words_beside(counters);
        let mut uniforms = [[0.0; BESIDE]; 2];
        for i in 0..BESIDE {
            uniforms[0][i] = uniform(words[0][i], words[1][i]);
            uniforms[1][i] = uniform(words[2][i], words[3][i]);
        }
        uniforms
    }
}

/// The number in [0, 1) of 64 random bits, as NumPy has it.
pub fn unit(bits: u64) -> f64 {
    uniform(bits, bits >> 32)
}

/// The number in [0, 1) of two words, which are the lower halves of these.
//
// Its upper 32 and lower 21 bits by themselves: without AVX-512DQ there is no instruction that turns whole numbers of
// 64 bits into doubles. Nothing is rounded.
#[inline(always)]
fn uniform(low: u64, high: u64) -> f64 {
    /// 2**52: a double from here on has a whole number in its lowest bits.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let double = |whole: u64| f64::from_bits(WHOLE.to_bits() | whole) - WHOLE;
    double(lower(high)) * (UNIT * (1 << 21) as f64) + double(lower(low) >> 11) * UNIT
}

/// `2**-53`.
const UNIT: f64 = 1.0 / (1u64 << 53) as f64;

#[inline(always)]
fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

#[inline(always)]
fn lower(x: u64) -> u64 {
    x & 0xFFFF_FFFF
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
    fn several_are_the_same_as_each() {
        for (key, state, first) in
            [(0, 0, 0), (u64::MAX, 5, u64::from(u32::MAX) - 7), (7, usize::MAX, 1 << 60)]
        {
            let random = Keyed::new(key, state);
            let numbers: [u64; BESIDE] = std::array::from_fn(|i| first + (i * i) as u64);
            for purpose in [Purpose::Shot, Purpose::Split, Purpose::Measure] {
                let [one, two] = random.uniforms_beside(purpose, &numbers);
                for (i, &number) in numbers.iter().enumerate() {
                    assert_eq!([one[i], two[i]], random.uniforms(purpose, number, 0));
                }
            }
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
