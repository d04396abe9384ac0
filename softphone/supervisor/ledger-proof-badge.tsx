import { Badge, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { sumProof, type LedgerProof } from '../api/ledger-proof.ts';
import { useLedgerProof } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';

/** Whether every call that was seen is in the ledger and in the history, or on its way there. */
export function LedgerProofBadge() {
  const { t } = useText();
  const proof = useLedgerProof().data;
  if (!proof) return <Badge variant="light" color="gray" data-testid="ledger-proof">{t('proof.unknown')}</Badge>;
  const isComplete = proof.gap === 0;
  return (
    <Tooltip label={<ProofCountsText proof={proof} />} multiline maw={360}>
      <Badge tabIndex={0} variant="light" color={isComplete ? 'teal' : 'red'} data-testid="ledger-proof" data-gap={proof.gap} leftSection={isComplete ? <IconShieldCheck size={13} /> : <IconAlertTriangle size={13} />}>
        {isComplete ? t('proof.complete') : t('proof.gap', { count: proof.gap })}
      </Badge>
    </Tooltip>
  );
}

function ProofCountsText({ proof }: { readonly proof: LedgerProof }) {
  const { t, f } = useText();
  const counts = sumProof(proof);
  const names = ['seen', 'logged', 'delivered', 'pending'] as const;
  return <>{t('proof.title')}: {names.map((name) => `${f.number(counts[name])} ${t(`proof.${name}`)}`).join(' · ')}</>;
}
