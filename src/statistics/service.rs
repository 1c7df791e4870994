//! Counting designations: on a day, and over days.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

use super::{
    model::{
        DesignationCounts, DesignationSeries, DesignationSeriesItem, DesignationStatistics,
        DesignationStatisticsItem, Dimensions, Filter, Group, NamedGroup, SeriesStep, StatisticsDimension,
    },
    points::points,
    series::Series,
    store::{self, Asked, MOST_GROUPS},
};
use crate::{
    authorities,
    db::Snapshot,
    error::{Error, Result},
    journal::{self, Knowledge, Known, SubjectKind},
    regimes,
    values::{AuthorityId, Date, Instant, RegimeId},
};

/// A question that is answered by counting.
pub trait Question: Clone + Eq + Hash + Send + Sync + 'static {
    /// What was counted: the answer, but for the position that it was given from.
    type Counted: Send + Sync + 'static;

    fn filter(&self) -> &Filter;

    fn dimensions(&self) -> Dimensions;

    /// Counts, as known at a position.
    ///
    /// # Errors
    /// More than an answer has room for; the database can't answer.
    fn count(&self, snapshot: &mut Snapshot<'_>, known: Knowledge) -> Result<Self::Counted>;

    /// How many numbers that are, with their names.
    fn size(counted: &Self::Counted) -> usize;
}

/// What is asked about a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DayQuestion {
    pub on: Date,
    pub group_by: Dimensions,
    pub filter: Filter,
}

/// How many there were on a day.
#[derive(Debug)]
pub struct DayCounts {
    total: DesignationCounts,
    groups: Vec<(NamedGroup, DesignationCounts)>,
}

impl Question for DayQuestion {
    type Counted = DayCounts;

    fn filter(&self) -> &Filter {
        &self.filter
    }

    fn dimensions(&self) -> Dimensions {
        self.group_by.clone()
    }

    fn count(&self, snapshot: &mut Snapshot<'_>, known: Knowledge) -> Result<DayCounts> {
        let asked =
            Asked { filter: &self.filter, dimensions: &self.group_by, known, sight: snapshot.sight() };
        let counted = store::counts(snapshot.connection(), asked, self.on)?;
        if counted.groups.len() > MOST_GROUPS {
            let detail = format!("there are more than {MOST_GROUPS} groups; narrow the question by a filter");
            return Err(Error::invalid("group_by", "too_many_items", detail));
        }
        let groups = named(snapshot, counted.groups, (known, &self.group_by))?;
        Ok(DayCounts { total: counted.total, groups })
    }

    fn size(counted: &DayCounts) -> usize {
        counted.groups.len()
    }
}

impl DayQuestion {
    /// The answer, given from a position.
    #[must_use]
    pub fn answer(&self, counted: &DayCounts, known: Knowledge) -> DesignationStatistics {
        let items = counted.groups.iter();
        DesignationStatistics {
            on: self.on,
            known_seq: known.seq,
            recorded_at: known.recorded_at,
            group_by: self.group_by.iter().collect(),
            total: counted.total,
            items: items
                .map(|(group, counts)| DesignationStatisticsItem::of((), group.clone(), *counts))
                .collect(),
        }
    }
}

/// What is asked about several days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeriesQuestion {
    pub from: Date,
    pub to: Date,
    pub step: SeriesStep,
    pub group_by: Option<StatisticsDimension>,
    pub filter: Filter,
}

/// How many there were on each of several days.
#[derive(Debug)]
pub struct SeriesCounts {
    days: Vec<Date>,
    groups: Vec<(NamedGroup, Vec<DesignationCounts>)>,
}

impl Question for SeriesQuestion {
    type Counted = SeriesCounts;

    fn filter(&self) -> &Filter {
        &self.filter
    }

    fn dimensions(&self) -> Dimensions {
        self.group_by.into()
    }

    fn count(&self, snapshot: &mut Snapshot<'_>, known: Knowledge) -> Result<SeriesCounts> {
        let days = self.days()?;
        let dimensions = self.dimensions();
        let asked = Asked { filter: &self.filter, dimensions: &dimensions, known, sight: snapshot.sight() };
        let last = days.last().copied().unwrap_or(self.from);
        let mut series = Series::new(&days, self.group_by, &self.filter);
        store::each_stretch(
            snapshot.connection(),
            asked,
            ((self.from, last), |stretch| series.add(stretch)),
        )?;
        let groups = named(snapshot, series.finish()?, (known, &dimensions))?;
        Ok(SeriesCounts { days, groups })
    }

    fn size(counted: &SeriesCounts) -> usize {
        counted.groups.len().saturating_mul(counted.days.len())
    }
}

impl SeriesQuestion {
    /// The days that are counted.
    ///
    /// # Errors
    /// Days in the wrong order, or too many.
    pub fn days(&self) -> Result<Vec<Date>> {
        points((self.from, self.to), self.step)
    }

