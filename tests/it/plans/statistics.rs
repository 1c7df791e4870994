//! Statistics: those of everything go through periods and versions once; those of a few designations read theirs alone.

use super::{
    calls::{Call, Kind},
    crowd::{Crowd, People, VENDOR, id},
};

pub fn calls(people: &People, crowd: &Crowd) -> Vec<Call> {
    let mut calls = Vec::new();
    let of_everything = ["", "&origin=internal", "&state=stayed", "&in_force=true"];
    let of_few = [
        format!("&vendor_id={}", id(VENDOR, 77)),
        "&regime=regime-25".to_owned(),
        format!("&authority_id={}&origin=official", people.authorities[59]),
    ];
    for known in [String::new(), format!("&known_seq={}", crowd.seconds + 25_000)] {
        let questions = [
            "?on=2026-06-01&group_by=state&group_by=regime",
            "?on=2021-06-01&group_by=month&group_by=origin",
            "?on=2026-06-01&group_by=environment&group_by=reason_code",
            "?on=2026-06-01&group_by=authority",
            "/series?from=2017-01-01&to=2026-06-01&step=month&group_by=state",
            "/series?from=2026-01-01&to=2026-06-01&step=day",
            "/series?from=2016-01-01&to=2026-06-01&step=year&group_by=month",
        ];
        for question in questions {
            let filters = of_everything.iter().map(|filter| (Kind::Count, (*filter).to_owned()));
            for (kind, filter) in filters.chain(of_few.iter().map(|filter| (Kind::Page, filter.clone()))) {
                calls.push(Call::get(kind, format!("/v1/statistics/designations{question}{filter}{known}")));
            }
        }
        // An export counts by the same statements.
        let question = "?on=2026-06-01&group_by=state&group_by=regime";
        let filters = of_everything.iter().map(|filter| (Kind::Count, *filter));
        for (kind, filter) in filters.chain(of_few.iter().map(|filter| (Kind::Page, filter.as_str()))) {
            calls.push(Call::get(kind, format!("/v1/exports/statistics{question}{filter}{known}")));
        }
    }
    calls
}
