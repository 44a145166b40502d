//! What is done to a tile: passes over its parts, whose steps have places in registers and tables.

use num_complex::Complex64;

use super::fuse::{Fused, Step, Term};
use super::numbers::{Numbers, Turned};
use super::plan::{Group, Levels, Placed, Tiles};
use crate::bits::{gather, scatter};
use crate::kernels::registers::{Arm, Code, Condition, MAX_REGISTER_BITS};
use crate::kernels::set_bits;
use crate::kernels::tile::Copying;
use crate::layout::Layout;
use crate::simd::Real;

/// Copies have gaps of `GAP` amplitudes after each `2**GAP_BITS`. Without them, rows some power of two
/// apart all fall into the same few sets of L1.
const GAP_BITS: usize = 9;
const GAP: usize = 32;

/// Bits outside of the registers that a table may have: it has as many times the entries.
const TABLE_BITS: u32 = 3;

/// States of this many bits and more are written past the caches.
const STREAM_MIN_BITS: usize = 17;

/// How the CPU holds amplitudes: the bits of a register, in the order of the places of reals there.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The bits of the address that lie in a register, in the order of the bits of a place there.
    pub lanes: Vec<u8>,
    /// Bits that are worth holding in registers at a time.
    pub register_bits: usize,
}

/// What is done to a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct TileProgram {
    /// The bits outside, from the highest.
    pub outer: Vec<u8>,
    /// How it is copied together, and back.
    pub load: Copying,
    /// As above.
    pub store: Copying,
    /// Real numbers that the copy has room for.
    pub size: usize,
    /// What is done to each part of it.
    pub parts: Vec<PartProgram>,
}

/// What is done to each part of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct PartProgram {
    /// Where each part begins in the copy, and the bits of an address in which it differs from the others.
    pub begins: Vec<(u32, u64)>,
    /// The passes.
    pub passes: Vec<PassProgram>,
}

/// A pass over a part.
#[derive(Clone, Debug, PartialEq)]
pub struct PassProgram {
    /// How many bits tell registers apart.
    pub register_bits: usize,
    /// Where groups of registers begin in a part, and in which bits of the address they differ.
    pub positions: Vec<u32>,
    /// As above.
    pub bases: Vec<u64>,
    /// Where each register of a group lies.
    pub offsets: [u32; 1 << MAX_REGISTER_BITS],
    /// Its number among all passes.
    pub number: usize,
    /// What the steps do, and where their coefficients begin.
    micros: Vec<(Micro, usize)>,
    /// Where its exchanges are done.
    pub conditions: Vec<Condition>,
    /// The tables of its diagonals.
    pub tables: Vec<TableProgram>,
    /// For each, how much further the entries for each position are; nothing if they are the same.
    pub places: Vec<Vec<u32>>,
}

/// Where a bit lies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Register(u8),
    Lane(u8),
}

/// A step with its places.
#[derive(Clone, Debug, PartialEq)]
enum Micro {
    Turn(usize, Place),
    Matrix(usize, Vec<Place>),
    Table(usize),
    /// The bit, the lanes in which it is flipped if not in all, and where else.
    Flip(Place, Option<u32>, usize),
}

/// The diagonals that are done at a time, as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableProgram {
    /// Where it begins among the coefficients; where it is computed for each part, among these tables.
    pub at: usize,
    /// The bits of an entry's number, from the lowest: those in registers, those of a position, others.
    bits: Vec<u8>,
    /// The other bits, from the most significant, and how much further entries are for each of their settings.
    others: (Vec<u8>, usize),
    /// Whether it is computed for each part, because of further bits.
    pub varies: bool,
    /// The terms.
    terms: Vec<Restricted>,
}

/// A term as it acts on entries of a table.
#[derive(Clone, Debug, PartialEq)]
struct Restricted {
    term: usize,
    parity: bool,
    /// Controls among the bits of a table, and elsewhere, with the values that they must have.
    controls: [usize; 2],
    outer_controls: [u64; 2],
    /// Targets among the bits of a table, and elsewhere: which bit, and which bit of an entry's number.
    targets: Vec<(u8, u8)>,
    outer_targets: Vec<(u8, u8)>,
    /// The one bit of the table that it touches, if it is no more.
    single: Option<u8>,
}

