import assert from 'node:assert/strict';
import { asId } from '../../server/model/ids.ts';
import type { Language } from '../../server/model/language.ts';
import { createFormats } from '../../softphone/format/formats.ts';
import { createTexts, translateWith } from '../../softphone/i18n/translate.ts';
import { tellReceipt, type ReceiptTelling } from '../../softphone/words/receipt-words.ts';
import { ALICE_ID, BACHIR_ID, sampleReceipt } from './support/sample-centre.ts';

function telling(language: Language, change: Partial<ReceiptTelling> = {}): ReceiptTelling {
  const t = translateWith(createTexts(language), language);
  return { t, f: createFormats(language, t), nameOf: () => undefined, readerId: ALICE_ID, ...change };
}

describe('a receipt in words', () => {
  it('tells the agent why the call came to her, how far ahead it was placed and who could not take it', () => {
    assert.deepEqual(tellReceipt(sampleReceipt(0), telling('en')), [
      'Of 2 agents who could take it, you had been free the longest (4 min).',
      'It was placed 1 min 30 s ahead: tier Gold (1 min), risk of leaving (30 s).',
      'It was number 1 of 3 waiting, after 32 s.',
      'Not possible: 1 in a call.',
    ]);
  });

  it('names the agents to a reader who knows them', () => {
    const nameOf = (id: string): string | undefined => ({ [ALICE_ID]: 'Alice', 'carim-id': 'Carim' })[id];
    const sentences = tellReceipt(sampleReceipt(0), telling('en', { nameOf, readerId: 'sam-id' }));
    assert.equal(sentences[0], 'Of 2 agents who could take it, Alice had been free the longest (4 min).');
    assert.equal(sentences.at(-1), 'Not possible: Carim in a call.');
  });

  it('shows the id of an agent whose name is not known', () => {
    assert.match(tellReceipt(sampleReceipt(0, { chosen: BACHIR_ID }), telling('en'))[0] ?? '', /bachir-id/);
  });

  it('says that order of arrival held when nothing was added', () => {
    const receipt = sampleReceipt(0, { headStart: { ms: 0, parts: [{ reason: 'unknown-caller', ms: 0 }], policyVersion: 1 }, tieBreak: 'only-candidate', excluded: [] });
    assert.deepEqual(tellReceipt(receipt, telling('fr')), [
      'Vous étiez le seul agent à pouvoir le prendre.', 'Il a été servi dans l’ordre d’arrivée.', 'Il était numéro 1 sur 3 en attente, après 32 s.',
    ]);
  });

  it('shows a reason that this page does not know as the server wrote it', () => {
    const receipt = sampleReceipt(0, { headStart: { ms: 5_000, parts: [{ reason: 'three-unanswered', ms: 5_000 }], policyVersion: 2 } });
    assert.match(tellReceipt(receipt, telling('en'))[1] ?? '', /three-unanswered \(5 s\)/);
  });

  it('leaves out agents of other queues', () => {
    const receipt = sampleReceipt(0, { excluded: [{ agentId: asId('dina-id'), reason: 'not-in-queue' }] });
    assert.equal(tellReceipt(receipt, telling('ar')).length, 3);
  });
});
