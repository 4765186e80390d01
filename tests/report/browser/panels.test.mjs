// SPDX-License-Identifier: MIT
// The panels beside ladder and network: what they show is what the run says, by pointer and by key.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, openReport, picture, scenario, settle, strata, until, writeScenario } from './report.mjs';

const LESSON = scenario('loss/fast-retransmit.yaml');
after(closeBrowser);

const tab = async (page, id) => {
  await page.locator(`#tab-${id}`).click();
  await settle(page);
};
// uid of the first packet that a selector of the command line names: "data 3", "syn 1".
const uidOf = (file, which) => JSON.parse(strata('show', file, 'packet', '--of', which, '--json')).uid;
const lit = (page, name) => page.locator(`.byte.${name}`).evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.byte)));

test('every field lights up exactly its bytes, and every byte its fields', async () => {
  const report = await openReport(LESSON, { hash: `#uid=${uidOf(LESSON, 'data 1')}` });
  const { page } = report;
  const fields = await page.locator('.boxes .field').evaluateAll((rows) => rows.map((row) => ({
    bit: Number(row.dataset.bit), width: Number(row.dataset.width), name: row.textContent,
  })));
  assert.ok(fields.length > 25, `${fields.length} fields`);
  const bytesOf = ({ bit, width }) => {
    const bytes = [];
    for (let byte = bit >> 3; byte * 8 < bit + width; byte++) bytes.push(byte);
    return bytes;
  };
  for (const [index, field] of fields.entries()) {
    await page.locator('.boxes .field').nth(index).hover();
    await settle(page);
    assert.deepEqual(await lit(page, 'is-preview'), bytesOf(field), field.name);
  }
  for (const byte of [0, 13, 14, 20, 21, 22, 26, 37, 46, 47, 60]) {
    await page.locator(`.byte[data-byte="${byte}"]`).hover();
    await settle(page);
    const named = await page.locator('.field.is-preview').evaluateAll((rows) => rows.map((row) => Number(row.dataset.bit)));
    const wanted = fields.filter((field) => bytesOf(field).includes(byte)).map((field) => field.bit);
    assert.deepEqual(named, wanted, `byte ${byte}`);
  }
  await picture(page, 'inspector-wire');
  await report.close();
});

test('boxes and bytes can be walked through and chosen with the keyboard', async () => {
  const report = await openReport(LESSON, { hash: `#uid=${uidOf(LESSON, 'data 1')}` });
  const { page } = report;
  await page.locator('.boxes [role=treeitem]').first().focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await settle(page);
  assert.deepEqual(await lit(page, 'is-selected'), [6, 7, 8, 9, 10, 11], 'the source address');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('.box-title').first().getAttribute('aria-expanded'), 'false');
  assert.equal(await page.locator('.boxes .field').filter({ visible: true }).count(), 0);
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('.box-title').first().getAttribute('aria-expanded'), 'true');
  await page.locator('.byte[tabindex="0"]').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await settle(page);
  assert.deepEqual(await lit(page, 'is-selected'), [0, 1, 2, 3, 4, 5], 'byte 2 belongs to the destination');
  await report.close();
});

test('the way shows what a router changed, and nothing a switch did', async () => {
  const report = await openReport(LESSON, { hash: `#uid=${uidOf(LESSON, 'data 1')}` });
  const { page } = report;
  await tab(page, 'inspector-way');
  const tables = await page.locator('.changes').evaluateAll((found) => found.map((table) => ({
    device: table.closest('li').querySelector('strong').textContent,
    rows: [...table.querySelectorAll('tbody tr')].map((row) => row.querySelector('th').textContent),
  })));
  assert.deepEqual(tables.map((table) => table.device), ['r1']);
  assert.deepEqual(tables[0].rows, ['Ethernet II destination', 'Ethernet II source', 'IPv4 time to live',
    'IPv4 header checksum', 'Frame check sequence frame check sequence']);
  await page.getByRole('button', { name: 'IPv4 time to live' }).click();
  await tab(page, 'inspector-wire');
  assert.deepEqual(await lit(page, 'is-selected'), [22]);
  await report.close();
});