/// The numbers of a program, in the precision of a state.
pub struct Filled<T> {
    /// The steps of all passes, and where those of each pass begin and end.
    pub codes: Vec<Code>,
    /// As above.
    pub ends: Vec<usize>,
    /// Their coefficients, from a cache line on.
    pub coefs: Aligned<T>,
    /// The entries of terms, one after the other, and where those of each begin.
    entries: Vec<Complex64>,
    first: Vec<usize>,
}

/// Numbers that begin at a cache line.
#[derive(Default)]
pub struct Aligned<T> {
    numbers: Vec<T>,
    first: usize,
}

impl<T: Real> Aligned<T> {
    /// Zeros.
    pub fn new(len: usize) -> Aligned<T> {
        let mut aligned = Aligned { numbers: Vec::new(), first: 0 };
        aligned.fit(len);
        aligned
    }

    /// Makes room for so many, whatever they are.
    pub fn fit(&mut self, len: usize) {
        let spare = 64 / size_of::<T>();
        if self.numbers.len() < len + spare {
            self.numbers = vec![T::default(); len + spare];
            self.first = self.numbers.as_ptr().align_offset(64);
        }
    }

    /// The first.
    pub fn as_ptr(&self) -> *const T {
        self.numbers[self.first..].as_ptr()
    }

    /// The first, to be changed.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.numbers[self.first..].as_mut_ptr()
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.numbers[self.first..]
    }
}

/// Gives out places among the codes and coefficients of a program, and those of tables computed for each
/// part.
#[derive(Debug, Default, PartialEq)]
pub struct Room {
    /// Passes.
    pub passes: usize,
    /// Coefficients.
    pub coefs: usize,
    /// Numbers in tables that vary.
    pub varying: usize,
}

impl Room {
    /// So many numbers, from a cache line on.
    fn take(of: &mut usize, len: usize) -> usize {
        let at = *of;
        *of += len.next_multiple_of(16);
        at
    }
}

/// The numbers below `count` that are `wanted`, as a mask.
fn mask_of(count: usize, wanted: impl Fn(usize) -> bool) -> u32 {
    (0..count).fold(0, |mask, number| mask | u32::from(wanted(number)) << number)
}

/// The bits that are set, from the highest.
fn from_highest(mask: u64) -> Vec<u8> {
    let mut bits: Vec<u8> = set_bits(mask).map(|bit| bit as u8).collect();
    bits.reverse();
    bits
}

/// How amplitudes lie in a copy: the stride of each bit of a tile, from the lowest.
fn strides(bits: usize, shape: &Shape) -> Vec<isize> {
    let stride = |bit: usize| match (shape.lanes.iter().position(|&lane| usize::from(lane) == bit), bit)
    {
        (Some(place), _) => 1 << place,
        (None, bit) if bit < GAP_BITS => 2 << bit,
        (None, bit) => ((1 << GAP_BITS) + GAP as isize) << (bit - GAP_BITS + 1),
    };
    (0..bits).map(stride).collect()
}

/// The sum of some strides, one for each bit of a mask that is set in `number`.
fn offset(strides: &[isize], number: usize) -> u32 {
    strides.iter().enumerate().map(|(bit, &stride)| (number >> bit & 1) as u32 * stride as u32).sum()
}

