//! Reviews in a registry where nobody signs in: somebody else proposed.

use risk_registry::{
    db::{Context, Db, Tx},
    designations::model::Draft,
    http::Precondition,
    reviews::service::{Asked, hold},
    values::{Date, DesignationId, ReviewId},
};
use serde_json::Value;

/// Proposes an event of a designation under this name, as four eyes would hold it: the review's id.
pub fn event(db: &Db, by: &str, designation: &str, event: &Value) -> String {
    let designation: DesignationId = designation.parse().unwrap();
    let draft = Draft::new(serde_json::from_value(event.clone()).unwrap(), "", Date::today()).unwrap();
    let (review, asked) = (ReviewId::new(), Asked::RecordEvent(designation, Box::new(draft)));
    let propose = move |tx: &mut Tx<'_>| hold(tx, review, &asked, &Precondition::none());
    db.write_blocking(Context::new(by, "request"), propose).unwrap();
    review.to_string()
}
