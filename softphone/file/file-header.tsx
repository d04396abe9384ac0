import { Badge, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconBuilding, IconLanguage, IconMail, IconMapPin, IconPhone, IconPointFilled, IconUserStar } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import { formatPhoneNumber } from '../format/phone-number.ts';
import { useText } from '../i18n/use-text.ts';
import { CHURN_COLORS } from '../ui/state-colors.ts';
import { TierBadge } from './tier-badge.tsx';

/** Who the customer is: what an agent needs in the first second. */
export function FileHeader({ file }: { readonly file: CustomerFile }) {
  const { t, f } = useText();
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div className="shrinks">
          <Title order={2} size="h3" lh={1.2} data-testid="pop-customer-name"><bdi>{file.displayName}</bdi></Title>
          {file.company && <Fact icon={<IconBuilding size={14} />}>{file.company}</Fact>}
        </div>
        <Group gap={6} className="keeps" justify="flex-end">
          <TierBadge tier={file.tier} size="lg" data-testid="pop-tier" />
          <Tooltip label={t('churn.label')}>
            <Badge size="lg" variant="light" color={CHURN_COLORS[file.churnLight]} data-testid="pop-churn" data-light={file.churnLight} leftSection={file.churnLight === 'red' ? <IconAlertTriangle size={14} /> : <IconPointFilled size={14} />}>
              {t(`churn.${file.churnLight}`)}
            </Badge>
          </Tooltip>
        </Group>
      </Group>
      <Text size="sm" c="dimmed"><bdi>{file.tierReason}</bdi> · {t('file.score', { score: f.number(file.valueScore) })}</Text>
      <Group gap="xs" style={{ rowGap: 2 }}>
        {file.numbers.map((number) => <Fact key={number} icon={<IconPhone size={14} />}><span dir="ltr">{formatPhoneNumber(number)}</span></Fact>)}
        {file.email && <Fact icon={<IconMail size={14} />}><span dir="ltr">{file.email}</span></Fact>}
        {file.language && <Fact icon={<IconLanguage size={14} />}>{t(`language.${file.language}`)}</Fact>}
        {file.assignedManagerName && <Fact icon={<IconUserStar size={14} />}>{t('file.manager')}: <bdi>{file.assignedManagerName}</bdi></Fact>}
        {file.address && <Fact icon={<IconMapPin size={14} />}><bdi>{file.address}</bdi></Fact>}
      </Group>
    </Stack>
  );
}

function Fact({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return <Text component="span" size="sm" className="fact"><span className="fact__icon" aria-hidden="true">{icon}</span>{children}</Text>;
}
