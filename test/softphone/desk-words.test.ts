import assert from 'node:assert/strict';
import { AppError } from '../../server/base/app-error.ts';
import { epochMs } from '../../server/base/time.ts';
import type { Invoice } from '../../server/model/customer-file.ts';
import { asId, type UserId } from '../../server/model/ids.ts';
import { serviceLevelFormula } from '../../server/supervision/queue-figures.ts';
import { clearDraft, findLeftOver, readDraft, writeDraft, type DraftStorage } from '../../softphone/agent/draft.ts';
import { sumProof } from '../../softphone/api/ledger-proof.ts';
import { isOverdue, sumUnpaid } from '../../softphone/file/unpaid.ts';
import { createFormats } from '../../softphone/format/formats.ts';
import { createTexts, translateWith } from '../../softphone/i18n/translate.ts';
import { sumQueues } from '../../softphone/supervisor/wall-sums.ts';
import { shortcutOf, SHORTCUTS } from '../../softphone/ui/shortcut.ts';
import { tellCourse } from '../../softphone/words/interaction-course.ts';
import { joinParts } from '../../softphone/words/join-parts.ts';
import { sayFormula } from '../../softphone/words/say-formula.ts';
import { sayFault, sayThrown } from '../../softphone/words/say-fault.ts';
import { chosenSteps, sayIvrInput, sayWord } from '../../softphone/words/say-word.ts';
import { sampleInteraction, samplePop, sampleQueues } from './support/sample-centre.ts';
import { POLICY } from '../db/two-tenants.ts';

const t = translateWith(createTexts('en'), 'en');

describe('what a customer owes', () => {
  const bill = (number: string, minor: number, dueAt: number, rest: Partial<Invoice> = {}): Invoice =>
    ({ number, label: number, amount: { minor, currency: 'DZD' }, dueAt: epochMs(dueAt), ...rest });

  it('adds up what is not paid, the earliest due first', () => {
    const unpaid = sumUnpaid([bill('c', 300, 3_000), bill('a', 100, 1_000), bill('paid', 900, 500, { paidAt: epochMs(400) })], 2_000);
    assert.deepEqual(unpaid.invoices.map((one) => one.number), ['a', 'c']);
    assert.deepEqual(unpaid.totals, [{ currency: 'DZD', minor: 400 }]);
    assert.equal(unpaid.hasOverdue, true);
  });

  it('never adds different currencies', () => {
    const unpaid = sumUnpaid([bill('a', 100, 1), { ...bill('b', 7, 1), amount: { minor: 7, currency: 'EUR' } }], 0);
    assert.deepEqual(unpaid.totals, [{ currency: 'DZD', minor: 100 }, { currency: 'EUR', minor: 7 }]);
  });

  it('is overdue only after the due date and while it is not paid', () => {
    assert.equal(isOverdue(bill('a', 1, 1_000), 1_000), false);
    assert.equal(isOverdue(bill('a', 1, 1_000), 1_001), true);
    assert.equal(isOverdue(bill('a', 1, 1_000, { paidAt: epochMs(5) }), 1_001), false);
  });
});

describe('the draft of a wrap-up', () => {
  class FakeStorage implements DraftStorage {
    text: string | null = null;

    getItem(): string | null {
      return this.text;
    }

    setItem(_key: string, text: string): void {
      this.text = text;
    }

    removeItem(): void {
      this.text = null;
    }
  }

  it('is there again after a reload, for its own call only', () => {
    const storage = new FakeStorage();
    writeDraft(storage, { callId: 'call-1', disposition: 'claim', note: 'half a sen' });
    assert.equal(readDraft(storage, 'call-1').note, 'half a sen');
    assert.deepEqual(readDraft(storage, 'call-2'), { callId: 'call-2', disposition: '', note: '' });
    clearDraft(storage, 'call-1');
    assert.equal(readDraft(storage, 'call-1').note, '');
    assert.equal(storage.text, null);
  });

  it('outlives the next call when it was never saved, up to five of them', () => {
    const storage = new FakeStorage();
    for (const number of [1, 2, 3, 4, 5, 6]) writeDraft(storage, { callId: `call-${number}`, disposition: '', note: `note ${number}` });
    writeDraft(storage, { callId: 'call-7', disposition: 'claim', note: ' ' });
    assert.equal(findLeftOver(storage)?.note, 'note 6');
    clearDraft(storage, 'call-6');
    assert.equal(findLeftOver(storage)?.note, 'note 5');
    assert.equal(readDraft(storage, 'call-2').note, '');
    assert.equal(readDraft(storage, 'call-3').note, 'note 3');
  });

  it('begins empty when what is kept is damaged', () => {
    const storage = new FakeStorage();
    for (const text of ['{', '{"callId":1}', 'null', '[1]']) {
      storage.text = text;
      assert.deepEqual(readDraft(storage, 'call-1'), { callId: 'call-1', disposition: '', note: '' });
    }
  });
});

describe('the formula of the service level', () => {
  it('is said in the language of the page, an unknown one as it came', () => {
    const inArabic = translateWith(createTexts('ar'), 'ar');
    const formula = serviceLevelFormula(POLICY);
    assert.equal(sayFormula(formula, t, createFormats('en', t)), 'answered within 20 s / (answered + abandoned after 20 s)');
    assert.doesNotMatch(sayFormula(formula, inArabic, createFormats('ar', inArabic)), /[a-z]/);
    assert.equal(sayFormula('answered / offered', inArabic, createFormats('ar', inArabic)), 'answered / offered');
  });
});

