import type { CallingNumber } from '../../server/model/phone-number.ts';
import { formatPhoneNumber } from '../format/phone-number.ts';
import type { Translate } from '../i18n/translate.ts';

/** The calling number as people read it, or what is known instead of one. */
export function describeCalling(calling: CallingNumber, t: Translate): string {
  switch (calling.kind) {
    case 'e164': return formatPhoneNumber(calling.number);
    case 'anonymous': return t('phone.anonymous');
    case 'unparsable': return `${t('phone.no-number')} (${calling.raw})`;
  }
}
