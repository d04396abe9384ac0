/** One `a=` line: `name` or `name:value`. */
export interface SdpAttribute {
  readonly name: string;
  readonly value?: string;
}

/** One `m=` section. */
export interface SdpMedia {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** Address of its own `c=` line, else of the session's. */
  readonly address?: string;
  readonly attributes: readonly SdpAttribute[];
}

/** A session description, as far as calls need it. */
export interface SessionDescription {
  readonly address?: string;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

/** Whether a text is a session description, and why not. */
export type SdpParse =
  | { readonly kind: 'parsed'; readonly session: SessionDescription }
  | { readonly kind: 'malformed'; readonly reason: string };

/** An offer of a browser has 5 to 10 KB. */
const MAX_SDP_CHARS = 64_000;
const MAX_LINES = 2_000;
const MAX_MEDIA = 16;

interface OpenMedia {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  address?: string;
  attributes: SdpAttribute[];
}

const MEDIA_LINE = /^([A-Za-z0-9]+) +(\d{1,5})(?:\/\d{1,5})? +([A-Za-z0-9/]+)((?: +[^ ]+)*) *$/;
const CONNECTION_LINE = /^IN +IP[46] +([^ /]+)(?:\/\S*)? *$/i;

/**
 * Parses a session description of bounded size.
 * @remarks RFC 8866 §5. Lines that calls do not need (`b=`, `t=`, `i=`, …) are passed over.
 */
export function parseSdp(text: string): SdpParse {
  if (text.length > MAX_SDP_CHARS) return malformed('longer than 64,000 characters');
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > MAX_LINES) return malformed('more than 2,000 lines');
  if (lines[0] !== 'v=0') return malformed('does not begin with v=0');
  const attributes: SdpAttribute[] = [];
  const media: OpenMedia[] = [];
  let sessionAddress: string | undefined;
  for (const line of lines) {
    if (line === '') continue;
    if (!/^[a-z]=/.test(line)) return malformed(`a line without a type: ${line.slice(0, 40)}`);
    const value = line.slice(2);
    const open = media.at(-1);
    if (line.startsWith('m=')) {
      const section = parseMediaLine(value);
      if (section === undefined) return malformed(`not a media line: ${line.slice(0, 80)}`);
      if (media.length === MAX_MEDIA) return malformed('more than 16 media sections');
      media.push(section);
    } else if (line.startsWith('c=')) {
      const address = CONNECTION_LINE.exec(value)?.[1];
      if (address === undefined) return malformed(`not a connection line: ${line.slice(0, 80)}`);
      if (open === undefined) sessionAddress = address;
      else open.address ??= address;
    } else if (line.startsWith('a=')) {
      (open?.attributes ?? attributes).push(parseAttribute(value));
    }
  }
  return {
    kind: 'parsed',
    session: {
      attributes,
      media: media.map((section) => withAddress(section, sessionAddress)),
      ...(sessionAddress === undefined ? {} : { address: sessionAddress }),
    },
  };
}

const malformed = (reason: string): SdpParse => ({ kind: 'malformed', reason });

const withAddress = (section: OpenMedia, sessionAddress: string | undefined): SdpMedia =>
  section.address !== undefined || sessionAddress === undefined ? section : { ...section, address: sessionAddress };

function parseMediaLine(value: string): OpenMedia | undefined {
  const parts = MEDIA_LINE.exec(value);
  const [, kind, port, protocol, formats] = parts ?? [];
  if (kind === undefined || port === undefined || protocol === undefined) return undefined;
  if (Number(port) > 65_535) return undefined;
  return { kind: kind.toLowerCase(), port: Number(port), protocol, formats: (formats ?? '').split(' ').filter((format) => format !== ''), attributes: [] };
}

/** Names are written in lower case (RFC 8866 §6); equipment that writes them otherwise means the same. */
function parseAttribute(value: string): SdpAttribute {
  const colon = value.indexOf(':');
  const name = (colon < 0 ? value : value.slice(0, colon)).trim().toLowerCase();
  return colon < 0 ? { name } : { name, value: value.slice(colon + 1).trim() };
}

/** The values of all attributes of this name, in order. */
export const attributeValues = (attributes: readonly SdpAttribute[], name: string): readonly string[] =>
  attributes.flatMap((attribute) => (attribute.name === name && attribute.value !== undefined ? [attribute.value] : []));

/** The value of the first attribute of this name; an attribute without value is the empty string. */
export function findAttribute(attributes: readonly SdpAttribute[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.name === name);
  return found === undefined ? undefined : found.value ?? '';
}
