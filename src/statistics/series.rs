//! Counting over many days: what the table of periods says, read once, designation by designation and vendor by vendor, so
//! that no more than one vendor's designations and the sums are in memory. A pure fold.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{DesignationCounts, Filter, Group, StatisticsDimension};
use crate::{
    designations::{
        model::{Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    error::{Error, Result},
    values::{AuthorityId, Date, DesignationId, RegimeId, VendorId},
};

/// The most items of a series: so many sums are kept.
pub(super) const MOST_ITEMS: usize = 20_000;

/// What a designation is counted by besides its state and its days; of environments, what the scope covers: all, where it
/// names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Regime(RegimeId),
    Authority(AuthorityId),
    Origin(Origin),
    ReasonCodes(Vec<ReasonCode>),
    Environments(Vec<Environment>),
}

/// A period of a scope, with what its designation is counted by.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) designation: DesignationId,
    pub(super) vendor: Option<VendorId>,
    pub(super) told: Told,
    pub(super) state: ScopeState,
    pub(super) from: Date,
    /// The day after the last; `None`: open.
    pub(super) to: Option<Date>,
}

/// Days of a series by their numbers, from one to before another.
type Run = (usize, usize);

/// What changes from one day to the next, of each count.
#[derive(Debug, Clone)]
struct Sums {
    designations: Vec<i64>,
    in_force: Vec<i64>,
    vendors: Vec<i64>,
}

impl Sums {
    fn new(days: usize) -> Self {
        let none = vec![0; days.saturating_add(1)];
        Self { designations: none.clone(), in_force: none.clone(), vendors: none }
    }

    fn counts(self, days: usize) -> Vec<DesignationCounts> {
        let [designations, in_force, vendors] =
            [self.designations, self.in_force, self.vendors].map(|changes| {
                let running = changes.into_iter().scan(0_i64, |sum, change| {
                    *sum = sum.saturating_add(change);
                    Some(u64::try_from(*sum).unwrap_or_default())
                });
                running.take(days).collect::<Vec<u64>>()
            });
        let all = designations.into_iter().zip(in_force).zip(vendors);
        all.map(|((designations, in_force), vendors)| DesignationCounts { designations, in_force, vendors })
            .collect()
    }
}

fn add((from, to): Run, changes: &mut [i64]) {
    for (day, change) in [(from, 1), (to, -1)] {
        if let Some(sum) = changes.get_mut(day) {
            *sum = sum.saturating_add(change);
        }
    }
}

/// The counts so far, and what is being read.
pub(super) struct Series<'q> {
    days: &'q [Date],
    by: Option<StatisticsDimension>,
    filter: &'q Filter,
    sums: BTreeMap<Group, Sums>,
    /// The stretches of the designation that is being read.
    designation: Vec<Stretch>,
    /// The days of the vendor that is being read, in each group.
    of_vendor: HashMap<Group, Vec<Run>>,
}

impl<'q> Series<'q> {
    pub(super) fn new(days: &'q [Date], by: Option<StatisticsDimension>, filter: &'q Filter) -> Self {
        let mut sums = BTreeMap::new();
        if by.is_none() {
            // Without groups there is one, also where nothing is in it.
            sums.insert(Group::default(), Sums::new(days.len()));
        }
        Self { days, by, filter, sums, designation: Vec::new(), of_vendor: HashMap::new() }
    }

    /// Takes the next stretch. Those of a vendor come together, and of them those of a designation.
    pub(super) fn add(&mut self, stretch: Stretch) -> Result<()> {
        if let Some(last) = self.designation.first() {
            let (same_designation, same_vendor) =
                (last.designation == stretch.designation, last.vendor == stretch.vendor);
            if !same_designation {
                self.designation_ends()?;
            }
            if !same_vendor {
                self.vendor_ends();
            }
        }
        self.designation.push(stretch);
        Ok(())
    }

    /// The counts of every group on every day.
    pub(super) fn finish(mut self) -> Result<BTreeMap<Group, Vec<DesignationCounts>>> {
        self.designation_ends()?;
        self.vendor_ends();
        let days = self.days.len();
        Ok(self.sums.into_iter().map(|(group, sums)| (group, sums.counts(days))).collect())
    }

