// The keypad: its keys, and the jack for earphones.
import { at, order, whenSeen } from "/orders.js";
import { addPanel, cable, mark, refresh, svg, troubles } from "/panel.js";

const PATH = "/v1/keypad";
// Name, words, column and row in the picture.
const KEYS = [
  ["up", "上", 1, 0], ["left", "左", 0, 1], ["select", "确定", 1, 1], ["right", "右", 2, 1], ["down", "下", 1, 2],
  ["help", "求助", 3, 0], ["repeat", "再说一遍", 3, 1], ["louder", "大声", 4, 0], ["softer", "小声", 4, 1],
];
const SIGNS = { up: "▲", left: "◀", select: "●", right: "▶", down: "▼", help: "?", repeat: "↻", louder: "+", softer: "−" };
const TROUBLES = [
  ["听不见三次确认", { kind: "mute", on: "ack", times: 3 }],
  ["按键的帧坏一次", { kind: "garble", on: "key" }],
  ["按键的帧说两遍", { kind: "twice", on: "key" }],
  ["前面有乱码", { kind: "noise", n_bytes: 40 }],
  ["不说话", { kind: "mute", times: 20 }],
];
let look = null;

whenSeen("keypad", (seen) => {
  look = seen;
  mark("keypad", {
    plugged: look.plugged, care: look.planned.length ? "有安排的错误" : "", label: "按键盘，" + sentence(),
  });
  at("keypad-plug").setAttribute("visibility", look.jack ? "visible" : "hidden");
  at("keypad-keys").replaceChildren(...KEYS.map(([key, , x, y]) => picture(key, x, y)));
  refresh("keypad");
});

function picture(key, x, y) {
  const made = svg("g", {},
    svg("rect", { class: look.held.includes(key) ? "pad" : "window", x: 556 + x * 22, y: 232 + y * 18, width: 19, height: 15, rx: 4 }),
    svg("text", { class: "screen-small", x: 565.5 + x * 22, y: 244 + y * 18, "text-anchor": "middle" }, SIGNS[key]));
  made.addEventListener("click", () => order("POST", PATH + "/press", { key }));
  return made;
}

function sentence() {
  return (look.plugged ? "已插上" : "已拔掉") + "，" + (look.jack ? "插着耳机" : "没插耳机") + "，"
    + (look.is_greeted ? "站认得它" : "还没有站来认") + "，被听到 " + look.n_heard + " 次按键"
    + (look.n_lost ? "，丢了 " + look.n_lost + " 次" : "");
}

const isStuck = (key) => look.held.includes(key);

addPanel("keypad", () => ({
  title: "按键盘和耳机口",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    { title: "按一下", acts: KEYS.map(([key, text]) => ({ text, path: PATH + "/press", body: { key } })) },
    { title: "耳机", acts: [
      { text: "插进去", path: PATH + "/jack", on: look.jack },
      { text: "拔出来", path: PATH + "/jack", method: "DELETE", on: !look.jack },
    ] },
    { title: "卡住的键", acts: [["select", "确定"], ["down", "下"]].map(([key, text]) => isStuck(key)
      ? { text: "松开“" + text + "”", path: PATH + "/release", body: { key } }
      : { text: "压住“" + text + "”", path: PATH + "/hold", body: { key } }) },
    { title: "触点", acts: [
      { text: "新的", path: PATH + "/contacts", body: { bounce_ms: 0, debounced: true }, on: !look.bounce_ms },
      { text: "抖 30 毫秒", path: PATH + "/contacts", body: { bounce_ms: 30, debounced: true }, on: look.bounce_ms > 0 && look.debounced },
      { text: "抖，也不去抖", path: PATH + "/contacts", body: { bounce_ms: 30, debounced: false }, on: !look.debounced },
    ] },
    troubles(PATH + "/trouble", look.planned, TROUBLES),
    cable(PATH, look.plugged),
  ] : [],
}));
