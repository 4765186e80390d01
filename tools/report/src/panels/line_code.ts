// SPDX-License-Identifier: MIT
// Line codes: octets as signal levels, exactly as stack/physical/line_code.cc sends them (a test
// compares the two). Bits of an octet go least significant first; every symbol has one level.
//
//     bits          0   1   1   0   1
//     NRZ          ___|‾‾‾‾‾‾‾|___|‾‾‾   the level is the bit
//     NRZI         ___|‾‾‾|_______|‾‾‾   1 changes the level, 0 keeps it
//     Manchester   ‾|___|‾|_|‾‾‾|___|‾   0 falls, 1 rises in the middle of the bit
//     4B5B, MLT-3  five symbols for four bits; 1 steps through 0 + 0 - 0 + ..., 0 keeps the level

export type LineCode = 'nrz' | 'nrzi' | 'manchester' | 'mlt3';
export const LINE_CODES: readonly LineCode[] = ['nrz', 'nrzi', 'manchester', 'mlt3'];

export const LINE_CODE_TITLES: Readonly<Record<LineCode, string>> = {
  nrz: 'NRZ',
  nrzi: 'NRZI',
  manchester: 'Manchester',
  mlt3: '4B5B + MLT-3',
};
export const LINE_CODE_RULES: Readonly<Record<LineCode, string>> = {
  nrz: 'The level is the bit: high for 1, low for 0.',
  nrzi: 'A 1 changes the level, a 0 keeps it.',
  manchester: 'Every bit has an edge in its middle: a 1 rises, a 0 falls.',
  mlt3: 'Each four bits become a group of five; a 1 steps the level 0, +, 0, −, a 0 keeps it.',
};

// One drawn cell: the symbols [from, to) and what they stand for: a data bit ("0", "1"), or with
// 4B5B a code bit of a group.
export interface Cell {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

// Several cells with a common name: an octet ("0a"), or with 4B5B a group ("A", "J").
export interface Group {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface Waveform {
  readonly levels: readonly number[]; // -1, 0, +1, one for each symbol
  readonly before: number; // level of the line before the first symbol
  readonly cells: readonly Cell[];
  readonly groups: readonly Group[];
}

export const PREAMBLE: readonly number[] = [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5];

const hex = (octet: number): string => octet.toString(16).padStart(2, '0');
const bitsOf = (octet: number): number[] => Array.from({ length: 8 }, (_, i) => (octet >> i) & 1);

// IEEE 802.3 table 24-1: data groups 0 to F and the groups around a frame.
const DATA_GROUPS: readonly number[] = [
  0b11110, 0b01001, 0b10100, 0b10101, 0b01010, 0b01011, 0b01110, 0b01111,
  0b10010, 0b10011, 0b10110, 0b10111, 0b11010, 0b11011, 0b11100, 0b11101,
];
const IDLE = { bits: 0b11111, label: 'I' };
const BEGIN = [IDLE, { bits: 0b11000, label: 'J' }, { bits: 0b10001, label: 'K' }];
const END = [{ bits: 0b01101, label: 'T' }, { bits: 0b00111, label: 'R' }, IDLE];

const dataGroup = (nibble: number): { bits: number; label: string } => ({
  bits: DATA_GROUPS[nibble],
  label: nibble.toString(16).toUpperCase(),
});

function encodeMlt3(octets: readonly number[]): Waveform {
  // J K stand in place of the first preamble octet (IEEE 802.3 24.2.2.1).
  const data = octets[0] === 0x55 ? octets.slice(1) : octets;
  const sent = [
    ...BEGIN,
    ...data.flatMap((octet) => [dataGroup(octet & 0xf), dataGroup(octet >> 4)]),
    ...END,
  ];
  const levels: number[] = [];
  const cells: Cell[] = [];
  const groups: Group[] = [];
  let level = 0;
  let away = -1; // the level last visited away from zero
  for (const { bits, label } of sent) {
    const from = levels.length;
    for (let i = 4; i >= 0; i--) {
      const bit = (bits >> i) & 1;
      if (bit) {
        if (level === 0) {
          level = away = -away;
        } else {
          level = 0;
        }
      }
      cells.push({ from: levels.length, to: levels.length + 1, label: String(bit) });
      levels.push(level);
    }
    groups.push({ from, to: levels.length, label });
  }
  return { levels, before: 0, cells, groups };
}

function encodeBits(code: 'nrz' | 'nrzi' | 'manchester', octets: readonly number[]): Waveform {
  const levels: number[] = [];
  const cells: Cell[] = [];
  const groups: Group[] = [];
  let level = -1;
  for (const octet of octets) {
    const begin = levels.length;
    for (const bit of bitsOf(octet)) {
      const from = levels.length;
      if (code === 'manchester') {
        levels.push(bit ? -1 : 1, bit ? 1 : -1);
      } else {
        if (code === 'nrz') level = bit ? 1 : -1;
        if (code === 'nrzi' && bit) level = -level;
        levels.push(level);
      }
      cells.push({ from, to: levels.length, label: String(bit) });
    }
    groups.push({ from: begin, to: levels.length, label: hex(octet) });
  }
  return { levels, before: -1, cells, groups };
}

export function encode(code: LineCode, octets: readonly number[]): Waveform {
  return code === 'mlt3' ? encodeMlt3(octets) : encodeBits(code, octets);
}

// The symbols of octets [from, to) of what `encode` was given. Of 4B5B the first octet of a
// preamble is the groups I J K.
export function symbolsOf(code: LineCode, from: number, to: number): { from: number; to: number } {
  if (code === 'mlt3') {
    const at = (octet: number): number => (octet === 0 ? 0 : 15 + (octet - 1) * 10);
    return { from: at(from), to: at(to) };
  }
  const width = code === 'manchester' ? 16 : 8;
  return { from: from * width, to: to * width };
}

// A part of a waveform, its symbols numbered from 0.
export function slice(whole: Waveform, from: number, to: number): Waveform {
  const inside = (c: Cell | Group): boolean => c.from >= from && c.to <= to;
  const shift = <T extends Cell>(c: T): T => ({ ...c, from: c.from - from, to: c.to - from });
  return {
    levels: whole.levels.slice(from, to),
    before: from > 0 ? whole.levels[from - 1] : whole.before,
    cells: whole.cells.filter(inside).map(shift),
    groups: whole.groups.filter(inside).map(shift),
  };
}
