// SPDX-License-Identifier: MIT
// The ladder shows the rows of the recording, all of them and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { closeBrowser, openReport, scenario, scratch, settle, strata } from './report.mjs';

after(closeBrowser);

// Every row of the virtualised ladder, gathered by scrolling through it.
export async function rowsOf(page) {
  const rows = new Map();
  const ladder = page.locator('.ladder');
  const { height, room } = await ladder.evaluate((grid) => ({ height: grid.scrollHeight, room: grid.clientHeight }));
  for (let top = 0; top < height; top += room * 0.8) {
    await ladder.evaluate((grid, to) => { grid.scrollTop = to; }, top);
    await settle(page);
    for (const row of await page.locator('.ladder-row[data-uid]').evaluateAll((found) => found.map((row) => ({
      uid: Number(row.dataset.uid),
      label: row.querySelector('.ladder-text').textContent.replace(/^↯ /, ''),
      sent: row.querySelector('.ladder-clock').textContent,
      isLost: row.querySelector('.ladder-fate') !== null,
      at: Number(row.getAttribute('aria-rowindex')),
    })))) rows.set(row.uid, row);
  }
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

for (const name of ['loss/fast-retransmit.yaml', 'loss/duplicate.yaml', 'link/switch-learning.yaml', 'routing/fragmentation.yaml']) {
  test(`the rows of ${name} are those of strata show ladder --json`, async () => {
    // With one conversation the command shows its packets only; so does the page when asked.
    const { rows, flow } = JSON.parse(strata('show', scenario(name), 'ladder', '--json'));
    const report = await openReport(scenario(name), { hash: flow ? `#flow=${flow.number}` : '' });
    const shown = await rowsOf(report.page);
    const uids = (list) => list.map((row) => row.uid).sort((a, b) => a - b);
    assert.deepEqual(uids(shown), uids(rows));
    const wanted = new Map(rows.map((row) => [row.uid, row]));
    for (const row of shown) assert.equal(row.label, wanted.get(row.uid).label, `#${row.uid}`);
    await report.close();
  });
}

const hasTshark = (() => {
  try {
    execFileSync('tshark', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    assert.notEqual(process.env.STRATA_REQUIRE_TOOLS, '1', 'tshark is wanted here');
    return false;
  }
})();

test('the rows of the ladder are what tshark reads in the captures of the hosts', { skip: !hasTshark && 'no tshark' }, async () => {
  const name = 'loss/fast-retransmit.yaml';
  const folder = scratch('captures');
  strata('run', scenario(name), '--quiet', '--pcap', folder);
  // What either host sent, in its own capture: a capture of the other end misses what was lost.
  const read = readdirSync(folder).filter((file) => /^(client|server)/.test(file)).flatMap((file) =>
    execFileSync('tshark', ['-r', join(folder, file), '-Y', 'tcp && frame.packet_flags_direction == 2', '-T', 'fields',
      '-e', 'frame.packet_id', '-e', 'frame.time_epoch', '-e', 'tcp.seq', '-e', 'tcp.len'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim().split('\n').map((line) => {
        const [uid, time, seq, length] = line.split('\t').map(Number);
        return { uid, sent: (Math.floor(time * 1e6 + 1e-3) / 1e3).toFixed(3), seq, length };
      }));
  const report = await openReport(scenario(name), { hash: '#flow=1' });
  const shown = await rowsOf(report.page);
  const byUid = (rows) => rows.sort((a, b) => a.uid - b.uid).map(({ uid, sent }) => `#${uid} ${sent}`);
  assert.deepEqual(byUid(shown), byUid(read));
  for (const { uid, seq, length } of read.filter((frame) => frame.length > 0)) {
    assert.match(shown.find((row) => row.uid === uid).label, new RegExp(` ${seq}:${seq + length}`), `#${uid}`);
  }
  await report.close();
});

test('a packet that is selected leads to what it repeats and what provoked it', async () => {
  const report = await openReport(scenario('loss/fast-retransmit.yaml'));
  const { page } = report;
  const again = (await rowsOf(page)).find((row) => row.label.startsWith('RETX'));
  await page.locator('.ladder').evaluate((grid, index) => { grid.scrollTop = (index - 4) * 30; }, again.at);
  await settle(page);
  await page.locator(`.ladder-row[data-uid="${again.uid}"]`).click();
  await settle(page);
  assert.equal(await page.locator('.ladder-row.is-chosen').getAttribute('data-uid'), String(again.uid));
  assert.ok((await page.locator('.ladder-row.is-related').count()) >= 1);
  const story = page.locator('.story');
  assert.match(await story.innerText(), /again \(fast retransmit\)/);
  const first = await story.locator('.packet-link').first().innerText();
  await story.locator('.packet-link').first().click();
  await settle(page);
  assert.equal(`#${await page.locator('.ladder-row.is-chosen').getAttribute('data-uid')}`, first);
  await report.close();
});

test('what becomes of a link is told where it is and when it happened', async () => {
  const report = await openReport(scenario('routing/mtu-change.yaml'), { hash: '#t=199000000ns' });
  const { page } = report;
  const states = () => page.locator('.net-state').allTextContents();
  assert.deepEqual(await states(), ['', '', '']);
  await page.evaluate(() => { location.hash = '#t=601000000ns'; });
  await settle(page);
  assert.deepEqual(await states(), ['MTU 576', 'MTU 1400', '']);
  assert.match((await page.locator('.ladder-row.is-link').allTextContents()).join(), /600\.000 ms: one takes datagrams of 576 octets/);
  await report.close();
});

test('beside more devices than there is room for, both clocks stay in sight', async () => {
  const report = await openReport(scenario('routing/two-paths.yaml'), { viewport: { width: 390, height: 844 } });
  const { page } = report;
  const ladder = page.locator('.ladder');
  assert.ok(await ladder.evaluate((grid) => grid.scrollWidth > grid.clientWidth), 'seven columns scroll on a phone');
  for (const left of [0, 1000]) {
    await ladder.evaluate((grid, to) => { grid.scrollLeft = to; }, left);
    const around = await ladder.boundingBox();
    for (const clock of await page.locator('.ladder-row[data-uid]').first().locator('.ladder-clock').all()) {
      const box = await clock.boundingBox();
      assert.ok(box.x >= around.x - 1 && box.x + box.width <= around.x + around.width + 1, `at ${left}`);
    }
  }
  await report.close();
});

test('names wider than their columns stand on two lines, whole and apart', async () => {
  const report = await openReport(scenario('transport/profiles.yaml'), { viewport: { width: 1280, height: 800 } });
  const { page } = report;
  const names = await page.locator('.ladder-name').evaluateAll((found) => found.map((name) => {
    const range = document.createRange();
    range.selectNodeContents(name);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { text: name.textContent, left, right, top, bottom, isCut: name.scrollWidth > name.clientWidth };
  }));
  assert.equal(names.length, 6);
  for (const name of names) {
    assert.ok(!name.isCut, `${name.text} is cut`);
    for (const other of names) {
      const meets = name.left < other.right && other.left < name.right && name.top < other.bottom && other.top < name.bottom;
      assert.ok(name === other || !meets, `${name.text} is on ${other.text}`);
    }
  }
  await report.close();
});
