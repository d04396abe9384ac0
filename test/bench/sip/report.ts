import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** Prints figures as rows of Markdown, and what should not be. */
export class Report {
  #complaints = 0;

  /** Whether anything was found that should not be. */
  get hasComplaints(): boolean {
    return this.#complaints > 0;
  }

  line(text: string): void {
    console.log(text);
  }

  /** Something that should not be: the benchmark then ends with code 1. */
  complain(text: string): void {
    this.#complaints += 1;
    console.log(`NOT GOOD: ${text}`);
  }

  /** Begins a table. @returns what prints a row of it. */
  table(title: string, columns: readonly string[]): (...cells: readonly string[]) => void {
    const print = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
    console.log(`\n${title}\n`);
    print(columns);
    print(columns.map(() => '---'));
    return (...cells) => print(cells);
  }
}

/** The machine and the commit that figures are of. */
export function describeMachine(): string {
  const processors = cpus();
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  return `${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, commit ${commit}`;
}
