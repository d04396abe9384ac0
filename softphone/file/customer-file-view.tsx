import { Stack } from '@mantine/core';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import { FileHeader } from './file-header.tsx';
import { CasesPart, ContractsPart, MorePart, OrdersPart, TasksPart, UnpaidPart } from './file-parts.tsx';
import { Timeline } from './timeline.tsx';

/** What a {@link CustomerFileView} shows. */
export interface CustomerFileViewProps {
  readonly file: CustomerFile;
  /** The call at hand is no history yet: the page tells of it elsewhere. */
  readonly currentCallId?: string | undefined;
}

/** The whole file of one customer in one view: what presses on one side, what happened on the other. */
export function CustomerFileView({ file, currentCallId }: CustomerFileViewProps) {
  return (
    <Stack gap="sm" data-testid="customer-file" data-customer-id={file.customerId}>
      <FileHeader file={file} />
      <div className="file-columns">
        <Stack gap="sm">
          <UnpaidPart invoices={file.invoices} />
          <CasesPart cases={file.cases} />
          <TasksPart tasks={file.tasks} />
          <ContractsPart contracts={file.contracts} />
          <OrdersPart orders={file.orders} />
          <MorePart file={file} />
        </Stack>
        <Timeline entries={file.timeline.filter((entry) => entry.interactionId !== currentCallId)} />
      </div>
    </Stack>
  );
}
