import { z } from 'zod';

const trunkSchema = z.looseObject({ trunkId: z.string(), seen: z.number(), logged: z.number(), delivered: z.number(), pending: z.number(), gap: z.number() });

/** What the page reads of `GET /api/ledger/proof`; the server says more. */
export const ledgerProofSchema = z.looseObject({ gap: z.number(), trunks: z.array(trunkSchema) });

/** What became of the calls of each trunk; `gap` is how many are missing. */
export type LedgerProof = z.infer<typeof ledgerProofSchema>;

/** The counts of all trunks together. */
export type ProofCounts = Readonly<Record<'seen' | 'logged' | 'delivered' | 'pending', number>>;

/** Adds up the trunks of a proof. */
export function sumProof({ trunks }: LedgerProof): ProofCounts {
  const total = (of: keyof ProofCounts): number => trunks.reduce((sum, trunk) => sum + trunk[of], 0);
  return { seen: total('seen'), logged: total('logged'), delivered: total('delivered'), pending: total('pending') };
}
