import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';

/**
 * What the softphone calls the person at the other end.
 * @param named - the name that came with the call; on a line of several customers only the likeliest one's.
 * @param chosenId - whom the agent took the caller for.
 */
export function useCallerName(named: string | undefined, chosenId: string | undefined): string {
  const { t } = useText();
  const match = useLiveItem('my-pop', 'pop')?.pop.match;
  if (match?.kind !== 'several') return named ?? t('phone.unknown-caller');
  return match.candidates.find(({ customer }) => customer.customerId === chosenId)?.customer.displayName ?? t('phone.shared-line');
}
