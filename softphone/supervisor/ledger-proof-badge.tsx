import { Badge, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useLedgerProof } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';

/** Whether every call that was seen is in the ledger and on its way to the history. */
export function LedgerProofBadge() {
  const { t, f } = useText();
  const proof = useLedgerProof().data;
  const counts = proof && (['seen', 'logged', 'delivered', 'pending'] as const)
    .map((name) => (proof[name] === undefined ? undefined : `${t(`proof.${name}`)}: ${f.number(proof[name])}`))
    .filter((part) => part !== undefined);
  const color = !proof ? 'gray' : proof.gap === 0 ? 'teal' : 'red';
  return (
    <Tooltip label={[t('proof.title'), ...(counts ?? [])].join(' · ')} multiline maw={360}>
      <Badge tabIndex={0} variant="light" tt="none" color={color} data-testid="ledger-proof" data-gap={proof?.gap} leftSection={proof && proof.gap !== 0 ? <IconAlertTriangle size={13} /> : <IconShieldCheck size={13} />}>
        {!proof ? t('proof.unknown') : proof.gap === 0 ? t('proof.complete') : t('proof.gap', { count: proof.gap })}
      </Badge>
    </Tooltip>
  );
}
