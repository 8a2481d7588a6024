// The hand: takes a card, a paper or a code and puts it down, by dragging or by two presses.
// What fits where is decided by the devices.
import { at, complain } from "/orders.js";

const FAR_PX = 6;
const targets = {};
const things = new Map();
let held = null;
let drag = null;
let justDragged = false;

/** `put(thing)` says whether it was done, or in a sentence why the thing does not fit; `lies()` is
 *  what lies there now; `take()` takes it away. */
export function addTarget(name, target) {
  targets[name] = target;
}

/** Makes an element something that can be taken. */
export function canBeTaken(element, thing) {
  things.set(thing.name, thing);
  element.dataset.thing = thing.name;
}

/** `press` is called when a device is pressed with an empty hand. */
export function listen(press) {
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", stop);
  document.addEventListener("click", (event) => {
    if (justDragged) justDragged = false;
    else click(event.target, press);
  });
  document.addEventListener("keydown", (event) => {
    const device = event.target.closest?.("svg [role=button]");
    if (event.key === "Escape") hold(null);
    else if (device && (event.key === "Enter" || event.key === " ")) click(device, press);
    else if (device && (event.key === "Delete" || event.key === "Backspace")) takeAway(device.dataset.target);
    else return;
    event.preventDefault();
  });
  at("put-back").addEventListener("click", () => hold(null));
}

function click(element, press) {
  const taken = element.closest("[data-thing]");
  const device = element.closest("[data-device]");
  if (taken) {
    const thing = things.get(taken.dataset.thing);
    hold(thing === held ? null : thing);
  } else if (device && held) {
    putHeld(device.dataset.target);
  } else if (device) {
    press(device);
  }
}

function hold(thing) {
  held = thing;
  say(thing ? "手里拿着：" + thing.title + "。再按一下要放的设备；按 Esc 放下。" : "");
  at("put-back").hidden = !thing;
  document.body.classList.toggle("holding", Boolean(thing));
  mark();
}

/** Shows again which thing is in the hand, after a list was drawn anew. */
export function mark() {
  for (const one of document.querySelectorAll("[data-thing]"))
    one.setAttribute("aria-pressed", String(Boolean(held) && one.dataset.thing === held.name));
}

export function say(sentence) {
  at("hand").textContent = sentence;
}

// What does not fit stays in the hand: the next press may be the right one.
async function putHeld(name) {
  const thing = held;
  hold(null);
  if (await put(thing, name)) return;
  const objection = at("hand").textContent;
  hold(thing);
  if (objection) say(objection);
}

async function put(thing, name) {
  if (thing.from === name) return true;
  complain("");
  say("");
  const done = await targets[name].put(thing);
  if (done !== true) {
    say(done || "");
    return false;
  }
  // A slip is copied: the paper stays in the printer.
  if (thing.from && thing.from !== "printer") await targets[thing.from].take();
  say("放好了：" + thing.title);
  return true;
}

async function takeAway(name) {
  const thing = targets[name]?.lies?.();
  if (!thing) return;
  hold(null);
  await targets[name].take();
  say("拿走了：" + thing.title);
}

function begin(event) {
  if (event.button !== 0) return;
  justDragged = false;
  const element = event.target.closest("[data-thing], [data-lies]");
  if (!element) return;
  const from = element.dataset.lies;
  const thing = from ? targets[from].lies() : things.get(element.dataset.thing);
  if (thing) drag = { thing, element, x: event.clientX, y: event.clientY, ghost: null };
}

function move(event) {
  if (!drag) return;
  const isFar = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > FAR_PX;
  if (!drag.ghost && !isFar) return;
  if (!drag.ghost) {
    hold(null);
    drag.ghost = document.createElement("div");
    drag.ghost.className = "ghost " + (drag.thing.look ?? "");
    drag.ghost.textContent = drag.thing.title;
    document.body.append(drag.ghost);
    document.body.classList.add("dragging");
  }
  drag.ghost.style.transform = `translate(${event.clientX}px, ${event.clientY}px) translate(-50%, -50%)`;
  const over = targetUnder(event);
  for (const one of document.querySelectorAll(".over")) if (one !== over) one.classList.remove("over");
  over?.classList.add("over");
}

async function end(event) {
  if (!drag) return;
  const { thing, ghost } = drag;
  const target = targetUnder(event);
  stop();
  if (!ghost) return;
  justDragged = true;
  if (target) await put(thing, target.dataset.target);
  else if (thing.from) takeAway(thing.from);
}

function stop() {
  drag?.ghost?.remove();
  drag = null;
  document.body.classList.remove("dragging");
  for (const one of document.querySelectorAll(".over")) one.classList.remove("over");
}

function targetUnder(event) {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-target]");
}
