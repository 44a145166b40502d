//! Shape and strides of an array, read as a relabelling: which *bit* of the address each qubit is.
//!
//! A state of `n` qubits is `2**n` places in memory, and qubit `q` is a stride between them. Sorted
//! by the size of their strides, the qubits are the **bits** of the address: bit 0 has the smallest
//! stride. Kernels speak of bits only; a transposed tensor is a flat vector whose qubits have other
//! names. A negative stride is a bit that is *flipped*: its qubit is 1 at the lower address.
//!
//! Strides count real numbers, two to an amplitude, because one field of a packed record may lie at
//! half an amplitude's distance from the next. In a layout of *real* amplitudes
//! ([`Layout::in_reals`]) an amplitude is one real number.
//!
//! ```
//! use numket::layout::Layout;
//! let flat = Layout::flat(3);
//! assert_eq!(flat.bit_of(0).unwrap(), 2); // qubit 0 is the most significant bit
//! // The transpose of the (2, 2, 2) tensor: qubit 0 is now the least significant one.
//! let turned = Layout::of_array("state", &[2, 2, 2], &[2, 4, 8], 0).unwrap();
//! assert_eq!(turned.bit_of(0).unwrap(), 0);
//! // Every second amplitude of a vector, last one first.
//! let holes = Layout::of_array("state", &[8], &[-4], 0).unwrap();
//! assert_eq!((holes.stride(0), holes.flipped(), holes.lowest()), (4, 0b111, -28));
//! ```

use std::ops::Range;

use crate::error::{Error, Result};

/// No NumPy array has more axes, and no address space more bits.
pub const MAX_BITS: usize = 64;

/// Where the amplitudes of a state lie, and in a batch those of the others.
///
/// A flat vector is two numbers, so that the smallest states pay nothing for the largest tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Number of bits, that is of axes of length 2.
    bits: u16,
    /// Number of axes as the user counts them: bits and axes of length 1.
    axes: u16,
    /// Whether each amplitude is one real number.
    real: bool,
    /// What is not as in a flat vector, which has its qubits in order, the most significant bit
    /// first, and its amplitudes in one row.
    strided: Option<Box<Strided>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Strided {
    /// The bit that each axis is, [`FROZEN`] for an axis of length 1.
    bit_of_axis: Vec<u8>,
    /// The stride of each bit, all positive.
    strides: Vec<isize>,
    /// How many of the lowest bits have the strides of a flat vector.
    run: usize,
    /// The bits whose qubit is 1 at the lower address, as a mask.
    flipped: u64,
    /// Where the amplitude with the lowest address lies, seen from basis state 0.
    lowest: isize,
    /// The axes that count states.
    batch: Batch,
}

/// In `bit_of_axis`: an axis of length 1, which is no qubit.
const FROZEN: u8 = u8::MAX;

/// The axes of an array that count its states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The stride of each axis.
    pub strides: Vec<isize>,
}