test('the signal of the selected byte is drawn in every line code', async () => {
  const report = await openReport(scenario('encapsulation/layering-manchester.yaml'));
  const { page } = report;
  await page.keyboard.press('ArrowRight');
  await page.locator('.byte[data-byte="12"]').click();
  await tab(page, 'inspector-signal');
  const symbols = async () => (await page.locator('.waveform').getAttribute('aria-label')).split(': ')[1].split(' ').length;
  assert.equal(await page.getByLabel('Line code').inputValue(), 'manchester', 'that of the link');
  for (const [code, count] of [['manchester', 32], ['nrz', 16], ['nrzi', 16], ['mlt3', 20]]) {
    await page.getByLabel('Line code').selectOption(code);
    assert.equal(await symbols(), count, `${code}, two octets of the type field`);
  }
  await report.close();
});

test('a repeat tells why it was sent and where the first one died', async () => {
  const report = await openReport(LESSON, { hash: `#uid=${uidOf(LESSON, 'retransmission 1')}` });
  const { page } = report;
  await tab(page, 'inspector-why');
  const story = await page.locator('.panel-inspector-why').innerText();
  assert.match(story, /sent again: fast retransmit/);
  assert.match(story, /duplicate ACK no\. 3/);
  assert.match(story, /ends on access at [\d.]+ ms: dropped by the scenario \(3rd match of tcp/);
  await page.locator('.why .link-button').first().click();
  await settle(page);
  assert.match(await page.locator('.inspector-title').innerText(), /ACK/);
  await report.close();
});

test('bits that a medium flipped are marked in the frame as received', async () => {
  const file = scenario('loss/corrupted-frame.yaml');
  const packet = JSON.parse(strata('show', file, 'ladder', '--json')).rows.find((row) => row.is_damaged ?? row.damaged);
  const report = await openReport(file, { hash: packet ? `#uid=${packet.uid}` : '' });
  const { page } = report;
  const received = page.getByRole('button', { name: /received ↯/ });
  assert.ok(await received.count() > 0, 'the frame can be looked at from both ends');
  await received.first().click();
  await settle(page);
  assert.ok(await page.locator('.byte.is-flipped').count() > 0);
  await tab(page, 'inspector-facts');
  assert.match(await page.locator('.panel-inspector-facts').innerText(), /flipped \d+ of its bits/);
  await report.close();
});

test('the filter box filters, and says where a mistake is', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await tab(page, 'events');
  const rows = async () => Number(await page.locator('.panel-events .vtable').getAttribute('aria-rowcount')) - 1;
  const all = await rows();
  await page.keyboard.press('/');
  await page.keyboard.type('tcp.flags.syn == 1');
  await page.keyboard.press('Enter');
  await settle(page);
  assert.match(await page.locator('.filter-message').innerText(), /^2 of \d+ packets/);
  assert.ok(await rows() < all && await rows() > 0);
  await page.locator('.filter-input').fill('tcp.prot == 80');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.filter-input').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('.filter-echo mark').innerText(), 'tcp.prot');
  assert.match(await page.locator('.filter-message').innerText(), /did you mean tcp\.port\?/);
  await page.keyboard.press('Escape');
  await settle(page);
  assert.equal(await page.locator('.filter-input').inputValue(), '');
  assert.equal(await rows(), all);
  await report.close();
});

test('a plot is zoomed by keys, wheel and drag, and tells values at the cursor', async () => {
  const report = await openReport(LESSON, { hash: '#t=60ms' });
  const { page } = report;
  const plot = page.locator('.plot').filter({ hasText: 'Windows' }).first();
  const stage = plot.locator('.plot-stage');
  await stage.scrollIntoViewIfNeeded();
  const cwnd = async () => (await plot.locator('.legend').filter({ hasText: 'cwnd' }).locator('.legend-value').innerText()).replace(/\s/g, '');
  await settle(page);
  const atEnd = await cwnd();
  assert.match(atEnd, /^\d+$/);
  await page.locator('.player .clock').fill('1ms');
  await page.keyboard.press('Enter');
  await until(async () => await cwnd() !== atEnd, 'the read-out follows the cursor');
  await plot.locator('summary').click();
  const instants = async () => Number(/(\d+) instants/.exec(await plot.locator('caption').innerText())[1]);
  const whole = await instants();
  const isWhole = async () => await instants() === whole;
  const isZoomed = async () => await instants() < whole;
  await stage.focus();
  await page.keyboard.press('+');
  await until(isZoomed, 'the table follows a key');
  await page.keyboard.press('0');
  await until(isWhole, 'the whole run is back');
  const box = await stage.boundingBox();
  await page.mouse.move(box.x + 120, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 180, box.y + 62, { steps: 4 });
  await page.mouse.up();
  await until(isZoomed, 'a stretch that was dragged');
  await stage.dblclick({ position: { x: 150, y: 60 } });
  await until(isWhole, 'the whole run is back');
  await stage.focus();
  await page.mouse.wheel(0, -300);
  await until(isZoomed, 'the wheel');
  await picture(page, 'plots');
  await report.close();
});