    /// The answer, given from a position.
    #[must_use]
    pub fn answer(&self, counted: &SeriesCounts, known: Knowledge) -> DesignationSeries {
        let SeriesCounts { days, groups } = counted;
        let mut items = Vec::with_capacity(SeriesQuestion::size(counted));
        for (number, on) in days.iter().enumerate() {
            for (group, counts) in groups {
                let counts = counts.get(number).copied().unwrap_or_default();
                items.push(DesignationSeriesItem::of((*on,), group.clone(), counts));
            }
        }
        DesignationSeries {
            from: self.from,
            to: self.to,
            step: self.step,
            known_seq: known.seq,
            recorded_at: known.recorded_at,
            group_by: self.group_by,
            items,
        }
    }
}

/// Takes up a question: resolves its position, and notes what whoever asks is shown.
///
/// # Errors
/// A position beyond the head; the database can't answer.
pub fn take_up<Q: Question>(snapshot: &mut Snapshot<'_>, question: &Q, known: Known) -> Result<Knowledge> {
    let known = journal::resolve(snapshot, known)?;
    let (dimensions, sight) = (question.dimensions(), snapshot.sight());
    note(snapshot, Asked { filter: question.filter(), dimensions: &dimensions, known, sight })?;
    Ok(known)
}

/// Two entries of the journal, by their positions and instants.
pub type AsOf = [Option<(u64, Instant)>; 2];

/// The entries that a count at a position is made from: the last one up to it, and the last one there is, for a designation
/// that is hidden now was never there.
///
/// # Errors
/// When the database can't answer.
pub fn as_of(snapshot: &mut Snapshot<'_>, known: Knowledge) -> Result<AsOf> {
    let kinds = [SubjectKind::Designation, SubjectKind::Authority, SubjectKind::Regime];
    let head = snapshot.head()?.seq;
    let last = journal::last_about(snapshot, &kinds, head)?;
    // What most ask of is the head itself.
    let then = if known.seq == head { last } else { journal::last_about(snapshot, &kinds, known.seq)? };
    Ok([then, last])
}

/// Counts of groups with their names, in the order of what they are grouped by.
fn named<C>(
    snapshot: &mut Snapshot<'_>,
    counted: BTreeMap<Group, C>,
    (known, by): (Knowledge, &Dimensions),
) -> Result<Vec<(NamedGroup, C)>> {
    let (groups, counts): (Vec<Group>, Vec<C>) = counted.into_iter().unzip();
    let mut named: Vec<_> = name(snapshot, groups, known)?.into_iter().zip(counts).collect();
    named.sort_by(|(one, _), (other, _)| order(by, one, other));
    Ok(named)
}

/// A count that restricted designations are in may tell of a single one, by its filters and its groups, so it is evidence for
/// whoever sees them. Which they are is noted where vendors are named.
fn note(snapshot: &mut Snapshot<'_>, asked: Asked<'_>) -> Result<()> {
    if !asked.sight.sees_restricted() {
        return Ok(());
    }
    snapshot.evidence().is_due();
    if asked.filter.vendors.is_empty() {
        return Ok(());
    }
    for id in store::restricted(snapshot.connection(), asked)? {
        snapshot.evidence().restricted(id);
    }
    Ok(())
}

/// Groups with what people call their regimes and authorities.
fn name(snapshot: &mut Snapshot<'_>, groups: Vec<Group>, known: Knowledge) -> Result<Vec<NamedGroup>> {
    let ids: BTreeSet<RegimeId> = groups.iter().filter_map(|group| group.regime).collect();
    let slugs = if ids.is_empty() {
        HashMap::new()
    } else {
        regimes::slugs(snapshot, &ids.into_iter().collect::<Vec<_>>())?
    };
    let ids: BTreeSet<AuthorityId> = groups.iter().filter_map(|group| group.authority).collect();
    let names = if ids.is_empty() {
        HashMap::new()
    } else {
        authorities::names_at(snapshot, &ids.into_iter().collect::<Vec<_>>(), known)?
    };
    let named = groups.into_iter().map(|group| NamedGroup {
        regime: group.regime.and_then(|id| slugs.get(&id).cloned()),
        authority_name: group.authority.and_then(|id| names.get(&id).cloned()),
        group,
    });
    Ok(named.collect())
}

/// The order of items: by what they are grouped by, in the order in which that was asked for. Words come in the order of the
/// model, names and slugs by their letters.
fn order(by: &Dimensions, one: &NamedGroup, other: &NamedGroup) -> Ordering {
    let (a, b) = (&one.group, &other.group);
    let each = by.iter().map(|dimension| match dimension {
        StatisticsDimension::Regime => one.regime.cmp(&other.regime),
        StatisticsDimension::Authority => {
            (&one.authority_name, a.authority).cmp(&(&other.authority_name, b.authority))
        }
        StatisticsDimension::State => a.state.cmp(&b.state),
        StatisticsDimension::ReasonCode => a.reason_code.cmp(&b.reason_code),
        StatisticsDimension::Origin => a.origin.cmp(&b.origin),
        StatisticsDimension::Environment => a.environment.cmp(&b.environment),
        StatisticsDimension::Month => a.month.cmp(&b.month),
    });
    each.fold(Ordering::Equal, Ordering::then)
}
