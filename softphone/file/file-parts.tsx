import { Badge, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { CaseSummary, Contract, CustomerFile, Invoice, Order, Task } from '../../server/model/customer-file.ts';
import { useText } from '../i18n/use-text.ts';
import { FileCard } from './file-card.tsx';
import { FileRow } from './file-row.tsx';
import { isOverdue, sumUnpaid } from './unpaid.ts';

/** The moment a file is looked at: its due dates are compared with one instant, not with each redraw. */
function useOpenedAt(): number {
  return useState(() => Date.now())[0];
}

/** What the customer owes: the total, and each bill with its due date; overdue in red. */
export function UnpaidPart({ invoices }: { readonly invoices: readonly Invoice[] }) {
  const { t, f } = useText();
  const now = useOpenedAt();
  const unpaid = sumUnpaid(invoices, now);
  return (
    <FileCard
      title={t('file.unpaid')}
      aside={unpaid.totals.map((total) => (
        <Text key={total.currency} fw={700} size="sm" {...(unpaid.hasOverdue ? { c: 'red' } : {})} data-testid="unpaid-total">{f.money(total)}</Text>
      ))}
    >
      {unpaid.invoices.length === 0 ? <Text size="sm" c="dimmed">{t('file.unpaid-none')}</Text> : (
        <ul className="file-list">
          {unpaid.invoices.map((invoice) => (
            <FileRow
              key={invoice.number}
              main={<bdi>{invoice.label}</bdi>}
              detail={<><bdi>{invoice.number}</bdi> · {isOverdue(invoice, now)
                ? <Text span c="red" inherit fw={600}>{t('file.due', { date: f.date(invoice.dueAt) })}, {t('file.overdue')}</Text>
                : t('file.due', { date: f.date(invoice.dueAt) })}</>}
              end={<Text size="sm" fw={600} {...(isOverdue(invoice, now) ? { c: 'red' } : {})}>{f.money(invoice.amount)}</Text>}
            />
          ))}
        </ul>
      )}
    </FileCard>
  );
}

/** Claims and other requests, open ones first. */
export function CasesPart({ cases }: { readonly cases: readonly CaseSummary[] }) {
  const { t, f } = useText();
  const isOpen = (one: CaseSummary): boolean => one.status === 'open' || one.status === 'waiting-for-customer';
  const sorted = [...cases].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.openedAt - a.openedAt);
  return (
    <FileCard title={t('file.cases')} aside={<Count of={cases.filter(isOpen).length} color="orange" />}>
      <ListOrNone isEmpty={sorted.length === 0}>
        {sorted.map((one) => (
          <FileRow
            key={one.number} isPast={!isOpen(one)} main={<bdi>{one.title}</bdi>}
            detail={<>{t(`file.case-${one.kind}`)} <bdi>{one.number}</bdi> · {t('file.opened', { date: f.date(one.openedAt) })}</>}
            end={<Badge size="sm" variant="light" color={isOpen(one) ? 'orange' : 'gray'}>{t(`file.case-${one.status}`)}</Badge>}
          />
        ))}
      </ListOrNone>
    </FileCard>
  );
}

const CONTRACT_COLORS = { active: 'green', suspended: 'orange', ended: 'gray' } as const;

/** Contracts or policies, those in force first. */
export function ContractsPart({ contracts }: { readonly contracts: readonly Contract[] }) {
  const { t, f } = useText();
  const sorted = [...contracts].sort((a, b) => Number(a.status === 'ended') - Number(b.status === 'ended'));
  return (
    <FileCard title={t('file.contracts')} aside={<Count of={contracts.filter((one) => one.status === 'active').length} color="green" />}>
      <ListOrNone isEmpty={sorted.length === 0}>
        {sorted.map((contract) => (
          <FileRow
            key={contract.number} isPast={contract.status === 'ended'} main={<bdi>{contract.product}</bdi>}
            detail={<><bdi>{contract.number}</bdi> · {f.money(contract.premium)}{contract.endsAt !== undefined && <> · {t('file.until', { date: f.date(contract.endsAt) })}</>}</>}
            end={<Badge size="sm" variant="light" color={CONTRACT_COLORS[contract.status]}>{t(`file.contract-${contract.status}`)}</Badge>}
          />
        ))}
      </ListOrNone>
    </FileCard>
  );
}