impl Batch {
    /// Where every `step`-th state of `range`, counted in C order, begins.
    #[inline]
    pub fn offsets(&self, range: Range<usize>, step: usize) -> impl Iterator<Item = isize> + '_ {
        let axes = self.shape.iter().zip(&self.strides).rev();
        let place = move |state: usize| {
            let mut rest = state;
            axes.clone().fold(0, |offset, (&len, &stride)| {
                let index = rest % len;
                rest /= len;
                offset + index as isize * stride
            })
        };
        // Only the first of each row, of states at the same distance, is looked up.
        let (len, stride) = match (self.stride(), self.shape.last(), self.strides.last()) {
            (Some(stride), ..) => (usize::MAX, stride),
            (None, Some(&len), Some(&stride)) => (len, stride),
            _ => (1, 0),
        };
        let (mut offset, mut left) = (0, 0);
        (0..range.len().div_ceil(step)).map(move |number| {
            if left == 0 {
                let state = range.start + number * step;
                (offset, left) = (place(state), (len - state % len).div_ceil(step));
            }
            let here = offset;
            (offset, left) = (offset + step as isize * stride, left - 1);
            here
        })
    }

    /// Cuts the batch into blocks of `2**k` states, each told by the offset of its first state and
    /// the strides of `k` bits: what is done to all states alike is done to one larger state.
    pub fn blocks(&self, mut body: impl FnMut(isize, &[isize])) {
        /// The blocks of the axes from the first of `axes`.
        fn cut(
            axes: &[(usize, isize)],
            offset: isize,
            bits: &mut Vec<isize>,
            body: &mut dyn FnMut(isize, &[isize]),
        ) {
            let Some((&(len, stride), axes)) = axes.split_first() else { return body(offset, bits) };
            let mut done = 0;
            for k in (0..usize::BITS).rev().filter(|k| len >> k & 1 == 1) {
                let known = bits.len();
                bits.extend((0..k).map(|bit| stride << bit));
                cut(axes, offset + done * stride, bits, body);
                bits.truncate(known);
                done += 1 << k;
            }
        }
        cut(&self.axes(), 0, &mut Vec::new(), &mut body);
    }

    /// Lengths and strides of the axes, without those of length 1; one that continues the axis before
    /// it is the same axis.
    fn axes(&self) -> Vec<(usize, isize)> {
        let mut axes: Vec<(usize, isize)> = Vec::new();
        for (&len, &stride) in self.shape.iter().zip(&self.strides).filter(|(len, _)| **len != 1) {
            match axes.last_mut() {
                Some(last) if last.1 == stride * len as isize => *last = (last.0 * len, stride),
                _ => axes.push((len, stride)),
            }
        }
        axes
    }

    /// The distance from each state to the next, if it is the same for all.
    pub fn stride(&self) -> Option<isize> {
        match self.axes()[..] {
            [(_, stride)] => Some(stride),
            _ => None,
        }
    }

    /// The axes of an array in C order, of which each element has `size` numbers.
    pub fn in_c_order(shape: &[usize], size: usize) -> Batch {
        let mut strides = vec![0; shape.len()];
        let mut stride = size as isize;
        for (to, &len) in strides.iter_mut().zip(shape).rev() {
            *to = stride;
            stride *= len as isize;
        }
        Batch { shape: shape.to_vec(), strides }
    }

    /// These axes broadcast to `shape` by NumPy's rules: an axis of length 1, or one that is missing on
    /// the left, is repeated, with a stride of 0. None where they do not fit.
    pub fn broadcast(&self, shape: &[usize]) -> Option<Batch> {
        let missing = shape.len().checked_sub(self.shape.len())?;
        let mut strides = vec![0; shape.len()];
        for (axis, (&len, &stride)) in self.shape.iter().zip(&self.strides).enumerate() {
            match len {
                1 => {}
                len if len == shape[missing + axis] => strides[missing + axis] = stride,
                _ => return None,
            }
        }
        Some(Batch { shape: shape.to_vec(), strides })
    }

    /// The axes of two batches broadcast against each other, which gives both one shape.
    ///
    /// # Errors
    /// [`Error::Broadcast`].
    pub fn matched(left: &Batch, right: &Batch) -> Result<[Batch; 2]> {
        let longer = |(&a, &b): (&usize, &usize)| if a == 1 { b } else { a };
        let shape: Vec<usize> = left.shape.iter().zip(&right.shape).map(longer).collect();
        match (left.broadcast(&shape), right.broadcast(&shape)) {
            (Some(left), Some(right)) => Ok([left, right]),
            _ => Err(Error::Broadcast {
                argument: "bra",
                shape: left.shape.clone(),
                batch: right.shape.clone(),
            }),
        }
    }

    /// Number of states.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there is no state.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Numbers in C order, as many for each state of a batch: one row for all, or one for each.
#[derive(Clone, Debug)]
pub struct Rows<'a, T> {
    numbers: &'a [T],
    size: usize,
    /// Where each state finds its row.
    batch: Batch,
}

