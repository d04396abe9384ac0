/**
 * Leaves only these formats in a description, and none of its candidates.
 * @remarks We are ICE lite (RFC 8445 §2.5): the browser sends the checks and we learn its address
 *   from them, so names of mDNS need no look-up, and a description without candidates is enough.
 */
export function narrowBrowserSdp(sdp: string, payloadTypes: Iterable<number>): string {
  return narrow(sdp, payloadTypes, (line) => !/^a=(candidate|end-of-candidates|remote-candidates)\b/.test(line));
}

/** Leaves only these formats in a description of ours, in this order. */
export const narrowOwnSdp = (sdp: string, payloadTypes: Iterable<number>): string => narrow(sdp, payloadTypes, () => true);

function narrow(sdp: string, payloadTypes: Iterable<number>, isKept: (line: string) => boolean): string {
  const kept = [...payloadTypes].map(String);
  const lines: string[] = [];
  for (const line of sdp.split(/\r\n|\n|\r/)) {
    if (line === '' || !isKept(line)) continue;
    const [, payloadType] = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line) ?? [];
    if (payloadType !== undefined && !kept.includes(payloadType)) continue;
    lines.push(line.startsWith('m=audio ') ? narrowMediaLine(line, kept) : line);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function narrowMediaLine(line: string, kept: readonly string[]): string {
  const [media, port, protocol, ...formats] = line.split(' ');
  return [media, port, protocol, ...kept.filter((format) => formats.includes(format))].join(' ');
}

/** Puts the address that browsers must use in the place of the one that we are bound to. */
export function announceAddress(sdp: string, bound: string, announced: string): string {
  if (bound === announced) return sdp;
  return sdp.split('\r\n').map((line) => {
    if (!line.startsWith('a=candidate:') && !line.startsWith('c=IN ')) return line;
    return line.split(' ').map((word) => (word === bound ? announced : word)).join(' ');
  }).join('\r\n');
}
