// What each wire carries: questions of the station and answers of the twins, newest first.
// Equal exchanges one after the other stand in one line, or the asking would hide the rest.
import { at } from "/orders.js";
import { meaning } from "/meanings.js";
import { nCommands } from "/card_slot.js";

const TITLES = { id_reader: "身份证阅读器", locker: "文件柜", printer: "凭条打印机", scanner: "扫码器", room: "房间", keypad: "按键盘" };
// More than the twin keeps, so that a reading can be looked at in peace.
const N_KEPT_MAX = 200;
const N_LINES_MAX = 24;
const kept = {};
let isHeld = false;

export function start() {
  at("wires-hold").addEventListener("click", () => {
    isHeld = !isHeld;
    at("wires-hold").setAttribute("aria-pressed", String(isHeld));
  });
  at("wire-list").append(...Object.entries(TITLES).map(([wire, title]) => box(wire, title)), box("slot", "插卡口"));
}

function box(id, title) {
  const made = document.createElement("section");
  made.innerHTML = "<h3></h3><ol></ol>";
  made.querySelector("h3").textContent = title;
  made.querySelector("ol").append(quiet("还没有字节走过。"));
  made.id = "wire-" + id;
  return made;
}

export function show(wires) {
  if (isHeld) return;
  for (const [wire, frames] of Object.entries(wires)) {
    const one = kept[wire] ??= { frames: new Map(), drawn: "" };
    for (const frame of frames) one.frames.set(frame.no, frame);
    for (const no of one.frames.keys()) if (one.frames.size > N_KEPT_MAX) one.frames.delete(no);
    const newest = frames.at(-1);
    const news = newest ? newest.no + "/" + newest.n_bytes : "none";
    if (one.drawn === news) continue;
    one.drawn = news;
    draw(wire, exchanges(wire, [...one.frames.values()]));
  }
  const n = nCommands();
  at("wire-slot").querySelector("ol").replaceChildren(quiet(n === null ? "没有接。"
    : "这里走的是 PC/SC，不是串口。插着的卡听到过 " + n + " 条命令。"));
}

const bytesOf = (frame) => frame.hex.split(" ").map((byte) => parseInt(byte, 16));

function exchanges(wire, frames) {
  const all = [];
  for (const frame of frames) {
    if (frame.way === "heard" || !all.length) all.push([]);
    all.at(-1).push(frame);
  }
  const lines = [];
  for (const exchange of all) {
    const same = exchange.map((frame) => frame.way + frame.n_bytes + frame.hex).join("|");
    // Two boards are asked in turn: the last two lines are looked at.
    const at = lines.findLastIndex((line, n) => line.same === same && n >= lines.length - 2);
    const times = at < 0 ? 0 : lines.splice(at, 1)[0].times;
    lines.push({ same, exchange, times: times + 1 });
  }
  return lines.slice(-N_LINES_MAX).reverse();
}

function draw(wire, lines) {
  const rows = lines.flatMap(({ exchange, times }) => {
    const question = exchange[0].way === "heard" ? bytesOf(exchange[0]) : null;
    return exchange.map((frame, n) => row(wire, frame, question, n === 0 ? times : 1));
  });
  at("wire-" + wire).querySelector("ol").replaceChildren(...rows);
}

function row(wire, frame, question, times) {
  const made = document.createElement("li");
  made.className = frame.way;
  const bytes = bytesOf(frame);
  const isCut = frame.n_bytes > bytes.length;
  const parts = [
    ["time", (frame.at_ms / 1000).toFixed(2)],
    ["way", frame.way === "heard" ? "站→" : "←答"],
    ["means", meaning(wire, frame.way, bytes, frame.n_bytes, question) + (times > 1 ? "　×" + times : "")],
    ["hex", frame.hex + (isCut ? " … 共 " + frame.n_bytes + " 字节" : "")],
  ];
  made.append(...parts.map(([name, text]) => {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    return part;
  }));
  made.title = frame.hex;
  return made;
}

function quiet(text) {
  const made = document.createElement("li");
  made.className = "quiet";
  made.textContent = text;
  return made;
}
