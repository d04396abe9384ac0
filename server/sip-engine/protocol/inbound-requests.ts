import type { InboundRequest } from './inbound-request.ts';

/** The requests of the network that wait for an application, by the transaction id that it answers with. */
export class InboundRequests {
  readonly #byId = new Map<string, InboundRequest>();
  /** The INVITEs among them: Call-ID to transaction id. */
  readonly #invites = new Map<string, string>();

  add(inbound: InboundRequest): void {
    this.#byId.set(inbound.id, inbound);
    const { method, essentials } = inbound.transaction;
    if (method === 'INVITE') this.#invites.set(essentials.callId, inbound.id);
  }

  get(id: string): InboundRequest | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Whether an INVITE of this Call-ID waits: applications know a CANCEL's INVITE by its Call-ID alone. */
  hasInvite(callId: string): boolean {
    return this.#invites.has(callId);
  }

  /** A copy: what is done with each may take it out. */
  list(): readonly InboundRequest[] {
    return [...this.#byId.values()];
  }

  delete(id: string): void {
    const inbound = this.#byId.get(id);
    const callId = inbound?.transaction.essentials.callId ?? '';
    this.#byId.delete(id);
    inbound?.reliable?.close();
    if (this.#invites.get(callId) === id) this.#invites.delete(callId);
  }

  clear(): void {
    for (const { reliable } of this.#byId.values()) reliable?.close();
    this.#byId.clear();
    this.#invites.clear();
  }
}