impl TileProgram {
    /// Where everything is found.
    pub fn new(
        tiles: &Tiles,
        fused: &Fused,
        layout: &Layout,
        levels: &Levels,
        shape: &Shape,
        room: &mut Room,
    ) -> TileProgram {
        let bits: Vec<u8> = set_bits(tiles.tile).map(|bit| bit as u8).collect();
        let inside = strides(bits.len(), shape);
        let of = |mask: u64| -> Vec<isize> {
            let of_tile = bits.iter().zip(&inside);
            of_tile.filter(|(bit, _)| mask >> **bit & 1 == 1).map(|(_, &stride)| stride).collect()
        };
        let outer = ((1 << layout.num_qubits()) - 1) & !tiles.tile;
        let width = 1 << shape.lanes.len();
        let streams = layout.num_qubits() >= STREAM_MIN_BITS;
        let copying = |ends: &dyn Fn(u8) -> u8| {
            let all = bits
                .iter()
                .zip(&inside)
                .map(|(&bit, &inside)| [layout.signed_stride(ends(bit).into()), inside]);
            let all: Vec<[isize; 2]> = all.collect();
            let row_bits = all.iter().enumerate().take(GAP_BITS);
            let row_bits = row_bits.take_while(|(place, [stride, _])| *stride == 2 << place).count();
            let row_bits = if row_bits >= shape.lanes.len() { row_bits } else { 0 };
            Copying { strides: all[row_bits..].to_vec(), row: 1 << row_bits, width, streams }
        };
        let parts = tiles.parts.iter().map(|group| {
            let elsewhere = from_highest(tiles.tile & !group.bits);
            let between = of(tiles.tile & !group.bits);
            let begin = |number| (offset(&between, number), scatter(number, &elsewhere) as u64);
            let passes = group.inner.iter().map(|registers| {
                PassProgram::new(tiles, group, registers, fused, levels, shape, &of, room)
            });
            let passes = passes.collect();
            PartProgram { begins: (0..1 << elsewhere.len()).map(begin).collect(), passes }
        });
        let parts = parts.collect();
        TileProgram {
            outer: from_highest(outer),
            load: copying(&|bit| bit),
            store: copying(&|bit| tiles.ends[usize::from(bit)]),
            size: 2 * width + inside.iter().sum::<isize>() as usize,
            parts,
        }
    }

    /// What one thread needs for each amplitude, in nanoseconds, roughly: to within a quarter for dense
    /// states of 10 to 20 qubits with AVX-512 in double precision.
    pub fn nanos(&self) -> f64 {
        let pass = |pass: &PassProgram| 0.35 + 0.13 * pass.len() as f64;
        let copies = if self.outer.is_empty() { 0.5 } else { 3.7 };
        copies + self.passes().map(pass).sum::<f64>()
    }

    /// All passes.
    pub fn passes(&self) -> impl Iterator<Item = &PassProgram> {
        self.parts.iter().flat_map(|part| &part.passes)
    }
}

