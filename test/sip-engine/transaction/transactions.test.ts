import assert from 'node:assert/strict';
import sinon from 'sinon';
import { respondTo } from '../../../server/sip-engine/message/respond.ts';
import { Headers, serialize, type SipRequest, type SipResponse } from '../../../server/sip-engine/message/sip-message.ts';
import type { ClientTransactionUser } from '../../../server/sip-engine/transaction/client-transaction.ts';
import type { ServerTransaction } from '../../../server/sip-engine/transaction/server-transaction.ts';
import type { TransactionUser } from '../../../server/sip-engine/transaction/transaction-layer.ts';
import { crossWire, FakeEnd } from '../support/wire.ts';

class Callee implements TransactionUser {
  readonly requests: ServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly cancels: (ServerTransaction | undefined)[] = [];
  onRequest(transaction: ServerTransaction): void { this.requests.push(transaction); }
  onAck(request: SipRequest): void { this.acks.push(request); }
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    this.cancels.push(invite);
    cancel.respond(respondTo(cancel.request, { status: invite === undefined ? 481 : 200 }));
  }

  answer(status: number): void {
    const [transaction] = this.requests;
    assert.ok(transaction);
    transaction.respond(respondTo(transaction.request, { status, toTag: 'callee' }));
  }
}

class Caller implements ClientTransactionUser {
  readonly heard: (number | 'timeout' | 'transport-failed')[] = [];
  onResponse(response: SipResponse): void { this.heard.push(response.status); }
  onTimeout(): void { this.heard.push('timeout'); }
  onTransportFailed(): void { this.heard.push('transport-failed'); }
}

const BRANCH = 'z9hG4bKtest';

const request = (method: string): SipRequest => ({
  kind: 'request', method, uri: 'sip:1000@192.0.2.2', body: '',
  headers: new Headers().add('Via', `SIP/2.0/UDP 192.0.2.1:5060;branch=${BRANCH}`).add('From', '<sip:carol@192.0.2.1>;tag=carol')
    .add('To', '<sip:1000@192.0.2.2>').add('Call-ID', 'call').add('CSeq', `1 ${method}`).add('Max-Forwards', '70'),
});

