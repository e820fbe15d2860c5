// Receipts and proofs of growth, checked without asking anybody: the steps of examples/verify_receipt.py
// (RFC 9162, C2SP tlog-checkpoint), for browsers.

/** It proves nothing; the message is a code. */
export class Wrong extends Error {}

const KEY_LINE = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/; // name, id, base64

const encoded = (text) => new TextEncoder().encode(text);
export const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const fromHex = (text) => Uint8Array.from(text.match(/../g), (two) => parseInt(two, 16));
export const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const half = (number) => Math.floor(number / 2); // not >> 1: a log may have more than 2^31 events
const bigEndian = (number, width) =>
  Uint8Array.from({ length: width }, (_, at) => Number((BigInt(number) >> BigInt(8 * (width - 1 - at))) & 0xffn));

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

/** SHA-256 over 0x00 and four fields, each behind its length in four bytes. */
export function leafOf({ stream, version, topic, state }) {
  const fields = [fromHex(stream.replaceAll("-", "")), bigEndian(version, 8), encoded(topic), encoded(state)];
  return sha256(Uint8Array.of(0), ...fields.flatMap((field) => [bigEndian(field.length, 4), field]));
}

/** Size, root and time of a checkpoint that this key signed. */
export async function checkpoint(note, keyLine) {
  const [, name, id, key] = keyLine.trim().match(KEY_LINE) || [];
  if (!name) throw new Wrong("bad_key");
  const known = fromBase64(key);
  const keyId = (await sha256(encoded(`${name}\n`), known)).slice(0, 4);
  const [body, signatures] = note.split("\n\n");
  const [origin, size, root, , time] = body.split("\n");
  if (known[0] !== 1 || hex(keyId) !== id || origin !== name) throw new Wrong("other_key");
  const verifier = await crypto.subtle.importKey("raw", known.slice(1), "Ed25519", false, ["verify"]);
  for (const line of signatures.split("\n").filter((one) => one.startsWith(`\u2014 ${name} `))) {
    const signature = fromBase64(line.slice(line.lastIndexOf(" ") + 1));
    const ours = hex(signature.slice(0, 4)) === id;
    if (ours && (await crypto.subtle.verify("Ed25519", verifier, signature.slice(4), encoded(`${body}\n`)))) {
      return { name, size: Number(size), root: hex(fromBase64(root)), time: new Date(time.replace("time ", "")) };
    }
  }
  throw new Wrong("not_signed");
}

/** Each step of a path, and whether it is the left sibling (RFC 9162, 2.1.3.2). */
function* climb(number, last, path) {
  for (const step of path) {
    if (!last) throw new Wrong("bad_path");
    const left = number % 2 === 1 || number === last;
    yield [step, left];
    while (left && number && number % 2 === 0) [number, last] = [half(number), half(last)];
    [number, last] = [half(number), half(last)];
  }
  if (last) throw new Wrong("bad_path");
}

/** The nodes from a leaf to the root, each with its sibling. */
export async function included(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) throw new Wrong("bad_path");
  const climbed = [];
  for (const [sibling, left] of climb(index, size - 1, path)) {
    climbed.push({ mine: leaf, sibling, left });
    leaf = left ? await node(sibling, leaf) : await node(leaf, sibling);
  }
  return { climbed, root: leaf };
}

/** Whether the older tree is the beginning of the newer (RFC 9162, 2.1.4.2). */
export async function grew(old, now, path) {
  if (old.size === now.size && !path.length) return old.root === now.root;
  if (!(old.size > 0 && old.size < now.size)) return false;
  const [first, ...steps] = Number.isInteger(Math.log2(old.size)) ? [fromHex(old.root), ...path] : path;
  let [number, last, before, after] = [old.size - 1, now.size - 1, first, first];
  while (number % 2) [number, last] = [half(number), half(last)];
  for (const [sibling, left] of climb(number, last, steps)) {
    if (left) before = await node(sibling, before);
    after = left ? await node(sibling, after) : await node(after, sibling);
  }
  return hex(before) === old.root && hex(after) === now.root;
}