impl PassProgram {
    #[allow(clippy::too_many_arguments, reason = "all that a program is made from")]
    fn new(
        tiles: &Tiles,
        part: &Group,
        group: &Group,
        fused: &Fused,
        levels: &Levels,
        shape: &Shape,
        of: &dyn Fn(u64) -> Vec<isize>,
        room: &mut Room,
    ) -> PassProgram {
        let lanes = shape.lanes.iter().fold(0u64, |mask, bit| mask | 1 << bit);
        debug_assert_eq!(levels.registers.row_bits, shape.lanes.len());
        let registers = group.bits & !lanes;
        let free = part.bits & !group.bits;
        let (between, apart) = (of(free), of(registers));
        let positions = (0..1usize << between.len()).map(|number| offset(&between, number)).collect();
        let offsets = std::array::from_fn(|r| if r >> apart.len() == 0 { offset(&apart, r) } else { 0 });
        let register_bits: Vec<u8> = set_bits(registers).map(|bit| bit as u8).collect();
        let positioned: Vec<u8> = set_bits(free).map(|bit| bit as u8).collect();
        let highest_first = from_highest(free);
        let bases =
            (0..1usize << between.len()).map(|number| scatter(number, &highest_first) as u64).collect();
        let place = |bit: u8| match shape.lanes.iter().position(|&lane| lane == bit) {
            Some(lane) => Place::Lane(lane as u8),
            None => {
                let place = register_bits.iter().position(|&register| register == bit);
                Place::Register(place.expect("what a step mixes is in registers") as u8)
            }
        };
        let (mut micros, mut conditions) = (Vec::new(), Vec::new());
        let (mut tables, mut places) = (Vec::new(), Vec::new());
        let local: Vec<u8> = shape.lanes.iter().chain(&register_bits).copied().collect();
        let mut rest = group.steps.clone();
        while !rest.is_empty() {
            // All diagonals that nothing holds up make one table or two, ...
            let (mut steady, mut varying) = (Vec::new(), Vec::new());
            let (mut more, mut held) = (0u64, 0u64);
            rest.retain(|&number| {
                let Placed { step, masks: [support, mixed], at } = &tiles.steps[number];
                let Step::Term(term) = fused.steps[*step] else {
                    held |= mixed;
                    return true;
                };
                if support & held != 0 {
                    return true;
                }
                let others = support & !group.bits;
                if (more | others).count_ones() <= TABLE_BITS {
                    more |= others;
                    steady.push((term, at));
                } else {
                    varying.push((term, at));
                }
                false
            });
            for (terms, varies) in [(steady, false), (varying, true)] {
                if !terms.is_empty() {
                    micros.push(Micro::Table(tables.len()));
                    let others = if varies { 0 } else { more & !part.bits };
                    let (table, further) =
                        TableProgram::new(&terms, fused, &local, &positioned, others, room);
                    tables.push(table);
                    places.push(further);
                }
            }
            // ... and then all else is done that waits for no other diagonal.
            let (mut held_any, mut held) = (0u64, 0u64);
            rest.retain(|&number| {
                let Placed { step, masks: [support, mixed], at } = &tiles.steps[number];
                let now = |bit: u8| at.get(usize::from(bit)).copied().unwrap_or(bit);
                let free = mixed & held_any == 0 && support & held == 0;
                match &fused.steps[*step] {
                    Step::Turn(turn, bit) if free => micros.push(Micro::Turn(*turn, place(now(*bit)))),
                    Step::Matrix(matrix, bits) if free => {
                        let places = bits.iter().map(|&bit| place(now(bit))).collect();
                        micros.push(Micro::Matrix(*matrix, places));
                    }
                    Step::Flip(target, controls, values) if free => {
                        let (mut lanes, mut condition) = (u32::MAX, Condition::ALWAYS);
                        for bit in set_bits(*controls) {
                            let (value, bit) = (values >> bit & 1, now(bit as u8));
                            let wanted = |number: usize, place: u8| number as u64 >> place & 1 == value;
                            if group.bits >> bit & 1 == 0 {
                                condition.bits |= 1 << bit;
                                condition.values |= value << bit;
                                continue;
                            }
                            match place(bit) {
                                Place::Lane(lane) => lanes &= mask_of(32, |at| wanted(at, lane)),
                                Place::Register(place) => {
                                    condition.registers &= mask_of(8, |at| wanted(at, place)) as u8;
                                }
                            }
                        }
                        let lanes = (lanes != u32::MAX).then_some(lanes);
                        micros.push(Micro::Flip(place(now(*target)), lanes, conditions.len()));
                        conditions.push(condition);
                    }
                    _ => {
                        held_any |= support;
                        held |= mixed;
                        return true;
                    }
                }
                false
            });
        }
        let number = room.passes;
        room.passes += 1;
        let micros = micros.into_iter().map(|micro: Micro| {
            let at = Room::take(&mut room.coefs, micro.room(shape));
            if let Micro::Flip(_, _, number) = micro {
                conditions[number].at = at as u32;
            }
            (micro, at)
        });
        let micros = micros.collect();
        PassProgram {
            register_bits: register_bits.len(),
            positions,
            bases,
            offsets,
            number,
            micros,
            conditions,
            tables,
            places,
        }
    }

    /// How many steps it has.
    pub fn len(&self) -> usize {
        self.micros.len()
    }

    /// Arithmetic instructions for each register of real numbers.
    pub fn work(&self) -> usize {
        self.micros.iter().map(|(micro, _)| micro.work()).sum()
    }
}

