import assert from 'node:assert/strict';
import { runSipp, type SippResult } from '../support/sipp.ts';
import { runCentre, type RunningCentre } from '../support/running-centre.ts';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import type { Tier } from '../../server/model/value.ts';
import type { CustomerList } from '../../server/wire/api.ts';
import type { RobotAgent } from '../support/robot-agent.ts';
import { until } from '../support/until.ts';
import { ack, ackRefusal, answered, bye, cancel, hungUp, invite, pause, press, refused, writeScenario, type SippStep } from './sipp-scenario.ts';

const BRANCH = 'z9hG4bK-carol-[pid]-[call_number]';

describe('calls from SIPp, on real sockets', function () {
  this.timeout(60_000);
  let centre: RunningCentre;
  let caller = 0;

  before(async () => {
    // Lost ACKs take 64·T1: a tenth of RFC 3261's T1 keeps the suite short and the machine the same.
    centre = await runCentre({}, { sipTimers: { t1: 50 } });
  });
  after(() => centre.stop());

  /** A number of its own for each call, so that the history can be asked for it. */
  const newCaller = (): string => `+2135501${String(caller += 1).padStart(5, '0')}`;

  const dial = async (from: string, name: string, steps: readonly SippStep[], args: readonly string[] = []): Promise<SippResult> => {
    const scenario = await writeScenario(name, steps);
    try {
      return await runSipp({ scenario: scenario.path, remote: centre.sipAddress, timeoutMs: 40_000, args: ['-s', '1000', '-key', 'from', from, ...args] });
    } finally {
      await scenario.remove();
    }
  };

  const succeeded = (result: SippResult): void => assert.equal(result.exitCode, 0, `${result.errors}\n${result.messages.slice(-3000)}`);

  describe('given no agent is signed in', () => {
    it('a caller abandons in the IVR, and the history says where', async () => {
      const from = newCaller();
      succeeded(await dial(from, 'abandoned-in-ivr', [invite(), answered(), ack(), pause(700), bye(2)]));
      const call = await centre.completed(from);
      assert.equal(call.termination?.result, 'caller');
      assert.equal(call.termination?.reason, 'abandoned-in-ivr');
      assert.equal(call.queueStays.length, 0);
      assert.ok(call.ivrPath.length > 0);
      assert.ok(call.answeredAt !== undefined && call.answeredAt >= call.startedAt);
    });

    it('a caller who presses 0 waits in the queue and abandons there', async () => {
      const from = newCaller();
      succeeded(await dial(from, 'abandoned-in-queue', [invite(), answered(), ack(), pause(300), press('1', 2), pause(300), press('0', 3), pause(4000), bye(4)]));
      const call = await centre.completed(from);
      assert.equal(call.termination?.reason, 'abandoned-in-queue');
      assert.equal(call.queueStays[0]?.exit, 'abandoned');
      assert.equal(call.intent, 'person');
      assert.equal(call.offers.length, 0);
    });

    it('a known customer presses 3 and hears her bill, without a human', async () => {
      const sam = await centre.signIn('sam');
      const { customers } = await sam.api<CustomerList>('/api/customers?q=belkacem');
      const [customer] = customers;
      assert.ok(customer);
      const { numbers, invoices } = await sam.api<CustomerFile>(`/api/customers/${customer.customerId}`);
      assert.ok(invoices.some(({ paidAt }) => paidAt === undefined), 'she owes something');
      const from = numbers[0] ?? '';
      succeeded(await dial(from, 'bill', [invite(), answered(), ack(), pause(500), press('3', 2), pause(2000), bye(3)]));
      const call = await centre.completed(from);
      assert.equal(call.customerId, customer.customerId);
      assert.equal(call.language, customer.language);
      assert.ok(call.ivrPath.some(({ nodeId }) => nodeId === 'bill'), JSON.stringify(call.ivrPath));
      assert.equal(call.queueStays.length, 0);
    });

    it('a retransmitted INVITE is one call (RFC 3261 §17.2.1)', async () => {
      const from = newCaller();
      const twice = [
        invite({ branch: BRANCH }), '<recv response="100" response_txn="invite"/>', invite({ branch: BRANCH, attributes: '' }),
        answered(), ack(), pause(300), bye(2),
      ];
      succeeded(await dial(from, 'retransmitted-invite', twice));
      await centre.completed(from);
      assert.equal((await centre.history()).filter(({ callingNumber }) => callingNumber === from).length, 1);
    });

    it('a CANCEL that races with the answer ends the call, whoever wins (RFC 3261 §9.2)', async () => {
      const from = newCaller();
      // The 100 is there within a millisecond or two, the 200 some tens later: the CANCEL goes out between them.
      const race = await dial(from, 'cancel-race', [
        invite({ branch: BRANCH }), '<recv response="100" response_txn="invite"/>', cancel(BRANCH),
        '<recv response="200" optional="true" response_txn="cancel"/>',
        '<recv response="200" optional="true" rrs="true" response_txn="invite" next="1"/>',
        '<recv response="487" rrs="true" response_txn="invite"/>',
        ackRefusal(BRANCH), '<nop next="2"/>',
        '<label id="1"/>', ack(), bye(2),
        '<label id="2"/>', pause(200),
      ]);
      succeeded(race);
      const call = await centre.completed(from);
      assert.equal(call.termination?.result, 'caller');
    });

    it('a lost ACK ends the call with a BYE, and says so (RFC 3261 §13.3.1.4)', async () => {
      const from = newCaller();
      const noAck = [invite({ attributes: 'retrans="500"' }), '<recv response="100" optional="true"/>', '<recv response="200"/>', hungUp(20_000)];
      succeeded(await dial(from, 'lost-ack', noAck));
      const call = await centre.completed(from);
      assert.equal(call.termination?.reason, 'ack-timeout');
    });

    it('an INVITE without SDP gets an offer, and its answer comes in the ACK (RFC 3264 §5)', async () => {
      const from = newCaller();
      succeeded(await dial(from, 'no-sdp', [invite({ offer: 'none' }), answered(), ack({ answer: true }), pause(500), bye(2)]));
      assert.equal((await centre.completed(from)).termination?.reason, 'abandoned-in-ivr');
    });

    it('a codec that nobody has gets 488, in the history (RFC 3264 §6)', async () => {
      const from = newCaller();
      succeeded(await dial(from, 'unsupported-codec', [invite({ offer: 'g729', branch: BRANCH }), refused(488), ackRefusal(BRANCH)]));
      const call = await centre.completed(from);
      assert.equal(call.termination?.result, 'refused');
      assert.equal(call.termination?.sipStatus, 488);
    });

    it('two callers wait; the better customer, who came later but within her head start, is served first', async () => {
      const sam = await centre.signIn('sam');
      const numberOf = async (tier: Tier): Promise<string> => {
        for (const letter of 'abdehilmnorsty') {
          const { customers } = await sam.api<CustomerList>(`/api/customers?q=${letter}`);
          for (const one of customers.filter((candidate) => candidate.tier === tier && candidate.language === 'fr' && candidate.churnLight === 'green')) {
            const { numbers } = await sam.api<CustomerFile>(`/api/customers/${one.customerId}`);
            const match = numbers[0] === undefined ? [] : (await sam.api<CustomerList>(`/api/customers?q=${encodeURIComponent(numbers[0])}`)).customers;
            if (numbers[0] !== undefined && match.length <= 1) return numbers[0];
          }
        }
        throw new Error(`no ${tier} customer with a number of her own`);
      };
      const [bronze, platinum] = [await numberOf('bronze'), await numberOf('platinum')];
      const toClaims = [invite(), answered(), ack(), pause(500), press('2', 2), hungUp(40_000)];
      const queued = (number: string) => async (): Promise<boolean> =>
        (await centre.history()).find(({ callingNumber }) => callingNumber === number)?.queueStays.length === 1;
      const bronzeCall = dial(bronze, 'bronze', toClaims);
      await until(queued(bronze), 'the bronze caller in the queue', 15_000);
      const platinumCall = dial(platinum, 'platinum', toClaims);
      await until(queued(platinum), 'the platinum caller in the queue', 15_000);
      const chahira = await centre.signIn('chahira');
      await chahira.start();
      const served: (string | undefined)[] = [];
      for (let n = 0; n < 2; n += 1) {
        await until(() => chahira.rings.length > n && chahira.isTalking, 'a conversation', 15_000);
        const calling = chahira.rings[n]?.pop?.pop.calling;
        served.push(calling?.kind === 'e164' ? calling.number : undefined);
        await chahira.hangUp();
        await until(() => chahira.state === 'wrap-up', 'the wrap-up');
        await chahira.request({ type: 'go-available' });
      }
      assert.deepEqual(served, [platinum, bronze]);
      succeeded(await bronzeCall);
      succeeded(await platinumCall);
      const receipt = (await centre.completed(platinum)).offers[0]?.receipt;
      assert.ok((receipt?.headStart.ms ?? 0) > 0);
      // Her seat stays open for the grace period after her browser is gone: she leaves the rotation first.
      await chahira.request({ type: 'go-on-break', reason: 'lunch' });
      await chahira.close();
    });

    it('an unknown number gets 404, in the history', async () => {
      const from = newCaller();
      succeeded(await dial(from, 'unknown-number', [invite({ branch: BRANCH }), refused(404), ackRefusal(BRANCH)], ['-s', '4711']));
      assert.equal((await centre.completed(from)).termination?.reason, 'unknown-number');
    });
  });

  describe('given Alice is signed in', () => {
    let alice: RobotAgent;
    before(async () => {
      alice = await centre.signIn('alice');
      await alice.start();
    });
    after(() => alice.close());

    const toPerson = (...then: SippStep[]): SippStep[] => [invite(), answered(), ack(), pause(300), press('1', 2), pause(300), press('0', 3), ...then];

    /** Alice files her wrap-up; she is available again then, or rings already for the next one who waits. */
    const wrapUp = async (): Promise<void> => {
      const item = await until(() => alice.items.get('wrap-up'), 'the wrap-up');
      assert.equal(item.kind, 'my-wrap-up');
      const { dispositions } = await alice.api<{ dispositions: { code: string }[] }>('/api/dispositions');
      await alice.request({ type: 'complete-wrap-up', callId: item.kind === 'my-wrap-up' ? item.callId : '', disposition: dispositions[0]?.code ?? '', note: 'Called about the bill.' });
      await until(() => alice.state !== 'wrap-up' && !alice.items.has('wrap-up'), 'the end of the wrap-up');
    };

    it('she answers, hangs up, and the call is complete in the history', async () => {
      const from = newCaller();
      const call = dial(from, 'answered', toPerson(hungUp(20_000)));
      await until(() => alice.isTalking, 'the conversation', 15_000);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
      await alice.hangUp();
      succeeded(await call);
      const done = await centre.completed(from);
      assert.equal(done.termination?.result, 'agent');
      assert.equal(done.agentName !== undefined, true);
      assert.equal(done.offers[0]?.outcome, 'accepted');
      assert.equal(done.queueStays[0]?.exit, 'answered');
      assert.equal(done.offers[0]?.receipt.chosen, done.agentId);
      assert.ok((done.talkMs ?? 0) >= 900);
      await wrapUp();
      const filed = await until(async () => (await centre.completed(from)).disposition, 'the wrap-up in the history');
      assert.equal(typeof filed, 'string');
      assert.equal((await centre.completed(from)).note, 'Called about the bill.');
    });

    it('the pop is on her page before the INVITE reaches her softphone (DESIGN invariant 4)', async () => {
      const ring = alice.rings.at(-1);
      assert.ok(ring?.pop);
      assert.equal(ring.pop.pop.offerId, ring.offerId);
      assert.ok((alice.popsShown.get(ring.offerId ?? '') ?? Infinity) <= ring.at);
    });

    it('is busy with one caller while the next one waits, and gets that one after', async () => {
      const [first, second] = [newCaller(), newCaller()];
      const firstCall = dial(first, 'busy-first', toPerson(hungUp(30_000)));
      await until(() => alice.isTalking, 'the first conversation', 15_000);
      const ringsBefore = alice.rings.length;
      const secondCall = dial(second, 'busy-second', toPerson(hungUp(35_000)));
      await until(async () => (await centre.history()).find(({ callingNumber }) => callingNumber === second)?.queueStays.length, 'the second call in the queue', 15_000);
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      assert.equal(alice.rings.length, ringsBefore, 'her softphone stays silent (DESIGN invariant 2)');
      await alice.hangUp();
      await wrapUp();
      await until(() => alice.rings.length > ringsBefore, 'the second ring');
      await until(() => alice.isTalking, 'the second conversation');
      await alice.hangUp();
      succeeded(await firstCall);
      succeeded(await secondCall);
      assert.equal((await centre.completed(second)).queueStays[0]?.exit, 'answered');
      await wrapUp();
    });

    it('rings no more when the caller gives up meanwhile', async () => {
      alice.behaviour = 'ring-out';
      const from = newCaller();
      const ringsBefore = alice.rings.length;
      const call = dial(from, 'gives-up', toPerson(pause(6000), bye(4)));
      await until(() => alice.rings.length > ringsBefore, 'the ring', 15_000);
      succeeded(await call);
      const done = await centre.completed(from);
      assert.equal(done.offers[0]?.outcome, 'rescinded');
      assert.equal(done.queueStays[0]?.exit, 'abandoned');
      await until(() => alice.state === 'available', 'being available again');
      alice.behaviour = 'answer';
    });

    it('rejects a call and is not offered it again at once; the caller keeps the place', async () => {
      alice.behaviour = 'reject';
      const from = newCaller();
      const call = dial(from, 'rejected', toPerson(pause(7000), bye(4)));
      succeeded(await call);
      const done = await centre.completed(from);
      assert.equal(done.offers[0]?.outcome, 'rejected');
      assert.equal(done.offers.length, 1);
      assert.equal(alice.state, 'available');
      alice.behaviour = 'answer';
    });
  });
});
