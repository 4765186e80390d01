// SPDX-License-Identifier: MIT
// Rows of the tables that belong to one side of one flow, ascending in time: found once, asked often.
import { countUpTo } from './columns';
import { Model, NONE } from './data';

export type FlowTableName =
  | 'variables' | 'rttSamples' | 'states' | 'timers' | 'segmentsSent' | 'segmentsReceived'
  | 'sackBlocks' | 'transfers';

export type Side = 0 | 1; // opener, responder
export const SIDES: readonly Side[] = [0, 1];

interface Rows {
  readonly rows: readonly number[];
  readonly times: readonly number[];
}
const NO_ROWS: Rows = { rows: [], times: [] };

export class FlowRows {
  private readonly tables = new Map<FlowTableName, Map<number, Rows>>();

  private constructor(private readonly model: Model) {}

  // One for each model.
  static of(model: Model): FlowRows {
    let made = FlowRows.made.get(model);
    if (!made) FlowRows.made.set(model, (made = new FlowRows(model)));
    return made;
  }
  private static readonly made = new WeakMap<Model, FlowRows>();

  // Rows of the table, ascending in time.
  rows(table: FlowTableName, flow: number, side: Side): readonly number[] {
    return this.find(table, flow, side).rows;
  }
  // The last row not after `time`; NONE: there is none yet.
  lastUpTo(table: FlowTableName, flow: number, side: Side, time: number): number {
    const { rows, times } = this.find(table, flow, side);
    const count = countUpTo(times, time);
    return count === 0 ? NONE : rows[count - 1];
  }

  private find(table: FlowTableName, flow: number, side: Side): Rows {
    let all = this.tables.get(table);
    if (!all) this.tables.set(table, (all = this.sort(table)));
    return all.get(flow * 2 + side) ?? NO_ROWS;
  }
  private sort(table: FlowTableName): Map<number, Rows> {
    const columns = this.model.tables[table];
    const sorted = new Map<number, { rows: number[]; times: number[] }>();
    for (let row = 0; row < columns.count; row++) {
      const key = columns.flow[row] * 2 + columns.side[row];
      let entry = sorted.get(key);
      if (!entry) sorted.set(key, (entry = { rows: [], times: [] }));
      entry.rows.push(row);
      entry.times.push(columns.time[row]);
    }
    return sorted;
  }
}

// Why a segment was sent again: '' when it was not.
export function repeatCause(cause: string): string {
  return cause === 'none' ? '' : cause;
}