    fn designation_ends(&mut self) -> Result<()> {
        let stretches = std::mem::take(&mut self.designation);
        if self.by != Some(StatisticsDimension::Environment) {
            return self.count(&stretches.iter().collect::<Vec<_>>(), None);
        }
        for environment in Environment::ALL {
            let covers = |stretch: &&Stretch| matches!(&stretch.told, Told::Environments(covered) if covered.is_empty() || covered.contains(environment));
            self.count(&stretches.iter().filter(covers).collect::<Vec<_>>(), Some(*environment))?;
        }
        Ok(())
    }

    /// Counts what these stretches of one designation make of it, run by run of days on which nothing changes.
    fn count(&mut self, stretches: &[&Stretch], environment: Option<Environment>) -> Result<()> {
        let Some(began) = stretches.iter().map(|stretch| stretch.from).min() else { return Ok(()) };
        let number = |day: Date| self.days.partition_point(|of_series| *of_series < day);
        let runs: Vec<(Run, &Stretch)> = stretches
            .iter()
            .map(|stretch| ((number(stretch.from), stretch.to.map_or(self.days.len(), number)), *stretch))
            .collect();
        let turns: BTreeSet<usize> = runs.iter().flat_map(|((from, to), _)| [*from, *to]).collect();
        let turns: Vec<usize> = turns.into_iter().collect();
        for turn in turns.windows(2) {
            let &[from, to] = turn else { continue };
            let there = runs.iter().filter(|((first, end), _)| *first <= from && to <= *end);
            let scopes: Vec<(ScopeState, Date)> =
                there.map(|(_, stretch)| (stretch.state, stretch.from)).collect();
            let Some(state) = ScopeState::of_whole(&scopes).filter(|state| self.filter.wants(*state)) else {
                continue;
            };
            let Some(first) = stretches.first() else { continue };
            for group in self.groups(first, (state, environment, began)) {
                self.tally(group, (from, to), (state.binds(), first.vendor))?;
            }
        }
        Ok(())
    }

    fn groups(
        &self,
        stretch: &Stretch,
        (state, environment, began): (ScopeState, Option<Environment>, Date),
    ) -> Vec<Group> {
        let none = Group::default();
        let one = match (&stretch.told, self.by) {
            (Told::Regime(regime), _) => Group { regime: Some(*regime), ..none },
            (Told::Authority(authority), _) => Group { authority: Some(*authority), ..none },
            (Told::Origin(origin), _) => Group { origin: Some(*origin), ..none },
            (Told::Environments(_), _) => Group { environment, ..none },
            (Told::ReasonCodes(codes), _) if codes.is_empty() => none,
            (Told::ReasonCodes(codes), _) => {
                let of = |code: &ReasonCode| Group { reason_code: Some(*code), ..none.clone() };
                return codes.iter().map(of).collect();
            }
            (Told::Nothing, Some(StatisticsDimension::State)) => Group { state: Some(state), ..none },
            (Told::Nothing, Some(StatisticsDimension::Month)) => Group { month: Some(began.month()), ..none },
            (Told::Nothing, _) => none,
        };
        vec![one]
    }

    fn tally(&mut self, group: Group, run: Run, (binds, vendor): (bool, Option<VendorId>)) -> Result<()> {
        let days = self.days.len();
        if !self.sums.contains_key(&group)
            && self.sums.len().saturating_add(1).saturating_mul(days) > MOST_ITEMS
        {
            return Err(Error::invalid("group_by", "too_many_items", too_many_items()));
        }
        let sums = self.sums.entry(group.clone()).or_insert_with(|| Sums::new(days));
        add(run, &mut sums.designations);
        if binds {
            add(run, &mut sums.in_force);
        }
        if vendor.is_some() {
            self.of_vendor.entry(group).or_default().push(run);
        }
        Ok(())
    }

    /// A vendor counts once on a day, however many designations it has.
    fn vendor_ends(&mut self) {
        for (group, mut runs) in self.of_vendor.drain() {
            let Some(sums) = self.sums.get_mut(&group) else { continue };
            runs.sort_unstable();
            let mut counted = 0;
            for (from, to) in runs {
                let from = from.max(counted);
                if from < to {
                    add((from, to), &mut sums.vendors);
                    counted = to;
                }
            }
        }
    }
}

fn too_many_items() -> String {
    format!(
        "there would be more than {MOST_ITEMS} items, one for each group and day; narrow the question by a filter, or take a \
         longer step or a shorter span"
    )
}
