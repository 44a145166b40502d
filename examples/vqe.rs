//! The ground state of a transverse-field Ising chain by a variational circuit and gradient descent:
//! `cargo run --release --example vqe`.
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use numket::prelude::*;

const QUBITS: usize = 4;
const LAYERS: usize = 4;
const FIELD: f64 = 1.0;

/// `-sum Z Z - FIELD sum X` on an open chain.
fn hamiltonian() -> Result<PauliSum> {
    let coupling = PauliSum::on(QUBITS, (1..QUBITS).map(|q| ("ZZ", [q - 1, q], -1.0)))?;
    let field = PauliSum::on(QUBITS, (0..QUBITS).map(|q| ("X", [q], 1.0)))?;
    Ok(coupling - FIELD * field)
}

/// Rotations, each by a parameter of its own, and layers of CX between neighbours in between.
fn ansatz() -> Result<Circuit> {
    let mut circuit = Circuit::new(QUBITS)?;
    for layer in 0..=LAYERS {
        for qubit in 0..QUBITS {
            circuit.ry(format!("theta[{layer},{qubit}]"), qubit)?;
        }
        for qubit in 1..QUBITS {
            if layer < LAYERS {
                circuit.cx(qubit - 1, qubit)?;
            }
        }
    }
    Ok(circuit)
}

/// The lowest energy, by power iteration: `shift - H` has its largest eigenvalue there.
fn exact_energy() -> f64 {
    let shift = QUBITS as f64 * (1.0 + FIELD);
    let mut vector = vec![1.0; 1 << QUBITS];
    let mut energy = 0.0;
    for _ in 0..1000 {
        // H on the vector, term by term, from the definition.
        let bit = |index: usize, qubit: usize| index >> (QUBITS - 1 - qubit) & 1;
        let apply = |index: usize| {
            let equal = (1..QUBITS).filter(|&q| bit(index, q - 1) == bit(index, q)).count() as f64;
            let diagonal = (QUBITS - 1) as f64 - 2.0 * equal;
            let flipped: f64 = (0..QUBITS).map(|q| vector[index ^ 1 << q]).sum();
            diagonal * vector[index] - FIELD * flipped
        };
        let applied: Vec<f64> = (0..1 << QUBITS).map(apply).collect();
        let square: f64 = vector.iter().map(|x| x * x).sum();
        energy = vector.iter().zip(&applied).map(|(x, y)| x * y).sum::<f64>() / square;
        let next = vector.iter().zip(&applied).map(|(x, y)| (shift * x - y) / square.sqrt());
        vector = next.map(|x| x / shift).collect();
    }
    energy
}

fn main() -> Result<()> {
    let (circuit, energy) = (ansatz()?, hamiltonian()?);
    let count = circuit.parameters().count();
    // Anywhere but at 0, where derivatives vanish by symmetry.
    let mut values: Vec<f64> = (0..count).map(|i| 0.4 * (1.7 * i as f64 + 0.5).sin()).collect();
    for step in 0..=300 {
        let (value, gradient) = circuit.gradient(&energy, &values)?;
        if step % 50 == 0 {
            println!("step {step:3}   energy {value:.6}");
        }
        values.iter_mut().zip(gradient).for_each(|(value, derivative)| *value -= 0.1 * derivative);
    }

    let mut amplitudes = vec![Complex64::ZERO; 1 << QUBITS]; // your memory
    amplitudes[0] = Complex64::ONE;
    let mut psi = State::new(&mut amplitudes)?;
    circuit.run(&mut psi, &values)?;
    let (found, exact) = (psi.expectation(&energy)?, exact_energy());
    println!("found {found:.6}, exact {exact:.6}, variance {:.6}", psi.variance(&energy)?);
    assert!(found > exact - 1e-9 && found < exact + 1e-3, "gradient descent has not come close");
    Ok(())
}
