//! Every cause for which a call is refused. A variant holds the numbers its message prints, and
//! every message says argument, fact, limit and remedy, in words for users of any language. What a user of
//! Python would write is added where errors cross to Python.

use std::borrow::Cow;
use std::fmt;

/// Why a call was refused. The state is untouched whenever one of these is returned, except where a circuit
/// finds on its way that a state has lost its norm.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The argument's shape is no state: neither `(2**n,)` nor axes of length 2 and 1.
    Shape {
        /// Name of the argument.
        argument: &'static str,
        /// The shape without its batch axes.
        shape: Vec<usize>,
        /// How many axes were said to be batch axes.
        batch: usize,
    },
    /// More or fewer batch axes than there are axes.
    BatchAxes {
        /// How many.
        batch: i64,
        /// Number of axes of the state.
        axes: usize,
    },
    /// Strides under which elements share memory, or that are not supported.
    Strides {
        /// Name of the argument.
        argument: &'static str,
        /// The strides in real numbers.
        strides: Vec<isize>,
        /// What is wrong with them.
        fact: &'static str,
    },
    /// A matrix that is further from its adjoint than rounding explains.
    NotHermitian {
        /// The largest distance of two entries.
        deviation: f64,
        /// What rounding explains.
        accepted: f64,
    },
    /// A Hamiltonian with coefficients that are not real.
    NotHermitianSum {
        /// The largest distance of a coefficient from its conjugate.
        deviation: f64,
    },
    /// A tolerance that is none, or that rounding does not let anyone reach.
    Tolerance {
        /// The tolerance.
        given: f64,
        /// The least that is accepted.
        least: f64,
    },
    /// Eigenstates that rounding, or levels very close to each other, keep from being found.
    NotConverged {
        /// The norm of `H v - E v` that was reached.
        residual: f64,
        /// What was asked for.
        accepted: f64,
    },
    /// A time that is too long for one series.
    TooLong {
        /// Half the width of the spectrum, times the time.
        phase: f64,
        /// How much is accepted.
        limit: f64,
    },
    /// A product formula in no steps.
    Steps {
        /// How many were asked for.
        given: i64,
    },
    /// A product formula of an order of which there is none.
    Order {
        /// The order.
        given: i64,
    },
    /// A state that an operator, which is not Hermitian, lets grow beyond what numbers hold.
    Grown,
    /// A sum with coefficients that are not real, where real outcomes are needed.
    NotReal,
    /// Memory that another call is working on, or that one call would use twice.
    InUse,
    /// Numbers whose shape does not broadcast against that of the batch.
    Broadcast {
        /// Name of the argument.
        argument: &'static str,
        /// The shape of its batch axes.
        shape: Vec<usize>,
        /// The shape of the batch.
        batch: Vec<usize>,
    },
    /// A qubit that the state does not have.
    QubitRange {
        /// The qubit.
        qubit: i64,
        /// Number of qubits of the state.
        num_qubits: usize,
    },
    /// A qubit on an axis of length 1.
    FrozenAxis {
        /// The axis.
        axis: usize,
    },
    /// A qubit listed twice among targets and controls.
    RepeatedQubit {
        /// The qubit.
        qubit: usize,
    },
    /// `control_values` does not fit `controls`.
    ControlValues {
        /// Number of controls.
        controls: usize,
        /// Number of values.
        values: usize,
    },
    /// A control value that is neither 0 nor 1.
    ControlValue {
        /// The value.
        value: i64,
    },
    /// A matrix, diagonal or permutation of the wrong size.
    OperatorSize {
        /// Name of the argument.
        argument: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// Number of qubits it is to act on.
        qubits: usize,
    },
    /// An output that does not fit the outcomes of a batch.
    OutShape {
        /// Its shape.
        shape: Vec<usize>,
        /// The shape of the batch.
        batch: Vec<usize>,
        /// Outcomes of each state.
        outcomes: usize,
    },
    /// A NaN or infinity in a matrix, a diagonal or an angle.
    NotFinite {
        /// Name of the argument.
        argument: &'static str,
    },
    /// An operator that makes amplitudes complex, for a real state.
    NotRealOperator {
        /// What it is.
        operator: String,
    },
    /// A number of an operator that single precision cannot hold, for a state of that.
    TooLarge {
        /// What holds it.
        holder: String,
    },
    /// Kraus operators that are no channel.
    NotAChannel {
        /// By how much the sum of `K^dagger K` differs from the identity, entry by entry at most.
        deviation: f64,
        /// How much is accepted.
        accepted: f64,
    },
    /// A state where outcomes are drawn, whose squares add up to 0 or to no finite number.
    NoNorm,
    /// A projection to an outcome that never happens.
    Impossible {
        /// The outcome.
        outcome: u64,
        /// Its number of bits.
        num_bits: usize,
    },
    /// A state that is another than was read.
    Changed,
    /// An outcome that the qubits do not have.
    OutcomeRange {
        /// The outcome as given.
        given: String,
        /// Its number of bits.
        num_bits: usize,
    },
    /// A number of shots that cannot be drawn.
    Shots {
        /// The number as given.
        given: String,
        /// The largest that can be.
        limit: u64,
    },
    /// More results than memory holds.
    Results {
        /// Bytes needed.
        needed: u128,
        /// Bytes free, where the system tells.
        free: Option<u64>,
    },
    /// More or fewer classical bits than qubits to be measured.
    OutcomeBits {
        /// Qubits.
        qubits: usize,
        /// Bits.
        bits: usize,
    },
    /// A classical bit that no circuit can have.
    BitRange {
        /// The bit.
        bit: i64,
        /// How many a circuit can have.
        limit: usize,
    },
    /// A classical bit listed twice.
    RepeatedBit {
        /// Name of the argument.
        argument: &'static str,
        /// The bit.
        bit: usize,
    },
    /// Probabilities of errors in reading out that are none.
    ReadoutError {
        /// That of recording 0 as 1.
        p01: f64,
        /// That of recording 1 as 0.
        p10: f64,
    },
    /// More or fewer qubits or classical bits than another circuit has.
    OneForEach {
        /// Name of the argument.
        argument: &'static str,
        /// How many it lists.
        listed: usize,
        /// How many the other circuit has.
        wanted: usize,
    },
    /// More qubits than a circuit can have, or fewer than none.
    CircuitQubits {
        /// How many.
        num_qubits: i64,
        /// How many at most.
        limit: usize,
    },
    /// A channel on more qubits than a density matrix takes one on.
    ChannelQubits {
        /// How many.
        qubits: usize,
        /// How many at most.
        limit: usize,
    },
    /// More classical bits than a circuit can have, or fewer than none.
    CircuitBits {
        /// How many.
        num_bits: i64,
        /// How many at most.
        limit: usize,
    },
    /// A circuit for states of another size.
    CircuitSize {
        /// Qubits of the circuit.
        circuit: usize,
        /// Qubits of the state.
        state: usize,
    },
    /// A state with axes of length 1, which circuits cannot name.
    FrozenAxes,
    /// Two values for one parameter.
    TwoValues {
        /// Its name.
        name: String,
    },
    /// A value for a parameter that the circuit has not.
    UnknownParameter {
        /// Its name.
        name: String,
        /// Those of the circuit.
        known: String,
    },
    /// No value for a parameter of the circuit.
    NoValue {
        /// Its name.
        name: String,
        /// Those of the circuit.
        known: String,
    },
    /// Observables that make amplitudes of a gradient larger than these can be.
    Reach {
        /// A bound on how much longer they make a state.
        reach: f64,
        /// What amplitudes hold.
        limit: f64,
    },
    /// More or fewer values than a circuit has parameters.
    ValueCount {
        /// How many values.
        given: usize,
        /// How many parameters.
        wanted: usize,
        /// Their names.
        known: String,
    },
    /// A condition on a classical bit that nothing has measured.
    UnmeasuredBit {
        /// The bit.
        bit: usize,
    },
    /// A condition that asks for a value other than 0 and 1.
    BitValue {
        /// The value.
        value: i64,
    },
    /// Controls where there can be none, or a condition under another.
    Unconditional {
        /// Name of the operation.
        name: &'static str,
    },
    /// The inverse of a circuit that measures or has noise.
    Irreversible {
        /// Name of the operation.
        name: &'static str,
        /// Its place in the circuit.
        operation: usize,
    },
    /// A circuit that measures or has noise, and is to be cut into segments.
    NoSegments {
        /// Name of the operation.
        name: &'static str,
        /// Its place in the circuit.
        operation: usize,
    },
    /// An operation that mixes more qubits than can be local.
    NotLocal {
        /// Its name.
        name: &'static str,
        /// Its place in the circuit.
        operation: usize,
        /// How many it mixes, but for those that are local always.
        mixes: usize,
        /// How many can be.
        room: usize,
    },
    /// A matrix or diagonal in a circuit that is to be differentiated.
    NotUnitary {
        /// Its place in the circuit.
        operation: usize,
    },
    /// A letter that is no Pauli operator.
    PauliLetter {
        /// The letter.
        letter: char,
        /// Its position.
        position: usize,
    },
    /// A Pauli string of another length than the list of its qubits.
    PauliLength {
        /// Letters.
        letters: usize,
        /// Qubits.
        qubits: usize,
    },
    /// More qubits than Pauli strings have room for.
    TooManyQubits {
        /// How many.
        num_qubits: usize,
        /// How many at most.
        limit: usize,
    },
    /// A sum of Pauli strings whose number of qubits nothing tells.
    MissingSize,
    /// A circuit that draws random numbers where none can be.
    NeedsSeed,
    /// A sum of Pauli strings on another number of qubits than what it meets.
    SumSize {
        /// Qubits of the sum.
        sum: usize,
        /// Qubits of the state or of the other sum.
        other: usize,
    },
    /// A text that is not OpenQASM, or asks for what a circuit cannot do.
    Qasm {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, why, and what to write instead.
        reason: String,
    },
    /// A circuit that OpenQASM has no words for.
    Unwritable {
        /// What it holds, why that is no OpenQASM, and what to do.
        reason: String,
    },
    /// A permutation that is none: this entry is out of range or repeated.
    NotAPermutation {
        /// Position of the offending entry.
        position: usize,
        /// The entry.
        entry: i64,
        /// Length of the permutation.
        len: usize,
    },
    /// Two states of different sizes where equal ones are needed.
    SizeMismatch {
        /// Qubits of the first.
        left: usize,
        /// Qubits of the second.
        right: usize,
    },
    /// A thread count below 1.
    Threads {
        /// The argument.
        argument: &'static str,
        /// The count.
        count: i64,
    },
    /// A basis state that does not exist.
    BasisState {
        /// The label or index as given.
        given: String,
        /// Number of qubits.
        num_qubits: usize,
    },
    /// More qubits than memory holds.
    Memory {
        /// Bytes needed.
        needed: u128,
        /// Bytes free, where the system tells.
        free: Option<u64>,
    },
    /// `NUMKET_SIMD` or another setting has a value that cannot be honoured.
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
}

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The longest text of the user's that a message quotes whole, in characters; of longer ones it leaves out the middle.
const QUOTED: usize = 120;

