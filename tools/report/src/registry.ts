// SPDX-License-Identifier: MIT
// The panels of the report. A new one is a file in panels/ and a line here.
import { Panel } from './panel';

export const PANELS: readonly (() => Panel)[] = [
];