impl<'a, T> Rows<'a, T> {
    /// One row for all states.
    pub fn one(numbers: &'a [T]) -> Rows<'a, T> {
        Rows { numbers, size: numbers.len(), batch: Batch::default() }
    }

    /// The numbers of an array of some shape, the argument called `argument`. Its last `core` axes are those
    /// of a row, those before are broadcast against `batch` by NumPy's rules.
    ///
    /// # Errors
    /// [`Error::Broadcast`].
    ///
    /// # Panics
    /// Where it has not as many axes.
    pub fn new(
        argument: &'static str,
        numbers: &'a [T],
        shape: &[usize],
        core: usize,
        batch: &[usize],
    ) -> Result<Rows<'a, T>> {
        let (shape, row) = shape.split_at(shape.len() - core);
        let size = row.iter().product();
        match Batch::in_c_order(shape, size).broadcast(batch) {
            Some(batch) => Ok(Rows { numbers, size, batch }),
            None => Err(Error::Broadcast { argument, shape: shape.to_vec(), batch: batch.to_vec() }),
        }
    }

    /// Whether all states have the same row.
    pub fn shared(&self) -> bool {
        self.batch.strides.iter().all(|&stride| stride == 0)
    }

    /// How many numbers a row has.
    pub fn size(&self) -> usize {
        self.size
    }

    /// All numbers, each row once.
    pub fn numbers(&self) -> &'a [T] {
        self.numbers
    }

    /// Where each state finds its row among them.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The row of the first state; empty where there is no row.
    pub fn first(&self) -> &'a [T] {
        self.numbers.get(..self.size).unwrap_or_default()
    }

    /// The rows of some states, counted in C order.
    #[inline]
    pub fn of(&self, range: Range<usize>) -> impl Iterator<Item = &'a [T]> {
        self.batch.offsets(range, 1).map(|place| &self.numbers[place as usize..][..self.size])
    }
}

/// Number of axes that a call may name as batch axes.
#[inline]
fn batch_axes(batch: i64, axes: usize) -> Result<usize> {
    match usize::try_from(batch) {
        Ok(count) if count <= axes => Ok(count),
        _ => Err(Error::BatchAxes { batch, axes }),
    }
}

impl Layout {
    /// A flat vector of `2**n` amplitudes in one block.
    #[inline]
    pub fn flat(n: usize) -> Layout {
        assert!(n < MAX_BITS - 1, "no address space has as many amplitudes");
        Layout { bits: n as u16, axes: n as u16, real: false, strided: None }
    }

    /// A flat vector of `2**n` real amplitudes in one block.
    #[inline]
    pub fn flat_of_reals(n: usize) -> Layout {
        Layout { real: true, ..Layout::flat(n) }
    }

    /// Reads `shape` and `strides` of the array named `argument`, whose first `batch` axes count
    /// states.
    ///
    /// A state is `(2**n,)` or a tensor with axes of length 2 and 1, under any strides that give
    /// every amplitude a place of its own.
    ///
    /// # Errors
    /// [`Error::BatchAxes`], [`Error::Shape`] and [`Error::Strides`].
    #[inline(always)]
    pub fn of_array(
        argument: &'static str,
        shape: &[usize],
        strides: &[isize],
        batch: i64,
    ) -> Result<Layout> {
        debug_assert_eq!(shape.len(), strides.len());
        match (shape, strides) {
            (&[len], &[stride]) if batch == 0 && len.is_power_of_two() && (stride == 2 || len == 1) => {
                Ok(Layout::flat(len.trailing_zeros() as usize))
            }
            _ => Layout::of_any_array(argument, shape, strides, batch),
        }
    }

    fn of_any_array(
        argument: &'static str,
        shape: &[usize],
        strides: &[isize],
        batch: i64,
    ) -> Result<Layout> {
        let batch = batch_axes(batch, shape.len())?;
        let counted = Batch { shape: shape[..batch].to_vec(), strides: strides[..batch].to_vec() };
        let axes: Vec<(usize, isize)> = match (&shape[batch..], &strides[batch..]) {
            // Qubit q of n is an axis of stride `stride << (n - 1 - q)`.
            (&[len], &[stride]) if len.is_power_of_two() => {
                (0..len.trailing_zeros()).rev().map(|bit| (2, stride << bit)).collect()
            }
            (shape, strides) if shape.len() != 1 && shape.iter().all(|&len| len == 1 || len == 2) => {
                shape.iter().copied().zip(strides.iter().copied()).collect()
            }
            _ => return Err(Error::Shape { argument, shape: shape[batch..].to_vec(), batch }),
        };
        let all = axes
            .iter()
            .copied()
            .chain(counted.shape.iter().copied().zip(counted.strides.iter().copied()));
        if let Some(fact) = shared_memory(all.collect()) {
            return Err(Error::Strides { argument, strides: strides.to_vec(), fact });
        }
        Ok(Layout::of_axes(&axes, counted))
    }

