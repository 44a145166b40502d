//! What a run allocates: nothing, where the state is small and the program has run before.

use std::alloc::{GlobalAlloc, Layout as Bytes, System};
use std::cell::Cell;

use num_complex::Complex64;
use numket::circuit::{Angle, Binding, BindingPool, Circuit, Operation, Program};
use numket::exec::Crew;
use numket::gates::named;
use numket::layout::Layout;
use numket::progress::Progress;
use numket::simd::Isa;
use numket::state::StateMut;

/// Counts what each thread asks for.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's own allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, bytes: Bytes) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(bytes) }
    }

    unsafe fn dealloc(&self, at: *mut u8, bytes: Bytes) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, bytes) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(body: impl FnOnce()) -> usize {
    let before = COUNT.get();
    body();
    COUNT.get() - before
}

/// Layers of rotations by parameters and of controlled gates.
fn brickwork(n: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(n);
    let mut add = |gate, angles, qubits| {
        circuit.push(Operation::gate(gate, angles, qubits, vec![])).unwrap();
    };
    for layer in 0..layers {
        for qubit in 0..n {
            for (i, gate) in [&named::rx, &named::ry, &named::rz].into_iter().enumerate() {
                let terms = vec![(3 * (layer * n + qubit) + i, 1.0)];
                add(gate, vec![Angle { offset: 0.0, terms }], vec![qubit]);
            }
        }
        for qubit in (layer % 2..n - 1).step_by(2) {
            add(if qubit % 3 == 0 { &named::cz } else { &named::cx }, vec![], vec![qubit, qubit + 1]);
        }
    }
    circuit
}

#[test]
fn small_circuits_run_without_allocations_whatever_their_parameters() {
    let isa = Isa::chosen().unwrap();
    for n in [3, 4, 7, 10, 12] {
        let (circuit, layout) = (brickwork(n, 6), Layout::flat(n));
        let program = Program::new::<f64>(&circuit, &layout, isa);
        let mut psi = vec![Complex64::ZERO; 1 << n];
        psi[0] = Complex64::ONE;
        let params =
            |round: usize| -> Vec<f64> { (0..18 * n).map(|i| ((i + 7 * round) as f64).sin()).collect() };
        let pool: BindingPool<Binding<f64>> = BindingPool::default();
        let mut run = |params: &[f64]| {
            let mut binding = pool.lend();
            assert!(program.rebind(&mut binding, params, &Progress::unwatched()));
            program.run(&binding, &mut StateMut::new(&mut psi, &layout), Crew { isa, threads: 1 });
        };
        run(&params(0));
        for round in 1..4 {
            let params = params(round);
            assert_eq!(allocations(|| run(&params)), 0, "{n} qubits");
        }
    }
    assert_ne!(allocations(|| drop(std::hint::black_box(vec![1]))), 0, "the count counts");
}