describe('transactions on a wire (RFC 3261 §17)', () => {
  let clock: sinon.SinonFakeTimers;
  let callee: Callee;
  let caller: Caller;
  let client: FakeEnd;
  let server: FakeEnd;

  const wire = (transport: 'udp' | 'tcp'): void => {
    callee = new Callee();
    caller = new Caller();
    client = new FakeEnd(5060, 5062, transport, new Callee());
    server = new FakeEnd(5062, 5060, transport, callee);
    crossWire(client, server);
  };
  const send = (method: string): void => { client.layer.sendRequest(request(method), BRANCH, client.flow, caller); };

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    wire('udp');
  });
  afterEach(() => {
    client.layer.close();
    server.layer.close();
    clock.restore();
  });

  const nothingIsLeft = async (): Promise<void> => {
    await clock.tickAsync(64 * 500 + 10_000);
    assert.deepEqual([client.layer.size, server.layer.size, clock.countTimers()], [0, 0, 0]);
  };

  describe('given an INVITE that nobody answers', () => {
    it('repeats it at T1, doubling, and gives up after 64·T1 (timers A and B)', async () => {
      client.loses = () => true;
      send('INVITE');
      await clock.tickAsync(32_000);
      assert.deepEqual(client.times('INVITE'), [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
      assert.deepEqual(caller.heard, ['timeout']);
      await nothingIsLeft();
    });

    it('sends it once over TCP, and gives up at the same time', async () => {
      wire('tcp');
      client.loses = () => true;
      send('INVITE');
      await clock.tickAsync(32_000);
      assert.deepEqual([client.times('INVITE'), caller.heard], [[0], ['timeout']]);
      await nothingIsLeft();
    });
  });

  describe('given an INVITE that is refused', () => {
    it('acknowledges every repetition of the refusal until it arrives (timers G, D, I)', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      let lost = 2;
      client.loses = (text) => text.startsWith('ACK') && (lost -= 1) >= 0;
      callee.answer(486);
      await clock.tickAsync(5_000);
      assert.deepEqual(server.times('SIP/2.0 486'), [0, 500, 1_500]);
      assert.equal(client.times('ACK').length, 3);
      assert.deepEqual([caller.heard, callee.acks], [[486], []]);
      const ack = client.sent.find(({ line }) => line.startsWith('ACK'))?.text ?? '';
      assert.match(ack, new RegExp(`branch=${BRANCH}\\r\\n`));
      assert.match(ack, /To: <sip:1000@192\.0\.2\.2>;tag=callee\r\n/);
      await nothingIsLeft();
    });

    it('stops after 64·T1 when the ACK never comes (timer H)', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      client.loses = (text) => text.startsWith('ACK');
      callee.answer(503);
      await clock.tickAsync(32_010);
      const times = server.times('SIP/2.0 503');
      assert.deepEqual(times.slice(0, 5), [0, 500, 1_500, 3_500, 7_500]);
      assert.deepEqual([times.at(-1), times.length], [31_500, 11]);
      await nothingIsLeft();
    });
  });

  describe('given an INVITE that rings and is answered', () => {
    it('stops repeating at the first provisional response', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      callee.answer(180);
      await clock.tickAsync(20_000);
      assert.equal(client.times('INVITE').length, 1);
      callee.answer(200);
      await clock.tickAsync(5);
      assert.deepEqual(caller.heard, [180, 200]);
      await nothingIsLeft();
    });

    it('passes every 2xx up while accepted (RFC 6026 §7.2), and hands the ACK to the user (§7.1)', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      callee.answer(200);
      callee.requests[0]?.resendSuccess();
      await clock.tickAsync(5);
      assert.deepEqual(caller.heard, [200, 200]);
      const ack = { ...request('ACK'), headers: new Headers(request('ACK').headers.list.map((header) => (
        header.name.key === 'via' ? { ...header, value: header.value.replace(BRANCH, 'z9hG4bKack') } : header))) };
      client.flow.send(serialize(ack));
      await clock.tickAsync(5);
      assert.equal(callee.acks.length, 1);
      await nothingIsLeft();
    });
  });

  describe('given an INVITE that comes twice', () => {
    it('shows it to the user once and repeats the last response', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      callee.answer(183);
      client.flow.send(client.sent[0]?.text ?? '');
      await clock.tickAsync(5);
      assert.deepEqual([callee.requests.length, server.times('SIP/2.0 183').length], [1, 2]);
      assert.equal(server.counters.snapshot()['absorbed.retransmission'], 1);
    });
  });

  describe('given a request other than INVITE', () => {
    it('repeats it up to every T2 until 64·T1 (timers E and F)', async () => {
      client.loses = () => true;
      send('OPTIONS');
      await clock.tickAsync(32_000);
      assert.deepEqual(client.times('OPTIONS'), [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
      assert.deepEqual(caller.heard, ['timeout']);
      await nothingIsLeft();
    });

    it('answers a repetition with the same final response (timer J)', async () => {
      send('OPTIONS');
      await clock.tickAsync(5);
      server.loses = () => true;
      callee.answer(200);
      await clock.tickAsync(3_000);
      server.loses = () => false;
      await clock.tickAsync(3_000);
      assert.deepEqual([callee.requests.length, caller.heard], [1, [200]]);
      assert.equal(server.times('SIP/2.0 200').length, 4);
      await nothingIsLeft();
    });

    it('forgets a request that its user never answers, so that nothing leaks (RFC 4320 §4.2)', async () => {
      send('OPTIONS');
      await nothingIsLeft();
      assert.deepEqual(server.sent.map(({ line }) => line).filter((line) => !line.startsWith('SIP/2.0 100')), []);
      assert.deepEqual([...new Set(caller.heard)], [100, 'timeout']);
    });

    it('gets a 100 as the client slows down, not before, and then again for each repetition (RFC 4320 §4.1)', async () => {
      send('OPTIONS');
      await clock.tickAsync(3_499);
      assert.deepEqual(server.sent, []);
      await clock.tickAsync(3);
      assert.deepEqual(new Set(server.sent.map(({ line }) => line)), new Set(['SIP/2.0 100 Trying']));
      callee.answer(200);
      await clock.tickAsync(5);
      assert.deepEqual([...new Set(caller.heard)], [100, 200]);
      await nothingIsLeft();
    });
  });

  describe('given a response with the branch of another method', () => {
    it('matches by branch and method, and drops the rest (RFC 3261 §17.1.3)', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      const stray = respondTo(request('CANCEL'), { status: 200 });
      server.flow.send(serialize(stray));
      await clock.tickAsync(5);
      assert.deepEqual(caller.heard, []);
      assert.equal(client.counters.snapshot()['dropped.stray-response'], 1);
    });
  });

  describe('given a CANCEL', () => {
    it('finds the INVITE by its branch (RFC 3261 §9.2)', async () => {
      send('INVITE');
      await clock.tickAsync(5);
      client.layer.sendRequest(request('CANCEL'), BRANCH, client.flow, new Caller());
      await clock.tickAsync(5);
      assert.deepEqual(callee.cancels, [callee.requests[0]]);
    });
  });

  describe('given a connection that is gone', () => {
    it('ends what waits on it, on both sides (RFC 3261 §8.1.3.1)', async () => {
      wire('tcp');
      send('INVITE');
      await clock.tickAsync(5);
      let serverHeard = '';
      const [transaction] = callee.requests;
      assert.ok(transaction);
      transaction.user = { onTimeout: () => { serverHeard = 'timeout'; }, onTransportFailed: () => { serverHeard = 'failed'; } };
      client.layer.flowClosed(client.flow);
      server.layer.flowClosed(server.flow);
      assert.deepEqual([caller.heard, serverHeard], [['transport-failed'], 'failed']);
      assert.deepEqual([client.layer.size, server.layer.size], [0, 0]);
    });
  });
});
