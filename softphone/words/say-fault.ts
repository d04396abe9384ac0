import { AppError } from '../../server/base/app-error.ts';
import { hasText, type Translate } from '../i18n/translate.ts';

const SIP_TEXTS: Readonly<Record<string, 'fault.sip-busy' | 'fault.sip-unavailable' | 'fault.sip-forbidden'>> = {
  'sip-403': 'fault.sip-forbidden',
  'sip-480': 'fault.sip-unavailable',
  'sip-486': 'fault.sip-busy',
  'sip-600': 'fault.sip-busy',
  'sip-503': 'fault.sip-unavailable',
};

/** Says a stable code in words: what happened and what to do; an unknown code is shown as it is. */
export function sayFault(code: string, t: Translate): string {
  const key = `fault.${code}`;
  if (hasText(key)) return t(key);
  const known = SIP_TEXTS[code];
  if (known) return t(known);
  if (code.startsWith('sip-')) return t('fault.sip-other', { status: code.slice('sip-'.length) });
  return t('fault.other', { reason: code });
}

/** Says anything thrown: by its code when that is known, else by the server's own sentence. */
export function sayThrown(thrown: unknown, t: Translate): string {
  if (!(thrown instanceof AppError)) return t('fault.other', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
  return hasText(`fault.${thrown.code}`) ? sayFault(thrown.code, t) : t('fault.other', { reason: thrown.message });
}