impl Micro {
    /// Arithmetic instructions for each register of real numbers, shuffles of lanes included.
    fn work(&self) -> usize {
        match self {
            Micro::Turn(_, Place::Register(_)) => 1,
            Micro::Turn(_, Place::Lane(_)) | Micro::Table(_) => 2,
            Micro::Matrix(_, places) => {
                let lanes = places.iter().filter(|place| matches!(place, Place::Lane(_))).count();
                (2 << places.len()) + (1 << lanes) - 1
            }
            Micro::Flip(Place::Register(_), None, _) => 0,
            Micro::Flip(..) => 3,
        }
    }

    /// Room for its coefficients; a table takes its own.
    fn room(&self, shape: &Shape) -> usize {
        let width = 1usize << shape.lanes.len();
        match self {
            Micro::Turn(_, Place::Register(_)) => 2,
            Micro::Turn(_, Place::Lane(_)) => width,
            Micro::Matrix(_, places) => match places[..] {
                [Place::Register(_)] => 8,
                [_] => 4 * width,
                [Place::Register(_), Place::Register(_)] => 32,
                [Place::Lane(_), Place::Lane(_)] => 8 * width,
                _ => 16 * width,
            },
            Micro::Flip(Place::Register(_), None, _) | Micro::Table(_) => 0,
            Micro::Flip(..) => 2 * width,
        }
    }
}

impl TableProgram {
    fn new(
        terms: &[(usize, &Vec<u8>)],
        fused: &Fused,
        local: &[u8],
        positioned: &[u8],
        others: u64,
        room: &mut Room,
    ) -> (TableProgram, Vec<u32>) {
        let varies = others == 0 && {
            let known = local.iter().chain(positioned).fold(0u64, |mask, bit| mask | 1 << bit);
            terms.iter().any(|(term, at)| support(&fused.terms[*term], at) & !known != 0)
        };
        let touched = terms.iter().fold(0, |mask, (term, at)| mask | support(&fused.terms[*term], at));
        let mut bits = local.to_vec();
        let by_position: Vec<usize> =
            (0..positioned.len()).filter(|&place| touched >> positioned[place] & 1 == 1).collect();
        bits.extend(by_position.iter().map(|&place| positioned[place]));
        let places = match by_position.is_empty() {
            true => Vec::new(),
            false => (0..1usize << positioned.len())
                .map(|number| {
                    let setting = by_position
                        .iter()
                        .enumerate()
                        .fold(0, |setting, (to, &from)| setting | (number >> from & 1) << to);
                    (setting << (local.len() + 1)) as u32
                })
                .collect(),
        };
        let further = 2usize << bits.len();
        let others: Vec<u8> = set_bits(others).map(|bit| bit as u8).collect();
        bits.extend(&others);
        let len = 2usize << bits.len();
        let at = Room::take(if varies { &mut room.varying } else { &mut room.coefs }, len);
        let terms = terms
            .iter()
            .map(|(term, at)| Restricted::new(*term, &fused.terms[*term], at, &bits))
            .collect();
        let others = (others.into_iter().rev().collect(), further);
        (TableProgram { at, bits, others, varies, terms }, places)
    }

    /// Real numbers in all its entries.
    pub fn len(&self) -> usize {
        2 << self.bits.len()
    }

    /// Where the entries for this setting of all bits outside begin, seen from the first.
    pub fn further(&self, base: u64) -> usize {
        gather(base as usize, &self.others.0) * self.others.1
    }

