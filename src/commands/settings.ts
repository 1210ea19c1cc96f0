import type { Answer, Command, CommandContext } from './command.ts'
import { followLists, webPage } from '../model/settings.ts'
import { quotePolicies } from '../model/quote.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from '../bridge/ports.ts'
import type { UserId } from '../model/ids.ts'
import { spaceDue, spaceSetting } from '../bridge/spaces.ts'
import { nearest } from './nearest.ts'
import { quote } from './words.ts'

type Setting = {
  readonly name: string
  /** What a choice brings about, beside being kept. */
  readonly follows?: (userId: UserId, deps: Deps) => Promise<readonly Change[]>
  /** The first is what holds until somebody chooses, unless `initial` says otherwise. */
  readonly values: readonly string[]
  readonly initial?: (deps: Deps) => string
  readonly help: string
}

/** Everything a user may choose, with what it means. */
const userSettings: readonly Setting[] = [
  {
    name: 'room_posts',
    values: ['ask', 'on', 'off'],
    help: "What happens to a new message in somebody else's room: ask first, publish it, or never.",
  },
  {
    name: 'dms',
    values: ['everyone', 'followed', 'nobody'],
    help: 'Who may open a private chat with you.',
  },
  {
    name: 'visibility',
    values: ['public', 'unlisted', 'followers'],
    help: 'Who reads what you publish, where you do not say it with `post --visibility`.',
  },
  {
    name: 'quotes',
    values: quotePolicies,
    help: 'Who may quote what you publish; `quotes` shows who does.',
  },
  {
    name: followLists.name,
    values: [followLists.shown, followLists.hidden],
    help: 'Whether others may see who follows you and whom you follow; how many is always told.',
  },
  {
    name: spaceSetting,
    values: ['on', 'off'],
    help: 'Whether a Space holds your rooms of the fediverse.',
    initial: ({ hasSpaces }) => (hasSpaces ? 'on' : 'off'),
    follows: spaceDue,
  },
  {
    name: webPage.name,
    values: [webPage.off, webPage.on],
    help: 'Whether anybody may read your profile and your public posts on a web page and in a feed; `whoami` says where.',
  },
]

const listed = ({ values }: Pick<Setting, 'values'>): string =>
  values.map((value) => `\`${value}\``).join(', ')

async function stateOf(setting: Setting, { sender, deps }: CommandContext): Promise<string> {
  const initial = setting.initial?.(deps) ?? setting.values[0] ?? ''
  const chosen = (await deps.store.findSetting(sender, setting.name)) ?? initial
  const others = { values: setting.values.filter((value) => value !== chosen) }
  return `\`${setting.name}\` is \`${chosen}\` (or ${listed(others)}).`
}

function unknownSetting(name: string): Answer {
  const guess = nearest(
    name,
    userSettings.map((setting) => setting.name),
  )
  const question = guess === undefined ? '' : ` Did you mean \`${guess}\`?`
  return { text: `There is no setting ${quote(name)}.${question} \`settings\` shows them all.` }
}

const spelt = (word: string): string => word.toLowerCase().replaceAll('-', '_')

export const settings: Command = {
  name: 'settings',
  args: '[name] [value]',
  help: 'Shows your settings, or changes one.',
  more: userSettings
    .map((setting) => `\`${setting.name}\` is one of ${listed(setting)}: ${setting.help}`)
    .join(' '),
  examples: ['settings', 'settings dms followed'],
  group: 'You',
  permission: 'follow',
  takes: [0, 2],
  doing: () => 'Reading your settings.',
  run: async ({ args: [name, value] }, context) => {
    if (name === undefined) {
      const lines = await Promise.all(userSettings.map((setting) => stateOf(setting, context)))
      return { text: [...lines, '`settings <name>` says what it means.'].join('\n') }
    }
    const setting = userSettings.find((one) => one.name === spelt(name))
    if (setting === undefined) return unknownSetting(name)
    if (value === undefined) return { text: `${await stateOf(setting, context)} ${setting.help}` }
    const chosen = setting.values.find((one) => one === spelt(value))
    if (chosen === undefined)
      return { text: `\`${setting.name}\` can be ${listed(setting)}. ${setting.help}` }
    const change = { change: 'put-setting', userId: context.sender, name: setting.name } as const
    const more = (await setting.follows?.(context.sender, context.deps)) ?? []
    return {
      text: `\`${setting.name}\` is now \`${chosen}\`.`,
      actions: [{ do: 'commit', changes: [{ ...change, value: chosen }, ...more] }],
    }
  },
}
