import type { Command } from './command.ts'
import { logLevels } from '../model/operations.ts'
import { usage } from './command.ts'

export const logLevel: Command = {
  name: 'log-level',
  args: '[debug|info|warn|error]',
  help: 'Shows which lines are logged, or changes it until the next start.',
  more: 'To keep it, change it in the configuration as well.',
  examples: ['log-level', 'log-level debug'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 1],
  doing: () => 'Looking.',
  run: async ({ args: [name] }, { deps }) => {
    const { logLevel: current, setLogLevel } = deps.operations
    if (name === undefined) return { text: `Lines are logged from \`${current()}\` up.` }
    const level = logLevels.find((one) => one === name.toLowerCase())
    if (level === undefined) return usage(logLevel)
    setLogLevel(level)
    return { text: `Lines are logged from \`${level}\` up, until the next start.` }
  },
}
