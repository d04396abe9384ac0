import assert from 'node:assert/strict';
import type { DeskReply } from '../../server/call/desk.ts';
import { CLOSE_CODES } from '../../server/wire/close-codes.ts';
import type { ClientFrame } from '../../server/wire/frames.ts';
import { HubRig, type Tab } from './hub-rig.ts';

describe('DeskHub, what agents ask for', () => {
  let rig: HubRig;
  let tab: Tab;
  beforeEach(async () => {
    rig = new HubRig({ limits: { maxCommandsUnderWay: 3, framesAtOnce: 20, framesPerSecond: 10 } });
    await rig.start();
    tab = await rig.tab('alice');
    rig.desk.asked.length = 0;
  });
  afterEach(() => rig.stop());

  const commands: readonly [frame: ClientFrame & { ref: number }, asked: string][] = [
    [{ type: 'go-available', ref: 1 }, 'user-alice goAvailable'],
    [{ type: 'go-on-break', ref: 2, reason: 'lunch' }, 'user-alice goOnBreak lunch'],
    [{ type: 'hold', ref: 3, callId: 'call-1', on: true }, 'user-alice hold call-1 true'],
    [{ type: 'send-digit', ref: 4, callId: 'call-1', digit: '#' }, 'user-alice sendDigit call-1 #'],
    [{ type: 'complete-wrap-up', ref: 5, callId: 'call-1', disposition: 'claim', note: 'done' }, 'user-alice completeWrapUp call-1 claim done'],
  ];
  for (const [frame, asked] of commands) {
    it(`passes ${frame.type} on in her name and answers with its ref`, async () => {
      tab.send(frame);
      assert.deepEqual(await tab.frame('done'), { type: 'done', ref: frame.ref });
      assert.deepEqual(rig.desk.asked, [asked]);
    });
  }

  it('says why the desk refuses', async () => {
    rig.desk.reply = async (): Promise<DeskReply> => ({ kind: 'refused', code: 'desk.no-call', message: 'there is no such call' });
    tab.send({ type: 'hold', ref: 9, callId: 'call-2', on: true });
    assert.deepEqual(await tab.frame('refused'), { type: 'refused', ref: 9, code: 'desk.no-call', message: 'there is no such call' });
  });

  it('says that a fault is ours, without its text', async () => {
    rig.desk.reply = () => Promise.reject(new Error('secret'));
    tab.send({ type: 'go-available', ref: 1 });
    const refused = await tab.frame('refused');
    assert.deepEqual([refused.ref, refused.code], [1, 'ws.failed']);
    assert.doesNotMatch(refused.message, /secret/);
  });

  it('answers a ping with the server\u2019s time', async () => {
    tab.send({ type: 'ping', ref: 77 });
    assert.deepEqual(await tab.frame('pong'), { type: 'pong', ref: 77, at: rig.clock.now });
  });

  it('bounds what is under way for one browser', async () => {
    const finish: (() => void)[] = [];
    rig.desk.reply = () => new Promise((resolve) => finish.push(() => resolve({ kind: 'done' })));
    for (let ref = 1; ref <= 4; ref += 1) tab.send({ type: 'go-available', ref });
    assert.deepEqual((await tab.frame('refused')).ref, 4);
    for (const done of finish) done();
    await tab.frame('done', ({ ref }) => ref === 3);
    tab.send({ type: 'go-available', ref: 5 });
    await rig.desk.heard('user-alice goAvailable', 4);
    finish.at(-1)?.();
    await tab.frame('done', ({ ref }) => ref === 5);
  });

  describe('given frames that are none', () => {
    it('refuses them and goes on', async () => {
      tab.socket.send('hello');
      assert.equal((await tab.frame('refused')).code, 'ws.invalid-frame');
      tab.socket.send(Buffer.from('{"type":"go-available","ref":1}'), { binary: true });
      await tab.frame('refused', ({ message }) => message === 'a frame is text');
      tab.socket.send('{"type":"go-available","ref":1,"agentId":"user-amina"}');
      await tab.settle();
      assert.deepEqual(rig.desk.asked, []);
    });

    it('closes the socket after too many (1008)', async () => {
      for (let n = 0; n < 11; n += 1) tab.socket.send('hello');
      assert.equal(await tab.closed, CLOSE_CODES.policyViolation);
    });

    it('closes a socket that sends too much at once (1009)', async () => {
      tab.socket.send('x'.repeat(65 * 1024));
      assert.equal(await tab.closed, 1009);
    });
  });

  describe('given too many frames', () => {
    it('refuses what is too much, and takes more after a while', async () => {
      for (let ref = 0; ref < 25; ref += 1) tab.send({ type: 'ping', ref });
      await tab.frame('refused', ({ code }) => code === 'ws.too-many-frames');
      await tab.frame('pong', ({ ref }) => ref === 19);
      rig.clock.advance(1_000);
      await tab.settle();
    });

    it('closes the socket of a browser that does not stop (1008)', async () => {
      for (let ref = 0; ref < 60; ref += 1) tab.send({ type: 'ping', ref });
      assert.equal(await tab.closed, CLOSE_CODES.policyViolation);
    });
  });
});