describe('the figures of all queues', () => {
  it('add up, with the longest wait of all', () => {
    assert.deepEqual(sumQueues(sampleQueues(1_000_000)), { waiting: 4, oldestEnqueuedAt: 926_000, offered: 1, enteredToday: 60, answeredToday: 53, abandonedToday: 3 });
    assert.equal(sumQueues([]).oldestEnqueuedAt, undefined);
  });

  it('count the calls of all trunks in the proof', () => {
    const trunk = { trunkId: 'a', seen: 5, logged: 5, delivered: 4, pending: 1, gap: 0 };
    assert.deepEqual(sumProof({ gap: 0, trunks: [trunk, { ...trunk, trunkId: 'b' }] }), { seen: 10, logged: 10, delivered: 8, pending: 2 });
  });
});

describe('a shortcut', () => {
  const press = { key: 'a', code: 'KeyA', altKey: true, ctrlKey: false, metaKey: false };

  it('goes by the printed letter, and by the place of the key in other scripts', () => {
    assert.equal(shortcutOf(press), 'answer');
    assert.equal(shortcutOf({ ...press, key: 'a', code: 'KeyQ' }), 'answer');
    assert.equal(shortcutOf({ ...press, key: 'ش', code: 'KeyA' }), 'answer');
    assert.equal(shortcutOf({ ...press, key: 'å', code: 'KeyA' }), 'answer');
  });

  it('is none without Alt, with AltGr, or for a free letter', () => {
    assert.equal(shortcutOf({ ...press, altKey: false }), undefined);
    assert.equal(shortcutOf({ ...press, ctrlKey: true }), undefined);
    assert.equal(shortcutOf({ ...press, key: 'q', code: 'KeyQ' }), undefined);
  });

  it('is never one that a browser keeps, and never two things', () => {
    const letters = Object.values(SHORTCUTS);
    assert.equal(new Set(letters).size, letters.length);
    assert.deepEqual(letters.filter((letter) => 'DEFZ'.includes(letter)), []);
  });
});

describe('the course of a call', () => {
  it('tells every moment in order of time', () => {
    const course = tellCourse(sampleInteraction(1_000_000_000), t, () => undefined);
    assert.deepEqual(course.map((moment) => moment.text), [
      'Received', 'Answered by the menu', 'Entered the queue Sinistres', 'Offered to Bachir Saïdi', 'Bachir Saïdi: not answered', 'Offered to Alice Benali',
      'Left the queue: answered', 'Alice Benali: answered', 'Talking with Alice Benali', 'On hold', 'Taken back', 'Conversation over', 'Ended', 'Wrap-up began', 'Wrap-up over',
    ]);
    assert.deepEqual([...course].sort((a, b) => a.at - b.at), course);
  });

  it('tells every conversation of a call whose first agent was lost', () => {
    const interaction = sampleInteraction(0);
    const [first, second] = [asId<UserId>('first'), asId<UserId>('second')];
    const course = tellCourse({
      ...interaction, agentId: second, agentName: 'Bilal',
      bridges: [{ agentId: first, from: epochMs(1), to: epochMs(2) }, { agentId: second, from: epochMs(3), to: epochMs(4) }],
    }, t, () => 'Alice').filter(({ text }) => /^Talking|^Conversation/.test(text));
    assert.deepEqual(course.map(({ text }) => text), ['Talking with Alice', 'Conversation over', 'Talking with Bilal', 'Conversation over']);
  });

  it('names an agent by what the reader knows when the history has no name', () => {
    const interaction = sampleInteraction(0);
    const [offer] = interaction.offers;
    assert.ok(offer);
    const { offerId, agentId, offeredAt, receipt } = offer;
    const course = tellCourse({ ...interaction, offers: [{ offerId, agentId, offeredAt, receipt }] }, t, () => 'B.');
    assert.ok(course.some((moment) => moment.text === 'Offered to B.'));
  });
});

describe('facts in one line', () => {
  it('leave out what is not known, and are each isolated from the direction of the others', () => {
    assert.equal(joinParts(['Bachir', undefined, '', '4 د']), '\u2068Bachir\u2069 · \u20684 د\u2069');
  });
});

describe('words of the server', () => {
  it('are said where they are known, and shown where they are not', () => {
    assert.equal(sayWord('intent', 'claim', t), 'Claim');
    assert.equal(sayWord('intent', 'travel-cover', t), 'travel-cover');
    assert.deepEqual(['2', 'no-input', 'no-match'].map((input) => sayIvrInput(input, t)), ['key 2', 'silence', 'wrong key']);
  });

  it('tell of the menu only what the caller did', () => {
    assert.deepEqual(chosenSteps(samplePop(0).ivrPath).map((step) => step.input), ['no-input', '2']);
  });

  it('say faults by code, SIP refusals by status, and what is unknown by the server\'s sentence', () => {
    assert.match(sayFault('phone.microphone-denied', t), /may not use the microphone/);
    assert.equal(sayFault('sip-486', t), 'The line is busy.');
    assert.equal(sayFault('sip-488', t), 'The call was refused (488).');
    assert.equal(sayFault('new-code', t), 'It did not work (new-code).');
    assert.match(sayThrown(new AppError({ code: 'desk.x', category: 'agent', message: 'no call to hold' }), t), /no call to hold/);
    assert.match(sayThrown(new AppError({ code: 'api.unreachable', category: 'upstream', message: 'm' }), t), /cannot be reached/);
  });
});
