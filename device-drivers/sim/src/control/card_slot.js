"use strict";
// The slot for chip cards on the page of buttons, and the pcscd behind it; hidden where there is none.
{
  const at = (id) => document.getElementById(id);

  window.showCardSlot = (look) => {
    at("card-slot").textContent = (look.card === null ? "插卡口是空的"
      : "插着：" + titles[look.card] + "，听到过 " + look.n_commands + " 条命令")
      + (look.planned.length ? "，等着发生的错误 " + look.planned.length + " 个" : "");
    for (const button of at("chip-cards").children)
      button.setAttribute("aria-pressed", String(button.dataset.specimen === look.card));
  };

  fetch("/v1/card-slot/cards").then(async (answer) => {
    if (!answer.ok) return;
    add(at("chip-cards"), "/v1/card-slot/card", (await answer.json()).cards);
    at("card-slot-part").hidden = false;
    const look = () => order("GET", "/v1/card-slot");
    look();
    setInterval(look, 1000);
  });
}
