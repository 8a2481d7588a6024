// What a frame says, in few words, from its first bytes. For reading only: nothing depends on it.
const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, "0");
const starts = (bytes, head) => head.every((byte, n) => bytes[n] === byte);

const READER_HEAD = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
const READER_ORDERS = {
  "10FF": "复位", "11FF": "问状态", "12FF": "问模块编号", 2001: "找证件", 2002: "选证件", 3001: "读文字和照片",
  3010: "读文字、照片和指纹", 3003: "读后加的地址",
};
const READER_ANSWERS = {
  "90": "好", "9F": "有证件", "91": "没有这一项", "10": "校验和不对", "11": "长度不对", "21": "命令不对", "31": "证件不认模块",
  "32": "模块不认证件", "33": "签名不对", "40": "认不出的卡", "41": "没读成", "60": "自检失败", "66": "模块未授权", "80": "没有证件",
  "81": "没选成",
};

function reader(way, bytes) {
  const from = bytes.findIndex((_, n) => starts(bytes.slice(n), READER_HEAD));
  if (from < 0) return "不成帧的字节";
  const noise = from > 0 ? "乱码，然后" : "";
  const body = bytes.slice(from + 7);
  if (way === "said") return noise + "答：" + (READER_ANSWERS[hex(body[2] ?? 0)] ?? "状态 " + hex(body[2] ?? 0));
  const code = hex(body[0] ?? 0) + hex(body[1] ?? 0);
  if (body[0] === 0x60) return "定速率";
  if (body[0] === 0x61) return "定读卡的帧长";
  return READER_ORDERS[code] ?? "命令 " + code;
}

const nBits = (bytes) => bytes.reduce((sum, byte) => sum + [...byte.toString(2)].filter((bit) => bit === "1").length, 0);

function locker(way, bytes) {
  const [head, board, lock, last] = bytes;
  const which = board + " 号板" + (lock ? "第 " + lock + " 把锁" : "");
  if (way === "heard") {
    if (head === 0x8A) return lock ? "开" + which : which + "：全开";
    if (head === 0x80) return "问" + which + (lock ? "" : "的所有锁");
    return "不成帧的字节";
  }
  if (bytes.length === 5 && [0x80, 0x8A, 0x81, 0x82].includes(head) && (last === 0 || last === 0x11)) {
    const is = last === 0x11 ? "接通" : "断开";
    return (head === 0x8A ? "开了" : head === 0x80 ? "答：" : "主动报：") + which + "，触点" + is;
  }
  if (head === 0x80 && bytes.at(-2) === 0x33) return "答：" + board + " 号板，接通的触点 " + nBits(bytes.slice(2, -2)) + " 个";
  return "不成帧的字节";
}

const ASKED = { 1: "整机", 2: "为什么停", 3: "错误", 4: "纸" };
const STATUS = {
  1: [[0x08, "停着"], [0x40, "按着走纸键"]],
  2: [[0x04, "盖子开着"], [0x08, "按着走纸键"], [0x20, "没有纸"], [0x40, "有错误"]],
  3: [[0x08, "切刀"], [0x20, "不能恢复"], [0x40, "过热"]],
  4: [[0x0C, "纸不多"], [0x60, "没有纸"]],
};

function questions(bytes) {
  const kinds = [];
  for (let n = 0; bytes[n] === 0x10 && bytes[n + 1] === 0x04; n += 3) kinds.push(bytes[n + 2]);
  return kinds;
}

function printer(way, bytes, nBytes, question) {
  if (way === "heard") {
    const kinds = questions(bytes);
    if (kinds.length) return "问" + kinds.map((kind) => ASKED[kind] ?? kind).join("、");
    if (starts(bytes, [0x10, 0x05])) return bytes[2] === 2 ? "清空缓冲，离开错误" : "离开错误，接着打";
    if (starts(bytes, [0x1B, 0x40])) return "重新开始" + (nBytes > 8 ? "，打印 " + nBytes + " 字节" : "");
    if (starts(bytes, [0x1D, 0x61])) return "有变化就自己报";
    if (starts(bytes, [0x1D, 0x72])) return "打完前面的再报纸";
    return "打印的内容 " + nBytes + " 字节";
  }
  const kinds = question ? questions(question) : [];
  if (bytes.every((byte) => (byte & 0x93) === 0x12)) {
    const said = bytes.flatMap((byte, n) => (STATUS[kinds[n]] ?? []).filter(([bit]) => byte & bit).map(([, word]) => word));
    const isOut = said.includes("没有纸");
    return "答：" + ([...new Set(said)].filter((word) => !isOut || word !== "纸不多").join("、") || "没有事");
  }
  if (bytes.length === 4 && (bytes[0] & 0x93) === 0x10) return "自己报：" + (noticed(bytes).join("、") || "没有事");
  if (bytes.length === 1 && (bytes[0] & 0x90) === 0) return "前面的打完了" + (bytes[0] & 0x0C ? "，没有纸" : "");
  return "不成帧的字节";
}

