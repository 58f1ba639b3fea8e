// Keeps the page true. It changes values in the page that the server wrote, by text and attribute
// only: every word that a charge point chose stays a word.

const LOST_AFTER_MS = 5000;
const RETRY_MS = [1000, 1000, 2000, 3000, 5000];
const CONDUCTORS = ["L1", "L2", "L3"];
const DRAWS_A = 0.5;
const DASH = "—";

const ampere = (value) => (value === null ? DASH : `${value.toFixed(1)} A`);
const kilowattHours = (value) => (value === null ? DASH : `${(value / 1000).toFixed(1)} kWh`);

/** The elements that carry `data-name`, by its value. */
function byData(name) {
  const found = new Map();
  for (const element of document.querySelectorAll(`[data-${name}]`)) {
    found.set(element.getAttribute(`data-${name}`), element);
  }
  return found;
}

const circuits = byData("circuit");
const chargePoints = byData("charge-point");
const connectors = byData("connector");

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function field(parent, name, text) {
  write(parent.querySelector(`[data-f="${name}"]`), text);
}

function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function bar(parent, name, value) {
  mark(parent.querySelector(`[data-bar="${name}"]`), "width", String(Math.max(0, value ?? 0)));
}

function level(load, limit, margin) {
  if (load > limit) return "over";
  return load > limit - margin ? "near" : "ok";
}

function worstWords(circuit) {
  if (circuit.worst_overload_a === null) return "No meter watches this circuit.";
  const worst = Math.max(...circuit.worst_overload_a);
  if (worst <= 0) return "Never above its limit since the start.";
  const name = CONDUCTORS[circuit.worst_overload_a.indexOf(worst)];
  return `Worst overload since the start: ${ampere(worst)} on ${name}.`;
}

function cloudWords(upstream) {
  const waiting = upstream.waiting > 0 ? `, ${upstream.waiting} waiting` : "";
  switch (upstream.state) {
    case "none":
      return "no cloud";
    case "connected":
      return `cloud connected${waiting}`;
    case "away":
      return `cloud away${waiting}`;
    default:
      return `cloud connecting${waiting}`;
  }
}

function showCircuit(circuit) {
  const element = circuits.get(circuit.name);
  const load = circuit.load_a ?? circuit.counted_a;
  mark(element, "data-failsafe", circuit.failsafe ? "yes" : "no");
  field(element, "source", circuit.load_a ? "measured" : "as counted");
  for (const row of element.querySelectorAll("[data-phase]")) {
    const i = Number(row.dataset.phase);
    const value = load ? load[i] : null;
    const limit = circuit.limit_a[i];
    mark(row, "data-level", level(value ?? 0, limit, circuit.margin_a));
    bar(row, "load", value);
    field(row, "load", ampere(value));
    field(row, "percent", value === null ? `${DASH} %` : `${((100 * value) / limit).toFixed(0)} %`);
    field(row, "headroom", ampere(circuit.headroom_a ? circuit.headroom_a[i] : null));
  }
  field(element, "worst", worstWords(circuit));
  const over = Math.max(...(circuit.worst_overload_a ?? [0])) > 0;
  mark(element.querySelector('[data-f="worst"]'), "data-over", over ? "yes" : "no");
}

function showConnector(identity, connector) {
  const element = connectors.get(`${identity}/${connector.connector_id}`);
  const drawn = connector.drawn_a;
  const draws = drawn !== null && Math.max(...drawn) >= DRAWS_A;
  mark(element, "data-shown", connector.active || draws ? "full" : "brief");
  mark(element.querySelector('[data-f="status"]'), "data-status", connector.status);
  field(element, "status", connector.status);
  field(element, "offer", ampere(connector.offer_a));
  field(element, "reason", connector.reason);
  for (const row of element.querySelectorAll("[data-phase]")) {
    const value = drawn ? drawn[Number(row.dataset.phase)] : null;
    bar(row, "offer", connector.offer_a);
    bar(row, "drawn", value);
    field(row, "drawn", ampere(value));
  }
  field(element, "drawn-worst", ampere(drawn ? Math.max(...drawn) : null));
  field(element, "target", ampere(connector.target_a));
  field(element, "energy", kilowattHours(connector.energy_wh));
  field(element, "tag", connector.id_tag ?? DASH);
}

