import { z } from 'zod';
import type { Disposition, Role } from '../model/centre.ts';
import type { CustomerSummary } from '../model/customer-file.ts';
import type { InteractionSummary } from '../model/interaction.ts';
import type { Language } from '../model/language.ts';

/** Body of `POST /api/session`. */
export const signInSchema = z.strictObject({ username: z.string().min(1).max(128), password: z.string().min(1).max(256) });
export type SignIn = z.infer<typeof signInSchema>;

/** What the browser needs to know of who signed in. Answer of `POST` and `GET /api/session`. */
export interface SessionView {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly languages: readonly Language[];
  readonly expiresAt: number;
}

/** Answer of `POST /api/session/sip` (agents) and `POST /api/call-us` (anybody). */
export interface SipAccess {
  /** `wss://host/sip`: where the softphone connects. */
  readonly webSocketUrl: string;
  /** `sip:username@realm`: address of record to register. */
  readonly aor: string;
  readonly username: string;
  readonly password: string;
  readonly expiresAt: number;
  /** For guests: what to call, `sip:1000@realm`. */
  readonly dial?: string;
}

/** Answer of `GET /api/customers?q=`. */
export interface CustomerList { readonly customers: readonly CustomerSummary[] }
/** Answer of `GET /api/interactions?limit=&before=&customerId=`. */
export interface InteractionList { readonly interactions: readonly InteractionSummary[] }
/** Answer of `GET /api/dispositions`. */
export interface DispositionList { readonly dispositions: readonly Disposition[] }

/** Answer of `GET /api/interactions/:id/explanation?language=`: why each offer of the call went where it went. */
export interface InteractionExplanation {
  readonly interactionId: string;
  readonly language: Language;
  readonly explanations: readonly { readonly offerId: string; readonly sentences: readonly string[] }[];
}

/** Every error of the API (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: string;
  /** Names this one occurrence, as the log does. */
  readonly instance?: string;
}
