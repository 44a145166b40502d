//! Whether there is room for a state or for results, before anything is allocated.

use crate::error::{Error, Result};

/// Bytes that the system could hand out now, where it tells.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let free = kib.checked_mul(1024)?;
    // A container may have less than the machine.
    let number = |file| std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max");
    let used = number("/sys/fs/cgroup/memory.current");
    Some(limit.zip(used).map_or(free, |(limit, used)| free.min(limit.saturating_sub(used))))
}

/// More than this no array can have, whatever the machine.
const MOST: u128 = isize::MAX as u128 / 2;

/// Less than this is taken unasked: what is free is read from files in 27 us, in which 1 MiB can be written.
const ASKED_FOR: u128 = 1 << 20;

/// Whether `needed` bytes can be had, and otherwise how many are free.
fn room_for(needed: u128) -> std::result::Result<(), Option<u64>> {
    if needed < ASKED_FOR {
        return Ok(());
    }
    let free = free_memory();
    match needed > MOST || free.is_some_and(|free| needed > u128::from(free)) {
        true => Err(free),
        false => Ok(()),
    }
}

/// Sees to it that a state of `needed` bytes can be held.
///
/// # Errors
/// [`Error::Memory`].
pub fn room_for_state(needed: u128) -> Result<()> {
    room_for(needed).map_err(|free| Error::Memory { needed, free })
}

/// How many states a batch of this shape has, if `each` bytes of results can be held for each.
///
/// # Errors
/// As [`room_for_results`].
pub fn room_for_each(shape: &[usize], each: usize) -> Result<usize> {
    let states = shape.iter().fold(1u128, |product, &len| product.saturating_mul(len as u128));
    room_for_results(states.saturating_mul(each as u128))?;
    Ok(states as usize)
}

/// Sees to it that results of `needed` bytes can be held.
///
/// # Errors
/// [`Error::Results`].
pub fn room_for_results(needed: u128) -> Result<()> {
    room_for(needed).map_err(|free| Error::Results { needed, free })
}