/** Orders; nothing is shown of customers who never ordered. */
export function OrdersPart({ orders }: { readonly orders: readonly Order[] }) {
  const { t, f } = useText();
  if (orders.length === 0) return null;
  return (
    <FileCard title={t('file.orders')}>
      <ul className="file-list">
        {orders.map((order) => (
          <FileRow
            key={order.number} isPast={order.status === 'delivered' || order.status === 'cancelled'} main={<bdi>{order.label}</bdi>}
            detail={<><bdi>{order.number}</bdi> · {f.date(order.placedAt)} · {f.money(order.amount)}</>}
            end={<Badge size="sm" variant="light" color="gray">{t(`file.order-${order.status}`)}</Badge>}
          />
        ))}
      </ul>
    </FileCard>
  );
}

/** Tasks, promises and callbacks; what is not done first. */
export function TasksPart({ tasks }: { readonly tasks: readonly Task[] }) {
  const { t, f } = useText();
  const now = useOpenedAt();
  if (tasks.length === 0) return null;
  const sorted = [...tasks].sort((a, b) => Number(a.doneAt !== undefined) - Number(b.doneAt !== undefined));
  return (
    <FileCard title={t('file.tasks')} aside={<Count of={tasks.filter((task) => task.doneAt === undefined).length} color="orange" />}>
      <ul className="file-list">
        {sorted.map((task) => {
          const isLate = task.doneAt === undefined && task.dueAt !== undefined && task.dueAt < now;
          return (
            <FileRow
              key={task.id} isPast={task.doneAt !== undefined} main={<bdi>{task.title}</bdi>}
              detail={<>{t(`file.task-${task.kind}`)}{task.assigneeName && <> · <bdi>{task.assigneeName}</bdi></>}</>}
              end={<Text size="xs" {...(isLate ? { c: 'red', fw: 600 } : { c: 'dimmed' })}>
                {task.doneAt !== undefined ? t('file.done', { date: f.date(task.doneAt) }) : task.dueAt !== undefined ? t('file.due', { date: f.date(task.dueAt) }) : ''}
              </Text>}
            />
          );
        })}
      </ul>
    </FileCard>
  );
}

/** What the customer allowed, and the company's own fields. */
export function MorePart({ file }: { readonly file: CustomerFile }) {
  const { t } = useText();
  const { consent } = file;
  const fields = Object.entries(file.customFields);
  return (
    <FileCard title={t('file.consent')}>
      <Stack gap={6}>
        <Group gap={6}>
          <Consent label={t('file.consent-recording')} isGiven={consent.recording} />
          <Consent label={t('file.consent-marketing')} isGiven={consent.marketing} />
        </Group>
        {consent.optedOutChannels.length > 0 && <Text size="xs" c="orange">{t('file.opted-out', { channels: consent.optedOutChannels.join(', ') })}</Text>}
        {fields.length > 0 && (
          <dl className="fields" aria-label={t('file.fields')}>
            {fields.map(([name, value]) => <div key={name} className="fields__row"><dt><bdi>{name}</bdi></dt><dd><bdi>{value}</bdi></dd></div>)}
          </dl>
        )}
      </Stack>
    </FileCard>
  );
}

function Consent({ label, isGiven }: { readonly label: string; readonly isGiven: boolean }) {
  const { t } = useText();
  return (
    <Badge size="sm" variant="light" color={isGiven ? 'green' : 'red'} leftSection={isGiven ? <IconCheck size={12} /> : <IconX size={12} />}>
      {label}: {t(isGiven ? 'file.consent-yes' : 'file.consent-no')}
    </Badge>
  );
}

function Count({ of, color }: { readonly of: number; readonly color: string }) {
  const { f } = useText();
  return of > 0 ? <Badge size="sm" variant="light" color={color}>{f.number(of)}</Badge> : null;
}

function ListOrNone({ isEmpty, children }: { readonly isEmpty: boolean; readonly children: React.ReactNode }) {
  const { t } = useText();
  return isEmpty ? <Text size="sm" c="dimmed">{t('file.none')}</Text> : <ul className="file-list">{children}</ul>;
}
