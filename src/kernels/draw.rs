//! Shots: the random numbers of several are made side by side, and each finds its place among cumulative sums, of
//! which eight are compared at a time.

use std::cell::Cell;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::philox::{BESIDE, Keyed, Purpose};
use crate::simd::{Kernel, Lanes};

/// So many sums are compared at a time.
const EIGHT: usize = 8;

/// Sums that are compared at a time: a cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Eight([f64; EIGHT]);

impl Eight {
    const INFINITE: Eight = Eight([f64::INFINITY; EIGHT]);

    fn last(&self) -> f64 {
        self.0[EIGHT - 1]
    }
}

/// The sums, one by one.
fn flat(eights: &[Eight]) -> &[f64] {
    // SAFETY: each is eight numbers, and nothing else.
    unsafe { std::slice::from_raw_parts(eights.as_ptr().cast(), EIGHT * eights.len()) }
}

/// The same, to be written.
fn flat_mut(eights: &mut [Eight]) -> &mut [f64] {
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts_mut(eights.as_mut_ptr().cast(), EIGHT * eights.len()) }
}

/// A number, or the largest one below `total` where rounding has brought it up to there: so it finds the last place with
/// a weight.
#[inline(always)]
fn below(number: f64, total: f64) -> f64 {
    let largest = f64::from_bits(total.to_bits().wrapping_sub(1));
    if number < largest { number } else { largest }
}

/// Squares are added up within groups of this many amplitudes, then over groups.
const GROUP: usize = EIGHT * EIGHT;

/// Where uniform numbers find places.
pub trait Places {
    /// Which of the two numbers of a shot it is that finds them.
    const WHICH: usize;

    /// The places of some numbers. What has no weight is no place, and a number that rounding has brought up to the
    /// last sum finds the last place with a weight.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    unsafe fn find<L: Lanes<Real = f64>>(&self, uniforms: &[f64; BESIDE]) -> [u64; BESIDE];
}

/// Cumulative sums, in levels: the last sum of each eight is one of the level above.
pub struct Ladder {
    /// From the top. Infinite where there are no more sums.
    levels: Vec<Vec<Eight>>,
    /// The last sum.
    total: f64,
}

impl Ladder {
    /// Room for so many sums.
    fn of_size(size: usize) -> Ladder {
        let eights = |count: usize| vec![Eight::INFINITE; count.div_ceil(EIGHT)];
        let mut levels = vec![eights(size)];
        while let Some(below) = levels.last().map(Vec::len)
            && below > 1
        {
            levels.push(eights(below));
        }
        levels.reverse();
        Ladder { levels, total: 0.0 }
    }

    /// From cumulative sums.
    pub fn new(cumulative: &[f64]) -> Ladder {
        let mut made = Ladder::of_size(cumulative.len());
        made.fill(cumulative);
        made
    }

    fn fill(&mut self, cumulative: &[f64]) {
        self.total = cumulative.last().copied().unwrap_or_default();
        for i in (0..self.levels.len()).rev() {
            let (above, below) = self.levels.split_at_mut(i + 1);
            let sums = flat_mut(&mut above[i]);
            match below.first() {
                None => sums[..cumulative.len()].copy_from_slice(cumulative),
                Some(below) => sums.iter_mut().zip(below).for_each(|(sum, eight)| *sum = eight.last()),
            }
        }
    }

    /// The index of the first sum above a number, or else of the first that is as large as the last.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn place<L: Lanes<Real = f64>>(&self, number: f64) -> usize {
        let number = below(number, self.total);
        let mut index = 0;
        for level in &self.levels {
            // SAFETY: the caller's promise.
            index = EIGHT * index + unsafe { L::at_most(&level[index].0, number) };
        }
        index
    }
}

impl Places for Ladder {
    const WHICH: usize = 0;

    #[inline(always)]
    unsafe fn find<L: Lanes<Real = f64>>(&self, uniforms: &[f64; BESIDE]) -> [u64; BESIDE] {
        let mut found = [0; BESIDE];
        for i in 0..BESIDE {
            // SAFETY: the caller's promise.
            found[i] = unsafe { self.place::<L>(uniforms[i] * self.total) } as u64;
        }
        found
    }
}

/// The cumulative sums of the squares of a block: within each group, and over the groups.
pub struct Inside {
    /// How many amplitudes a block has.
    size: usize,
    /// The cumulative sums within each group; infinite where there are no more.
    sums: Vec<Eight>,
    /// For each group, the last sum of each eight.
    ends: Vec<Eight>,
    /// The sum of each group.
    totals: Vec<f64>,
    /// The sums over the groups: before each, and over all.
    over: Vec<f64>,
    groups: Ladder,
}

