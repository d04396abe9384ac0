import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfRequest, SrfResponse } from '../support/srf.ts';
import { handMade, toTagOf, UdpPeer } from '../support/udp-peer.ts';
import { RFC_4475, RFC_5118, type Expectation } from './expectations.ts';
import { readVectors, type Vector } from './read-vectors.ts';

const ALL: readonly (readonly [Vector, Expectation])[] = [
  ...readVectors('rfc4475.txt').map((vector) => [vector, RFC_4475[vector.name]] as const),
  ...readVectors('rfc5118.txt').map((vector) => [vector, RFC_5118[vector.name]] as const),
].flatMap(([vector, expectation]) => (expectation === undefined ? [] : [[vector, expectation] as const]));

/** Asks for the answer at the port that the datagram came from; nothing else of the message changes (RFC 3581). */
const withRport = (text: string): string =>
  text.replace(/(\r\n(?:via|v)[ \t]*:(?:[^\r\n]|\r\n[ \t])*)/i, (line) => (line.includes(',') || /;rport/.test(line) ? line : `${line};rport`));

const finals = (text: string): number[] => [...text.matchAll(/^SIP\/2\.0 ([2-6]\d\d)/gm)].map(([, status]) => Number(status));

describe('a running engine under torture', () => {
  let harness: Harness;
  let peer: UdpPeer;

  before(async () => {
    harness = await startHarness({ timers: { t1: 2, t2: 8, t4: 4 } });
    const answer = (status: number) => (_req: SrfRequest, res: SrfResponse): void => res.send(status);
    harness.srf.invite((req, res) => {
      if (req.get('Call-ID').startsWith('normal-')) void harness.srf.createUAS(req, res, { localSdp: sdp(15_000) });
      else res.send(480);
    });
    for (const method of ['register', 'options', 'message']) harness.srf.use(method, answer(200));
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => {
    peer = await UdpPeer.open();
  });
  afterEach(async () => {
    await peer.close();
    // Several messages share branch and host: one must be forgotten before the next one comes.
    await until('every transaction ends', () => harness.engine.stats().gauges.transactions === 0, 1_500);
  });

  const counter = (name: string): number => harness.engine.stats().counters[name] ?? 0;

  const callNormally = async (callId: string): Promise<void> => {
    const parts = { port: peer.port, callId };
    peer.received.length = 0;
    peer.send(handMade({ ...parts, method: 'INVITE', branch: `z9hG4bK-${callId}-1`, body: sdp(4_000), headers: [`Contact: <sip:carol@127.0.0.1:${peer.port}>`, 'Content-Type: application/sdp'] }), harness.udp);
    const toTag = toTagOf(await peer.next('SIP/2.0 200'));
    peer.send(handMade({ ...parts, method: 'ACK', branch: `z9hG4bK-${callId}-2`, toTag }), harness.udp);
    await until('the call stands', () => harness.engine.stats().gauges.dialogs === 1);
    peer.received.length = 0;
    peer.send(handMade({ ...parts, method: 'BYE', branch: `z9hG4bK-${callId}-3`, toTag, sequence: 2 }), harness.udp);
    await peer.next('SIP/2.0 200');
  };

  describe('given each message in a datagram', () => {
    for (const [{ name, section, text }, { answer, because }] of ALL) {
      it(`§${section} ${name}: ${answer}${because === undefined ? '' : ` (${because})`}`, async () => {
        const before = typeof answer === 'string' ? counter(answer) : 0;
        peer.send(Buffer.from(withRport(text), 'latin1'), harness.udp);
        if (typeof answer === 'string') await until(answer, () => counter(answer) === before + 1, 1_500);
        else await until('a final answer comes', () => finals(peer.received.join('')).length > 0, 1_500);
        assert.deepEqual([...new Set(finals(peer.received.join('')))], typeof answer === 'number' ? [answer] : []);
      });
    }

    it('a call works afterwards as if nothing had happened', () => callNormally('normal-after-udp'));
  });

  describe('given each message on a connection of its own', () => {
    let opened: Socket | undefined;

    afterEach(async () => {
      opened?.destroy();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0, 1_500);
    });

    for (const [{ name, section, text }, { answer, overTcp = answer }] of ALL) {
      it(`§${section} ${name}: ${overTcp}`, async () => {
        const before = typeof overTcp === 'string' ? counter(overTcp) : 0;
        let received = '';
        const socket: Socket = connect(harness.tcp, '127.0.0.1');
        socket.setEncoding('latin1').on('data', (chunk: string) => { received += chunk; });
        opened = socket;
        socket.write(text, 'latin1');
        const expected = name === 'dblreq' ? [200, 400] : [overTcp];
        if (overTcp === 'waits') {
          await until('the connection stands', () => harness.engine.stats().gauges.connections === 1, 1_500);
        } else if (typeof overTcp === 'string') {
          await until(overTcp, () => counter(overTcp) === before + 1, 1_500);
        } else {
          await until('the final answers come', () => new Set(finals(received)).size === expected.length, 1_500);
        }
        assert.deepEqual([...new Set(finals(received))].sort(), typeof overTcp === 'number' ? expected : []);
      });
    }

    it('a call works afterwards as if nothing had happened', () => callNormally('normal-after-tcp'));
  });
});
