// The switches and faults of the device that was pressed. The devices say what there is.
import { at, order } from "/orders.js";

const panels = {};
let shown = null;
let drawn = "";

/** `describe()` gives `{ title, now, groups: [{ title, picture, acts: [{ text, path, method, body, on }] }] }`. */
export function addPanel(device, describe) {
  panels[device] = describe;
}

export function open(device) {
  shown = panels[device] ? device : "reader";
  drawn = "";
  for (const one of document.querySelectorAll("svg [data-device]"))
    one.classList.toggle("chosen", one.dataset.device === shown);
  draw();
}

export const isOpen = (device) => device === shown;

/** Draws the panel if it is the one of this device. */
export function refresh(device) {
  if (device === shown) draw();
}

function draw() {
  const { title, now, groups } = panels[shown]();
  at("panel-title").textContent = title;
  at("panel-now").textContent = now;
  const news = JSON.stringify(groups);
  if (news === drawn) return;
  drawn = news;
  // Buttons are made anew; the focus stays where it was.
  const focus = document.activeElement?.closest("#panel button")?.textContent;
  at("panel-acts").replaceChildren(...groups.map(group));
  if (focus) [...at("panel-acts").querySelectorAll("button")].find((one) => one.textContent === focus)?.focus();
}

function group({ title, picture, acts }) {
  const made = document.createElement("section");
  // A short switch stands in one line with its name.
  made.classList.toggle("switch", title?.length < 6 && acts.length < 4 && acts.every((act) => act.on !== undefined));
  if (title) {
    const head = document.createElement("h3");
    head.textContent = title;
    made.append(head);
  }
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = title;
    made.append(image);
  }
  made.append(...acts.map(({ text, method, path, body, on }) => {
    const button = document.createElement("button");
    button.textContent = text;
    if (on !== undefined) button.setAttribute("aria-pressed", String(on));
    button.addEventListener("click", () => order(method ?? "POST", path, body));
    return button;
  }));
  return made;
}

/** A cable that is in or out. */
export const cable = (path, plugged) => ({ title: "插头", acts: [
  { text: "插上", path: path + "/plug", on: plugged }, { text: "拔掉", path: path + "/unplug", on: !plugged },
] });

/** Troubles that wait for an answer of the twin, and how many wait. */
export const troubles = (path, planned, list) => ({
  title: "安排一次错误" + (planned.length ? "（等着发生的有 " + planned.length + " 个）" : ""),
  acts: [...list.map(([text, body]) => ({ text, path, body })),
    ...(planned.length ? [{ text: "取消所有错误", method: "DELETE", path }] : [])],
});

/** Lamp, faint picture when unplugged, and a word of care in the picture. */
export function mark(device, { plugged, care, label }) {
  const lamp = at("lamp-" + device);
  lamp?.setAttribute("class", "lamp " + (plugged ? "on" : "off"));
  const group = at(device);
  group?.classList.toggle("unplugged", !plugged);
  group?.setAttribute("aria-label", label);
  const word = at("care-" + device);
  if (word) word.textContent = plugged ? care : "已拔掉";
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A card in the picture: its colour, a chip or a face, and its title in at most two lines. */
export function cardPicture(thing, { x, y, width, height, isChip }) {
  const parts = [svg("rect", { class: "card " + thing.look, x, y, width, height, rx: 7 })];
  if (isChip) parts.push(svg("rect", { class: "chip", x: x + 10, y: y + 8, width: 20, height: 15, rx: 3 }));
  else parts.push(svg("path", { class: "face",
    d: `M${x + width - 34} ${y + height - 12}a13 15 0 0 1 26 0zM${x + width - 21} ${y + height - 46}a9 10 0 1 1-.1 0z` }));
  const lines = twoLines(thing.title, isChip ? 5 : 8);
  lines.forEach((line, n) => {
    const top = isChip ? y + 38 : y + 24;
    parts.push(svg("text", { class: "card-text", x: x + 8, y: top + n * 17 }, line));
  });
  return parts;
}

function twoLines(title, nLetters) {
  const comma = title.indexOf("，");
  const at = comma > 0 && comma <= nLetters ? comma : nLetters;
  const rest = title.slice(at).replace(/^，/, "");
  return [title.slice(0, at), rest.length > nLetters ? rest.slice(0, nLetters - 1) + "…" : rest];
}