    /// Computes the entries for this setting of all bits outside, and tells whether all are one.
    pub fn write<T: Real>(
        &self,
        filled: &Terms<'_>,
        base: u64,
        scratch: &mut Vec<Complex64>,
        width: usize,
        out: &mut [T],
    ) -> bool {
        // What depends on one bit alone is gathered, so that it costs one product for each entry.
        let mut pairs = [[Complex64::ONE; 2]; 64];
        for term in self.terms.iter().filter(|term| term.single.is_some()) {
            term.pair(filled, base, &mut pairs);
        }
        scratch.clear();
        scratch.push(Complex64::ONE);
        for &[zero, one] in &pairs[..self.bits.len()] {
            let count = scratch.len();
            scratch.extend_from_within(..);
            let (low, high) = scratch.split_at_mut(count);
            if zero != Complex64::ONE {
                low.iter_mut().for_each(|entry| *entry *= zero);
            }
            if one != Complex64::ONE {
                high.iter_mut().for_each(|entry| *entry *= one);
            }
        }
        for term in self.terms.iter().filter(|term| term.single.is_none()) {
            term.multiply(filled, base, scratch);
        }
        for (block, out) in scratch.chunks_exact(width).zip(out.chunks_exact_mut(2 * width)) {
            let (re, im) = out.split_at_mut(width);
            for ((entry, re), im) in block.iter().zip(re).zip(im) {
                (*re, *im) = (T::from_f64(entry.re), T::from_f64(entry.im));
            }
        }
        scratch.iter().all(|&entry| entry == Complex64::ONE)
    }
}

/// The bits that a term touches, where they now are.
fn support(term: &Term, at: &[u8]) -> u64 {
    let now = |bit: usize| at.get(bit).copied().unwrap_or(bit as u8);
    let targets = term.targets.iter().map(|&bit| usize::from(bit));
    targets.chain(set_bits(term.controls)).fold(0, |mask, bit| mask | 1 << now(bit))
}

/// The entries of all terms.
pub struct Terms<'a> {
    entries: &'a [Complex64],
    first: &'a [usize],
}

impl Restricted {
    fn new(number: usize, term: &Term, at: &[u8], bits: &[u8]) -> Restricted {
        let now = |bit: usize| at.get(bit).copied().unwrap_or(bit as u8);
        let entry = |bit: u8| bits.iter().position(|&known| known == bit);
        let (mut controls, mut outer_controls) = ([0; 2], [0; 2]);
        for bit in set_bits(term.controls) {
            let value = term.values >> bit & 1;
            match entry(now(bit)) {
                Some(place) => {
                    controls[0] |= 1 << place;
                    controls[1] |= (value as usize) << place;
                }
                None => {
                    outer_controls[0] |= 1 << now(bit);
                    outer_controls[1] |= value << now(bit);
                }
            }
        }
        let (mut targets, mut outer_targets) = (Vec::new(), Vec::new());
        for (row, &bit) in term.targets.iter().rev().enumerate() {
            let row = if term.parity { 0 } else { row as u8 };
            match entry(now(bit.into())) {
                Some(place) => targets.push((place as u8, row)),
                None => outer_targets.push((now(bit.into()), row)),
            }
        }
        let single = match (targets[..].len(), controls[0].count_ones()) {
            (1, 0) => Some(targets[0].0),
            (0, 1) => Some(controls[0].trailing_zeros() as u8),
            _ => None,
        };
        let parity = term.parity;
        Restricted { term: number, parity, controls, outer_controls, targets, outer_targets, single }
    }

