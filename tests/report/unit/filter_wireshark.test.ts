// SPDX-License-Identifier: MIT
// The filter language against its model: for runs of several scenarios, every filter must let
// through the packets that tshark lets through in the capture of the same run.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { compile } from '../../../tools/report/src/filter/filter';
import { PacketFields } from '../../../tools/report/src/filter/packet_fields';
import { readReport } from '../report_file';

const strata = process.env.STRATA;
const scenarios = process.env.STRATA_SCENARIOS;
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const hasReports = strata !== undefined
  && (spawnSync(strata, ['run', '--help'], { encoding: 'utf8' }).stdout ?? '').includes('--report');

// By scenario, what its packets tell apart.
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  'loss/fast-retransmit.yaml': [
    'tcp', 'not tcp', 'tcp.flags.syn', 'tcp.flags.syn == 1 && tcp.flags.ack == 0', 'tcp.flags == 0x10',
    'tcp.flags.push == 1 or tcp.flags.fin == 1', 'tcp.len == 1460', 'tcp.hdr_len > 20',
    'tcp.window_size_value < 60000', 'tcp.seq > 1 && tcp.seq <= 5841', 'tcp.ack == 1', 'tcp.ack != 1',
    'tcp.port != 7777', '!(tcp.port == 7777)', 'tcp.dstport in {7770..7780}', 'ip.addr == 10.0.2.0/24',
    'ip.dst != 10.0.1.10', 'ip.ttl == 63', 'ip.flags.df == 1', 'frame.len in {64, 1518}',
  ],
  'routing/fragmentation.yaml': [
    'ip.flags.mf == 1', 'ip.frag_offset > 0', 'ip.frag_offset == 1480', 'udp', 'udp.length > 100', 'ip.len > 600', 'ip.proto == 17',
  ],
  'routing/traceroute.yaml': ['icmp', 'icmp.type == 11', 'icmp.type in {0, 3}', 'icmp.code == 3', 'ip.ttl < 3', 'udp.port == 33434', 'ip.src == 10.0.0.0/8'],
  'link/arp-first.yaml': [
    'arp || icmp', 'arp.opcode == 1', 'arp.src.proto_ipv4 == 10.0.0.1', 'eth.dst == ff:ff:ff:ff:ff:ff',
    'eth.src != ff:ff:ff:ff:ff:ff', 'eth.addr == ff:ff:ff:ff:ff:ff', 'eth.type == 0x806',
  ],
  'transport/connection-refused.yaml': ['tcp.flags.reset == 1', 'tcp.ack == 1'],
};

for (const [file, filters] of Object.entries(FILTERS)) {
  test(`filters let through what tshark lets through: ${file}`, { skip: !hasReports || !scenarios || !hasTshark }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-filter-'));
    try {
      const [report, capture] = [join(folder, 'run.html'), join(folder, 'run.pcapng')];
      const scenario = join(scenarios as string, file);
      execFileSync(strata as string, ['run', scenario, '--report', report], { stdio: 'ignore' });
      writeFileSync(capture, execFileSync(strata as string, ['run', scenario, '--pcap', '-'], { maxBuffer: 1 << 28 }));
      const model = readReport(report);
      const fields = new PacketFields(model);
      for (const text of filters) {
        const filter = compile(text);
        assert.ok(filter.ok, text);
        const ours: number[] = [];
        for (let packet = 0; packet < model.packets.count; packet++) {
          const wasSent = model.hopsOf(packet).length > 0;
          if (wasSent && fields.matches(filter, packet)) ours.push(model.packets.uid[packet]);
        }
        const printed = execFileSync('tshark',
          ['-n', '-r', capture, '-o', 'tcp.relative_sequence_numbers:TRUE', '-o', 'ip.defragment:FALSE', '-Y', text, '-T', 'fields', '-e', 'frame.packet_id'],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
        const theirs = [...new Set(printed.split('\n').filter((line) => line !== '').map(Number))];
        const ascending = (a: number, b: number): number => a - b;
        assert.deepEqual(ours.sort(ascending), theirs.sort(ascending), text);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
