"use strict";
// The code scanner on the page of buttons: its lamp, and a slip to hold before it.
{
  const at = (id) => document.getElementById(id);

  window.showScanner = (look) => {
    at("scanner").textContent = (look.plugged ? "已插上" : "已拔掉")
      + "，" + (look.is_lit ? "灯亮着" : "灯没亮")
      + "，" + (look.held_len === null ? "前面没有码" : "前面有一个 " + look.held_len + " 字节的码")
      + "，读过 " + look.n_reads + " 次"
      + (look.planned.length ? "，等着发生的错误 " + look.planned.length + " 个" : "");
  };

  at("hold").addEventListener("submit", (event) => {
    event.preventDefault();
    order("POST", "/v1/scanner/slip", JSON.stringify({ code: at("code").value }));
  });

  const look = () => order("GET", "/v1/scanner");
  look();
  setInterval(look, 1000);
}
