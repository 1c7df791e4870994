// A round trip with the client that openapi-generator makes for fetch: a list, a designation with its events, a problem.
import assert from "node:assert/strict";

import { Configuration, DesignationsApi, ProblemFromJSON, ResponseError, VendorsApi } from "./registry/index";

const configuration = new Configuration({
    basePath: process.env["REGISTRY_URL"]!,
    accessToken: process.env["REGISTRY_ANALYST_KEY"]!,
});
const vendors = new VendorsApi(configuration);
const designations = new DesignationsApi(configuration);

const found = (await vendors.listVendors({ country: ["US", "CN"], limit: 500 })).items;
assert(found.length > 1 && found.every((vendor) => vendor.country === "US" || vendor.country === "CN"));

const [listed] = (await designations.listDesignations({ limit: 1 })).items;
assert(listed);
const read = await designations.getDesignation({ id: listed.id });
assert(read.events.some((event) => event.type === "order_issued" && event.sources.length > 0));

const wrong = vendors.createVendor({ vendorCreate: { legalName: "Wrong", kind: "company", country: "ZZ" } });
const refused = await wrong.then(() => undefined, (reason: unknown) => reason);
assert(refused instanceof ResponseError && refused.response.status === 422);
const problem = ProblemFromJSON(await refused.response.json());
assert(problem.code === "invalid" && problem.errors[0]?.pointer === "/country");
console.log("the round trip went well");
