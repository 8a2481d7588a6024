// The cabinet: one door per cell in the picture, hands and faults of a door, and its boards.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { addPanel, cable, isOpen, mark, refresh, svg } from "/panel.js";

const V1 = "/v1/locker";
const COLUMNS = 4;
const AREA = { x: 34, y: 62, width: 462, height: 456 };
const TROUBLES = [
  ["三次不回答", { kind: "mute", times: 3 }],
  ["没听到一次命令", { kind: "deaf" }],
  ["回答晚 0.4 秒", { kind: "late", ms: 400 }],
  ["回答前有乱码", { kind: "noise", n_bytes: 6 }],
  ["校验和错一次", { kind: "bad_checksum" }],
];
let look = null;
let chosen = 1;

export function choose(door) {
  chosen = door;
  for (const one of document.querySelectorAll(".door")) {
    const is = Number(one.dataset.door) === door;
    one.classList.toggle("picked", is);
    one.setAttribute("tabindex", is ? 0 : -1);
  }
}

whenSeen("locker", (seen) => {
  look = seen;
  const open = look.doors.filter((door) => door.is_open).length;
  mark("locker", { plugged: look.plugged });
  at("cabinet").classList.toggle("unplugged", !look.plugged);
  at("say-locker").textContent = look.plugged ? (open ? "开着 " + open + " 个门" : "门都关着") : "已拔掉";
  if (!at("doors").childElementCount) build();
  look.doors.forEach(drawDoor);
  refresh("locker");
});

function build() {
  const rows = Math.ceil(look.doors.length / COLUMNS);
  const width = AREA.width / COLUMNS;
  const height = AREA.height / rows;
  at("doors").replaceChildren(...look.doors.map(({ door }, n) => {
    const x = AREA.x + (n % COLUMNS) * width + 3;
    const y = AREA.y + Math.floor(n / COLUMNS) * height + 3;
    const [w, h] = [width - 6, height - 6];
    const name = "device door" + (isOpen("locker") ? " chosen" : "");
    return svg("g", { class: name, "data-device": "locker", "data-target": "locker", "data-door": door,
      role: "button", tabindex: -1 },
    svg("rect", { class: "frame", x: x - 2, y: y - 2, width: w + 4, height: h + 4, rx: 5 }),
    svg("rect", { class: "cell", x, y, width: w, height: h, rx: 3 }),
    svg("rect", { class: "leaf", x, y, width: w, height: h, rx: 3 }),
    svg("polygon", { class: "swung", points: `${x},${y} ${x + 32},${y + 9} ${x + 32},${y + h + 5} ${x},${y + h}` }),
    svg("circle", { class: "hook", cx: x + w - 11, cy: y + h / 2, r: 4 }),
    svg("text", { class: "door-no", x: x + w / 2, y: y + 29, "text-anchor": "middle" }, String(door)),
    svg("text", { class: "door-note", x: x + w / 2, y: y + h - 12, "text-anchor": "middle" }));
  }));
  choose(chosen);
}

function drawDoor(door, n) {
  const shape = at("doors").children[n];
  const board = look.boards.find((one) => one.board === door.board);
  const notes = wrongOf(door);
  shape.classList.toggle("open", door.is_open);
  shape.classList.toggle("dark", board.power === "off");
  shape.classList.toggle("wrong", notes.length > 0);
  const short = notes.length ? notes[0] + (notes.length > 1 ? "…" : "") : door.is_open ? "开" : board.power === "off" ? "没电" : "";
  shape.querySelector(".door-note").textContent = short;
  shape.setAttribute("aria-label", "第 " + door.door + " 号门，" + [door.is_open ? "开着" : "关着", ...notes].join("，"));
}

function wrongOf(door) {
  const notes = [];
  if (door.jammed) notes.push("卡住");
  if (door.leant_on) notes.push("靠住");
  if (door.sensor) notes.push("总报" + (door.sensor === "open" ? "开" : "关"));
  if (door.crossed_to) notes.push("接到 " + door.crossed_to);
  return notes;
}