thread_local! {
    /// What the last block has left.
    static ROOM: Cell<Option<Inside>> = const { Cell::new(None) };
}

impl Inside {
    /// Calls `work` with room for the sums of a block of `2**bits` amplitudes. The thread keeps it for the next call.
    pub fn with<V>(bits: usize, work: impl FnOnce(&mut Inside) -> V) -> V {
        let kept = ROOM.take().filter(|kept| kept.size == 1 << bits);
        let mut inside = kept.unwrap_or_else(|| Inside::new(bits));
        let made = work(&mut inside);
        ROOM.set(Some(inside));
        made
    }

    /// Room for the sums of a block of `2**bits` amplitudes.
    fn new(bits: usize) -> Inside {
        let size: usize = 1 << bits;
        let groups = size.div_ceil(GROUP);
        Inside {
            size,
            sums: vec![Eight::INFINITE; size.div_ceil(EIGHT)],
            ends: vec![Eight::INFINITE; groups],
            totals: vec![0.0; groups],
            over: vec![0.0; groups + 1],
            groups: Ladder::of_size(groups),
        }
    }

    /// Where the squares of a block are to be written, before they are added up.
    pub fn squares(&mut self) -> &mut [f64] {
        &mut flat_mut(&mut self.sums)[..self.size]
    }

    /// Adds them up, and returns the sum of all.
    pub fn add_up(&mut self) -> f64 {
        // Several groups side by side: in one sum, each addition would wait for the one before.
        const SIDE_BY_SIDE: usize = 8;
        for groups in self.squares().chunks_mut(SIDE_BY_SIDE * GROUP) {
            if groups.len() == SIDE_BY_SIDE * GROUP {
                let mut sums = [0.0; SIDE_BY_SIDE];
                for i in 0..GROUP {
                    for group in 0..SIDE_BY_SIDE {
                        sums[group] += groups[group * GROUP + i];
                        groups[group * GROUP + i] = sums[group];
                    }
                }
            } else {
                groups.chunks_mut(GROUP).for_each(running);
            }
        }
        for (end, eight) in flat_mut(&mut self.ends).iter_mut().zip(&self.sums) {
            *end = eight.last();
        }
        let size = self.size;
        for (total, group) in self.totals.iter_mut().zip(flat(&self.sums)[..size].chunks(GROUP)) {
            *total = group.last().copied().unwrap_or_default();
        }
        self.over[1..].copy_from_slice(&self.totals);
        running(&mut self.over);
        self.groups.fill(&self.over[1..]);
        self.groups.total
    }

    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn place<L: Lanes<Real = f64>>(&self, uniform: f64) -> usize {
        let number = uniform * self.groups.total;
        // SAFETY: the caller's promise.
        unsafe {
            let group = self.groups.place::<L>(number);
            let rest = below(number - self.over[group], self.totals[group]);
            let eight = EIGHT * group + L::at_most(&self.ends[group].0, rest);
            EIGHT * eight + L::at_most(&self.sums[eight].0, rest)
        }
    }

    /// The same for the few amplitudes of a state so small that all sums are compared with all numbers.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn few<L: Lanes<Real = f64>>(&self, uniforms: &[f64; BESIDE]) -> [u64; BESIDE] {
        let total = self.groups.total;
        let mut found = [0; BESIDE];
        for (uniforms, found) in
            uniforms.as_chunks::<EIGHT>().0.iter().zip(found.as_chunks_mut::<EIGHT>().0)
        {
            let mut numbers = [0.0; EIGHT];
            for i in 0..EIGHT {
                numbers[i] = below(uniforms[i] * total, total);
            }
            // SAFETY: the caller's promise.
            *found = unsafe { L::at_most_each(&flat(&self.sums)[..self.size - 1], &numbers) };
        }
        found
    }
}

/// Up to this many amplitudes, all sums are compared with all numbers.
const FEW: usize = GROUP;

impl Places for Inside {
    const WHICH: usize = 1;

    #[inline(always)]
    unsafe fn find<L: Lanes<Real = f64>>(&self, uniforms: &[f64; BESIDE]) -> [u64; BESIDE] {
        if self.size <= FEW {
            // SAFETY: the caller's promise.
            return unsafe { self.few::<L>(uniforms) };
        }
        let mut found = [0; BESIDE];
        for i in 0..BESIDE {
            // SAFETY: the caller's promise.
            found[i] = unsafe { self.place::<L>(uniforms[i]) } as u64;
        }
        found
    }
}