    /// Its entries, and the bits of an entry's number that targets elsewhere are; nothing where it is one.
    fn entries<'a>(&self, terms: &Terms<'a>, base: u64) -> Option<(&'a [Complex64], usize)> {
        let [mask, values] = self.outer_controls;
        if (base ^ values) & mask != 0 {
            return None;
        }
        let entries = &terms.entries[terms.first[self.term]..terms.first[self.term + 1]];
        let outer = self.outer_targets.iter();
        Some((entries, outer.fold(0, |row, &(bit, place)| row ^ ((base >> bit & 1) as usize) << place)))
    }

    /// Multiplies the factors for the two values of the one bit that it touches.
    #[inline]
    fn pair(&self, terms: &Terms<'_>, base: u64, pairs: &mut [[Complex64; 2]; 64]) {
        let (Some(place), Some((entries, outer))) = (self.single, self.entries(terms, base)) else {
            return;
        };
        let pair = &mut pairs[usize::from(place)];
        match self.targets.first() {
            Some(&(_, to)) => {
                pair[0] *= entries[outer];
                pair[1] *= entries[outer ^ 1 << to];
            }
            None => pair[self.controls[1] >> place & 1] *= entries[outer],
        }
    }

    /// Multiplies the entries of a table.
    fn multiply(&self, terms: &Terms<'_>, base: u64, table: &mut [Complex64]) {
        let Some((entries, outer)) = self.entries(terms, base) else { return };
        let [mask, values] = self.controls;
        let all = self.targets.iter().fold(0, |mask, &(place, _)| mask | 1usize << place);
        if self.parity {
            for (number, out) in table.iter_mut().enumerate() {
                if (number ^ values) & mask == 0 {
                    *out *= entries[((number & all).count_ones() as usize + outer) & 1];
                }
            }
            return;
        }
        let free = (table.len() - 1) & !(mask | all);
        for setting in 0..1usize << self.targets.len() {
            let (mut row, mut fixed) = (outer, values);
            for (number, &(place, to)) in self.targets.iter().enumerate() {
                row |= (setting >> number & 1) << to;
                fixed |= (setting >> number & 1) << place;
            }
            let entry = entries[row];
            if entry == Complex64::ONE {
                continue;
            }
            // Counts through all settings of the free bits.
            let mut rest = 0usize;
            loop {
                table[rest | fixed] *= entry;
                rest = rest.wrapping_sub(free) & free;
                if rest == 0 {
                    break;
                }
            }
        }
    }
}

impl<T: Real> Filled<T> {
    /// The numbers of some tiles.
    pub fn new<'a>(
        fused: &Fused,
        numbers: &Numbers<'_>,
        tiles: impl Iterator<Item = &'a TileProgram>,
        room: &Room,
        shape: &Shape,
    ) -> Filled<T> {
        let mut filled = Filled {
            codes: Vec::new(),
            ends: vec![0],
            coefs: Aligned::new(room.coefs),
            entries: Vec::new(),
            first: vec![0],
        };
        for term in &fused.terms {
            numbers.entries(term, &mut filled.entries);
            filled.first.push(filled.entries.len());
        }
        let mut scratch = Vec::new();
        for tile in tiles {
            for pass in tile.passes() {
                for (micro, at) in &pass.micros {
                    let codes = &mut filled.codes;
                    let coefs = &mut filled.coefs.as_mut_slice()[*at..];
                    let at = *at as u32;
                    match micro {
                        Micro::Turn(number, place) => {
                            codes.push(turn(&numbers.turns[*number], *place, at, shape, coefs));
                        }
                        Micro::Matrix(number, places) => {
                            let matrix = numbers.matrix(&fused.matrices[*number]);
                            codes.push(dense(&matrix, places, at, shape, coefs));
                        }
                        Micro::Table(number) => {
                            let table = &pass.tables[*number];
                            if !table.varies {
                                let terms = Terms { entries: &filled.entries, first: &filled.first };
                                let out = &mut filled.coefs.as_mut_slice()[table.at..];
                                let width = 1 << shape.lanes.len();
                                if table.write(&terms, 0, &mut scratch, width, out) {
                                    continue; // nothing to do
                                }
                            }
                            codes.push(Code { arm: Arm::Diagonal, at: *number as u32 });
                        }
                        Micro::Flip(place, lanes, condition) => {
                            let arm = match (*place, lanes) {
                                (Place::Register(bit), None) => Arm::Flip(bit),
                                (Place::Register(bit), Some(_)) => Arm::FlipLanes(bit),
                                (Place::Lane(bit), _) => Arm::LaneFlip(bit),
                            };
                            if !matches!(arm, Arm::Flip(_)) {
                                let width = 1 << shape.lanes.len();
                                for lane in 0..width {
                                    let flips = lanes.unwrap_or(u32::MAX) >> lane & 1;
                                    coefs[lane] = T::from_f64(f64::from(1 - flips));
                                    coefs[width + lane] = T::from_f64(f64::from(flips));
                                }
                            }
                            codes.push(Code { arm, at: *condition as u32 });
                        }
                    }
                }
                filled.ends.push(filled.codes.len());
            }
        }
        filled
    }

    /// The entries of all terms.
    pub fn terms(&self) -> Terms<'_> {
        Terms { entries: &self.entries, first: &self.first }
    }
}

