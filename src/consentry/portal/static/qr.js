// QR codes (ISO/IEC 18004) drawn in the page, for what must not leave it: bytes, versions 1 to 20, error correction M.

const VERSIONS = [
  { check: 10, blocks: 1, align: [] }, { check: 16, blocks: 1, align: [6, 18] }, { check: 26, blocks: 1, align: [6, 22] },
  { check: 18, blocks: 2, align: [6, 26] }, { check: 24, blocks: 2, align: [6, 30] }, { check: 16, blocks: 4, align: [6, 34] },
  { check: 18, blocks: 4, align: [6, 22, 38] }, { check: 22, blocks: 4, align: [6, 24, 42] }, { check: 22, blocks: 5, align: [6, 26, 46] },
  { check: 26, blocks: 5, align: [6, 28, 50] }, { check: 30, blocks: 5, align: [6, 30, 54] }, { check: 22, blocks: 8, align: [6, 32, 58] },
  { check: 22, blocks: 9, align: [6, 34, 62] }, { check: 24, blocks: 9, align: [6, 26, 46, 66] }, { check: 24, blocks: 10, align: [6, 26, 48, 70] },
  { check: 28, blocks: 10, align: [6, 26, 50, 74] }, { check: 28, blocks: 11, align: [6, 30, 54, 78] }, { check: 26, blocks: 13, align: [6, 30, 56, 82] },
  { check: 26, blocks: 14, align: [6, 30, 58, 86] }, { check: 26, blocks: 16, align: [6, 34, 62, 90] },
];
const WORDS = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346, 404, 466, 532, 581, 655, 733, 815, 901, 991, 1085];
const LONG_COUNT = 10;
const PATTERNS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => (x * y) % 2 + (x * y) % 3, (x, y) => ((x * y) % 2 + (x * y) % 3) % 2, (x, y) => ((x + y) % 2 + (x * y) % 3) % 2,
];
const QUIET = 4;

