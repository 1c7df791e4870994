// A round trip with the client that orval makes for fetch: a list, a designation with its events, a problem.
import assert from "node:assert/strict";

import { createVendor, getDesignation, listDesignations, listVendors } from "./registry/registry";

// What orval makes asks the host that serves the page; here there is none, and nobody has signed in yet.
const plain = globalThis.fetch;
globalThis.fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${process.env["REGISTRY_ANALYST_KEY"]}`);
    return plain(new URL(String(input), process.env["REGISTRY_URL"]), { ...init, headers });
};

const found = await listVendors({ country: ["US", "CN"], limit: 500 });
assert(found.status === 200 && found.data.items.length > 1);
assert(found.data.items.every((vendor) => vendor.country === "US" || vendor.country === "CN"));

const page = await listDesignations({ limit: 1 });
assert(page.status === 200);
const [listed] = page.data.items;
assert(listed);
const read = await getDesignation(listed.id);
assert(read.status === 200);
assert(read.data.events.some((event) => event.type === "order_issued" && event.sources.length > 0));

const refused = await createVendor({ legal_name: "Wrong", kind: "company", country: "ZZ" });
assert(refused.status === 422 && refused.data.code === "invalid" && refused.data.errors[0]?.pointer === "/country");
console.log("the round trip went well");
