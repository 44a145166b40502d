//! Branches and loops: what is known is walked, and what depends on outcomes becomes conditions.

use super::ast::{Expr, Loop, Statement};
use super::convert::convert;
use super::eval::here;
use super::functions::bounds;
use super::scope::Shape;
use super::value::{self, Cond, Value};
use super::walk::{Flow, Walker};
use super::{Fault, Res};

impl<'a> Walker<'a> {
    /// Blocks, of which one is walked whose condition holds: each where it may.
    pub(super) fn branches(&mut self, at: u32, branches: &[(&[Cond], &Vec<Statement>)]) -> Res<Flow> {
        for (conds, body) in branches {
            if matches!(conds, [cond] if cond.is_empty()) {
                return self.nested(at, body);
            }
            if body.is_empty() {
                continue;
            }
            if let Some(before) = self.output.narrow(at, conds)? {
                let flow = self.nested(at, body)?;
                let same = self.output.path() == before;
                self.output.widen(before);
                match flow {
                    Flow::Next => {}
                    Flow::Break(at) | Flow::Continue(at) if !same => {
                        return Err(depends(at, "'break' or 'continue'"));
                    }
                    flow => return Ok(flow),
                }
            }
        }
        Ok(Flow::Next)
    }

    /// A chain of `if` and `else if`: each condition is looked at where those before it do not hold.
    pub(super) fn chain(
        &mut self,
        at: u32,
        chain: &[(Expr, Vec<Statement>)],
        otherwise: &[Statement],
    ) -> Res<Flow> {
        let mut outside = None;
        let mut flow = Flow::Next;
        let mut goes_on = true;
        for (place, (condition, body)) in chain.iter().enumerate() {
            let value = self.eval(condition)?;
            let yes = self.when(condition.at, &value, true)?;
            flow = self.branches(at, &[(&yes[..], body)])?;
            goes_on = !matches!(&yes[..], [cond] if cond.is_empty());
            let is_last = place + 1 == chain.len() && otherwise.is_empty();
            if !goes_on || is_last || !matches!(flow, Flow::Next) {
                break;
            }
            let no = self.when(condition.at, &value, false)?;
            match self.output.narrow(condition.at, &no)? {
                Some(before) => drop(outside.get_or_insert(before)),
                None => {
                    goes_on = false;
                    break;
                }
            }
        }
        if goes_on && !otherwise.is_empty() && matches!(flow, Flow::Next) {
            flow = self.nested(at, otherwise)?;
        }
        if let Some(outside) = outside {
            self.output.widen(outside);
            if let Flow::Break(at) | Flow::Continue(at) = flow {
                return Err(depends(at, "'break' or 'continue'"));
            }
        }
        Ok(flow)
    }

    /// The conditions under which a truth value is as wanted.
    pub(super) fn when(&mut self, at: u32, value: &Value, wanted: bool) -> Res<Vec<Cond>> {
        let mut effort = value.weight();
        let conds = here(at, value::when(value, wanted, &mut effort))?;
        self.work(at, effort / 2)?;
        Ok(conds)
    }

    /// Sees to it that where the text goes on does not depend on outcomes.
    pub(super) fn same_path(&self, at: u32, path: &[Cond], what: &str) -> Res<()> {
        if self.output.path() == path { Ok(()) } else { Err(depends(at, &format!("'{what}'"))) }
    }

    /// One more round of a loop.
    pub(super) fn round(&mut self, at: u32) -> Res<()> {
        self.rounds += 1;
        self.work(at, 4)?;
        match self.rounds > self.options.max_rounds {
            true => Err(Fault::new(
                at,
                format!(
                    "the loops of this text go through more than {} rounds, and this one has not ended: shorten it, \
                     or allow more by max_rounds (--max-rounds)",
                    self.options.max_rounds
                ),
            )),
            false => Ok(()),
        }
    }

    pub(super) fn for_loop(&mut self, at: u32, head: &Loop, body: &[Statement]) -> Res<Flow> {
        self.work(at, self.output.path().len())?;
        let path = self.output.path().to_vec();
        let values = self.eval(&head.values)?;
        let range = match &values {
            Value::Range(range) => Some(here(head.values.at, bounds(range))?),
            _ => None,
        };
        if let Some((_, 0, _)) = range {
            return Err(Fault::new(head.values.at, "the step of a range is not 0"));
        }
        let shape = self.shape(&head.ty, at)?;
        let Shape::Scalar(kind) = shape else {
            return Err(Fault::new(at, "the variable of a loop is no array"));
        };
        for round in 0i128.. {
            let value = match (&values, range) {
                (_, Some((start, step, stop))) => {
                    let value = start + round * step;
                    if if step > 0 { value > stop } else { value < stop } {
                        break;
                    }
                    value::int(value)
                }
                (Value::List(values), _) => match values.get(round as usize) {
                    Some(value) => value.clone(),
                    None => break,
                },
                (Value::Bits(bits), _) => match bits.get(round as usize) {
                    Some(bit) => bit.value(),
                    None => break,
                },
                (other, _) => {
                    let kind = other.kind();
                    return Err(Fault::new(
                        head.values.at,
                        format!("a loop goes through a range, a set, an array or bits, not {kind}"),
                    ));
                }
            };
            self.round(at)?;
            self.scopes.enter();
            let value = here(head.values.at, convert(&value, kind))?;
            self.declare_variable(head.name, Shape::Scalar(kind), value, false, at)?;
            self.deeper(at)?;
            let flow = self.statements(body)?;
            self.higher();
            self.scopes.leave();
            match flow {
                Flow::Next => {}
                Flow::Continue(at) => self.same_path(at, &path, "continue")?,
                Flow::Break(at) => {
                    self.same_path(at, &path, "break")?;
                    break;
                }
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }
}

fn depends(at: u32, what: &str) -> Fault {
    Fault::new(
        at,
        format!(
            "whether {what} is reached depends on outcomes, and a circuit does not jump: put the rest under an 'if'"
        ),
    )
}
