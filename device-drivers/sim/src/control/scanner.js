// The code scanner: its lamp, and the code that is held before it.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { addPanel, cable, mark, refresh, svg, troubles } from "/panel.js";

const SLIP = "/v1/scanner/slip";
const TROUBLES = [
  ["码只传来一半", { kind: "torn", on: "code" }],
  ["码分两次传来", { kind: "halves", gap_ms: 400, on: "code" }],
  ["码是乱码", { kind: "garble", on: "code" }],
  ["三次不回答", { kind: "mute", times: 3 }],
];
const MODES = [["command", "听命令才扫"], ["always", "自己一直扫"]];
const SUFFIXES = [["cr", "回车"], ["cr_lf", "回车换行"], ["nothing", "不加"]];
const WRONG = {
  card: "扫码器只看码。证件请放在身份证阅读器上。",
  chip: "扫码器只看码。芯片卡请插进插卡口。",
  paper: "这张材料上没有码。请放在拍材料的镜头下面。",
  slip: "这张凭条上没有码。",
};
// Squares of a code that says nothing: the picture only shows that one is there.
const SQUARES = "1110111 1010001 1110101 0001010 1011010 0100110 1110011";
let look = null;
let drawn = null;

const lies = () => look && look.held_len !== null
  && { name: "held", kind: "code", title: "扫码器前的码", look: "code", from: "scanner" };

whenSeen("scanner", (seen) => {
  look = seen;
  mark("scanner", {
    plugged: look.plugged, care: look.planned.length ? "有安排的错误" : "", label: "扫码器，" + sentence(),
  });
  at("scanner").classList.toggle("lit", look.plugged && look.is_lit);
  if (drawn !== look.held_len) {
    drawn = look.held_len;
    at("scanner-code").replaceChildren(...(drawn === null ? [] : code()));
  }
  refresh("scanner");
});

function code() {
  const squares = SQUARES.split(" ").flatMap((row, y) => [...row].map((bit, x) => bit === "1"
    ? svg("rect", { class: "ink", x: 902 + x * 7, y: 383 + y * 7, width: 7, height: 7 }) : ""));
  return [svg("rect", { class: "paper edge", x: 896, y: 377, width: 61, height: 61, rx: 3 }), ...squares];
}

function sentence() {
  return (look.plugged ? "已插上" : "已拔掉") + "，" + (look.is_lit ? "灯亮着" : "灯没亮")
    + "，" + (look.held_len === null ? "前面没有码" : "前面有一个 " + look.held_len + " 字节的码")
    + "，读过 " + look.n_reads + " 次";
}

addTarget("scanner", {
  lies,
  put: async (thing) => {
    const text = thing.kind === "code" || thing.kind === "slip" ? thing.text : null;
    if (!text) return WRONG[thing.kind];
    return order("POST", SLIP, { code: text });
  },
  take: () => order("DELETE", SLIP),
});

addPanel("scanner", () => ({
  title: "扫码器",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    ...(look.held_len === null ? [] : [{ acts: [{ text: "把码拿开", method: "DELETE", path: SLIP }] }]),
    { title: "什么时候扫", acts: MODES.map(([mode, text]) =>
      ({ text, path: "/v1/scanner/mode", body: { mode }, on: look.mode === mode })) },
    { title: "码后面加", acts: SUFFIXES.map(([suffix, text]) =>
      ({ text, path: "/v1/scanner/suffix", body: { suffix }, on: look.suffix === suffix })) },
    troubles("/v1/scanner/trouble", look.planned, TROUBLES),
    cable("/v1/scanner", look.plugged),
  ] : [],
}));
