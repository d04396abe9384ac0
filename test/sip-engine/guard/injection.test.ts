import assert from 'node:assert/strict';
import { startHarness, type Harness } from '../support/harness.ts';
import type { SrfRequest, SrfResponse } from '../support/srf.ts';
import { handMade, UdpPeer } from '../support/udp-peer.ts';

/**
 * Values that try to leave their line. A whole line more (`x CRLF Name: value`) is not among them:
 * in the text of a frame it cannot be told from a header that was meant.
 */
const BREAKS = [
  '\nX-Evil: 1', '\rX-Evil: 1', '\r\n\r\nX-Evil: 1', '\r\nContent-Length: 0\r\n\r\nX-Evil: 1', '\0\r\nX-Evil: 1', '\r\nX-Evil: 1\r\nX-Evil: 1',
  '\r\nno header', '\r\n: 1', '\u560d\u560aX-Evil: 1', '\u0085X-Evil: 1', '\u2028X-Evil: 1',
] as const;

const PLACES = ['Subject', 'X-Custom', 'Contact', 'To', 'From', 'User-Agent', 'Warning', 'Call-ID'] as const;

const hasEvilLine = (text: string): boolean => /(?:^|[\r\n])x-evil/i.test(text);

describe('values that an application sets', () => {
  let harness: Harness;
  let peer: UdpPeer;
  let reply: (req: SrfRequest, res: SrfResponse) => void;
  let sent = 0;

  before(async () => {
    harness = await startHarness({ timers: { t1: 5, t2: 10, t4: 5 } });
    harness.srf.use('options', (req, res) => reply(req, res));
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
  });
  beforeEach(async () => { peer = await UdpPeer.open(); });
  afterEach(() => peer.close());

  /** Waits for the answer that the application gives after its attempts. */
  const askAndHear = async (): Promise<string> => {
    sent += 1;
    peer.send(handMade({ method: 'OPTIONS', port: peer.port, branch: `z9hG4bKinj${sent}`, callId: `inj${sent}` }), harness.udp);
    return peer.next('SIP/2.0 ');
  };

  for (const place of PLACES) {
    it(`break no response by its ${place}`, async () => {
      for (const text of BREAKS) {
        reply = (_req, res) => res.send(200, { headers: { [place]: `<sip:a@b>${text}` } }, (refused) => { if (refused) res.send(200); });
        assert.equal(hasEvilLine(await askAndHear()), false, JSON.stringify(text));
      }
    });

    it(`break no request by its ${place}`, async () => {
      for (const text of BREAKS) {
        await harness.srf.request(`sip:x@127.0.0.1:${peer.port}`, { method: 'OPTIONS', headers: { [place]: `<sip:a@b>${text}` } }).catch(() => undefined);
      }
      await harness.srf.request(`sip:last@127.0.0.1:${peer.port}`, { method: 'OPTIONS' });
      await peer.next('OPTIONS sip:last');
      assert.equal(hasEvilLine(peer.received.join('\r\n')), false);
    });
  }

  it('break no request by its body, which stays behind the head', async () => {
    await harness.srf.request(`sip:x@127.0.0.1:${peer.port}`, { method: 'OPTIONS', headers: { 'Content-Type': 'text/plain' }, body: 'a\r\n\r\nX-Evil: 1' });
    const text = await peer.next('OPTIONS');
    assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), 'a\r\n\r\nX-Evil: 1');
    assert.match(text, /\r\nContent-Length: 14\r\n/);
  });
});
