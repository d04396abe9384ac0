import { runSipp } from '../support/sipp.ts';
import type { RunningCentre } from '../support/running-centre.ts';
import { until } from '../support/until.ts';
import { ack, answered, hungUp, invite, pause, press, writeScenario } from '../calls/sipp-scenario.ts';
import { percentilesOf, type Percentiles } from './percentiles.ts';

/**
 * Measures by how much the pop on the agent's page precedes the INVITE at her softphone, call
 * after call, as her own browser's process sees both.
 */
export async function measurePopLeadTimes(centre: RunningCentre, calls: number): Promise<Percentiles> {
  const alice = await centre.signIn('alice');
  await alice.start();
  const { dispositions } = await alice.api<{ dispositions: { code: string }[] }>('/api/dispositions');
  const scenario = await writeScenario('pop-lead-time', [
    invite(), answered(), ack(), pause(100), press('1', 2), pause(100), press('0', 3), hungUp(20_000),
  ]);
  const leads: number[] = [];
  try {
    for (let n = 0; n < calls; n += 1) {
      const rung = alice.rings.length;
      const call = runSipp({ scenario: scenario.path, remote: centre.sipAddress, args: ['-s', '1000', '-key', 'from', '+213550100001'], timeoutMs: 30_000 });
      const ring = await until(() => (alice.rings.length > rung ? alice.rings.at(-1) : undefined), 'the ring', 15_000);
      const shown = alice.popsShown.get(ring.offerId ?? '');
      if (shown === undefined) throw new Error('the softphone rang before the pop was shown');
      leads.push(ring.at - shown);
      await until(() => alice.isTalking, 'the conversation');
      await alice.hangUp();
      await call;
      const item = await until(() => alice.items.get('wrap-up'), 'the wrap-up');
      if (item.kind !== 'my-wrap-up') throw new Error('no wrap-up');
      await alice.request({ type: 'complete-wrap-up', callId: item.callId, disposition: dispositions[0]?.code ?? '', note: '' });
      await until(() => alice.state === 'available', 'being available again');
    }
  } finally {
    await scenario.remove();
    await alice.close();
  }
  return percentilesOf(leads);
}
