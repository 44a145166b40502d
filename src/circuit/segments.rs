//! Cuts a circuit for states of which a part is at hand at a time: what one of several processes has in its memory, or
//! what is read from a file.
//!
//! A qubit is *local* while both of its values are in a part. A segment is what can be done while the same qubits are
//! local: operations that mix no others. Between two segments, other qubits become local: processes exchange
//! amplitudes, or the file is gone through once more.
//!
//! This is one more level above `plan`, with the same two heuristics: what commutes with all that is left behind is
//! taken early, and the next local qubits are those of first fit or of the union heuristic, filled up with those that
//! are local already and mixed again soonest, as by Belady. A beam search over such choices looks for the fewest
//! segments and amplitudes sent; it is never worse than first fit alone, and the same on every process.

use std::rc::Rc;

use super::plan::{Masks, Wanted, first_fit, union};
use super::{Action, Circuit, Operation};
use crate::bits::set_bits;
use crate::error::{Error, Result};
use crate::gates::{Base, Generator};

/// So many plans are kept on the way.
const BEAM: usize = 8;

/// So many operations that could come next are tried as the first of a segment.
const SEEDS: usize = 4;

/// Longer circuits are planned by first fit alone: so many operations times segments take the search about a second.
const SEARCHED: usize = 2_000_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// The qubits that are local at first, as a mask.
    pub local: u64,
    /// Those that are in parts of a state in order: of qubits that nothing mixes any more, these stay.
    pub homes: u64,
    /// Those that are local always.
    pub always: u64,
    /// How many times longer it takes to send amplitudes than to go through them in memory.
    pub link: f64,
    /// Whether a swap may change only which qubit is which.
    pub relabel: bool,
}

/// Operations that mix no qubits but the local ones.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalSegment {
    /// The local qubits, as a mask.
    pub local: u64,
    /// The operations, in order, by their index in [`Segments::operations`].
    pub operations: Vec<usize>,
}

/// A circuit in segments.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// What is done, on the qubits as they are then. Swaps that only relabel are not among these.
    pub operations: Vec<Operation>,
    /// When.
    pub segments: Vec<LocalSegment>,
    /// Which qubit each has become in the end.
    pub places: Vec<usize>,
}

