// SPDX-License-Identifier: MIT
// The signs on the buttons that move time, drawn: not every font has them.
import { svg } from './dom';

const SIZE = 16;
const PATHS = {
  start: 'M2 3h2v10H2zM9 3v10L4 8zM14 3v10L9 8z',
  before: 'M4 3h2v10H4zM13 3v10L6 8z',
  play: 'M4 3l9 5-9 5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  next: 'M12 3h-2v10h2zM3 3v10l7-5z',
  end: 'M14 3h-2v10h2zM7 3v10l5-5zM2 3v10l5-5z',
} as const;

export type Icon = keyof typeof PATHS;

export function icon(name: Icon): SVGElement {
  return svg('svg', { viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE, 'aria-hidden': 'true', class: 'drawn' },
    svg('path', { d: PATHS[name], fill: 'currentColor' }));
}
