"use strict";
// The cabinet on the page of buttons: one tile per door, then the boards.
{
  const at = (id) => document.getElementById(id);
  const boardButtons = [
    ["断电", "power", { power: "off" }], ["通电", "power", { power: "on" }],
    ["三次不回答", "trouble", { kind: "mute", times: 3 }],
    ["回答晚 0.4 秒", "trouble", { kind: "late", ms: 400 }],
    ["回答前有乱码", "trouble", { kind: "noise", n_bytes: 6 }],
    ["主动上传 82", "uploads", { uploads: "82" }], ["不上传", "uploads", { uploads: "off" }],
    ["地址拨成 1", "address", { address: 1 }], ["地址拨成 2", "address", { address: 2 }],
  ];
  const doorButtons = [
    ["关上", "push-shut"], ["拉开", "pull-open"], ["撬开", "force"], ["靠住", "lean"], ["松开", "let-go"],
    ["卡住", "jam"], ["不卡了", "unjam"],
    ["感应停在开", "stick-sensor", { reads: "open" }], ["感应停在关", "stick-sensor", { reads: "shut" }],
    ["感应恢复", "free-sensor"], ["线接到下一门", "cross"], ["线接回来", "uncross"],
  ];
  let chosen = 1;
  let shown = "";

  function button(text, path, body) {
    const made = document.createElement("button");
    made.textContent = text;
    made.dataset.path = path;
    if (body) made.dataset.body = JSON.stringify(body);
    return made;
  }

  function choose(door) {
    chosen = door;
    at("door-title").textContent = "第 " + door + " 号门";
    at("door-acts").replaceChildren(...doorButtons.map(([text, act, body]) =>
      button(text, "/v1/locker/doors/" + door + "/" + act, act === "cross" ? { to: door + 1 } : body)));
  }

  function note(door) {
    const notes = [];
    if (door.jammed) notes.push("卡");
    if (door.leant_on) notes.push("靠");
    if (door.sensor) notes.push("感应" + (door.sensor === "open" ? "开" : "关"));
    if (door.crossed_to) notes.push("→" + door.crossed_to);
    return notes.length ? "（" + notes.join("，") + "）" : "";
  }

  window.showLocker = (look) => {
    // Drawn anew only when something moved, so that a button keeps the focus.
    const news = JSON.stringify([look.plugged, look.echo, look.doors, look.boards.map((board) =>
      [board.address, board.power, board.uploads, board.planned.length])]);
    if (news === shown) return;
    shown = news;
    at("locker").textContent = (look.plugged ? "已插上" : "已拔掉")
      + (look.echo === "on" ? "，转换器有回声" : "")
      + "，开着的门：" + (look.doors.filter((door) => door.is_open).map((door) => door.door).join("、") || "没有");
    const tiles = look.doors.map((door) => {
      const tile = document.createElement("button");
      tile.textContent = door.door + (door.is_open ? " 开" : " 关") + note(door);
      tile.dataset.door = door.door;
      tile.setAttribute("aria-pressed", door.is_open ? "true" : "false");
      return tile;
    });
    at("doors").replaceChildren(...tiles);
    at("boards").replaceChildren(...look.boards.map((board) => {
      const row = document.createElement("p");
      row.append("控制板 " + board.board + "（地址 " + board.address
        + "，" + (board.power === "on" ? "有电" : "没电")
        + (board.uploads === "off" ? "" : "，主动上传 " + board.uploads)
        + (board.planned.length ? "，等着发生的错误 " + board.planned.length + " 个" : "") + "）");
      row.append(document.createElement("br"));
      row.append(...boardButtons.map(([text, what, body]) =>
        button(text, "/v1/locker/boards/" + board.board + "/" + what, body)));
      return row;
    }));
  };

  document.addEventListener("click", (event) => {
    const tile = event.target.closest("button[data-door]");
    if (tile) choose(Number(tile.dataset.door));
  });
  choose(chosen);
  const look = () => order("GET", "/v1/locker");
  look();
  setInterval(look, 1000);
}
