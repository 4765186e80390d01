// SPDX-License-Identifier: MIT
// Tables that change over time, as of one instant: of each key the last change not after it.
import { countUpTo } from '../columns';
import { NONE } from '../data';

export interface Entry {
  readonly row: number; // of the table of changes
  readonly isNew: boolean; // changed at the last instant at which anything in its group changed
}

interface History {
  readonly rows: number[];
  readonly times: number[];
}

export class Latest {
  private readonly groups = new Map<number, Map<string, History>>();
  private readonly changes = new Map<number, number[]>(); // times of all changes of a group

  // `time` ascends. A row belongs to `group` (a device) and there replaces the row before of `key`.
  constructor(
    time: readonly number[], group: (row: number) => number, key: (row: number) => string,
    private readonly isPresent: (row: number) => boolean,
  ) {
    time.forEach((at, row) => {
      const keys = this.groups.get(group(row)) ?? new Map<string, History>();
      this.groups.set(group(row), keys);
      const history = keys.get(key(row)) ?? { rows: [], times: [] };
      keys.set(key(row), history);
      history.rows.push(row);
      history.times.push(at);
      const times = this.changes.get(group(row)) ?? [];
      this.changes.set(group(row), times);
      times.push(at);
    });
  }

  get groupNumbers(): number[] {
    return [...this.groups.keys()].sort((a, b) => a - b);
  }

  // Entries of a group, in order of their keys' first appearance.
  at(group: number, time: number): Entry[] {
    const all = this.changes.get(group) ?? [];
    const count = countUpTo(all, time);
    const last = count === 0 ? NONE : all[count - 1];
    const entries: Entry[] = [];
    for (const { rows, times } of this.groups.get(group)?.values() ?? []) {
      const known = countUpTo(times, time);
      if (known === 0 || !this.isPresent(rows[known - 1])) continue;
      entries.push({ row: rows[known - 1], isNew: times[known - 1] === last });
    }
    return entries;
  }
}
