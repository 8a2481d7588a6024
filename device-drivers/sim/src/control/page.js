// Begins the page and asks in turn how the twins stand and what their wires carried.
import { ask, at, complain, seen } from "/orders.js";
import { listen } from "/hand.js";
import { fill } from "/tray.js";
import { open } from "/panel.js";
import { choose } from "/locker.js";
import { noSlot } from "/card_slot.js";
import * as wires from "/wires.js";
import "/reader.js";
import "/camera.js";
import "/scanner.js";
import "/keypad.js";
import "/printer.js";
import "/page_printer.js";
import "/room.js";

const PAUSE_MS = 500;
const LOST = "联系不上模拟器，正在再试。";
let timer = null;
let isAsking = false;
let isTwinsTurn = true;

async function look() {
  timer = null;
  if (document.hidden) return;
  isAsking = true;
  const path = isTwinsTurn ? "/v1/twins" : "/v1/wires";
  try {
    const answer = await ask(path);
    if (isTwinsTurn) seen(answer);
    else wires.show(answer);
    isTwinsTurn = !isTwinsTurn;
    if (at("error").textContent === LOST) complain("");
    document.body.classList.remove("lost");
  } catch (error) {
    console.error(error);
    complain(LOST);
    document.body.classList.add("lost");
  }
  isAsking = false;
  timer = setTimeout(look, PAUSE_MS);
}

// A page that nobody sees asks nothing.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !isAsking && timer === null) timer = setTimeout(look, PAUSE_MS);
});

function press(device) {
  if (device.dataset.door) choose(Number(device.dataset.door));
  open(device.dataset.device);
}

(async () => {
  const hasSlot = await fill();
  if (!hasSlot) noSlot();
  listen(press);
  wires.start();
  open(location.hash.slice(1) || "reader");
  look();
})();
