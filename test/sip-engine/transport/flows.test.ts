import assert from 'node:assert/strict';
import { Counters } from '../../../server/sip-engine/guard/counters.ts';
import { DEFAULT_LIMITS } from '../../../server/sip-engine/guard/limits.ts';
import { LocalAddressChooser } from '../../../server/sip-engine/transport/local-address.ts';
import { SourceRate } from '../../../server/sip-engine/transport/source-rate.ts';
import { StreamFlow } from '../../../server/sip-engine/transport/stream-flow.ts';
import { UdpListener } from '../../../server/sip-engine/transport/udp-listener.ts';

const nothing = (): void => undefined;

describe('UDP flows', () => {
  const open = (counters: Counters): Promise<UdpListener> => UdpListener.open(
    { transport: 'udp', host: '127.0.0.1', port: 0 },
    { counters, localAddress: new LocalAddressChooser(), stunRate: new SourceRate(50), events: { onMessage: nothing, onFlowClosed: nothing } },
  );
  const failureOf = (udp: UdpListener, port: number): Promise<void> => new Promise((resolve) => {
    let hasReturned = false;
    udp.flowTo('127.0.0.1', port).send('x', () => {
      assert.ok(hasReturned, 'told before send returned');
      resolve();
    });
    hasReturned = true;
  });

  it('tell of a socket that is closed, and do not throw: a timer may come late', async () => {
    const counters = new Counters();
    const udp = await open(counters);
    await udp.close();
    await failureOf(udp, 5_060);
    assert.equal(counters.snapshot()['fault.udp-send'], 1);
  });

  it('tell of a port that nothing can be sent to, and do not throw', async () => {
    const udp = await open(new Counters());
    await failureOf(udp, 0);
    await udp.close();
  });
});

describe('stream flows', () => {
  const flowTo = (bufferedBytes: number): { flow: StreamFlow; written: string[]; counters: Counters } => {
    const written: string[] = [];
    const counters = new Counters();
    const flow = new StreamFlow({
      transport: 'tcp', remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2,
      carrier: { bufferedBytes, write: (text) => { written.push(text); }, destroy: nothing },
      limits: DEFAULT_LIMITS, counters, events: { onMessage: nothing, onFlowClosed: nothing }, onGone: nothing, isAccepted: false,
    });
    return { flow, written, counters };
  };

  it('answer a keep-alive (RFC 5626 §4.4.1)', () => {
    const { flow, written } = flowTo(0);
    flow.pong();
    flow.close();
    assert.deepEqual(written, ['\r\n']);
  });

  it('leave those of a peer that reads nothing unanswered, counted: pings fill no memory', () => {
    const { flow, written, counters } = flowTo(10_000);
    for (let i = 0; i < 5; i += 1) flow.pong();
    flow.close();
    assert.deepEqual(written, []);
    assert.equal(counters.snapshot()['dropped.keep-alive'], 5);
  });
});
