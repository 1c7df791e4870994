-- What tools that speak only SQL may read: public records as they are now, without who recorded them. Each view shows what
-- `Sight::Public` in src/db/sight.rs sees: a designation that is restricted now is not there, with all that belongs to it;
-- what was recorded while it was restricted is in no row of the journal. Voided designations are left out.

CREATE OR REPLACE VIEW dashboards.authorities WITH (security_barrier) AS
SELECT id AS authority_id, document ->> 'name' AS name, kind, country, status, updated_at
FROM authorities;

CREATE OR REPLACE VIEW dashboards.regimes WITH (security_barrier) AS
SELECT id AS regime_id, slug, document ->> 'title' AS title, document ->> 'citation' AS citation, jurisdiction, effect,
    authority_id, status, updated_at
FROM regimes;

CREATE OR REPLACE VIEW dashboards.vendors WITH (security_barrier) AS
SELECT id AS vendor_id, document ->> 'legal_name' AS legal_name, document ->> 'kind' AS kind, country,
    document ->> 'criticality' AS criticality, ARRAY(SELECT json_array_elements_text(document -> 'roles')) AS roles,
    ARRAY(SELECT json_array_elements_text(document -> 'tags')) AS tags, status, updated_at
FROM vendors;

-- The state is that of the most telling scope today (UTC), as the API's `current` has it.
CREATE OR REPLACE VIEW dashboards.designations WITH (security_barrier) AS
SELECT d.id AS designation_id, d.vendor_id, d.document ->> 'category' AS category, d.document ->> 'title' AS title,
    d.document ->> 'reference' AS reference, r.slug AS regime, d.authority_id, d.document ->> 'effect' AS effect,
    d.document ->> 'instrument' AS instrument, v.origin, coalesce(today.state, 'none') AS state,
    coalesce(today.state IN ('in_force', 'interim'), false) AS in_force,
    (SELECT min(p.from_on) FROM designation_periods p
     WHERE p.designation_id = d.id AND p.known_to_seq = 9223372036854775807) AS began_on,
    v.latest_event_on, v.next_review_on, d.updated_at
FROM designations d
JOIN designation_versions v ON v.designation_id = d.id AND v.known_to_seq = 9223372036854775807
JOIN regimes r ON r.id = d.regime_id
LEFT JOIN LATERAL (
    SELECT p.state FROM designation_periods p
    WHERE p.designation_id = d.id AND p.known_to_seq = 9223372036854775807
        AND p.from_on <= (now() AT TIME ZONE 'UTC')::date AND p.to_on > (now() AT TIME ZONE 'UTC')::date
    ORDER BY array_position(ARRAY['in_force', 'interim', 'stayed', 'issued', 'noticed', 'proposed'], p.state) NULLS LAST,
        p.from_on DESC,
        array_position(ARRAY['expired', 'superseded', 'withdrawn', 'delisted', 'rescinded', 'vacated'], p.state)
    LIMIT 1
) today ON true
WHERE d.visibility = 'public' AND v.visibility = 'public' AND d.status = 'active';

CREATE OR REPLACE VIEW dashboards.designation_reasons WITH (security_barrier) AS
SELECT d.id AS designation_id, (reason ->> 'id')::uuid AS reason_id, reason ->> 'code' AS code,
    reason ->> 'statement' AS statement, reason ->> 'asserted_by' AS asserted_by, reason ->> 'confidence' AS confidence,
    reason ->> 'status' AS status
FROM designations d CROSS JOIN LATERAL json_array_elements(d.document -> 'reasons') AS of_list (reason)
WHERE d.visibility = 'public' AND d.status = 'active';

-- The states of each scope over dates, as known now. No environments or actions: all.
CREATE OR REPLACE VIEW dashboards.designation_periods WITH (security_barrier) AS
SELECT p.designation_id, p.scope_id, p.vendor_id, p.state, p.from_on, nullif(p.to_on, DATE '9999-12-31') AS to_on,
    string_to_array(trim(BOTH ',' FROM p.environments), ',') AS environments,
    string_to_array(trim(BOTH ',' FROM p.actions), ',') AS actions
FROM designation_periods p JOIN designations d ON d.id = p.designation_id
WHERE d.visibility = 'public' AND d.status = 'active' AND p.known_to_seq = 9223372036854775807;

CREATE OR REPLACE VIEW dashboards.designation_events WITH (security_barrier) AS
SELECT e.id AS event_id, e.designation_id, e.event_type AS type, e.occurred_on,
    EXISTS (SELECT 1 FROM designation_events c WHERE c.corrects = e.id) AS is_corrected
FROM designation_events e JOIN designations d ON d.id = e.designation_id
WHERE d.visibility = 'public' AND d.status = 'active';

-- What changed and when, not by whom.
CREATE OR REPLACE VIEW dashboards.journal WITH (security_barrier) AS
SELECT j.seq, j.recorded_at, j.action, j.subject_kind, j.subject_id, j.revision
FROM journal j
WHERE j.sight = 'public'
    AND NOT EXISTS (SELECT 1 FROM designations d WHERE d.id = j.subject_id AND d.visibility <> 'public')