/// Writes the coefficients of a turn, and tells the step.
fn turn<T: Real>(turned: &Turned, place: Place, at: u32, shape: &Shape, coefs: &mut [T]) -> Code {
    let [a, b] = [turned.a, turned.b].map(T::from_f64);
    let arm = match (place, turned.exchanged) {
        (Place::Register(bit), false) => Arm::Turn(bit),
        (Place::Register(bit), true) => Arm::Exchange(bit),
        (Place::Lane(bit), false) => Arm::LaneTurn(bit),
        (Place::Lane(bit), true) => Arm::LaneExchange(bit),
    };
    match place {
        Place::Register(_) => coefs[..2].copy_from_slice(&[a, b]),
        Place::Lane(bit) => {
            for (lane, coef) in coefs[..1 << shape.lanes.len()].iter_mut().enumerate() {
                *coef = if lane >> bit & 1 == 1 { b } else { a };
            }
        }
    }
    Code { arm, at }
}

/// Writes the coefficients of a matrix on one bit or two, and tells the step.
fn dense<T: Real>(
    matrix: &[Complex64; 16],
    places: &[Place],
    at: u32,
    shape: &Shape,
    coefs: &mut [T],
) -> Code {
    let width = 1usize << shape.lanes.len();
    let mut splat = |number: usize, entry: Complex64| {
        coefs[2 * number] = T::from_f64(entry.re);
        coefs[2 * number + 1] = T::from_f64(entry.im);
    };
    match *places {
        [Place::Register(bit)] => {
            (0..4).for_each(|i| splat(i, matrix[i]));
            return Code { arm: Arm::Dense(bit), at };
        }
        [Place::Register(high), Place::Register(low)] => {
            // The lower bit of a register's number is the lower bit of a row.
            let row = |row: usize| if high > low { row } else { [0, 2, 1, 3][row] };
            (0..16).for_each(|i| splat(i, matrix[4 * row(i / 4) + row(i % 4)]));
            return Code { arm: Arm::Pair(high.min(low), high.max(low)), at };
        }
        _ => {}
    }
    let mut lanes = |number: usize, entry: &dyn Fn(usize) -> Complex64| {
        let (re, im) = coefs[2 * number * width..][..2 * width].split_at_mut(width);
        for (lane, (re, im)) in re.iter_mut().zip(im).enumerate() {
            let entry = entry(lane);
            (*re, *im) = (T::from_f64(entry.re), T::from_f64(entry.im));
        }
    };
    let arm = match *places {
        [Place::Lane(bit)] => {
            for flipped in 0..2 {
                lanes(flipped, &|lane| {
                    let row = lane >> bit & 1;
                    matrix[2 * row + (row ^ flipped)]
                });
            }
            Arm::LaneDense(bit)
        }
        [Place::Lane(high), Place::Lane(low)] => {
            for flipped in 0..4 {
                lanes(flipped, &|lane| {
                    let row = (lane >> high & 1) << 1 | lane >> low & 1;
                    matrix[4 * row + (row ^ flipped)]
                });
            }
            Arm::LanesPair(low, high)
        }
        [first, second] => {
            let (register, lane_bit, upper) = match (first, second) {
                (Place::Register(register), Place::Lane(lane)) => (register, lane, true),
                (Place::Lane(lane), Place::Register(register)) => (register, lane, false),
                _ => unreachable!("the other places are above"),
            };
            let row = |i: usize, lane: usize| if upper { 2 * i + lane } else { i + 2 * lane };
            for number in 0..8 {
                let (i, j, flipped) = (number >> 2, number >> 1 & 1, number & 1);
                lanes(number, &|lane| {
                    let value = lane >> lane_bit & 1;
                    matrix[4 * row(i, value) + row(j, value ^ flipped)]
                });
            }
            Arm::LanePair(register, lane_bit)
        }
        _ => unreachable!("matrices on one bit or two"),
    };
    Code { arm, at }
}