    /// Axes of length 2 and 1 that give every amplitude a place of its own.
    fn of_axes(axes: &[(usize, isize)], batch: Batch) -> Layout {
        Layout::of_axes_in(axes, batch, false)
    }

    /// The same, for `real` amplitudes or complex ones.
    fn of_axes_in(axes: &[(usize, isize)], batch: Batch, real: bool) -> Layout {
        let mut by_stride: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].0 == 2).collect();
        by_stride.sort_by_key(|&axis| axes[axis].1.unsigned_abs());
        let unit = if real { 1 } else { 2 };
        let mut strided = Strided {
            bit_of_axis: vec![FROZEN; axes.len()],
            strides: Vec::with_capacity(by_stride.len()),
            run: 0,
            flipped: 0,
            lowest: 0,
            batch,
        };
        for (bit, &axis) in by_stride.iter().enumerate() {
            let stride = axes[axis].1;
            strided.bit_of_axis[axis] = bit as u8;
            strided.strides.push(stride.abs());
            strided.run += usize::from(strided.run == bit && stride.abs() == unit << bit);
            if stride < 0 {
                strided.flipped |= 1 << bit;
                strided.lowest += stride;
            }
        }
        let (bits, axes) = (by_stride.len() as u16, axes.len() as u16);
        Layout { bits, axes, real, strided: Some(Box::new(strided)) }
    }

    /// A state whose bits have these strides, from the smallest.
    pub fn of_strides(strides: &[isize]) -> Layout {
        let axes: Vec<(usize, isize)> = strides.iter().rev().map(|&stride| (2, stride)).collect();
        Layout::of_axes(&axes, Batch::default())
    }

    /// This state and others like it, told by the strides of further bits, as one larger state: its
    /// layout, and which bit of it each bit of this one is.
    pub fn with_bits(&self, further: &[isize]) -> (Layout, [u8; MAX_BITS]) {
        let sign = |bit: usize| if self.flipped() >> bit & 1 == 1 { -1 } else { 1 };
        let own = (0..self.num_qubits()).map(|bit| (2, sign(bit) * self.stride(bit)));
        let axes: Vec<(usize, isize)> = own.chain(further.iter().map(|&stride| (2, stride))).collect();
        let layout = Layout::of_axes_in(&axes, Batch::default(), self.is_real());
        let mut bits = [0; MAX_BITS];
        for (bit, to) in bits.iter_mut().enumerate().take(self.num_qubits()) {
            *to = layout.bit_of(bit as i64).expect("an axis of length 2") as u8;
        }
        (layout, bits)
    }

    /// This layout where amplitudes are single real numbers, each in the place of two; None where one of them would
    /// lie at half a number's distance.
    ///
    /// ```
    /// use numket::layout::Layout;
    /// let real = Layout::flat(3).in_reals().unwrap();
    /// assert!(real.is_real() && [real.stride(0), real.stride(1), real.stride(2)] == [1, 2, 4]);
    /// // Qubit 2 tells the real and imaginary parts of a complex state of two qubits apart.
    /// assert_eq!(real.pairs().unwrap().num_qubits(), 2);
    /// ```
    pub fn in_reals(&self) -> Option<Layout> {
        if self.strided.is_none() {
            return Some(Layout::flat_of_reals(self.num_qubits()));
        }
        let batch = self.batch_or_one();
        let mut strides =
            (0..self.num_qubits()).map(|bit| self.stride(bit)).chain(batch.strides.iter().copied());
        if strides.any(|stride| stride % 2 != 0) {
            return None;
        }
        let axis = |axis: i64| match self.bit_of(axis) {
            Ok(bit) => (2, self.signed_stride(bit) / 2),
            Err(_) => (1, 0),
        };
        let axes: Vec<(usize, isize)> = (0..i64::from(self.axes)).map(axis).collect();
        let halves = batch.strides.iter().map(|stride| stride / 2).collect();
        Some(Layout::of_axes_in(&axes, Batch { shape: batch.shape.clone(), strides: halves }, true))
    }

    /// Whether each amplitude is one real number.
    #[inline]
    pub fn is_real(&self) -> bool {
        self.real
    }

    /// How many real numbers an amplitude is.
    #[inline]
    pub fn unit(&self) -> isize {
        if self.is_real() { 1 } else { 2 }
    }

    /// The bytes of all amplitudes of a state, of real numbers `T`.
    pub fn bytes<T>(&self) -> usize {
        (self.unit() as usize * size_of::<T>()) << self.num_qubits()
    }

    /// The complex states of one qubit less that lie in the memory of these real ones: bit 0 tells real and imaginary
    /// parts apart, and bit `b + 1` becomes bit `b`. None where the two amplitudes that differ in bit 0 are no
    /// neighbours.
    pub fn pairs(&self) -> Option<Layout> {
        if !self.real {
            return None;
        }
        let Some(strided) = &self.strided else {
            return self.num_qubits().checked_sub(1).map(Layout::flat);
        };
        let (&lowest, others) = strided.strides.split_first()?;
        let even = |strides: &[isize]| strides.iter().all(|stride| stride % 2 == 0);
        if lowest != 1 || !even(others) || !even(&strided.batch.strides) {
            return None;
        }
        let axes: Vec<(usize, isize)> =
            (1..self.num_qubits()).rev().map(|bit| (2, self.signed_stride(bit))).collect();
        Some(Layout::of_axes(&axes, strided.batch.clone()))
    }

    /// Whether it is that of a flat vector.
    #[inline]
    pub fn is_flat(&self) -> bool {
        self.strided.is_none()
    }

    /// The axes that count states; None where there is but one.
    #[inline]
    pub fn batch(&self) -> Option<&Batch> {
        let batch = &self.strided.as_ref()?.batch;
        (!batch.shape.is_empty()).then_some(batch)
    }

    /// The axes that count states, none of them where there is but one state.
    pub fn batch_or_one(&self) -> &Batch {
        self.batch().unwrap_or(const { &Batch { shape: Vec::new(), strides: Vec::new() } })
    }

    /// How many states there are.
    #[inline]
    pub fn states(&self) -> usize {
        self.batch().map_or(1, Batch::len)
    }

    /// Number of qubits.
    #[inline]
    pub fn num_qubits(&self) -> usize {
        self.bits as usize
    }

    /// The distance between the amplitudes that differ in a bit.
    #[inline]
    pub fn stride(&self, bit: usize) -> isize {
        debug_assert!(bit < self.num_qubits());
        match &self.strided {
            None => self.unit() << bit,
            Some(strided) => strided.strides[bit],
        }
    }

    /// How much further an amplitude lies if the qubit that is this bit is 1; negative for a flipped bit.
    pub fn signed_stride(&self, bit: usize) -> isize {
        if self.flipped() >> bit & 1 == 1 { -self.stride(bit) } else { self.stride(bit) }
    }

    /// The bits whose qubit is 1 at the lower address, as a mask.
    #[inline]
    pub fn flipped(&self) -> u64 {
        self.strided.as_ref().map_or(0, |strided| strided.flipped)
    }

    /// Where the amplitude with the lowest address lies, seen from basis state 0: 0 or negative.
    #[inline]
    pub fn lowest(&self) -> isize {
        self.strided.as_ref().map_or(0, |strided| strided.lowest)
    }

    /// The bits of all qubits, qubit 0 first.
    pub fn qubit_bits(&self) -> impl Iterator<Item = usize> {
        (0..i64::from(self.axes)).filter_map(|axis| self.bit_of(axis).ok())
    }

    /// The bit that qubit (axis) `qubit` is.
    ///
    /// # Errors
    /// [`Error::QubitRange`] where there is no such axis, [`Error::FrozenAxis`] where it has length 1.
    #[inline(always)]
    pub fn bit_of(&self, qubit: i64) -> Result<usize> {
        let axes = self.axes as usize;
        match (usize::try_from(qubit), &self.strided) {
            (Ok(axis), None) if axis < axes => Ok(axes - 1 - axis),
            (Ok(axis), Some(strided)) if axis < axes => match strided.bit_of_axis[axis] {
                FROZEN => Err(Error::FrozenAxis { axis }),
                bit => Ok(bit.into()),
            },
            _ => Err(Error::QubitRange { qubit, num_qubits: axes }),
        }
    }

    /// How many of the lowest bits have the strides of a flat vector: `2**run` amplitudes lie in a
    /// row.
    #[inline]
    pub fn run(&self) -> usize {
        self.strided.as_ref().map_or(self.num_qubits(), |strided| strided.run)
    }
}

