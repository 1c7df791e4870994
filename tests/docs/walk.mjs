// Uses the documentation in Chromium as a person would, and prints what there was to see as one JSON object:
//
//     node walk.mjs http://127.0.0.1:8080 KEY PROFILE
//
// It lists the operations that are shown, signs in by the button, and tries out every GET operation whose required
// parameters all have an example, with the values that the page fills in. tests/it/documentation.rs judges it.
import puppeteer from "puppeteer-core";

const [origin, key, profile] = process.argv.slice(2);
// So long that only what hangs is given up.
const patience = 120_000;
const seen = { shown: [], requests: [], complaints: [], tried: [], left: [] };

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  userDataDir: profile,
  timeout: patience,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.setViewport({ width: 1280, height: 1000 });
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) seen.requests.push(request.url());
  });
  page.on("pageerror", (failure) => seen.complaints.push(`page: ${failure.message}`));
  page.on("requestfailed", (request) => seen.complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("console", (message) => {
    // Chromium says so of every answer that is not 2xx, also of the 401 that is asked for.
    const refused = message.text().startsWith("Failed to load resource") && message.location().url?.includes("/v1/");
    if (["error", "assert"].includes(message.type()) && !refused) seen.complaints.push(`console: ${message.text()}`);
  });
  await page.evaluateOnNewDocument(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (violation) => {
      window.violations.push(`policy: ${violation.violatedDirective} ${violation.blockedURI}`);
    });
  });
  const violations = async () => seen.complaints.push(...(await page.evaluate(() => window.violations)));

  await page.goto(`${origin}/docs/`);
  await page.waitForSelector(".opblock");
  const contract = await (await fetch(`${origin}/openapi.json`)).json();
  seen.shown = await page.$$eval(".opblock", (all) => all.map((block) => block.id));

  // The id of a block is `operations-<tag>-<operation id>`.
  const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation, id: operation.operationId })),
  );
  const blockOf = (id) => seen.blocks.find((block) => block.endsWith(`-${id}`));
  seen.blocks = seen.shown;
  seen.shown = operations.map(({ id }) => id).filter(blockOf);
  if (seen.blocks.length !== operations.length) seen.complaints.push(`${seen.blocks.length} blocks are shown`);

  // Tries one operation with what the page fills in; the status that the page then shows.
  const attempt = async (id) => {
    const block = `[id="${blockOf(id)}"]`;
    const press = async (selector) => {
      await page.waitForSelector(`${block} ${selector}`);
      await page.$eval(`${block} ${selector}`, (button) => button.click());
    };
    await press(".opblock-summary-control");
    await press(".try-out__btn");
    await press(".execute");
    const status = `${block} .live-responses-table .response .response-col_status`;
    // Where the page does not send it, it marks the parameter that it finds wrong.
    await page.waitForSelector(`${status}, ${block} .parameters .invalid`);
    const wrong = await page.$$eval(`${block} .parameters .invalid`, (all) => all.map((one) => one.title || one.outerHTML));
    const shown = wrong.length > 0 ? wrong.join("; ") : await page.$eval(status, (cell) => cell.firstChild.textContent.trim());
    const url = await page.$eval(`${block} .request-url`, (cell) => cell.textContent.trim()).catch(() => "");
    await press(".opblock-summary-control");
    return { id, status: shown, url };
  };

  seen.without_key = (await attempt("list_vendors")).status;
  await page.reload();
  await page.waitForSelector(".opblock");

  // The button, the key, and the button that closes the dialogue.
  await page.click(".auth-wrapper .authorize");
  await page.waitForSelector(".modal-ux .auth-container input");
  await page.type(".modal-ux .auth-container input", key);
  await page.click(".modal-ux .auth-btn-wrapper .authorize");
  await page.waitForSelector(".modal-ux .auth-btn-wrapper .btn-done");
  await page.click(".modal-ux .auth-btn-wrapper .btn-done");
  await page.waitForSelector(".auth-wrapper .authorize.locked");

  const resolved = (parameter) =>
    parameter.$ref ? contract.components.parameters[parameter.$ref.split("/").pop()] : parameter;
  // What the page fills in by itself; it takes nothing from a schema's `examples`.
  const isFilled = ({ required, example, examples, schema }) =>
    !required || [example, examples, schema?.example, schema?.default].some((given) => given !== undefined);
  // One of each kind of records: what every operation answers to its example is asked without a browser.
  const kinds = new Set();
  for (const { method, operation, id } of operations) {
    const ends = !operation.responses["200"]?.content?.["text/event-stream"];
    const listed = !(operation.parameters ?? []).some((parameter) => resolved(parameter).in === "path");
    if (method !== "get" || !ends || !(listed || id === "get_vendor_standing") || kinds.has(operation.tags[0])) continue;
    kinds.add(operation.tags[0]);
    const empty = (operation.parameters ?? []).map(resolved).filter((parameter) => !isFilled(parameter));
    if (empty.length > 0) seen.left.push(`${id} (${empty.map((parameter) => parameter.name).join(", ")})`);
    else seen.tried.push(await attempt(id));
  }
  seen.with_key = seen.tried.find(({ id }) => id === "list_vendors")?.status;
  await violations();

  // The pages about problems stand under a policy of their own.
  await page.goto(`${origin}/docs/problems/conflict`);
  const width = await page.evaluate(() => getComputedStyle(document.body).maxWidth);
  seen.page = { style: width === "none" ? "missing" : "applied", width };
  await violations();
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
