// SPDX-License-Identifier: MIT
// The signal of a few octets as it stands on the wire: levels over time, under them the bits and
// above them the octets or code groups. What comes before is encoded too, because NRZI and MLT-3
// depend on it.
import { h, svg } from '../dom';
import { durationText } from '../format';
import {
  encode, LINE_CODE_RULES, LINE_CODE_TITLES, LineCode, PREAMBLE, slice, symbolsOf, Waveform,
} from './line_code';

const SYMBOL = 14; // pixels
const HEIGHT = 96;
const HIGH = 30;
const LOW = 66;
const OCTETS_MAX = 16; // more is no picture any more

const levelY = (level: number): number => LOW + ((HIGH - LOW) * (level + 1)) / 2;

function path(wave: Waveform): string {
  let text = `M0 ${levelY(wave.before)}`;
  wave.levels.forEach((level, i) => {
    text += `V${levelY(level)}H${(i + 1) * SYMBOL}`;
  });
  return text;
}

function drawing(wave: Waveform, description: string): SVGElement {
  const width = wave.levels.length * SYMBOL;
  const middle = (from: number, to: number): number => ((from + to) / 2) * SYMBOL;
  return svg('svg', { viewBox: `-1 0 ${width + 2} ${HEIGHT}`, width: width + 2, height: HEIGHT,
    class: 'waveform', role: 'img', 'aria-label': description },
  ...wave.cells.map((cell) => svg('line', { class: 'wave-cell', x1: cell.to * SYMBOL,
    x2: cell.to * SYMBOL, y1: HIGH - 8, y2: LOW + 8 })),
  ...wave.groups.flatMap((group) => [
    svg('line', { class: 'wave-group', x1: group.to * SYMBOL, x2: group.to * SYMBOL, y1: 4, y2: HEIGHT - 4 }),
    svg('text', { x: middle(group.from, group.to), y: 14, class: 'wave-octet' }, group.label),
  ]),
  svg('path', { class: 'wave-line', d: path(wave) }),
  ...wave.cells.map((cell) => svg('text', { x: middle(cell.from, cell.to), y: HEIGHT - 8 }, cell.label)));
}

// `octets` is the whole frame, [from, to) what to show of it; from -8: the preamble. A symbol takes
// `symbolTime` ns (0: not known).
export function waveformView(
  code: LineCode, octets: ArrayLike<number>, from: number, to: number, symbolTime: number,
): HTMLElement {
  const last = Math.min(to, from + OCTETS_MAX, octets.length);
  const sent = [...PREAMBLE, ...Array.from({ length: Math.max(last, 0) }, (_, i) => octets[i])];
  const range = symbolsOf(code, from + PREAMBLE.length, last + PREAMBLE.length);
  const wave = slice(encode(code, sent), range.from, range.to);
  const signs = wave.levels.map((level) => (level > 0 ? '+' : level < 0 ? '−' : '0')).join(' ');
  const bytes = from < 0 ? 'preamble' : last - from === 1 ? `byte ${from}` : `bytes ${from} to ${last - 1}`;
  const title = LINE_CODE_TITLES[code];
  const time = symbolTime > 0 ? ` One symbol takes ${durationText(symbolTime)}.` : '';
  const cut = to > last && last < octets.length ? ` The first ${last - from} octets of the selection.` : '';
  return h('figure', { class: 'wave' },
    h('figcaption', {}, `${title}, ${bytes}. ${LINE_CODE_RULES[code]} Each octet's least significant bit goes first.${time}${cut}`),
    h('div', { class: 'wave-scroll', tabindex: '0', role: 'region', 'aria-label': 'Waveform' },
      drawing(wave, `${title} levels of ${bytes}: ${signs}`)));
}
