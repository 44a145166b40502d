//! Measurements, and the bits of variables that they write.

use std::rc::Rc;

use super::ast::{Base, Operand};
use super::eval::here;
use super::functions::places;
use super::scope::Symbol;
use super::value::{Bit, Value};
use super::walk::{Walker, distinct, has_twice};
use super::{Fault, Res};

impl<'a> Walker<'a> {
    /// All bits of a variable.
    pub(super) fn cells_of(&self, variable: usize) -> Vec<(usize, usize)> {
        (0..self.scopes.variables[variable].homes.len()).map(|place| (variable, place)).collect()
    }

    /// The bits of variables that an operand names.
    pub(super) fn cells(&mut self, operand: &Operand) -> Res<Vec<(usize, usize)>> {
        let refused = |what: &str| {
            Fault::new(operand.at, format!("a classical bit should stand here, and this is {what}"))
        };
        let Base::Name(name) = operand.base else { return Err(refused("a qubit")) };
        let (len, number, alias) = match self.scopes.find(name) {
            Some(&Symbol::Variable(number)) => {
                let variable = &self.scopes.variables[number];
                if variable.constant {
                    return Err(refused("a constant"));
                }
                if variable.homes.is_empty() {
                    return Err(refused("a variable of another type"));
                }
                (variable.homes.len(), number, None)
            }
            Some(Symbol::Bits(cells)) => (cells.len(), 0, Some(cells.clone())),
            Some(symbol) => return Err(refused(symbol.kind())),
            None => return Err(self.unknown(name, operand.at)),
        };
        // An index is looked up in what those before it have left; a large register is never listed for one bit.
        let mut found: Option<Vec<usize>> = None;
        for (index, _) in &operand.index {
            let given = self.eval_all(index)?;
            let [given] = &given[..] else {
                return Err(Fault::new(index.at, "a register has one index"));
            };
            let size = found.as_ref().map_or(len, Vec::len);
            let places = here(index.at, places(given, size))?;
            found = Some(match found {
                Some(found) => places.into_iter().map(|place| found[place]).collect(),
                None => places,
            });
        }
        let cell = |place: usize| alias.as_ref().map_or((number, place), |cells| cells[place]);
        let cells: Vec<_> = match found {
            Some(found) => found.into_iter().map(cell).collect(),
            None => (0..len).map(cell).collect(),
        };
        self.work(operand.at, cells.len())?;
        Ok(cells)
    }

    /// Measures qubits into as many bits of variables.
    pub(super) fn measure_into(
        &mut self,
        at: u32,
        qubits: &[usize],
        cells: &[(usize, usize)],
    ) -> Res<()> {
        if qubits.len() != cells.len() {
            return Err(Fault::new(
                at,
                format!(
                    "this measures {} qubits into {} bits: give as many of each",
                    qubits.len(),
                    cells.len()
                ),
            ));
        }
        distinct(at, qubits)?;
        if has_twice(cells) {
            return Err(Fault::new(at, "this measures twice into one bit"));
        }
        let before: Vec<Bit> = cells.iter().map(|&cell| self.bit_of(cell)).collect();
        let mut bits = Vec::with_capacity(cells.len());
        for (&(variable, place), before) in cells.iter().zip(&before) {
            let mut home = self.scopes.variables[variable].homes[place];
            if let (&Bit::Outcome(bit, _), false) = (before, self.output.always()) {
                home = bit; // So that it keeps what it has where nothing is measured.
            }
            if home == NO_HOME {
                home = self.output.new_bits(at, 1)?[0];
            }
            self.scopes.variables[variable].homes[place] = home;
            bits.push(home);
        }
        let after = self.output.measure(at, qubits.to_vec(), &bits, &before)?;
        for (&cell, bit) in cells.iter().zip(after) {
            self.write_bit(cell, bit);
        }
        Ok(())
    }

    pub(super) fn write_bit(&mut self, (variable, place): (usize, usize), bit: Bit) {
        match &mut self.scopes.variables[variable].value {
            Value::Bits(bits) => Rc::make_mut(bits)[place] = bit,
            value => *value = bit.value(),
        }
    }

    /// Measures qubits into bits that have no name, and gives what these hold.
    pub(super) fn measured(&mut self, at: u32, qubits: &[usize], is_register: bool) -> Res<Value> {
        distinct(at, qubits)?;
        let bits = self.output.new_bits(at, qubits.len())?;
        let before = vec![Bit::Known(false); bits.len()];
        let held = self.output.measure(at, qubits.to_vec(), &bits, &before)?;
        Ok(if is_register { Value::Bits(held.into()) } else { held[0].value() })
    }
}

/// A bit that no bit of the circuit has been made for.
pub const NO_HOME: u32 = u32::MAX;
