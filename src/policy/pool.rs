//! Interpreters for as many threads as ask.

use std::sync::{Mutex, PoisonError};

use regorus::Engine;

/// Interpreters of the same policies, each for one thread at a time.
pub(super) struct Pool(Mutex<Interpreters>);

/// Making an interpreter of the built-in policies takes 3 ms; a copy of one that is made, a microsecond.
struct Interpreters {
    made: Engine,
    idle: Vec<Engine>,
}

impl Pool {
    /// Interpreters like this one, which is ready.
    pub(super) fn of(made: Engine) -> Self {
        Self(Mutex::new(Interpreters { made, idle: Vec::new() }))
    }

    /// Lends one that has an inventory.
    pub(super) fn lend(&self, input: regorus::Value) -> Loan<'_> {
        let mut engine = {
            let mut interpreters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            interpreters.idle.pop().unwrap_or_else(|| interpreters.made.clone())
        };
        engine.set_input(input);
        Loan { engine: Some(engine), owner: self }
    }
}

/// An interpreter that has an inventory, and is given back without it.
pub(super) struct Loan<'a> {
    engine: Option<Engine>,
    owner: &'a Pool,
}

impl Loan<'_> {
    pub(super) fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("it is taken on drop alone")
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let Some(mut engine) = self.engine.take() else { return };
        // What rules print would be kept otherwise; nobody reads it.
        let _ = engine.take_prints();
        engine.set_input(regorus::Value::Undefined);
        self.owner.0.lock().unwrap_or_else(PoisonError::into_inner).idle.push(engine);
    }
}
