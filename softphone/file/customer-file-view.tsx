import { Stack } from '@mantine/core';
import type { CustomerFile } from '../../server/model/customer-file.ts';
import { FileHeader } from './file-header.tsx';
import { CasesPart, ContractsPart, MorePart, OrdersPart, TasksPart, UnpaidPart } from './file-parts.tsx';
import { Timeline } from './timeline.tsx';

/** The whole file of one customer in one view: what presses on one side, what happened on the other. */
export function CustomerFileView({ file }: { readonly file: CustomerFile }) {
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
        <Timeline entries={file.timeline} />
      </div>
    </Stack>
  );
}
