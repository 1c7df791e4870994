"""An officer's whole day with the client that openapi-python-client generates from openapi/openapi.json.

scripts/clients generates the package `registry`, checks this file and the package with mypy, and runs it against a server
with sign-in and four eyes on. Every request is made by the generated client; headers of answers are read where it keeps
them, in `Response.headers`.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from registry import AuthenticatedClient, Client
from registry.api.designations import (
    add_reason,
    create_designation,
    get_designation,
    get_designation_timeline,
    list_designation_history,
    list_designations,
    list_events,
    record_event,
    remove_reason,
)
from registry.api.journal import list_journal_entries
from registry.api.operations import get_health
from registry.api.regimes import list_regimes
from registry.api.reviews import confirm_review, get_review, list_reviews
from registry.api.standing import check_standing, get_vendor_standing
from registry.api.vendors import create_vendor, get_vendor, list_vendors, retire_vendor, update_vendor
from registry.models import (
    Action,
    AssertedBy,
    BasisDisclosure,
    Confidence,
    Designation,
    DesignationCreate,
    DesignationPage,
    DesignationState,
    Environment,
    EventPage,
    HistoryPage,
    IdentifierCreate,
    IdentifierScheme,
    Instrument,
    JournalPage,
    NotedEventCreate,
    OrderIssuedDetailsCreate,
    OrderIssuedEvent,
    OrderIssuedEventCreate,
    Origin,
    Problem,
    ReasonCode,
    ReasonCreate,
    ReasonStatus,
    RecordEventProposal,
    Regime,
    RegimePage,
    Review,
    ReviewConfirm,
    ReviewPage,
    ReviewStatus,
    ScopeState,
    ScopeStatementCreate,
    SourceCreate,
    SourceKind,
    Standing,
    StandingCheck,
    StandingCheckCreate,
    StandingSubject,
    StayedDetailsCreate,
    StayedEvent,
    StayedEventCreate,
    Tier,
    Timeline,
    Vendor,
    VendorCreate,
    VendorKind,
    VendorPage,
    VendorPatch,
    VendorSort,
    Verdict,
    Visibility,
)
from registry.types import UNSET, Response, Unset

Answer = TypeVar("Answer")
Item = TypeVar("Item")

REGISTRY = os.environ["REGISTRY_URL"]
TODAY = datetime.now(UTC).date()
# No name, tag or identifier of one run is met again in another on the same registry.
RUN = uuid4().hex[:12]


def signed_in(role: str) -> AuthenticatedClient:
    """The client of whoever holds the key of this role."""
    return AuthenticatedClient(base_url=REGISTRY, token=os.environ[f"REGISTRY_{role.upper()}_KEY"])


def expect(kind: type[Answer], status: int, response: Response[Any]) -> Answer:
    """The answer as its type, after a look at the status."""
    assert response.status_code == status, f"{response.status_code} instead of {status}: {response.content!r}"
    assert isinstance(response.parsed, kind), f"{type(response.parsed).__name__} instead of {kind.__name__}"
    return response.parsed


def present(value: Item | Unset | None) -> Item:
    """A value that is there."""
    assert value is not None and not isinstance(value, Unset)
    return value


def etag(response: Response[Any]) -> str:
    return response.headers["etag"]


def every_vendor(page: Callable[[str | Unset], Response[Any]]) -> Iterator[Vendor]:
    """Every vendor of a list, page by page."""
    cursor: str | Unset = UNSET
    while True:
        answer = expect(VendorPage, 200, page(cursor))
        yield from answer.items
        if answer.next_cursor is None:
            return
        cursor = answer.next_cursor


def source(kind: SourceKind, title: str) -> SourceCreate:
    return SourceCreate(kind=kind, title=title, url="https://www.example.com/order", published_on=TODAY)


def nobody_is_asked_to_sign_in() -> None:
    stranger = AuthenticatedClient(base_url=REGISTRY, token="nobody")
    problem = expect(Problem, 401, list_vendors.sync_detailed(client=stranger))
    assert problem.code == "unauthenticated" and problem.status == 401, problem
    health = present(get_health.sync(client=Client(base_url=REGISTRY)))
    assert not isinstance(health, Problem)


def creates_vendors(analyst: AuthenticatedClient) -> list[Vendor]:
    made = []
    for number, country in enumerate(["US", "DE", "USA", "FR", "DE"]):
        vendor = VendorCreate(
            legal_name=f"Officer {RUN} {number}",
            kind=VendorKind.COMPANY,
            country=country,
            tags=[RUN, "even" if number % 2 == 0 else "odd"],
            identifiers=[IdentifierCreate(scheme=IdentifierScheme.DOMAIN, value=f"v{number}-{RUN}.example.com")],
        )
        response = create_vendor.sync_detailed(client=analyst, body=vendor)
        record = expect(Vendor, 201, response)
        assert response.headers["location"] == f"/v1/vendors/{record.id}"
        assert record.revision == 1 and record.website is None and isinstance(record.created_at, datetime)
        made.append(record)
    assert made[2].country == "US", "alpha-3 is accepted and normalised"
    return made


def pages_through_everything(analyst: AuthenticatedClient, made: list[Vendor]) -> None:
    seen = list(
        every_vendor(lambda cursor: list_vendors.sync_detailed(client=analyst, limit=2, cursor=cursor))
    )
    assert len({vendor.id for vendor in seen}) == len(seen), "a vendor was on two pages"
    assert {vendor.id for vendor in made} <= {vendor.id for vendor in seen}
    tagged = every_vendor(
        lambda cursor: list_vendors.sync_detailed(
            client=analyst, tag=[RUN], sort=VendorSort.NAME_DESCENDING, limit=2, cursor=cursor
        )
    )
    assert [vendor.id for vendor in tagged] == [vendor.id for vendor in reversed(made)]


def filters_by_array(analyst: AuthenticatedClient, made: list[Vendor]) -> None:
    def found(**filters: Any) -> set[UUID]:
        page = expect(VendorPage, 200, list_vendors.sync_detailed(client=analyst, tag=[RUN], **filters))
        return {vendor.id for vendor in page.items}

    assert found(country=["DE", "FR"]) == {made[1].id, made[3].id, made[4].id}
    assert found(country=["DE"]) == {made[1].id, made[4].id}


def edits_and_loses_a_race(analyst: AuthenticatedClient, approver: AuthenticatedClient, vendor: Vendor) -> None:
    first = get_vendor.sync_detailed(vendor.id, client=analyst)
    unchanged = get_vendor.sync_detailed(vendor.id, client=analyst, if_none_match=etag(first))
    assert unchanged.status_code == 304 and unchanged.parsed is None
    second = get_vendor.sync_detailed(vendor.id, client=approver)
    won = update_vendor.sync_detailed(
        vendor.id, client=approver, if_match=etag(second), body=VendorPatch(description="Makes routers.")
    )
    record = expect(Vendor, 200, won)
    assert record.description == "Makes routers." and record.revision == 2
    lost = update_vendor.sync_detailed(
        vendor.id, client=analyst, if_match=etag(first), body=VendorPatch(website="https://www.example.com/")
    )
    problem = expect(Problem, 412, lost)
    assert problem.code == "stale" and problem.request_id == lost.headers["x-request-id"], problem
    again = update_vendor.sync_detailed(
        vendor.id,
        client=analyst,
        if_match=etag(won),
        body=VendorPatch(website="https://www.example.com/", description=None),
    )
    record = expect(Vendor, 200, again)
    assert record.description is None, "null empties a field"
    assert record.website == "https://www.example.com/" and record.country == vendor.country and record.revision == 3


def retries_with_an_idempotency_key(analyst: AuthenticatedClient) -> None:
    key = str(uuid4())
    vendor = VendorCreate(legal_name=f"Retried {RUN}", kind=VendorKind.INDIVIDUAL)
    first = expect(Vendor, 201, create_vendor.sync_detailed(client=analyst, body=vendor, idempotency_key=key))
    second = expect(Vendor, 201, create_vendor.sync_detailed(client=analyst, body=vendor, idempotency_key=key))
    assert first == second, "the same request again has the first answer"
    other = VendorCreate(legal_name=f"Another {RUN}", kind=VendorKind.INDIVIDUAL)
    refused = create_vendor.sync_detailed(client=analyst, body=other, idempotency_key=key)
    assert expect(Problem, 422, refused).code == "idempotency_key_reused"


def reads_a_problem_by_type(analyst: AuthenticatedClient, vendor: Vendor) -> None:
    wrong = VendorCreate(legal_name=f"Wrong {RUN}", kind=VendorKind.COMPANY, country="ZZ")
    problem = expect(Problem, 422, create_vendor.sync_detailed(client=analyst, body=wrong))
    assert problem.code == "invalid" and problem.type_ == "/docs/problems/invalid", problem
    (error,) = problem.errors
    assert error.pointer == "/country" and error.code and error.detail, error
    (known,) = vendor.identifiers
    twin = IdentifierCreate(scheme=known.scheme, value=known.value)
    taken = VendorCreate(legal_name=f"Twin {RUN}", kind=VendorKind.COMPANY, identifiers=[twin])
    problem = expect(Problem, 409, create_vendor.sync_detailed(client=analyst, body=taken))
    assert problem.code == "identifier_taken" and problem.errors == [], problem
    assert expect(Problem, 404, get_vendor.sync_detailed(uuid4(), client=analyst)).code == "not_found"


def a_regime_with_an_authority(analyst: AuthenticatedClient) -> tuple[Regime, UUID]:
    cursor: str | Unset = UNSET
    while True:
        page = expect(RegimePage, 200, list_regimes.sync_detailed(client=analyst, limit=3, cursor=cursor))
        for regime in page.items:
            if regime.slug == "us-10-usc-3252":
                return regime, present(regime.authority_id)
        cursor = present(page.next_cursor)


def confirms(approver: AuthenticatedClient, analyst: AuthenticatedClient, review: Review) -> Review:
    """What four eyes is: whoever proposed can't confirm, another person can."""
    assert review.status is ReviewStatus.PENDING and review.decision is None
    own = confirm_review.sync_detailed(review.id, client=analyst, body=ReviewConfirm())
    assert expect(Problem, 403, own).code
    waiting = expect(ReviewPage, 200, list_reviews.sync_detailed(client=approver, limit=500))
    assert review.id in {item.id for item in waiting.items}
    read = get_review.sync_detailed(review.id, client=approver)
    confirmed = expect(
        Review,
        200,
        confirm_review.sync_detailed(
            review.id,
            client=approver,
            body=ReviewConfirm(comment="As the order says."),
            if_match=etag(read),
            idempotency_key=str(uuid4()),
        ),
    )
    assert confirmed.status is ReviewStatus.CONFIRMED
    decision = present(confirmed.decision)
    assert decision.comment == "As the order says." and present(decision.result).revision >= 1
    return confirmed


