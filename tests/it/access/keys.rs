//! API keys: who gets in by one, how they are made and revoked, and what of them shows where.

use super::super::support::Office;

#[test]
fn nobody_gets_in_without_a_key_and_somebody_with_one_does() {
    let office = Office::open();
    let refused = office.nobody.get("/v1/vendors").expect_problem(401, "unauthenticated");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"risk-registry\""));
    office.viewer.get("/v1/vendors").expect(200);
}