test('the table under a plot has the values of the run', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  const plot = page.locator('.plot').filter({ hasText: 'Round trip' }).first();
  await plot.locator('summary').click();
  const heads = await plot.locator('thead th').allInnerTexts();
  const samples = await plot.locator('tbody tr').evaluateAll((rows, at) =>
    rows.map((row) => row.children[at].textContent).filter((text) => text !== '').map(parseFloat), heads.indexOf('sample'));
  const [flow] = JSON.parse(strata('run', LESSON, '--json')).flows;
  const milliseconds = (ns) => Number((ns / 1e6).toPrecision(4));
  assert.equal(Math.min(...samples), milliseconds(flow.rtt_min_ns));
  assert.equal(Math.max(...samples), milliseconds(flow.rtt_max_ns));
  await report.close();
});

// The socket table on the page and the one of strata show, in the columns that both have.
async function socketsShown(page) {
  const rows = await page.locator('.socket-tables table').evaluateAll((tables) => tables.flatMap((table) =>
    [...table.querySelectorAll('tbody tr')].map((row) => [table.caption.textContent, ...[...row.cells].map((cell) => cell.textContent)])));
  const columns = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11];
  return rows.map((row) => columns.map((column) => row[column].replace(/\u2009/g, ''))).sort();
}
function socketsWanted(at) {
  const { hosts } = JSON.parse(strata('show', LESSON, 'sockets', '--at', at, '--json'));
  const end = ({ address, port }) => `${address === '0.0.0.0' ? '*' : address}:${port === 0 ? '*' : port}`;
  return hosts.flatMap(({ host, sockets }) => sockets.map((socket) => {
    const tcp = socket.state === 'LISTEN' ? null : socket.tcp;
    return [host, String(socket.fd ?? '–'), socket.process, socket.protocol, socket.state, end(socket.local),
      end(socket.remote), ...(tcp ? [`+${tcp.rcv_nxt}`, `+${tcp.snd_una}`, String(tcp.cwnd_bytes)] : ['–', '–', '–'])];
  })).sort();
}

for (const at of ['20ms', '40ms', '68ms']) {
  test(`the sockets at ${at} are those of strata show sockets`, async () => {
    const report = await openReport(LESSON, { hash: `#t=${at}` });
    await tab(report.page, 'sockets');
    assert.deepEqual(await socketsShown(report.page), socketsWanted(at));
    await report.close();
  });
}

test('wherever the slider is put, the sockets are those of strata show sockets at that instant', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await tab(page, 'sockets');
  for (const place of [1000, 4200, 5700, 9900]) {
    await page.locator('.slider').evaluate((slider, to) => {
      slider.value = String(to);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }, place);
    await settle(page);
    const ns = Math.round(Number((await page.locator('.player .clock').inputValue()).replace(/[^\d.]/g, '')) * 1e6);
    assert.deepEqual(await socketsShown(page), socketsWanted(`${ns}ns`), `${ns} ns`);
  }
  await report.close();
});

test('rows of tables come and change as the cursor moves', async () => {
  const report = await openReport(scenario('link/switch-learning.yaml'), { hash: '#t=0ms' });
  const { page } = report;
  await tab(page, 'tables');
  const learned = async () => page.locator('.device-tables section').filter({ hasText: 'Switch tables' }).locator('tbody tr').count();
  assert.equal(await learned(), 0);
  await page.keyboard.press('End');
  await settle(page);
  assert.ok(await learned() > 0);
  await report.close();
});

test('both ends have their states over time, and the table of transitions has each', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await tab(page, 'states');
  const ends = await page.locator('.lane-state .lane-name').allInnerTexts();
  assert.equal(ends.length, 2);
  const transitions = await page.locator('.transitions tbody tr').evaluateAll((rows) => rows.map((row) => [row.cells[1].textContent, row.cells[3].textContent]));
  assert.deepEqual(transitions.filter(([end]) => end === ends[0]).map(([, to]) => to),
    ['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED']);
  await page.locator('.player .clock').fill('45ms');
  await page.keyboard.press('Enter');
  await settle(page);
  assert.match(await page.locator('.panel-states [role=status]').innerText(), / FIN-WAIT-1, .* ESTABLISHED/);
  await picture(page, 'states');
  await report.close();
});

