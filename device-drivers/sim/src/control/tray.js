// What lies beside the station, by kind. Which device takes a thing is for the device to say.
import { at, ask } from "/orders.js";
import { canBeTaken, mark } from "/hand.js";

const GROUPS = [
  { title: "工作人员卡", look: "staff", has: (name) => name.startsWith("staff_") },
  { title: "过期、写错", look: "wrong", has: (name) => /expired|bad|wrong/.test(name) },
  { title: "港澳台居民居住证", look: "hmt", has: (name) => name.startsWith("hmt_") },
  { title: "外国人永久居留身份证", look: "foreign", has: (name) => name.startsWith("foreign_") },
  { title: "社会保障卡", look: "social", has: (name) => name.startsWith("social_") },
  { title: "居民身份证", look: "citizen", has: (name, kind) => kind === "card" },
  { title: "其他芯片卡", look: "other", has: (name, kind) => kind === "chip" },
  { title: "材料", look: "sheet", has: (name, kind) => kind === "paper" },
];
const ORDER = ["居民身份证", "港澳台居民居住证", "外国人永久居留身份证", "过期、写错", "社会保障卡", "其他芯片卡",
  "工作人员卡", "材料"];
const things = {};
let codes = [{ text: "不是取件码", title: "不是取件码" }];

/** The thing of this specimen, for a device on which it lies. */
export const thingOf = (specimen) => things[specimen];

const plain = (title) => title.replace("（样本）", "");

export async function fill() {
  const { cards, papers } = await ask("/v1/specimens");
  // Not every devsim has a slot; its cards are then of no use.
  const slot = await fetch("/v1/card-slot/cards");
  const chips = slot.ok ? (await slot.json()).cards : [];
  const all = [[cards, "card"], [chips, "chip"], [papers, "paper"]].flatMap(([list, kind]) =>
    list.map(({ specimen, title }) => {
      const group = GROUPS.find((one) => one.has(specimen, kind));
      return things[specimen] = { name: specimen, kind, title: plain(title), look: group.look, group: group.title };
    }));
  const parts = ORDER.map((title) => [title, all.filter((thing) => thing.group === title)])
    .filter(([, list]) => list.length)
    .map(([title, list]) => part(title, list.map(button)));
  at("tray").replaceChildren(...parts, codePart());
  drawCodes();
  return slot.ok;
}

function part(title, content) {
  const made = document.createElement("section");
  const head = document.createElement("h3");
  head.textContent = title;
  const row = document.createElement("div");
  row.className = "things";
  row.append(...content);
  made.append(head, row);
  return made;
}

function button(thing) {
  const made = document.createElement("button");
  made.className = "thing " + thing.look + (thing.kind === "chip" ? " is-chip" : "");
  const text = document.createElement("span");
  text.textContent = thing.title;
  made.append(text);
  canBeTaken(made, thing);
  made.setAttribute("aria-pressed", "false");
  return made;
}

function codePart() {
  const made = part("码", []);
  made.querySelector(".things").id = "codes";
  const form = document.createElement("form");
  form.innerHTML = '<label for="code">码里的文字</label> <input id="code" autocomplete="off"> <button>做成一张码</button>';
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    addCode(at("code").value, at("code").value);
    at("code").value = "";
  });
  made.append(form);
  return made;
}

/** A code that came to light: typed, or printed on a slip. */
export function addCode(text, title) {
  if (!text || codes.some((code) => code.text === text)) return;
  codes = [{ text, title: title.length > 24 ? title.slice(0, 23) + "…" : title }, ...codes].slice(0, 8);
  drawCodes();
}

function drawCodes() {
  at("codes")?.replaceChildren(...codes.map(({ text, title }) =>
    button({ name: "code:" + text, kind: "code", text, title, look: "code" })));
  mark();
}
