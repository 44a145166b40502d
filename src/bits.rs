//! Basis-index arithmetic. Qubit 0 is the most significant bit of an index.

/// The bit of an `n`-qubit basis index that qubit `q` is: qubit 0 is the highest.
///
/// ```
/// // |q0 q1 q2> = |110> is index 6 = 0b110: qubit 2 is bit 0.
/// assert_eq!(numket::bits::bit_of(2, 3), 0);
/// assert_eq!(6 >> numket::bits::bit_of(0, 3) & 1, 1);
/// ```
#[inline]
pub fn bit_of(q: usize, n: usize) -> usize {
    n - 1 - q
}

/// Collects the bits of `index` at `positions`; the first position becomes the most significant.
///
/// ```
/// // index 0b1010: bit 3 is 1, bit 2 is 0, so (3, 2) gives 0b10.
/// assert_eq!(numket::bits::gather(0b1010, &[3, 2]), 0b10);
/// ```
#[inline]
pub fn gather(index: usize, positions: &[u8]) -> usize {
    positions.iter().fold(0, |out, &p| (out << 1) | ((index >> p) & 1))
}

/// Puts the bits of `value` at `positions`, the inverse of [`gather`].
///
/// ```
/// assert_eq!(numket::bits::scatter(0b10, &[3, 2]), 0b1000);
/// ```
#[inline]
pub fn scatter(value: usize, positions: &[u8]) -> usize {
    let k = positions.len();
    (0..k).fold(0, |out, i| out | (((value >> (k - 1 - i)) & 1) << positions[i]))
}

/// The bits that are listed, as a mask.
///
/// ```
/// assert_eq!(numket::bits::mask_of(&[3, 1]), 0b1010);
/// ```
#[inline(always)]
pub fn mask_of<'a>(bits: impl IntoIterator<Item = &'a u8>) -> u64 {
    bits.into_iter().fold(0, |mask, bit| mask | 1 << bit)
}

/// The positions of the bits that are set, from the lowest.
///
/// ```
/// assert_eq!(numket::bits::set_bits(0b1010).collect::<Vec<_>>(), [1, 3]);
/// ```
#[inline(always)]
pub fn set_bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize);
        mask &= mask.wrapping_sub(1);
        bit
    })
}

/// -1 where `mask` has an odd number of ones, else 1.
///
/// ```
/// assert_eq!([0b110, 0b111].map(numket::bits::sign), [1.0, -1.0]);
/// ```
#[inline(always)]
pub fn sign(mask: u64) -> f64 {
    if mask.count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
}