def proposes_a_designation(
    analyst: AuthenticatedClient, approver: AuthenticatedClient, vendor: Vendor, occurred_on: date
) -> Designation:
    regime, authority = a_regime_with_an_authority(analyst)
    wanted = DesignationCreate(
        title=f"Exclusion {RUN}",
        regime_id=regime.id,
        authority_id=authority,
        vendor_id=vendor.id,
        instrument=Instrument.EXCLUSION_ORDER,
        origin=Origin.OFFICIAL,
        basis_disclosure=BasisDisclosure.PARTIAL,
        visibility=Visibility.PUBLIC,
        reasons=[
            ReasonCreate(
                code=ReasonCode.FOREIGN_CONTROL_OR_INFLUENCE,
                statement="A foreign state controls the vendor.",
                asserted_by=AssertedBy.AUTHORITY,
                confidence=Confidence.REPORTED,
                status=ReasonStatus.CONTESTED,
                sources=[source(SourceKind.AGENCY_STATEMENT, "Statement")],
            )
        ],
        event=OrderIssuedEventCreate(
            type_="order_issued",
            occurred_on=occurred_on,
            sources=[source(SourceKind.OFFICIAL_ORDER, "Order N-2026-0117")],
            details=OrderIssuedDetailsCreate(
                scopes=[ScopeStatementCreate(environments=[Environment.SECRET], actions=[Action.PROCURE], tiers=[Tier.PRIME])]
            ),
        ),
    )
    key = str(uuid4())
    held = create_designation.sync_detailed(client=analyst, body=wanted, idempotency_key=key)
    review = expect(Review, 202, held)
    assert held.headers["location"] == f"/v1/reviews/{review.id}"
    retried = create_designation.sync_detailed(client=analyst, body=wanted, idempotency_key=key)
    assert expect(Review, 202, retried).id == review.id, "the retry must not propose twice"
    absent = get_designation.sync_detailed(review.designation_id, client=analyst)
    assert expect(Problem, 404, absent).code == "not_found", "nothing is recorded before it is confirmed"
    confirms(approver, analyst, review)
    record = expect(Designation, 200, get_designation.sync_detailed(review.designation_id, client=analyst))
    assert record.title == wanted.title and record.effect is regime.effect and record.vendor_id == vendor.id
    assert record.current.state is DesignationState.IN_FORCE and record.current.in_force
    (event,) = record.events
    assert isinstance(event, OrderIssuedEvent) and event.occurred_on == occurred_on
    (scope,) = record.scopes
    (stated,) = present(event.details.scopes)
    assert scope.environments == [Environment.SECRET] and stated.id == scope.id
    listed = expect(
        DesignationPage,
        200,
        list_designations.sync_detailed(
            client=analyst,
            vendor_id=[vendor.id],
            state=[ScopeState.IN_FORCE, ScopeState.STAYED],
            environment=[Environment.SECRET, Environment.CUI],
        ),
    )
    assert [item.id for item in listed.items] == [record.id]
    return record


