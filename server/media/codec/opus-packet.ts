/** A packet of 20 ms of silence, one channel: what an Opus encoder makes of zeros (RFC 6716 §3.1, configuration 31). */
export const OPUS_SILENCE = Buffer.of(0xf8, 0xff, 0xfe);

/** Milliseconds of one frame by configuration number: SILK, hybrid, CELT (RFC 6716 §3.1 table 2). */
function frameMs(configuration: number): number {
  if (configuration < 12) return [10, 20, 40, 60][configuration & 3] ?? 0;
  if (configuration < 16) return [10, 20][configuration & 1] ?? 0;
  return [2.5, 5, 10, 20][configuration & 3] ?? 0;
}

/** How long an Opus packet sounds, in milliseconds, by its first bytes; 0 when there is nothing in it (RFC 6716 §3.2). */
export function opusPacketMs(payload: Uint8Array): number {
  const [toc, count = 0] = payload;
  if (toc === undefined) return 0;
  const frames = [1, 2, 2, count & 0x3f][toc & 3] ?? 0;
  return frames * frameMs(toc >> 3);
}
