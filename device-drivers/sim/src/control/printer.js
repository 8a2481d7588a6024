// The receipt printer: its paper, cover and faults, and the newest slip that came out.
import { ask, at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { addCode } from "/tray.js";
import { addPanel, cable, mark, refresh, troubles } from "/panel.js";

const V1 = "/v1/printer";
const PAPERS = V1 + "/papers";
// In the picture: the strip is so wide for 80 mm, and there is room for so much.
const STRIP_WIDTH = 120;
const STRIP_HEIGHT_MAX = 145;
const ROLL_MM = 50000;
const LEFT = [["换一卷新纸", 50000], ["纸快用完", 1500], ["只剩 6 厘米", 60], ["没有纸", 0]];
const SWITCHES = [
  ["盖子", "cover", [["合上", "closed"], ["打开", "open"]]],
  ["切刀", "cutter", [["能动", "free"], ["卡住", "jammed"]]],
  ["打印头", "head", [["不热", "cool"], ["过热", "hot"]]],
  ["走纸键", "button", [["松开", "released"], ["按住", "held"]]],
  ["电路", "board", [["好的", "working"], ["坏了", "broken"]]],
  ["哪些错误能用命令清掉", "clearing", [["切刀的错误", "cutter_errors"], ["所有停住", "any_stop"]]],
];
const TROUBLES = [
  ["打到 4 厘米时死机", { kind: "die", after_mm: 40 }],
  ["打到 4 厘米时盖子被打开", { kind: "open_cover", after_mm: 40 }],
  ["三次不回答", { kind: "mute", times: 3 }],
  ["回答是乱码", { kind: "garble" }],
  ["回答晚 0.3 秒", { kind: "late", ms: 300 }],
  ["总说一切正常", { kind: "say", byte: 18, on: "status", times: 1000 }],
];
let look = null;
let newest = null;
let slip = null;

const pictureOf = (no) => PAPERS + "/" + no + ".png";
const lies = () => slip;

whenSeen("printer", (seen) => {
  look = seen;
  const care = stops();
  mark("printer", { plugged: look.plugged, care: care.join("，"), label: "凭条打印机，" + sentence() });
  at("say-printer").textContent = "还有 " + metres() + " 米纸";
  const share = Math.min(look.paper_left_mm / ROLL_MM, 1);
  at("printer-roll").setAttribute("r", look.paper_left_mm ? Math.sqrt(100 + 684 * share) : 0);
  at("printer").classList.toggle("cover-open", look.cover === "open");
  if (newest !== look.newest) {
    newest = look.newest;
    cameOut();
  }
  drawStrip();
  refresh("printer");
});

const metres = () => (look.paper_left_mm / 1000).toFixed(2);

function stops() {
  const all = [];
  if (look.dead) all.push("死机");
  if (look.board === "broken") all.push("电路坏了");
  if (look.cutter_error) all.push("切刀报错");
  else if (look.cutter === "jammed") all.push("切刀卡住");
  if (look.cover === "open") all.push("盖子开着");
  if (look.paper_left_mm === 0) all.push("没有纸");
  if (look.head === "hot") all.push("打印头过热");
  if (look.button === "held") all.push("走纸键按着");
  return all;
}

function sentence() {
  const all = stops();
  return (look.plugged ? "已插上" : "已拔掉") + "，还有 " + metres() + " 米纸，" + (all.length ? all.join("、") : "正常")
    + (look.hanging_mm ? "，挂着 " + look.hanging_mm + " 毫米没切的纸" : "");
}

async function cameOut() {
  const no = newest;
  slip = null;
  if (!no) return;
  const papers = await ask(PAPERS);
  const paper = papers.find((one) => one.no === no);
  const text = paper?.entries.map((entry) => entry.code?.text).find(Boolean);
  const picture = new Image();
  picture.src = pictureOf(no);
  await picture.decode();
  if (no !== newest) return;
  const height = picture.naturalHeight * STRIP_WIDTH / picture.naturalWidth;
  slip = { name: "slip", kind: "slip", title: "凭条（第 " + no + " 张）", look: "sheet", text, picture: pictureOf(no),
    from: "printer", height };
  at("printer-picture").setAttribute("href", slip.picture);
  if (text) addCode(text, "凭条上的码：" + text);
  drawStrip();
}

// What hangs uncut hides what lies in the tray.
function drawStrip() {
  const hanging = look.hanging_mm * STRIP_WIDTH / 80;
  const height = Math.min(hanging || slip?.height || 0, STRIP_HEIGHT_MAX);
  at("printer-paper").setAttribute("height", height);
  at("printer-window").setAttribute("height", hanging ? 0 : height);
}

addTarget("printer", {
  lies,
  put: () => "打印机只出纸，不收东西。",
  take: async () => {
    if (look.hanging_mm) await order("POST", V1 + "/tear");
    await order("DELETE", PAPERS);
  },
});

addPanel("printer", () => ({
  title: "凭条打印机",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    ...(look.newest ? [{ title: "最近出来的一张（第 " + look.newest + " 张）", picture: pictureOf(look.newest),
      acts: [{ text: "把出来的纸拿走", method: "DELETE", path: PAPERS }] }] : []),
    ...(look.hanging_mm ? [{ acts: [{ text: "把挂着的纸撕下来", path: V1 + "/tear" }] }] : []),
    { title: "纸", acts: LEFT.map(([text, left_mm]) =>
      ({ text, path: V1 + "/paper", body: { left_mm }, on: look.paper_left_mm === left_mm })) },
    ...SWITCHES.map(([title, what, states]) => ({ title, acts: states.map(([text, state]) =>
      ({ text, path: V1 + "/" + what, body: { [what]: state }, on: look[what] === state })) })),
    troubles(V1 + "/trouble", look.planned, TROUBLES),
    { title: "电源", acts: [{ text: "断电再通电", path: V1 + "/power-cycle" }] },
    cable(V1, look.plugged),
  ] : [],
}));
