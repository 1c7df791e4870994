// A round trip with the client that hey-api makes: a list, a designation with its events, a problem.
import assert from "node:assert/strict";

import { createVendor, getDesignation, listDesignations, listVendors } from "./registry/index";
import { client } from "./registry/client.gen";

client.setConfig({ baseUrl: process.env["REGISTRY_URL"]!, auth: () => process.env["REGISTRY_ANALYST_KEY"] });

const found = (await listVendors({ query: { country: ["US", "CN"], limit: 500 }, throwOnError: true })).data.items;
assert(found.length > 1 && found.every((vendor) => vendor.country === "US" || vendor.country === "CN"));

const [listed] = (await listDesignations({ query: { limit: 1 }, throwOnError: true })).data.items;
assert(listed);
const read = (await getDesignation({ path: { id: listed.id }, throwOnError: true })).data;
assert(read.events.some((event) => event.type === "order_issued" && event.sources.length > 0));

const refused = await createVendor({ body: { legal_name: "Wrong", kind: "company", country: "ZZ" } });
assert.equal(refused.response?.status, 422);
assert(refused.error && refused.error.code === "invalid" && refused.error.errors[0]?.pointer === "/country");
console.log("the round trip went well");
