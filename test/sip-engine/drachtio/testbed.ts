import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipEngine } from '../../../server/sip-engine/sip-engine.ts';
import { freePort, runSipp, startSipp, type SippProcess, type SippResult } from '../../support/sipp.ts';

/** Where the package keeps its tests. */
export const PUBLISHED = new URL('../../../node_modules/drachtio-srf/test/', import.meta.url).pathname;

/** One SIPp container of the published docker-compose file. */
interface Container {
  readonly name: string;
  readonly address: string;
  readonly scenario: string;
}

/** A name that the published tests start a container under by themselves. */
const TEARDOWN_PEER = 'sipp-uas-b-teardown';

/**
 * The published docker testbed on loopback: the engine in the place of drachtio-server, and each
 * SIPp container as a process on a port of its own.
 */
export class Testbed {
  readonly engines: { readonly sut: SipEngine; readonly uas: SipEngine };
  readonly faults: unknown[];
  /** What SIPp said about its failures. */
  readonly complaints: string[] = [];
  readonly #directory: string;
  readonly #containers: readonly Container[];
  readonly #ports: ReadonlyMap<string, number>;
  readonly #running = new Map<string, SippProcess>();
  #calls = 0;

  private constructor(parts: { engines: Testbed['engines']; faults: unknown[]; directory: string; containers: readonly Container[]; ports: ReadonlyMap<string, number> }) {
    this.engines = parts.engines;
    this.faults = parts.faults;
    this.#directory = parts.directory;
    this.#containers = parts.containers;
    this.#ports = parts.ports;
  }

  static async start(): Promise<Testbed> {
    const containers = readContainers(await readFile(join(PUBLISHED, 'docker-compose-testbed.yaml'), 'utf8'));
    const faults: unknown[] = [];
    const start = (): Promise<SipEngine> => SipEngine.start({
      listeners: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
      adminPort: 0, secret: 'cymru',
      timers: { t1: 50, t2: 400, t4: 100 }, // The lost ACK takes 3.2 seconds instead of 32.
      onFault: (fault) => faults.push(fault),
    });
    const engines = { sut: await start(), uas: await start() };
    const ports = new Map<string, number>();
    for (const { name } of containers) ports.set(name, await freePort());
    ports.set(TEARDOWN_PEER, await freePort());
    ports.set('drachtio-uas', engines.uas.bound[0]?.port ?? 0);
    return new Testbed({ engines, faults, containers, ports, directory: await mkdtemp(join(tmpdir(), 'allo-testbed-')) });
  }

  /** Puts loopback addresses where the published text names containers. */
  localize(text: string): string {
    let localized = text;
    for (const { name, address } of [...this.#containers, { name: 'drachtio-uas', address: '172.29.0.19' }, { name: TEARDOWN_PEER, address: '' }]) {
      const here = `127.0.0.1:${this.#ports.get(name) ?? 0}`;
      localized = localized.replace(new RegExp(`(['"](?:sip:)?)${name}(?=['"])`, 'g'), `$1${here}`);
      if (address !== '') localized = localized.replaceAll(new RegExp(`${address.replaceAll('.', '\\.')}(?!\\d)`, 'g'), here);
    }
    return localized.replaceAll(`config.get('127.0.0.1:${this.#ports.get('drachtio-uas') ?? 0}')`, "config.get('drachtio-uas')");
  }

  /** What `config` would say: how to reach the two servers. */
  connection(name: string): { host: string; port: number; secret: string; enablePing: boolean } {
    return { host: '127.0.0.1', port: (name === 'drachtio-uas' ? this.engines.uas : this.engines.sut).adminPort, secret: 'cymru', enablePing: true };
  }

  /** Starts the SIPp peers that a localized text calls. */
  async startPeersOf(localized: string): Promise<void> {
    for (const { name, scenario } of this.#containers) {
      const port = this.#ports.get(name) ?? 0;
      const isCalled = localized.includes(`127.0.0.1:${port}`) || (name === 'sipp-uas' && localized.includes(String(this.#ports.get('sipp-uas-302'))));
      if (!isCalled || this.#running.has(name)) continue;
      this.#running.set(name, await startSipp({
        scenario: await this.#scenario(scenario), localPort: port, calls: 100_000, timeoutMs: 120_000,
      }));
    }
  }

  /** The published `sippUac`: one call to the server. */
  async sippUac(file: string): Promise<void> {
    this.#calls += 1;
    this.#check(file, await runSipp({
      scenario: await this.#scenario(file),
      remote: `127.0.0.1:${this.engines.sut.bound[0]?.port ?? 0}`,
      args: ['-cid_str', `%u-%p@%s-${this.#calls}`],
    }));
  }

  /** The published `sippUas`: waits for one call at an address. */
  async sippUas(file: string, address: string): Promise<void> {
    const peer = await startSipp({ scenario: await this.#scenario(file), localPort: Number(address.split(':')[1]) });
    this.#check(file, await peer.finished);
  }

  async close(): Promise<void> {
    for (const peer of this.#running.values()) await peer.stop();
    await this.engines.sut.close();
    await this.engines.uas.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #check(file: string, result: SippResult): void {
    if (result.exitCode === 0) return;
    this.complaints.push(`${file}: ${result.errors}`);
    throw new Error(`${file}: sipp ended with ${String(result.exitCode)}`);
  }

  async #scenario(file: string): Promise<string> {
    const path = join(this.#directory, file);
    const published = await readFile(join(PUBLISHED, 'scenarios', file), 'latin1');
    await writeFile(path, this.localize(asXml(published)), 'latin1');
    return path;
  }
}

/** Some scenarios have a bare `<` in an attribute and variables that nothing reads, which SIPp from 3.6 on refuses to load. */
function asXml(scenario: string): string {
  const variables = new Set([...scenario.matchAll(/assign_to="([\d,]+)"/g)].flatMap((match) => (match[1] ?? '').split(',')));
  const reference = variables.size === 0 ? '' : `<Reference variables="${[...variables].join(',')}"/>\n`;
  return scenario
    .replace(/regexp="([^"]*)"/g, (_all, pattern: string) => `regexp="${pattern.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"`)
    .replace('</scenario>', `${reference}</scenario>`);
}

/** Reads name, address and scenario of each SIPp service. */
function readContainers(compose: string): Container[] {
  return compose.split(/\n(?= {2}[\w-]+:\n)/).flatMap((block) => {
    const name = /container_name: (\S+)/.exec(block)?.[1];
    const address = /ipv4_address: (\S+)/.exec(block)?.[1];
    const scenario = /sipp -sf \/tmp\/(\S+)/.exec(block)?.[1];
    return name === undefined || address === undefined || scenario === undefined ? [] : [{ name, address, scenario }];
  });
}
