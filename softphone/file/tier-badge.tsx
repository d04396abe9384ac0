import { Badge } from '@mantine/core';
import type { Tier } from '../../server/model/value.ts';
import { useText } from '../i18n/use-text.ts';
import { TIER_COLORS } from '../ui/state-colors.ts';

/** The value tier of a customer. */
export function TierBadge({ tier, size = 'sm', ...rest }: { readonly tier: Tier; readonly size?: 'sm' | 'lg'; readonly 'data-testid'?: string }) {
  const { t } = useText();
  return <Badge size={size} variant="light" color={TIER_COLORS[tier]} className="keeps" {...rest}>{t(`tier.${tier}`)}</Badge>;
}
