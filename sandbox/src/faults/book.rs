//! The scripts in force.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kind::Fault;
use super::script::{Script, ScriptError, ScriptState};
use crate::vendor::Vendor;
use crate::world::Chance;

/// The scripts in force, in order of arrival.
pub(crate) struct FaultBook {
    seed: u64,
    pages: Mutex<Pages>,
}

struct Pages {
    scripts: Vec<ScriptState>,
    written: u64,
    chance: Chance,
}

impl Pages {
    fn blank(seed: u64) -> Self {
        Self { scripts: Vec::new(), written: 0, chance: Chance::of(seed, &["faults"]) }
    }
}

impl FaultBook {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, pages: Mutex::new(Pages::blank(seed)) }
    }

    /// Puts scripts in force, all or none; `suits` says whether a fault can happen to a vendor. Returns their numbers.
    pub(crate) fn add(
        &self,
        scripts: Vec<Script>,
        suits: impl Fn(Vendor, &Fault) -> bool,
    ) -> Result<Vec<u64>, ScriptError> {
        for script in &scripts {
            if let Some(rate) = script.rate.filter(|rate| !(*rate > 0.0 && *rate <= 1.0)) {
                return Err(ScriptError::Rate(rate));
            }
            if let Fault::Outage { status } = script.fault
                && ![500, 502, 503, 504].contains(&status)
            {
                return Err(ScriptError::Status(status));
            }
            if let Some(vendor) = script.vendor.filter(|&vendor| !suits(vendor, &script.fault)) {
                return Err(ScriptError::Unsuited { kind: script.fault.kind(), vendor });
            }
        }
        let mut pages = self.pages();
        let ids = scripts.into_iter().map(|script| {
            pages.written += 1;
            let id = pages.written;
            pages.scripts.push(ScriptState { id, happened: 0, script });
            id
        });
        Ok(ids.collect())
    }

    /// Takes all scripts back, and begins the draws anew.
    pub(crate) fn clear(&self) {
        *self.pages() = Pages::blank(self.seed);
    }

    /// The scripts as they stand; those that are used up stay, to be looked at.
    pub(crate) fn list(&self) -> Vec<ScriptState> {
        self.pages().scripts.clone()
    }

    /// What goes wrong with a request to `vendor` that says `text`: the first script that fits and is not used up, if
    /// its draw says so; else the next.
    pub(crate) fn draw(&self, vendor: Vendor, text: &str, suits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut pages = self.pages();
        let Pages { scripts, chance, .. } = &mut *pages;
        for ScriptState { happened, script, .. } in scripts {
            let fits = script.vendor.is_none_or(|of| of == vendor)
                && suits(&script.fault)
                && script.times != Some(0)
                && script.containing.as_ref().is_none_or(|part| text.contains(part.as_str()));
            if fits && script.rate.is_none_or(|rate| chance.happens(rate)) {
                *happened += 1;
                script.times = script.times.map(|left| left - 1);
                return Some(script.fault.clone());
            }
        }
        None
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
