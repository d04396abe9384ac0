import { readFile, stat } from 'node:fs/promises';
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { describeError } from '../server/base/app-error.ts';
import type { FlowFault } from './flow-fault.ts';

/** What reading a YAML file into a type gives. */
export type YamlResult<T> =
  | { readonly kind: 'read'; readonly value: T; readonly lineOf: (path: readonly (string | number)[]) => number }
  | { readonly kind: 'faulty'; readonly faults: readonly FlowFault[] };

/**
 * Reads a YAML file of bounded size into the type of a schema.
 * @param maxBytes - larger files are refused unread (invariant 7).
 * @returns every fault with its line. Never rejects: a missing file is a fault too.
 */
export async function readYaml<T>(path: string, maxBytes: number, schema: z.ZodType<T>): Promise<YamlResult<T>> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) return faulty('too-large', `is ${size} bytes long; the limit is ${maxBytes}`);
    return parseYaml(await readFile(path, 'utf8'), schema);
  } catch (cause) {
    return faulty('unreadable', describeError(cause));
  }
}

/** Parses YAML text into the type of a schema; see {@link readYaml}. */
export function parseYaml<T>(text: string, schema: z.ZodType<T>): YamlResult<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // `1` and `'1'` are two keys to YAML, but one key of a telephone.
    uniqueKeys: (a, b) => isScalar(a) && isScalar(b) && String(a.value) === String(b.value),
  });
  if (document.errors.length > 0) {
    return {
      kind: 'faulty',
      faults: document.errors.map((error) => ({
        code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml',
        path: [],
        line: lines.linePos(error.pos[0]).line,
        message: error.message.split('\n')[0] ?? error.message,
      })),
    };
  }
  const lineOf = (path: readonly (string | number)[]): number => lineIn(document, lines, path);
  // An alias bomb ends as an error of `yaml` itself (its maxAliasCount), caught below.
  try {
    const parsed = schema.safeParse(document.toJS());
    if (parsed.success) return { kind: 'read', value: parsed.data, lineOf };
    return { kind: 'faulty', faults: parsed.error.issues.map((issue) => toFault(issue, lineOf)) };
  } catch (cause) {
    return faulty('yaml', describeError(cause));
  }
}

const faulty = (code: FlowFault['code'], message: string): YamlResult<never> =>
  ({ kind: 'faulty', faults: [{ code, path: [], message }] });

function toFault(issue: z.core.$ZodIssue, lineOf: (path: readonly (string | number)[]) => number): FlowFault {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  return { code: 'schema', path, line: lineOf(path), message: issue.message };
}

/** The line of the deepest part of the path that is in the file: a missing field is where it should be. */
function lineIn(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    const child = childOf(node, part);
    if (!child) break;
    node = child.value;
    offset = child.offset;
  }
  return lines.linePos(offset).line;
}

/** A part of a map, where its key is, or of a list; a key may be written as a number or in quotes. */
function childOf(node: unknown, part: string | number): { readonly value: unknown; readonly offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair && isScalar(pair.key) && pair.key.range ? { value: pair.value, offset: pair.key.range[0] } : undefined;
  }
  const item = isSeq(node) ? node.items[Number(part)] : undefined;
  return isNode(item) && item.range ? { value: item, offset: item.range[0] } : undefined;
}
