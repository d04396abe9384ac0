import type { Essentials } from '../../message/essentials.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { InboundRequest } from './inbound-request.ts';

/** The requests of the network that wait for an application, by the transaction id that it answers with. */
export class InboundRequests {
  readonly #byId = new Map<string, InboundRequest>();
  /** The INVITEs among them: Call-ID to transaction id. */
  readonly #invites = new Map<string, string>();
  /** Those outside dialogs, by what a second copy of each would have in common with it. */
  readonly #fresh = new Map<string, string>();
  readonly #byTransaction = new WeakMap<ServerTransaction, InboundRequest>();

  add(inbound: InboundRequest): void {
    this.#byId.set(inbound.id, inbound);
    this.#byTransaction.set(inbound.transaction, inbound);
    const { method, essentials } = inbound.transaction;
    if (!inbound.isInDialog) this.#fresh.set(mergeKey(essentials), inbound.id);
    if (method === 'INVITE') this.#invites.set(essentials.callId, inbound.id);
  }

  get(id: string): InboundRequest | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** The request that came in a transaction, while it waits. */
  ofTransaction(transaction: ServerTransaction): InboundRequest | undefined {
    const inbound = this.#byTransaction.get(transaction);
    return inbound !== undefined && this.#byId.has(inbound.id) ? inbound : undefined;
  }

  /** Whether an INVITE of this Call-ID waits: applications know a CANCEL's INVITE by its Call-ID alone. */
  hasInvite(callId: string): boolean {
    return this.#invites.has(callId);
  }

  /** Whether the same request waits here already, by another way (RFC 3261 §8.2.2.2). */
  hasSame(essentials: Essentials): boolean {
    return this.#fresh.has(mergeKey(essentials));
  }

  /** A copy: what is done with each may take it out. */
  list(): readonly InboundRequest[] {
    return [...this.#byId.values()];
  }

  delete(id: string): void {
    const inbound = this.#byId.get(id);
    if (inbound === undefined) return;
    const { essentials } = inbound.transaction;
    this.#byId.delete(id);
    this.#byTransaction.delete(inbound.transaction); // It outlives the call by half a minute, and would keep the dialog.
    inbound.reliable?.close();
    if (this.#invites.get(essentials.callId) === id) this.#invites.delete(essentials.callId);
    if (!inbound.isInDialog) this.#fresh.delete(mergeKey(essentials));
  }

  clear(): void {
    for (const { reliable } of this.#byId.values()) reliable?.close();
    this.#byId.clear();
    this.#invites.clear();
    this.#fresh.clear();
  }
}

const mergeKey = ({ callId, fromTag, cseq }: Essentials): string => `${callId} ${fromTag} ${cseq.number} ${cseq.method}`;
