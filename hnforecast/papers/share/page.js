// Ties the controls to the figures: reads the choice, works out the result, writes it, says it, draws it.

const figures = JSON.parse(document.getElementById("figures").textContent);
const form = document.getElementById("choices");
const last = figures.years.length - 1;

const money = (value) => (Math.round(Math.abs(value) / 1e5) / 10).toLocaleString("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const isNought = (value) => Math.round(Math.abs(value) / 1e5) === 0;
const word = (value) => (isNought(value) ? "balanced" : value < 0 ? "deficit" : "surplus");
const position = (value) => `£${money(value)}m ${word(value)}`;
const count = (value) => Math.round(value).toLocaleString("en-GB");
const chance = (share) => {
  if (share === null) return "–";
  if (share < 0.01) return "under 1%";
  if (share > 0.99) return "over 99%";
  return `about ${Math.round(100 * share)}%`;
};

const plan = () => ({ levels: figures.measures.map(() => 1), growth: figures.growths.indexOf("central"), settlement: figures.settlements.indexOf("central"), support: figures.ownSupport, year: figures.focus, basis: "gross" });

function readChoice() {
  const picked = (name) => Number(form.elements[name].value);
  return {
    levels: figures.measures.map((_, m) => figures.offered[picked(`measure-${m}`)]),
    growth: picked("growth"),
    settlement: picked("settlement"),
    support: picked("support"),
    year: picked("year"),
    basis: form.elements.basis.value,
  };
}

function setChoice(choice) {
  choice.levels.forEach((level, m) => { form.elements[`measure-${m}`].value = String(figures.offered.indexOf(level)); });
  for (const name of ["growth", "settlement", "support", "year", "basis"]) form.elements[name].value = String(choice[name]);
}

// The choice in the address after #, so that a link leads back to it; anything that is not a choice is left alone.
function fromAddress() {
  const choice = plan();
  const said = new URLSearchParams(location.hash.slice(1));
  const within = (name, length) => {
    const value = said.get(name);
    return value !== null && /^\d{1,2}$/.test(value) && Number(value) < length ? Number(value) : choice[name];
  };
  const levels = said.get("m") || "";
  if (levels.length === figures.measures.length && /^[012]+$/.test(levels)) choice.levels = [...levels].map((k) => figures.offered[Number(k)]);
  choice.growth = within("growth", figures.growths.length);
  choice.settlement = within("settlement", figures.settlements.length);
  choice.support = within("support", figures.supports.length);
  choice.year = within("year", figures.years.length);
  if (["gross", "closing"].includes(said.get("basis"))) choice.basis = said.get("basis");
  return choice;
}

function toAddress(choice) {
  const levels = choice.levels.map((level) => figures.offered.indexOf(level)).join("");
  const { growth, settlement, support, year, basis } = choice;
  const said = new URLSearchParams({ m: levels, growth, settlement, support, year, basis });
  try { history.replaceState(null, "", `#${said}`); } catch { /* a browser may refuse this for files; the page works without */ }
}

const put = (name, text) => document.querySelectorAll(`[data-out="${name}"]`).forEach((place) => { place.textContent = text; });

function against(value, other) {
  const change = value - other;
  if (isNought(change)) return "the same as with the plan as expected";
  return `£${money(change)}m ${change > 0 ? "better" : "worse"} than with the plan as expected`;
}

function write(choice, ours, expected) {
  const f = choice.year;
  put("end", figures.ends[f]);
  put("year", figures.years[f]);
  put("count", figures.counts[f]);
  put("gross", position(ours.gross[f]));
  put("closing", position(ours.closing[f]));
  put("in-year", position(ours.inYear[f]));
  put("balanced", chance(ours.balanced[f]));
  put("met", figures.agreed[f] === null ? "none agreed" : chance(ours.met[f]));
  const plans = sum(ours.plans[f]);
  put("plans", count(plans));
  for (const [name, item] of [["gross", "gross"], ["closing", "closing"], ["in-year", "inYear"]]) put(`${name}-against`, against(ours[item][f], expected[item][f]));
  const more = Math.round(plans) - Math.round(sum(expected.plans[f]));
  put("plans-against", more === 0 ? "the same as with the plan as expected" : `${count(Math.abs(more))} ${more > 0 ? "more" : "fewer"} than with the plan as expected`);
  put("kind", ours.exact ? "Each money and plan figure is the engine's own at these choices." : "Some of these choices lie between two that the engine ran: figures are read off a straight line between them.");
  const rows = document.querySelectorAll("#by-year tbody tr");
  rows.forEach((row, at) => {
    const cells = row.querySelectorAll("td");
    const shown = [position(ours.inYear[at]), position(ours.gross[at]), position(ours.closing[at]), count(sum(ours.plans[at]))];
    if (ours.balanced[at] !== null) shown.push(chance(ours.balanced[at]), figures.agreed[at] === null ? "–" : chance(ours.met[at]));
    shown.forEach((text, k) => { cells[k].textContent = text; });
  });
  document.querySelectorAll("#by-placement tbody tr").forEach((row, p) => { row.querySelectorAll("td")[1].textContent = count(ours.plans[f][p]); });
}

// What each measure is worth where it stands: the position with it less the position without it.
function writeWorth(model, choice, ours) {
  choice.levels.forEach((level, m) => {
    const place = document.querySelector(`[data-worth="${m}"]`);
    if (level === 0) { place.textContent = "not delivered"; return; }
    const without = { ...choice, levels: choice.levels.map((other, k) => (k === m ? 0 : other)) };
    const worth = ours.inYear[choice.year] - model.inYear(without)[choice.year];
    place.textContent = isNought(worth) ? `worth less than £0.1m in ${figures.years[choice.year]}` : `${worth > 0 ? "saves" : "costs"} £${money(worth)}m in ${figures.years[choice.year]}`;
  });
}

function drawAll(choice, ours, expected, nothing) {
  const hold = (name) => document.querySelector(`[data-chart="${name}"]`);
  const inMillions = (values) => values.map((value) => (value === null ? null : value / 1e6));
  const item = choice.basis;
  const past = item === "closing" ? figures.past : [{ on: figures.base.end, balance: figures.base.gross }];
  const times = past.map((one) => one.on.slice(-4)).concat(figures.ends.map((end) => end.slice(-4)));
  const after = (values) => inMillions(past.map((one) => one.balance).concat(values));
  const range = ours.range(item);
  const band = range && past.map((_, k) => (k === past.length - 1 ? [past[k].balance / 1e6, past[k].balance / 1e6] : null)).concat(range.map((ends) => inMillions(ends)));
  const what = item === "gross" ? "before contributions" : "after support";
  drawLines(hold("balance"), times, [
    { label: band ? "Your choices, and the range they fall in eight times in ten" : "Your choices", values: after(ours[item]), band },
    { label: "The plan as expected", values: after(expected[item]) },
    { label: "No measure delivered", values: after(nothing[item]) },
  ], "£m at 31 March; below the line is a deficit");
  const gaps = past.filter((one) => one.balance === null).map((one) => one.on);
  const unknown = gaps.length ? ` No balance was published for ${gaps.join(" and ")}.` : "";
  put("balance-said", `Balance ${what} with your choices: ${position(ours[item][choice.year])} on ${figures.ends[choice.year]} and ${position(ours[item][last])} on ${figures.ends[last]}. With the plan as expected ${position(expected[item][last])}, with no measure delivered ${position(nothing[item][last])}.${unknown}`);
  drawBars(hold("in-year"), figures.years.map((year) => year.slice(2)), [
    { label: "Your choices", values: inMillions(ours.inYear) },
    { label: "The plan as expected", values: inMillions(expected.inYear) },
  ], "£m a year; below the line is a deficit");
  put("in-year-said", `In-year position with your choices: ${position(ours.inYear[0])} in ${figures.years[0]}, ${position(ours.inYear[choice.year])} in ${figures.years[choice.year]}, ${position(ours.inYear[last])} in ${figures.years[last]}.`);
  const base = sum(figures.base.plans);
  const totals = (result) => [base].concat(result.plans.map(sum));
  drawLines(hold("plans"), [figures.base.count].concat(figures.counts).map((label) => label.slice(-4)), [
    { label: "Your choices", values: totals(ours) },
    { label: "The plan as expected", values: totals(expected) },
    { label: "No measure delivered", values: totals(nothing) },
  ], "Plans open at each January count");
  put("plans-said", `${count(base)} plans in ${figures.base.count}; with your choices ${count(sum(ours.plans[choice.year]))} in ${figures.counts[choice.year]} and ${count(sum(ours.plans[last]))} in ${figures.counts[last]}.`);
  drawRows(hold("placement"), figures.placements, [
    { label: `Your choices, ${figures.counts[choice.year]}`, values: ours.plans[choice.year] },
    { label: figures.base.count, values: figures.base.plans },
  ], count);
}

function drawScenarios() {
  const holder = document.querySelector('[data-chart="scenarios"]');
  const { scenarios, base, ends } = figures;
  drawLines(holder, [base.end].concat(ends).map((end) => end.slice(-4)), scenarios.map((one) => ({ label: one.label, values: [base.gross].concat(one.gross).map((value) => value / 1e6) })), "£m at 31 March; below the line is a deficit");
}

async function start() {
  const tables = {};
  for (const [name, packed] of Object.entries(figures.packed)) tables[name] = await unpack(packed);
  const model = new Model(figures, tables);
  let waiting = 0;
  let shown = null;
  const update = (speak) => {
    const choice = readChoice();
    const common = { support: choice.support };
    const ours = model.result(choice);
    const expected = model.result({ ...plan(), ...common });
    const nothing = model.result({ ...plan(), ...common, levels: figures.measures.map(() => 0) });
    shown = () => { drawAll(choice, ours, expected, nothing); drawScenarios(); };
    write(choice, ours, expected);
    writeWorth(model, choice, ours);
    shown();
    toAddress(choice);
    clearTimeout(waiting);
    if (speak) waiting = setTimeout(() => put("said", `With these choices the balance before contributions on ${figures.ends[choice.year]} is a ${position(ours.gross[choice.year])}, ${against(ours.gross[choice.year], expected.gross[choice.year])}. In-year position ${position(ours.inYear[choice.year])}. ${count(sum(ours.plans[choice.year]))} plans.`), 500);
  };
  document.querySelectorAll("[data-live]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-still]").forEach((part) => { part.hidden = true; });
  setChoice(fromAddress());
  form.addEventListener("change", () => update(true));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll("[data-all]").forEach((button) => button.addEventListener("click", () => {
    const level = Number(button.dataset.all);
    setChoice(button.dataset.reset === undefined ? { ...readChoice(), levels: figures.measures.map(() => level) } : plan());
    update(true);
  }));
  window.addEventListener("hashchange", () => { setChoice(fromAddress()); update(true); });
  let width = 0;
  new ResizeObserver(() => {
    const now = document.documentElement.clientWidth;
    if (now !== width && shown) requestAnimationFrame(shown);
    width = now;
  }).observe(document.documentElement);
  update(false);
  window.hnforecast = { choose: (choice) => model.result({ ...plan(), ...choice }), read: readChoice };
  document.documentElement.dataset.ready = "yes";
}

const closed = [];
window.addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((part) => { closed.push(part); part.open = true; }));
window.addEventListener("afterprint", () => { while (closed.length) closed.pop().open = false; });
start().catch(() => {}); // what needs no script stays as it was, with a note that says so