function noticed([first, second, third]) {
  const bits = [[first & 0x08, "停着"], [first & 0x20, "盖子开着"], [first & 0x40, "按着走纸键"], [second & 0x08, "切刀"],
    [second & 0x20, "不能恢复"], [second & 0x40, "过热"], [third & 0x03, "纸不多"], [third & 0x0C, "没有纸"]];
  return bits.filter(([is]) => is).map(([, word]) => word);
}

function scanner(way, bytes) {
  if (way === "heard") {
    if (!starts(bytes, [0x7E, 0x00])) return "不成帧的字节";
    if (bytes[2] === 0x07) return "问在不在";
    return bytes[6] ? "开始扫" : "停下";
  }
  if (starts(bytes, [0x02, 0x00])) return bytes[4] ? "答：在，方式 " + hex(bytes[4]) : "答：做了";
  const text = new TextDecoder().decode(new Uint8Array(bytes)).replace(/[\r\n]+$/, "").replaceAll("\uFFFD", "？");
  return "码：" + (text.length > 16 ? text.slice(0, 16) + "…" : text);
}

const RELAY_NAMES = ["灯", "警笛", "保安触点"];
const INPUT_NAMES = ["按钮", "大门", "市电"];
const ROOM_REFUSALS = { 1: "没有这个命令", 2: "没有这个地址", 3: "值不对", 4: "没做成" };

const listed = (bits, names) => names.filter((_, n) => bits & (1 << n)).join("、") || "一个也没有";

function room(way, bytes, nBytes, question) {
  const [, order, third, fourth, fifth] = bytes;
  if (question && way === "said" && bytes.join() === question.join() && order !== 5) return "回声";
  if (order === 5) {
    const what = (RELAY_NAMES[fourth] ?? fourth + " 号继电器") + (fifth ? "合上" : "松开");
    return (way === "heard" ? "让" : "答：听到让") + what;
  }
  if (way === "heard") return order === 1 ? "问继电器" : order === 2 ? "问输入" : "不成帧的字节";
  if (order === 1 && third === 1) return "答：合着的是" + listed(fourth, RELAY_NAMES);
  if (order === 2 && third === 1) return "答：通着的是" + listed(fourth, INPUT_NAMES);
  if (order & 0x80) return "不做：" + (ROOM_REFUSALS[third] ?? third);
  return "不成帧的字节";
}

const KEY_NAMES = ["", "上", "下", "左", "右", "确定", "求助", "再说一遍", "大声", "小声"];

function keypad(way, bytes) {
  const at = bytes.indexOf(0xA5);
  const [, , kind, number, first, high, low] = bytes.slice(Math.max(at, 0));
  if (at < 0 || kind === undefined) return "不成帧的字节";
  const noise = at > 0 ? "乱码，然后" : "";
  if (way === "heard") return kind === 0x01 ? "你好，第 " + number + " 次" : kind === 0x02 ? "听到了第 " + number + " 个键" : "命令 " + hex(kind);
  if (kind === 0x81) return noise + "答：我是谁";
  if (kind === 0x82) return noise + "第 " + number + " 个键：" + (KEY_NAMES[first] ?? hex(first));
  if (kind === 0x83) return noise + (first & 1 ? "耳机插着" : "没插耳机") + (high || low ? "，有键压着" : "");
  return "不成帧的字节";
}

const OF = { id_reader: reader, locker, printer, scanner, room, keypad };

/** `question` is what the device heard just before, as bytes. */
export function meaning(wire, way, bytes, nBytes, question) {
  return OF[wire](way, bytes, nBytes, question);
}
