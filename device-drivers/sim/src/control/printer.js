"use strict";
// The receipt printer on the page of buttons: what it is doing, and the last paper as a picture.
{
  const at = (id) => document.getElementById(id);
  let shown = null;

  window.showPrinter = (look) => {
    const stops = [];
    if (look.dead) stops.push("死机");
    if (look.board === "broken") stops.push("电路坏了");
    if (look.cutter_error) stops.push("切刀报错");
    else if (look.cutter === "jammed") stops.push("切刀卡住");
    if (look.cover === "open") stops.push("盖子开着");
    if (look.paper_left_mm === 0) stops.push("没有纸");
    if (look.head === "hot") stops.push("打印头过热");
    if (look.button === "held") stops.push("有人按着走纸键");
    at("printer").textContent = (look.plugged ? "已插上" : "已拔掉")
      + "，还有 " + (look.paper_left_mm / 1000).toFixed(2) + " 米纸"
      + "，" + (stops.length ? stops.join("、") : "正常")
      + (look.hanging_mm ? "，挂着 " + look.hanging_mm + " 毫米没切的纸" : "")
      + (look.planned.length ? "，等着发生的错误 " + look.planned.length + " 个" : "");
    if (look.newest === shown) return;
    shown = look.newest;
    const picture = at("printed");
    picture.hidden = !shown;
    if (shown) picture.src = "/v1/printer/papers/" + shown + ".png";
    at("printed-title").textContent = shown ? "最近出来的一张（第 " + shown + " 张）" : "出纸口没有纸";
  };

  const look = () => order("GET", "/v1/printer");
  look();
  setInterval(look, 1000);
}