/** Return the modules of the code of `text` as rows of booleans, dark being true. Throws where it is longer than 666 bytes. */
export function modules(text) {
  const bytes = new TextEncoder().encode(text);
  const version = 1 + VERSIONS.findIndex(({ check, blocks }, place) => bytes.length + (place + 1 < LONG_COUNT ? 2 : 3) <= WORDS[place] - check * blocks);
  if (!version) throw new RangeError("too long for a code");
  const words = interleaved(dataWords(bytes, version), version);
  const drawn = PATTERNS.map((_, mask) => matrix(version, words, mask));
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/** Draw the code of `text` into an <svg> that holds one <path>. */
export function draw(svg, text) {
  const rows = modules(text);
  const side = rows.length + 2 * QUIET;
  const cells = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.querySelector("path").setAttribute("d", cells.join(""));
}

/** Return mode, length, text and padding as codewords. */
function dataWords(bytes, version) {
  const room = WORDS[version - 1] - VERSIONS[version - 1].check * VERSIONS[version - 1].blocks;
  const count = (version < LONG_COUNT ? [4, 0] : [12, 8, 4, 0]).map((bits) => (bytes.length >> bits) & 15);
  const nibbles = [4, ...count, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const words = Array.from({ length: nibbles.length / 2 }, (_, place) => (nibbles[2 * place] << 4) | nibbles[2 * place + 1]);
  for (let pad = 0xec; words.length < room; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** Return data and check words in the order in which they are placed: the blocks' first words, their second ones, and so on. */
function interleaved(data, version) {
  const { check, blocks } = VERSIONS[version - 1];
  const short = Math.floor(data.length / blocks);
  const long = data.length % blocks;
  const parts = Array.from({ length: blocks }, (_, block) => {
    const start = block * short + Math.max(0, block - (blocks - long));
    return data.slice(start, start + short + (block >= blocks - long ? 1 : 0));
  });
  return [...columns(parts), ...columns(parts.map((part) => checkWords(part, check)))];
}

function columns(parts) {
  const longest = Math.max(...parts.map((part) => part.length));
  return Array.from({ length: longest }, (_, place) => parts.filter((part) => place < part.length).map((part) => part[place])).flat();
}

/** Multiply in the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1. */
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = ((product << 1) ^ ((product >> 7) * 0x11d)) ^ (((b >> bit) & 1) * a);
  return product;
}

/** Return the Reed-Solomon check words of a block. */
function checkWords(data, degree) {
  let divisor = [1];
  for (let power = 0, root = 1; power < degree; power += 1, root = times(root, 2)) {
    divisor = [...divisor, 0].map((factor, place) => factor ^ times(divisor[place - 1] ?? 0, root));
  }
  const rest = new Array(degree).fill(0);
  for (const word of data) {
    const factor = word ^ rest.shift();
    rest.push(0);
    for (let place = 0; place < degree; place += 1) rest[place] ^= times(divisor[place + 1], factor);
  }
  return rest;
}

function matrix(version, words, mask) {
  const side = 17 + 4 * version;
  const grid = Array.from({ length: side }, () => new Array(side).fill(null));
  finders(grid);
  alignments(grid, VERSIONS[version - 1].align);
  timing(grid);
  formatBits(grid, mask);
  if (version >= 7) versionBits(grid, version);
  place(grid, words, PATTERNS[mask]);
  return grid;
}

function finders(grid) {
  const last = grid.length - 1;
  for (const [left, top] of [[0, 0], [last - 6, 0], [0, last - 6]]) {
    for (let y = -1; y <= 7; y += 1) {
      for (let x = -1; x <= 7; x += 1) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        if (grid[top + y]?.[left + x] !== undefined) grid[top + y][left + x] = ring !== 2 && ring !== 4;
      }
    }
  }
}

function alignments(grid, centres) {
  for (const cy of centres) {
    for (const cx of centres) {
      if (grid[cy][cx] !== null) continue;
      for (let y = -2; y <= 2; y += 1) for (let x = -2; x <= 2; x += 1) grid[cy + y][cx + x] = Math.max(Math.abs(x), Math.abs(y)) !== 1;
    }
  }
}

function timing(grid) {
  for (let at = 8; at < grid.length - 8; at += 1) grid[6][at] = grid[at][6] = at % 2 === 0;
}

/** Return `value` with the check bits of a BCH code whose generator is `divisor` behind it. */
function bch(value, bits, divisor) {
  let rest = value;
  for (let bit = 0; bit < bits; bit += 1) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return (value << bits) | rest;
}

/** Write level M (00) and the mask, twice. */
function formatBits(grid, mask) {
  const last = grid.length - 1;
  const bits = bch(mask, 10, 0x537) ^ 0x5412;
  for (let bit = 0; bit < 15; bit += 1) {
    const dark = Boolean((bits >> bit) & 1);
    const beside = bit < 6 ? bit : bit < 8 ? bit + 1 : null;
    if (beside !== null) grid[beside][8] = dark;
    else grid[8][bit === 8 ? 7 : 14 - bit] = dark;
    if (bit < 8) grid[8][last - bit] = dark;
    else grid[last - 14 + bit][8] = dark;
  }
  grid[last - 7][8] = true;
}

function versionBits(grid, version) {
  const bits = bch(version, 12, 0x1f25);
  for (let bit = 0; bit < 18; bit += 1) {
    const [far, near] = [grid.length - 11 + (bit % 3), Math.floor(bit / 3)];
    grid[near][far] = grid[far][near] = Boolean((bits >> bit) & 1);
  }
}

/** Place the words in pairs of columns from the right, up and down, and mask them. */
function place(grid, words, masked) {
  const side = grid.length;
  const bits = words.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (word >> bit) & 1));
  let next = 0;
  for (let right = side - 1, upward = true; right > 0; right -= right === 8 ? 3 : 2, upward = !upward) {
    const column = right === 6 ? 5 : right;
    for (let step = 0; step < side; step += 1) {
      const y = upward ? side - 1 - step : step;
      for (const x of [column, column - 1]) {
        if (grid[y][x] === null) grid[y][x] = Boolean((bits[next++] ?? 0) ^ (masked(x, y) === 0));
      }
    }
  }
}

/** Return how hard a code is to read: runs, blocks, what looks like a finder, and too much of one shade. */
function penalty(grid) {
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]))].map((line) => line.map((dark) => (dark ? "1" : "0")).join(""));
  const runs = lines.flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? []).reduce((sum, run) => sum + run.length - 2, 0);
  const finderLike = lines.reduce((sum, line) => sum + (line.match(/(?=10111010000|00001011101)/g) ?? []).length, 0);
  const square = (x, y) => grid[y + 1]?.[x + 1] === grid[y][x] && grid[y][x + 1] === grid[y][x] && grid[y + 1][x] === grid[y][x];
  const blocks = grid.reduce((sum, row, y) => sum + row.filter((_, x) => square(x, y)).length, 0);
  const dark = grid.flat().filter(Boolean).length / grid.length ** 2;
  return runs + 3 * blocks + 40 * finderLike + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