def records_events(
    analyst: AuthenticatedClient, approver: AuthenticatedClient, record: Designation, stayed_on: date
) -> None:
    stay = StayedEventCreate(
        type_="stayed",
        occurred_on=stayed_on,
        sources=[source(SourceKind.COURT_ORDER, "Document 117")],
        details=StayedDetailsCreate(authority_id=record.authority_id, case_number="3:26-cv-01996"),
    )
    read = get_designation.sync_detailed(record.id, client=analyst)
    held = expect(
        Review,
        202,
        record_event.sync_detailed(
            record.id, client=analyst, body=stay, if_match=etag(read), idempotency_key=str(uuid4())
        ),
    )
    assert isinstance(held.proposal, RecordEventProposal)
    assert held.proposal.event.occurred_on == stayed_on
    confirmed = confirms(approver, analyst, held)
    page = expect(EventPage, 200, list_events.sync_detailed(record.id, client=analyst))
    order, court = page.items
    assert isinstance(order, OrderIssuedEvent) and isinstance(court, StayedEvent), page
    assert court.details.case_number == "3:26-cv-01996" and court.sources[0].kind is SourceKind.COURT_ORDER
    assert court.id == present(present(confirmed.decision).result).event_id
    # What the history does not allow is said at once, with what it does allow.
    early = StayedEventCreate(
        type_="stayed",
        occurred_on=order.occurred_on - timedelta(days=30),
        sources=stay.sources,
        details=stay.details,
    )
    problem = expect(Problem, 409, record_event.sync_detailed(record.id, client=analyst, body=early))
    assert problem.code == "illegal_event", problem
    assert "noted" in present(problem.allowed) and "stayed" not in present(problem.allowed)
    note = NotedEventCreate(
        type_="noted", occurred_on=TODAY, sources=[source(SourceKind.PRESS, "Report")], note="An appeal is expected."
    )
    confirms(approver, analyst, expect(Review, 202, record_event.sync_detailed(record.id, client=analyst, body=note)))


