// The reader for id cards: its picture, its faults, and the card that lies on it.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { thingOf } from "/tray.js";
import { addPanel, cable, cardPicture, mark, refresh, troubles } from "/panel.js";

const CARD = "/v1/id-reader/card";
const MODULE = { healthy: "正常", self_test_failed: "自检失败", not_authorised: "未授权" };
const TROUBLES = [
  ["读到一半证件被拿走", { kind: "lift_mid_read" }],
  ["校验和错一次", { kind: "bad_checksum", on: "read_base" }],
  ["只回半帧", { kind: "half_frame", on: "read_base" }],
  ["回答前有乱码", { kind: "noise", n_bytes: 40 }],
  ["三次不回答", { kind: "mute", times: 3 }],
  ["证件认证失败", { kind: "status", sw3: 50, on: "read_base" }],
  ["不是身份证", { kind: "status", sw3: 64, on: "read_base" }],
];
const WRONG = {
  chip: "这是芯片卡，阅读器读不了。请插进插卡口。",
  paper: "这是纸。请放在拍材料的镜头下面。",
  code: "这是码。请拿到扫码器前面。",
  slip: "这是凭条。请放在镜头下面，或把上面的码拿到扫码器前面。",
};
let look = null;
let drawn = null;

const lies = () => look?.card && { ...thingOf(look.card), from: "reader" };

whenSeen("reader", (seen) => {
  look = seen;
  const care = [];
  if (look.module !== "healthy") care.push("模块" + MODULE[look.module]);
  else if (look.planned.length) care.push("有安排的错误");
  else if (look.was_read) care.push("读过了");
  mark("reader", { plugged: look.plugged, care: care.join("，"), label: "身份证阅读器，" + sentence() });
  if (drawn !== look.card) {
    drawn = look.card;
    at("reader-card").replaceChildren(...(drawn
      ? cardPicture(thingOf(drawn), { x: 573, y: 339, width: 140, height: 86, isChip: false }) : []));
  }
  refresh("reader");
});

function sentence() {
  return (look.plugged ? "已插上" : "已拔掉") + "，模块" + MODULE[look.module]
    + "，" + (look.card ? "上面放着：" + thingOf(look.card).title + (look.was_read ? "（已读过）" : "") : "上面没有证件");
}

addTarget("reader", {
  lies,
  put: async (thing) => {
    if (thing.kind !== "card") return WRONG[thing.kind];
    return order("POST", CARD, { specimen: thing.name });
  },
  take: () => order("DELETE", CARD),
});

addPanel("reader", () => ({
  title: "身份证阅读器",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    ...(look.card ? [{ acts: [{ text: "把证件拿走", method: "DELETE", path: CARD }] }] : []),
    { title: "模块", acts: Object.entries(MODULE).map(([health, text]) =>
      ({ text, path: "/v1/id-reader/module", body: { health }, on: look.module === health })) },
    { title: "模块编号", acts: [[987654321, "原来的"], [123456789, "换过一台"]].map(([number, text]) =>
      ({ text, path: "/v1/id-reader/number", body: { number }, on: look.number === number })) },
    { title: "读过以后", acts: [["after_lift", "要拿开再放"], ["always", "不用拿开"]].map(([found_again, text]) =>
      ({ text, path: "/v1/id-reader/found-again", body: { found_again }, on: look.found_again === found_again })) },
    troubles("/v1/id-reader/trouble", look.planned, TROUBLES),
    cable("/v1/id-reader", look.plugged),
  ] : [],
}));
