//! The table of periods.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    db::{
        AnyConnection, OPEN,
        narrow::among,
        schema::designation_periods as periods,
        types::{DbUuid, date},
        unexpected,
    },
    designations::{
        model::Designation,
        periods::{Stretch, Turn, turn},
        timeline::ScopeState,
    },
    error::{Error, Result},
    journal::column,
    values::{Date, DesignationId},
};

/// The day that stands for "no end" in a column of dates; no date of the registry reaches it.
const NO_END: chrono::NaiveDate = match chrono::NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => chrono::NaiveDate::MAX,
};

/// A rectangle as it stands in the table.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, diesel::Queryable, diesel::Insertable, diesel::Selectable,
)]
#[diesel(table_name = periods)]
pub struct PeriodRow {
    pub designation_id: DbUuid,
    pub scope_id: DbUuid,
    pub stated_by: DbUuid,
    pub from_on: chrono::NaiveDate,
    pub to_on: chrono::NaiveDate,
    pub state: String,
    pub event_id: DbUuid,
    pub known_from_seq: i64,
    pub known_to_seq: i64,
    pub vendor_id: Option<DbUuid>,
    pub environments: String,
    pub actions: String,
}

impl PeriodRow {
    /// A stretch of a designation as a row.
    ///
    /// # Errors
    /// Positions past 2^63.
    pub fn new(designation: &Designation, stretch: &Stretch, known: (u64, Option<u64>)) -> Result<Self> {
        Ok(Self {
            designation_id: DbUuid(designation.id.uuid()),
            scope_id: DbUuid(stretch.scope_id.uuid()),
            stated_by: DbUuid(stretch.stated_by.uuid()),
            from_on: stretch.from.day(),
            to_on: stretch.to.map_or(NO_END, Date::day),
            state: stretch.state.as_str().to_owned(),
            event_id: DbUuid(stretch.event_id.uuid()),
            known_from_seq: column(known.0)?,
            known_to_seq: known.1.map_or(Ok(OPEN), column)?,
            vendor_id: designation.vendor_id.map(|id| DbUuid(id.uuid())),
            environments: stretch.environments.clone(),
            actions: stretch.actions.clone(),
        })
    }

    fn stretch(self) -> Result<Stretch> {
        let state = ScopeState::parse(&self.state)
            .ok_or_else(|| Error::internal(format!("a period has the state {}", self.state)))?;
        Ok(Stretch {
            scope_id: self.scope_id.0.into(),
            stated_by: self.stated_by.0.into(),
            from: date(self.from_on)?,
            to: if self.to_on == NO_END { None } else { Some(date(self.to_on)?) },
            state,
            event_id: self.event_id.0.into(),
            environments: self.environments,
            actions: self.actions,
        })
    }
}

/// Every rectangle of a designation.
///
/// # Errors
/// When the database can't answer.
pub fn period_rows(connection: &mut AnyConnection, id: DesignationId) -> Result<Vec<PeriodRow>> {
    periods::table
        .filter(periods::designation_id.eq(DbUuid(id.uuid())))
        .select(PeriodRow::as_select())
        .load(connection)
        .map_err(unexpected("read a designation's periods"))
}

/// Brings the table to what the timeline says from a position on.
pub(in crate::designations) fn write_turn(
    connection: &mut AnyConnection,
    designation: &Designation,
    now: &[Stretch],
    seq: u64,
) -> Result<()> {
    let id = DbUuid(designation.id.uuid());
    let open: Vec<PeriodRow> = periods::table
        .filter(periods::designation_id.eq(id))
        .filter(periods::known_to_seq.eq(OPEN))
        .select(PeriodRow::as_select())
        .load(connection)
        .map_err(unexpected("read open periods"))?;
    let open = open.into_iter().map(PeriodRow::stretch).collect::<Result<Vec<_>>>()?;
    let Turn { closed, opened } = turn(&open, now);
    for stretch in closed {
        diesel::update(
            periods::table
                .filter(periods::designation_id.eq(id))
                .filter(periods::scope_id.eq(DbUuid(stretch.scope_id.uuid())))
                .filter(periods::from_on.eq(stretch.from.day()))
                .filter(periods::known_to_seq.eq(OPEN)),
        )
        .set(periods::known_to_seq.eq(column(seq)?))
        .execute(connection)
        .map_err(unexpected("close a period"))?;
    }
    for stretch in opened {
        diesel::insert_into(periods::table)
            .values(PeriodRow::new(designation, &stretch, (seq, None))?)
            .execute(connection)
            .map_err(unexpected("insert a period"))?;
    }
    Ok(())
}

/// The states of the scopes of these designations on a day, as known at a position, with the days since when.
pub(in crate::designations) fn states_on(
    connection: &mut AnyConnection,
    ids: &[DesignationId],
    (on, seq): (Date, u64),
) -> Result<Vec<(DesignationId, ScopeState, Date)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = among(connection, "designation_periods.designation_id", ids.iter().map(|id| id.uuid()));
    let seq = column(seq)?;
    let found: Vec<(DbUuid, String, chrono::NaiveDate)> = periods::table
        .filter(wanted)
        .filter(periods::known_from_seq.le(seq).and(periods::known_to_seq.gt(seq)))
        .filter(periods::from_on.le(on.day()).and(periods::to_on.gt(on.day())))
        .select((periods::designation_id, periods::state, periods::from_on))
        .load(connection)
        .map_err(unexpected("read states"))?;
    found
        .into_iter()
        .map(|(id, state, from)| {
            let state = ScopeState::parse(&state)
                .ok_or_else(|| Error::internal(format!("a period has the state {state}")))?;
            Ok((id.0.into(), state, date(from)?))
        })
        .collect()
}