def asks_for_standing(analyst: AuthenticatedClient, vendor: Vendor, stranger: Vendor, stayed_on: date) -> None:
    def verdict(on: date, *environments: Environment) -> Standing:
        response = get_vendor_standing.sync_detailed(
            vendor.id, client=analyst, on=on, environment=list(environments), action=[Action.PROCURE]
        )
        return expect(Standing, 200, response)

    before = verdict(stayed_on - timedelta(days=1), Environment.SECRET, Environment.CUI)
    assert before.verdict is Verdict.PROHIBITED and before.inputs.environment == [Environment.CUI, Environment.SECRET]
    (finding,) = before.findings
    assert [reason.code for reason in finding.reasons] == [ReasonCode.FOREIGN_CONTROL_OR_INFLUENCE], finding
    assert finding.scopes[0].state is ScopeState.IN_FORCE
    assert verdict(stayed_on, Environment.SECRET).verdict is Verdict.STAYED
    assert verdict(stayed_on, Environment.UNCLASSIFIED).verdict is Verdict.CLEAR
    answer = expect(
        StandingCheck,
        200,
        check_standing.sync_detailed(
            client=analyst,
            body=StandingCheckCreate(
                on=stayed_on,
                environment=[Environment.SECRET],
                vendors=[
                    StandingSubject(vendor_id=vendor.id),
                    StandingSubject(scheme=IdentifierScheme.DOMAIN, value=stranger.identifiers[0].value),
                    StandingSubject(vendor_id=uuid4()),
                ],
            ),
        ),
    )
    stayed, clear, unknown = answer.items
    assert present(stayed.standing).verdict is Verdict.STAYED
    assert present(clear.standing).verdict is Verdict.CLEAR and present(clear.standing).vendor_id == stranger.id
    assert unknown.standing is UNSET and present(unknown.error).code