impl Segments {
    /// Cuts a circuit.
    ///
    /// ```
    /// use numket::circuit::{Circuit, Operation, Parts, Segments};
    /// use numket::gates::named::{cx, h};
    /// let mut circuit = Circuit::new(3);
    /// for qubit in 0..3 {
    ///     circuit.push(Operation::gate(&h, vec![], vec![qubit], vec![]))?;
    /// }
    /// circuit.push(Operation::gate(&cx, vec![], vec![0, 1], vec![]))?;
    /// let parts = Parts { local: 0b110, homes: 0b110, always: 0, link: 10.0, relabel: false };
    /// let found: Vec<u64> = Segments::new(&circuit, &parts)?.segments.iter().map(|s| s.local).collect();
    /// assert_eq!(found, [0b110, 0b011]);
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSegments`] for measurements, resets, channels and conditions, and [`Error::NotLocal`] for an
    /// operation that mixes more qubits than can be local.
    pub fn new(circuit: &Circuit, parts: &Parts) -> Result<Segments> {
        let mut places: Vec<usize> = (0..circuit.num_qubits()).collect();
        let (mut operations, mut masks) = (Vec::new(), Vec::new());
        for (operation, given) in circuit.operations().iter().enumerate() {
            let (condition, action) = given.action.split_condition();
            if !condition.is_empty() || given.draws() {
                return Err(Error::NoSegments { name: given.name(), operation });
            }
            let is_swap = given.name() == "swap" && given.controls.is_empty();
            if let (true, true, &[a, b]) = (parts.relabel, is_swap, &given.qubits[..]) {
                places.swap(a, b);
                continue;
            }
            let moved = Operation {
                action: action.clone(),
                qubits: given.qubits.iter().map(|&qubit| places[qubit]).collect(),
                controls: given.controls.iter().map(|&(qubit, value)| (places[qubit], value)).collect(),
            };
            let mixed = mixed(&moved);
            let room = parts.local.count_ones() as usize;
            if (mixed | parts.always).count_ones() as usize > room {
                let mixes = (mixed & !parts.always).count_ones() as usize;
                let room = room.saturating_sub(parts.always.count_ones() as usize);
                return Err(Error::NotLocal { name: given.name(), operation, mixes, room });
            }
            masks.push([mixed | touched(&moved), mixed]);
            operations.push(moved);
        }
        let search = Search { masks: Masks::of(&masks), num_qubits: circuit.num_qubits(), parts };
        Ok(Segments { segments: search.best(), operations, places })
    }
}

/// The qubits that an operation mixes, as a mask: on the others it is diagonal, or controlled by them.
pub fn mixed(operation: &Operation) -> u64 {
    let lettered = |x: u64| {
        let letters = operation.qubits.iter().rev().enumerate();
        letters.filter(|(bit, _)| x >> bit & 1 == 1).fold(0, |mask, (_, &qubit)| mask | 1 << qubit)
    };
    let all = |qubits: &[usize]| qubits.iter().fold(0, |mask, &qubit| mask | 1 << qubit);
    match operation.action.split_condition().1 {
        Action::Gate(gate, _) => match (gate.base, gate.generator) {
            (Base::Diagonal(_), _) => 0,
            (_, Generator::Pauli(letters)) => {
                let targets = operation.qubits[gate.controls..].iter().zip(letters.bytes());
                targets
                    .filter(|(_, letter)| b"XY".contains(letter))
                    .fold(0, |mask, (&q, _)| mask | 1 << q)
            }
            _ => all(&operation.qubits[gate.controls..]),
        },
        Action::Diagonal(_) | Action::Phase(..) => 0,
        Action::Pauli(string) | Action::PauliRotation(string, _) => lettered(string.x),
        _ => all(&operation.qubits),
    }
}

/// All qubits that an operation looks at, as a mask.
fn touched(operation: &Operation) -> u64 {
    let controls = operation.controls.iter().map(|(qubit, _)| qubit);
    operation.qubits.iter().chain(controls).fold(0, |mask, &qubit| mask | 1 << qubit)
}

/// A plan on its way.
#[derive(Clone)]
struct Node {
    /// The local qubits now.
    local: u64,
    /// The operations that are left, in order.
    left: Vec<usize>,
    /// The segments so far, the last one first.
    last: Option<Rc<Link>>,
    segments: usize,
    /// What each process has sent, in sizes of its part.
    sent: f64,
}

struct Link {
    segment: LocalSegment,
    before: Option<Rc<Link>>,
}

impl Node {
    /// What it costs: going through a part reads and writes it, sending it reads it.
    fn cost(&self, link: f64) -> f64 {
        2.0 * self.segments as f64 + link * self.sent
    }
}

struct Search<'a> {
    masks: Masks<'a>,
    num_qubits: usize,
    parts: &'a Parts,
}

impl Search<'_> {
    /// The best plan that is found.
    fn best(&self) -> Vec<LocalSegment> {
        let left = (0..self.masks.len()).collect();
        let start = Node { local: self.parts.local, left, last: None, segments: 0, sent: 0.0 };
        let start = self.done(start, self.parts.local);
        let mut best = start.clone();
        while !best.left.is_empty() {
            let local = self.filled(&best, self.fitting(&best, 0));
            best = self.done(best, local);
        }
        let (most, cost) = (best.sent, |node: &Node| node.cost(self.parts.link));
        let mut nodes = vec![start];
        if self.masks.len() * best.segments > SEARCHED {
            nodes.clear();
        }
        while !nodes.is_empty() {
            let mut following: Vec<Node> = Vec::new();
            for node in nodes.iter().filter(|node| !node.left.is_empty()) {
                for local in self.choices(node) {
                    let found = self.done(node.clone(), local);
                    let known = following.iter_mut().find(|n| n.local == local && n.left == found.left);
                    match known {
                        Some(known) if cost(&found) < cost(known) => *known = found,
                        Some(_) => {}
                        None => following.push(found),
                    }
                }
            }
            following.retain(|node| node.sent <= most && cost(node) < cost(&best));
            for node in following.iter().filter(|node| node.left.is_empty()) {
                if cost(node) < cost(&best) {
                    best = node.clone();
                }
            }
            following.retain(|node| !node.left.is_empty());
            following.sort_by(|a, b| a.left.len().cmp(&b.left.len()).then(cost(a).total_cmp(&cost(b))));
            following.truncate(BEAM);
            nodes = following;
        }
        let (mut found, mut link) = (Vec::new(), best.last.as_ref());
        while let Some(Link { segment, before }) = link.map(Rc::as_ref) {
            found.push(segment.clone());
            link = before.as_ref();
        }
        found.reverse();
        found
    }

    /// Has these qubits become local, and does what can be done then.
    fn done(&self, mut node: Node, local: u64) -> Node {
        let come = (local & !node.local).count_ones() as i32;
        node.sent += 1.0 - 0.5f64.powi(come);
        node.local = local;
        let (mut taken, mut behind) = (Vec::new(), Vec::new());
        let (mut skipped_any, mut skipped_mixed) = (0u64, 0u64);
        let all = (1u64 << self.num_qubits) - 1;
        for (place, &gate) in node.left.iter().enumerate() {
            let [support, mixed] = self.masks[gate];
            if mixed & !local == 0 && mixed & skipped_any == 0 && support & skipped_mixed == 0 {
                taken.push(gate);
            } else {
                behind.push(gate);
                skipped_any |= support;
                skipped_mixed |= mixed;
            }
            if skipped_mixed == all && all != 0 {
                behind.extend_from_slice(&node.left[place + 1..]);
                break;
            }
        }
        node.left = behind;
        if !taken.is_empty() {
            node.segments += 1;
            let segment = LocalSegment { local, operations: taken };
            node.last = Some(Rc::new(Link { segment, before: node.last.take() }));
        }
        node
    }

    /// The sets of local qubits that are tried next.
    fn choices(&self, node: &Node) -> Vec<u64> {
        let mut found = vec![self.filled(node, self.fitting(node, 0))];
        let mut add = |local| {
            if !found.contains(&local) {
                found.push(local);
            }
        };
        let wanted = self.wanted(0);
        add(self.filled(node, union(&node.left, &wanted, &|_| false)));
        // Each of those that may come first, where they mix others than the local qubits.
        let (mut seeds, mut skipped_any, mut skipped_mixed) = (Vec::new(), 0u64, 0u64);
        for &gate in &node.left {
            let [support, mixed] = self.masks[gate];
            let free = mixed & skipped_any == 0 && support & skipped_mixed == 0;
            if free && mixed & !node.local != 0 && !seeds.contains(&mixed) {
                seeds.push(mixed);
            }
            skipped_any |= support;
            skipped_mixed |= mixed;
            if seeds.len() == SEEDS || skipped_mixed.count_ones() as usize == self.num_qubits {
                break;
            }
        }
        seeds.iter().skip(1).for_each(|&seed| add(self.filled(node, self.fitting(node, seed))));
        found
    }

    fn wanted(&self, first: u64) -> Wanted<'_> {
        let within = (1u64 << self.num_qubits) - 1;
        let bits = self.parts.local.count_ones() as usize;
        Wanted { masks: self.masks, within, bits, row: self.parts.always | first }
    }

    /// The qubits that the next operations mix, as many as fit, `first` among them.
    fn fitting(&self, node: &Node, first: u64) -> u64 {
        first_fit(&node.left, &self.wanted(first), usize::MAX, &|_| false).0
    }

    /// These, and of those that are local as many as fit: first those that are mixed soonest.
    fn filled(&self, node: &Node, mut local: u64) -> u64 {
        let room = self.parts.local.count_ones();
        let mut unused = node.local & !local;
        for &gate in &node.left {
            for qubit in set_bits(self.masks[gate][1] & unused) {
                unused &= !(1 << qubit);
                if local.count_ones() < room {
                    local |= 1 << qubit;
                }
            }
            if unused == 0 || local.count_ones() == room {
                break;
            }
        }
        // Of the others the last, which make the rows of a file longer.
        for mut qubits in [unused & self.parts.homes, unused & !self.parts.homes] {
            while qubits != 0 && local.count_ones() < room {
                let last = 1 << (63 - qubits.leading_zeros());
                local |= last;
                qubits &= !last;
            }
        }
        local
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::{Gate, named};
    use crate::operator::PauliString;

    fn circuit(num_qubits: usize, gates: &[(&'static Gate, &[usize])]) -> Circuit {
        let mut circuit = Circuit::new(num_qubits);
        for &(gate, qubits) in gates {
            let angles = gate.params.iter().map(|_| 0.3.into()).collect();
            circuit.push(Operation::gate(gate, angles, qubits.to_vec(), vec![])).unwrap();
        }
        circuit
    }

    fn parts(num_qubits: usize, local: usize) -> Parts {
        let local = ((1 << local) - 1) << (num_qubits - local);
        Parts { local, homes: local, always: 0, link: 10.0, relabel: true }
    }

    #[test]
    fn what_commutes_is_done_early() {
        let (h, cz, cx, rz) = (&named::h, &named::cz, &named::cx, &named::rz);
        let circuit = circuit(3, &[(h, &[0]), (cz, &[0, 1]), (cx, &[1, 2]), (h, &[1]), (rz, &[0])]);
        let found = Segments::new(&circuit, &parts(3, 2)).unwrap().segments;
        assert_eq!(found[0], LocalSegment { local: 0b110, operations: vec![2] });
        assert_eq!(found[1].operations, [0, 1, 3, 4]);
    }

    #[test]
    fn swaps_relabel() {
        let circuit = circuit(3, &[(&named::swap, &[0, 2]), (&named::h, &[0])]);
        let found = Segments::new(&circuit, &parts(3, 2)).unwrap();
        assert_eq!((found.places, found.operations[0].qubits[0]), (vec![2, 1, 0], 2));
        let applied = Segments::new(&circuit, &Parts { relabel: false, ..parts(3, 2) }).unwrap();
        assert_eq!((applied.places, applied.operations.len()), (vec![0, 1, 2], 2));
    }

    #[test]
    fn what_gates_mix() {
        let mixes = |gate: &'static Gate, qubits: &[usize]| {
            mixed(&circuit(3, &[(gate, qubits)]).operations()[0])
        };
        assert_eq!(mixes(&named::cx, &[0, 2]), 0b100);
        assert_eq!(mixes(&named::rzx, &[0, 2]), 0b100);
        assert_eq!(mixes(&named::rzz, &[0, 2]), 0);
        assert_eq!(mixes(&named::crx, &[1, 0]), 0b001);
        assert_eq!(mixes(&named::cswap, &[1, 0, 2]), 0b101);
        let action = Action::Pauli(PauliString::of("XZY").unwrap());
        assert_eq!(mixed(&Operation { action, qubits: vec![2, 1, 0], controls: vec![] }), 0b101);
    }

    #[test]
    fn refusals() {
        let wide = circuit(3, &[(&named::cswap, &[0, 1, 2])]);
        let refused = |circuit: &Circuit, parts| Segments::new(circuit, &parts).unwrap_err();
        let expected = Error::NotLocal { name: "cswap", operation: 0, mixes: 2, room: 1 };
        assert_eq!(refused(&wide, parts(3, 1)), expected);
        let always = Parts { always: 0b100, ..parts(3, 2) };
        let two = circuit(3, &[(&named::swap, &[0, 1])]);
        let expected = Error::NotLocal { name: "swap", operation: 0, mixes: 2, room: 1 };
        assert_eq!(refused(&two, Parts { relabel: false, ..always }), expected);
        let mut drawing = Circuit::new(1);
        let operation = Operation { action: Action::Reset, qubits: vec![0], controls: vec![] };
        drawing.push(operation).unwrap();
        assert!(matches!(refused(&drawing, parts(1, 1)), Error::NoSegments { name: "reset", .. }));
    }
}
