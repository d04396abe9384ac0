import assert from 'node:assert/strict';
import { foldText } from '../../db/fold-text.ts';

describe('foldText', () => {
  for (const [one, other] of [
    ['Aït Saïd', 'AIT SAID'], ['Leïla', 'leila'], ['فاطِمَة', 'فاطمه'], ['أحمد', 'احمد'], ['إبراهيم', 'ابراهيم'], ['مصطفى', 'مصطفي'],
    ['محمـــد', 'محمد'], ["M'Sila", 'm sila'], ['  Carol   B. ', 'carol b'],
  ] as const) {
    it(`takes ${one} and ${other} for the same`, () => assert.equal(foldText(one), foldText(other)));
  }

  it('keeps different names apart', () => {
    assert.notEqual(foldText('Amar'), foldText('Omar'));
    assert.notEqual(foldText('علي'), foldText('عالي'));
  });
});
