import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { col, nullable } from './table.ts';

/** The far end of trunks that calls leave by. */
export class TrunkPeer1767225600004 implements MigrationInterface {
  readonly name = 'TrunkPeer1767225600004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('trunks', new TableColumn(nullable(col.text('peer'))));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('trunks', 'peer');
  }
}
