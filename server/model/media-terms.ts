/** Codecs of a voice by their names in SDP; `opus` is passed on between two legs that have it, never decoded here. */
export const VOICE_CODECS = ['PCMA', 'PCMU', 'G722', 'opus'] as const;
export type VoiceCodec = (typeof VOICE_CODECS)[number];

/** How keys travel: as RFC 4733 events, by SIP INFO, as tones in the voice, or as events where both sides have them, else as tones. */
export const KEY_WAYS = ['auto', 'rfc4733', 'info', 'inband'] as const;
export type KeyWay = (typeof KEY_WAYS)[number];

/** Whether voice is encrypted with keys in the session description (RFC 4568). */
export const SRTP_POLICIES = ['off', 'optional', 'required'] as const;
export type SrtpPolicy = (typeof SRTP_POLICIES)[number];

/** How voice and keys travel over a trunk; what is absent is as for most: G.711, `auto`, `off`. */
export interface TrunkMedia {
  /** Codecs that the trunk may speak, best first. */
  readonly codecs?: readonly VoiceCodec[];
  readonly dtmf?: KeyWay;
  readonly srtp?: SrtpPolicy;
}

/** On what terms the media of one leg may be agreed on. */
export interface MediaTerms extends TrunkMedia {
  /** Whether the descriptions travel over TLS: keys in them would be open to everybody on the way otherwise (RFC 4568 §7.1). */
  readonly isSignallingSecure: boolean;
}
