// SPDX-License-Identifier: MIT
// The panels of the report. A new one is a file in panels/ and a line here.
import { Panel } from './panel';
import { DeviceTables } from './panels/device_tables';
import { EventsPanel } from './panels/events';
import { FilterBox } from './panels/filter_box';
import { Inspector } from './panels/inspector';
import { Ladder } from './panels/ladder';
import { Plots } from './panels/plots';
import { SocketsPanel } from './panels/sockets';
import { StatesPanel } from './panels/states';
import { StreamsPanel } from './panels/streams';
import { SummaryPanel } from './panels/summary';
import { Topology } from './panels/topology';

export const PANELS: readonly (() => Panel)[] = [
  () => new Topology(),
  () => new Ladder(),
  () => new FilterBox(),
  () => new Inspector(),
  () => new Plots(),
  () => new StatesPanel(),
  () => new SocketsPanel(),
  () => new DeviceTables(),
  () => new StreamsPanel(),
  () => new EventsPanel(),
  () => new SummaryPanel(),
];
