"use strict";
// Shows the state of the twins and sends one order per button.
const titles = {};
const at = (id) => document.getElementById(id);

function show(state) {
  const reader = state.id_reader;
  const module = { healthy: "正常", self_test_failed: "自检失败", not_authorised: "未授权" };
  at("reader").textContent = (reader.plugged ? "已插上" : "已拔掉")
    + "，模块" + module[reader.module]
    + "，" + (reader.card ? "上面放着：" + titles[reader.card] : "上面没有证件")
    + (reader.was_read ? "（已读过）" : "");
  at("plan").textContent = reader.planned.length ? "等着发生的错误：" + reader.planned.length + " 个" : "没有安排错误";
  at("camera").textContent = state.camera.paper ? "下面放着：" + titles[state.camera.paper] : "下面没有东西";
  for (const button of document.querySelectorAll("#cards button, #papers button")) {
    const lies = button.dataset.specimen === reader.card || button.dataset.specimen === state.camera.paper;
    button.setAttribute("aria-pressed", lies ? "true" : "false");
  }
}

async function order(method, path, body) {
  try {
    const headers = body ? { "content-type": "application/json" } : {};
    const answer = await fetch(path, { method, headers, body });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    at("error").textContent = "";
    if (said.doors) window.showLocker(said);
    else if (said.cutter) window.showPrinter(said);
    else if (said.suffix) window.showScanner(said);
    else if ("n_commands" in said && "card" in said) window.showCardSlot(said);
    else show(said);
  } catch (error) {
    at("error").textContent = "没有做成：" + error.message;
  }
}

function add(list, path, specimens) {
  for (const { specimen, title } of specimens) {
    titles[specimen] = title;
    const button = document.createElement("button");
    button.textContent = title;
    button.dataset.specimen = specimen;
    button.dataset.path = path;
    button.dataset.body = JSON.stringify({ specimen });
    list.append(button);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-path]");
  if (button) order(button.dataset.method || "POST", button.dataset.path, button.dataset.body);
});

(async () => {
  const all = await (await fetch("/v1/specimens")).json();
  add(at("cards"), "/v1/id-reader/card", all.cards);
  add(at("papers"), "/v1/camera/paper", all.papers);
  const look = () => order("GET", "/v1/state");
  look();
  setInterval(look, 1000);
})();
