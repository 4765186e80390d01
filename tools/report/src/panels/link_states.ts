// SPDX-License-Identifier: MIT
// What became of links: whether they are up, and the longest datagram they take.
import { LinkStates, NONE } from '../data';

export interface LinkState {
  readonly isUp: boolean;
  readonly mtu: number; // NONE: the one of the scenario
}

// Of every link after all changes up to an instant; links that never changed are not in it.
export function linkStatesAt(changes: LinkStates, time: number): Map<number, LinkState> {
  const states = new Map<number, LinkState>();
  for (let row = 0; row < changes.count && changes.time[row] <= time; row++) {
    const before = states.get(changes.link[row]) ?? { isUp: true, mtu: NONE };
    states.set(changes.link[row], {
      isUp: changes.isUp[row] === NONE ? before.isUp : changes.isUp[row] === 1,
      mtu: changes.mtu[row] === NONE ? before.mtu : changes.mtu[row],
    });
  }
  return states;
}

// "✗ down", "MTU 1400"; '' when nothing is unusual.
export function linkStateText(state: LinkState | undefined): string {
  if (state === undefined) return '';
  return [state.isUp ? '' : '✗ down', state.mtu === NONE ? '' : `MTU ${state.mtu}`].filter(Boolean).join(' · ');
}
