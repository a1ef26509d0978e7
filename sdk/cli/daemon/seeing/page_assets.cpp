#include "daemon/seeing/status_page.h"

namespace weir::daemon {

const std::string_view kStatusCss = R"(:root {
  color-scheme: light dark;
  --ground: #fff; --text: #1b1b1b; --soft: #565656; --line: #c8c8c8; --link: #0b57a4;
  --well: #17663a; --warning: #7a4b00; --error: #a51616;
  --well-ground: #e9f6ee; --warning-ground: #fff4dc; --error-ground: #fdeaea;
  --spent: #0b57a4; --outside: #8a5a00; --reserve: #8c8c8c; --left: #dfe7ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --text: #ececec; --soft: #b4b4b4; --line: #454b51; --link: #8fc1f5;
    --well: #7fd6a2; --warning: #f2c066; --error: #ff9d9d;
    --well-ground: #16291e; --warning-ground: #2e2410; --error-ground: #341717;
    --spent: #6fabe8; --outside: #d29a3a; --reserve: #8c8c8c; --left: #2b3239;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 2rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 1rem 0 .25rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
a { color: var(--link); display: inline-block; min-height: 24px; }
summary { min-height: 24px; cursor: pointer; color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
#verdict { border: 2px solid currentColor; border-radius: .5rem; padding: .5rem 1rem; }
#verdict h2 { margin: 0; }
#verdict ul { margin: .5rem 0 0; padding: 0; list-style: none; }
#verdict li { color: var(--text); margin: .25rem 0; }
#verdict.well { background: var(--well-ground); }
#verdict.warning { background: var(--warning-ground); }
#verdict.error { background: var(--error-ground); }
.well { color: var(--well); } .warning { color: var(--warning); } .error { color: var(--error); }
#verdict .do { display: block; }
#contact { margin: 0; min-height: 1.5rem; color: var(--error); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }
tbody th { font-weight: 600; }
svg { display: block; width: 100%; }
svg.bar { height: 1rem; background: var(--left); }
svg.day { max-width: 40rem; border-bottom: 1px solid var(--line); }
.spent { fill: var(--spent); } .outside { fill: var(--outside); } .reserve { fill: var(--reserve); }
.steps { fill: none; stroke: var(--spent); stroke-width: 2; }
.pace { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
dl { display: grid; grid-template-columns: minmax(0, max-content) minmax(0, 1fr); gap: .25rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; }
label { display: block; margin: .25rem 0; } input { font: inherit; min-height: 24px; max-width: 100%; }
)";

// Parts are replaced by those of a page that is asked for again, so that there is one text of each.
const std::string_view kStatusJs = R"("use strict";
let lastContact = new Date();
let filter = "";
const texts = new WeakMap();  // of the parts, as they came
let events = null;
let heardAt = 0;
let askedAt = Date.now();
let asking = false;
let wanted = false;

function applyFilter() {
  const wanted = filter.toLowerCase();
  for (const row of document.querySelectorAll("section[aria-labelledby=sources] tbody tr"))
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
}

function addFilter() {
  const heading = document.getElementById("sources");
  const table = heading && heading.parentNode.querySelector(".wide");
  if (!table) return;
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "search";
  input.value = filter;
  input.id = "filter";
  input.addEventListener("input", () => { filter = input.value; applyFilter(); });
  label.append("Filter ", input);
  table.before(label);
  applyFilter();
}

// How an element is found again in a page that came later.
function nameOf(element) {
  if (element.id) return "#" + CSS.escape(element.id);
  for (const name of ["href", "aria-label"]) {
    const value = element.getAttribute(name);
    if (value) return element.localName + "[" + name + "=" + JSON.stringify(value) + "]";
  }
  return element.localName;
}

function isBeingCopied(part) {
  const selection = document.getSelection();
  return !selection.isCollapsed && selection.containsNode(part, true);
}

// Keeps what its reader has made of a part: what is unfolded, where it is scrolled to, and where
// the keyboard is.
function replace(part, newer) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused && focused.selectionStart;
  const isOpen = [...part.querySelectorAll("details")].map((one) => one.open);
  const scrolled = [...part.querySelectorAll(".wide")].map((one) => one.scrollLeft);
  part.replaceWith(newer);
  if (newer.getAttribute("aria-labelledby") === "sources") addFilter();
  newer.querySelectorAll("details").forEach((one, i) => { one.open = Boolean(isOpen[i]); });
  newer.querySelectorAll(".wide").forEach((one, i) => { one.scrollLeft = scrolled[i] || 0; });
  const again = focused && newer.querySelector(nameOf(focused));
  if (!again) return;
  again.focus({preventScroll: true});
  if (typeof caret === "number") again.setSelectionRange(caret, caret);
}

// A part that says the same stays untouched, so that nothing is read out twice.
function show(parts) {
  const shown = document.getElementById("parts");
  const newer = [...parts.children];
  for (const part of newer) texts.set(part, part.outerHTML);
  if (newer.length !== shown.children.length) {
    shown.replaceChildren(...newer);
    addFilter();
    return;
  }
  [...shown.children].forEach((part, i) => {
    if (texts.get(part) !== texts.get(newer[i]) && !isBeingCopied(part)) replace(part, newer[i]);
  });
}

function setContact(isThere) {
  if (isThere) lastContact = new Date();
  const time = lastContact.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
  const text = isThere ? "" : "No contact since " + time + ": the page below is old.";
  const contact = document.getElementById("contact");
  if (contact.textContent !== text) contact.textContent = text;
}

async function refresh() {
  if (asking) { wanted = true; return; }
  asking = true;
  askedAt = Date.now();
  try {
    const answer = await fetch(location.href, {cache: "no-store", signal: AbortSignal.timeout(3000)});
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(page.getElementById("parts"));
    setContact(true);
  } catch {
    setContact(false);
  }
  asking = false;
  if (wanted) { wanted = false; refresh(); }
}

// Only a page that is looked at listens: a browser has few connections to one host.
function listen() {
  if (events && events.readyState !== EventSource.CLOSED) return;
  events = new EventSource("/api/v1/events");
  const heard = () => { heardAt = Date.now(); };
  events.addEventListener("status", () => { heard(); refresh(); });
  events.addEventListener("beat", () => { heard(); setContact(true); });
  events.addEventListener("error", () => { heardAt = 0; refresh(); });
}

// A daemon that hangs keeps its connections and says nothing: without a beat for five seconds the page is asked for every five seconds; times such as "5 min ago"
// grow old without any news.
function look() {
  if (document.hidden) return;
  const now = Date.now();
  if (now - askedAt < (now - heardAt < 5000 ? 30000 : 5000)) return;
  refresh();
  listen();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && events) events.close();
  if (!document.hidden) { refresh(); listen(); }
});
for (const part of document.getElementById("parts").children) texts.set(part, part.outerHTML);
addFilter();
listen();
setInterval(look, 1000);
)";

}  // namespace weir::daemon