function showChargePoint(chargePoint) {
  const element = chargePoints.get(chargePoint.identity);
  const cloud = element.querySelector(".cloud");
  const online = element.querySelector('[data-f="online"]');
  mark(element, "data-online", chargePoint.online ? "yes" : "no");
  mark(online, "data-status", chargePoint.online ? "Online" : "Offline");
  write(online, chargePoint.online ? "online" : "offline");
  mark(cloud, "data-state", chargePoint.upstream.state);
  mark(cloud, "title", chargePoint.upstream.reason);
  field(element, "cloud", cloudWords(chargePoint.upstream));
  for (const connector of chargePoint.connectors) showConnector(chargePoint.identity, connector);
}

function newBanner(banner) {
  const element = document.createElement("div");
  const text = document.createElement("strong");
  const detail = document.createElement("span");
  element.className = "banner";
  element.setAttribute("data-level", banner.level);
  text.textContent = banner.text;
  detail.setAttribute("aria-live", "off");
  element.append(text, " ", detail);
  return element;
}

/** Keeps the element of a banner that stays, so that a screen reader says each banner once. */
function showBanners(banners) {
  const list = document.getElementById("banners");
  const old = new Map();
  for (const element of list.children) {
    old.set(element.querySelector("strong").textContent, element);
  }
  const wanted = banners.map((banner) => {
    const element = old.get(banner.text) ?? newBanner(banner);
    old.delete(banner.text);
    mark(element, "data-level", banner.level);
    write(element.querySelector("span"), banner.detail);
    return element;
  });
  for (const element of old.values()) element.remove();
  wanted.forEach((element, place) => {
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
  });
}

function showSummary(state) {
  const all = state.charge_points;
  const outlets = all.flatMap((chargePoint) => chargePoint.connectors);
  const mirrored = all.filter((chargePoint) => chargePoint.upstream.state !== "none");
  const connected = mirrored.filter((chargePoint) => chargePoint.upstream.state === "connected");
  const waiting = mirrored.reduce((sum, chargePoint) => sum + chargePoint.upstream.waiting, 0);
  const id = (name) => document.getElementById(name);
  write(id("sum-charging"), `${outlets.filter((o) => o.active).length} of ${outlets.length}`);
  write(id("sum-online"), `${all.filter((c) => c.online).length} of ${all.length}`);
  write(id("sum-cloud"), mirrored.length ? `${connected.length} of ${mirrored.length}` : "none");
  write(id("sum-waiting"), String(waiting));
}

/** True while the page has an element for everything in `state`, and nothing more. */
function fits(state) {
  const outlets = state.charge_points.flatMap((chargePoint) =>
    chargePoint.connectors.map((c) => `${chargePoint.identity}/${c.connector_id}`),
  );
  return (
    state.circuits.length === circuits.size &&
    state.circuits.every((circuit) => circuits.has(circuit.name)) &&
    state.charge_points.length === chargePoints.size &&
    state.charge_points.every((chargePoint) => chargePoints.has(chargePoint.identity)) &&
    outlets.length === connectors.size &&
    outlets.every((name) => connectors.has(name))
  );
}

function show(state) {
  if (!fits(state)) {
    location.reload(); // the gateway runs with another site file now
    return;
  }
  state.circuits.forEach(showCircuit);
  state.charge_points.forEach(showChargePoint);
  showBanners(state.banners);
  showSummary(state);
}

let source = null;
let failures = 0;
let silence = 0;
let lastNews = null;

function alive() {
  const lost = document.getElementById("lost");
  failures = 0;
  lastNews = new Date();
  document.body.dataset.link = "live";
  lost.hidden = true;
  lost.textContent = "";
  write(document.getElementById("link-text"), "live");
  clearTimeout(silence);
  silence = setTimeout(fail, LOST_AFTER_MS);
}

function fail() {
  const lost = document.getElementById("lost");
  const since = lastNews ? `Shown is the state of ${lastNews.toLocaleTimeString()}. ` : "";
  source.close();
  clearTimeout(silence);
  document.body.dataset.link = "lost";
  lost.hidden = false;
  write(lost, `Connection to the box lost. ${since}Trying again.`);
  write(document.getElementById("link-text"), "connection lost");
  setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
  failures += 1;
}

function open() {
  source = new EventSource("/api/v1/events");
  source.addEventListener("state", (event) => {
    alive();
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", fail);
  silence = setTimeout(fail, LOST_AFTER_MS);
}

open();