/// Replaces numbers by their cumulative sums.
fn running(numbers: &mut [f64]) {
    let mut sum = 0.0;
    for number in numbers {
        sum += *number;
        *number = sum;
    }
}

/// What is drawn: a place for each shot, and what becomes of it.
pub struct Draw<'a, P> {
    /// Where shots find their places.
    pub places: &'a P,
    /// Their random numbers.
    pub random: Keyed,
    /// Which shot is the first.
    pub first: u64,
    /// How many of the lowest bits of a place are left out.
    pub shift: u32,
}

impl<P: Places> Draw<'_, P> {
    /// What the shots from a number on find.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn from<L: Lanes<Real = f64>>(&self, first: u64) -> [i64; BESIDE] {
        let mut numbers = [0; BESIDE];
        for i in 0..BESIDE {
            numbers[i] = first + i as u64;
        }
        // SAFETY: the caller's promise.
        unsafe { self.several::<L>(&numbers) }
    }

    /// The places that listed shots find, as many as there is room for.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn listed<L: Lanes<Real = f64>>(&self, shots: &[u32; BESIDE], out: &[AtomicU16]) {
        let mut numbers = [0; BESIDE];
        for i in 0..BESIDE {
            numbers[i] = self.first + u64::from(shots[i]);
        }
        // SAFETY: the caller's promise.
        let found = unsafe { self.several::<L>(&numbers) };
        for (out, found) in out.iter().zip(found) {
            out.store(found as u16, Ordering::Relaxed);
        }
    }

    /// What some shots find.
    ///
    /// # Safety
    /// The CPU has the features of `L`.
    #[inline(always)]
    unsafe fn several<L: Lanes<Real = f64>>(&self, numbers: &[u64; BESIDE]) -> [i64; BESIDE] {
        let uniforms = self.random.uniforms_beside(Purpose::Shot, numbers);
        // SAFETY: the caller's promise.
        let found = unsafe { self.places.find::<L>(&uniforms[P::WHICH]) };
        let mut out = [0; BESIDE];
        for i in 0..BESIDE {
            out[i] = (found[i] >> self.shift) as i64;
        }
        out
    }
}

/// Draws for shots in a row.
pub struct InARow<'a, P> {
    /// What is drawn.
    pub draw: Draw<'a, P>,
    /// The results, from that of the first shot.
    pub out: &'a mut [i64],
}

impl<P: Places> Kernel for InARow<'_, P> {
    type Real = f64;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = f64>>(self) {
        let mut first = self.draw.first;
        let (whole, rest) = self.out.as_chunks_mut::<BESIDE>();
        for out in whole {
            // SAFETY: the caller's promise.
            *out = unsafe { self.draw.from::<L>(first) };
            first += BESIDE as u64;
        }
        if !rest.is_empty() {
            // SAFETY: the caller's promise.
            let found = unsafe { self.draw.from::<L>(first) };
            rest.copy_from_slice(&found[..rest.len()]);
        }
    }
}

/// Finds the places of listed shots.
pub struct Listed<'a, P> {
    /// What is drawn.
    pub draw: Draw<'a, P>,
    /// Which shots, counted from the first.
    pub shots: &'a [u32],
    /// The place of each.
    pub out: &'a [AtomicU16],
}

