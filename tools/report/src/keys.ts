// SPDX-License-Identifier: MIT
// Keys that work everywhere in the page, except while something is typed.
import { PlayerBar } from './player_bar';
import { Store } from './store';

export const KEYS: readonly (readonly [string, string])[] = [
  ['← →', 'event before, next event'],
  ['Shift ← →', 'the same, of this conversation'],
  ['Space', 'play, pause'],
  ['[  ]', 'slower, faster'],
  ['Home  End', 'start, end of the run'],
  ['g', 'go to an instant: 47.6, 1.2 s'],
  ['/', 'filter'],
  ['Tab, ↑ ↓, Enter', 'move into a panel, between its rows, select'],
  ['Esc', 'select nothing'],
  ['?', 'this help'],
];

function isTyped(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.matches('input:not([type=range]), textarea, select, [contenteditable]');
}

// While `root` is in the page.
export function listenToKeys(root: HTMLElement, store: Store, bar: PlayerBar, toggleHelp: () => void): void {
  const actions: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowRight: (event) => bar.player.step(1, event.shiftKey),
    ArrowLeft: (event) => bar.player.step(-1, event.shiftKey),
    ' ': () => bar.player.toggle(),
    '[': () => bar.player.faster(-1),
    ']': () => bar.player.faster(1),
    Home: () => bar.player.toStart(),
    End: () => bar.player.toEnd(),
    g: () => bar.focusClock(),
    '/': () => document.querySelector<HTMLInputElement>('.toolbar input')?.focus(),
    Escape: () => store.select({}),
    '?': () => toggleHelp(),
  };
  document.addEventListener('keydown', (event) => {
    if (!root.isConnected) return;
    // A dialog has the keys to itself; it closes with Esc.
    if (document.querySelector('dialog[open]') && event.key !== '?') return;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isTyped(event)) {
      if (event.key === 'Escape') (event.target as HTMLElement).blur();
      return;
    }
    // A button that has the focus keeps its own space bar, a grid its Home and End.
    const target = event.target as HTMLElement;
    if (event.key === ' ' && target.matches('button, summary, a, [role=row]')) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
