//! Reviews by the hundred thousand, nearly all of them decided, and what their list is asked.

use super::{
    calls::{Call, Kind},
    crowd::{DESIGNATION, Dialect, MANY, VENDOR, id},
};

const REVIEW: u32 = 7;

pub fn fill(d: &Dialect, run: &mut impl FnMut(String)) {
    let (all, this) = (d.numbers(MANY), d.id(REVIEW, "i"));
    let document =
        d.json(&format!("'{{\"notes\":\"{}\",\"id\":\"' || CAST({this} AS text) || '\"}}'", "x".repeat(300)));
    let vendor = format!("CASE WHEN @h % 3 = 0 THEN {} ELSE {} END", d.id(VENDOR, "2"), d.id(VENDOR, "i"));
    let designation = d.id(DESIGNATION, "1 + i % 50000");
    run(format!(
        "INSERT INTO reviews SELECT {this}, 1, \
         CASE WHEN i % 997 = 0 THEN 'pending' WHEN i % 10 = 3 THEN 'rejected' ELSE 'confirmed' END, \
         CASE WHEN i % 4001 = 0 THEN 'void_designation' WHEN i % 3 = 0 THEN 'create_designation' ELSE 'record_event' END, \
         {designation}, {vendor}, CASE WHEN i % 5003 = 0 THEN 'rare' WHEN i % 2 = 0 THEN 'anna' ELSE 'person ' || (i % 500) END, \
         1, {}, {document} FROM {all}",
        d.at("i")
    ));
}

pub fn calls() -> Vec<Call> {
    let (common, own, designation) = (id(VENDOR, 2), id(VENDOR, 4), id(DESIGNATION, 20));
    let of_vendor = |vendor: &str| (format!("vendor_id={vendor}&"), format!("vendor_id = '{vendor}'"));
    let by = |person: &str| {
        (format!("proposed_by={}&", person.replace(' ', "+")), format!("proposed_by = '{person}'"))
    };
    let of_change = |change: &str| (format!("change={change}&"), format!("change = '{change}'"));
    let filters = [
        (String::new(), "1 = 1".to_owned()),
        of_vendor(&common),
        of_vendor(&own),
        (format!("designation_id={designation}&"), format!("designation_id = '{designation}'")),
        by("anna"),
        by("person 7"),
        by("rare"),
        by("nobody"),
        of_change("record_event"),
        of_change("void_designation"),
        of_change("add_reason"),
        (
            "change=void_designation&change=create_designation&proposed_by=anna&".to_owned(),
            "change IN ('void_designation', 'create_designation') AND proposed_by = 'anna'".to_owned(),
        ),
    ];
    let mut calls = Vec::new();
    for (filter, condition) in filters {
        for status in ["pending", "confirmed", "rejected"] {
            let wanted = format!(
                "SELECT CAST(id AS text) AS line FROM reviews WHERE status = '{status}' AND {condition} ORDER BY id"
            );
            let call = Call::get(Kind::Page, format!("/v1/reviews?{filter}status={status}"));
            calls.push(Call { wanted: Some(wanted), ..call });
        }
    }
    calls
}