impl<P: Places> Kernel for Listed<'_, P> {
    type Real = f64;
    type Out = ();

    #[inline(always)]
    unsafe fn run<L: Lanes<Real = f64>>(self) {
        let ((shots, last_shots), (out, last_out)) =
            (self.shots.as_chunks::<BESIDE>(), self.out.as_chunks::<BESIDE>());
        for (shots, out) in shots.iter().zip(out) {
            // SAFETY: the caller's promise.
            unsafe { self.draw.listed::<L>(shots, out) };
        }
        if !last_shots.is_empty() {
            let mut shots = [0; BESIDE];
            shots[..last_shots.len()].copy_from_slice(last_shots);
            // SAFETY: the caller's promise.
            unsafe { self.draw.listed::<L>(&shots, last_out) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, on_widest};

    /// The textbook twin: the first sum above a number, or else the first that is as large as the last.
    fn place(sums: &[f64], number: f64) -> usize {
        let total = *sums.last().unwrap();
        sums.iter().position(|&sum| sum > number || sum == total).unwrap()
    }

    /// The same among sums over groups, and then within a group.
    fn place_inside(weights: &[f64], uniform: f64) -> usize {
        let sums = |weights: &[f64]| -> Vec<f64> {
            weights
                .iter()
                .scan(0.0, |sum, weight| {
                    Some({
                        *sum += weight;
                        *sum
                    })
                })
                .collect()
        };
        let groups: Vec<Vec<f64>> = weights.chunks(GROUP).map(sums).collect();
        let over = sums(&groups.iter().map(|group| *group.last().unwrap()).collect::<Vec<_>>());
        let number = uniform * over.last().unwrap();
        let group = place(&over, number);
        let before = if group == 0 { 0.0 } else { over[group - 1] };
        GROUP * group + place(&groups[group], number - before)
    }

    struct Find<'a, P>(&'a P, [f64; BESIDE]);

    impl<P: Places> Kernel for Find<'_, P> {
        type Real = f64;
        type Out = [u64; BESIDE];

        #[inline(always)]
        unsafe fn run<L: Lanes<Real = f64>>(self) -> [u64; BESIDE] {
            // SAFETY: the caller's promise.
            unsafe { self.0.find::<L>(&self.1) }
        }
    }

    /// The edges, and numbers in between.
    fn uniforms() -> [f64; BESIDE] {
        let nearly_1 = 1.0 - f64::EPSILON / 2.0;
        let mut made: [f64; BESIDE] = std::array::from_fn(|i| (i as f64 + 0.3) / BESIDE as f64);
        made[..4].copy_from_slice(&[0.0, f64::MIN_POSITIVE, nearly_1, 1.0]);
        made
    }

    /// Checks places on all lanes.
    fn check(weights: &[f64]) {
        let uniforms = uniforms();
        let sums: Vec<f64> = weights
            .iter()
            .scan(0.0, |sum, weight| {
                Some({
                    *sum += weight;
                    *sum
                })
            })
            .collect();
        let total = *sums.last().unwrap();
        let ladder = Ladder::new(&sums);
        let inside = weights.len().is_power_of_two().then(|| {
            let mut inside = Inside::new(weights.len().ilog2() as usize);
            // Filled twice, as for one block after another.
            for _ in 0..2 {
                inside.squares().copy_from_slice(weights);
                inside.add_up();
            }
            inside
        });
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let found = on_widest(isa, Find(&ladder, uniforms));
            for (&uniform, &found) in uniforms.iter().zip(&found) {
                assert_eq!(found as usize, place(&sums, uniform * total), "{isa:?} {uniform}");
                assert!(weights[found as usize] > 0.0);
            }
            let Some(inside) = &inside else { continue };
            let found = on_widest(isa, Find(inside, uniforms));
            for (&uniform, &found) in uniforms.iter().zip(&found) {
                assert_eq!(found as usize, place_inside(weights, uniform), "{isa:?} {uniform}");
                assert!(weights[found as usize] > 0.0);
            }
        }
    }

    #[test]
    fn a_place_is_never_one_without_weight() {
        for weights in [
            &[1.0][..],
            &[0.0, 1.0, 0.0],
            &[0.0, 1.0, 0.0, 0.0],
            &[0.0, 0.0, 0.3, 0.0, 0.1, 0.0, 0.0],
            &[0.0, 0.0, 0.3, 0.0, 0.1, 0.0, 0.0, 0.0],
            &[5e-324, 0.0, 5e-324, 0.0],
            &[1.0, 1e-300, 0.0],
            &[1.0, 1e-300, 0.0, 0.0],
            &[1e-300, 1.0, 0.0],
            &[1e308, 0.0, 5e307, 0.0],
        ] {
            check(weights);
        }
    }

    #[test]
    fn places_are_those_of_the_textbook() {
        let mut x = 1u64;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 40) as f64
        };
        // All numbers of levels, and both sides of what is compared one by one.
        for size in [1, 2, 4, 5, 8, 9, 16, 32, 63, 64, 65, 128, 256, 511, 512, 513, 1024, 4096, 5000] {
            let dense: Vec<f64> = (0..size).map(|_| next()).collect();
            check(&dense);
            let sparse: Vec<f64> = dense
                .iter()
                .enumerate()
                .map(|(i, x)| if (i * 7) % 97 < 95 { 0.0 } else { *x })
                .collect();
            if sparse.iter().any(|&weight| weight > 0.0) {
                check(&sparse);
            }
            let mut last = vec![0.0; size];
            last[size - 1] = 3.0;
            check(&last);
            let mut first = vec![1e-18; size];
            first[0] = 3.0;
            check(&first);
        }
    }
}