test('the lanes of the stream hold every octet that was written', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await tab(page, 'streams');
  await page.locator('.panel-streams summary').click();
  const pieces = await page.locator('.panel-streams tbody tr').evaluateAll((rows) => rows.map((row) => {
    const [from, to] = row.cells[2].textContent.split('–').map(Number);
    return { lane: row.cells[1].textContent, octets: to - from };
  }));
  const sum = (lane) => pieces.filter((piece) => piece.lane === lane).reduce((all, piece) => all + piece.octets, 0);
  assert.equal(sum('application writes'), 14600);
  assert.equal(sum('segments'), 14600);
  assert.equal(sum('sent again'), 1460);
  assert.equal(sum('application reads'), 14600);
  await report.close();
});

test('the table of events keeps few rows in the document and moves with the keyboard', async () => {
  const report = await openReport(scenario('loss/lossy-transfer.yaml'));
  const { page } = report;
  await tab(page, 'events');
  const table = page.locator('.panel-events .vtable');
  const count = Number(await table.getAttribute('aria-rowcount')) - 1;
  assert.ok(count > 200, `${count} events`);
  assert.ok(await page.locator('.vrow').count() < 100);
  await table.focus();
  await page.keyboard.press('End');
  await settle(page);
  const chosen = page.locator('.vrow[aria-selected=true]');
  assert.equal(await chosen.getAttribute('aria-rowindex'), String(count + 1));
  const lefts = (row) => row.evaluate((element) => [...element.children].map((cell) => cell.getBoundingClientRect().left));
  assert.deepEqual(await lefts(chosen), await lefts(page.locator('.vrow:not([aria-selected=true])').first()), 'its columns');
  await page.keyboard.press('ArrowUp');
  await settle(page);
  assert.match(await page.locator('.player .counter').innerText(), new RegExp(`event ${count - 1} `));
  await report.close();
});

test('the summary has the figures of strata run --json', async () => {
  const report = await openReport(scenario('loss/lossy-transfer.yaml'));
  const { page } = report;
  await tab(page, 'summary');
  let figures;
  try {
    figures = JSON.parse(strata('run', scenario('loss/lossy-transfer.yaml'), '--json'));
  } catch (error) {
    figures = JSON.parse(error.stdout);
  }
  const [flow] = figures.flows;
  const row = await page.locator('.summary table').first().locator('tbody tr').first().evaluate((found) => [...found.cells].map((cell) => cell.textContent.replace(/\s/g, '')));
  assert.equal(row[2], `${flow.segments}segments`);
  assert.equal(row[4], `${flow.bytes_delivered}B`);
  const again = (row[5].match(/\d+/g) ?? []).reduce((sum, text) => sum + Number(text), 0);
  assert.equal(again, flow.retransmissions.total);
  const drops = /Drops of the whole run: (.*)\./.exec(await page.locator('.summary').innerText())[1];
  const lost = (drops.match(/\d+/g) ?? []).reduce((sum, text) => sum + Number(text), 0);
  const inNodes = Object.values(figures.nodes).reduce((sum, node) => sum + node.dropped.total, 0);
  assert.equal(lost, figures.frames.dropped.total + inNodes);
  await report.close();
});

test('the name of a device is whole and within its box, however long', async () => {
  const names = ['a', 'client-number-two', 'a-very-long-name-for-one-client', 'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW'];
  const nodes = names.map((name, index) => `  ${name}: { address: 10.0.1.${index + 1}/24 }\n`).join('');
  const links = names.map((name, index) => `  l${index}: { ends: [${name}, sw] }\n`).join('');
  const file = writeScenario('long-names.yaml',
    `nodes:\n${nodes}  sw: { kind: switch }\nlinks:\n${links}processes: [ { on: a, run: ping, to: ${names[1]}, count: 1 } ]\n`);
  const report = await openReport(file);
  const boxes = await report.page.locator('.net-node').evaluateAll((found) => found.map((node) => {
    const box = node.querySelector('.net-box').getBBox();
    const lines = [...node.querySelectorAll('.net-title')];
    return {
      name: lines.map((line) => line.textContent).join('').slice(2),
      isInside: lines.every((line) => line.getBBox().x >= box.x && line.getBBox().x + line.getBBox().width <= box.x + box.width),
    };
  }));
  assert.deepEqual(boxes.map((box) => box.name), [...names, 'sw']);
  for (const box of boxes) assert.ok(box.isInside, `${box.name} is wider than its box`);
  await report.close();
});