/// How the amplitudes of two states meet, qubit by qubit, however each lies in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairing {
    /// The strides of each bit in the first, in order of its addresses, and of the same qubit in the second:
    /// backwards where only one of the two is flipped.
    pub strides: Vec<[isize; 2]>,
    /// How many of the lowest bits have the strides of a flat vector in both.
    pub run: usize,
    /// Where the two begin, seen from the lowest amplitude of each.
    pub origin: [isize; 2],
}

impl Layout {
    /// How amplitudes under this layout meet those under another of as many qubits.
    pub fn paired(&self, other: &Layout) -> Pairing {
        debug_assert_eq!(self.num_qubits(), other.num_qubits());
        let mut strides = vec![[0; 2]; self.num_qubits()];
        let mut origin = [0; 2];
        for (a, b) in self.qubit_bits().zip(other.qubit_bits()) {
            let stride = other.stride(b);
            let against = (self.flipped() >> a ^ other.flipped() >> b) & 1 == 1;
            strides[a] = [self.stride(a), if against { -stride } else { stride }];
            origin[1] += if against { stride } else { 0 };
        }
        let units = [self.unit(), other.unit()];
        let flat = |&(bit, stride): &(usize, &[isize; 2])| *stride == units.map(|unit| unit << bit);
        let run = strides.iter().enumerate().take_while(flat).count();
        Pairing { strides, run, origin }
    }
}

