//! The days of a series: the first, and then one each step, up to the last. Months are counted from the first day, so one
//! that a shorter month cuts to its end does not move those after it.

use chrono::{Days, Months, NaiveDate};

use super::model::SeriesStep;
use crate::{
    error::{Error, Result},
    values::Date,
};

/// The most days that a series has.
pub const MOST: u32 = 400;

/// The days from one to another.
///
/// # Errors
/// Where the first lies after the last, or there would be too many.
pub fn points((from, to): (Date, Date), step: SeriesStep) -> Result<Vec<Date>> {
    if from > to {
        let detail = format!("lies after to, which is {to}; give the earlier day as from");
        return Err(Error::invalid("from", "after_to", detail));
    }
    let days: Vec<Date> =
        (0..=MOST).map_while(|number| nth(from.day(), step, number)).take_while(|day| *day <= to).collect();
    if days.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        let detail = format!(
            "a series has at most {MOST} days, and from {from} to {to} there are more by {step}; take a longer step or a \
             shorter span"
        );
        return Err(Error::invalid("step", "too_many_points", detail));
    }
    Ok(days)
}

/// The day that lies so many steps after another.
fn nth(from: NaiveDate, step: SeriesStep, number: u32) -> Option<Date> {
    let months = |each: u32| from.checked_add_months(Months::new(number.saturating_mul(each)));
    let days = |each: u64| from.checked_add_days(Days::new(u64::from(number).saturating_mul(each)));
    let day = match step {
        SeriesStep::Day => days(1),
        SeriesStep::Week => days(7),
        SeriesStep::Month => months(1),
        SeriesStep::Quarter => months(3),
        SeriesStep::Year => months(12),
    };
    day.and_then(Date::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, to: &str, step: SeriesStep) -> Result<Vec<String>> {
        let span = (from.parse().unwrap(), to.parse().unwrap());
        points(span, step).map(|days| days.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn months_are_counted_from_the_first_day_and_end_with_a_shorter_month() {
        assert_eq!(
            of("2024-01-31", "2024-05-30", SeriesStep::Month).unwrap(),
            ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
        );
        assert_eq!(of("2024-02-29", "2028-03-01", SeriesStep::Year).unwrap().last().unwrap(), "2028-02-29");
        assert_eq!(of("2026-01-01", "2026-12-31", SeriesStep::Quarter).unwrap().len(), 4);
        assert_eq!(of("2026-01-01", "2026-01-15", SeriesStep::Week).unwrap().len(), 3);
        assert_eq!(of("2026-01-01", "2026-01-01", SeriesStep::Day).unwrap(), ["2026-01-01"]);
    }

    #[test]
    fn a_series_ends_with_the_calendar_and_has_four_hundred_days_at_most() {
        assert_eq!(of("9999-12-01", "9999-12-30", SeriesStep::Day).unwrap().len(), 30);
        assert_eq!(of("9990-06-30", "9999-12-30", SeriesStep::Year).unwrap().len(), 10);
        assert_eq!(of("2026-01-01", "2027-02-04", SeriesStep::Day).unwrap().len(), 400);
        for (from, to) in
            [("2026-01-01", "2027-02-05"), ("0001-01-01", "9999-12-30"), ("2026-01-02", "2026-01-01")]
        {
            assert!(matches!(of(from, to, SeriesStep::Day), Err(Error::Invalid(_))), "{from} {to}");
        }
    }
}
