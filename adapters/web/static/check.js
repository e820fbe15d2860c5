// The check page. The file stays in the browser; the server is asked only whether its log of today still agrees.
import { Wrong, checkpoint, fromBase64, grew, hex, included, leafOf } from "./proof.js";

const page = document.querySelector("[data-words]");
const words = JSON.parse(page.dataset.words);

const ask = async (address) => {
  const answer = await fetch(address, { cache: "no-store" });
  if (answer.status === 404) throw new Wrong("gone");
  if (!answer.ok) throw new TypeError(answer.statusText);
  return answer;
};

/** Whether the log of today goes on from a checkpoint. */
async function stillThere(old, keyLine) {
  const now = await checkpoint(await (await ask("/checkpoints/latest")).text(), keyLine);
  if (now.size < old.size) throw new Wrong("cut");
  const proof = await (await ask(`/checkpoints/${now.size}/consistency?from=${old.size}`)).json();
  if (!(await grew(old, now, proof.proof.map(fromBase64)))) throw new Wrong("rewritten");
  return now;
}

const say = (text, ...values) => values.reduce((said, one) => said.replace("{}", one), text);
const lang = document.documentElement.lang;
const when = (time) => time.toLocaleString(lang, { timeZone: words.zone });
const count = (number) => number.toLocaleString(lang);

function told(step, text, kind = "fine") {
  const line = page.querySelector(`[data-step="${step}"]`);
  line.hidden = false;
  line.className = kind;
  line.querySelector("span").textContent = text;
}

/** What the event says, as far as anybody may know: texts in it are ciphertext. */
function titled({ topic, state }) {
  const [meta, data] = state.split("\n").map((line) => JSON.parse(line));
  const said = [words.events[topic] || topic, words.levels[data.level], data.number, when(new Date(meta.at))];
  return said.filter(Boolean).join(" · ");
}

async function checkReceipt(receipt, keyLine) {
  const signed = await checkpoint(receipt.checkpoint, keyLine);
  told("signed", say(words.signed, signed.name, when(signed.time)));
  const leaf = await leafOf(receipt.event);
  const { climbed, root } = await included(leaf, receipt.index, signed.size, receipt.proof.map(fromBase64));
  if (hex(root) !== signed.root) throw new Wrong("not_in_it");
  told("event", titled(receipt.event));
  told("place", say(words.place, count(receipt.index + 1), count(signed.size)));
  draw(climbed, root, titled(receipt.event), signed.name);
  return signed;
}

async function checkGrowth(proof, keyLine) {
  const [old, now] = [await checkpoint(proof.from, keyLine), await checkpoint(proof.to, keyLine)];
  told("signed", say(words.signed, now.name, when(now.time)));
  if (!(await grew(old, now, proof.proof.map(fromBase64)))) throw new Wrong("rewritten");
  told("place", say(words.grew, count(old.size), count(now.size)));
  return now;
}

async function check(text, keyLine) {
  if (!crypto.subtle) throw new Wrong("no_crypto");
  const file = JSON.parse(text);
  const kinds = { "sidan-receipt/1": checkReceipt, "sidan-consistency/1": checkGrowth };
  if (!kinds[file.format]) throw new Wrong("other_format");
  const signed = await kinds[file.format](file, keyLine);
  try {
    const now = await stillThere(signed, keyLine);
    told("today", say(words.today, count(now.size), when(now.time)));
  } catch (error) {
    if (error instanceof Wrong) throw error;
    told("today", words.not_asked, "open"); // away, or offline: the receipt holds all the same
  }
}

async function start() {
  const file = page.querySelector("[type=file]").files[0];
  if (!file) return;
  const verdict = page.querySelector("[data-verdict]");
  for (const line of [verdict, ...page.querySelectorAll("[data-step]")]) line.hidden = true;
  page.querySelector("svg").replaceChildren();
  let code = "holds";
  try {
    await check(await file.text(), page.querySelector("[name=key]").value);
  } catch (error) {
    code = error instanceof Wrong ? error.message : "unreadable"; // whatever is not written as one
  }
  verdict.className = code === "holds" ? "flash calm" : "flash late";
  verdict.textContent = words[code];
  verdict.dataset.code = code;
  verdict.hidden = false;
}

// The picture: from the event at the foot to the signed root at the head, with the hash that each step needs.
const [WIDE, HIGH, ROW, MIDDLE, ASIDE] = [132, 30, 58, 320, 190];

function shape(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.textContent = text;
  return made;
}

function box(x, y, kind, text) {
  const around = { x: x - WIDE / 2, y, width: WIDE, height: HIGH, rx: 7, class: kind };
  return [shape("rect", around), shape("text", { x, y: y + 20, class: kind }, text)];
}

function draw(climbed, root, title, name) {
  const svg = page.querySelector("svg");
  const top = (level) => (climbed.length - level) * ROW + 34;
  const lines = [], boxes = [...box(MIDDLE, top(climbed.length), "mine", hex(root).slice(0, 10))];
  climbed.forEach(({ mine, sibling, left }, level) => {
    const [y, up, x] = [top(level), top(level + 1) + HIGH, MIDDLE + (left ? -ASIDE : ASIDE)];
    lines.push(shape("path", { d: `M${x} ${y}V${(y + up) / 2}H${MIDDLE}` }));
    lines.push(shape("path", { d: `M${MIDDLE} ${y}V${up}`, class: "mine" }));
    boxes.push(...box(MIDDLE, y, "mine", hex(mine).slice(0, 10)), ...box(x, y, "other", hex(sibling).slice(0, 10)));
  });
  const labels = [
    shape("text", { x: MIDDLE, y: 20, class: "label" }, `${words.picture_root} ${name}`),
    shape("text", { x: MIDDLE, y: top(0) + HIGH + 24, class: "label" }, title),
  ];
  svg.setAttribute("viewBox", `0 0 ${2 * MIDDLE} ${top(0) + HIGH + 40}`);
  svg.replaceChildren(...lines, ...boxes, ...labels);
}

page.addEventListener("change", start);
start(); // a file may have been chosen before this script was here