/// How many settings the search for two amplitudes in one place may try.
const MAX_TRIES: usize = 1 << 16;

/// Why elements of an array with axes `(length, stride)`, two numbers each, may share memory; None
/// where no two do.
///
/// Two elements that share memory differ by a combination `sum d * stride` of at most 1 in size,
/// with `|d| < length`. An axis whose stride is beyond all that the smaller ones can reach together
/// takes no part in one; arrays made by slicing and transposing have only such axes. For others,
/// all combinations are searched.
fn shared_memory(mut axes: Vec<(usize, isize)>) -> Option<&'static str> {
    /// Whether some `d` for the first `axes` brings `sum` close to 0; None after too many tries.
    fn search(
        axes: &[(usize, isize)],
        reach: &[isize],
        sum: isize,
        zero: bool,
        tries: &mut usize,
    ) -> Option<bool> {
        *tries += 1;
        if *tries > MAX_TRIES {
            return None;
        }
        let Some((&(len, stride), below)) = axes.split_last() else {
            return Some(!zero && sum.abs() <= 1);
        };
        // Those d after which the axes below can still bring the sum close to 0. All combinations
        // come with their negative: the first d that is not 0 may be positive.
        let most = len as isize - 1;
        let least = if zero { 0 } else { -most };
        let reach_below = reach[below.len()] + 1;
        let first = (-(reach_below + sum).div_euclid(stride)).max(least);
        let last = (reach_below - sum).div_euclid(stride).min(most);
        for d in first..=last {
            if search(below, reach, sum + d * stride, zero && d == 0, tries)? {
                return Some(true);
            }
        }
        Some(false)
    }
    if axes.iter().any(|&(len, _)| len == 0) {
        return None;
    }
    axes.retain(|&(len, _)| len > 1);
    if axes.iter().any(|&(_, stride)| stride == 0) {
        return Some("and with a stride of 0 several elements share memory");
    }
    axes.iter_mut().for_each(|(_, stride)| *stride = stride.abs());
    axes.sort_by_key(|&(_, stride)| stride);
    // What the axes below each one reach together.
    let mut reach = vec![0isize];
    for &(len, stride) in &axes {
        let further = (len as isize - 1).saturating_mul(stride);
        reach.push(reach[reach.len() - 1].saturating_add(further).min(isize::MAX / 4));
    }
    let tangled = (0..axes.len()).rev().find(|&axis| axes[axis].1 <= reach[axis] + 1)?;
    match search(&axes[..=tangled], &reach, 0, true, &mut 0) {
        Some(false) => None,
        Some(true) => Some("under which elements share memory"),
        None => Some("too tangled to tell whether elements share memory"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(shape: &[usize], strides: &[isize]) -> Result<Layout> {
        Layout::of_array("state", shape, strides, 0)
    }

    #[test]
    fn axes_of_length_one_are_no_qubits() {
        let layout = layout(&[2, 1, 2], &[4, 77, 2]).unwrap();
        assert_eq!(layout.num_qubits(), 2);
        assert_eq!(layout.bit_of(0), Ok(1));
        assert_eq!(layout.bit_of(1), Err(Error::FrozenAxis { axis: 1 }));
        assert_eq!(layout.bit_of(2), Ok(0));
        assert_eq!(layout.bit_of(3), Err(Error::QubitRange { qubit: 3, num_qubits: 3 }));
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for (shape, strides) in [
            (&[2, 2][..], &[4, 4][..]), // two axes over the same memory
            (&[2, 2], &[0, 2]),         // broadcast
            (&[2, 2], &[3, 2]),         // half an amplitude in common
            (&[2, 2, 2], &[4, 6, 10]),  // 4 + 6 = 10
            (&[8], &[1]),
            (&[8], &[0]),
        ] {
            let got = layout(shape, strides);
            assert!(matches!(got, Err(Error::Strides { .. })), "{shape:?} {strides:?}: {got:?}");
        }
        for shape in [&[3][..], &[0], &[2, 3], &[2, 4]] {
            let got = layout(shape, &vec![2; shape.len()]);
            assert!(matches!(got, Err(Error::Shape { .. })), "{shape:?}");
        }
        for batch in [-1, 3] {
            let got = Layout::of_array("state", &[2, 2], &[4, 2], batch);
            assert_eq!(got, Err(Error::BatchAxes { batch, axes: 2 }));
        }
    }

    #[test]
    fn batch_axes_count_states_and_take_part_in_the_proof() {
        let layout = Layout::of_array("state", &[3, 5, 4], &[40, -8, 2], 2).unwrap();
        let batch = layout.batch().unwrap();
        assert_eq!((layout.num_qubits(), batch.len()), (2, 15));
        assert_eq!(batch.strides, [40, -8]);
        let got = Layout::of_array("state", &[3, 5, 4], &[32, 8, 2], 2);
        assert!(matches!(got, Err(Error::Strides { .. })));
        let none = Layout::of_array("state", &[0, 4], &[0, 2], 1).unwrap();
        assert!(none.batch().unwrap().is_empty());
    }

    #[test]
    fn a_search_ends() {
        // Strides that hardly differ: no sum of them can be told from another without a search.
        let strides: Vec<isize> = (0..40).map(|i| 1_000_003 + 2 * i * i).collect();
        let got = layout(&vec![2; 40], &strides);
        assert!(matches!(got, Err(Error::Strides { .. })));
    }

    proptest! {
        /// Axis `a` of a permuted tensor steps over exactly the stride of the bit it is said to be.
        #[test]
        fn every_permutation_is_a_relabelling(
            order in (1usize..20).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle())
        ) {
            let strides: Vec<isize> = order.iter().map(|&bit| 2 << bit).collect();
            let layout = layout(&vec![2; order.len()], &strides).unwrap();
            for (axis, &bit) in order.iter().enumerate() {
                prop_assert_eq!(layout.bit_of(axis as i64).unwrap(), bit);
            }
            prop_assert_eq!(layout.run(), order.len());
        }

        /// Arrays of any shape: refused, or each amplitude of each state of the batch has a place of its own,
        /// which is the one that NumPy's strides say. As many cases as `PROPTEST_CASES` says.
        #[test]
        fn fuzz_any_array_is_refused_or_read_right(
            axes in prop::collection::vec((0usize..10, -9isize..9, 0u32..5), 0..6), batch in 0i64..3, gaps: bool,
        ) {
            // Lengths that states have, more often than others; and strides that are multiples of powers of 2.
            let length = |kind: usize| if kind < 8 { [1, 2, 2, 2, 2, 2, 4, 8][kind] } else { [3, 0][kind - 8] };
            let shape: Vec<usize> = axes.iter().map(|&(kind, ..)| length(kind)).collect();
            let strides: Vec<isize> =
                axes.iter().map(|&(_, factor, power)| (factor * 2 + isize::from(gaps && factor & 1 == 1)) << power).collect();
            let Ok(layout) = Layout::of_array("state", &shape, &strides, batch) else { return Ok(()) };
            let at = |index: usize| {
                let mut rest = index;
                shape.iter().zip(&strides).rev().fold(0, |place, (&len, &stride)| {
                    let here = place + (rest % len) as isize * stride;
                    rest /= len;
                    here
                })
            };
            let count: usize = shape.iter().product();
            let all: Vec<isize> = (0..count).map(at).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            prop_assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 2), "amplitudes share memory");
            let (n, states) = (layout.num_qubits(), layout.states());
            prop_assert_eq!(states << n, count);
            let starts: Vec<isize> = layout.batch_or_one().offsets(0..states, 1).collect();
            let bits: Vec<usize> = layout.qubit_bits().collect();
            for (index, &expected) in all.iter().enumerate() {
                let mut place = starts[index >> n] + layout.lowest();
                for (axis, &bit) in bits.iter().enumerate() {
                    let value = (index >> (n - 1 - axis) & 1) as u64 ^ (layout.flipped() >> bit & 1);
                    place += value as isize * layout.stride(bit);
                }
                prop_assert_eq!(place, expected);
            }
        }

        /// Accepted are exactly the strides under which no two amplitudes share memory, and the
        /// layout says where each of them is.
        #[test]
        fn every_amplitude_has_a_place_of_its_own(
            strides in prop::collection::vec(-40isize..40, 1..7), batch in 1usize..5, step in -50isize..50
        ) {
            let n = strides.len();
            let mut shape = vec![batch];
            shape.extend(vec![2; n]);
            let mut all = vec![step];
            all.extend(&strides);
            if n == 1 {
                shape.push(1);
                all.push(0);
            }
            let offset = |index: usize| -> isize {
                (0..n).map(|axis| (index >> (n - 1 - axis) & 1) as isize * strides[axis]).sum()
            };
            let mut places: Vec<isize> =
                (0..batch << n).map(|i| (i >> n) as isize * step + offset(i & ((1 << n) - 1))).collect();
            places.sort_unstable();
            let apart = places.windows(2).all(|pair| pair[1] - pair[0] >= 2);
            match Layout::of_array("state", &shape, &all, 1) {
                Err(error) => {
                    prop_assert!(matches!(error, Error::Strides { .. }), "{error}");
                    prop_assert!(!apart);
                }
                Ok(layout) => {
                    prop_assert!(apart);
                    let bits: Vec<usize> = layout.qubit_bits().collect();
                    for index in 0..1usize << n {
                        let mut place = layout.lowest();
                        for (axis, &bit) in bits.iter().enumerate() {
                            let value = (index >> (n - 1 - axis) & 1) as u64 ^ (layout.flipped() >> bit & 1);
                            place += value as isize * layout.stride(bit);
                        }
                        prop_assert_eq!(place, offset(index));
                    }
                }
            }
        }
    }
}