/// A text of the user's, as messages quote it.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    shortened_to(text, QUOTED)
}

/// A text without its middle, if it has more characters than so many.
pub(crate) fn shortened_to(text: &str, most: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= most {
        return text.into();
    }
    let (first, last) = (most / 2, most / 4);
    let ends = text.chars().take(first).chain("...".chars()).chain(text.chars().skip(count - last));
    ends.collect::<String>().into()
}

/// A sentence with words of the user's in it, of which each is quoted as such.
pub(crate) fn shortened_words(text: &str) -> String {
    text.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

const GIB: f64 = (1u64 << 30) as f64;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Shape { argument, shape, batch } => {
                write!(f, "'{argument}' has shape {}", Tuple(shape))?;
                match batch {
                    0 => {}
                    1 => write!(f, " after 1 batch axis")?,
                    _ => write!(f, " after {batch} batch axes")?,
                }
                write!(
                    f,
                    "; a state has shape (2**n,) or one axis of length 2 per qubit: give it such a shape"
                )
            }
            Error::BatchAxes { batch, axes } => write!(
                f,
                "'batch' is {batch} and the state has {axes} axes; the leading batch axes come before the \
                 qubits: use a number from 0 to {}",
                axes.saturating_sub(1)
            ),
            Error::Strides { argument, strides, fact } => write!(
                f,
                "'{argument}' has strides {} (in halves of an amplitude), {fact}; numket works in \
                 place and needs one place in memory per amplitude: work on a copy, and copy the result back",
                Tuple(strides)
            ),
            Error::NotHermitian { deviation, accepted } => write!(
                f,
                "'observable' is not Hermitian: it differs from its adjoint by up to {deviation:.1e}, where \
                 rounding explains {accepted:.1e}; only Hermitian matrices have real expectation values: use \
                 (M + M^dagger) / 2"
            ),
            Error::NotHermitianSum { deviation } => write!(
                f,
                "'hamiltonian' is not Hermitian: a coefficient differs from its conjugate by {deviation:.1e}; only \
                 the evolution of Hermitian sums keeps norms, and only their eigenvalues are real: use (sum + \
                 sum.adjoint()) / 2, or hermitian=False where nk.evolve has it"
            ),
            Error::Tolerance { given, least } => write!(
                f,
                "'tol' is {given:e}; rounding leaves about {least:.1e}, and 1 is no accuracy: use a number in between"
            ),
            Error::NotConverged { residual, accepted } => write!(
                f,
                "the eigenstate has been found to within |H v - E v| = {residual:.1e} only, where 'tol' asks for \
                 {accepted:.1e}; levels very close to each other need many steps: use a larger tol"
            ),
            Error::TooLong { phase, limit } => write!(
                f,
                "'t' is too long: half the width of the spectrum times t is {phase:.1e}, and a series has as many \
                 terms, up to {limit:.0e}: use several calls with shorter times"
            ),
            Error::Steps { given } => write!(f, "'steps' is {given}: use 1 or more"),
            Error::Order { given } => write!(
                f,
                "'order' is {given}; there are product formulas of order 1, 2 and 4: use one of these"
            ),
            Error::Grown => write!(
                f,
                "the state grows beyond what numbers hold under this 'hamiltonian', which is not Hermitian: use a shorter \
                 time, and normalize in between"
            ),
            Error::NotReal => write!(
                f,
                "'observable' is not Hermitian: it has coefficients that are not real, where real outcomes \
                 are needed: use (sum + sum.adjoint()) / 2"
            ),
            Error::InUse => write!(
                f,
                "the array overlaps memory that is being worked on, by a call in flight or as another \
                 argument; one call at a time may change a buffer: wait for the other call, or use arrays of \
                 their own"
            ),
            Error::Broadcast { argument, shape, batch } => write!(
                f,
                "'{argument}' has shape {} where the batch has shape {}, and does not broadcast to it: give \
                 one value, or one along each batch axis",
                Tuple(shape),
                Tuple(batch)
            ),
            Error::QubitRange { qubit, num_qubits: 0 } => {
                write!(
                    f,
                    "qubit {qubit} is out of range: there are no qubits; use a state that has some"
                )
            }
            Error::QubitRange { qubit, num_qubits: 1 } => {
                write!(f, "qubit {qubit} is out of range: there is 1 qubit; use 0")
            }
            Error::QubitRange { qubit, num_qubits } => write!(
                f,
                "qubit {qubit} is out of range: there are {num_qubits} qubits; use 0 to {}",
                num_qubits - 1
            ),
            Error::FrozenAxis { axis } => write!(
                f,
                "qubit {axis} is an axis of length 1 of 'state', and only axes of length 2 can be \
                 acted on; choose another axis"
            ),
            Error::RepeatedQubit { qubit } => write!(
                f,
                "qubit {qubit} is listed twice; targets and controls must be distinct: name each \
                 qubit once"
            ),
            Error::ControlValues { controls, values } => write!(
                f,
                "'control_values' has {values} values for {controls} controls; give one 0 or 1 per \
                 control"
            ),
            Error::ControlValue { value } => {
                write!(f, "'control_values' holds {value}; a control value is 0 or 1: use one of these")
            }
            Error::OperatorSize { argument, shape, qubits } => {
                write!(f, "'{argument}' has shape {} for {qubits} qubits; it must hold ", Tuple(shape))?;
                let n = match qubits {
                    0..64 => (1u64 << qubits).to_string(),
                    _ => format!("2**{qubits}"),
                };
                match *argument {
                    "matrix" => write!(f, "{n} x {n} entries")?,
                    "operators" => write!(f, "{n} x {n} entries for each operator")?,
                    "observable" => write!(f, "{n} x {n} entries, or {n} on a diagonal")?,
                    _ => write!(f, "{n} entries")?,
                }
                write!(f, ": list as many qubits as it acts on")
            }
            Error::OutShape { shape, batch, outcomes } => {
                let wanted: Vec<usize> = batch.iter().copied().chain([*outcomes]).collect();
                let (shape, wanted) = (Tuple(shape), Tuple(&wanted));
                write!(
                    f,
                    "'out' has shape {shape}; for these qubits it must be {wanted}: use np.empty({wanted})"
                )
            }
            Error::NotFinite { argument } => write!(
                f,
                "'{argument}' holds a NaN or an infinity; only finite numbers are accepted: check \
                 the computation that made it"
            ),
            Error::NotRealOperator { operator } => write!(
                f,
                "'state' is real, and {operator} has numbers that are not; real states take real operators alone: use \
                 a complex state"
            ),
            Error::TooLarge { holder } => write!(
                f,
                "{holder} holds a number that complex64, the type of the state, cannot hold: it reaches {:.1e}; \
                 use a state of complex128, or scale the numbers",
                f32::MAX
            ),
            Error::NotAChannel { deviation, accepted } => write!(
                f,
                "'operators' are no channel: the sum of K^dagger K differs from the identity by \
                 {deviation:.3e}; at most {accepted:.0e} is accepted: scale or complete the set"
            ),
            Error::NoNorm => write!(
                f,
                "'state' has squared norm 0, or none that is finite in double precision; only other states can be \
                 normalized, or outcomes drawn from them: prepare one, or scale it to norm 1"
            ),
            Error::Impossible { outcome, num_bits } => write!(
                f,
                "'outcome' {} has probability 0; a state can only be projected to what can happen: choose \
                 another outcome",
                Label(*outcome, *num_bits)
            ),
            Error::Changed => write!(
                f,
                "'state' has changed since the Sampler read it; samples are drawn from the state that was \
                 read: make a new Sampler"
            ),
            Error::OutcomeRange { given, num_bits } => write!(
                f,
                "'outcome' {} does not exist on {num_bits} qubits; use an index from 0 to \
                 2**{num_bits} - 1 or {num_bits} bits, the first listed qubit first",
                shortened(given)
            ),
            Error::Shots { given, limit } => write!(
                f,
                "'shots' is {given}; it must be from 0 to {limit}: use another number, or several calls"
            ),
            Error::Results { needed, free } => {
                write!(f, "the results need {:.1} GiB", *needed as f64 / GIB)?;
                match free {
                    Some(free) => write!(f, " and {:.1} GiB are free", *free as f64 / GIB)?,
                    None => write!(f, ", more than can be addressed")?,
                }
                write!(f, "; ask for fewer shots, or use counts for few qubits")
            }
            Error::OutcomeBits { qubits, bits } => write!(
                f,
                "'bits' lists {bits} classical bits for {qubits} qubits; each outcome needs its own: list \
                 one for each qubit, or leave 'bits' out"
            ),
            Error::BitRange { bit, limit } => write!(
                f,
                "classical bit {bit} is out of range; a circuit has at most {limit}: use 0 to {}",
                limit - 1
            ),
            Error::RepeatedBit { argument, bit } => write!(
                f,
                "'{argument}' lists classical bit {bit} twice; bits must be distinct: name each once"
            ),
            Error::ReadoutError { p01, p10 } => write!(
                f,
                "'readout_error' is ({p01}, {p10}); it holds the probabilities of recording 0 as 1 and 1 as 0: \
                 use numbers from 0 to 1"
            ),
            Error::UnmeasuredBit { bit } => write!(
                f,
                "'condition' asks for classical bit {bit}, which no earlier operation has measured; a bit \
                 has a value only then: measure into it first"
            ),
            Error::BitValue { value } => write!(
                f,
                "'condition' asks for the value {value}; a classical bit is 0 or 1: use one of these"
            ),
            Error::Unconditional { name } => write!(
                f,
                "'{name}' stands under controls, or under a second condition; only gates and operators have \
                 controls, and each operation has one condition: leave the controls out, or join the conditions"
            ),
            Error::Irreversible { name, operation } => write!(
                f,
                "operation {operation} of the circuit is '{name}', which nothing undoes; inverses and \
                 gradients are those of gates and operators alone: take the circuit before or after it"
            ),
            Error::NoSegments { name, operation } => write!(
                f,
                "operation {operation} of the circuit, '{name}', measures, draws or has a condition; a state in \
                 parts takes unitary operations: run trajectories, with states that fit into memory"
            ),
            Error::NotLocal { name, operation, mixes, room } => write!(
                f,
                "operation {operation} of the circuit, '{name}', mixes {mixes} qubits, and {room} have room in \
                 each part of the state: use fewer parts, of more memory"
            ),
            Error::NotUnitary { operation } => write!(
                f,
                "operation {operation} of the circuit is not unitary, to within 1e-6; a gradient needs it undone \
                 by its adjoint: use a unitary matrix"
            ),
            Error::PauliLetter { letter, position } => write!(
                f,
                "the Pauli string holds {letter:?} at position {position}; the letters are I, X, Y and Z: use one \
                 of these for each qubit"
            ),
            Error::PauliLength { letters, qubits } => write!(
                f,
                "the Pauli string has {letters} letters for {qubits} qubits; one is needed for each: add I for a \
                 qubit that stays as it is, or list the qubits"
            ),
            Error::TooManyQubits { num_qubits, limit } => write!(
                f,
                "Pauli strings on {num_qubits} qubits are asked for; there is room for {limit}: use fewer qubits"
            ),
            Error::OneForEach { argument: "bits", wanted, .. } => write!(
                f,
                "'bits' does not list {wanted} classical bits; the other circuit has as many: list one for each"
            ),
            Error::OneForEach { argument, listed, wanted } => write!(
                f,
                "'{argument}' lists {listed} qubits for a circuit of {wanted}: list one for each"
            ),
            Error::CircuitQubits { num_qubits, limit } => write!(
                f,
                "'num_qubits' is {num_qubits}; a circuit has 0 to {limit} qubits: use a number in that range"
            ),
            Error::ChannelQubits { qubits, limit } => write!(
                f,
                "'apply_kraus' acts on {qubits} qubits; on density matrices, channels act on up to {limit} qubits, as \
                 one matrix: use several channels"
            ),
            Error::CircuitBits { num_bits, limit } => write!(
                f,
                "'num_bits' is {num_bits}; a circuit has 0 to {limit} classical bits: use a number in that \
                 range"
            ),
            Error::CircuitSize { circuit, state } => write!(
                f,
                "'state' has {state} qubits and the circuit has {circuit}: use a state of {circuit} qubits"
            ),
            Error::FrozenAxes => write!(
                f,
                "'state' has axes of length 1, whose numbers are no qubits of a circuit: leave these axes out"
            ),
            Error::TwoValues { name } => {
                write!(
                    f,
                    "'params' has two values for {:?}: a parameter and its name are the same",
                    shortened(name)
                )
            }
            Error::UnknownParameter { name, known } if known.is_empty() => write!(
                f,
                "'params' has a value for {:?}, which the circuit does not have; it has no parameters: \
                 leave 'params' out",
                shortened(name)
            ),
            Error::UnknownParameter { name, known } => write!(
                f,
                "'params' has a value for {:?}, which the circuit does not have; it has the parameters ({known}): use \
                 these",
                shortened(name)
            ),
            Error::NoValue { name, known } => write!(
                f,
                "'params' has no value for {:?}; the circuit has the parameters ({known}): give a value for each",
                shortened(name)
            ),
            Error::Reach { reach, limit } => write!(
                f,
                "the observable, or the weighted sum of observables, reaches {reach:.1e}; amplitudes of the \
                 gradient hold up to {limit:.1e}: scale it, and the gradient afterwards"
            ),
            Error::ValueCount { given, wanted, known } => write!(
                f,
                "'params' has {given} values for {wanted} parameters ({known}): give one for each, in this order"
            ),
            Error::MissingSize => write!(
                f,
                "'num_qubits' is missing; strings that list their qubits, or no string at all, do not tell it: \
                 give it"
            ),
            Error::NeedsSeed => write!(
                f,
                "the circuit measures or resets qubits, whose outcomes are random; this needs a seed: use \
                 run_seeded"
            ),
            Error::SumSize { sum, other } => write!(
                f,
                "the sum of Pauli strings has {sum} qubits and what it meets, a state or a sum, has {other}; both \
                 have as many: give each string a letter for every qubit"
            ),
            Error::Qasm { line, column, reason } => write!(f, "line {line}, column {column}: {reason}"),
            Error::Unwritable { reason } => f.write_str(reason),
            Error::NotAPermutation { position, entry, len } => write!(
                f,
                "'permutation' holds {entry} at position {position}; it must hold each of 0 to {} \
                 exactly once",
                len.saturating_sub(1)
            ),
            Error::SizeMismatch { left, right } => write!(
                f,
                "'bra' has {left} qubits and 'ket' has {right}; an inner product needs as many on \
                 both sides: pass states of one size"
            ),
            Error::Threads { argument, count } => write!(
                f,
                "'{argument}' is {count}; at least 1 thread is needed: use 1 for the calling thread \
                 alone"
            ),
            Error::BasisState { given, num_qubits } => write!(
                f,
                "basis state {} does not exist on {num_qubits} qubits; use an index from 0 to \
                 2**{num_qubits} - 1 or {num_qubits} bits, qubit 0 first",
                shortened(given)
            ),
            Error::Memory { needed, free } => {
                write!(f, "the state needs {:.1} GiB", *needed as f64 / GIB)?;
                match free {
                    Some(free) => write!(f, " and {:.1} GiB are free", *free as f64 / GIB)?,
                    None => write!(f, ", more than can be addressed")?,
                }
                write!(f, "; use fewer qubits or single precision")
            }
            Error::Setting { name, value, accepted } => {
                write!(
                    f,
                    "{name} is {:?}; accepted here: {accepted}; unset it for the default",
                    shortened(value)
                )
            }
        }
    }
}

impl std::error::Error for Error {}

/// Prints as bits, the most significant first.
struct Label(u64, usize);

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.1).rev().try_for_each(|bit| write!(f, "{}", self.0 >> bit & 1))
    }
}

/// Prints as shapes are written.
pub(crate) struct Tuple<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Display> fmt::Display for Tuple<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(")?;
        for (i, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
        }
        write!(f, "{})", if self.0.len() == 1 { "," } else { "" })
    }
}
