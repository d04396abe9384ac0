import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { col, nullable } from './table.ts';

/** How voice and keys travel over a trunk: codecs, keys, encryption. */
export class TrunkMedia1767225600005 implements MigrationInterface {
  readonly name = 'TrunkMedia1767225600005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('trunks', new TableColumn(nullable(col.text('media'))));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('trunks', 'media');
  }
}
