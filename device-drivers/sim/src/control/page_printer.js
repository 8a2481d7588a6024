// The page printer: its paper, covers, faults and habits, and the newest sheet in its bin.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { addPanel, mark, refresh, troubles } from "/panel.js";

const V1 = "/v1/page-printer";
const SHEETS = V1 + "/sheets";
const LEFT = [["装满纸", 250], ["还有 10 张", 10], ["还有 1 张", 1], ["没有纸", 0]];
const TONER = [["碳粉足", 100], ["碳粉快没了", 5], ["没有碳粉", 0]];
const SWITCHES = [
  ["盖子", "cover", [["合上", "closed"], ["打开", "open"]]],
  ["纸盒", "tray", [["插着", "in"], ["抽出", "out"]]],
  ["电源", "power", [["通电", "on"], ["断电", "off"]]],
  ["网线", "network", [["插上", "plugged"], ["拔掉", "unplugged"], ["连上不答话", "hung"]]],
  ["面板", "panel", [["运行", "running"], ["暂停", "paused"]]],
  ["机芯", "board", [["好的", "working"], ["坏了", "broken"]]],
  ["装的纸", "media", [["A4", "a4"], ["信纸", "letter"], ["不说是什么纸", "unsaid"]]],
  ["认哪些文件", "formats", [["PDF 和图像", "pdf_and_raster"], ["只认 PDF", "pdf_only"], ["只认图像", "raster_only"]]],
  ["怎么报页数", "counting", [["照实报", "honest"], ["不印就报全印了", "claims_all"], ["少印最后一页", "stops_short"],
    ["只报总数", "life_only"], ["什么都不报", "nothing"]]],
  ["取消任务", "cancelling", [["听从", "obeys"], ["不听", "refuses"]]],
  ["忙的时候再来一个", "queueing", [["排队", "queues"], ["拒绝", "refuses_second"]]],
];
const TROUBLES = [
  ["收下文件，不回答", { kind: "cut", on: "print_job" }],
  ["没收文件就断开", { kind: "drop", on: "print_job" }],
  ["收下文件，说忙", { kind: "status", code: 1287, on: "print_job" }],
  ["三次不回答", { kind: "mute", times: 3 }],
  ["三次回答乱码", { kind: "garble", times: 3 }],
  ["回答只来一半", { kind: "truncate" }],
  ["回答晚 3 秒", { kind: "late", ms: 3000 }],
  ["回答一个网页", { kind: "web_page" }],
];
let look = null;

const isThere = () => look.power === "on" && look.network !== "unplugged";
const pictureOf = (no) => SHEETS + "/" + no + ".png";

whenSeen("page-printer", (seen) => {
  const isNew = look?.newest !== seen.newest;
  look = seen;
  mark("page-printer", { plugged: isThere(), care: stops().join("，"), label: "打印机，" + sentence() });
  at("page-printer-say").textContent = look.n_sheets + " 张纸，出纸口 " + look.n_in_bin + " 张";
  if (isNew) at("page-printer-picture").setAttribute("href", look.newest ? pictureOf(look.newest) : "");
  refresh("page-printer");
});

function stops() {
  const all = [];
  if (look.network === "hung") all.push("不答话");
  if (look.board === "broken") all.push("机芯坏了");
  if (look.jammed) all.push("卡纸");
  if (look.cover === "open") all.push("盖子开着");
  if (look.tray === "out") all.push("纸盒抽出");
  else if (look.n_sheets === 0) all.push("没有纸");
  if (look.media === "letter") all.push("不是 A4");
  if (look.toner_percent === 0) all.push("没有碳粉");
  if (look.n_in_bin >= 100) all.push("出纸口满了");
  if (look.panel === "paused") all.push("暂停");
  return all;
}

function jobs() {
  const open = look.jobs.filter((job) => !["canceled", "aborted", "completed"].includes(job.state));
  return open.map((job) => job.name + " 印到 " + job.n_out + "/" + job.n_pages).join("、");
}

function sentence() {
  const all = stops();
  const state = look.power === "off" ? "断电" : look.network === "unplugged" ? "网线拔掉" : all.length ? all.join("、") : "正常";
  return state + "，还有 " + look.n_sheets + " 张纸" + (jobs() ? "，" + jobs() : "") + "，总共印过 " + look.n_ever + " 页";
}

addTarget("page-printer", {
  lies: () => null,
  put: () => "打印机只出纸，不收东西。",
  take: async () => order("DELETE", SHEETS),
});

addPanel("page-printer", () => ({
  title: "打印机（A4）",
  now: look ? sentence() + "。" : "",
  groups: look ? [
    ...(look.newest ? [{ title: "最近出来的一张（第 " + look.newest + " 张）", picture: pictureOf(look.newest), acts: [] }] : []),
    { title: "出纸口", acts: [{ text: "把出来的纸拿走", method: "DELETE", path: SHEETS },
      { text: "放满别人的纸", path: V1 + "/bin", body: { n_sheets: 100 } }] },
    { title: "纸", acts: LEFT.map(([text, n_sheets]) =>
      ({ text, path: V1 + "/paper", body: { n_sheets }, on: look.n_sheets === n_sheets })) },
    { title: "卡纸", acts: [...[1, 2].map((page) =>
      ({ text: "印到第 " + page + " 页时卡住", path: V1 + "/jam", body: { page }, on: look.jams_at === page })),
    { text: "把卡住的纸拿出来", method: "DELETE", path: V1 + "/jam" }] },
    { title: "碳粉", acts: TONER.map(([text, percent]) =>
      ({ text, path: V1 + "/toner", body: { percent }, on: look.toner_percent === percent })) },
    ...SWITCHES.map(([title, what, states]) => ({ title, acts: states.map(([text, state]) =>
      ({ text, path: V1 + "/" + what, body: { [what]: state }, on: look[what] === state })) })),
    { title: "断电以后", acts: [["任务还在", true], ["任务没了", false]].map(([text, keeps]) =>
      ({ text, path: V1 + "/queue-memory", body: { keeps }, on: look.keeps_queue === keeps })) },
    { title: "收不收任务", acts: [["收", true], ["不收", false]].map(([text, accepting]) =>
      ({ text, path: V1 + "/accepting", body: { accepting }, on: look.accepting === accepting })) },
    { title: "别的电脑", acts: [{ text: "打印一份 3 页的", path: V1 + "/stranger", body: { n_pages: 3 } }] },
    troubles(V1 + "/trouble", look.planned, TROUBLES),
  ] : [],
}));
