// SPDX-License-Identifier: MIT
// A panel: one view of the run in the page. It is made once; mount() draws it the first time it is
// in sight, update() is called whenever something it shows may have changed and it is in sight.
import { Model } from './data';
import { Change, Store } from './store';

// Where in the layout it stands. Panels of one place share it as tabs, in order of the registry.
export type Place =
  | 'toolbar' // in the header: the filter box; no tabs
  | 'compare' // full width above all: two runs side by side
  | 'stage' // full width on top: the topology
  | 'left' // the ladder
  | 'middle' // the inspector
  | 'right' // plots
  | 'bottom'; // tables and timelines

export interface Panel {
  readonly id: string; // "ladder"; unique, part of the address
  readonly title: string; // of its tab
  readonly help: string; // one sentence for somebody who has never seen a packet
  readonly place: Place;
  // Whether the run has anything to show here: the first panel of a place that has is opened.
  isWorth?(model: Model): boolean;
  // `root` is empty and has the size of the panel; watch it with a ResizeObserver.
  mount(root: HTMLElement, model: Model, store: Store): void;
  update(change: Change): void;
}
