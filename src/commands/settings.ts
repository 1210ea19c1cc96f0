import type { Command } from './command.ts'

type Setting = {
  readonly values: readonly string[]
  readonly standard: string
  readonly help: string
}

/** Everything a user may choose, with what it means. */
export const userSettings: Readonly<Record<string, Setting>> = {
  portal_posts: {
    values: ['ask', 'on', 'off'],
    standard: 'ask',
    help: 'What happens to a new message in somebody else’s room: ask first, publish it, or never.',
  },
  dms: {
    values: ['everyone', 'followed', 'nobody'],
    standard: 'everyone',
    help: 'Who may open a private chat with you.',
  },
}

export const settings: Command = {
  name: 'settings',
  args: '[name] [value]',
  help: 'Shows your settings, or changes one.',
  group: 'You',
  permission: 'user',
  run: async ([name, value], { sender, deps }) => {
    if (name === undefined) {
      const lines = await Promise.all(
        Object.entries(userSettings).map(async ([key, setting]) => {
          const chosen = (await deps.store.findSetting(sender, key)) ?? setting.standard
          return `\`${key}\` is \`${chosen}\` (${setting.values.join(' | ')}): ${setting.help}`
        }),
      )
      return { text: lines.join('\n') }
    }
    const setting = userSettings[name]
    if (setting === undefined)
      return { text: `There is no setting \`${name}\`. \`settings\` shows them all.` }
    if (value === undefined || !setting.values.includes(value)) {
      return {
        text: `\`${name}\` can be ${setting.values.map((v) => `\`${v}\``).join(', ')}. ${setting.help}`,
      }
    }
    return {
      text: `\`${name}\` is now \`${value}\`.`,
      actions: [
        { do: 'commit', changes: [{ change: 'put-setting', userId: sender, name, value }] },
      ],
    }
  },
}
