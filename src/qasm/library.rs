//! The standard files, and what dialects know without one. Their gates are written with those of numket's
//! table, by the names that these have there.

/// What every text of OpenQASM 2 knows.
pub const BUILT_IN_2: &str = include_str!("library/built_in_2.inc");
/// What every text of OpenQASM 3 knows.
pub const BUILT_IN_3: &str = include_str!("library/built_in_3.inc");
/// The standard file of OpenQASM 2, with what Qiskit has added to it.
pub const QELIB1: &str = include_str!("library/qelib1.inc");
/// The standard file of OpenQASM 3.
pub const STDGATES: &str = include_str!("library/stdgates.inc");
/// Amazon Braket's gates.
pub const BRAKET: &str = include_str!("library/braket.inc");
/// Qibo's gates.
pub const QIBO: &str = include_str!("library/qibo.inc");

/// The standard file that has a gate, of one version of the language.
pub fn file_of(name: &str, version: u32) -> Option<&'static str> {
    let (text, file) = if version == 2 { (QELIB1, "qelib1.inc") } else { (STDGATES, "stdgates.inc") };
    let has = text
        .lines()
        .filter_map(|line| line.strip_prefix("gate "))
        .any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '('])));
    has.then_some(file)
}
