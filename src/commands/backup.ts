import type { Command } from './command.ts'
import { sizeOf } from '../model/sizes.ts'

export const backup: Command = {
  name: 'backup',
  args: '',
  help: 'Copies the database into a new file beside it, while everything goes on.',
  more: 'The copy is what was there at one moment: start with it under the name of the database to go back to then. It opens only with the encryption_key of the configuration, which is not in it. Move it to another machine; nothing here removes it.',
  examples: ['backup'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  doing: () => 'Copying.',
  run: async (_, { deps }) => {
    const { path, bytes } = await deps.operations.backup()
    return { text: `Copied: \`${path}\` (${sizeOf(bytes)}).` }
  },
}
