import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWav, readWav } from '../../server/media/listen/wav.ts';
import * as sipp from './support/scenario.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ECHO_SDP = sipp.SIPP_SDP.replaceAll('127.0.0.1', '[media_ip]').replace('40000', '[media_port]');

/** Runs the command; `onLine` sees each line as it is printed. */
function command(args: readonly string[], onLine: (line: string, interrupt: () => void) => void = () => undefined) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', 'server/cli/place-call.ts', ...args], { cwd: ROOT, timeout: 25_000 }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
    child.stdout?.on('data', (text: string) => { for (const line of text.split('\n')) onLine(line, () => child.kill('SIGINT')); });
  });
}

describe('npm run call', function () {
  this.timeout(30_000);
  let directory: string;
  before(async () => { directory = await mkdtemp(join(tmpdir(), 'allo-call-test-')); });
  after(() => rm(directory, { recursive: true }));
  const to = (port: number, ...more: readonly string[]): string[] => ['--from', '+213555000101', '--to', '1000', '--server', `127.0.0.1:${port}`, ...more];

  it('speaks, presses, records and says what it heard, on a telephone that echoes', async () => {
    const spoken = join(directory, 'tone.wav');
    const recorded = join(directory, 'heard.wav');
    const samples = Int16Array.from({ length: 6 * 8_000 }, (_, i) => Math.round(8_000 * Math.sin((2 * Math.PI * 600 * i) / 8_000)));
    await writeWav(spoken, samples, 8_000);
    const telephone = await sipp.waitForCalls([
      sipp.expectRequest('INVITE', 'P-Asserted-Identity: .*sip:\\+213555000101@'), sipp.reply(180), sipp.pause(100), sipp.reply(200, { sdp: ECHO_SDP }),
      sipp.expectRequest('ACK'), sipp.expectRequest('BYE', 'Reason: Q.850;cause=16'), sipp.replyInDialog(200),
    ], { args: ['-rtp_echo'] });
    const { code, output } = await command(to(telephone.port, '--play', spoken, '--record', recorded, '--wait', '1', '--press', '2', '--for', '4'));
    const result = await telephone.finished;
    assert.equal(code, 0, output);
    assert.equal(result.exitCode, 0, result.errors);
    for (const expected of [/dialling 1000/, /ringing/, /answered after \d+ ms/, /pressed 2/, /ended by us: after 4 s/, /heard [34]\.\d s of audio/, /tone/]) assert.match(output, expected);
    const { analyseTone } = await import('../../server/media/listen/tone.ts');
    const heard = (await readWav(recorded)).samples;
    assert.ok(analyseTone(heard.subarray(16_000, 24_000), 600).share > 0.9, output);
  });
  it('says who hung up and why when the far end does', async () => {
    const telephone = await sipp.waitForCalls([
      sipp.expectInviteToHangUp(), sipp.reply(200, { sdp: ECHO_SDP }), sipp.expectRequest('ACK'), sipp.pause(300),
      sipp.byeFromCallee(['Reason: Q.850;cause=17;text="busy"']), sipp.expect(200),
    ]);
    const { code, output } = await command(to(telephone.port));
    assert.equal((await telephone.finished).exitCode, 0);
    assert.equal(code, 0, output);
    assert.match(output, /ended by the far end \(Q\.850 17 user busy\)/);
  });
  it('says why it was refused, with exit code 1', async () => {
    const telephone = await sipp.waitForCalls([
      sipp.expectRequest('INVITE'), sipp.reply(486, { headers: ['Reason: Q.850;cause=17;text="all lines busy"'] }), sipp.expectRequest('ACK'),
    ]);
    const { code, output } = await command(to(telephone.port));
    assert.equal(code, 1, output);
    assert.match(output, /refused with 486 Busy Here \(Q\.850 17 user busy, all lines busy\)/);
    assert.equal((await telephone.finished).exitCode, 0);
  });
  it('cancels on Ctrl-C while it rings', async () => {
    const telephone = await sipp.waitForCalls([
      sipp.expectRequest('INVITE'), sipp.reply(180), sipp.expectRequest('CANCEL'), sipp.replyInDialog(200),
    ]);
    const { code, output } = await command(to(telephone.port), (line, interrupt) => { if (line.includes('ringing')) interrupt(); });
    await telephone.stop();
    assert.equal(code, 1, output);
    assert.match(output, /given up before the answer/);
  });
  it('hangs up on Ctrl-C', async () => {
    const telephone = await sipp.waitForCalls([
      sipp.expectRequest('INVITE'), sipp.reply(200, { sdp: ECHO_SDP }), sipp.expectRequest('ACK'), sipp.expectRequest('BYE'), sipp.replyInDialog(200),
    ]);
    const { code, output } = await command(to(telephone.port, '--for', '60'), (line, interrupt) => { if (line.includes('answered')) interrupt(); });
    assert.equal((await telephone.finished).exitCode, 0);
    assert.equal(code, 0, output);
    assert.match(output, /ended by us: interrupted/);
  });
  it('is used wrongly with exit code 2', async () => {
    const wrong = await command(['--to', '1000']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.output, /--from must be a number/);
    const noFile = await command([...to(9), '--play', join(directory, 'none.wav')]);
    assert.equal(noFile.code, 2);
    assert.match(noFile.output, /--play: .*ENOENT/);
  });
});
