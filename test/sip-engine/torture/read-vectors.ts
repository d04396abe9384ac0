import { readFileSync } from 'node:fs';

/** One message of an RFC, as it stands on the wire (binary string). */
export interface Vector {
  readonly name: string;
  readonly section: string;
  readonly text: string;
}

/**
 * Reads the messages of a file in this folder.
 * @remarks RFC 4475 §2.1 (`allOneLine`), §2.2 (`hex`) and §2.3 (`repeat`).
 */
export function readVectors(file: string): Vector[] {
  const text = readFileSync(new URL(file, import.meta.url), 'latin1');
  return text.split(/^=== /m).slice(1).map((block) => {
    const lineEnd = block.indexOf('\n');
    const [name = '', section = ''] = block.slice(0, lineEnd).split(' ');
    return { name, section, text: expand(block.slice(lineEnd + 1)) };
  });
}

function expand(block: string): string {
  return block
    .replace(/<allOneLine>\n([\s\S]*?)<\/allOneLine>/g, (_all, lines: string) => lines.replaceAll('\n', ''))
    .replaceAll('\n', '\r\n')
    .replace(/<hex>([0-9A-F]*)<\/hex>/g, (_all, hex: string) => Buffer.from(hex, 'hex').toString('latin1'))
    .replace(/<repeat count=(\d+)>(.*?)<\/repeat>/g, (_all, count: string, part: string) => part.repeat(Number(count)));
}
