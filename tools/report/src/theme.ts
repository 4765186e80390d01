// SPDX-License-Identifier: MIT
// Light or dark: as the system says, until somebody chooses. Colours are custom properties of
// styles.css; canvases ask for them here.
import { Store } from './store';

export function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function toggleTheme(store: Store): void {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  store.announceLayout();
}

export function watchTheme(store: Store): void {
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(query).addEventListener('change', () => store.announceLayout());
  }
}

// The value of a custom property: color('--drop').
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function prefersReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
