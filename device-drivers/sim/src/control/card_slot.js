// The slot for chip cards and the pcscd behind it; not every devsim has one.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { thingOf } from "/tray.js";
import { addPanel, cardPicture, mark, refresh, troubles } from "/panel.js";

const CARD = "/v1/card-slot/card";
const TROUBLES = [
  ["读到一半卡被拔出", { kind: "pull", on: "read_record" }],
  ["卡 6 秒不回应", { kind: "stall", ms: 6000, on: "read_record" }],
  ["回答是乱码", { kind: "garble", on: "read_record" }],
];
const DAEMON = [["重启", "restart"], ["崩溃", "die"], ["再启动", "start"]];
const NONE = "这个模拟器没有接插卡口。启动时加上 --card-slot 和一个文件夹，就会有。";
const WRONG = {
  card: "这张证件没有触点芯片，插卡口读不了。请放在身份证阅读器上。",
  paper: "这是纸。请放在拍材料的镜头下面。",
  code: "这是码。请拿到扫码器前面。",
  slip: "这是凭条。请放在镜头下面，或把上面的码拿到扫码器前面。",
};
let look = null;
let drawn = null;

/** There is no slot. */
export function noSlot() {
  mark("slot", { plugged: false, care: "", label: "插卡口，没有接" });
  at("care-slot").textContent = "没有接";
}

/** Commands that the card heard; `null` without a slot. */
export const nCommands = () => look && (look.n_commands ?? 0);

const lies = () => look?.card && { ...thingOf(look.card), from: "slot" };

whenSeen("slot", (seen) => {
  look = seen.error ? { card: null, n_commands: 0, planned: [], error: seen.error } : seen;
  const care = look.error ? "没有回应" : look.planned.length ? "有安排的错误" : "";
  mark("slot", { plugged: !look.error, care, label: "插卡口，" + sentence() });
  if (look.error) at("care-slot").textContent = care;
  if (drawn !== look.card) {
    drawn = look.card;
    at("slot-card").replaceChildren(...(drawn
      ? cardPicture(thingOf(drawn), { x: 770, y: 354, width: 78, height: 82, isChip: true }) : []));
  }
  refresh("slot");
});

function sentence() {
  if (!look) return NONE;
  if (look.error) return "读卡的程序没有回应：" + look.error;
  return look.card ? "插着：" + thingOf(look.card).title + "，听到过 " + look.n_commands + " 条命令" : "插卡口是空的";
}

addTarget("slot", {
  lies,
  put: async (thing) => {
    if (thing.kind !== "chip") return WRONG[thing.kind];
    if (!look) return NONE;
    return order("POST", CARD, { specimen: thing.name });
  },
  take: () => order("DELETE", CARD),
});

addPanel("slot", () => ({
  title: "插卡口",
  now: sentence() + (look ? "。" : ""),
  groups: look ? [
    ...(look.card ? [{ acts: [{ text: "把卡拔出来", method: "DELETE", path: CARD }] }] : []),
    troubles("/v1/card-slot/trouble", look.planned, TROUBLES),
    { title: "读卡的程序（pcscd）", acts: DAEMON.map(([text, does]) => ({ text, path: "/v1/card-slot/daemon", body: { does } })) },
  ] : [],
}));
