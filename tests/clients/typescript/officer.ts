// An officer's whole day with the types that openapi-typescript makes of openapi/openapi.json, and openapi-fetch.
//
// scripts/clients generates `registry.ts`, compiles both in strict mode and runs this against a server with sign-in and four
// eyes on. Every request is made through openapi-fetch, whose paths, parameters, bodies and answers are the document's.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./registry.js";

type Schemas = components["schemas"];
type Registry = Client<paths>;

// No name, tag or identifier of one run is met again in another on the same registry.
const run = randomUUID().replaceAll("-", "").slice(0, 12);
const baseUrl = setting("REGISTRY_URL");

function setting(name: string): string {
    const value = process.env[name];
    assert(value, `${name} is not set`);
    return value;
}

function signedIn(token: string): Registry {
    return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
}

/** The day so many days before today (UTC). */
function daysAgo(days: number): string {
    return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

type Answered<Data, Problem> = { data?: Data; error?: Problem; response: Response };

/** What was answered with a success; a problem is thrown. */
function ok<Data>(answer: Answered<Data, unknown>, status = 200): NonNullable<Data> {
    assert.equal(answer.response.status, status, JSON.stringify(answer.error));
    assert(answer.data !== undefined && answer.data !== null);
    return answer.data;
}

/** The problem of an answer that was none. */
function refused<Problem>(answer: Answered<unknown, Problem>, status: number): NonNullable<Problem> {
    assert.equal(answer.response.status, status, JSON.stringify(answer.data));
    assert.equal(answer.response.headers.get("content-type"), "application/problem+json");
    assert(answer.error !== undefined && answer.error !== null);
    return answer.error;
}

/** The review that holds a proposed change; the answer is one where the status is 202. */
function held<Data extends object>(answer: Answered<Data, unknown>): Extract<Data, Schemas["Review"]> {
    const review = ok(answer, 202);
    assert(isReview(review));
    return review;
}

function isReview<Data extends object>(answer: Data): answer is Extract<Data, Schemas["Review"]> {
    return "proposal" in answer;
}

function etag(answer: { response: Response }): string {
    const value = answer.response.headers.get("etag");
    assert(value, "no ETag");
    return value;
}

function only<Item>(items: readonly Item[]): Item {
    const [item] = items;
    assert(item !== undefined && items.length === 1, `${items.length} instead of one`);
    return item;
}

function source(kind: Schemas["SourceKind"], title: string): Schemas["SourceCreate"] {
    return { kind, title, url: "https://www.example.com/order", published_on: daysAgo(0) };
}

/** Every vendor of a list, page by page. */
async function everyVendor(registry: Registry, tag?: string[]): Promise<Schemas["Vendor"][]> {
    const seen: Schemas["Vendor"][] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = { limit: 2, sort: "-name" as const, ...(tag && { tag }), ...(cursor && { cursor }) };
        const page = ok(await registry.GET("/v1/vendors", { params: { query } }));
        seen.push(...page.items);
        cursor = page.next_cursor;
    }
    return seen;
}

async function nobodyGetsIn(): Promise<void> {
    const problem = refused(await createClient<paths>({ baseUrl }).GET("/v1/vendors"), 401);
    assert.equal(problem.code, "unauthenticated");
    assert.equal(problem.status, 401);
}

async function createsVendors(analyst: Registry): Promise<[Schemas["Vendor"], ...Schemas["Vendor"][]]> {
    const make = async (country: string, number: number): Promise<Schemas["Vendor"]> => {
        const answer = await analyst.POST("/v1/vendors", {
            body: {
                legal_name: `Officer ${run} ${number}`,
                kind: "company",
                country,
                tags: [run],
                identifiers: [{ scheme: "domain", value: `t${number}-${run}.example.com` }],
            },
        });
        const vendor = ok(answer, 201);
        assert.equal(answer.response.headers.get("location"), `/v1/vendors/${vendor.id}`);
        assert.equal(vendor.website, null);
        assert.equal(vendor.revision, 1);
        return vendor;
    };
    return [await make("US", 0), await make("DE", 1), await make("USA", 2), await make("FR", 3), await make("DE", 4)];
}

