import { z } from 'zod';

/** What the page reads of `GET /api/ledger/proof`; the server may say more. */
export const ledgerProofSchema = z.looseObject({
  gap: z.number(),
  seen: z.number().optional(),
  logged: z.number().optional(),
  delivered: z.number().optional(),
  pending: z.number().optional(),
});

/** Calls seen, logged, delivered and pending; `gap` is how many are missing. */
export type LedgerProof = Readonly<z.infer<typeof ledgerProofSchema>>;
