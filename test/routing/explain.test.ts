import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import type { Receipt } from '../../server/model/routing.ts';
import { decide } from '../../server/routing/decide.ts';
import { explainReceipt } from '../../server/routing/explain.ts';
import { agent, entry, NOON, POLICIES, SALES, userId } from './routing-fixtures.ts';

const NAMES = new Map([['alice', 'Alice'], ['zoe', 'Zoé']]);
const names = {
  agentName: (agentId: string) => NAMES.get(agentId),
  queueName: (queueId: string) => (queueId === SALES ? 'Ventes' : undefined),
};
const NOW = epochMs(NOON + 65_000);

function receiptOf(entries: Parameters<typeof decide>[0]['entries'], agents: Parameters<typeof decide>[0]['agents']): Receipt {
  const [made] = decide({ entries, agents }, POLICIES, NOW).assignments;
  assert.ok(made);
  return made.receipt;
}

describe('explainReceipt', () => {
  const vip = entry('carol', 5_000, { customer: { tier: 'platinum', churnLight: 'red' } });
  const receipt = receiptOf([vip, entry('dora', 0)], [
    agent('alice', { since: epochMs(NOON - 5_000) }), agent('zoe'), agent('bob', { state: 'on-break' }), agent('elsewhere', { queueIds: [] }),
  ]);

  it('tells the story in English', () => {
    assert.deepEqual(explainReceipt(receipt, 'en', names), [
      'The call had waited 1 min in the queue “Ventes”, at place 1 of 2.',
      'It had a head start of 1 min: 1 min for the platinum tier and 15 sec for the risk of leaving, within the limit of the queue.',
      'Of 2 who were free, Alice had been so the longest (1 min 10 sec).',
      'Passed over (on a break): bob.',
    ]);
  });

  it('tells it in French', () => {
    assert.deepEqual(explainReceipt(receipt, 'fr', names).map((sentence) => sentence.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')), [
      'L\'appel attendait depuis 1 min dans la file « Ventes », à la place 1 sur 2.',
      'Il avait 1 min d\'avance : 1 min pour le segment platine et 15 s pour le risque de départ, dans la limite de la file.',
      'Parmi 2 personnes libres, Alice l\'était depuis le plus longtemps (1 min 10 s).',
      'Écartés (en pause) : bob.',
    ]);
  });

  it('tells it in Arabic, with the digits that are used in Algeria', () => {
    const told = explainReceipt(receipt, 'ar', names);
    assert.equal(told.length, 4);
    for (const sentence of told) assert.match(sentence, /\p{Script=Arabic}/u);
    assert.doesNotMatch(told.join(' '), /[٠-٩]/);
    assert.match(told[0] ?? '', /«Ventes»، في المرتبة 1 من 2/);
  });

  it('says that nothing was known of the caller, or that there was no head start', () => {
    assert.match(explainReceipt(receiptOf([entry('carol', 0)], [agent('alice')]), 'en', names)[1] ?? '', /value of the caller was unknown/);
    const bronze = entry('carol', 0, { customer: { tier: 'bronze', churnLight: 'green' } });
    assert.equal(explainReceipt(receiptOf([bronze], [agent('alice')]), 'en', names)[1], 'It had no head start.');
  });

  it('says when somebody was the only one, and when the ids decided', () => {
    const carol = entry('carol', 0);
    assert.equal(explainReceipt(receiptOf([carol], [agent('alice')]), 'en', names)[2], 'Alice was the only one free who could take it.');
    assert.match(explainReceipt(receiptOf([carol], [agent('zoe'), agent('alice')]), 'en', names)[2] ?? '', /Alice and others .* order of their ids/);
  });

  it('says that the language was let go', () => {
    const told = explainReceipt(receiptOf([entry('carol', 0, { language: 'ar' })], [agent('alice')]), 'fr', names);
    assert.ok(told.includes('Personne de connecté dans cette file ne parle l\'arabe : la langue n\'a pas été exigée.'));
  });

  it('names five and counts the others', () => {
    const busy = Array.from({ length: 8 }, (_, i) => agent(`agent-${i}`, { state: 'on-call' }));
    const told = explainReceipt(receiptOf([entry('carol', 0)], [agent('alice'), ...busy]), 'en', names);
    assert.equal(told.at(-1), 'Passed over (on a call): agent-0, agent-1, agent-2, agent-3, agent-4, and 3 others.');
  });

  it('has words for every reason in every language', () => {
    const able = { skills: { motor: 1 } };
    const call = entry('carol', 0, { requiredSkill: 'motor', declines: [{ agentId: userId('declined'), at: NOW }] });
    const all = receiptOf([call], [
      agent('alice', able), agent('offline', { ...able, state: 'offline' }), agent('unskilled'), agent('english', { ...able, languages: ['en'] }),
      agent('ringing', { ...able, state: 'offered' }), agent('talking', { ...able, state: 'on-call' }),
      agent('writing', { ...able, state: 'wrap-up' }), agent('resting', { ...able, state: 'on-break' }), agent('declined', able),
    ]);
    for (const language of LANGUAGES) {
      const told = explainReceipt(all, language, names);
      assert.equal(new Set(told).size, 3 + 8);
      assert.doesNotMatch(told.join(' '), /undefined|NaN/);
    }
  });
});
