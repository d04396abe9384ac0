import { SimpleGrid, UnstyledButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useText } from '../i18n/use-text.ts';

/** The twelve keys of a telephone and what is written under them (ITU-T E.161). */
const KEYS = [
  ['1', ''], ['2', 'ABC'], ['3', 'DEF'], ['4', 'GHI'], ['5', 'JKL'], ['6', 'MNO'],
  ['7', 'PQRS'], ['8', 'TUV'], ['9', 'WXYZ'], ['*', ''], ['0', '+'], ['#', ''],
] as const;

/** A key of {@link Keypad}. */
export type KeypadDigit = (typeof KEYS)[number][0];

/** The keypad of a telephone; typed digits count too, unless something is being written. */
export function Keypad({ onDigit }: { readonly onDigit: (digit: KeypadDigit) => void }) {
  const { t } = useText();
  const latest = useRef(onDigit);
  useEffect(() => {
    latest.current = onDigit;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || isWriting(event.target)) return;
      const digit = KEYS.find(([key]) => key === event.key)?.[0];
      if (digit !== undefined) latest.current(digit);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    // The order of the keys is the same in every script.
    <SimpleGrid cols={3} spacing={6} verticalSpacing={6} dir="ltr" role="group" aria-label={t('phone.keypad')}>
      {KEYS.map(([digit, letters]) => (
        <UnstyledButton key={digit} className="keypad__key" aria-label={t('phone.key', { digit })} data-testid={`keypad-${digit}`} onClick={() => onDigit(digit)}>
          <span className="keypad__digit">{digit}</span>
          <span className="keypad__letters" aria-hidden="true">{letters}</span>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
