// Orders to the twins. What they answer is handed to whoever shows that device.
const shows = {};
const has = (look) => ({
  reader: look.id_reader, camera: look.camera, locker: look.locker, printer: look.printer,
  scanner: look.scanner, keypad: look.keypad, slot: look.card_slot, room: look.room,
  "page-printer": look.page_printer,
});

export const at = (id) => document.getElementById(id);

/** `show` is called with every new look of the device. */
export function whenSeen(device, show) {
  shows[device] = show;
}

/** A look of everything, of reader and camera, or of one device, as orders answer. */
export function seen(look) {
  let looks = has(look);
  if (look.doors) looks = { locker: look };
  else if (look.cutter) looks = { printer: look };
  else if ("is_wire_cut" in look) looks = { room: look };
  else if ("jack" in look) looks = { keypad: look };
  else if ("n_sheets" in look) looks = { "page-printer": look };
  else if (look.suffix) looks = { scanner: look };
  else if ("n_commands" in look && "card" in look) looks = { slot: look };
  for (const [device, one] of Object.entries(looks)) if (one) shows[device](one);
}

export async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}

/** `body` is a Blob as it is, or anything else as JSON. Says whether it was done. */
export async function order(method, path, body) {
  const isBlob = body instanceof Blob;
  const headers = body ? { "content-type": isBlob ? body.type : "application/json" } : {};
  try {
    const answer = await fetch(path, { method, headers, body: isBlob || !body ? body : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(reason(text));
    complain("");
    seen(JSON.parse(text));
    return true;
  } catch (error) {
    complain("没有做成：" + error.message);
    return false;
  }
}

// A body that is no JSON order is refused in plain text.
function reason(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return text;
  }
}

export function complain(sentence) {
  at("error").textContent = sentence;
}
