import { queryOptions, useQuery } from '@tanstack/react-query';
import type { CustomerFile, CustomerSummary } from '../../server/model/customer-file.ts';
import type { Disposition } from '../../server/model/centre.ts';
import type { Interaction, InteractionSummary } from '../../server/model/interaction.ts';
import type { Language } from '../../server/model/language.ts';
import type { CustomerList, DispositionList, InteractionExplanation, InteractionList, SessionView } from '../../server/wire/api.ts';
import { ledgerProofSchema } from './ledger-proof.ts';
import { ApiProblem, requestJson } from './request-json.ts';

/** Who is signed in in this browser; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<SessionView | null> => {
    try {
      return await requestJson<SessionView>('/api/session', { signal });
    } catch (cause) {
      if (cause instanceof ApiProblem && cause.status === 401) return null;
      throw cause;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Customers by name, number or contract; asked from two characters on. */
export function useCustomerSearch(text: string) {
  const q = text.trim();
  return useQuery({
    queryKey: ['customers', q],
    queryFn: async ({ signal }): Promise<readonly CustomerSummary[]> =>
      (await requestJson<CustomerList>(`/api/customers?q=${encodeURIComponent(q)}`, { signal })).customers,
    enabled: q.length >= 2,
    placeholderData: (previous) => previous,
  });
}

/** The whole file of one customer; nothing is asked without an id. */
export function useCustomerFile(customerId: string | undefined) {
  return useQuery({
    queryKey: ['customer', customerId],
    queryFn: ({ signal }) => requestJson<CustomerFile>(`/api/customers/${encodeURIComponent(customerId ?? '')}`, { signal }),
    enabled: customerId !== undefined,
    staleTime: 0,
  });
}

/** The latest interactions of the centre, or of one customer. */
export function useInteractions(options: { readonly limit: number; readonly customerId?: string; readonly refetchEveryMs?: number }) {
  const { limit, customerId, refetchEveryMs } = options;
  const query = new URLSearchParams({ limit: String(limit), ...(customerId === undefined ? {} : { customerId }) });
  return useQuery({
    queryKey: ['interactions', limit, customerId],
    queryFn: async ({ signal }): Promise<readonly InteractionSummary[]> =>
      (await requestJson<InteractionList>(`/api/interactions?${query.toString()}`, { signal })).interactions,
    ...(refetchEveryMs === undefined ? {} : { refetchInterval: refetchEveryMs }),
  });
}

/** One interaction with everything that happened in it. */
export function useInteraction(id: string | undefined) {
  return useQuery({
    queryKey: ['interaction', id],
    queryFn: ({ signal }) => requestJson<Interaction>(`/api/interactions/${encodeURIComponent(id ?? '')}`, { signal }),
    enabled: id !== undefined,
  });
}

/** Why each offer of an interaction went where it went, in the reader's language. */
export function useExplanation(id: string | undefined, language: Language) {
  return useQuery({
    queryKey: ['explanation', id, language],
    queryFn: ({ signal }) =>
      requestJson<InteractionExplanation>(`/api/interactions/${encodeURIComponent(id ?? '')}/explanation?language=${language}`, { signal }),
    enabled: id !== undefined,
  });
}

/** The wrap-up codes of the centre. */
export function useDispositions() {
  return useQuery({
    queryKey: ['dispositions'],
    queryFn: async ({ signal }): Promise<readonly Disposition[]> => (await requestJson<DispositionList>('/api/dispositions', { signal })).dispositions,
    staleTime: 5 * 60_000,
  });
}

/** The proof that no call is missing, as of now. */
export function useLedgerProof() {
  return useQuery({
    queryKey: ['ledger-proof'],
    queryFn: async ({ signal }) => ledgerProofSchema.parse(await requestJson<unknown>('/api/ledger/proof', { signal })),
    refetchInterval: 60_000,
  });
}
