// The camera that looks at papers, and what lies under it.
import { at, order, whenSeen } from "/orders.js";
import { addTarget } from "/hand.js";
import { thingOf } from "/tray.js";
import { addPanel, mark, refresh } from "/panel.js";

const PAPER = "/v1/camera/paper";
const PICTURE = "/v1/camera/picture";
const WRONG = {
  card: "镜头下面放材料的纸。证件请放在身份证阅读器上。",
  chip: "镜头下面放材料的纸。芯片卡请插进插卡口。",
  code: "镜头下面放材料的纸。码请拿到扫码器前面。",
};
let look = null;
let drawn = null;
let nLaid = 0;

const titleOf = (paper) => paper === "own_picture" ? "自己的一张图" : thingOf(paper).title;
const lies = () => look?.paper && { name: "under", kind: "paper", title: titleOf(look.paper), look: "sheet", from: "camera" };

whenSeen("camera", (seen) => {
  look = seen;
  mark("camera", { plugged: true, care: "", label: "拍材料的镜头，" + sentence() });
  if (drawn !== look.paper) draw();
  refresh("camera");
});

function draw() {
  drawn = look.paper;
  nLaid += 1;
  at("camera-paper").toggleAttribute("hidden", !drawn);
  if (drawn) at("camera-picture").setAttribute("href", PICTURE + "?" + nLaid);
}

function sentence() {
  return look.paper ? "下面放着：" + titleOf(look.paper) : "下面没有东西";
}

addTarget("camera", {
  lies,
  put: async (thing) => {
    if (thing.kind === "slip") {
      const png = await (await fetch(thing.picture)).blob();
      const isLaid = await order("POST", PICTURE, png);
      if (isLaid) draw();
      return isLaid;
    }
    if (thing.kind !== "paper") return WRONG[thing.kind];
    return order("POST", PAPER, { specimen: thing.name });
  },
  take: () => order("DELETE", PAPER),
});

addPanel("camera", () => ({
  title: "拍材料的镜头",
  now: look ? sentence() + "。" : "",
  groups: look?.paper ? [{ acts: [{ text: "把纸拿走", method: "DELETE", path: PAPER }] }] : [],
}));
