//! What is told of the sweeps of a program.

/// A sweep over the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepFacts {
    /// The bits inside its tiles as a mask; 0 if it goes straight over the state.
    pub tile: u64,
    /// How many steps it does.
    pub steps: usize,
    /// The operations that it completes, by their index in the circuit, in order. Sweeps before it may have applied
    /// parts of them. Those that others undo are in none.
    pub operations: Vec<usize>,
    /// Estimate for one thread.
    pub nanos: f64,
    /// In a run from |0...0>, how many of the bits that tell tiles apart are known before it: it leaves out the tiles
    /// where one of them has the other value.
    pub known_bits: u32,
    /// The operation that it draws for, by its index, with the qubits.
    pub draw: Option<(usize, Vec<usize>)>,
    /// Whether it only reads.
    pub only_reads: bool,
}

impl SweepFacts {
    /// Leaves each operation in the last sweep that applies a part of it.
    pub fn keep_last(sweeps: &mut [SweepFacts]) {
        let all = sweeps.iter().flat_map(|sweep| &sweep.operations);
        let mut seen = vec![false; all.max().map_or(0, |last| last + 1)];
        for sweep in sweeps.iter_mut().rev() {
            sweep.operations.retain(|&operation| !std::mem::replace(&mut seen[operation], true));
            sweep.operations.sort_unstable();
        }
    }
}