async function pagesAndFilters(analyst: Registry, made: Schemas["Vendor"][]): Promise<void> {
    const all = await everyVendor(analyst);
    const seen = new Set(all.map((vendor) => vendor.id));
    assert.equal(seen.size, all.length, "a vendor was on two pages");
    assert.deepEqual(made.filter((vendor) => !seen.has(vendor.id)), [], "a vendor was on no page");
    const tagged = await everyVendor(analyst, [run]);
    assert.deepEqual(tagged.map((vendor) => vendor.id), made.map((vendor) => vendor.id).reverse());
    const countries = async (country: string[]): Promise<(string | null)[]> => {
        const page = ok(await analyst.GET("/v1/vendors", { params: { query: { country, tag: [run] } } }));
        return page.items.map((vendor) => vendor.country);
    };
    assert.deepEqual(await countries(["DE", "FR"]), ["DE", "FR", "DE"]);
    assert.deepEqual(await countries(["USA"]), ["US", "US"], "alpha-3 is accepted and normalised");
}

async function editsAndLosesARace(analyst: Registry, approver: Registry, vendor: Schemas["Vendor"]): Promise<void> {
    const path = { id: vendor.id };
    const first = await analyst.GET("/v1/vendors/{id}", { params: { path } });
    const unchanged = await analyst.GET("/v1/vendors/{id}", { params: { path, header: { "If-None-Match": etag(first) } } });
    assert.equal(unchanged.response.status, 304);
    const won = await approver.PATCH("/v1/vendors/{id}", {
        params: { path, header: { "If-Match": etag(await approver.GET("/v1/vendors/{id}", { params: { path } })) } },
        body: { description: "Makes routers." },
    });
    assert.equal(ok(won).description, "Makes routers.");
    const lost = await analyst.PATCH("/v1/vendors/{id}", {
        params: { path, header: { "If-Match": etag(first) } },
        body: { website: "https://www.example.com/" },
    });
    const problem = refused(lost, 412);
    assert.equal(problem.code, "stale");
    assert.equal(problem.request_id, lost.response.headers.get("x-request-id"));
    const again = ok(
        await analyst.PATCH("/v1/vendors/{id}", {
            params: { path, header: { "If-Match": etag(won) } },
            body: { website: "https://www.example.com/", description: null },
        }),
    );
    assert.equal(again.description, null, "null empties a field");
    assert.equal(again.website, "https://www.example.com/");
    assert.equal(again.revision, 3);
}

async function retriesWithAnIdempotencyKey(analyst: Registry): Promise<void> {
    const params = { header: { "Idempotency-Key": randomUUID() } };
    const body = { legal_name: `Retried ${run}`, kind: "individual" } as const;
    const first = ok(await analyst.POST("/v1/vendors", { params, body }), 201);
    const second = ok(await analyst.POST("/v1/vendors", { params, body }), 201);
    assert.deepEqual(second, first, "the same request again has the first answer");
    const other = await analyst.POST("/v1/vendors", { params, body: { ...body, legal_name: `Another ${run}` } });
    assert.equal(refused(other, 422).code, "idempotency_key_reused");
}

async function readsAProblemByType(analyst: Registry): Promise<void> {
    const answer = await analyst.POST("/v1/vendors", {
        body: { legal_name: `Wrong ${run}`, kind: "company", country: "ZZ" },
    });
    const problem: Schemas["Problem"] = refused(answer, 422);
    assert.equal(problem.type, "/docs/problems/invalid");
    const error: Schemas["ProblemError"] = only(problem.errors);
    assert.equal(error.pointer, "/country");
    assert(error.code && error.detail);
    const missing = await analyst.GET("/v1/vendors/{id}", { params: { path: { id: randomUUID() } } });
    assert.equal(refused(missing, 404).code, "not_found");
}

async function regime(analyst: Registry, slug: string): Promise<Schemas["Regime"]> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = { limit: 3, ...(cursor && { cursor }) };
        const page = ok(await analyst.GET("/v1/regimes", { params: { query } }));
        const found = page.items.find((item) => item.slug === slug);
        if (found) return found;
        cursor = page.next_cursor;
    }
    return assert.fail(`no regime ${slug}`);
}