addTarget("locker", { put: () => "柜子里放了什么，模拟器不记。空着手按门，可以开关和设故障。" });

document.addEventListener("dblclick", (event) => {
  const door = event.target.closest(".door.open");
  if (door) order("POST", V1 + "/doors/" + door.dataset.door + "/push-shut");
});

// One stop of the tab key for the whole cabinet; arrows go from door to door.
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
  const door = event.target.closest?.(".door");
  if (!step || !door) return;
  event.preventDefault();
  const next = document.querySelector(`.door[data-door="${Number(door.dataset.door) + step}"]`);
  if (!next) return;
  choose(Number(next.dataset.door));
  next.focus();
  refresh("locker");
});

function doorGroups(door) {
  const act = (text, act, on, body) => ({ text, path: V1 + "/doors/" + door.door + "/" + act, body, on });
  const next = door.door === look.doors.length ? 1 : door.door + 1;
  return [
    { title: "第 " + door.door + " 号门：" + [door.is_open ? "开着" : "关着", ...wrongOf(door)].join("，")
      + "，通过电 " + door.n_pulses + " 次", acts: [
      act("关上", "push-shut"), act("拉开", "pull-open"), act("撬开", "force"), act("锁钩断了弹开", "fall-open"),
    ] },
    { title: "有人靠着门", acts: [act("靠住", "lean", door.leant_on), act("松开", "let-go", !door.leant_on)] },
    { title: "门框", acts: [act("卡住", "jam", door.jammed), act("不卡", "unjam", !door.jammed)] },
    { title: "门的感应", acts: [
      act("准的", "free-sensor", !door.sensor),
      act("总报开着", "stick-sensor", door.sensor === "open", { reads: "open" }),
      act("总报关着", "stick-sensor", door.sensor === "shut", { reads: "shut" }),
    ] },
    { title: "锁的线", acts: [
      act("接对", "uncross", !door.crossed_to),
      act("接到 " + next + " 号门", "cross", Boolean(door.crossed_to), { to: next }),
    ] },
  ];
}

function boardGroups(board) {
  const path = V1 + "/boards/" + board.board;
  const n = board.planned.length;
  return [{
    title: "控制板 " + board.board + "（地址 " + board.address + (n ? "，等着发生的错误 " + n + " 个" : "") + "）",
    acts: [
      ...[["有电", "on"], ["没电", "off"]].map(([text, power]) =>
        ({ text, path: path + "/power", body: { power }, on: board.power === power })),
      ...[["不主动上报", "off"], ["上报 81", "81"], ["上报 82", "82"]].map(([text, uploads]) =>
        ({ text, path: path + "/uploads", body: { uploads }, on: board.uploads === uploads })),
      ...[1, 2].map((address) =>
        ({ text: "地址 " + address, path: path + "/address", body: { address }, on: board.address === address })),
      ...TROUBLES.map(([text, body]) => ({ text, path: path + "/trouble", body })),
      ...(n ? [{ text: "取消所有错误", method: "DELETE", path: path + "/trouble" }] : []),
    ],
  }];
}

addPanel("locker", () => ({
  title: "文件柜",
  now: look ? (look.plugged ? "已插上" : "已拔掉") + "，开着的门："
    + (look.doors.filter((door) => door.is_open).map((door) => door.door).join("、") || "没有")
    + "。双击开着的门就关上。" : "",
  groups: look ? [
    ...doorGroups(look.doors.find((door) => door.door === chosen)),
    ...look.boards.flatMap(boardGroups),
    { title: "转换器的回声", acts: [["没有", "off"], ["有", "on"]].map(([text, echo]) =>
      ({ text, path: V1 + "/echo", body: { echo }, on: look.echo === echo })) },
    cable(V1, look.plugged),
  ] : [],
}));
