import assert from 'node:assert/strict';
import sinon from 'sinon';
import { parseClientFrame, type ClientFrame, type ServerFrame } from '../../server/wire/frames.ts';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { LiveConnection, type LiveSocket } from '../../softphone/live/live-connection.ts';
import { retryDelayMs } from '../../softphone/live/retry-delay.ts';
import { sampleQueues } from './support/sample-centre.ts';

class FakeSocket implements LiveSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: ClientFrame[] = [];
  isClosed = false;

  send(text: string): void {
    const parsed = parseClientFrame(text);
    assert.equal(parsed.kind, 'frame');
    if (parsed.kind === 'frame') this.sent.push(parsed.frame);
  }

  close(): void {
    this.isClosed = true;
  }

  says(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  last<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }> {
    const frame = this.sent.findLast((one): one is Extract<ClientFrame, { type: T }> => one.type === type);
    assert.ok(frame, `no ${type} frame was sent`);
    return frame;
  }
}

const [CLAIMS, SALES] = sampleQueues(0) as [LiveItem, LiveItem];

describe('the live connection', () => {
  let clock: sinon.SinonFakeTimers;
  let sockets: FakeSocket[];
  let connection: LiveConnection;
  const socket = (): FakeSocket => {
    const latest = sockets.at(-1);
    assert.ok(latest);
    return latest;
  };
  const goLive = (): void => {
    socket().onopen?.();
    socket().says({ type: 'snapshot', topic: 'wallboard', seq: 4, items: [CLAIMS] });
  };

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000 });
    sockets = [];
    connection = new LiveConnection({
      topic: 'wallboard', clock: Date.now, random: () => 1,
      openSocket: () => {
        const opened = new FakeSocket();
        sockets.push(opened);
        return opened;
      },
    });
    connection.start();
  });

  afterEach(() => {
    connection.stop();
    clock.restore();
  });

  it('follows its topic and shows the snapshot', () => {
    goLive();
    assert.deepEqual(socket().sent[0], { type: 'follow', topic: 'wallboard' });
    assert.equal(connection.getView().status, 'live');
    assert.deepEqual([...connection.getView().items.values()], [CLAIMS]);
  });

  it('applies deltas in sequence, and keeps the identity of what did not change', () => {
    goLive();
    const before = connection.getView().items.get(CLAIMS.key);
    socket().says({ type: 'delta', topic: 'wallboard', seq: 5, put: [SALES], drop: [] });
    assert.equal(connection.getView().items.size, 2);
    assert.equal(connection.getView().items.get(CLAIMS.key), before);
    socket().says({ type: 'delta', topic: 'wallboard', seq: 6, put: [], drop: [CLAIMS.key] });
    assert.deepEqual([...connection.getView().items.keys()], [SALES.key]);
  });

  it('asks for a new snapshot when a delta is missing, and shows nothing half', () => {
    goLive();
    socket().says({ type: 'delta', topic: 'wallboard', seq: 6, put: [SALES], drop: [] });
    assert.deepEqual([...connection.getView().items.keys()], [CLAIMS.key]);
    assert.deepEqual(socket().last('resync'), { type: 'resync', topic: 'wallboard' });
    socket().says({ type: 'snapshot', topic: 'wallboard', seq: 6, items: [CLAIMS, SALES] });
    assert.equal(connection.getView().items.size, 2);
  });

  describe('given the socket closes', () => {
    it('says so, keeps what it showed, and comes back with growing waits until a snapshot arrives', () => {
      goLive();
      socket().onclose?.();
      assert.equal(connection.getView().status, 'lost');
      assert.equal(connection.getView().items.size, 1);
      clock.tick(retryDelayMs(1, 1));
      assert.equal(sockets.length, 2);
      socket().onclose?.();
      clock.tick(retryDelayMs(1, 1));
      assert.equal(sockets.length, 2);
      clock.tick(retryDelayMs(2, 1));
      assert.equal(sockets.length, 3);
      goLive();
      assert.equal(connection.getView().status, 'live');
    });

    it('refuses the requests that waited', async () => {
      goLive();
      const asked = connection.request({ type: 'go-available' });
      socket().onclose?.();
      await assert.rejects(asked, { code: 'live.disconnected' });
    });
  });

  it('notices a socket that is half open within nine seconds', () => {
    goLive();
    socket().says({ type: 'pong', ref: 1, at: Date.now() });
    clock.tick(9_000);
    assert.equal(connection.getView().status, 'lost');
    assert.equal(sockets[0]?.isClosed, true);
  });

  it('stays while pings are answered', () => {
    goLive();
    for (let turn = 0; turn < 5; turn += 1) {
      socket().says({ type: 'pong', ref: 1, at: Date.now() });
      clock.tick(4_500);
    }
    assert.equal(connection.getView().status, 'live');
    assert.equal(sockets.length, 1);
  });

  it('learns how far the server\'s clock is from this one, beyond the noise of the network', () => {
    goLive();
    socket().says({ type: 'pong', ref: 1, at: Date.now() + 100 });
    assert.equal(connection.getView().clockOffsetMs, 0);
    socket().says({ type: 'pong', ref: 2, at: Date.now() + 60_000 });
    assert.equal(connection.getView().clockOffsetMs, 60_000);
  });

  describe('given a request', () => {
    it('ends when the server has done it', async () => {
      goLive();
      const asked = connection.request({ type: 'hold', callId: 'call-1', on: true });
      const { ref } = socket().last('hold');
      socket().says({ type: 'done', ref });
      await asked;
    });

    it('throws the server\'s refusal with its code', async () => {
      goLive();
      const asked = connection.request({ type: 'go-available' });
      socket().says({ type: 'refused', ref: socket().last('go-available').ref, code: 'desk.no-phone', message: 'no softphone' });
      await assert.rejects(asked, { code: 'desk.no-phone', message: 'no softphone' });
    });

    it('gives up after ten seconds', async () => {
      goLive();
      const asked = assert.rejects(connection.request({ type: 'go-available' }), { code: 'live.no-answer' });
      for (let second = 0; second < 10; second += 1) {
        socket().says({ type: 'pong', ref: 1, at: Date.now() });
        await clock.tickAsync(1_000);
      }
      await asked;
    });

    it('is refused at once without a connection', async () => {
      await assert.rejects(connection.request({ type: 'go-available' }), { code: 'live.disconnected' });
    });
  });

  it('stops for good when the session is over', () => {
    goLive();
    socket().says({ type: 'signed-out', reason: 'expired' });
    assert.equal(connection.getView().status, 'signed-out');
    clock.tick(60_000);
    assert.equal(sockets.length, 1);
  });

  it('tells the server that a pop is shown', () => {
    goLive();
    connection.popShown('offer-1');
    assert.deepEqual(socket().last('pop-shown'), { type: 'pop-shown', offerId: 'offer-1' });
  });
});

describe('the wait before trying again', () => {
  it('doubles, is spread over its second half, and is bounded', () => {
    assert.deepEqual([1, 2, 3].map((attempt) => retryDelayMs(attempt, 1)), [500, 1_000, 2_000]);
    assert.equal(retryDelayMs(1, 0), 250);
    assert.equal(retryDelayMs(1_000, 1), 15_000);
  });
});