/** What four eyes is: whoever proposed can't confirm, another person can. */
async function confirms(approver: Registry, analyst: Registry, review: Schemas["Review"]): Promise<Schemas["ReviewResult"]> {
    assert.equal(review.status, "pending");
    const path = { id: review.id };
    refused(await analyst.POST("/v1/reviews/{id}/confirm", { params: { path }, body: {} }), 403);
    const read = await approver.GET("/v1/reviews/{id}", { params: { path } });
    assert.equal(ok(read).decision, null);
    const confirmed = ok(
        await approver.POST("/v1/reviews/{id}/confirm", {
            params: { path, header: { "If-Match": etag(read), "Idempotency-Key": randomUUID() } },
            body: { comment: "As the order says." },
        }),
    );
    assert.equal(confirmed.status, "confirmed");
    assert(confirmed.decision?.result);
    assert.equal(confirmed.decision.comment, "As the order says.");
    return confirmed.decision.result;
}

async function proposesADesignation(
    analyst: Registry,
    approver: Registry,
    vendor: Schemas["Vendor"],
): Promise<Schemas["Designation"]> {
    const under = await regime(analyst, "us-10-usc-3252");
    assert(under.authority_id);
    const body: Schemas["DesignationCreate"] = {
        title: `Exclusion ${run}`,
        regime_id: under.id,
        authority_id: under.authority_id,
        vendor_id: vendor.id,
        instrument: "exclusion_order",
        origin: "official",
        basis_disclosure: "partial",
        visibility: "public",
        reasons: [
            {
                code: "foreign_control_or_influence",
                statement: "A foreign state controls the vendor.",
                asserted_by: "authority",
                confidence: "reported",
                status: "contested",
            },
        ],
        event: {
            type: "order_issued",
            occurred_on: daysAgo(20),
            sources: [source("official_order", "Order N-2026-0117")],
            details: { scopes: [{ environments: ["secret"], actions: ["procure"], tiers: ["prime"] }] },
        },
    };
    const params = { header: { "Idempotency-Key": randomUUID() } };
    const proposed = await analyst.POST("/v1/designations", { params, body });
    const review = held(proposed);
    assert.equal(proposed.response.headers.get("location"), `/v1/reviews/${review.id}`);
    const retried = held(await analyst.POST("/v1/designations", { params, body }));
    assert.equal(retried.id, review.id, "the retry must not propose twice");
    const path = { id: review.designation_id };
    refused(await analyst.GET("/v1/designations/{id}", { params: { path } }), 404);
    await confirms(approver, analyst, review);

    const record = ok(await analyst.GET("/v1/designations/{id}", { params: { path } }));
    assert.equal(record.effect, under.effect);
    assert.equal(record.current.state, "in_force");
    const event = only(record.events);
    assert(event.type === "order_issued");
    assert.equal(only(event.details.scopes ?? []).id, only(record.scopes).id);
    const listed = ok(
        await analyst.GET("/v1/designations", {
            params: {
                query: { vendor_id: [vendor.id], state: ["in_force", "stayed"], environment: ["secret", "cui"] },
            },
        }),
    );
    assert.equal(only(listed.items).id, record.id);
    return record;
}

async function recordsEvents(analyst: Registry, approver: Registry, record: Schemas["Designation"]): Promise<void> {
    const path = { id: record.id };
    const stay: Schemas["StayedEventCreate"] = {
        type: "stayed",
        occurred_on: daysAgo(5),
        sources: [source("court_order", "Document 117")],
        details: { authority_id: record.authority_id, case_number: "3:26-cv-01996" },
    };
    const read = await analyst.GET("/v1/designations/{id}", { params: { path } });
    const review = held(
        await analyst.POST("/v1/designations/{id}/events", {
            params: { path, header: { "If-Match": etag(read), "Idempotency-Key": randomUUID() } },
            body: stay,
        }),
    );
    assert(review.proposal.change === "record_event");
    assert.equal(review.proposal.event.type, "stayed");
    const result = await confirms(approver, analyst, review);

    const events = ok(await analyst.GET("/v1/designations/{id}/events", { params: { path } })).items;
    assert.deepEqual(events.map((event) => event.type), ["order_issued", "stayed"]);
    const court = events.find((event) => event.type === "stayed");
    assert.equal(court?.details.case_number, "3:26-cv-01996");
    assert.equal(court.id, result.event_id);

    // What the history does not allow is said at once, with what it does allow.
    const early = await analyst.POST("/v1/designations/{id}/events", {
        params: { path },
        body: { ...stay, occurred_on: daysAgo(50) },
    });
    const problem = refused(early, 409);
    assert.equal(problem.code, "illegal_event");
    assert(problem.allowed?.includes("noted") && !problem.allowed.includes("stayed"));
}

