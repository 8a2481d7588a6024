// The room: emergency button, lobby door and mains; lamp, siren and the contact to the guard.
import { at, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { addPanel, cable, mark, refresh, troubles } from "/panel.js";

const ROOM = "/v1/room";
const TROUBLES = [
  ["三次不回答", { kind: "mute", times: 3 }],
  ["晚 400 毫秒回答", { kind: "late", ms: 400 }],
  ["回答是乱码", { kind: "garble" }],
  ["回答只来一半", { kind: "torn" }],
  ["说没有这个继电器", { kind: "refuse", code: 2, on: "heard" }],
];
const RELAYS = [[null, "都会动"], [0, "灯不动"], [1, "警笛不动"], [2, "保安触点不动"]];
let look = null;

whenSeen("room", (seen) => {
  look = seen;
  mark("room", {
    plugged: look.plugged, care: care(), label: "房间，" + sentence(),
  });
  const room = at("room").classList;
  room.toggle("pressed", look.is_pressed);
  room.toggle("ajar", look.is_door_open);
  room.toggle("dark", !look.has_mains);
  room.toggle("lamp-on", look.is_lit);
  room.toggle("siren-on", look.is_siren_on);
  room.toggle("guard-on", look.is_guard_called);
  at("room-button-say").textContent = look.is_wire_cut ? "线断了" : look.is_pressed ? "按下了" : "没按";
  at("room-door-say").textContent = look.is_door_open ? "开着" : "关着";
  at("room-mains-say").textContent = look.has_mains ? "有电" : "停电";
  at("room-lamp-say").textContent = look.is_lit ? "亮" : "灭";
  at("room-siren-say").textContent = look.is_siren_on ? "在响" : "不响";
  at("room-guard-say").textContent = look.is_guard_called ? "在报警" : "没报警";
  refresh("room");
});

function care() {
  if (look.stuck_relay !== null) return "有继电器不动";
  return look.planned.length ? "有安排的错误" : "";
}

function sentence() {
  return (look.plugged ? "线接着" : "线已拔掉") + "，紧急按钮" + (look.is_pressed ? "按下了" : "没按")
    + "，大门" + (look.is_door_open ? "开着" : "关着") + "，" + (look.has_mains ? "有电" : "停电")
    + "；灯" + (look.is_lit ? "亮" : "灭") + "，警笛" + (look.is_siren_on ? "在响" : "不响")
    + "，保安的屏上" + (look.is_guard_called ? "在报警" : "没有报警");
}

addTarget("room", { lies: () => null, put: () => "房间里没有放东西的地方。", take: () => false });

const pair = (title, path, is, yes, no) => ({ title, acts: [
  { text: yes, path: ROOM + path, body: { is: true }, on: is },
  { text: no, path: ROOM + path, body: { is: false }, on: !is },
] });

addPanel("room", () => ({
  title: "房间（按钮、门、电）",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    pair("紧急按钮", "/button", look.is_pressed, "按下", "转一下弹起"),
    pair("按钮的线", "/wire-cut", look.is_wire_cut, "剪断", "接好"),
    pair("大门", "/door", look.is_door_open, "开", "关"),
    pair("市电", "/mains", look.has_mains, "有电", "停电"),
    { title: "继电器", acts: RELAYS.map(([relay, text]) =>
      ({ text, path: ROOM + "/stuck", body: { relay }, on: look.stuck_relay === relay })) },
    { title: "板子", acts: [{ text: "断一下电", path: ROOM + "/power-drop" },
      { text: "线有回声", path: ROOM + "/echo", body: { is: !look.echoes }, on: look.echoes }] },
    troubles(ROOM + "/trouble", look.planned, TROUBLES),
    cable(ROOM, look.plugged),
  ] : [],
}));
