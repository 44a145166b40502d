//! The GHZ state on a slice of your own, sampled: `cargo run --example ghz`.
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use numket::prelude::*;

fn main() -> Result<()> {
    let n = 10;
    let mut amplitudes = vec![Complex64::ZERO; 1 << n]; // your memory
    amplitudes[0] = Complex64::ONE;

    let mut psi = State::new(&mut amplitudes)?;
    psi.h(0)?;
    for qubit in 1..n {
        psi.cx(qubit - 1, qubit)?;
    }

    println!("{psi:#?}");
    println!("norm          {:.6}", psi.norm()?);
    println!("<XX...X>      {:.6}", psi.expectation(&"X".repeat(n))?);
    println!("eight samples {:?}", psi.sample(.., 8, 7)?);
    for (label, count) in psi.counts(.., 1000, 7)? {
        println!("{label}    {count}");
    }
    Ok(())
}