def changes_reasons(analyst: AuthenticatedClient, approver: AuthenticatedClient, record: Designation) -> None:
    reason = ReasonCreate(
        code=ReasonCode.SUPPLY_CONCENTRATION,
        statement="One factory makes it.",
        asserted_by=AssertedBy.INTERNAL,
        confidence=Confidence.CONFIRMED,
        status=ReasonStatus.ASSERTED,
    )
    held = add_reason.sync_detailed(record.id, client=analyst, body=reason, idempotency_key=str(uuid4()))
    confirms(approver, analyst, expect(Review, 202, held))
    read = get_designation.sync_detailed(record.id, client=analyst)
    _, added = expect(Designation, 200, read).reasons
    assert added.statement == "One factory makes it." and added.confidence is Confidence.CONFIRMED
    removal = remove_reason.sync_detailed(record.id, added.id, client=analyst, if_match=etag(read))
    confirms(approver, analyst, expect(Review, 202, removal))


def reads_history(analyst: AuthenticatedClient, record: Designation, vendor: Vendor) -> None:
    page = expect(HistoryPage, 200, list_designation_history.sync_detailed(record.id, client=analyst))
    actions = [entry.action.value for entry in page.items]
    assert actions == [
        "designation.created",
        "designation.event_recorded",
        "designation.event_recorded",
        "designation.reason_added",
        "designation.reason_removed",
    ], actions
    created, court, *_ = page.items
    assert created.payload["title"] == record.title
    assert isinstance(court.event, StayedEvent) and court.event.details.case_number == "3:26-cv-01996"
    assert page.items[0].patch == [] and all(entry.patch for entry in page.items[1:])
    assert all(entry.review_id is not None for entry in page.items)
    seqs = [entry.seq for entry in page.items]
    feed = expect(JournalPage, 200, list_journal_entries.sync_detailed(client=analyst, after=seqs[0] - 1, limit=500))
    journal = {entry.seq: entry for entry in feed.items}
    assert all(journal[seq].subject_id == record.id for seq in seqs)
    then = expect(
        Timeline, 200, get_designation_timeline.sync_detailed(record.id, client=analyst, known_seq=seqs[0])
    )
    now = expect(Timeline, 200, get_designation_timeline.sync_detailed(record.id, client=analyst))
    states = [[period.state for period in scope.periods] for scope in (*then.scopes, *now.scopes)]
    assert states == [[ScopeState.IN_FORCE], [ScopeState.IN_FORCE, ScopeState.STAYED]], states
    past = expect(Standing, 200, get_vendor_standing.sync_detailed(vendor.id, client=analyst, known_seq=seqs[0]))
    assert past.verdict is Verdict.PROHIBITED, "what was known before the court's order"


def retires(analyst: AuthenticatedClient, vendor: Vendor) -> None:
    read = get_vendor.sync_detailed(vendor.id, client=analyst)
    gone = retire_vendor.sync_detailed(vendor.id, client=analyst, if_match=etag(read))
    assert present(expect(Vendor, 200, gone).ended).by


def main() -> None:
    analyst, approver = signed_in("analyst"), signed_in("approver")
    ordered_on, stayed_on = TODAY - timedelta(days=20), TODAY - timedelta(days=5)
    nobody_is_asked_to_sign_in()
    made = creates_vendors(analyst)
    pages_through_everything(analyst, made)
    filters_by_array(analyst, made)
    edits_and_loses_a_race(analyst, approver, made[0])
    retries_with_an_idempotency_key(analyst)
    reads_a_problem_by_type(analyst, made[0])
    record = proposes_a_designation(analyst, approver, made[1], ordered_on)
    records_events(analyst, approver, record, stayed_on)
    asks_for_standing(analyst, made[1], made[2], stayed_on)
    changes_reasons(analyst, approver, record)
    reads_history(analyst, record, made[1])
    retires(analyst, made[4])
    print("the officer's day went well")


if __name__ == "__main__":
    main()