async function asksForStanding(
    analyst: Registry,
    vendor: Schemas["Vendor"],
    clear: Schemas["Vendor"],
): Promise<void> {
    const standing = async (on: string, environment: Schemas["Environment"][]): Promise<Schemas["Standing"]> => {
        const params = { path: { id: vendor.id }, query: { on, environment, action: ["procure" as const] } };
        return ok(await analyst.GET("/v1/vendors/{id}/standing", { params }));
    };
    const before = await standing(daysAgo(6), ["secret", "cui"]);
    assert.equal(before.verdict, "prohibited");
    const finding = only(before.findings);
    assert.equal(only(finding.reasons).code, "foreign_control_or_influence");
    assert.equal(only(finding.scopes).state, "in_force");
    assert.equal((await standing(daysAgo(5), ["secret"])).verdict, "stayed");
    assert.equal((await standing(daysAgo(5), ["unclassified"])).verdict, "clear");

    const check = ok(
        await analyst.POST("/v1/standing-checks", {
            body: {
                on: daysAgo(5),
                environment: ["secret"],
                vendors: [
                    { vendor_id: vendor.id },
                    { scheme: "domain", value: only(clear.identifiers).value },
                    { vendor_id: randomUUID() },
                ],
            },
        }),
    );
    assert.deepEqual(check.items.map((item) => item.standing?.verdict), ["stayed", "clear", undefined]);
    assert(check.items[2]?.error?.code);
}

async function readsHistory(analyst: Registry, record: Schemas["Designation"]): Promise<void> {
    const path = { id: record.id };
    const history = ok(await analyst.GET("/v1/designations/{id}/history", { params: { path } })).items;
    assert.deepEqual(history.map((entry) => entry.action), ["designation.created", "designation.event_recorded"]);
    const [created, recorded] = history;
    assert(created && recorded);
    assert.equal(created.payload["title"], record.title);
    assert(recorded.event?.type === "stayed");
    assert.equal(recorded.event.details.case_number, "3:26-cv-01996");
    assert(recorded.patch.some((step) => step.op === "add" && step.path.startsWith("/events/")));

    const feed = ok(
        await analyst.GET("/v1/journal", {
            params: { query: { after: created.seq - 1, subject_kind: "designation", limit: 500 } },
        }),
    );
    assert(feed.items.some((entry) => entry.seq === recorded.seq && entry.subject_id === record.id));

    const timeline = async (known_seq: number): Promise<string[]> => {
        const params = { path, query: { known_seq } };
        const answer = ok(await analyst.GET("/v1/designations/{id}/timeline", { params }));
        return only(answer.scopes).periods.map((period) => period.state);
    };
    assert.deepEqual(await timeline(created.seq), ["in_force"]);
    assert.deepEqual(await timeline(recorded.seq), ["in_force", "stayed"]);
}

const analyst = signedIn(setting("REGISTRY_ANALYST_KEY"));
const approver = signedIn(setting("REGISTRY_APPROVER_KEY"));
await nobodyGetsIn();
const made = await createsVendors(analyst);
const [first, second, third] = made;
assert(second && third);
await pagesAndFilters(analyst, made);
await editsAndLosesARace(analyst, approver, first);
await retriesWithAnIdempotencyKey(analyst);
await readsAProblemByType(analyst);
const record = await proposesADesignation(analyst, approver, second);
await recordsEvents(analyst, approver, record);
await asksForStanding(analyst, second, third);
await readsHistory(analyst, record);
console.log("the officer's day went well");
