//! Counting designations: on a day, and over days.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use super::{
    model::{
        DesignationSeries, DesignationSeriesItem, DesignationStatistics, DesignationStatisticsItem,
        Dimensions, Filter, Group, NamedGroup, SeriesStep, StatisticsDimension,
    },
    points::points,
    series::Series,
    store::{self, Asked, MOST_GROUPS},
};
use crate::{
    authorities,
    db::Snapshot,
    error::{Error, Result},
    journal::{self, Knowledge, Known},
    regimes,
    values::{AuthorityId, Date, RegimeId},
};

/// What is asked about a day.
#[derive(Debug, Clone)]
pub struct Question {
    pub on: Date,
    pub known: Known,
    pub group_by: Dimensions,
    pub filter: Filter,
}

/// What is asked about several days.
#[derive(Debug, Clone)]
pub struct SeriesQuestion {
    pub from: Date,
    pub to: Date,
    pub step: SeriesStep,
    pub known: Known,
    pub group_by: Option<StatisticsDimension>,
    pub filter: Filter,
}

/// How many designations there were on a day.
///
/// # Errors
/// A position beyond the head, or more groups than an answer has room for.
pub fn statistics(snapshot: &mut Snapshot<'_>, question: &Question) -> Result<DesignationStatistics> {
    let Question { on, group_by, filter, .. } = question;
    let known = journal::resolve(snapshot, question.known)?;
    let asked = Asked { filter, dimensions: group_by, known, sight: snapshot.sight() };
    note(snapshot, asked)?;
    let counted = store::counts(snapshot.connection(), asked, *on)?;
    if counted.groups.len() > MOST_GROUPS {
        let detail = format!("there are more than {MOST_GROUPS} groups; narrow the question by a filter");
        return Err(Error::invalid("group_by", "too_many_items", detail));
    }
    let (groups, counts): (Vec<Group>, Vec<_>) = counted.groups.into_iter().unzip();
    let mut named: Vec<_> = name(snapshot, groups, known)?.into_iter().zip(counts).collect();
    named.sort_by(|(one, _), (other, _)| order(group_by, one, other));
    Ok(DesignationStatistics {
        on: *on,
        known_seq: known.seq,
        recorded_at: known.recorded_at,
        group_by: group_by.iter().collect(),
        total: counted.total,
        items: named
            .into_iter()
            .map(|(group, counts)| DesignationStatisticsItem::of((), group, counts))
            .collect(),
    })
}

/// How many designations there were on each of several days.
///
/// # Errors
/// A position beyond the head; days in the wrong order; more days or items than an answer has room for.
pub fn series(snapshot: &mut Snapshot<'_>, question: &SeriesQuestion) -> Result<DesignationSeries> {
    let SeriesQuestion { from, to, step, group_by, filter, .. } = question;
    let days = points((*from, *to), *step)?;
    let known = journal::resolve(snapshot, question.known)?;
    let dimensions = Dimensions::from(*group_by);
    let asked = Asked { filter, dimensions: &dimensions, known, sight: snapshot.sight() };
    note(snapshot, asked)?;
    let last = days.last().copied().unwrap_or(*from);
    let mut series = Series::new(&days, *group_by, filter);
    store::each_stretch(snapshot.connection(), asked, ((*from, last), |stretch| series.add(stretch)))?;
    let (groups, counts): (Vec<Group>, Vec<_>) = series.finish()?.into_iter().unzip();
    let mut named: Vec<_> = name(snapshot, groups, known)?.into_iter().zip(counts).collect();
    named.sort_by(|(one, _), (other, _)| order(&dimensions, one, other));
    let mut items = Vec::with_capacity(days.len().saturating_mul(named.len()));
    for (number, on) in days.iter().enumerate() {
        for (group, counts) in &named {
            let counts = counts.get(number).copied().unwrap_or_default();
            items.push(DesignationSeriesItem::of((*on,), group.clone(), counts));
        }
    }
    Ok(DesignationSeries {
        from: *from,
        to: *to,
        step: *step,
        known_seq: known.seq,
        recorded_at: known.recorded_at,
        group_by: *group_by,
        items,
    })
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
